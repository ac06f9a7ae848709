/*-------------------------------------------------------------------------
 * error_answer.c
 *		What an AWS service says when it refuses a request
 *
 * Pure.  See error_answer.h.
 *-------------------------------------------------------------------------
 */
#include "aws/error_answer.h"

#include <jansson.h>
#include <string.h>

/* An element's name at the end of its path, and where its text goes. */
static void
note(SfdwErrorAnswer *error, const char *path, const char *text, size_t length)
{
	const char *name = strrchr(path, '/');
	char	   *out = NULL;
	size_t		size = SFDW_ANSWER_WORD_SIZE;

	name = name == NULL ? path : name + 1;
	if (strcmp(name, "Code") == 0)
		out = error->code;
	else if (strcmp(name, "RequestId") == 0 || strcmp(name, "RequestID") == 0)
		out = error->request_id;
	else if (strcmp(name, "Region") == 0)
		out = error->region;
	else if (strcmp(name, "Message") == 0)
	{
		out = error->message;
		size = SFDW_ANSWER_MESSAGE_SIZE;
	}
	if (out == NULL || out[0] != '\0')
		return;
	length = length < size - 1 ? length : size - 1;
	memcpy(out, text, length);
	out[length] = '\0';
}

/* xml.h: an element has ended. */
static bool
on_element(void *context, const char *path, const char *text, size_t length,
		   SfdwStatus *status)
{
	note(context, path, text, length);
	return true;
}

/* Read an error in XML; what came before it breaks stays. */
static void
read_xml(const SfdwMemory *memory, const char *body, size_t length,
		 SfdwErrorAnswer *error)
{
	SfdwStatus	status = {0};
	SfdwXml    *xml = sfdw_xml_open(memory, on_element, error);

	if (xml == NULL)
		return;
	if (sfdw_xml_push(xml, body, length, &status))
		sfdw_xml_finish(xml, &status);
	sfdw_xml_free(xml);
}

/* Note a text of a JSON object. */
static void
note_json(SfdwErrorAnswer *error, const json_t *object, const char *key,
		  const char *as)
{
	const char *text = json_string_value(json_object_get(object, key));

	if (text != NULL)
		note(error, as, text, strlen(text));
}

/* Read an error in JSON: {"__type": "prefix#Code", "Message": ...}. */
static void
read_json(const char *body, size_t length, SfdwErrorAnswer *error)
{
	json_error_t problem;
	json_t	   *object = json_loadb(body, length, JSON_REJECT_DUPLICATES,
									&problem);
	const char *type = json_string_value(json_object_get(object, "__type"));

	if (type != NULL)
	{
		const char *code = strrchr(type, '#');

		code = code == NULL ? type : code + 1;
		note(error, "Code", code, strlen(code));
	}
	note_json(error, object, "Message", "Message");
	note_json(error, object, "message", "Message");
	json_decref(object);
}

/* Read the body of an error. */
void
sfdw_error_answer_read(const SfdwMemory *memory, const char *body,
					   size_t length, SfdwErrorAnswer *error)
{
	size_t		blanks = strspn(body, " \t\r\n");

	memset(error, 0, sizeof(*error));
	if (blanks >= length)
		return;
	if (body[blanks] == '{')
		read_json(body, length, error);
	else
		read_xml(memory, body, length, error);
}

/* Whether the first element is Error. */
bool
sfdw_error_answer_is_error(const char *body, size_t length)
{
	const char *end = body + length;
	const char *at = memchr(body, '<', length);

	while (at != NULL && end - at > 1 && (at[1] == '?' || at[1] == '!'))
		at = memchr(at + 1, '<', (size_t) (end - at - 1));
	return at != NULL && (size_t) (end - at) > strlen("<Error") &&
		strncmp(at, "<Error", strlen("<Error")) == 0;
}
