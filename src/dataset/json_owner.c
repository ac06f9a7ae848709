/*-------------------------------------------------------------------------
 * json_owner.c
 *		JSON values of the jansson library that a memory context owns
 *
 * Knows jansson's rules of memory; nothing of what the JSON says.
 *-------------------------------------------------------------------------
 */
#include "dataset/json_owner.h"

#include "mb/pg_wchar.h"

/* Give the reference back; NULL is allowed. */
static void
release_value(void *arg)
{
	json_decref(arg);
}

/* Raise out of memory. */
static void
report_no_memory(void)
{
	ereport(ERROR,
			errcode(ERRCODE_OUT_OF_MEMORY),
			errmsg("out of memory"),
			errdetail("Failed while making JSON."));
}

/*
 * Own a value.  Memory for the callback is asked for without raising, so that
 * the value is not lost when there is none.
 */
json_t *
sfdw_json_own(json_t *value)
{
	MemoryContextCallback *cleanup;

	if (value == NULL)
		report_no_memory();
	cleanup = palloc_extended(sizeof(MemoryContextCallback),
							  MCXT_ALLOC_NO_OOM);
	if (cleanup == NULL)
	{
		json_decref(value);
		report_no_memory();
	}
	cleanup->func = release_value;
	cleanup->arg = value;
	MemoryContextRegisterResetCallback(CurrentMemoryContext, cleanup);
	return value;
}

/* An empty object. */
json_t *
sfdw_json_object(void)
{
	return sfdw_json_own(json_pack("{}"));
}

/* Parse an object. */
json_t *
sfdw_json_parse(const char *text, const char *name)
{
	json_error_t error;
	json_t	   *value;

	if (text == NULL)
		return NULL;
	value = json_loads(text, JSON_REJECT_DUPLICATES, &error);
	if (value == NULL)
		ereport(ERROR,
				errcode(ERRCODE_INVALID_JSON_TEXT),
				errmsg("%s is not JSON", name),
				errdetail("Line %d, column %d.", error.line, error.column));
	value = sfdw_json_own(value);
	if (!json_is_object(value))
		ereport(ERROR,
				errcode(ERRCODE_INVALID_JSON_TEXT),
				errmsg("%s is not a JSON object", name));
	return value;
}

/* Parse an object that may be none. */
json_t *
sfdw_json_parse_quietly(const char *text)
{
	json_error_t error;
	json_t	   *value = text == NULL ? NULL :
		json_loads(text, JSON_REJECT_DUPLICATES, &error);

	if (value == NULL)
		return NULL;
	value = sfdw_json_own(value);
	return json_is_object(value) ? value : NULL;
}

/* A string in the database's encoding. */
char *
sfdw_json_server_text(const json_t *value, const char *otherwise)
{
	const char *text = json_string_value(value);

	if (text == NULL)
		return otherwise == NULL ? NULL : pstrdup(otherwise);
	return pstrdup(pg_any_to_server(text, (int) strlen(text), PG_UTF8));
}

/* The value as text. */
char *
sfdw_json_text(const json_t *value, size_t flags)
{
	size_t		size = json_dumpb(value, NULL, 0, flags);
	char	   *text = palloc(size + 1);

	if (size == 0 || json_dumpb(value, text, size, flags) != size)
		report_no_memory();
	text[size] = '\0';
	return text;
}

/* Raise unless the call went well. */
void
sfdw_json_require(int result)
{
	if (result != 0)
		report_no_memory();
}
