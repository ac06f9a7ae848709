/*-------------------------------------------------------------------------
 * file_source.c
 *		Read one version of a file
 *
 * The identity is checked when the file is opened and again, by its name, after
 * the last byte: so what was given is the whole of one version, and that
 * version is still the one in the folder.
 *-------------------------------------------------------------------------
 */
#include "storage/file.h"

#include <fcntl.h>
#include <unistd.h>

#include "core/errors.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "utils/wait_event.h"

typedef struct FileSource
{
	SfdwSource	base;
	SfdwFileStorage *storage;
	const char *key;
	const char *version_id;
	SfdwFd	   *file;
	char	   *buffer;			/* SFDW_FILE_BUFFER_SIZE bytes */
	uint64		offset;			/* where next goes on */
} FileSource;

/* pread that goes on after a signal; raises what else goes wrong. */
static size_t
read_bytes(FileSource *source, char *buffer, size_t length, uint64 offset)
{
	ssize_t		count;

	do
	{
		CHECK_FOR_INTERRUPTS();
		pgstat_report_wait_start(PG_WAIT_EXTENSION);
		count = pread(source->file->fd, buffer, length, (off_t) offset);
		pgstat_report_wait_end();
		source->base.stats.requests++;
	} while (count < 0 && errno == EINTR);
	if (count < 0)
		sfdw_file_raise(&source->storage->base, source->key, "read");
	return (size_t) count;
}

/* Raise an error unless the open file is still the version asked for. */
static void
check_file(FileSource *source)
{
	struct stat status;

	if (fstat(source->file->fd, &status) != 0)
		sfdw_file_raise(&source->storage->base, source->key, "read");
	if (!sfdw_file_is_version(&status, source->version_id))
		sfdw_file_superseded(source->base.name);
}

/*
 * Raise an error unless the name still has the version asked for.  Then it is
 * also the file that is open, unchanged: its inode cannot be another's.
 */
static void
check_name(FileSource *source)
{
	SfdwFilePlace place;
	struct stat status;

	if (!sfdw_file_place(source->storage, source->key, false, &place) ||
		sfdw_file_stat(place.folder->fd, place.name, &status) != 0 ||
		!sfdw_file_is_version(&status, source->version_id))
		sfdw_file_superseded(source->base.name);
	sfdw_fd_close(place.folder);
}

/* The next chunk; the file's end must be where its size says. */
static bool
next_chunk(SfdwSource *base, const char **data, size_t *length)
{
	FileSource *source = (FileSource *) base;

	if (source->file->fd < 0)
		elog(ERROR, "source \"%s\" was closed", base->name);
	if (source->buffer == NULL)
		source->buffer = palloc(SFDW_FILE_BUFFER_SIZE);
	*data = source->buffer;
	*length = read_bytes(source, source->buffer, SFDW_FILE_BUFFER_SIZE,
						 source->offset);
	source->offset += *length;
	if (source->offset > base->size ||
		(*length == 0 && source->offset < base->size))
		sfdw_file_superseded(base->name);
	if (*length > 0)
		return true;
	check_name(source);
	return false;
}

/* A range; checked each time, since there is no last one. */
static void
read_range(SfdwSource *base, uint64 offset, char *buffer, size_t length)
{
	FileSource *source = (FileSource *) base;
	size_t		done = 0;

	if (source->file->fd < 0)
		elog(ERROR, "source \"%s\" was closed", base->name);
	if (offset > base->size || length > base->size - offset)
		ereport(ERROR,
				errcode(ERRCODE_DATA_CORRUPTED),
				errmsg("could not read \"%s\": it ends before byte " UINT64_FORMAT,
					   base->name, offset + length));
	while (done < length)
	{
		size_t		count = read_bytes(source, buffer + done, length - done,
									   offset + done);

		if (count == 0)
			sfdw_file_superseded(base->name);
		done += count;
	}
	check_file(source);
}

/* Close the file; the memory is the context's. */
static void
close_source(SfdwSource *base)
{
	sfdw_fd_close(((FileSource *) base)->file);
}

static const SfdwSourceOps file_source_ops = {
	.next = next_chunk,
	.read_at = read_range,
	.close = close_source,
};

/* Open name in its folder, if it is the version; false with errno set. */
static bool
open_file(FileSource *source, const SfdwFilePlace *place)
{
	struct stat status;
	int			error;

	/* A pipe would make open wait for a writer. */
	error = sfdw_file_stat(place->folder->fd, place->name, &status);
	if (error != 0)
	{
		errno = error;
		return false;
	}
	return sfdw_fd_open(source->file, place->folder->fd, place->name,
						O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
}

/* Open one version for reading. */
SfdwSource *
sfdw_file_source(SfdwFileStorage *storage, const char *key,
				 const char *version_id)
{
	FileSource *source = palloc0(sizeof(FileSource));
	SfdwFilePlace place;
	struct stat status;

	source->base.ops = &file_source_ops;
	source->base.name = sfdw_storage_url(&storage->base, key);
	source->storage = storage;
	source->key = pstrdup(key);
	source->version_id = pstrdup(version_id);
	source->file = sfdw_fd_new();
	if (!sfdw_file_place(storage, key, false, &place) ||
		!open_file(source, &place))
	{
		if (errno == ENOENT || errno == ENOTDIR)
			sfdw_file_superseded(source->base.name);
		sfdw_file_raise(&storage->base, key, "open");
	}
	sfdw_fd_close(place.folder);
	if (fstat(source->file->fd, &status) != 0)
		sfdw_file_raise(&storage->base, key, "open");
	if (!sfdw_file_is_version(&status, version_id))
		sfdw_file_superseded(source->base.name);
	source->base.size = (uint64) status.st_size;
	return &source->base;
}
