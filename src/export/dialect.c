/*-------------------------------------------------------------------------
 * dialect.c
 *		How the exporters of Salesforce data write their files
 *
 * Pure.  See dialect.h.
 *-------------------------------------------------------------------------
 */
#include "export/dialect.h"

#include "export/unescape.h"
#include "export/utf8.h"

#include <string.h>

#define LENGTH_OF(array) (sizeof(array) / sizeof((array)[0]))

/* What the cds exporter's compound values start with. */
#define COMPOUND_START "OrderedDict("

/*
 * Dialects that are not supported yet are listed so that their names are
 * refused as such, not as misspelt.
 */
static const SfdwDialect dialects[] = {
	{
		.name = "cds",
		.description = "salesforce-backup of the Canadian Digital Service",
		.is_supported = true,
		.delimiter = ',',
		.quote = '"',
		.escape = SFDW_ESCAPE_UNICODE,
		.quoted_empty_is_null = true,
		.suffix = ".csv",
	},
	{
		.name = "csv",
		.description = "plain CSV with a header of field names",
		.is_supported = true,
		.delimiter = ',',
		.quote = '"',
		.escape = SFDW_ESCAPE_NONE,
		.quoted_empty_is_null = false,
		.suffix = ".csv",
	},
	{.name = "data_export",.description = "Data Export Service"},
	{.name = "bulk",.description = "Bulk API 2.0 query results"},
	{.name = "data_loader",.description = "Data Loader"},
	{.name = "sf",.description = "sf data query and sf data export"},
	{.name = "appflow",.description = "Amazon AppFlow"},
	{.name = "parquet",.description = "Parquet files"},
};

/* Columns that only an export of compound fields has. */
static const char *const compound_columns[] = {
	"BillingAddress", "ShippingAddress", "MailingAddress", "OtherAddress",
	"Address",
};

/* The dialect of that name. */
const SfdwDialect *
sfdw_dialect_find(const char *name)
{
	size_t		i;

	for (i = 0; i < LENGTH_OF(dialects); i++)
		if (strcmp(dialects[i].name, name) == 0)
			return &dialects[i];
	return NULL;
}

/* The dialects by number. */
const SfdwDialect *
sfdw_dialect_at(int number)
{
	if (number < 0 || number >= (int) LENGTH_OF(dialects))
		return NULL;
	return &dialects[number];
}

/* The escape of that name. */
bool
sfdw_dialect_parse_escape(const char *name, SfdwEscape *escape)
{
	bool		is_unicode = strcmp(name, "unicode_escape") == 0;

	if (!is_unicode && strcmp(name, "none") != 0)
		return false;
	*escape = is_unicode ? SFDW_ESCAPE_UNICODE : SFDW_ESCAPE_NONE;
	return true;
}

/* Whether text of a field is to be unescaped. */
bool
sfdw_dialect_unescapes(const SfdwDialect *dialect, SfdwFieldType type)
{
	return dialect->escape == SFDW_ESCAPE_UNICODE &&
		!sfdw_field_type_is_compound(type);
}

/* An ASCII letter in lower case; every other byte as it is. */
static char
lower(char c)
{
	return (char) (c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

/* Whether so many bytes are equal, the case of ASCII letters ignored. */
static bool
equal_folded(const char *a, const char *b, size_t length)
{
	size_t		i;

	for (i = 0; i < length; i++)
		if (lower(a[i]) != lower(b[i]))
			return false;
	return true;
}

/* Whether key is the file of an object. */
bool
sfdw_dialect_object_of(const SfdwDialect *dialect, const char *key,
					   size_t *object_length, SfdwCompression *compression)
{
	size_t		length = strlen(key);
	size_t		suffix = dialect->suffix ? strlen(dialect->suffix) : 0;

	*compression = sfdw_compression_of_name(key, length);
	length -= strlen(sfdw_compression_suffix(*compression));
	if (suffix == 0 || length <= suffix || strchr(key, '/') != NULL ||
		key[0] == '_' || key[0] == '.')
		return false;
	if (!equal_folded(key + length - suffix, dialect->suffix, suffix))
		return false;
	*object_length = length - suffix;
	return true;
}

/* Start without a sign. */
void
sfdw_dialect_sniff_init(SfdwDialectSniffer *sniffer)
{
	memset(sniffer, 0, sizeof(*sniffer));
}

/* Whether a field is that text. */
static bool
is_text(const SfdwCsvField *field, const char *text)
{
	return field->length == strlen(text) &&
		memcmp(field->data, text, field->length) == 0;
}

/* Look for compound columns in the header. */
static void
sniff_header(SfdwDialectSniffer *sniffer, const SfdwCsvRecord *record)
{
	int			i;
	size_t		k;

	for (i = 0; i < record->field_count; i++)
		for (k = 0; k < LENGTH_OF(compound_columns); k++)
			if (is_text(&record->fields[i], compound_columns[k]))
				sniffer->has_compound = true;
}

/* Note a sign that only the cds exporter leaves. */
static void
note_for(SfdwDialectSniffer *sniffer, const char *reason)
{
	if (sniffer->for_cds++ == 0)
		sniffer->for_reason = reason;
}

/* Note a sign that it never leaves. */
static void
note_against(SfdwDialectSniffer *sniffer, const char *reason)
{
	if (sniffer->against_cds++ == 0)
		sniffer->against_reason = reason;
}

/* Judge the backslashes of a value: all of Python's, or not. */
static void
sniff_escapes(SfdwDialectSniffer *sniffer, const SfdwCsvField *field)
{
	const char *end = field->data + field->length;
	const char *at = field->data;
	bool		has_coded = false;

	while ((at = memchr(at, '\\', end - at)) != NULL)
	{
		if (end - at < 2 || strchr("\\tnrxuU", at[1]) == NULL || at[1] == '\0')
		{
			note_against(sniffer, "a backslash that is no unicode_escape");
			return;
		}
		has_coded |= at[1] == 'x' || at[1] == 'u' || at[1] == 'U';
		at += 2;
	}
	if (has_coded)
		note_for(sniffer, "text is written with unicode_escape");
}

/* Judge one value. */
static void
sniff_field(SfdwDialectSniffer *sniffer, const SfdwCsvField *field)
{
	SfdwStatus	status = {0};
	size_t		start = strlen(COMPOUND_START);
	size_t		i;

	if (field->length >= start &&
		memcmp(field->data, COMPOUND_START, start) == 0)
	{
		note_for(sniffer, "compound fields are written as Python's OrderedDict");
		return;
	}
	if (is_text(field, "True") || is_text(field, "False"))
		sniffer->python_booleans++;
	if (is_text(field, "true") || is_text(field, "false") ||
		is_text(field, "TRUE") || is_text(field, "FALSE"))
		sniffer->other_booleans++;
	for (i = 0; i < field->length; i++)
		if ((unsigned char) field->data[i] >= 0x80)
		{
			note_against(sniffer, sfdw_utf8_check(field->data, field->length,
												  &status)
						 ? "text holds characters that are not escaped"
						 : "text is not in UTF-8");
			break;
		}
	sniff_escapes(sniffer, field);
}

/* Take a record into account. */
void
sfdw_dialect_sniff_add(SfdwDialectSniffer *sniffer,
					   const SfdwCsvRecord *record)
{
	int			i;

	if (record->number == 0)
	{
		sniff_header(sniffer, record);
		return;
	}
	for (i = 0; i < record->field_count; i++)
		sniff_field(sniffer, &record->fields[i]);
}

/*
 * The dialect.  One sign against decides: text that is unescaped wrongly is
 * lost, text that is not unescaped is still there to be seen.  Of booleans the
 * majority counts, because any text may happen to be "true".
 */
const SfdwDialect *
sfdw_dialect_sniff_verdict(const SfdwDialectSniffer *sniffer,
						   const char **reason)
{
	bool		is_cds = false;

	if (sniffer->against_cds > 0)
		*reason = sniffer->against_reason;
	else if (sniffer->other_booleans > sniffer->python_booleans)
		*reason = "booleans are not written as True and False";
	else
	{
		is_cds = true;
		if (sniffer->for_cds > 0)
			*reason = sniffer->for_reason;
		else if (sniffer->python_booleans > 0)
			*reason = "booleans are written as True and False";
		else if (sniffer->has_compound)
			*reason = "the header has compound fields";
		else
		{
			is_cds = false;
			*reason = "nothing in the sample is peculiar to another dialect";
		}
	}
	return sfdw_dialect_find(is_cds ? "cds" : "csv");
}
