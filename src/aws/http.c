/*-------------------------------------------------------------------------
 * http.c
 *		Requests over HTTP, several at a time, driven from the latch
 *
 * libcurl is called with every signal blocked, because the thread that it
 * starts to resolve a name inherits the mask, and a signal that such a thread
 * took would be lost to the backend.  Its callbacks copy bytes into memory of
 * malloc's, within limits, and note what went wrong; they neither allocate
 * from a memory context nor raise.
 *-------------------------------------------------------------------------
 */
#include "aws/http.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <math.h>
#include <netinet/in.h>
#include <signal.h>
#include <storage/latch.h>

#include "aws/address.h"
#include "aws/http_bytes.h"
#include "aws/http_sockets.h"
#include "aws/wipe.h"
#include "miscadmin.h"
#include "portability/instr_time.h"
#include "utils/memutils.h"

/* Idle connections that are kept for the next requests. */
#define MAX_IDLE_CONNECTIONS 16

/* A wait ends at least this often, should the library forget a timer. */
#define MAX_TURN_MS 1000

/* What is read from a socket at a time; the library's own 16 kB cost more CPU. */
#define READ_SIZE	(256L * 1024)

#define USER_AGENT "salesforce_fdw/1.0"

struct SfdwHttp
{
	MemoryContext context;		/* of this struct and all texts */
	CURL	   *easy;			/* NULL before and after */
	struct curl_slist *headers;
	bool		is_running;		/* the multi handle has it */
	SfdwHttpReach reach;
	instr_time	started;
	SfdwBytes	body;
	SfdwBytes	header_lines;
	bool		has_whole_head;	/* the line that ends the headers has come */
	bool		is_too_large;
	bool		has_no_memory;
	bool		is_forbidden;
	char		error[CURL_ERROR_SIZE];
	SfdwHttpAnswer answer;		/* complete when not is_running */
};

/* The one handle of this backend, made when it is first needed. */
static CURLM *multi = NULL;
static SfdwHttpStats stats;

/* When the library wants to be called again; meaningless without has_timer. */
static bool has_timer = false;
static instr_time timer_set;
static long timer_ms;

/* Milliseconds since start. */
static double
elapsed_ms(instr_time start)
{
	instr_time	now;

	INSTR_TIME_SET_CURRENT(now);
	INSTR_TIME_SUBTRACT(now, start);
	return INSTR_TIME_GET_MILLISEC(now);
}

/* Block every signal; returns the mask to go back to. */
static sigset_t
block_signals(void)
{
	sigset_t	all;
	sigset_t	before;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	return before;
}

/* Let signals through as before. */
static void
restore_signals(sigset_t before)
{
	sigprocmask(SIG_SETMASK, &before, NULL);
}

/* Append to bytes, and note why that cannot be. */
static bool
append(SfdwHttp *http, SfdwBytes *bytes, const char *data, size_t length,
	   size_t expected)
{
	SfdwBytesEnd end = sfdw_bytes_append(bytes, data, length, expected);

	http->is_too_large |= end == SFDW_BYTES_TOO_LARGE;
	http->has_no_memory |= end == SFDW_BYTES_NO_MEMORY;
	return end == SFDW_BYTES_OK;
}

/* libcurl: a piece of the body. */
static size_t
on_body(char *data, size_t unit, size_t count, void *context)
{
	SfdwHttp   *http = context;
	curl_off_t	expected = 0;

	curl_easy_getinfo(http->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &expected);
	if (!append(http, &http->body, data, unit * count,
				expected > 0 ? (size_t) expected : 0))
		return 0;
	return unit * count;
}

/* libcurl: a header, or the status line of an answer (an earlier one was "100"). */
static size_t
on_header(char *data, size_t unit, size_t count, void *context)
{
	SfdwHttp   *http = context;
	size_t		length = unit * count;

	if (length > 5 && memcmp(data, "HTTP/", 5) == 0)
	{
		http->header_lines.length = 0;
		http->has_whole_head = false;
	}
	http->has_whole_head |= data[0] == '\r' || data[0] == '\n';
	return append(http, &http->header_lines, data, length, 0) ? length : 0;
}

/* libcurl: how a socket is to be waited for. */
static int
on_socket(CURL *easy, curl_socket_t socket, int what, void *context,
		  void *socket_context)
{
	uint32		events = 0;

	if (what == CURL_POLL_IN || what == CURL_POLL_INOUT)
		events |= WL_SOCKET_READABLE;
	if (what == CURL_POLL_OUT || what == CURL_POLL_INOUT)
		events |= WL_SOCKET_WRITEABLE;
	return sfdw_sockets_watch(socket, events) ? 0 : -1;
}

/* libcurl: when it wants to be called again. */
static int
on_timer(CURLM *handle, long timeout_ms, void *context)
{
	has_timer = timeout_ms >= 0;
	timer_ms = timeout_ms;
	INSTR_TIME_SET_CURRENT(timer_set);
	return 0;
}

/* Whether a request may go to an address. */
static bool
may_reach(SfdwHttp *http, const SfdwAddress *address)
{
	SfdwAddressKind kind = sfdw_address_kind(address);

	if (http->reach == SFDW_HTTP_REACH_NETWORK && sfdw_address_is_local(kind))
		http->is_forbidden = true;
	if (http->reach == SFDW_HTTP_REACH_METADATA &&
		kind != SFDW_ADDRESS_LOOPBACK && kind != SFDW_ADDRESS_METADATA)
		http->is_forbidden = true;
	return !http->is_forbidden;
}

/* libcurl: make a socket, if the address may be connected to. */
static curl_socket_t
on_open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *to)
{
	SfdwAddress address = {.length = 0};

	if (to->family == AF_INET)
	{
		address.length = SFDW_ADDRESS_V4_LENGTH;
		memcpy(address.bytes, &((struct sockaddr_in *) &to->addr)->sin_addr,
			   address.length);
	}
	else if (to->family == AF_INET6)
	{
		address.length = SFDW_ADDRESS_V6_LENGTH;
		memcpy(address.bytes, &((struct sockaddr_in6 *) &to->addr)->sin6_addr,
			   address.length);
	}
	if (!may_reach(context, &address))
		return CURL_SOCKET_BAD;
	return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

/*
 * libcurl: a connection is there, and the request goes out.  It may have been
 * opened by a request that was allowed more, so it is judged again.
 */
static int
on_connected(void *context, char *address_text, char *local_text, int port,
			 int local_port)
{
	SfdwHttp   *http = context;
	SfdwAddress address;

	http->is_forbidden = false;
	if (address_text == NULL || !sfdw_address_parse(address_text, &address))
		http->is_forbidden = true;
	else
		may_reach(http, &address);
	return http->is_forbidden ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

/* Raise for a library that cannot be used. */
static void
require_library(bool works)
{
	if (!works)
		ereport(ERROR,
				errcode(ERRCODE_FDW_OUT_OF_MEMORY),
				errmsg("could not initialize libcurl"));
}

/* Make the multi handle. */
static void
open_multi(void)
{
	sigset_t	mask;
	CURLM	   *made = NULL;

	if (multi != NULL)
		return;
	mask = block_signals();
	/* The library's buffers have keys and tokens; if it is in use already, not. */
	if (curl_global_init_mem(CURL_GLOBAL_DEFAULT, sfdw_wiping_malloc,
							 sfdw_wiping_free, sfdw_wiping_realloc,
							 sfdw_wiping_strdup, sfdw_wiping_calloc) == CURLE_OK)
		made = curl_multi_init();
	if (made != NULL)
	{
		curl_multi_setopt(made, CURLMOPT_SOCKETFUNCTION, on_socket);
		curl_multi_setopt(made, CURLMOPT_TIMERFUNCTION, on_timer);
		curl_multi_setopt(made, CURLMOPT_PIPELINING, (long) CURLPIPE_NOTHING);
		curl_multi_setopt(made, CURLMOPT_MAXCONNECTS, (long) MAX_IDLE_CONNECTIONS);
	}
	restore_signals(mask);
	require_library(made != NULL);
	multi = made;
}

/* Overwrite the headers that were sent: tokens and signatures. */
static void
wipe_headers(SfdwHttp *http)
{
	for (struct curl_slist *line = http->headers; line != NULL; line = line->next)
		explicit_bzero(line->data, strlen(line->data));
}

/* Give back what a request holds outside memory contexts; never throws. */
static void
release(void *argument)
{
	SfdwHttp   *http = argument;
	sigset_t	mask = block_signals();

	if (http->is_running)
		curl_multi_remove_handle(multi, http->easy);
	http->is_running = false;
	if (http->easy != NULL)
		curl_easy_cleanup(http->easy);
	http->easy = NULL;
	wipe_headers(http);
	curl_slist_free_all(http->headers);
	http->headers = NULL;
	sfdw_bytes_free(&http->body);
	sfdw_bytes_free(&http->header_lines);
	sfdw_bytes_leave();
	restore_signals(mask);
}

/* An empty request whose context gives everything back. */
static SfdwHttp *
make_http(const SfdwHttpRequest *request)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "salesforce_fdw request",
												  ALLOCSET_SMALL_SIZES);
	SfdwHttp   *http = MemoryContextAllocZero(context, sizeof(SfdwHttp));
	MemoryContextCallback *callback =
		MemoryContextAllocZero(context, sizeof(MemoryContextCallback));

	http->context = context;
	http->reach = request->reach;
	http->body.limit = request->max_body;
	http->body.is_secret = request->is_secret;
	http->header_lines.limit = SFDW_HTTP_MAX_HEADER_BYTES;
	INSTR_TIME_SET_CURRENT(http->started);
	sfdw_bytes_enter();
	callback->func = release;
	callback->arg = http;
	MemoryContextRegisterResetCallback(context, callback);
	return http;
}

/* Add a header line to the library's list. */
static bool
add_header(SfdwHttp *http, const char *line)
{
	struct curl_slist *longer = curl_slist_append(http->headers, line);

	if (longer != NULL)
		http->headers = longer;
	return longer != NULL;
}

/* The headers as the library wants them: "name;" for one without a value. */
static bool
set_headers(SfdwHttp *http, const SfdwHttpRequest *request)
{
	bool		has_type = false;
	bool		fits = add_header(http, "Expect:");

	for (size_t i = 0; i < request->header_count; i++)
	{
		const SfdwHttpHeader *header = &request->headers[i];
		MemoryContext before = MemoryContextSwitchTo(http->context);
		char	   *line = header->value[0] == '\0' ?
			psprintf("%s;", header->name) :
			psprintf("%s: %s", header->name, header->value);

		MemoryContextSwitchTo(before);
		has_type = has_type || pg_strcasecmp(header->name, "content-type") == 0;
		fits = fits && add_header(http, line);
		explicit_bzero(line, strlen(line));
	}
	if (!has_type)
		fits = fits && add_header(http, "Content-Type:");
	return fits &&
		curl_easy_setopt(http->easy, CURLOPT_HTTPHEADER, http->headers) == CURLE_OK;
}

/* Method and body; an empty body too has a length. */
static bool
set_method(CURL *easy, const SfdwHttpRequest *request)
{
	CURLcode	code = CURLE_OK;

	if (strcmp(request->method, "HEAD") == 0)
		return curl_easy_setopt(easy, CURLOPT_NOBODY, 1L) == CURLE_OK;
	if (request->body != NULL || strcmp(request->method, "PUT") == 0 ||
		strcmp(request->method, "POST") == 0)
	{
		code |= curl_easy_setopt(easy, CURLOPT_POST, 1L);
		code |= curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
								 (curl_off_t) request->body_length);
		code |= curl_easy_setopt(easy, CURLOPT_POSTFIELDS,
								 request->body == NULL ? "" : request->body);
	}
	code |= curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
	return code == CURLE_OK;
}

/* What is allowed: schemes, certificates, no redirects, no environment. */
static bool
set_rules(CURL *easy, const SfdwHttpRequest *request)
{
	CURLcode	code = CURLE_OK;

	code |= curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR,
							 request->allows_http ? "http,https" : "https");
	code |= curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	code |= curl_easy_setopt(easy, CURLOPT_PROXY,
							 request->proxy == NULL ? "" : request->proxy);
	code |= curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
	code |= curl_easy_setopt(easy, CURLOPT_NETRC, (long) CURL_NETRC_IGNORED);
	code |= curl_easy_setopt(easy, CURLOPT_SSLVERSION,
							 (long) CURL_SSLVERSION_TLSv1_2);
	code |= curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
	code |= curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
	if (request->ca_file != NULL)
	{
		code |= curl_easy_setopt(easy, CURLOPT_CAINFO, request->ca_file);
		code |= curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	}
	code |= curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
							 (long) CURL_HTTP_VERSION_1_1);
	code |= curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, READ_SIZE);
	code |= curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
	code |= curl_easy_setopt(easy, CURLOPT_USERAGENT, USER_AGENT);
	code |= curl_easy_setopt(easy, CURLOPT_URL, request->url);
	return code == CURLE_OK;
}

/* How long things may take. */
static bool
set_times(CURL *easy, const SfdwHttpRequest *request)
{
	CURLcode	code = CURLE_OK;

	code |= curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	code |= curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
	code |= curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
	code |= curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
							 request->connect_timeout_ms > 0 ?
							 (long) request->connect_timeout_ms :
							 (long) SFDW_HTTP_CONNECT_TIMEOUT_MS);
	code |= curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long) request->timeout_ms);
	code |= curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT,
							 (long) SFDW_HTTP_LOW_SPEED_BYTES);
	code |= curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME,
							 request->may_be_slow ? 0L :
							 (long) SFDW_HTTP_LOW_SPEED_SECONDS);
	code |= curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT,
							 (long) request->is_sent_once);
	return code == CURLE_OK;
}

/* Who is called, and for which request. */
static bool
set_callbacks(SfdwHttp *http)
{
	CURL	   *easy = http->easy;
	CURLcode	code = CURLE_OK;

	code |= curl_easy_setopt(easy, CURLOPT_PRIVATE, http);
	code |= curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, http->error);
	code |= curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	code |= curl_easy_setopt(easy, CURLOPT_WRITEDATA, http);
	code |= curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
	code |= curl_easy_setopt(easy, CURLOPT_HEADERDATA, http);
	code |= curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
	code |= curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, http);
	code |= curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_connected);
	code |= curl_easy_setopt(easy, CURLOPT_PREREQDATA, http);
	return code == CURLE_OK;
}

/* Put a request on its way. */
SfdwHttp *
sfdw_http_start(const SfdwHttpRequest *request)
{
	SfdwHttp   *http;
	sigset_t	mask;

	open_multi();
	http = make_http(request);
	http->easy = curl_easy_init();
	require_library(http->easy != NULL);
	require_library(set_headers(http, request) &&
					set_method(http->easy, request) &&
					set_rules(http->easy, request) &&
					set_times(http->easy, request) && set_callbacks(http));
	mask = block_signals();
	http->is_running = curl_multi_add_handle(multi, http->easy) == CURLM_OK;
	restore_signals(mask);
	require_library(http->is_running);
	stats.requests++;
	stats.bytes_out += request->body_length;
	return http;
}

/* What a result of the library's means for the request. */
static SfdwHttpEnd
end_of(SfdwHttp *http, CURLcode code)
{
	long		sent = 0;

	curl_easy_getinfo(http->easy, CURLINFO_REQUEST_SIZE, &sent);
	if (code == CURLE_OK)
		return SFDW_HTTP_ANSWERED;
	if (http->is_forbidden)
		return SFDW_HTTP_FORBIDDEN;
	if (http->is_too_large)
		return SFDW_HTTP_TOO_LARGE;
	if (sent == 0)
		return SFDW_HTTP_NOT_SENT;
	return code == CURLE_OPERATION_TIMEDOUT ? SFDW_HTTP_TIMED_OUT :
		SFDW_HTTP_BROKEN;
}

/* What to say of a request that was not answered. */
static const char *
detail_of(SfdwHttp *http, CURLcode code)
{
	if (code == CURLE_OK)
		return NULL;
	if (http->is_forbidden)
		return "the address is not one that may be connected to";
	if (http->is_too_large)
		return "the answer is longer than expected";
	if (http->has_no_memory)
		return "out of memory";
	return http->error[0] != '\0' ? http->error : curl_easy_strerror(code);
}

/* A request has come to its end: fill in the answer. */
static void
conclude(SfdwHttp *http, CURLcode code)
{
	SfdwHttpAnswer *answer = &http->answer;
	long		status = 0;
	long		connections = 0;

	/* The library takes headers that are cut off for all that there are. */
	if (code == CURLE_OK && !http->has_whole_head)
		code = CURLE_PARTIAL_FILE;
	curl_multi_remove_handle(multi, http->easy);
	http->is_running = false;
	curl_easy_getinfo(http->easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(http->easy, CURLINFO_NUM_CONNECTS, &connections);
	answer->end = end_of(http, code);
	answer->status = (int) status;
	answer->body = http->body.data == NULL ? "" : http->body.data;
	answer->body_length = http->body.length;
	answer->detail = detail_of(http, code);
	answer->seconds = elapsed_ms(http->started) / 1000.0;
	stats.connections += connections;
	stats.bytes_in += http->body.length;
}

/* Take the results of requests that have ended. */
static void
collect(void)
{
	CURLMsg    *message;
	int			left;

	while ((message = curl_multi_info_read(multi, &left)) != NULL)
	{
		CURLcode	code = message->data.result;
		char	   *http = NULL;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &http);
		conclude((SfdwHttp *) http, code);
	}
}

/* Tell the library what has happened; no wait, nothing raised. */
static void
move_on(const SfdwReadySocket *ready, int count)
{
	sigset_t	mask = block_signals();
	int			running;

	for (int i = 0; i < count; i++)
	{
		int			events = 0;

		if (ready[i].events & WL_SOCKET_READABLE)
			events |= CURL_CSELECT_IN;
		if (ready[i].events & WL_SOCKET_WRITEABLE)
			events |= CURL_CSELECT_OUT;
		curl_multi_socket_action(multi, ready[i].socket, events, &running);
	}
	if (has_timer && elapsed_ms(timer_set) >= timer_ms)
	{
		has_timer = false;
		curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &running);
	}
	collect();
	restore_signals(mask);
}

/* Wait for something to happen, limit_ms at most, and move on. */
static void
take_turn(double limit_ms)
{
	SfdwReadySocket ready[SFDW_SOCKETS_MAX];
	double		wait_ms = Min(limit_ms, MAX_TURN_MS);
	int			count;

	if (has_timer)
		wait_ms = Min(wait_ms, timer_ms - elapsed_ms(timer_set));
	count = sfdw_sockets_wait((long) ceil(Max(wait_ms, 0)), ready);
	move_on(ready, count);
}

/* Wait until a request has ended. */
const SfdwHttpAnswer *
sfdw_http_wait(SfdwHttp *http)
{
	while (http->is_running)
		take_turn(MAX_TURN_MS);
	return &http->answer;
}

/* Whether it has ended. */
bool
sfdw_http_is_done(SfdwHttp *http)
{
	if (http->is_running)
		take_turn(0);
	return !http->is_running;
}

/* Sleep while requests move on. */
void
sfdw_http_sleep(int64 milliseconds)
{
	instr_time	start;
	double		left;

	open_multi();
	INSTR_TIME_SET_CURRENT(start);
	while ((left = milliseconds - elapsed_ms(start)) > 0)
		take_turn(left);
}

/* A header of the answer. */
const char *
sfdw_http_header(SfdwHttp *http, const char *name)
{
	const char *line = http->header_lines.data;
	size_t		length = strlen(name);

	while (line != NULL && *line != '\0')
	{
		const char *end = line + strcspn(line, "\r\n");

		if (pg_strncasecmp(line, name, length) == 0 && line[length] == ':')
		{
			const char *value = line + length + 1;

			value += strspn(value, " \t");
			while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
				end--;
			return MemoryContextStrdup(http->context,
									   pnstrdup(value, end - value));
		}
		line = end + strspn(end, "\r\n");
	}
	return NULL;
}

/* Take it off the wire, and free it. */
void
sfdw_http_free(SfdwHttp *http)
{
	if (http != NULL)
		MemoryContextDelete(http->context);
}

/* What the connections of this backend did. */
SfdwHttpStats
sfdw_http_stats(void)
{
	return stats;
}
