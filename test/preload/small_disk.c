/*
 * Preloaded into a server, it makes the folder SMALL_DISK a disk of
 * SMALL_DISK_BYTES bytes: what would take more ends in ENOSPC.  For places
 * where no filesystem can be mounted (a chroot has no user namespaces).
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK_SIZE 4096

static long long used;

/* What a file of size bytes takes. */
static long long
blocks(long long size)
{
	return (size + BLOCK_SIZE - 1) / BLOCK_SIZE * BLOCK_SIZE;
}

/* Add a file's size. */
static int
add_size(const char *path, const struct stat *status, int type,
		 struct FTW *place)
{
	(void) path;
	(void) place;
	if (type == FTW_F)
		used += blocks(status->st_size);
	return 0;
}

/* Whether a descriptor is a file below the folder. */
static int
is_on_disk(int fd, const char *folder)
{
	char		link[64];
	char		path[4096];
	ssize_t		length;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	length = readlink(link, path, sizeof(path) - 1);
	return length > 0 && (size_t) length > strlen(folder) &&
		strncmp(path, folder, strlen(folder)) == 0 &&
		path[strlen(folder)] == '/';
}

/* Refuse what does not fit. */
ssize_t
write(int fd, const void *data, size_t count)
{
	static ssize_t (*real) (int, const void *, size_t) = NULL;
	const char *folder = getenv("SMALL_DISK");
	const char *limit = getenv("SMALL_DISK_BYTES");
	struct stat status;

	if (real == NULL)
		real = (ssize_t (*) (int, const void *, size_t)) dlsym(RTLD_NEXT, "write");
	if (folder != NULL && limit != NULL && is_on_disk(fd, folder))
	{
		used = 0;
		(void) nftw(folder, add_size, 16, FTW_PHYS);
		if (fstat(fd, &status) != 0)
			return -1;
		used += blocks(status.st_size + (long long) count);
		if (status.st_nlink > 0)
			used -= blocks(status.st_size);
		if (used > atoll(limit))
		{
			errno = ENOSPC;
			return -1;
		}
	}
	return real(fd, data, count);
}
