/*-------------------------------------------------------------------------
 * text_form.h
 *		In what form the text of an export is stored
 *
 * Pure.  How it is compressed, in which encoding it is, and how options and
 * file names say so.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_TEXT_FORM_H
#define SFDW_TEXT_FORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum SfdwCompression
{
	SFDW_COMPRESSION_AUTO,		/* find out: by the name, else the first bytes */
	SFDW_COMPRESSION_NONE,
	SFDW_COMPRESSION_GZIP,
	SFDW_COMPRESSION_ZSTD
} SfdwCompression;

typedef enum SfdwEncoding
{
	SFDW_ENCODING_UTF8,
	SFDW_ENCODING_LATIN1,		/* ISO-8859-1, its control characters too */
	SFDW_ENCODING_WINDOWS_1252, /* without the five bytes it has not */
	SFDW_ENCODING_UTF16,		/* in the order that its mark says */
	SFDW_ENCODING_FIND			/* UTF-16 if it starts with that mark, else
								 * UTF-8; no value of an option */
} SfdwEncoding;

/*
 * Default of the option max_ratio: how many times its stored size a text may
 * grow.  Exports of Salesforce grow 5 to 30 times; deflate cannot make more
 * than 1032 bytes of one, and a bomb comes close to that.
 */
#define SFDW_MAX_RATIO 250

typedef struct SfdwTextForm
{
	SfdwCompression compression;
	SfdwEncoding encoding;
	uint32_t	max_ratio;
} SfdwTextForm;

/* First bytes that sfdw_compression_of_bytes looks at. */
#define SFDW_COMPRESSION_START 4

/* "auto", "none", "gzip", "zstd"; false when it is none of them. */
extern bool sfdw_compression_parse(const char *name,
								   SfdwCompression *compression);

/* The value of the option. */
extern const char *sfdw_compression_name(SfdwCompression compression);

/* What stands behind a file's name: ".gz", ".zst"; "" for the others. */
extern const char *sfdw_compression_suffix(SfdwCompression compression);

/* What a file's name says by its suffix, whose case does not count; or NONE. */
extern SfdwCompression sfdw_compression_of_name(const char *name,
												size_t length);

/* What a file is compressed with whose first bytes these are, or NONE. */
extern SfdwCompression sfdw_compression_of_bytes(const char *data,
												 size_t length);

/*
 * An encoding by its name or PostgreSQL's ("latin1", "ISO-8859-1", "WIN1252",
 * "UTF8"): case, hyphens and underscores do not count.
 */
extern bool sfdw_encoding_parse(const char *name, SfdwEncoding *encoding);

/* The value of the option. */
extern const char *sfdw_encoding_name(SfdwEncoding encoding);

#endif							/* SFDW_TEXT_FORM_H */
