/*-------------------------------------------------------------------------
 * answer.c
 *		What S3 answers in XML: listings, deletions, uploads, errors
 *
 * Pure.  See answer.h.  Tables say which element goes to which field.
 *-------------------------------------------------------------------------
 */
#include "aws/answer.h"

#include <string.h>

#define ARRAY_LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define MAX_DIGITS 18			/* of a number that fits into int64_t */

struct SfdwAnswerReader
{
	const SfdwMemory *memory;
	SfdwXml    *xml;
	SfdwAnswerKind kind;
	SfdwItemHandler handler;
	void	   *context;
	unsigned int seen;			/* of the item: bits by row of item_fields */
	SfdwItem	item;
	SfdwAnswer	answer;
};

typedef enum FieldType
{
	FIELD_TEXT,
	FIELD_MESSAGE,				/* cut where it is too long */
	FIELD_NUMBER,
	FIELD_BOOL,
	FIELD_ENCODING				/* "url" is true */
} FieldType;

/* An element's path, and the field that it goes to. */
typedef struct Field
{
	const char *path;
	FieldType	type;
	size_t		offset;
	size_t		size;
} Field;

#define ITEM(member) offsetof(SfdwItem, member), sizeof(((SfdwItem *) 0)->member)
#define ANSWER(member) offsetof(SfdwAnswer, member), sizeof(((SfdwAnswer *) 0)->member)

/* Below an item. */
static const Field item_fields[] = {
	{"Key", FIELD_TEXT, ITEM(key)},
	{"VersionId", FIELD_TEXT, ITEM(id)},
	{"IsLatest", FIELD_BOOL, ITEM(is_latest)},
	{"Size", FIELD_NUMBER, ITEM(size)},
	{"Code", FIELD_TEXT, ITEM(code)},
	{"UploadId", FIELD_TEXT, ITEM(id)},
	{"LastModified", FIELD_TEXT, ITEM(time)},
	{"ETag", FIELD_TEXT, ITEM(etag)},
	{"Initiated", FIELD_TEXT, ITEM(time)},
	{"Message", FIELD_MESSAGE, ITEM(message)},
};

/* Bits of an item's rows, for what an item must have. */
#define HAS_KEY (1u << 0)
#define HAS_VERSION (1u << 1)
#define HAS_LATEST (1u << 2)
#define HAS_SIZE (1u << 3)
#define HAS_CODE (1u << 4)
#define HAS_UPLOAD (1u << 5)

/* Below the root. */
static const Field answer_fields[] = {
	{"IsTruncated", FIELD_BOOL, ANSWER(is_truncated)},
	{"EncodingType", FIELD_ENCODING, ANSWER(has_encoded_keys)},
	{"NextKeyMarker", FIELD_TEXT, ANSWER(next_key)},
	{"NextVersionIdMarker", FIELD_TEXT, ANSWER(next_id)},
	{"NextUploadIdMarker", FIELD_TEXT, ANSWER(next_id)},
	{"UploadId", FIELD_TEXT, ANSWER(upload_id)},
	{"ETag", FIELD_TEXT, ANSWER(etag)},
	{"LastModified", FIELD_TEXT, ANSWER(time)},
	{"Status", FIELD_TEXT, ANSWER(state)},
	{"MfaDelete", FIELD_TEXT, ANSWER(mfa_delete)},
	{"ObjectLockEnabled", FIELD_TEXT, ANSWER(state)},
};

/* Below an error, S3's own or the one that other services wrap. */
static const Field error_fields[] = {
	{"Code", FIELD_TEXT, ANSWER(code)},
	{"Message", FIELD_MESSAGE, ANSWER(message)},
	{"RequestId", FIELD_TEXT, ANSWER(request_id)},
	{"Region", FIELD_TEXT, ANSWER(region)},
	{"Error/Code", FIELD_TEXT, ANSWER(code)},
	{"Error/Message", FIELD_MESSAGE, ANSWER(message)},
};

/* The roots that each kind of answer has. */
static const char *const roots[] = {
	[SFDW_ANSWER_ERROR] = NULL,
	[SFDW_ANSWER_VERSIONS] = "ListVersionsResult",
	[SFDW_ANSWER_DELETION] = "DeleteResult",
	[SFDW_ANSWER_UPLOADS] = "ListMultipartUploadsResult",
	[SFDW_ANSWER_UPLOAD] = "InitiateMultipartUploadResult",
	[SFDW_ANSWER_PART_COPY] = "CopyPartResult",
	[SFDW_ANSWER_COMPLETION] = "CompleteMultipartUploadResult",
	[SFDW_ANSWER_VERSIONING] = "VersioningConfiguration",
	[SFDW_ANSWER_OBJECT_LOCK] = "ObjectLockConfiguration",
};

/* The items that answers have, and what these must have. */
typedef struct ItemRule
{
	SfdwAnswerKind answer;
	const char *element;
	SfdwItemKind kind;
	unsigned int required;
} ItemRule;

static const ItemRule item_rules[] = {
	{SFDW_ANSWER_VERSIONS, "Version", SFDW_ITEM_VERSION,
	HAS_KEY | HAS_VERSION | HAS_LATEST | HAS_SIZE},
	{SFDW_ANSWER_VERSIONS, "DeleteMarker", SFDW_ITEM_DELETE_MARKER,
	HAS_KEY | HAS_VERSION | HAS_LATEST},
	{SFDW_ANSWER_DELETION, "Deleted", SFDW_ITEM_DELETED, HAS_KEY},
	{SFDW_ANSWER_DELETION, "Error", SFDW_ITEM_NOT_DELETED, HAS_KEY | HAS_CODE},
	{SFDW_ANSWER_UPLOADS, "Upload", SFDW_ITEM_UPLOAD, HAS_KEY | HAS_UPLOAD},
};

/* Read a number of digits alone. */
static bool
read_number(const char *text, size_t length, int64_t *number,
			SfdwStatus *status)
{
	*number = 0;
	if (length == 0 || length > MAX_DIGITS ||
		strspn(text, "0123456789") != length)
		return sfdw_fail(status, SFDW_MALFORMED, 0,
						 "a number in the answer is none");
	for (; *text != '\0'; text++)
		*number = *number * 10 + (*text - '0');
	return true;
}

/* Read "true" or "false". */
static bool
read_bool(const char *text, bool *value, SfdwStatus *status)
{
	*value = strcmp(text, "true") == 0;
	if (!*value && strcmp(text, "false") != 0)
		return sfdw_fail(status, SFDW_MALFORMED, 0,
						 "a truth value in the answer is none");
	return true;
}

/* Copy a message: one line, cut between characters. */
static void
copy_message(char *to, size_t size, const char *text, size_t length)
{
	if (length >= size)
	{
		length = size - 1;
		while (length > 0 && ((unsigned char) text[length] & 0xc0) == 0x80)
			length--;
	}
	for (size_t i = 0; i < length; i++)
		to[i] = (unsigned char) text[i] < ' ' || text[i] == 0x7f ? ' ' : text[i];
	to[length] = '\0';
}

/* Put a text into its field of a struct. */
static bool
set_field(const Field *field, void *target, const char *text, size_t length,
		  SfdwStatus *status)
{
	char	   *to = (char *) target + field->offset;

	switch (field->type)
	{
		case FIELD_NUMBER:
			return read_number(text, length, (int64_t *) to, status);
		case FIELD_BOOL:
			return read_bool(text, (bool *) to, status);
		case FIELD_ENCODING:
			*(bool *) to = strcmp(text, "url") == 0;
			return true;
		case FIELD_MESSAGE:
			copy_message(to, field->size, text, length);
			return true;
		case FIELD_TEXT:
			break;
	}
	if (length >= field->size)
		return sfdw_fail(status, SFDW_TOO_LARGE, 0,
						 "a text in the answer has more than %zu bytes",
						 field->size - 1);
	memcpy(to, text, length + 1);
	return true;
}

/* The row of a path, or NULL. */
static const Field *
find_field(const Field *fields, size_t count, const char *path)
{
	for (size_t i = 0; i < count; i++)
	{
		if (strcmp(fields[i].path, path) == 0)
			return &fields[i];
	}
	return NULL;
}

/* An item ended: check it, and tell the caller of it. */
static bool
end_item(SfdwAnswerReader *reader, const ItemRule *rule, SfdwStatus *status)
{
	bool		is_ok;

	if ((reader->seen & rule->required) != rule->required ||
		reader->item.key[0] == '\0')
		return sfdw_fail(status, SFDW_MALFORMED, 0,
						 "item %d of the answer is not complete",
						 reader->answer.item_count + 1);
	if (reader->answer.item_count == SFDW_ANSWER_MAX_ITEMS)
		return sfdw_fail(status, SFDW_TOO_LARGE, 0,
						 "the answer has more than %d items",
						 SFDW_ANSWER_MAX_ITEMS);
	reader->answer.item_count++;
	reader->item.kind = rule->kind;
	is_ok = reader->handler == NULL ||
		reader->handler(reader->context, &reader->item, status);
	memset(&reader->item, 0, sizeof(reader->item));
	reader->seen = 0;
	return is_ok;
}

/* Something of an item, or the item itself, ended. */
static bool
end_in_item(SfdwAnswerReader *reader, const ItemRule *rule, const char *path,
			const char *text, size_t length, SfdwStatus *status)
{
	const Field *field;

	if (*path == '\0')
		return end_item(reader, rule, status);
	field = find_field(item_fields, ARRAY_LENGTH(item_fields), path + 1);
	if (field == NULL)
		return true;
	reader->seen |= 1u << (field - item_fields);
	return set_field(field, &reader->item, text, length, status);
}

/* Something below the expected root ended. */
static bool
end_in_answer(SfdwAnswerReader *reader, const char *path, const char *text,
			  size_t length, SfdwStatus *status)
{
	const Field *field;

	for (size_t i = 0; i < ARRAY_LENGTH(item_rules); i++)
	{
		const ItemRule *rule = &item_rules[i];
		size_t		element_length = strlen(rule->element);

		if (rule->answer == reader->kind &&
			strncmp(path, rule->element, element_length) == 0 &&
			(path[element_length] == '\0' || path[element_length] == '/'))
			return end_in_item(reader, rule, path + element_length, text,
							   length, status);
	}
	field = find_field(answer_fields, ARRAY_LENGTH(answer_fields), path);
	return field == NULL ||
		set_field(field, &reader->answer, text, length, status);
}

/* Something below an error ended. */
static bool
end_in_error(SfdwAnswerReader *reader, const char *path, const char *text,
			 size_t length, SfdwStatus *status)
{
	const Field *field = find_field(error_fields, ARRAY_LENGTH(error_fields),
									path);

	return field == NULL ||
		set_field(field, &reader->answer, text, length, status);
}

/* Whether the path is in the tree of this root; *below is what follows it. */
static bool
is_below(const char *path, const char *root, const char **below)
{
	size_t		length = root == NULL ? 0 : strlen(root);

	if (root == NULL || strncmp(path, root, length) != 0 ||
		(path[length] != '\0' && path[length] != '/'))
		return false;
	*below = path[length] == '/' ? path + length + 1 : "";
	return true;
}

/* SfdwXmlHandler */
static bool
on_element(void *context, const char *path, const char *text, size_t length,
		   SfdwStatus *status)
{
	SfdwAnswerReader *reader = context;
	const char *below;
	bool		is_error;

	is_error = is_below(path, "Error", &below) ||
		is_below(path, "ErrorResponse", &below);
	if (!is_error && !is_below(path, roots[reader->kind], &below))
		return sfdw_fail(status, SFDW_MALFORMED, 0,
						 "the answer is another one than was asked for");
	reader->answer.is_error = is_error;
	if (*below == '\0')
		return true;
	return is_error ? end_in_error(reader, below, text, length, status) :
		end_in_answer(reader, below, text, length, status);
}

/* Open a reader. */
SfdwAnswerReader *
sfdw_answer_open(const SfdwMemory *memory, SfdwAnswerKind kind,
				 SfdwItemHandler handler, void *context)
{
	SfdwAnswerReader *reader = memory->resize(memory->context, NULL,
											  sizeof(SfdwAnswerReader));

	if (reader == NULL)
		return NULL;
	memset(reader, 0, sizeof(*reader));
	reader->memory = memory;
	reader->kind = kind;
	reader->handler = handler;
	reader->context = context;
	reader->xml = sfdw_xml_open(memory, on_element, reader);
	if (reader->xml == NULL)
	{
		sfdw_answer_free(reader);
		return NULL;
	}
	return reader;
}

/* Read a piece. */
bool
sfdw_answer_push(SfdwAnswerReader *reader, const char *data, size_t length,
				 SfdwStatus *status)
{
	return sfdw_xml_push(reader->xml, data, length, status);
}

/* What a whole answer of this kind must have said. */
static bool
check_answer(const SfdwAnswerReader *reader, SfdwStatus *status)
{
	const SfdwAnswer *answer = &reader->answer;

	if (answer->is_error)
		return answer->code[0] != '\0' ||
			sfdw_fail(status, SFDW_MALFORMED, 0, "the error has no code");
	if (answer->is_truncated && answer->next_key[0] == '\0')
		return sfdw_fail(status, SFDW_MALFORMED, 0,
						 "the listing is truncated and does not say where it goes on");
	if (reader->kind == SFDW_ANSWER_UPLOAD && answer->upload_id[0] == '\0')
		return sfdw_fail(status, SFDW_MALFORMED, 0, "the upload has no id");
	if ((reader->kind == SFDW_ANSWER_PART_COPY ||
		 reader->kind == SFDW_ANSWER_COMPLETION) && answer->etag[0] == '\0')
		return sfdw_fail(status, SFDW_MALFORMED, 0, "the ETag is missing");
	return true;
}

/* The answer ends here. */
const SfdwAnswer *
sfdw_answer_finish(SfdwAnswerReader *reader, SfdwStatus *status)
{
	if (!sfdw_xml_finish(reader->xml, status) || !check_answer(reader, status))
		return NULL;
	return &reader->answer;
}

/* Give everything back. */
void
sfdw_answer_free(SfdwAnswerReader *reader)
{
	if (reader == NULL)
		return;
	sfdw_xml_free(reader->xml);
	reader->memory->resize(reader->memory->context, reader, 0);
}

/* Append the key that a text stands for. */
bool
sfdw_answer_decode_key(const SfdwAnswer *answer, const char *text,
					   SfdwBuffer *out, SfdwStatus *status)
{
	size_t		start = out->length;
	size_t		length = strlen(text);

	if (answer->has_encoded_keys ?
		!sfdw_uri_decode(out, text, length, true, status) :
		!sfdw_buffer_append(out, text, length, status))
		return false;
	return sfdw_uri_check_key(out->data + start, out->length - start, status);
}
