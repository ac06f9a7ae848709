/*-------------------------------------------------------------------------
 * json_object.h
 *		Look at the members of a jsonb object
 *
 * The parts of a definition that are jsonb (accept, detectors, gates) are flat
 * objects, or objects of objects: a list of pairs is all that anybody needs.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_JSON_OBJECT_H
#define SFDW_JSON_OBJECT_H

#include "core/compat.h"
#include "nodes/pg_list.h"
#include "utils/jsonb.h"

typedef struct SfdwJsonPair
{
	char	   *key;
	JsonbValue	value;			/* containers are jbvBinary */
} SfdwJsonPair;

/*
 * The members of an object, in jsonb's order: a list of SfdwJsonPair.  An error
 * (ERRCODE_INVALID_PARAMETER_VALUE) when it is no object; name is what to call
 * it.
 */
extern List *sfdw_json_pairs(JsonbContainer *container, const char *name);

/* The text of a string value, or NULL when it is no string. */
extern char *sfdw_json_string(const JsonbValue *value);

#endif							/* SFDW_JSON_OBJECT_H */
