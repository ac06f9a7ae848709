/* aws/answer.c, aws/xml.c: what is read from answers, and what is refused. */
#include "aws/answer.h"
#include "tap.h"

#define ARRAY_LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define DECLARATION "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
#define S3_NAMESPACE " xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\""

static char seen[8192];			/* what the items said, a line each */

/* SfdwItemHandler: note an item; one with the id "stop" is refused. */
static bool
note_item(void *context, const SfdwItem *item, SfdwStatus *status)
{
	size_t		length = strlen(seen);

	snprintf(seen + length, sizeof(seen) - length,
			 "%d|%s|%s|%s|%s|%s|%s|%lld|%d\n", (int) item->kind, item->key,
			 item->id, item->etag, item->time, item->code, item->message,
			 (long long) item->size, item->is_latest);
	return strcmp(item->id, "stop") != 0 ||
		sfdw_fail(status, SFDW_OUT_OF_RANGE, 0, "stopped");
}

/* Read a text in pieces; *answer is copied out. */
static SfdwCode
read_answer(SfdwAnswerKind kind, const char *text, size_t length, size_t piece,
			SfdwAnswer *answer)
{
	SfdwStatus	status = {0};
	SfdwAnswerReader *reader = sfdw_answer_open(&tap_memory, kind, note_item,
												NULL);
	const SfdwAnswer *result = NULL;
	bool		is_ok = reader != NULL;

	seen[0] = '\0';
	if (reader == NULL)
		return SFDW_OUT_OF_MEMORY;
	for (size_t at = 0; is_ok && at < length; at += piece)
		is_ok = sfdw_answer_push(reader, text + at,
								 length - at < piece ? length - at : piece,
								 &status);
	if (is_ok)
		result = sfdw_answer_finish(reader, &status);
	if (result != NULL)
		*answer = *result;
	else if (status.code == SFDW_OK)
		abort();
	sfdw_answer_free(reader);
	return status.code;
}

typedef struct AnswerCase
{
	const char *name;
	SfdwAnswerKind kind;
	const char *text;
	const char *items;
	SfdwAnswer	answer;
} AnswerCase;

static const AnswerCase cases[] = {
	{"a page of versions", SFDW_ANSWER_VERSIONS, DECLARATION
		"<ListVersionsResult" S3_NAMESPACE "><Name>b</Name><Prefix>p</Prefix>"
		"<KeyMarker></KeyMarker><VersionIdMarker/><MaxKeys>3</MaxKeys>"
		"<EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>"
		"<NextKeyMarker>c+d</NextKeyMarker>"
		"<NextVersionIdMarker>v3</NextVersionIdMarker>\n"
		"  <Version>\n    <Key>a%2Fb+%C3%BC</Key><VersionId>null</VersionId>"
		"<IsLatest>true</IsLatest><LastModified>2026-01-02T03:04:05.000Z</LastModified>"
		"<ETag>&quot;9b2c&quot;</ETag><Size>434234</Size>"
		"<Owner><ID>75aa</ID><DisplayName>Key</DisplayName></Owner>"
		"<StorageClass>STANDARD</StorageClass></Version>"
		"<DeleteMarker><Key>c</Key><VersionId>v2</VersionId>"
		"<IsLatest>false</IsLatest><LastModified>t</LastModified></DeleteMarker>"
		"<Version><Key>c</Key><VersionId>v3</VersionId><IsLatest>false</IsLatest>"
		"<Size>0</Size></Version></ListVersionsResult>",
		"0|a%2Fb+%C3%BC|null|\"9b2c\"|2026-01-02T03:04:05.000Z|||434234|1\n"
		"1|c|v2||t|||0|0\n0|c|v3|||||0|0\n",
		{.is_truncated = true, .has_encoded_keys = true, .next_key = "c+d",
	.next_id = "v3", .item_count = 3}},
	{"no version", SFDW_ANSWER_VERSIONS,
		"<ListVersionsResult><IsTruncated>false</IsTruncated></ListVersionsResult>",
	"", {0}},
	{"the encoding behind the items", SFDW_ANSWER_VERSIONS,
		"<ListVersionsResult><Version><Key>%20</Key><VersionId>v</VersionId>"
		"<IsLatest>true</IsLatest><Size>1</Size></Version>"
		"<EncodingType>url</EncodingType></ListVersionsResult>",
		"0|%20|v|||||1|1\n", {.has_encoded_keys = true, .item_count = 1}},
	{"a key as it is", SFDW_ANSWER_VERSIONS,
		"<ListVersionsResult><Version><Key>a&amp;&lt;&#13;&#10;+%<![CDATA[<x>]]></Key>"
		"<VersionId>v</VersionId><IsLatest>true</IsLatest><Size>1</Size></Version>"
		"</ListVersionsResult>", "0|a&<\r\n+%<x>|v|||||1|1\n",
	{.item_count = 1}},
	{"deletions and failures", SFDW_ANSWER_DELETION, DECLARATION
		"<DeleteResult><Deleted><Key>k 1</Key><VersionId>v1</VersionId></Deleted>"
		"<Error><Key>k2</Key><VersionId>v2</VersionId><Code>AccessDenied</Code>"
		"<Message>Access\r\nDenied</Message></Error>"
		"<Deleted><DeleteMarker>true</DeleteMarker>"
		"<DeleteMarkerVersionId>m</DeleteMarkerVersionId><Key>k3</Key></Deleted>"
		"</DeleteResult>",
		"2|k 1|v1|||||0|0\n3|k2|v2|||AccessDenied|Access Denied|0|0\n2|k3||||||0|0\n",
	{.item_count = 3}},
	{"all deleted, quietly", SFDW_ANSWER_DELETION, "<DeleteResult/>", "", {0}},
	{"an error instead of a result", SFDW_ANSWER_COMPLETION, DECLARATION
		"<Error><Code>InternalError</Code><Message>We encountered an internal error."
		"</Message><RequestId>656c76696e67</RequestId><HostId>Uuag</HostId></Error>",
		"", {.is_error = true, .code = "InternalError",
			.message = "We encountered an internal error.",
	.request_id = "656c76696e67"}},
	{"an error that names the region", SFDW_ANSWER_ERROR,
		"<Error><Code>AuthorizationHeaderMalformed</Code>"
		"<Region>ca-central-1</Region></Error>", "",
		{.is_error = true, .code = "AuthorizationHeaderMalformed",
	.region = "ca-central-1"}},
	{"an error of another service", SFDW_ANSWER_ERROR,
		"<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error>"
		"<Type>Sender</Type><Code>ExpiredToken</Code><Message>expired</Message></Error>"
		"<RequestId>r</RequestId></ErrorResponse>", "",
		{.is_error = true, .code = "ExpiredToken", .message = "expired",
	.request_id = "r"}},
	{"an upload", SFDW_ANSWER_UPLOAD,
		"<InitiateMultipartUploadResult><Bucket>b</Bucket><Key>k</Key>"
		"<UploadId>VXBs.-_</UploadId></InitiateMultipartUploadResult>", "",
	{.upload_id = "VXBs.-_"}},
	{"uploads", SFDW_ANSWER_UPLOADS,
		"<ListMultipartUploadsResult><NextKeyMarker>k</NextKeyMarker>"
		"<NextUploadIdMarker>u</NextUploadIdMarker><IsTruncated>true</IsTruncated>"
		"<Upload><Key>k</Key><UploadId>u</UploadId><Initiated>t</Initiated></Upload>"
		"</ListMultipartUploadsResult>", "4|k|u||t|||0|0\n",
		{.is_truncated = true, .next_key = "k", .next_id = "u",
	.item_count = 1}},
	{"a part that was copied", SFDW_ANSWER_PART_COPY,
		"<CopyPartResult><LastModified>t</LastModified><ETag>\"e\"</ETag></CopyPartResult>",
	"", {.etag = "\"e\"", .time = "t"}},
	{"a completion after blanks", SFDW_ANSWER_COMPLETION,
		" \n \r\n\t" DECLARATION "\n   \n<CompleteMultipartUploadResult>"
		"<Location>l</Location><ETag>\"e-2\"</ETag></CompleteMultipartUploadResult>\n ",
	"", {.etag = "\"e-2\""}},
	{"versioning on", SFDW_ANSWER_VERSIONING,
		"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>",
	"", {.state = "Enabled"}},
	{"versioning with MFA delete", SFDW_ANSWER_VERSIONING,
		"<VersioningConfiguration><Status>Enabled</Status><MfaDelete>Enabled</MfaDelete></VersioningConfiguration>",
	"", {.state = "Enabled", .mfa_delete = "Enabled"}},
	{"versioning never on", SFDW_ANSWER_VERSIONING, "<VersioningConfiguration/>",
	"", {0}},
	{"object lock", SFDW_ANSWER_OBJECT_LOCK,
		"<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled>"
		"<Rule><DefaultRetention><Mode>GOVERNANCE</Mode></DefaultRetention></Rule>"
	"</ObjectLockConfiguration>", "", {.state = "Enabled"}},
};

/* Every answer is read the same in pieces of any size. */
static void
test_answers(void)
{
	static const size_t pieces[] = {1, 7, 100000};

	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
	{
		bool		is_right = true;

		for (size_t k = 0; k < ARRAY_LENGTH(pieces); k++)
		{
			SfdwAnswer	answer = {0};

			is_right &= read_answer(cases[i].kind, cases[i].text,
									strlen(cases[i].text), pieces[k],
									&answer) == SFDW_OK &&
				strcmp(seen, cases[i].items) == 0 &&
				memcmp(&answer, &cases[i].answer, sizeof(answer)) == 0;
		}
		TAP_OK(is_right, "%s", cases[i].name);
	}
}

/* An answer that is cut anywhere is refused. */
static void
test_cut_answers(void)
{
	SfdwAnswer	answer;
	int			accepted = 0;
	int			count = 0;

	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
	{
		size_t		length = strlen(cases[i].text);

		while (cases[i].text[length - 1] != '>')
			length--;
		for (size_t cut = 0; cut < length; cut++, count++)
			accepted += read_answer(cases[i].kind, cases[i].text, cut, 100000,
									&answer) == SFDW_OK;
	}
	TAP_OK(accepted == 0 && count > 2500, "%d cut answers are refused", count);
}

typedef struct RefusedCase
{
	const char *name;
	SfdwAnswerKind kind;
	const char *text;
	SfdwCode	code;
} RefusedCase;

#define VERSION(content) "<ListVersionsResult><Version>" content "</Version></ListVersionsResult>"
#define REST "<VersionId>v</VersionId><IsLatest>true</IsLatest><Size>1</Size>"

static const RefusedCase refused[] = {
	{"no bytes", SFDW_ANSWER_COMPLETION, "", SFDW_MALFORMED},
	{"blanks alone", SFDW_ANSWER_COMPLETION, "  \n", SFDW_MALFORMED},
	{"HTML", SFDW_ANSWER_VERSIONS, "<html><body>hello</body></html>", SFDW_MALFORMED},
	{"JSON", SFDW_ANSWER_VERSIONS, "{\"a\": 1}", SFDW_MALFORMED},
	{"another answer", SFDW_ANSWER_VERSIONS, "<DeleteResult><Deleted/></DeleteResult>", SFDW_MALFORMED},
	{"a result where only an error can be", SFDW_ANSWER_ERROR, "<DeleteResult/>", SFDW_MALFORMED},
	{"two roots", SFDW_ANSWER_DELETION, "<DeleteResult/><DeleteResult/>", SFDW_MALFORMED},
	{"a document type", SFDW_ANSWER_DELETION, "<!DOCTYPE a><DeleteResult/>", SFDW_UNSUPPORTED},
	{"entities in entities", SFDW_ANSWER_DELETION, "<!DOCTYPE a [<!ENTITY x \"xxxxxxxxxx\">"
	"<!ENTITY y \"&x;&x;&x;\">]><DeleteResult>&y;</DeleteResult>", SFDW_UNSUPPORTED},
	{"a file as an entity", SFDW_ANSWER_DELETION, "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>"
	"<DeleteResult>&x;</DeleteResult>", SFDW_UNSUPPORTED},
	{"an entity that nobody declared", SFDW_ANSWER_DELETION, "<DeleteResult>&x;</DeleteResult>", SFDW_MALFORMED},
	{"a NUL in a key", SFDW_ANSWER_VERSIONS, VERSION("<Key>a&#0;</Key>" REST), SFDW_MALFORMED},
	{"bytes that are not UTF-8", SFDW_ANSWER_VERSIONS, VERSION("<Key>\xff</Key>" REST), SFDW_MALFORMED},
	{"a version without a key", SFDW_ANSWER_VERSIONS, VERSION(REST), SFDW_MALFORMED},
	{"a version with an empty key", SFDW_ANSWER_VERSIONS, VERSION("<Key/>" REST), SFDW_MALFORMED},
	{"a version without an id", SFDW_ANSWER_VERSIONS, VERSION("<Key>k</Key><IsLatest>true</IsLatest><Size>1</Size>"), SFDW_MALFORMED},
	{"a size with a sign", SFDW_ANSWER_VERSIONS, VERSION("<Key>k</Key><Size>-1</Size>"), SFDW_MALFORMED},
	{"an empty size", SFDW_ANSWER_VERSIONS, VERSION("<Key>k</Key><Size></Size>"), SFDW_MALFORMED},
	{"a size beyond all", SFDW_ANSWER_VERSIONS, VERSION("<Key>k</Key><Size>9999999999999999999</Size>"), SFDW_MALFORMED},
	{"a truth value that is none", SFDW_ANSWER_VERSIONS, VERSION("<Key>k</Key><IsLatest>True</IsLatest>"), SFDW_MALFORMED},
	{"truncated without a marker", SFDW_ANSWER_VERSIONS, "<ListVersionsResult><IsTruncated>true</IsTruncated></ListVersionsResult>", SFDW_MALFORMED},
	{"a failure without a code", SFDW_ANSWER_DELETION, "<DeleteResult><Error><Key>k</Key></Error></DeleteResult>", SFDW_MALFORMED},
	{"an error without a code", SFDW_ANSWER_DELETION, "<Error/>", SFDW_MALFORMED},
	{"an upload without an id", SFDW_ANSWER_UPLOAD, "<InitiateMultipartUploadResult/>", SFDW_MALFORMED},
	{"a completion without an ETag", SFDW_ANSWER_COMPLETION, "<CompleteMultipartUploadResult/>", SFDW_MALFORMED},
	{"what the caller refuses", SFDW_ANSWER_VERSIONS, VERSION("<Key>k</Key><VersionId>stop</VersionId><IsLatest>true</IsLatest><Size>1</Size>"), SFDW_OUT_OF_RANGE},
};

/* Answers that must not be believed. */
static void
test_refused(void)
{
	SfdwAnswer	answer;

	for (size_t i = 0; i < ARRAY_LENGTH(refused); i++)
		TAP_OK(read_answer(refused[i].kind, refused[i].text,
						   strlen(refused[i].text), 5, &answer) ==
			   refused[i].code, "refused: %s", refused[i].name);
}

/* An answer made of a beginning, something many times, and an end. */
static SfdwCode
read_repeated(const char *begin, const char *middle, size_t count,
			  const char *end, SfdwAnswer *answer)
{
	size_t		middle_length = strlen(middle);
	size_t		length = strlen(begin);
	char	   *text = malloc(length + count * middle_length + strlen(end) + 1);
	SfdwCode	code;

	strcpy(text, begin);
	for (size_t i = 0; i < count; i++, length += middle_length)
		memcpy(text + length, middle, middle_length);
	strcpy(text + length, end);
	code = read_answer(SFDW_ANSWER_DELETION, text, strlen(text), 16384, answer);
	free(text);
	return code;
}

/* What is at a limit is read, what is beyond is not. */
static void
test_limits(void)
{
	SfdwAnswer	answer;
	char		message[600] = {0};

	TAP_OK(read_repeated("<DeleteResult>", "<Deleted><Key>k</Key></Deleted>",
						 SFDW_ANSWER_MAX_ITEMS, "</DeleteResult>", &answer) ==
		   SFDW_OK && answer.item_count == SFDW_ANSWER_MAX_ITEMS, "a full page");
	TAP_OK(read_repeated("<DeleteResult>", "<Deleted><Key>k</Key></Deleted>",
						 SFDW_ANSWER_MAX_ITEMS + 1, "</DeleteResult>",
						 &answer) == SFDW_TOO_LARGE, "an item more");
	TAP_OK(read_repeated("<DeleteResult>", "<a>", SFDW_XML_MAX_DEPTH, "",
						 &answer) == SFDW_TOO_LARGE, "too deep");
	TAP_OK(read_repeated("<DeleteResult><Deleted><Key>", "%20",
						 SFDW_URI_MAX_KEY_LENGTH, "</Key></Deleted></DeleteResult>",
						 &answer) == SFDW_OK, "the longest key");
	TAP_OK(read_repeated("<DeleteResult><Deleted><Key>", "%20",
						 SFDW_URI_MAX_KEY_LENGTH + 1,
						 "</Key></Deleted></DeleteResult>", &answer) ==
		   SFDW_TOO_LARGE, "a longer key");
	TAP_OK(read_repeated("<DeleteResult><x>", "y", SFDW_XML_MAX_TEXT + 1,
						 "</x></DeleteResult>", &answer) == SFDW_TOO_LARGE,
		   "a text beyond the limit");
	TAP_OK(read_repeated("<DeleteResult>", "<a/>", SFDW_XML_MAX_SIZE / 4,
						 "</DeleteResult>", &answer) == SFDW_TOO_LARGE,
		   "an answer beyond the limit");
	TAP_OK(read_repeated("<DeleteResult><", "y", 2 * SFDW_XML_MAX_PATH,
						 "/></DeleteResult>", &answer) == SFDW_TOO_LARGE,
		   "a name beyond the limit");
	for (int i = 0; i < (SFDW_ANSWER_MESSAGE_SIZE - 1) / 2; i++)
		strcat(message, "\303\274");
	TAP_OK(read_repeated("<Error><Code>c</Code><Message>", "\303\274", 1000,
						 "</Message></Error>", &answer) == SFDW_OK &&
		   strcmp(answer.message, message) == 0, "a message is cut");
	TAP_OK(read_repeated("<Error><Code>c</Code><Message>x", "\303\274", 1000,
						 "</Message></Error>", &answer) == SFDW_OK &&
		   strlen(answer.message) == SFDW_ANSWER_MESSAGE_SIZE - 2 &&
		   strncmp(answer.message + 1, message, SFDW_ANSWER_MESSAGE_SIZE - 3) == 0,
		   "a message is cut between characters");
}

/* Keys come back as bytes, and what cannot be a key is refused. */
static void
test_keys(void)
{
	SfdwAnswer	plain = {0};
	SfdwAnswer	encoded = {.has_encoded_keys = true};
	SfdwBuffer	out;
	SfdwStatus	status[4] = {{0}};

	sfdw_buffer_init(&out, &tap_memory, 65536);
	TAP_OK(sfdw_answer_decode_key(&encoded, "a+b%2B%C3%BC", &out, &status[0]) &&
		   sfdw_answer_decode_key(&plain, "a+%", &out, &status[0]) &&
		   out.length == 9 && memcmp(out.data, "a b+\303\274a+%", 9) == 0,
		   "keys are decoded");
	TAP_OK(!sfdw_answer_decode_key(&encoded, "%0", &out, &status[1]) &&
		   status[1].code == SFDW_MALFORMED, "a cut escape");
	TAP_OK(!sfdw_answer_decode_key(&encoded, "%00", &out, &status[2]) &&
		   status[2].code == SFDW_BAD_ENCODING, "an encoded NUL");
	sfdw_buffer_free(&out);
	TAP_OK(!sfdw_answer_decode_key(&plain, "", &out, &status[3]) &&
		   status[3].code == SFDW_MALFORMED, "an empty key");
	sfdw_buffer_free(&out);
}

/* There may be no memory, and after a failure there is nothing more. */
static void
test_failures(void)
{
	SfdwAnswer	answer;
	SfdwStatus	status[2] = {{0}};
	SfdwAnswerReader *reader;
	bool		is_right = true;

	for (tap_memory_left = 0; tap_memory_left < 2; tap_memory_left++)
	{
		int			left = tap_memory_left;

		is_right &= read_answer(SFDW_ANSWER_DELETION, "<DeleteResult/>", 15, 15,
								&answer) == SFDW_OUT_OF_MEMORY;
		tap_memory_left = left;
	}
	tap_memory_left = -1;
	TAP_OK(is_right, "no memory");
	reader = sfdw_answer_open(&tap_memory, SFDW_ANSWER_DELETION, NULL, NULL);
	TAP_OK(!sfdw_answer_push(reader, "<a/>", 4, &status[0]) &&
		   !sfdw_answer_push(reader, " ", 1, &status[1]) &&
		   status[1].code == status[0].code &&
		   sfdw_answer_finish(reader, &status[1]) == NULL,
		   "a failure stays");
	sfdw_answer_free(reader);
	sfdw_answer_free(NULL);
}

int
main(void)
{
	test_answers();
	test_cut_answers();
	test_refused();
	test_limits();
	test_keys();
	test_failures();
	return tap_done();
}
