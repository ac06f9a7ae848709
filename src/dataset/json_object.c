/*-------------------------------------------------------------------------
 * json_object.c
 *		Look at the members of a jsonb object
 *-------------------------------------------------------------------------
 */
#include "dataset/json_object.h"

/* Nested containers are skipped, not entered: they come as one value. */
List *
sfdw_json_pairs(JsonbContainer *container, const char *name)
{
	List	   *pairs = NIL;
	JsonbIterator *iterator = JsonbIteratorInit(container);
	JsonbIteratorToken token;
	JsonbValue	value;

	if (!JsonContainerIsObject(container))
		ereport(ERROR,
				errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				errmsg("%s must be a JSON object", name));
	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
	{
		SfdwJsonPair *pair;

		if (token != WJB_KEY)
			continue;
		pair = palloc(sizeof(SfdwJsonPair));
		pair->key = pnstrdup(value.val.string.val, value.val.string.len);
		(void) JsonbIteratorNext(&iterator, &pair->value, true);
		pairs = lappend(pairs, pair);
	}
	return pairs;
}

/* jsonb strings are not terminated. */
char *
sfdw_json_string(const JsonbValue *value)
{
	if (value->type != jbvString)
		return NULL;
	return pnstrdup(value->val.string.val, value->val.string.len);
}
