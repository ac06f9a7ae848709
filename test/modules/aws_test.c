/*-------------------------------------------------------------------------
 * aws_test.c
 *		One request to S3 of any form as a SQL function, for tests
 *
 * Part of the library in the test build only.
 *-------------------------------------------------------------------------
 */
#include "core/compat.h"

#include "aws/request.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "foreign/foreign.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(sfdw_sql_test_request);

/* The longest answer that is looked at; bytes. */
#define MAX_ANSWER (16 * 1024 * 1024)

/* The texts of an array; names and values take turns. */
static char **
texts_of(ArrayType *array, int *count)
{
	Datum	   *values;
	char	  **texts;

	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &values, NULL,
					  count);
	texts = palloc(sizeof(char *) * Max(*count, 1));
	for (int i = 0; i < *count; i++)
		texts[i] = TextDatumGetCString(values[i]);
	return texts;
}

/* Set the parameters of a query. */
static void
set_parameters(SfdwRequestSpec *spec, ArrayType *array)
{
	int			count;
	char	  **texts = texts_of(array, &count);
	SfdwUriParameter *parameters = palloc0(sizeof(SfdwUriParameter) * (count / 2 + 1));

	for (int i = 0; i + 1 < count; i += 2)
	{
		parameters[i / 2].name = texts[i];
		parameters[i / 2].value = texts[i + 1];
	}
	spec->parameters = parameters;
	spec->parameter_count = count / 2;
}

/* Set the headers of the operation. */
static void
set_headers(SfdwRequestSpec *spec, ArrayType *array)
{
	int			count;
	char	  **texts = texts_of(array, &count);
	SfdwHttpHeader *headers = palloc0(sizeof(SfdwHttpHeader) * (count / 2 + 1));

	for (int i = 0; i + 1 < count; i += 2)
	{
		headers[i / 2].name = texts[i];
		headers[i / 2].value = texts[i + 1];
	}
	spec->headers = headers;
	spec->header_count = count / 2;
}

/*
 * test_request(server, method, key, parameters, headers, body): the status of
 * the answer, its code, and what of its body stands between <UploadId> tags.
 */
PGDLLEXPORT Datum
sfdw_sql_test_request(PG_FUNCTION_ARGS)
{
	ForeignServer *server = GetForeignServerByName(text_to_cstring(PG_GETARG_TEXT_PP(0)),
												   false);
	text	   *body = PG_GETARG_TEXT_PP(5);
	SfdwRequestSpec spec = {
		.server = sfdw_aws_server(server->serverid, GetUserId()),
		.service = SFDW_SERVICE_S3,
		.operation = "TestRequest",
		.permission = "s3:*",
		.subject = server->servername,
		.method = text_to_cstring(PG_GETARG_TEXT_PP(1)),
		.key = PG_ARGISNULL(2) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(2)),
		.body = VARDATA_ANY(body),
		.body_length = VARSIZE_ANY_EXHDR(body),
		.max_body = MAX_ANSWER,
		.repeat = SFDW_REPEAT_SAME,
	};
	SfdwRequest *request;
	const SfdwRequestResult *result;
	const char *upload;
	char	   *answer;

	if (spec.body_length == 0)
		spec.body = NULL;
	set_parameters(&spec, PG_GETARG_ARRAYTYPE_P(3));
	set_headers(&spec, PG_GETARG_ARRAYTYPE_P(4));
	request = sfdw_request_start(&spec);
	result = sfdw_request_finish(request);
	upload = result->body == NULL ? NULL : strstr(result->body, "<UploadId>");
	if (upload != NULL)
		upload += strlen("<UploadId>");
	answer = psprintf("%d %s%.*s", result->status, result->code,
					  upload == NULL ? 0 : (int) strcspn(upload, "<"),
					  upload == NULL ? "" : upload);
	sfdw_request_free(request);
	PG_RETURN_TEXT_P(cstring_to_text(answer));
}
