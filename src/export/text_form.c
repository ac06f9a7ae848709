/*-------------------------------------------------------------------------
 * text_form.c
 *		In what form the text of an export is stored
 *
 * Pure.  See text_form.h.
 *-------------------------------------------------------------------------
 */
#include "export/text_form.h"

#include <string.h>
#include <strings.h>

#define LENGTH_OF(array) (sizeof(array) / sizeof((array)[0]))

/* Longest name of an encoding, without its hyphens. */
#define MAX_ENCODING_NAME 16

typedef struct Compression
{
	const char *name;
	const char *suffix;
} Compression;

static const Compression compressions[] = {
	[SFDW_COMPRESSION_AUTO] = {"auto", ""},
	[SFDW_COMPRESSION_NONE] = {"none", ""},
	[SFDW_COMPRESSION_GZIP] = {"gzip", ".gz"},
	[SFDW_COMPRESSION_ZSTD] = {"zstd", ".zst"},
};

static const char *const encodings[] = {
	[SFDW_ENCODING_UTF8] = "utf8",
	[SFDW_ENCODING_LATIN1] = "latin1",
	[SFDW_ENCODING_WINDOWS_1252] = "windows-1252",
	[SFDW_ENCODING_UTF16] = "utf16",
	[SFDW_ENCODING_FIND] = "auto",
};

typedef struct EncodingName
{
	const char *name;			/* in lower case, without hyphens */
	SfdwEncoding encoding;
} EncodingName;

static const EncodingName encoding_names[] = {
	{"utf8", SFDW_ENCODING_UTF8},
	{"latin1", SFDW_ENCODING_LATIN1},
	{"iso88591", SFDW_ENCODING_LATIN1},
	{"windows1252", SFDW_ENCODING_WINDOWS_1252},
	{"win1252", SFDW_ENCODING_WINDOWS_1252},
	{"cp1252", SFDW_ENCODING_WINDOWS_1252},
	{"utf16", SFDW_ENCODING_UTF16},
};

/* The compression of that name. */
bool
sfdw_compression_parse(const char *name, SfdwCompression *compression)
{
	size_t		i;

	for (i = 0; i < LENGTH_OF(compressions); i++)
		if (strcmp(compressions[i].name, name) == 0)
		{
			*compression = (SfdwCompression) i;
			return true;
		}
	return false;
}

/* Its name. */
const char *
sfdw_compression_name(SfdwCompression compression)
{
	return compressions[compression].name;
}

/* Its suffix. */
const char *
sfdw_compression_suffix(SfdwCompression compression)
{
	return compressions[compression].suffix;
}

/* What the suffix says. */
SfdwCompression
sfdw_compression_of_name(const char *name, size_t length)
{
	size_t		i;

	for (i = 0; i < LENGTH_OF(compressions); i++)
	{
		size_t		suffix = strlen(compressions[i].suffix);

		if (suffix > 0 && length > suffix &&
			strncasecmp(name + length - suffix, compressions[i].suffix,
						suffix) == 0)
			return (SfdwCompression) i;
	}
	return SFDW_COMPRESSION_NONE;
}

/* What the first bytes say; zstd may start with a frame that is skipped. */
SfdwCompression
sfdw_compression_of_bytes(const char *data, size_t length)
{
	static const char gzip[] = {'\x1f', '\x8b'};
	static const char zstd[] = {'\x28', '\xb5', '\x2f', '\xfd'};
	static const char skippable[] = {'\x2a', '\x4d', '\x18'};

	if (length >= sizeof(gzip) && memcmp(data, gzip, sizeof(gzip)) == 0)
		return SFDW_COMPRESSION_GZIP;
	if (length < sizeof(zstd))
		return SFDW_COMPRESSION_NONE;
	if (memcmp(data, zstd, sizeof(zstd)) == 0 ||
		((data[0] & 0xf0) == 0x50 &&
		 memcmp(data + 1, skippable, sizeof(skippable)) == 0))
		return SFDW_COMPRESSION_ZSTD;
	return SFDW_COMPRESSION_NONE;
}

/* The encoding of that name. */
bool
sfdw_encoding_parse(const char *name, SfdwEncoding *encoding)
{
	char		folded[MAX_ENCODING_NAME + 1];
	size_t		length = 0;
	size_t		i;

	for (; *name != '\0'; name++)
	{
		if (*name == '-' || *name == '_')
			continue;
		if (length == MAX_ENCODING_NAME)
			return false;
		folded[length++] = *name;
	}
	folded[length] = '\0';
	for (i = 0; i < LENGTH_OF(encoding_names); i++)
		if (strcasecmp(encoding_names[i].name, folded) == 0)
		{
			*encoding = encoding_names[i].encoding;
			return true;
		}
	return false;
}

/* Its name. */
const char *
sfdw_encoding_name(SfdwEncoding encoding)
{
	return encodings[encoding];
}
