/*-------------------------------------------------------------------------
 * dictionary.c
 *		Standard Salesforce objects and their fields, with type and class
 *
 * Pure.  The data is dictionary.def, in the order that look-ups need.
 *-------------------------------------------------------------------------
 */
#include "export/dictionary.h"

#include <stddef.h>

#define FIELD(object, field, type, field_class) \
	{#object, #field, SFDW_FIELD_##type, SFDW_CLASS_##field_class},

static const SfdwDictionaryField fields[] = {
#include "export/dictionary.def"
};

#undef FIELD

#define FIELD_COUNT ((int) (sizeof(fields) / sizeof(fields[0])))

/* An ASCII letter in lower case; every other byte as it is. */
static unsigned char
lower(char c)
{
	return (unsigned char) (c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

/* Compare two names, the case of ASCII letters ignored. */
static int
compare(const char *a, const char *b)
{
	while (*a != '\0' && lower(*a) == lower(*b))
	{
		a++;
		b++;
	}
	return (int) lower(*a) - (int) lower(*b);
}

/*
 * The first entry that does not come before (object, field); a NULL field
 * comes before every field.
 */
static int
lower_bound(const char *object, const char *field)
{
	int			low = 0;
	int			high = FIELD_COUNT;

	while (low < high)
	{
		int			middle = low + (high - low) / 2;
		int			order = compare(fields[middle].object, object);

		if (order == 0 && field != NULL)
			order = compare(fields[middle].field, field);
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The entry of a field, or NULL. */
const SfdwDictionaryField *
sfdw_dictionary_find(const char *object, const char *field)
{
	int			i = lower_bound(object, field);

	if (i < FIELD_COUNT && compare(fields[i].object, object) == 0 &&
		compare(fields[i].field, field) == 0)
		return &fields[i];
	return NULL;
}

/* All fields of an object. */
const SfdwDictionaryField *
sfdw_dictionary_object(const char *object, int *count)
{
	int			first = lower_bound(object, NULL);
	int			end = first;

	while (end < FIELD_COUNT && compare(fields[end].object, object) == 0)
		end++;
	*count = end - first;
	return end > first ? &fields[first] : NULL;
}

/* The whole dictionary. */
const SfdwDictionaryField *
sfdw_dictionary_all(int *count)
{
	*count = FIELD_COUNT;
	return fields;
}
