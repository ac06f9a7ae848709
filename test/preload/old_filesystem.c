/*
 * Preloaded into a server, it makes every filesystem look as NFS does: no
 * files without a name, no conditional or exchanging rename.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/types.h>

/* Refuse the flags, and say so once in the server's log. */
int
renameat2(int from_folder, const char *from, int to_folder, const char *to,
		  unsigned int flags)
{
	static int	is_said = 0;

	(void) from_folder;
	(void) from;
	(void) to_folder;
	(void) to;
	if (flags != 0 && !is_said++)
		fprintf(stderr, "old_filesystem: renameat2 refused\n");
	errno = EINVAL;
	return -1;
}

/* Refuse files without a name. */
int
openat(int folder, const char *name, int flags,...)
{
	static int	(*real) (int, const char *, int,...) = NULL;
	va_list		args;
	mode_t		mode;

	if ((flags & O_TMPFILE) == O_TMPFILE)
	{
		errno = EOPNOTSUPP;
		return -1;
	}
	if (real == NULL)
		real = (int (*) (int, const char *, int,...)) dlsym(RTLD_NEXT, "openat");
	va_start(args, flags);
	mode = va_arg(args, mode_t);
	va_end(args);
	return real(folder, name, flags, mode);
}
