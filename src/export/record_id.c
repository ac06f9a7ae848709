/*-------------------------------------------------------------------------
 * record_id.c
 *		Ids of Salesforce records: 15 characters, or 18 with a checksum
 *
 * Pure.  See record_id.h.
 *-------------------------------------------------------------------------
 */
#include "export/record_id.h"

#include <string.h>

/* Characters that one character of the checksum stands for. */
#define GROUP_LENGTH 5

/* Whether a byte can stand in an id. */
static bool
is_id_char(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
		(c >= 'a' && c <= 'z');
}

/* The checksum of a group: one bit a capital, as a character. */
static char
check_char(const char *group)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
	int			bits = 0;
	int			i;

	for (i = 0; i < GROUP_LENGTH; i++)
		if (group[i] >= 'A' && group[i] <= 'Z')
			bits |= 1 << i;
	return alphabet[bits];
}

/* Write the long form. */
bool
sfdw_record_id_extend(const char *id, size_t length, char *out,
					  SfdwStatus *status)
{
	size_t		i;

	if (length != SFDW_ID_SHORT_LENGTH && length != SFDW_ID_LONG_LENGTH)
		return sfdw_fail(status, SFDW_BAD_VALUE, 0,
						 "neither %d nor %d characters long",
						 SFDW_ID_SHORT_LENGTH, SFDW_ID_LONG_LENGTH);
	for (i = 0; i < length; i++)
		if (!is_id_char(id[i]))
			return sfdw_fail(status, SFDW_BAD_VALUE, i,
							 "a character is no ASCII letter or digit");
	memcpy(out, id, SFDW_ID_SHORT_LENGTH);
	for (i = 0; i < SFDW_ID_SHORT_LENGTH; i += GROUP_LENGTH)
		out[SFDW_ID_SHORT_LENGTH + i / GROUP_LENGTH] = check_char(id + i);
	if (length == SFDW_ID_LONG_LENGTH &&
		memcmp(id, out, SFDW_ID_LONG_LENGTH) != 0)
		return sfdw_fail(status, SFDW_BAD_VALUE, SFDW_ID_SHORT_LENGTH,
						 "the checksum is wrong");
	return true;
}
