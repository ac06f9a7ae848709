/*-------------------------------------------------------------------------
 * http.h
 *		Requests over HTTP, several at a time, driven from the latch
 *
 * The only file that knows libcurl.  All requests of a backend share one multi
 * handle and its connections.  Nothing here signs, repeats or understands a
 * request: one attempt goes out as it is given, and what came of it comes
 * back.
 *
 * Waiting happens in sfdw_http_wait alone: a WaitEventSet with the latch, the
 * sockets of every request in flight, and the postmaster's death, so that a
 * cancel, a timeout or a shutdown takes effect at once, also while a name is
 * resolved or TLS is set up.  All requests in flight move on while any waits.
 *
 * Redirects are not followed, proxies of the environment are ignored, TLS is
 * verified, HTTP/1.1 is spoken.  Before each connection the address is judged
 * by address.h; one that is local is refused unless the request allows it.
 *
 * A request belongs to the memory context that was current at its start:
 * resetting it takes the request off the wire and gives everything back.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_HTTP_H
#define SFDW_HTTP_H

#include "aws/sigv4.h"
#include "core/compat.h"

#define SFDW_HTTP_CONNECT_TIMEOUT_MS 10000

/* Slower than this for so long is broken: bytes a second, seconds. */
#define SFDW_HTTP_LOW_SPEED_BYTES 1000
#define SFDW_HTTP_LOW_SPEED_SECONDS 30

/* Of requests whose answers are small. */
#define SFDW_HTTP_CONTROL_TIMEOUT_MS 60000

/* Of requests over which the service may work for minutes. */
#define SFDW_HTTP_SLOW_TIMEOUT_MS 600000

/* All headers of an answer together. */
#define SFDW_HTTP_MAX_HEADER_BYTES (64 * 1024)

/* Which addresses a connection may go to. */
typedef enum SfdwHttpReach
{
	SFDW_HTTP_REACH_NETWORK,	/* public and private ones */
	SFDW_HTTP_REACH_LOCAL,		/* any: allow_local_endpoint */
	SFDW_HTTP_REACH_METADATA	/* loopback and the metadata services' own
								 * (container, instance): nothing else */
} SfdwHttpReach;

typedef struct SfdwHttpRequest
{
	const char *method;			/* "GET", "HEAD", "PUT", "POST", "DELETE" */
	const char *url;			/* as signed; sent byte for byte */
	const SfdwHttpHeader *headers;	/* exactly these, and content-length,
									 * user-agent, accept are added */
	size_t		header_count;
	const char *body;			/* NULL for none; must live until the request
								 * is freed */
	size_t		body_length;
	size_t		max_body;		/* the longest answer to be taken; bytes */
	const char *ca_file;		/* in place of the system's; NULL */
	const char *proxy;			/* NULL for none */
	bool		allows_http;	/* else https only */
	SfdwHttpReach reach;
	int			connect_timeout_ms; /* 0: the default */
	int			timeout_ms;		/* of the whole; 0: none but low speed */
	bool		may_be_slow;	/* no low speed is too low */

	/*
	 * On a connection that was used before, libcurl sends a request once more
	 * when the connection turns out to be dead.  For what must not be
	 * repeated blindly, this asks for a connection of its own.
	 */
	bool		is_sent_once;
	bool		is_secret;		/* the answer is overwritten when it is freed;
								 * headers always are */
} SfdwHttpRequest;

typedef enum SfdwHttpEnd
{
	SFDW_HTTP_ANSWERED,			/* a whole answer came, of any status */
	SFDW_HTTP_NOT_SENT,			/* no name, no connection, TLS not trusted */
	SFDW_HTTP_BROKEN,			/* sent at least in part, no whole answer */
	SFDW_HTTP_TIMED_OUT,		/* likewise, because of a timeout */
	SFDW_HTTP_FORBIDDEN,		/* an address that the request does not allow:
								 * nothing was sent */
	SFDW_HTTP_TOO_LARGE			/* the answer is beyond max_body */
} SfdwHttpEnd;

typedef struct SfdwHttp SfdwHttp;

/* What came back; texts live as long as the request. */
typedef struct SfdwHttpAnswer
{
	SfdwHttpEnd end;
	int			status;			/* 0 unless a status line came */
	const char *body;			/* what came of it, also of a broken one; a
								 * NUL stands behind it */
	size_t		body_length;
	const char *detail;			/* for messages where not answered: a phrase
								 * of ours or libcurl's without URL or header */
	double		seconds;		/* since start */
} SfdwHttpAnswer;

/* What the connections of this backend did, for EXPLAIN and tests. */
typedef struct SfdwHttpStats
{
	uint64		requests;
	uint64		connections;	/* that were opened anew */
	uint64		bytes_in;		/* of bodies */
	uint64		bytes_out;
} SfdwHttpStats;

/* Put a request on its way; returns at once. */
extern SfdwHttp *sfdw_http_start(const SfdwHttpRequest *request);

/*
 * Wait until a request has ended.  Raises only what CHECK_FOR_INTERRUPTS
 * raises.  The answer stays until sfdw_http_free.
 */
extern const SfdwHttpAnswer *sfdw_http_wait(SfdwHttp *http);

/* Whether it has ended; moves every request on as far as that needs no wait. */
extern bool sfdw_http_is_done(SfdwHttp *http);

/* The value of a header of the answer (name in any case); NULL without one. */
extern const char *sfdw_http_header(SfdwHttp *http, const char *name);

/* Take a request off the wire if it still is, and give its memory back. */
extern void sfdw_http_free(SfdwHttp *http);

/*
 * Sleep for back-off: interruptible like every wait here, while requests in
 * flight move on.
 */
extern void sfdw_http_sleep(int64 milliseconds);

extern SfdwHttpStats sfdw_http_stats(void);

#endif							/* SFDW_HTTP_H */
