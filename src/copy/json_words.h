/*-------------------------------------------------------------------------
 * json_words.h
 *		The options of copy_to(): a JSON object in the form of COPY's words
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_COPY_JSON_WORDS_H
#define SFDW_COPY_JSON_WORDS_H

#include "core/compat.h"
#include "nodes/pg_list.h"
#include "utils/jsonb.h"

/*
 * A list of DefElem, one for each key of the object: a string, a number or a
 * Boolean gives a text, an array of strings a list of names, an object its own
 * JSON text.  Raises an error for null, for other arrays, and when options is
 * not an object.  Names and values are not checked here.
 */
extern List *sfdw_copy_json_words(Jsonb *options);

#endif							/* SFDW_COPY_JSON_WORDS_H */
