/*-------------------------------------------------------------------------
 * name_list.h
 *		Find the names of a list in text
 *
 * Pure.  A name is a row of words; it is found where the same words stand in
 * a text one behind the other, whatever their accents and capitals and with at
 * most three bytes between them that belong to no word and end no line.  Of
 * several names that begin with a word the longest counts.
 *
 * Call order: init once, add each name, then find; free at the end.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_NAME_LIST_H
#define SFDW_NAME_LIST_H

#include "dataset/rules.h"

/* Bounds of a name (words, bytes once folded) and of a list. */
#define SFDW_NAME_WORDS		8
#define SFDW_NAME_BYTES		200
#define SFDW_NAMES_MAX		1000000
#define SFDW_NAMES_BYTES	((size_t) 64 << 20)

typedef struct SfdwNameEntry
{
	uint32_t	hash;
	uint32_t	offset;			/* of its key in the list's keys */
	uint16_t	length;			/* 0: the place is free */
	bool		is_name;
	bool		is_begun;		/* a longer name begins so */
} SfdwNameEntry;

typedef struct SfdwNameList
{
	const SfdwMemory *memory;
	SfdwDetection folding;		/* of the name that is added */
	SfdwBuffer	keys;
	SfdwNameEntry *entries;		/* places, a power of two of them */
	size_t		places;
	size_t		used;
	size_t		names;			/* different ones */
} SfdwNameList;

/* Start an empty list; cannot fail.  memory must outlive it. */
extern void sfdw_name_list_init(SfdwNameList *list, const SfdwMemory *memory);

/*
 * Add a name of UTF-8; one without letters and digits is left out, one that
 * is there already adds nothing.  Fails with SFDW_BAD_VALUE for one beyond the
 * bounds of a name, SFDW_TOO_LARGE beyond those of a list, and without memory.
 */
extern bool sfdw_name_list_add(SfdwNameList *list, const char *name,
							   size_t length, SfdwStatus *status);

/*
 * The next name in a text that a detection has begun, from *at on, which is
 * moved behind it; false at the end.
 */
extern bool sfdw_name_list_find(const SfdwNameList *list,
								const SfdwDetection *detection, size_t *at,
								SfdwSpan *match);

/* Give the memory back. */
extern void sfdw_name_list_free(SfdwNameList *list);

#endif							/* SFDW_NAME_LIST_H */
