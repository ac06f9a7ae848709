/*-------------------------------------------------------------------------
 * thrift_read.c
 *		Read structs in Thrift's compact protocol, as a table says
 *
 * Pure.  See thrift.h.  Every function returns false once the status holds a
 * failure.  Each element of a list takes at least one byte, so a count beyond
 * the bytes that are left is refused before anything is done with it, and all
 * loops are bounded by the input's length.
 *-------------------------------------------------------------------------
 */
#include "parquet/thrift.h"

#include <limits.h>
#include <string.h>

#include "parquet/thrift_wire.h"

/* Seven bits a byte: more bytes than this cannot be a 64-bit number. */
#define MAX_VARINT_BYTES 10

/* The first reservation for a list; most have a few elements. */
#define INITIAL_LIST_CAPACITY 4

typedef struct Reader
{
	const unsigned char *data;
	size_t		length;
	size_t		position;
	int			depth;
	const SfdwMemory *memory;
	size_t		memory_left;
	SfdwStatus *status;
} Reader;

static bool read_struct(Reader *reader, const SfdwThriftStruct *type,
						char *value);
static bool skip_value(Reader *reader, int wire);

/* Note that the input breaks the rules at the current byte. */
static bool
malformed(Reader *reader, const char *what)
{
	sfdw_fail(reader->status, SFDW_MALFORMED, reader->position, "%s", what);
	return false;
}

/* Take one byte. */
static bool
read_byte(Reader *reader, unsigned *byte)
{
	if (reader->position >= reader->length)
		return malformed(reader, "the structure ends early");
	*byte = reader->data[reader->position++];
	return true;
}

/* Take an unsigned number. */
static bool
read_varint(Reader *reader, uint64_t *number)
{
	unsigned	byte;
	int			i;

	*number = 0;
	for (i = 0; i < MAX_VARINT_BYTES; i++)
	{
		if (!read_byte(reader, &byte))
			return false;
		*number |= (uint64_t) (byte & 0x7f) << (7 * i);
		if (!(byte & 0x80))
			return true;
	}
	return malformed(reader, "a number has too many bytes");
}

/* Take a signed number between min and max. */
static bool
read_integer(Reader *reader, int64_t min, int64_t max, int64_t *number)
{
	uint64_t	zigzag;

	if (!read_varint(reader, &zigzag))
		return false;
	*number = (int64_t) (zigzag >> 1) ^ -(int64_t) (zigzag & 1);
	if (*number < min || *number > max)
		return malformed(reader, "a number is out of its type's range");
	return true;
}

/* Take bytes with their length in front. */
static bool
read_binary(Reader *reader, SfdwBytes *bytes)
{
	uint64_t	length;

	if (!read_varint(reader, &length))
		return false;
	if (length > reader->length - reader->position)
		return malformed(reader, "a string is longer than what is left");
	bytes->data = (const char *) reader->data + reader->position;
	bytes->length = (size_t) length;
	reader->position += (size_t) length;
	return true;
}

/* Take what precedes the elements of a list or set. */
static bool
read_list_header(Reader *reader, int *wire, int *count)
{
	unsigned	byte;
	uint64_t	number;

	if (!read_byte(reader, &byte))
		return false;
	*wire = byte & 0x0f;
	number = byte >> 4;
	if (number == 15 && !read_varint(reader, &number))
		return false;
	if (number > reader->length - reader->position || number > INT_MAX)
		return malformed(reader, "a list is longer than what is left");
	*count = (int) number;
	return true;
}

/* Take what precedes a field; *wire is SFDW_WIRE_STOP at the struct's end. */
static bool
read_field_header(Reader *reader, int *id, int *wire)
{
	unsigned	byte;
	int64_t		number;

	if (!read_byte(reader, &byte))
		return false;
	*wire = byte & 0x0f;
	if (*wire == SFDW_WIRE_STOP)
		return true;
	if (byte >> 4)
		number = *id + (int) (byte >> 4);
	else if (!read_integer(reader, INT16_MIN, INT16_MAX, &number))
		return false;
	if (number < 1 || number > INT16_MAX)
		return malformed(reader, "a field number is out of range");
	*id = (int) number;
	return true;
}

/* Go one level deeper, if that is still allowed. */
static bool
descend(Reader *reader)
{
	if (reader->depth >= SFDW_THRIFT_MAX_DEPTH)
		return malformed(reader, "the structure is nested too deeply");
	reader->depth++;
	return true;
}

/* Pass over the elements of a list, a set, or the pairs of a map. */
static bool
skip_elements(Reader *reader, int wire, int other_wire, int count)
{
	int			i;

	for (i = 0; i < count; i++)
	{
		if (!skip_value(reader, wire))
			return false;
		if (other_wire != SFDW_WIRE_STOP && !skip_value(reader, other_wire))
			return false;
	}
	return true;
}

/* Pass over a map. */
static bool
skip_map(Reader *reader)
{
	uint64_t	count;
	unsigned	types;

	if (!read_varint(reader, &count))
		return false;
	if (count == 0)
		return true;
	if (count > reader->length - reader->position || count > INT_MAX)
		return malformed(reader, "a map is longer than what is left");
	if (!read_byte(reader, &types))
		return false;
	if ((types & 0x0f) == SFDW_WIRE_STOP)
		return malformed(reader, "a map has no type of value");
	return skip_elements(reader, (int) (types >> 4), (int) (types & 0x0f),
						 (int) count);
}

/* Pass over the fields of a struct. */
static bool
skip_struct(Reader *reader)
{
	int			id = 0;
	int			wire;

	for (;;)
	{
		if (!read_field_header(reader, &id, &wire))
			return false;
		if (wire == SFDW_WIRE_STOP)
			return true;
		/* as a field, a bool has no byte of its own */
		if (wire != SFDW_WIRE_TRUE && wire != SFDW_WIRE_FALSE &&
			!skip_value(reader, wire))
			return false;
	}
}

/* Pass over bytes of a fixed number. */
static bool
skip_bytes(Reader *reader, size_t count)
{
	if (count > reader->length - reader->position)
		return malformed(reader, "the structure ends early");
	reader->position += count;
	return true;
}

/* Pass over a container: the only values that nest. */
static bool
skip_container(Reader *reader, int wire)
{
	int			element;
	int			count;
	bool		ok;

	if (!descend(reader))
		return false;
	if (wire == SFDW_WIRE_STRUCT)
		ok = skip_struct(reader);
	else if (wire == SFDW_WIRE_MAP)
		ok = skip_map(reader);
	else
		ok = read_list_header(reader, &element, &count) &&
			skip_elements(reader, element, SFDW_WIRE_STOP, count);
	reader->depth--;
	return ok;
}

/* Pass over a value of a field that the table lacks. */
static bool
skip_value(Reader *reader, int wire)
{
	uint64_t	number;
	SfdwBytes	bytes;

	switch (wire)
	{
		case SFDW_WIRE_TRUE:
		case SFDW_WIRE_FALSE:
		case SFDW_WIRE_I8:
			return skip_bytes(reader, 1);
		case SFDW_WIRE_DOUBLE:
			return skip_bytes(reader, 8);
		case SFDW_WIRE_I16:
		case SFDW_WIRE_I32:
		case SFDW_WIRE_I64:
			return read_varint(reader, &number);
		case SFDW_WIRE_BINARY:
			return read_binary(reader, &bytes);
		case SFDW_WIRE_LIST:
		case SFDW_WIRE_SET:
		case SFDW_WIRE_MAP:
		case SFDW_WIRE_STRUCT:
			return skip_container(reader, wire);
		default:
			return malformed(reader, "a value has a type that does not exist");
	}
}

/* Set every member that the table names to what stands for nothing. */
static void
clear_struct(const SfdwThriftStruct *type, char *value)
{
	int			i;

	for (i = 0; i < type->num_fields; i++)
	{
		const SfdwThriftField *field = &type->fields[i];
		char	   *member = value + field->offset;

		switch (field->kind)
		{
			case SFDW_THRIFT_I8:
			case SFDW_THRIFT_I16:
			case SFDW_THRIFT_I32:
				*(int32_t *) member = (int32_t) field->absent;
				break;
			case SFDW_THRIFT_I64:
				*(int64_t *) member = field->absent;
				break;
			case SFDW_THRIFT_STRUCT:
				clear_struct(field->type, member);
				break;
			default:
				break;			/* zero, from the caller */
		}
	}
}

/* Double the room for a list's elements, within the memory allowed. */
static bool
grow_list(Reader *reader, char **elements, int *capacity, size_t size)
{
	int			wanted = *capacity ? *capacity * 2 : INITIAL_LIST_CAPACITY;
	size_t		bytes = (size_t) wanted * size;
	char	   *grown;

	if (bytes > reader->memory_left)
		return sfdw_fail(reader->status, SFDW_TOO_LARGE, reader->position,
						 "the structure needs more than %zu bytes of memory",
						 SFDW_THRIFT_MAX_MEMORY);
	grown = reader->memory->resize(reader->memory->context, *elements, bytes);
	if (grown == NULL)
		return sfdw_fail(reader->status, SFDW_OUT_OF_MEMORY, reader->position,
						 "no memory for %zu bytes", bytes);
	reader->memory_left -= bytes;
	*elements = grown;
	*capacity = wanted;
	return true;
}

/* Read one element of a list. */
static bool
read_element(Reader *reader, const SfdwThriftStruct *type, char *element)
{
	if (type == NULL)
		return read_binary(reader, (SfdwBytes *) element);
	memset(element, 0, type->size);
	clear_struct(type, element);
	return read_struct(reader, type, element);
}

/*
 * Read a list.  Room is made as elements turn out to be well formed, so that a
 * count alone never costs memory.
 */
static bool
read_list(Reader *reader, const SfdwThriftField *field, char *value)
{
	size_t		size = field->type ? field->type->size : sizeof(SfdwBytes);
	char	   *elements = NULL;
	int			capacity = 0;
	int			wire;
	int			count;
	int			i;

	if (!read_list_header(reader, &wire, &count))
		return false;
	if (count > 0 &&
		wire != (field->type ? SFDW_WIRE_STRUCT : SFDW_WIRE_BINARY))
		return malformed(reader, "a list has elements of another type");
	for (i = 0; i < count; i++)
	{
		if (i == capacity && !grow_list(reader, &elements, &capacity, size))
			return false;
		if (!read_element(reader, field->type, elements + i * size))
			return false;
	}
	memcpy(value + field->offset, &elements, sizeof(elements));
	memcpy(value + field->extra, &count, sizeof(count));
	return true;
}

/* Read a list of small numbers into a set. */
static bool
read_enum_set(Reader *reader, uint32_t *set)
{
	int			wire;
	int			count;
	int64_t		number;

	if (!read_list_header(reader, &wire, &count))
		return false;
	if (count > 0 && wire != SFDW_WIRE_I32)
		return malformed(reader, "a list has elements of another type");
	while (count-- > 0)
	{
		if (!read_integer(reader, 0, SFDW_PARQUET_MAX_ENCODING, &number))
			return false;
		*set |= UINT32_C(1) << number;
	}
	return true;
}

/* Read an integer of some width. */
static bool
read_number(Reader *reader, const SfdwThriftField *field, char *value)
{
	char	   *member = value + field->offset;
	int64_t		number;
	unsigned	byte;

	if (field->kind == SFDW_THRIFT_I8)
	{
		if (!read_byte(reader, &byte))
			return false;
		*(int32_t *) member = (int8_t) byte;
		return true;
	}
	if (field->kind == SFDW_THRIFT_I64)
		return read_integer(reader, INT64_MIN, INT64_MAX, (int64_t *) member);
	if (field->kind == SFDW_THRIFT_I16)
	{
		if (!read_integer(reader, INT16_MIN, INT16_MAX, &number))
			return false;
	}
	else if (!read_integer(reader, INT32_MIN, INT32_MAX, &number))
		return false;
	if (field->kind == SFDW_THRIFT_BITS)
	{
		*(bool *) (value + field->extra) = true;
		*(uint32_t *) member = (uint32_t) (int32_t) number;
	}
	else
		*(int32_t *) member = (int32_t) number;
	return true;
}

/* Read the value of a field that the table has. */
static bool
read_value(Reader *reader, const SfdwThriftField *field, char *value, int wire)
{
	char	   *member = value + field->offset;

	switch (field->kind)
	{
		case SFDW_THRIFT_BOOL:
		case SFDW_THRIFT_FLAG:
			*(bool *) member = wire == SFDW_WIRE_TRUE;
			return true;
		case SFDW_THRIFT_BINARY:
			return read_binary(reader, (SfdwBytes *) member);
		case SFDW_THRIFT_STRUCT:
			return read_struct(reader, field->type, member);
		case SFDW_THRIFT_LIST:
			return read_list(reader, field, value);
		case SFDW_THRIFT_ENUM_SET:
			return read_enum_set(reader, (uint32_t *) member);
		default:
			return read_number(reader, field, value);
	}
}

/* The table's row for a field, or NULL. */
static const SfdwThriftField *
find_field(const SfdwThriftStruct *type, int id)
{
	int			i;

	for (i = 0; i < type->num_fields; i++)
		if (type->fields[i].id == id)
			return &type->fields[i];
	return NULL;
}

/* Whether a value of this wire type can be read into the field. */
static bool
wire_fits(const SfdwThriftField *field, int wire)
{
	if (sfdw_thrift_wire_of[field->kind] == SFDW_WIRE_TRUE)
		return wire == SFDW_WIRE_TRUE || wire == SFDW_WIRE_FALSE;
	return wire == sfdw_thrift_wire_of[field->kind];
}

/* Read or skip one field; seen has a bit for each id that was read. */
static bool
read_field(Reader *reader, const SfdwThriftStruct *type, char *value, int id,
		   int wire, uint64_t *seen)
{
	const SfdwThriftField *field = find_field(type, id);

	if (type->is_union)
	{
		if (*seen != 0)
			return malformed(reader, "a union has more than one field");
		*seen = 1;
		*(int32_t *) (value + type->tag) = id;
	}
	if (field == NULL)
		return wire == SFDW_WIRE_TRUE || wire == SFDW_WIRE_FALSE ||
			skip_value(reader, wire);
	if (!wire_fits(field, wire))
		return sfdw_fail(reader->status, SFDW_MALFORMED, reader->position,
						 "field %d of %s has another type", id, type->name);
	if (!type->is_union && (*seen & (UINT64_C(1) << id)))
		return sfdw_fail(reader->status, SFDW_MALFORMED, reader->position,
						 "field %d of %s is given twice", id, type->name);
	*seen |= UINT64_C(1) << id;
	return read_value(reader, field, value, wire);
}

/* Whether all required fields were there. */
static bool
check_required(Reader *reader, const SfdwThriftStruct *type, uint64_t seen)
{
	int			i;

	for (i = 0; i < type->num_fields; i++)
		if (type->fields[i].is_required &&
			!(seen & (UINT64_C(1) << type->fields[i].id)))
			return sfdw_fail(reader->status, SFDW_MALFORMED, reader->position,
							 "%s lacks its field %d", type->name,
							 type->fields[i].id);
	return true;
}

/* Read the fields of a struct up to its stop byte. */
static bool
read_struct(Reader *reader, const SfdwThriftStruct *type, char *value)
{
	uint64_t	seen = 0;
	int			id = 0;
	int			wire;

	if (!descend(reader))
		return false;
	for (;;)
	{
		if (!read_field_header(reader, &id, &wire))
			return false;
		if (wire == SFDW_WIRE_STOP)
			break;
		if (!read_field(reader, type, value, id, wire, &seen))
			return false;
	}
	reader->depth--;
	return type->is_union || check_required(reader, type, seen);
}

/* Read value from the start of data. */
bool
sfdw_thrift_read(const SfdwMemory *memory, SfdwBytes data,
				 const SfdwThriftStruct *type, void *value, size_t *consumed,
				 SfdwStatus *status)
{
	Reader		reader = {0};

	reader.data = (const unsigned char *) data.data;
	reader.length = data.length;
	reader.memory = memory;
	reader.memory_left = SFDW_THRIFT_MAX_MEMORY;
	reader.status = status;
	memset(value, 0, type->size);
	clear_struct(type, value);
	if (!read_struct(&reader, type, value))
		return false;
	*consumed = reader.position;
	return true;
}
