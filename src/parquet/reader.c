/*-------------------------------------------------------------------------
 * reader.c
 *		Read the footer of a Parquet file
 *
 * See reader.h.
 *-------------------------------------------------------------------------
 */
#include "parquet/reader.h"

#include "core/errors.h"
#include "core/memory_pg.h"
#include "lib/stringinfo.h"
#include "parquet/footer.h"

/* What a file ends with whose footer is encrypted. */
#define ENCRYPTED_MAGIC "PARE"

/* Raise the error for a file that breaks the format's rules. */
static void
reject(const SfdwSource *source, const char *why)
{
	ereport(ERROR,
			errcode(ERRCODE_BAD_COPY_FILE_FORMAT),
			errmsg("could not read Parquet file \"%s\": %s", source->name, why));
}

/* Read the end of the file: the footer's length and the magic. */
static uint32
read_tail(SfdwSource *source)
{
	unsigned char tail[SFDW_PARQUET_TAIL_SIZE];
	char		head[SFDW_PARQUET_MAGIC_SIZE];
	const unsigned char *magic = tail + SFDW_PARQUET_TAIL_SIZE -
	SFDW_PARQUET_MAGIC_SIZE;

	if (source->size < SFDW_PARQUET_MAGIC_SIZE + SFDW_PARQUET_TAIL_SIZE)
		reject(source, "it is too short");
	sfdw_source_read_at(source, 0, head, sizeof(head));
	sfdw_source_read_at(source, source->size - sizeof(tail), (char *) tail,
						sizeof(tail));
	if (memcmp(magic, ENCRYPTED_MAGIC, SFDW_PARQUET_MAGIC_SIZE) == 0)
		ereport(ERROR,
				errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				errmsg("could not read Parquet file \"%s\": its footer is encrypted",
					   source->name));
	if (memcmp(head, SFDW_PARQUET_MAGIC, SFDW_PARQUET_MAGIC_SIZE) != 0)
		reject(source, "it does not start with the format's magic bytes");
	if (memcmp(magic, SFDW_PARQUET_MAGIC, SFDW_PARQUET_MAGIC_SIZE) != 0)
		reject(source, "it does not end with the format's magic bytes");
	return (uint32) tail[0] | (uint32) tail[1] << 8 | (uint32) tail[2] << 16 |
		(uint32) tail[3] << 24;
}

/* Read and check the footer. */
SfdwParquetFile *
sfdw_parquet_read_footer(SfdwSource *source)
{
	SfdwParquetFile *file = palloc0(sizeof(SfdwParquetFile));
	SfdwMemory	memory = sfdw_memory_pg(CurrentMemoryContext);
	SfdwStatus	status = {0};
	uint32		length = read_tail(source);
	SfdwBytes	bytes;

	if (length > source->size - SFDW_PARQUET_MAGIC_SIZE -
		SFDW_PARQUET_TAIL_SIZE)
		reject(source, "its footer is longer than the file");
	if (length > SFDW_PARQUET_MAX_FOOTER_SIZE)
		ereport(ERROR,
				errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				errmsg("could not read Parquet file \"%s\": its footer has more than %zu bytes",
					   source->name, SFDW_PARQUET_MAX_FOOTER_SIZE));
	file->source = source;
	file->footer_size = length;
	file->footer_offset = source->size - SFDW_PARQUET_TAIL_SIZE - length;
	file->footer = palloc(length + 1);
	sfdw_source_read_at(source, file->footer_offset, file->footer, length);
	bytes.data = file->footer;
	bytes.length = length;
	if (!sfdw_footer_read(&memory, bytes, &file->metadata, &status))
		ereport(ERROR,
				errcode(sfdw_errcode_of(status.code)),
				errmsg("could not read the footer of Parquet file \"%s\": %s",
					   source->name, status.message),
				errdetail("The footer starts at byte " UINT64_FORMAT ", and this is byte " UINT64_FORMAT " of it.",
						  file->footer_offset, status.offset));
	return file;
}

/* What Glue calls a leaf that only its physical type describes. */
static const char *
plain_type(const SfdwSchemaElement *element)
{
	switch (element->type)
	{
		case SFDW_PARQUET_BOOLEAN:
			return "boolean";
		case SFDW_PARQUET_INT32:
			return "int";
		case SFDW_PARQUET_INT64:
			return "bigint";
		case SFDW_PARQUET_INT96:
			return "timestamp";
		case SFDW_PARQUET_FLOAT:
			return "float";
		case SFDW_PARQUET_DOUBLE:
			return "double";
		default:
			return "binary";
	}
}

/* What a leaf holds, also where the file has the older annotation alone. */
static SfdwLogicalKind
logical_kind(const SfdwSchemaElement *element)
{
	if (element->logical.kind != SFDW_LOGICAL_NONE)
		return element->logical.kind;
	switch (element->converted)
	{
		case SFDW_CONVERTED_UTF8:
		case SFDW_CONVERTED_JSON:
			return SFDW_LOGICAL_STRING;
		case SFDW_CONVERTED_DECIMAL:
			return SFDW_LOGICAL_DECIMAL;
		case SFDW_CONVERTED_DATE:
			return SFDW_LOGICAL_DATE;
		case SFDW_CONVERTED_TIMESTAMP_MILLIS:
		case SFDW_CONVERTED_TIMESTAMP_MICROS:
			return SFDW_LOGICAL_TIMESTAMP;
		default:
			return SFDW_LOGICAL_NONE;
	}
}

/* What Glue calls a leaf. */
static const char *
glue_type(const SfdwSchemaElement *element)
{
	bool		is_annotated = element->logical.kind == SFDW_LOGICAL_DECIMAL;

	switch (logical_kind(element))
	{
		case SFDW_LOGICAL_STRING:
		case SFDW_LOGICAL_ENUM:
		case SFDW_LOGICAL_JSON:
			return "string";
		case SFDW_LOGICAL_DATE:
			return "date";
		case SFDW_LOGICAL_TIMESTAMP:
			return "timestamp";
		case SFDW_LOGICAL_DECIMAL:
			return psprintf("decimal(%d,%d)", is_annotated ?
							element->logical.precision : element->precision,
							is_annotated ? element->logical.scale :
							Max(element->scale, 0));
		case SFDW_LOGICAL_INTEGER:
			return element->logical.bit_width == 8 ? "tinyint" :
				element->logical.bit_width == 16 ? "smallint" :
				plain_type(element);
		default:
			return plain_type(element);
	}
}

/* The columns as text. */
char *
sfdw_parquet_describe(const SfdwParquetMetadata *metadata)
{
	StringInfoData text;
	int			i;

	initStringInfo(&text);
	for (i = 1; i < metadata->num_schema; i++)
	{
		const SfdwSchemaElement *element = &metadata->schema[i];

		if (!sfdw_schema_is_leaf(element))
			continue;
		appendStringInfo(&text, "%s%.*s %s", text.len > 0 ? ", " : "",
						 (int) element->name.length, element->name.data,
						 glue_type(element));
	}
	return text.data;
}
