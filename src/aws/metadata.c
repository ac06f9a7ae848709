/*-------------------------------------------------------------------------
 * metadata.c
 *		Keys from the services for credentials of this machine
 *-------------------------------------------------------------------------
 */
#include "aws/metadata.h"

#include "aws/clock.h"
#include "aws/uri.h"

/* The services are at hand or not there at all. */
#define CONNECT_TIMEOUT_MS 1000
#define TIMEOUT_MS 2000
#define MAX_ATTEMPTS 3
#define WAIT_MS 200

#define INSTANCE_ENDPOINT "http://169.254.169.254"
#define TOKEN_PATH "/latest/api/token"
#define ROLE_PATH "/latest/meta-data/iam/security-credentials/"

/* As long as a token may live; seconds. */
#define TOKEN_TTL "21600"

#define MAX_TOKEN_LENGTH 1024

/* Send a request until it is answered; NULL when it is not, or not with 200. */
static SfdwHttp *
ask(const char *method, const char *url, const SfdwHttpHeader *header,
	SfdwKeyFailure *failure)
{
	bool		is_https = strncmp(url, "https://", 8) == 0;
	SfdwHttpRequest request = {
		.method = method,
		.url = url,
		.headers = header,
		.header_count = header == NULL ? 0 : 1,
		.max_body = SFDW_KEYS_MAX_ANSWER,
		.is_secret = true,
		.allows_http = true,
		.reach = is_https ? SFDW_HTTP_REACH_LOCAL : SFDW_HTTP_REACH_METADATA,
		.connect_timeout_ms = CONNECT_TIMEOUT_MS,
		.timeout_ms = TIMEOUT_MS,
	};

	for (int attempt = 1; attempt <= MAX_ATTEMPTS; attempt++)
	{
		SfdwHttp   *http = sfdw_http_start(&request);
		const SfdwHttpAnswer *answer = sfdw_http_wait(http);

		if (answer->end == SFDW_HTTP_ANSWERED && answer->status == 200)
			return http;
		if (answer->end == SFDW_HTTP_ANSWERED)
			sfdw_key_fail(failure, SFDW_KEYS_REFUSED,
						  "it answered with status %d", answer->status);
		else
			sfdw_key_fail(failure, SFDW_KEYS_UNREACHABLE,
						  "it did not answer: %s", answer->detail);
		if (answer->end == SFDW_HTTP_FORBIDDEN ||
			(answer->end == SFDW_HTTP_ANSWERED && answer->status < 500))
			attempt = MAX_ATTEMPTS;
		sfdw_http_free(http);
		if (attempt < MAX_ATTEMPTS)
			sfdw_http_sleep(WAIT_MS);
	}
	return NULL;
}

/* The first line of an answer that may stand in a header or an URL, or NULL. */
static char *
line_of(SfdwHttp *http)
{
	const SfdwHttpAnswer *answer = sfdw_http_wait(http);
	size_t		length = strcspn(answer->body, "\r\n");
	SfdwStatus	status = {0};

	if (length == 0 || length > MAX_TOKEN_LENGTH ||
		!sfdw_uri_check_header(answer->body, length, &status))
		return NULL;
	return pnstrdup(answer->body, length);
}

/* Ask for a line. */
static char *
ask_for_line(const char *method, const char *url, const SfdwHttpHeader *header,
			 SfdwKeyFailure *failure)
{
	SfdwHttp   *http = ask(method, url, header, failure);
	char	   *line;

	if (http == NULL)
		return NULL;
	line = line_of(http);
	if (line == NULL)
		sfdw_key_fail(failure, SFDW_KEYS_REFUSED,
					  "its answer is not what was asked for");
	sfdw_http_free(http);
	return line;
}

/* Ask for keys. */
static bool
ask_for_keys(const char *url, const SfdwHttpHeader *header, SfdwKeys *out,
			 SfdwKeyFailure *failure)
{
	SfdwHttp   *http = ask("GET", url, header, failure);
	SfdwStatus	status = {0};
	const SfdwHttpAnswer *answer;

	if (http == NULL)
		return false;
	answer = sfdw_http_wait(http);
	/* By a clock that is far off, keys that are valid seem expired. */
	(void) sfdw_clock_set_by_answer(http, sfdw_clock_now());
	if (!sfdw_keys_read_json(answer->body, answer->body_length, out, &status))
		sfdw_key_fail_status(failure, "its answer was not taken", &status);
	sfdw_http_free(http);
	return status.code == SFDW_OK;
}

/* Whether a role's name has nothing that an URL could trip over. */
static bool
is_role_name(const char *name)
{
	for (; *name != '\0'; name++)
	{
		if (!isalnum((unsigned char) *name) && strchr("+=,.@-_", *name) == NULL)
			return false;
	}
	return true;
}

/* Keys of the instance's role. */
bool
sfdw_metadata_instance_keys(const char *endpoint, SfdwKeys *out,
							SfdwKeyFailure *failure)
{
	SfdwHttpHeader header = {"x-aws-ec2-metadata-token-ttl-seconds", TOKEN_TTL};
	const char *base = endpoint == NULL ? INSTANCE_ENDPOINT : endpoint;
	const char *role;
	bool		is_found;
	char	   *token = ask_for_line("PUT", psprintf("%s" TOKEN_PATH, base),
									 &header, failure);

	if (token == NULL)
		return false;
	header = (SfdwHttpHeader)
	{
		"x-aws-ec2-metadata-token", token
	};
	role = ask_for_line("GET", psprintf("%s" ROLE_PATH, base), &header, failure);
	if (role != NULL && !is_role_name(role))
	{
		sfdw_key_fail(failure, SFDW_KEYS_REFUSED,
					  "the name of the instance's role is none");
		role = NULL;
	}
	is_found = role != NULL &&
		ask_for_keys(psprintf("%s" ROLE_PATH "%s", base, role), &header, out,
					 failure);
	explicit_bzero(token, strlen(token));
	return is_found;
}

/* Keys of a container. */
bool
sfdw_metadata_container_keys(const char *url, const char *authorization,
							 SfdwKeys *out, SfdwKeyFailure *failure)
{
	SfdwHttpHeader header = {"authorization", authorization};
	SfdwStatus	status = {0};

	if (authorization != NULL &&
		!sfdw_uri_check_header(authorization, strlen(authorization), &status))
		return sfdw_key_fail_status(failure, "its authorization token", &status);
	return ask_for_keys(url, authorization == NULL ? NULL : &header, out,
						failure);
}
