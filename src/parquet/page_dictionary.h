/*-------------------------------------------------------------------------
 * page_dictionary.h
 *		The distinct values of a column chunk, numbered as they come
 *
 * Pure.  A value is its PLAIN bytes, so that the values in the order of their
 * numbers are a dictionary page already.  Call order: init, add*, and at any
 * time value or values; free.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_PAGE_DICTIONARY_H
#define SFDW_PAGE_DICTIONARY_H

#include "core/buffer.h"
#include "parquet/values.h"

/* PLAIN bytes of all values: beyond this a dictionary rarely pays. */
#define SFDW_PAGE_DICTIONARY_MAX_BYTES ((size_t) 16 * 1024 * 1024)

typedef struct SfdwPageDictionarySlot
{
	uint32_t	hash;
	uint32_t	number;			/* of the value, plus one; 0 for a free slot */
} SfdwPageDictionarySlot;

typedef struct SfdwPageDictionary
{
	SfdwBuffer	values;			/* PLAIN bytes, one after another */
	SfdwBuffer	starts;			/* uint32_t: where each value starts */
	SfdwBuffer	slots;			/* SfdwPageDictionarySlot, a power of two of
								 * them */
	uint32_t	count;			/* distinct values */
} SfdwPageDictionary;

/* Start an empty dictionary; cannot fail. */
extern void sfdw_page_dictionary_init(SfdwPageDictionary *dictionary,
									  const SfdwMemory *memory);

/*
 * Number values.  Stops early when the dictionary is full, or its hashes
 * collide so often that it has become slow; *added says how many values got a
 * number.  False only when there is no memory.
 */
extern bool sfdw_page_dictionary_add(SfdwPageDictionary *dictionary,
									 const SfdwValues *values, uint32_t *numbers,
									 size_t *added, SfdwStatus *status);

/* The PLAIN bytes of a value. */
extern SfdwBytes sfdw_page_dictionary_value(const SfdwPageDictionary *dictionary,
											uint32_t number);

/* Memory that it holds. */
extern size_t sfdw_page_dictionary_memory(const SfdwPageDictionary *dictionary);

/* Give the memory back. */
extern void sfdw_page_dictionary_free(SfdwPageDictionary *dictionary);

#endif							/* SFDW_PAGE_DICTIONARY_H */
