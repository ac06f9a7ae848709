/*-------------------------------------------------------------------------
 * file_fd.c
 *		File descriptors that belong to a memory context
 *
 * PostgreSQL counts them, so that a backend with many of ours does not run
 * into the limit of the system unprepared.
 *-------------------------------------------------------------------------
 */
#include "storage/file.h"

#include <fcntl.h>
#include <unistd.h>

#include "storage/fd.h"
#include "utils/memutils.h"

/* Reset callback. */
static void
close_callback(void *arg)
{
	sfdw_fd_close((SfdwFd *) arg);
}

/* Arm the cleanup before there is anything to clean up. */
SfdwFd *
sfdw_fd_new(void)
{
	SfdwFd	   *fd = palloc0(sizeof(SfdwFd));

	fd->fd = -1;
	fd->cleanup.func = close_callback;
	fd->cleanup.arg = fd;
	MemoryContextRegisterResetCallback(CurrentMemoryContext, &fd->cleanup);
	return fd;
}

/* Count first: an error between the two would lose the count, not the file. */
bool
sfdw_fd_open(SfdwFd *fd, int folder, const char *name, int flags)
{
	int			opened;

	sfdw_fd_close(fd);
	if (!AcquireExternalFD())
		return false;
	do
		opened = openat(folder, name, flags | O_CLOEXEC, SFDW_FILE_MODE);
	while (opened < 0 && errno == EINTR);
	if (opened < 0)
	{
		int			save_errno = errno;

		ReleaseExternalFD();
		errno = save_errno;
		return false;
	}
	fd->fd = opened;
	return true;
}

/* Close and give the count back. */
void
sfdw_fd_close(SfdwFd *fd)
{
	if (fd == NULL || fd->fd < 0)
		return;
	close(fd->fd);
	fd->fd = -1;
	ReleaseExternalFD();
}
