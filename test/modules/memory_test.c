/*-------------------------------------------------------------------------
 * memory_test.c
 *		How often a text stands in this backend's memory, for tests
 *
 * Part of the library in the test build only.  The text comes with every byte
 * inverted, so that looking for it leaves no copy of it behind.
 *-------------------------------------------------------------------------
 */
#include "core/compat.h"

#include "fmgr.h"

PG_FUNCTION_INFO_V1(sfdw_sql_test_memory);

/* Whether the inverted text stands at a place. */
static bool
is_at(const unsigned char *place, const unsigned char *inverted, size_t length)
{
	size_t		i = 0;

	while (i < length && (place[i] ^ inverted[i]) == 0xFF)
		i++;
	return i == length;
}

/* How often it stands in a range. */
static int64
count_in(const unsigned char *from, const unsigned char *to,
		 const unsigned char *inverted, size_t length)
{
	int64		count = 0;

	for (; from + length <= to; from++)
		count += is_at(from, inverted, length);
	return count;
}

/* test_memory(inverted bytea): occurrences in what this process can write. */
Datum
sfdw_sql_test_memory(PG_FUNCTION_ARGS)
{
	bytea	   *inverted = PG_GETARG_BYTEA_PP(0);
	FILE	   *maps = fopen("/proc/self/maps", "r");
	char		line[MAXPGPATH];
	int64		count = 0;

	if (maps == NULL)
		elog(ERROR, "could not open /proc/self/maps: %m");
	while (fgets(line, sizeof(line), maps) != NULL)
	{
		unsigned long from;
		unsigned long to;

		/* Private memory; what is shared is the server's, and large. */
		if (sscanf(line, "%lx-%lx", &from, &to) == 2 &&
			strstr(line, " rw-p ") != NULL)
			count += count_in((const unsigned char *) from,
							  (const unsigned char *) to,
							  (const unsigned char *) VARDATA_ANY(inverted),
							  VARSIZE_ANY_EXHDR(inverted));
	}
	fclose(maps);
	PG_RETURN_INT64(count);
}
