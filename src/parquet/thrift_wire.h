/*-------------------------------------------------------------------------
 * thrift_wire.h
 *		The type numbers of Thrift's compact protocol
 *
 * Pure.  For thrift_write.c and thrift_read.c alone.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_THRIFT_WIRE_H
#define SFDW_THRIFT_WIRE_H

#include "parquet/thrift.h"

enum
{
	SFDW_WIRE_STOP = 0,
	SFDW_WIRE_TRUE = 1,
	SFDW_WIRE_FALSE = 2,
	SFDW_WIRE_I8 = 3,
	SFDW_WIRE_I16 = 4,
	SFDW_WIRE_I32 = 5,
	SFDW_WIRE_I64 = 6,
	SFDW_WIRE_DOUBLE = 7,
	SFDW_WIRE_BINARY = 8,
	SFDW_WIRE_LIST = 9,
	SFDW_WIRE_SET = 10,
	SFDW_WIRE_MAP = 11,
	SFDW_WIRE_STRUCT = 12
};

/* The wire type of each SfdwThriftKind; that of BOOL and FLAG may be FALSE too. */
static const int sfdw_thrift_wire_of[] = {
	[SFDW_THRIFT_BOOL] = SFDW_WIRE_TRUE,
	[SFDW_THRIFT_FLAG] = SFDW_WIRE_TRUE,
	[SFDW_THRIFT_I8] = SFDW_WIRE_I8,
	[SFDW_THRIFT_I16] = SFDW_WIRE_I16,
	[SFDW_THRIFT_I32] = SFDW_WIRE_I32,
	[SFDW_THRIFT_I64] = SFDW_WIRE_I64,
	[SFDW_THRIFT_BITS] = SFDW_WIRE_I32,
	[SFDW_THRIFT_BINARY] = SFDW_WIRE_BINARY,
	[SFDW_THRIFT_STRUCT] = SFDW_WIRE_STRUCT,
	[SFDW_THRIFT_LIST] = SFDW_WIRE_LIST,
	[SFDW_THRIFT_ENUM_SET] = SFDW_WIRE_LIST,
};

#endif							/* SFDW_THRIFT_WIRE_H */
