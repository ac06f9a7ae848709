/*-------------------------------------------------------------------------
 * json_owner.h
 *		JSON values of the jansson library that a memory context owns
 *
 * jansson counts references and takes its memory from malloc, so an error
 * would leak what it made: here a value is given back when the context that
 * was current is reset.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_JSON_OWNER_H
#define SFDW_JSON_OWNER_H

#include "core/compat.h"
#include "utils/builtins.h"

/*
 * PostgreSQL has functions of two of jansson's names: it is included first,
 * because json_typeof is a macro of jansson's; and json_object must never be
 * called, because the loader would find PostgreSQL's (sfdw_json_object does).
 */
#define json_object sfdw_json_object_of_jansson
#include <jansson.h>
#undef json_object

/*
 * Make the current memory context own value (one reference of it) and return
 * it; an error (out of memory) when it is NULL.
 */
extern json_t *sfdw_json_own(json_t *value);

/* An empty object, owned by the current memory context. */
extern json_t *sfdw_json_object(void);

/*
 * Parse an object; NULL for NULL.  name is what a message calls the text,
 * which itself never stands in one.
 */
extern json_t *sfdw_json_parse(const char *text, const char *name);

/*
 * The same of a text from outside: NULL when it is not a JSON object, or has a
 * key twice.
 */
extern json_t *sfdw_json_parse_quietly(const char *text);

/* A string in the database's encoding, palloc'd; otherwise when it is none. */
extern char *sfdw_json_server_text(const json_t *value, const char *otherwise);

/* The value as text with these flags of jansson's, palloc'd. */
extern char *sfdw_json_text(const json_t *value, size_t flags);

/* Raise out of memory unless a call of jansson's returned 0. */
extern void sfdw_json_require(int result);

#endif							/* SFDW_JSON_OWNER_H */
