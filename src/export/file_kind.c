/*-------------------------------------------------------------------------
 * file_kind.c
 *		Tell by its first bytes what kind of file something is
 *
 * Pure.  See file_kind.h.
 *-------------------------------------------------------------------------
 */
#include "export/file_kind.h"

#include <string.h>

#define LENGTH_OF(array) (sizeof(array) / sizeof((array)[0]))

typedef struct FileKind
{
	const char *bytes;
	size_t		length;
	const char *phrase;
} FileKind;

/* UTF-32 stands first: its mark starts with that of UTF-16. */
static const FileKind kinds[] = {
	{"\xff\xfe\0\0", 4, "is encoded in UTF-32"},
	{"\0\0\xfe\xff", 4, "is encoded in UTF-32"},
	{"\xff\xfe", 2, "is encoded in UTF-16"},
	{"\xfe\xff", 2, "is encoded in UTF-16"},
	{"\x1f\x8b", 2, "is compressed with gzip"},
	{"\x28\xb5\x2f\xfd", 4, "is compressed with zstd"},
	{"PK\x03\x04", 4, "is a ZIP archive"},
	{"PAR1", 4, "is a Parquet file"},
};

static const char utf8_mark[] = {'\xef', '\xbb', '\xbf'};

/* What kind of file something is. */
const char *
sfdw_file_kind(const char *data, size_t length, size_t *mark_length)
{
	size_t		i;

	*mark_length = 0;
	for (i = 0; i < LENGTH_OF(kinds); i++)
		if (length >= kinds[i].length &&
			memcmp(data, kinds[i].bytes, kinds[i].length) == 0)
			return kinds[i].phrase;
	/* A header starts with a letter, so a zero beside it is half of one. */
	if (length >= 2 && (data[0] == '\0') != (data[1] == '\0'))
		return "is encoded in UTF-16 without a byte order mark";
	if (length >= sizeof(utf8_mark) &&
		memcmp(data, utf8_mark, sizeof(utf8_mark)) == 0)
		*mark_length = sizeof(utf8_mark);
	return NULL;
}
