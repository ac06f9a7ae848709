/*-------------------------------------------------------------------------
 * names.c
 *		How a header or an object's name becomes an SQL name
 *
 * See names.h for the rule.
 *-------------------------------------------------------------------------
 */
#include "core/names.h"

#include "common/unicode_norm.h"
#include "core/marks.h"
#include "mb/pg_wchar.h"

/* Decompose a UTF-8 string into code points, as NFD has them; 0 at the end. */
static pg_wchar *
decompose(const char *utf8)
{
	size_t		length = strlen(utf8);
	pg_wchar   *points;
	pg_wchar   *decomposed;

	points = palloc((length + 1) * sizeof(pg_wchar));
	pg_encoding_mb2wchar_with_len(PG_UTF8, utf8, points, (int) length);
	decomposed = unicode_normalize(UNICODE_NFD, points);
	pfree(points);
	return decomposed;
}

/* Whether a code point stays as it is (a capital: as its small letter). */
static bool
is_name_character(pg_wchar point)
{
	return (point >= 'a' && point <= 'z') || (point >= 'A' && point <= 'Z') ||
		(point >= '0' && point <= '9') || point == '_';
}

/* Write the SQL name of the code points; returns its length. */
static size_t
write_name(const pg_wchar *points, char *name)
{
	size_t		length = 0;
	bool		in_run = false;

	for (; *points != 0; points++)
	{
		if (sfdw_mark_is_nonspacing(*points))
			continue;
		if (is_name_character(*points))
			name[length++] = (char) pg_ascii_tolower((unsigned char) *points);
		else if (!in_run)
			name[length++] = '_';
		in_run = !is_name_character(*points);
	}
	name[length] = '\0';
	return length;
}

/* Each code point gives at most one byte, and each took at least one. */
char *
sfdw_name_sanitise(const char *name, bool *is_too_long)
{
	const char *utf8 = pg_server_to_any(name, (int) strlen(name), PG_UTF8);
	pg_wchar   *points = decompose(utf8);
	size_t		count = 0;
	char	   *result;
	size_t		length;

	while (points[count] != 0)
		count++;
	result = palloc(count + 1);
	length = write_name(points, result);
	if (is_too_long != NULL)
		*is_too_long = length >= NAMEDATALEN;
	return result;
}

/* Whether a list has the name. */
bool
sfdw_names_have(List *names, const char *name)
{
	ListCell   *cell;

	foreach(cell, names)
	{
		if (strcmp(lfirst(cell), name) == 0)
			return true;
	}
	return false;
}
