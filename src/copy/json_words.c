/*-------------------------------------------------------------------------
 * json_words.c
 *		The options of copy_to(): a JSON object in the form of COPY's words
 *
 * See json_words.h for the contract.
 *-------------------------------------------------------------------------
 */
#include "copy/json_words.h"

#include "fmgr.h"
#include "nodes/makefuncs.h"
#include "nodes/value.h"
#include "utils/builtins.h"
#include "utils/numeric.h"

/* Raise the error for a value that no option can have. */
static void
reject_value(const char *name)
{
	ereport(ERROR,
			errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			errmsg("invalid value for option \"%s\"", name),
			errdetail("An option is a string, a number, a Boolean value, an array of strings or an object."));
}

/* A string of a JSON document, as a node. */
static Node *
string_node(const JsonbValue *value)
{
	return (Node *) makeString(pnstrdup(value->val.string.val,
										value->val.string.len));
}

/* An array of strings as a list of names. */
static Node *
array_node(const char *name, JsonbContainer *container)
{
	JsonbIterator *iterator = JsonbIteratorInit(container);
	JsonbIteratorToken token;
	JsonbValue	value;
	List	   *names = NIL;

	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
	{
		if (token != WJB_ELEM)
			continue;
		if (value.type != jbvString)
			reject_value(name);
		names = lappend(names, string_node(&value));
	}
	if (names == NIL)
		reject_value(name);
	return (Node *) names;
}

/* The value of one option as a node. */
static Node *
value_node(const char *name, JsonbValue *value)
{
	JsonbContainer *container;

	switch (value->type)
	{
		case jbvString:
			return string_node(value);
		case jbvNumeric:
			return (Node *) makeString(DatumGetCString(DirectFunctionCall1(numeric_out,
																		   NumericGetDatum(value->val.numeric))));
		case jbvBool:
			return (Node *) makeString(value->val.boolean ? "true" : "false");
		case jbvBinary:
			container = value->val.binary.data;
			if (JsonContainerIsArray(container))
				return array_node(name, container);
			return (Node *) makeString(JsonbToCString(NULL, container,
													  value->val.binary.len));
		default:
			reject_value(name);
	}
	return NULL;
}

/* One DefElem for each key of the object. */
List *
sfdw_copy_json_words(Jsonb *options)
{
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue	value;
	List	   *words = NIL;
	char	   *name = NULL;

	if (!JB_ROOT_IS_OBJECT(options))
		ereport(ERROR,
				errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				errmsg("options must be a JSON object"));
	iterator = JsonbIteratorInit(&options->root);
	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
	{
		if (token == WJB_KEY)
			name = pnstrdup(value.val.string.val, value.val.string.len);
		else if (token == WJB_VALUE)
			words = lappend(words,
							makeDefElem(name, value_node(name, &value), -1));
	}
	return words;
}
