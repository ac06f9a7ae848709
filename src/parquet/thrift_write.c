/*-------------------------------------------------------------------------
 * thrift_write.c
 *		Write structs in Thrift's compact protocol, as a table says
 *
 * Pure.  See thrift.h.  The first failure is kept in the status, and what
 * follows it does nothing: only the outermost function looks.
 *-------------------------------------------------------------------------
 */
#include "parquet/thrift.h"

#include <string.h>

#include "parquet/thrift_wire.h"

typedef struct Writer
{
	SfdwBuffer *buffer;
	SfdwStatus *status;
} Writer;

static void write_struct(Writer *writer, const SfdwThriftStruct *type,
						 const char *value);

/* Append one byte. */
static void
write_byte(Writer *writer, unsigned byte)
{
	char		c = (char) byte;

	sfdw_buffer_append(writer->buffer, &c, 1, writer->status);
}

/* Append an unsigned number, seven bits a byte, the lowest first. */
static void
write_varint(Writer *writer, uint64_t number)
{
	while (number >= 0x80)
	{
		write_byte(writer, (unsigned) (number & 0x7f) | 0x80);
		number >>= 7;
	}
	write_byte(writer, (unsigned) number);
}

/* Append a signed number: the sign goes into the lowest bit. */
static void
write_zigzag(Writer *writer, int64_t number)
{
	write_varint(writer, ((uint64_t) number << 1) ^ (uint64_t) (number >> 63));
}

/* Append bytes with their length in front. */
static void
write_binary(Writer *writer, SfdwBytes bytes)
{
	write_varint(writer, bytes.length);
	sfdw_buffer_append(writer->buffer, bytes.data, bytes.length,
					   writer->status);
}

/* Append what precedes a field: its type and the step from the last id. */
static void
write_field_header(Writer *writer, int *last, int id, int wire)
{
	int			step = id - *last;

	if (step > 0 && step <= 15)
		write_byte(writer, (unsigned) (step << 4 | wire));
	else
	{
		write_byte(writer, (unsigned) wire);
		write_zigzag(writer, id);
	}
	*last = id;
}

/* Append what precedes the elements of a list. */
static void
write_list_header(Writer *writer, int wire, int count)
{
	if (count < 15)
		write_byte(writer, (unsigned) (count << 4 | wire));
	else
	{
		write_byte(writer, (unsigned) (0xf0 | wire));
		write_varint(writer, (uint64_t) count);
	}
}

/* Append the elements of a list. */
static void
write_list(Writer *writer, const SfdwThriftField *field, const char *value)
{
	const char *element;
	int			count;
	int			i;

	memcpy(&element, value + field->offset, sizeof(element));
	memcpy(&count, value + field->extra, sizeof(count));
	write_list_header(writer,
					  field->type ? SFDW_WIRE_STRUCT : SFDW_WIRE_BINARY, count);
	for (i = 0; i < count && writer->status->code == SFDW_OK; i++)
	{
		if (field->type)
			write_struct(writer, field->type, element + i * field->type->size);
		else
			write_binary(writer, ((const SfdwBytes *) element)[i]);
	}
}

/* Append a set of small numbers as a list. */
static void
write_enum_set(Writer *writer, uint32_t set)
{
	int			number;

	write_list_header(writer, SFDW_WIRE_I32, __builtin_popcount(set));
	for (number = 0; number <= SFDW_PARQUET_MAX_ENCODING; number++)
		if (set & (UINT32_C(1) << number))
			write_zigzag(writer, number);
}

/* Whether the member holds anything that is to be written. */
static bool
is_present(const SfdwThriftField *field, const char *value)
{
	const char *member = value + field->offset;
	int			count;

	switch (field->kind)
	{
		case SFDW_THRIFT_I8:
		case SFDW_THRIFT_I16:
		case SFDW_THRIFT_I32:
			return field->is_required ||
				*(const int32_t *) member != field->absent;
		case SFDW_THRIFT_I64:
			return field->is_required ||
				*(const int64_t *) member != field->absent;
		case SFDW_THRIFT_BITS:
			return *(const bool *) (value + field->extra);
		case SFDW_THRIFT_FLAG:
			return *(const char *const *) (value + field->extra) != NULL;
		case SFDW_THRIFT_BINARY:
			return field->is_required ||
				((const SfdwBytes *) member)->data != NULL;
		case SFDW_THRIFT_LIST:
			memcpy(&count, value + field->extra, sizeof(count));
			return field->is_required || count > 0;
		default:
			return true;
	}
}

/* Append a field's value, without its header. */
static void
write_value(Writer *writer, const SfdwThriftField *field, const char *value)
{
	const char *member = value + field->offset;

	switch (field->kind)
	{
		case SFDW_THRIFT_BOOL:
		case SFDW_THRIFT_FLAG:
			break;				/* stands in the header */
		case SFDW_THRIFT_I8:
			write_byte(writer, (unsigned) *(const int32_t *) member & 0xff);
			break;
		case SFDW_THRIFT_I16:
		case SFDW_THRIFT_I32:
			write_zigzag(writer, *(const int32_t *) member);
			break;
		case SFDW_THRIFT_I64:
			write_zigzag(writer, *(const int64_t *) member);
			break;
		case SFDW_THRIFT_BITS:
			write_zigzag(writer, (int32_t) *(const uint32_t *) member);
			break;
		case SFDW_THRIFT_BINARY:
			write_binary(writer, *(const SfdwBytes *) member);
			break;
		case SFDW_THRIFT_STRUCT:
			write_struct(writer, field->type, member);
			break;
		case SFDW_THRIFT_LIST:
			write_list(writer, field, value);
			break;
		case SFDW_THRIFT_ENUM_SET:
			write_enum_set(writer, *(const uint32_t *) member);
			break;
	}
}

/*
 * Append a field with its header.  An optional struct that has nothing but its
 * stop byte is taken back, except in a union, where its presence is the value.
 */
static void
write_field(Writer *writer, int *last, const SfdwThriftField *field,
			const char *value, bool in_union)
{
	size_t		start = writer->buffer->length;
	int			last_before = *last;
	size_t		body;
	int			wire = sfdw_thrift_wire_of[field->kind];

	if (wire == SFDW_WIRE_TRUE)
		wire = *(const bool *) (value + field->offset) ?
			SFDW_WIRE_TRUE : SFDW_WIRE_FALSE;
	write_field_header(writer, last, field->id, wire);
	body = writer->buffer->length;
	write_value(writer, field, value);
	if (field->kind == SFDW_THRIFT_STRUCT && !in_union &&
		!field->is_required && writer->buffer->length == body + 1)
	{
		writer->buffer->length = start;
		*last = last_before;
	}
}

/* Append the fields of a struct and the stop byte. */
static void
write_struct(Writer *writer, const SfdwThriftStruct *type, const char *value)
{
	int			last = 0;
	int			i;

	for (i = 0; i < type->num_fields; i++)
	{
		const SfdwThriftField *field = &type->fields[i];

		if (type->is_union)
		{
			if (field->id == *(const int32_t *) (value + type->tag))
				write_field(writer, &last, field, value, true);
		}
		else if (is_present(field, value))
			write_field(writer, &last, field, value, false);
	}
	write_byte(writer, 0);
}

/* Append value to buffer. */
bool
sfdw_thrift_write(SfdwBuffer *buffer, const SfdwThriftStruct *type,
				  const void *value, SfdwStatus *status)
{
	Writer		writer = {buffer, status};

	write_struct(&writer, type, value);
	return status->code == SFDW_OK;
}
