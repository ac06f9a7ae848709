/*
 * Preloaded into a server, it makes names that end in ".stall.test" take a
 * few seconds to resolve; those that end in ".local.test" have the loopback
 * address, and those that end in ".rebind.test" a private one that nothing
 * answers at, and the loopback address after it.
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

/* Where a name leads first. */
static const char *
address_of(const char *node)
{
	if (ends_in(node, ".local.test"))
		return "127.0.0.1";
	return ends_in(node, ".rebind.test") ? "10.255.255.1" : node;
}

/* Resolve, slowly or to other addresses. */
int
getaddrinfo(const char *node, const char *service,
			const struct addrinfo *hints, struct addrinfo **result)
{
	static int	(*real) (const char *, const char *, const struct addrinfo *,
						 struct addrinfo **) = NULL;
	int			status;

	if (real == NULL)
		real = (int (*) (const char *, const char *, const struct addrinfo *,
						 struct addrinfo **)) dlsym(RTLD_NEXT, "getaddrinfo");
	if (ends_in(node, ".stall.test"))
		sleep(5);
	status = real(address_of(node), service, hints, result);
	if (status == 0 && ends_in(node, ".rebind.test"))
	{
		struct addrinfo *last = *result;

		while (last->ai_next != NULL)
			last = last->ai_next;
		status = real("127.0.0.1", service, hints, &last->ai_next);
	}
	return status;
}
