/*
 * Preloaded into a server, it makes names that end in ".stall.test" take a
 * few seconds to resolve, and those that end in ".local.test" loopback addresses.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <string.h>
#include <unistd.h>

/* Whether a name ends in a text. */
static int
ends_in(const char *name, const char *end)
{
	size_t		length = name == NULL ? 0 : strlen(name);

	return length > strlen(end) &&
		strcmp(name + length - strlen(end), end) == 0;
}

/* Resolve, slowly or to another address. */
int
getaddrinfo(const char *node, const char *service,
			const struct addrinfo *hints, struct addrinfo **result)
{
	static int	(*real) (const char *, const char *, const struct addrinfo *,
						 struct addrinfo **) = NULL;

	if (real == NULL)
		real = (int (*) (const char *, const char *, const struct addrinfo *,
						 struct addrinfo **)) dlsym(RTLD_NEXT, "getaddrinfo");
	if (ends_in(node, ".stall.test"))
		sleep(5);
	return real(ends_in(node, ".local.test") ? "127.0.0.1" : node, service,
				hints, result);
}
