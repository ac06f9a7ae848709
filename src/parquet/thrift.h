/*-------------------------------------------------------------------------
 * thrift.h
 *		Thrift's compact protocol, driven by tables
 *
 * Pure.  A table says which C member holds which Thrift field; the same table
 * writes a struct and reads it back, so the two cannot disagree.  The tables of
 * Parquet's structs are in footer.c.
 *
 * A reader believes nothing: depth, counts, sizes and the memory used are
 * limited, fields that the table lacks are skipped, a field given twice or of
 * another type, or a required one that is missing, is SFDW_MALFORMED.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_THRIFT_H
#define SFDW_THRIFT_H

#include "core/buffer.h"
#include "parquet/metadata.h"

/* Nesting of structs and lists; a Parquet footer has seven levels. */
#define SFDW_THRIFT_MAX_DEPTH 16

/*
 * Memory that one call of sfdw_thrift_read may ask for.  The smallest element
 * of a footer that passes the checks is about a tenth of the struct that holds
 * it, so this reads any footer of 64 MB that is not built to be large.
 */
#define SFDW_THRIFT_MAX_MEMORY ((size_t) 768 * 1024 * 1024)

typedef enum SfdwThriftKind
{
	SFDW_THRIFT_BOOL,			/* bool */
	SFDW_THRIFT_FLAG,			/* bool about an SfdwBytes: written only where
								 * the pointer at offset extra is not NULL */
	SFDW_THRIFT_I8,				/* int32_t */
	SFDW_THRIFT_I16,			/* int32_t */
	SFDW_THRIFT_I32,			/* int32_t */
	SFDW_THRIFT_I64,			/* int64_t */
	SFDW_THRIFT_BITS,			/* uint32_t, written as i32; extra is the
								 * offset of a bool that says it is there */
	SFDW_THRIFT_BINARY,			/* SfdwBytes */
	SFDW_THRIFT_STRUCT,			/* the struct that type describes, in place */
	SFDW_THRIFT_LIST,			/* pointer to elements that type describes, or
								 * to SfdwBytes; extra is the offset of the
								 * int that counts them */
	SFDW_THRIFT_ENUM_SET		/* uint32_t with a bit for each number,
								 * written as a list of i32 */
} SfdwThriftKind;

typedef struct SfdwThriftStruct SfdwThriftStruct;

typedef struct SfdwThriftField
{
	int			id;				/* 1 to 63 */
	SfdwThriftKind kind;
	bool		is_required;
	size_t		offset;			/* of the member */
	int64_t		absent;			/* integers: the value that means none */
	size_t		extra;
	const SfdwThriftStruct *type;
} SfdwThriftField;

struct SfdwThriftStruct
{
	const char *name;			/* for messages */
	size_t		size;			/* of the C struct */
	const SfdwThriftField *fields;	/* ordered by id */
	int			num_fields;

	/*
	 * Of a union: an int32_t or enum member that holds the id of the one
	 * field that is there, 0 for none.
	 */
	bool		is_union;
	size_t		tag;
};

/*
 * Append value to buffer.  An optional integer that equals its absent value, an
 * optional struct that turns out empty and an optional list without elements
 * are left out.
 */
extern bool sfdw_thrift_write(SfdwBuffer *buffer, const SfdwThriftStruct *type,
							  const void *value, SfdwStatus *status);

/*
 * Read value from the start of data, and set *consumed to the bytes it took.
 * Every member that the table names is set, absent ones to their absent value
 * or zero.  Text points into data; lists come from memory, which the caller
 * drops as a whole, after a failure too.
 */
extern bool sfdw_thrift_read(const SfdwMemory *memory, SfdwBytes data,
							 const SfdwThriftStruct *type, void *value,
							 size_t *consumed, SfdwStatus *status);

#endif							/* SFDW_THRIFT_H */
