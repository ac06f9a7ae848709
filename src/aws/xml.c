/*-------------------------------------------------------------------------
 * xml.c
 *		Read an XML answer element by element, within limits
 *
 * Pure.  See xml.h.
 *-------------------------------------------------------------------------
 */
#include "aws/xml.h"

#include <expat.h>
#include <string.h>

#include "aws/wipe.h"

struct SfdwXml
{
	const SfdwMemory *memory;
	XML_Parser	parser;
	SfdwXmlHandler handler;
	void	   *context;
	uint64_t	size;			/* bytes pushed so far */
	bool		has_begun;		/* the first "<" was seen */
	bool		has_child;		/* the last thing that ended was an element */
	int			depth;
	size_t		path_lengths[SFDW_XML_MAX_DEPTH + 1];
	char		path[SFDW_XML_MAX_PATH];
	char		text[SFDW_XML_MAX_TEXT + 1];
	size_t		text_length;
	SfdwStatus	status;			/* the first failure; it stays */
};

/* Note a failure in a callback of expat, which may not throw, and stop. */
static void
stop(SfdwXml *xml, SfdwCode code, const char *message)
{
	sfdw_fail(&xml->status, code,
			  (uint64_t) XML_GetCurrentByteIndex(xml->parser), "%s", message);
	XML_StopParser(xml->parser, XML_FALSE);
}

/* An element begins: its name joins the path. */
static void
on_start(void *context, const XML_Char *name, const XML_Char **attributes)
{
	SfdwXml    *xml = context;
	size_t		length = xml->path_lengths[xml->depth];
	size_t		name_length = strlen(name);

	if (xml->status.code != SFDW_OK)
		return;
	if (xml->depth == SFDW_XML_MAX_DEPTH ||
		length + name_length + 2 > sizeof(xml->path))
	{
		stop(xml, SFDW_TOO_LARGE, "the answer nests too deep");
		return;
	}
	if (xml->depth > 0)
		xml->path[length++] = '/';
	memcpy(xml->path + length, name, name_length + 1);
	xml->path_lengths[++xml->depth] = length + name_length;
	xml->text_length = 0;
	xml->has_child = false;
}

/* An element ends: tell of it, and take its name off the path. */
static void
on_end(void *context, const XML_Char *name)
{
	SfdwXml    *xml = context;

	if (xml->status.code != SFDW_OK)
		return;
	if (xml->has_child)
		xml->text_length = 0;	/* blanks between elements */
	xml->text[xml->text_length] = '\0';
	if (!xml->handler(xml->context, xml->path, xml->text, xml->text_length,
					  &xml->status))
		stop(xml, SFDW_MALFORMED, "the answer was refused");
	xml->path[xml->path_lengths[--xml->depth]] = '\0';
	xml->has_child = true;
	xml->text_length = 0;
}

/* Text, which comes in pieces. */
static void
on_text(void *context, const XML_Char *text, int length)
{
	SfdwXml    *xml = context;

	if (xml->status.code != SFDW_OK || xml->has_child)
		return;
	if ((size_t) length > SFDW_XML_MAX_TEXT - xml->text_length)
	{
		stop(xml, SFDW_TOO_LARGE, "a text in the answer is too long");
		return;
	}
	memcpy(xml->text + xml->text_length, text, (size_t) length);
	xml->text_length += (size_t) length;
}

/* A document type, the only place where entities are declared. */
static void
on_doctype(void *context, const XML_Char *name, const XML_Char *system_id,
		   const XML_Char *public_id, int has_subset)
{
	stop(context, SFDW_UNSUPPORTED, "the answer has a document type");
}

/* Answers may have keys, which expat copies. */
static const XML_Memory_Handling_Suite wiping = {
	sfdw_wiping_malloc, sfdw_wiping_realloc, sfdw_wiping_free
};

/* Open a reader. */
SfdwXml *
sfdw_xml_open(const SfdwMemory *memory, SfdwXmlHandler handler, void *context)
{
	SfdwXml    *xml = memory->resize(memory->context, NULL, sizeof(SfdwXml));

	if (xml == NULL)
		return NULL;
	memset(xml, 0, sizeof(*xml));
	xml->memory = memory;
	xml->handler = handler;
	xml->context = context;
	xml->parser = XML_ParserCreate_MM("UTF-8", &wiping, NULL);
	if (xml->parser == NULL)
	{
		sfdw_xml_free(xml);
		return NULL;
	}
	XML_SetUserData(xml->parser, xml);
	XML_SetElementHandler(xml->parser, on_start, on_end);
	XML_SetCharacterDataHandler(xml->parser, on_text);
	XML_SetStartDoctypeDeclHandler(xml->parser, on_doctype);
	return xml;
}

/* Keep expat's complaint, unless one of our callbacks stopped it. */
static void
note_parser_error(SfdwXml *xml)
{
	enum XML_Error error = XML_GetErrorCode(xml->parser);

	if (error == XML_ERROR_NO_MEMORY)
		sfdw_fail(&xml->status, SFDW_OUT_OF_MEMORY, 0,
				  "no memory to read the answer");
	else
		sfdw_fail(&xml->status, SFDW_MALFORMED,
				  (uint64_t) XML_GetCurrentByteIndex(xml->parser),
				  "the answer is not XML: %s", XML_ErrorString(error));
}

/* Give bytes to expat; is_last says that none follow. */
static bool
parse(SfdwXml *xml, const char *data, size_t length, bool is_last,
	  SfdwStatus *status)
{
	if (xml->status.code == SFDW_OK &&
		XML_Parse(xml->parser, data, (int) length, is_last) != XML_STATUS_OK)
		note_parser_error(xml);
	if (xml->status.code != SFDW_OK)
	{
		*status = xml->status;
		return false;
	}
	return true;
}

/* Read a piece. */
bool
sfdw_xml_push(SfdwXml *xml, const char *data, size_t length,
			  SfdwStatus *status)
{
	if (length > SFDW_XML_MAX_SIZE - xml->size)
	{
		sfdw_fail(&xml->status, SFDW_TOO_LARGE, xml->size,
				  "the answer has more than %d bytes", SFDW_XML_MAX_SIZE);
		return parse(xml, "", 0, false, status);
	}
	xml->size += length;
	while (!xml->has_begun && length > 0 &&
		   (*data == ' ' || *data == '\t' || *data == '\r' || *data == '\n'))
	{
		data++;
		length--;
	}
	xml->has_begun |= length > 0;
	return parse(xml, data, length, false, status);
}

/* The answer ends here. */
bool
sfdw_xml_finish(SfdwXml *xml, SfdwStatus *status)
{
	return parse(xml, "", 0, true, status);
}

/* Give everything back. */
void
sfdw_xml_free(SfdwXml *xml)
{
	if (xml == NULL)
		return;
	if (xml->parser != NULL)
		XML_ParserFree(xml->parser);
	xml->memory->resize(xml->memory->context, xml, 0);
}
