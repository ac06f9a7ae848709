/*-------------------------------------------------------------------------
 * field_class.h
 *		Classes of fields: how personal their values are
 *
 * Pure.  What a policy lets pass is the gate's business; here are the names,
 * their order, and the rules by which a custom field gets a class.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_FIELD_CLASS_H
#define SFDW_FIELD_CLASS_H

#include "export/field_type.h"

/*
 * In order of strictness, so that the stricter of two is the greater.  NONE is
 * no statement at all: it yields to every class, and alone it is refused.
 */
typedef enum SfdwClass
{
	SFDW_CLASS_NONE,
	SFDW_CLASS_ID,				/* key of the record itself */
	SFDW_CLASS_REFERENCE,		/* key of a record that is no person */
	SFDW_CLASS_CONTROLLED,		/* value of a fixed vocabulary */
	SFDW_CLASS_BUSINESS,		/* amounts, dates, counts of business */
	SFDW_CLASS_SYSTEM,			/* kept by Salesforce itself */
	SFDW_CLASS_PERSON_REFERENCE,	/* key of a person's record: a pseudonym */
	SFDW_CLASS_INDIRECT,		/* narrows down who a person is */
	SFDW_CLASS_FREE_TEXT,		/* typed by users, may hold anything */
	SFDW_CLASS_PERSON,			/* identifies a person directly */
	SFDW_CLASS_NEVER			/* never leaves: content of messages, secrets */
} SfdwClass;

#define SFDW_CLASS_COUNT (SFDW_CLASS_NEVER + 1)

/* "person_reference"; "none" for NONE. */
extern const char *sfdw_class_name(SfdwClass field_class);

/* The class of that name (case as written); false when there is none. */
extern bool sfdw_class_parse(const char *name, SfdwClass *field_class);

/* The stricter of two. */
extern SfdwClass sfdw_class_stricter(SfdwClass a, SfdwClass b);

/*
 * The class of a field that the dictionary does not have, by its type and its
 * name; NONE when no rule applies, which is usual.  Type is what IMPORT found
 * (inferred types are STRING, BOOLEAN, INT, DOUBLE, DATE, DATETIME).
 */
extern SfdwClass sfdw_class_of_custom(const char *field, SfdwFieldType type);

#endif							/* SFDW_FIELD_CLASS_H */
