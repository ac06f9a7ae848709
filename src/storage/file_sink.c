/*-------------------------------------------------------------------------
 * file_sink.c
 *		Write an object that appears whole
 *
 * The bytes go to a file without a name (O_TMPFILE), which vanishes with the
 * backend however that ends; finish gives it the name.  Where the filesystem
 * has no such files they go to a hidden file beside the object, which abort
 * removes, but a crash leaves: a listing shows it.
 *-------------------------------------------------------------------------
 */
#include "storage/file.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "core/fault.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "utils/memutils.h"
#include "utils/wait_event.h"

/* The hidden name while the file is written, or for the moment of replacing. */
#define TEMPORARY_NAME_FORMAT ".salesforce_fdw_tmp.%d.%u"
#define TEMPORARY_NAME_SIZE 64

/* How many hidden names are tried: a crash may have left some of them. */
#define MAX_TEMPORARY_NAMES 1000

/*
 * How often a folder is opened, or made, again that another session removed
 * since it was empty (see sfdw_file_prune).
 */
#define MAX_FOLDER_TRIES 100

typedef struct FileSink
{
	SfdwSink	base;
	SfdwFileStorage *storage;
	const char *key;
	SfdwFilePlace place;
	SfdwFd	   *file;
	char		temporary[TEMPORARY_NAME_SIZE]; /* "" when there is no such
												 * name */
	char	   *buffer;			/* SFDW_FILE_BUFFER_SIZE bytes */
	size_t		buffered;
	MemoryContextCallback cleanup;
} FileSink;

/* Makes the temporary names of one backend differ. */
static uint32 temporary_number = 0;

/* Drop what was written; never throws, and may run twice. */
static void
abort_sink(SfdwSink *base)
{
	FileSink   *sink = (FileSink *) base;

	if (sink->temporary[0] != '\0' && sink->place.folder->fd >= 0)
		(void) unlinkat(sink->place.folder->fd, sink->temporary, 0);
	sink->temporary[0] = '\0';
	sfdw_fd_close(sink->file);
	sfdw_fd_close(sink->place.folder);
}

/* Reset callback: it runs before those of the descriptors, made earlier. */
static void
abort_callback(void *arg)
{
	abort_sink((SfdwSink *) arg);
}

/* write that goes on after a signal or a short count. */
static void
write_bytes(FileSink *sink, const char *data, size_t length)
{
	while (length > 0)
	{
		ssize_t		count;

		CHECK_FOR_INTERRUPTS();
		errno = 0;
		pgstat_report_wait_start(PG_WAIT_EXTENSION);
		count = write(sink->file->fd, data, length);
		pgstat_report_wait_end();
		sink->base.stats.requests++;
		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0)
		{
			if (errno == 0)
				errno = ENOSPC;
			sfdw_file_raise(&sink->storage->base, sink->key, "write");
		}
		data += count;
		length -= (size_t) count;
	}
}

/* Write out what is buffered. */
static void
flush_buffer(FileSink *sink)
{
	write_bytes(sink, sink->buffer, sink->buffered);
	sink->buffered = 0;
}

/* Append bytes; large ones do not pass through the buffer. */
static void
write_chunk(SfdwSink *base, const char *data, size_t length)
{
	FileSink   *sink = (FileSink *) base;

	if (sink->file->fd < 0)
		elog(ERROR, "sink \"%s\" was closed", base->name);
	if (length > SFDW_FILE_BUFFER_SIZE - sink->buffered)
		flush_buffer(sink);
	if (length >= SFDW_FILE_BUFFER_SIZE)
	{
		write_bytes(sink, data, length);
		return;
	}
	memcpy(sink->buffer + sink->buffered, data, length);
	sink->buffered += length;
}

/* Link a file without a name under one; false with errno set. */
static bool
link_unnamed(FileSink *sink, const char *name)
{
	char		path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", sink->file->fd);
	return linkat(AT_FDCWD, path, sink->place.folder->fd, name,
				  AT_SYMLINK_FOLLOW) == 0;
}

/* Make the file under one hidden name; false with errno set. */
static bool
make_temporary(FileSink *sink)
{
	if (sink->file->fd >= 0)
		return link_unnamed(sink, sink->temporary);
	return sfdw_fd_open(sink->file, sink->place.folder->fd, sink->temporary,
						O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW);
}

/*
 * Find a hidden name that is free, and make the file there: the one that is
 * open, or else a new one.  False with errno set.
 */
static bool
take_temporary_name(FileSink *sink)
{
	for (int i = 0; i < MAX_TEMPORARY_NAMES; i++)
	{
		snprintf(sink->temporary, sizeof(sink->temporary),
				 TEMPORARY_NAME_FORMAT, MyProcPid, ++temporary_number);
		if (make_temporary(sink))
			return true;
		if (errno != EEXIST)
			break;
	}
	sink->temporary[0] = '\0';
	return false;
}

/* Whether the key's name is something else than a file, which stays. */
static bool
is_replaceable(FileSink *sink)
{
	struct stat status;
	int			error = sfdw_file_stat(sink->place.folder->fd,
									   sink->place.name, &status);

	errno = error;
	return error == 0 || error == ENOENT;
}

/* Give the file its name, replacing another; false with errno set. */
static bool
name_file(FileSink *sink)
{
	int			folder = sink->place.folder->fd;

	if (!is_replaceable(sink))
		return false;
	if (sink->temporary[0] == '\0')
	{
		if (link_unnamed(sink, sink->place.name))
			return true;
		if (errno != EEXIST)
			return false;
		if (!take_temporary_name(sink))
			return false;
	}
	if (renameat(folder, sink->temporary, folder, sink->place.name) != 0)
		return false;
	sink->temporary[0] = '\0';
	return true;
}

/*
 * Give the file its name; a file without one does not keep its folder, which
 * is then made again.  False with errno set.
 */
static bool
name_in_folder(FileSink *sink)
{
	MemoryContext old = MemoryContextSwitchTo(GetMemoryChunkContext(sink));
	bool		is_named = name_file(sink);

	for (int i = 0; !is_named && i < MAX_FOLDER_TRIES; i++)
	{
		if (errno != ENOENT || sink->temporary[0] != '\0')
			break;
		sfdw_fd_close(sink->place.folder);
		is_named = sfdw_file_place(sink->storage, sink->key, true,
								   &sink->place) && name_file(sink);
	}
	MemoryContextSwitchTo(old);
	return is_named;
}

/* Durable first, then visible, then durably visible. */
static void
finish_sink(SfdwSink *base)
{
	FileSink   *sink = (FileSink *) base;
	char		version_id[SFDW_FILE_VERSION_SIZE];
	struct stat status;

	if (sink->file->fd < 0)
		elog(ERROR, "sink \"%s\" was closed", base->name);
	flush_buffer(sink);
	if (fsync(sink->file->fd) != 0 || fstat(sink->file->fd, &status) != 0)
		sfdw_file_raise(&sink->storage->base, sink->key, "write");
	sfdw_file_version_id(&status, version_id);
	base->version_id = MemoryContextStrdup(GetMemoryChunkContext(sink),
										   version_id);
	SFDW_FAULT("storage.create", "before");
	if (!name_in_folder(sink) || fsync(sink->place.folder->fd) != 0)
		sfdw_file_raise(&sink->storage->base, sink->key, "create");
	SFDW_FAULT("storage.create", "after");
	abort_sink(base);
}

static const SfdwSinkOps file_sink_ops = {
	.write = write_chunk,
	.finish = finish_sink,
	.abort = abort_sink,
};

/* Make the file, without a name if the filesystem can. */
static bool
open_file(FileSink *sink)
{
#ifdef O_TMPFILE
	if (sfdw_fd_open(sink->file, sink->place.folder->fd, ".",
					 O_TMPFILE | O_WRONLY))
		return true;
	if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL &&
		errno != ENOENT)
		return false;
#endif
	return take_temporary_name(sink);
}

/* Open the folder and make the file there; false with errno set. */
static bool
open_place(FileSink *sink)
{
	for (int i = 0; i < MAX_FOLDER_TRIES; i++)
	{
		if (sfdw_file_place(sink->storage, sink->key, true, &sink->place) &&
			open_file(sink))
			return true;
		if (errno != ENOENT)
			break;
	}
	return false;
}

/* Start to write an object. */
SfdwSink *
sfdw_file_sink(SfdwFileStorage *storage, const char *key)
{
	FileSink   *sink = palloc0(sizeof(FileSink));

	sink->base.ops = &file_sink_ops;
	sink->base.name = sfdw_storage_url(&storage->base, key);
	sink->storage = storage;
	sink->key = pstrdup(key);
	sink->file = sfdw_fd_new();
	sink->buffer = palloc(SFDW_FILE_BUFFER_SIZE);
	if (!open_place(sink))
		sfdw_file_raise(&storage->base, key, "create");
	sink->cleanup.func = abort_callback;
	sink->cleanup.arg = sink;
	MemoryContextRegisterResetCallback(CurrentMemoryContext, &sink->cleanup);

	/* The server's umask is narrower than what readers of a location need. */
	if (fchmod(sink->file->fd, SFDW_FILE_MODE) != 0)
		sfdw_file_raise(&storage->base, key, "create");
	return &sink->base;
}
