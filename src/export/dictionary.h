/*-------------------------------------------------------------------------
 * dictionary.h
 *		Standard Salesforce objects and their fields, with type and class
 *
 * Pure.  The data is dictionary.def, one line a field; a few custom fields of
 * the organisation for which the shipped data set was made are among them.
 * Look-ups ignore the case of ASCII letters (some exporters write capitals).
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_DICTIONARY_H
#define SFDW_DICTIONARY_H

#include "export/field_class.h"
#include "export/field_type.h"

typedef struct SfdwDictionaryField
{
	const char *object;			/* API names, in Salesforce's spelling */
	const char *field;
	SfdwFieldType type;
	SfdwClass	field_class;
} SfdwDictionaryField;

/* The entry of a field, or NULL. */
extern const SfdwDictionaryField *sfdw_dictionary_find(const char *object,
													   const char *field);

/*
 * All fields of an object, ordered by name: sets *count and returns the first
 * of them, or NULL (and 0) for an object that is not in the dictionary.
 */
extern const SfdwDictionaryField *sfdw_dictionary_object(const char *object,
														 int *count);

/* The whole dictionary, ordered by object and field. */
extern const SfdwDictionaryField *sfdw_dictionary_all(int *count);

#endif							/* SFDW_DICTIONARY_H */
