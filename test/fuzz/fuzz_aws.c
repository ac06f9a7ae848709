/*
 * Fuzz the readers of src/aws with libFuzzer: make fuzz.
 *
 * The first byte chooses the reader, the second the size of the pieces.
 * Whatever the input is: a failure has a code and a message, and an answer
 * reads the same in pieces as it does whole.
 */
#include "aws/address.h"
#include "aws/answer.h"
#include "aws/endpoint.h"
#include "aws/keys_answer.h"
#include "aws/profile.h"
#include "aws/retry.h"
#include "aws/uri.h"

#include <stdlib.h>
#include <string.h>

extern int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Memory of malloc. */
static void *
resize(void *context, void *pointer, size_t size)
{
	if (size == 0)
	{
		free(pointer);
		return NULL;
	}
	return realloc(pointer, size);
}

static const SfdwMemory memory = {resize, NULL};

/* A rule that must hold. */
static void
require(bool condition)
{
	if (!condition)
		abort();
}

/* A failure says what it is, a success is silent. */
static void
require_status(bool is_ok, const SfdwStatus *status)
{
	require(is_ok == (status->code == SFDW_OK));
	require(is_ok == (status->message[0] == '\0'));
}

/* Read an answer in pieces; the code, and the answer if there is one. */
static SfdwCode
read_answer(SfdwAnswerKind kind, const char *text, size_t length, size_t piece,
			SfdwAnswer *answer)
{
	SfdwStatus	status = {0};
	SfdwAnswerReader *reader = sfdw_answer_open(&memory, kind, NULL, NULL);
	const SfdwAnswer *result = NULL;
	bool		is_ok = true;

	for (size_t at = 0; is_ok && at < length; at += piece)
		is_ok = sfdw_answer_push(reader, text + at,
								 length - at < piece ? length - at : piece,
								 &status);
	if (is_ok)
		result = sfdw_answer_finish(reader, &status);
	require_status(result != NULL, &status);
	if (result != NULL)
		*answer = *result;
	sfdw_answer_free(reader);
	return status.code;
}

/* An answer is the same in pieces of any size. */
static void
fuzz_answer(SfdwAnswerKind kind, const char *text, size_t length, size_t piece)
{
	static SfdwAnswer whole;
	static SfdwAnswer pieces;
	SfdwCode	code = read_answer(kind, text, length, length + 1, &whole);

	require(code == read_answer(kind, text, length, piece, &pieces));
	require(code != SFDW_OK || memcmp(&whole, &pieces, sizeof(whole)) == 0);
}

/* A config file that is a credentials file, too. */
static void
fuzz_profile(const char *text, size_t length)
{
	static SfdwProfileChain chain;
	SfdwProfileFiles files = {text, length, text, length};
	SfdwStatus	status = {0};
	bool		is_ok = sfdw_profile_read(&files, "default", &chain, &status);

	require_status(is_ok, &status);
	require(!is_ok || (chain.count >= 1 &&
					   chain.count <= SFDW_PROFILE_MAX_CHAIN));
	sfdw_profile_wipe(&chain);
}

/* An endpoint's host has no character that ends a host in an URL. */
static void
fuzz_endpoint(const char *text)
{
	SfdwEndpointWish wish = {SFDW_SERVICE_S3, "us-east-1", "bucket", text,
	false, false, false, true};
	SfdwEndpoint endpoint;
	SfdwAddress address;
	SfdwStatus	status[2] = {{0}};
	int64_t		seconds;

	require_status(sfdw_endpoint_find(&wish, &endpoint, &status[0]), &status[0]);
	require(status[0].code != SFDW_OK ||
			strpbrk(endpoint.authority, "/?#@\\ \t\r\n%") == NULL);
	wish.bucket = text;
	wish.endpoint = NULL;
	require_status(sfdw_endpoint_find(&wish, &endpoint, &status[1]), &status[1]);
	require(status[1].code != SFDW_OK ||
			strcmp(endpoint.host + strlen(endpoint.host) - 13,
				   "amazonaws.com") == 0);
	if (sfdw_address_parse(text, &address))
		sfdw_address_kind(&address);
	sfdw_retry_parse_date(text, &seconds);
}

/* Keys that a service hands out, in either form, and whose they are. */
static void
fuzz_keys(const char *text, size_t length)
{
	SfdwKeys	keys;
	SfdwIdentity identity;
	SfdwStatus	status = {0};

	require_status(sfdw_keys_read_xml(&memory, text, length, &keys, &status),
				   &status);
	memset(&status, 0, sizeof(status));
	require_status(sfdw_keys_read_json(text, length, &keys, &status), &status);
	memset(&status, 0, sizeof(status));
	require_status(sfdw_identity_read(&memory, text, length, &identity,
									  &status), &status);
}

/* What is encoded comes back. */
static void
fuzz_uri(const char *bytes, size_t length)
{
	SfdwBuffer	encoded;
	SfdwBuffer	decoded;
	SfdwStatus	status = {0};

	sfdw_buffer_init(&encoded, &memory, 3 * length + 1);
	sfdw_buffer_init(&decoded, &memory, length + 1);
	require(sfdw_uri_encode(&encoded, bytes, length, length % 2 == 0, &status));
	if (memchr(bytes, '\0', length) == NULL)
		require(sfdw_uri_decode(&decoded, encoded.data, encoded.length, true,
								&status) &&
				decoded.length == length &&
				(length == 0 || memcmp(decoded.data, bytes, length) == 0));
	sfdw_buffer_reset(&decoded);
	require_status(sfdw_uri_decode(&decoded, bytes, length, true, &status),
				   &status);
	sfdw_buffer_free(&encoded);
	sfdw_buffer_free(&decoded);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int			which;
	size_t		length;
	char	   *text;

	if (size < 2)
		return 0;
	which = data[0] % (SFDW_ANSWER_OBJECT_LOCK + 5);
	length = size - 2;
	text = malloc(length + 1);
	memcpy(text, data + 2, length);
	text[length] = '\0';
	if (which <= SFDW_ANSWER_OBJECT_LOCK)
		fuzz_answer((SfdwAnswerKind) which, text, length, data[1] % 16 + 1);
	else if (which == SFDW_ANSWER_OBJECT_LOCK + 1)
		fuzz_profile(text, length);
	else if (which == SFDW_ANSWER_OBJECT_LOCK + 2)
		fuzz_endpoint(text);
	else if (which == SFDW_ANSWER_OBJECT_LOCK + 3)
		fuzz_keys(text, length);
	else
		fuzz_uri(text, length);
	free(text);
	return 0;
}
