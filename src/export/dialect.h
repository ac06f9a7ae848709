/*-------------------------------------------------------------------------
 * dialect.h
 *		How the exporters of Salesforce data write their files
 *
 * Pure.  One table row a dialect.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_DIALECT_H
#define SFDW_DIALECT_H

#include "export/csv_scan.h"
#include "export/field_type.h"
#include "export/text_form.h"

typedef enum SfdwEscape
{
	SFDW_ESCAPE_NONE,
	SFDW_ESCAPE_UNICODE			/* Python's unicode_escape: unescape.h */
} SfdwEscape;

typedef struct SfdwDialect
{
	const char *name;			/* value of the option "dialect" */
	const char *description;	/* of the exporter, for messages */
	bool		is_supported;	/* else only the name is known, and refused */
	char		delimiter;
	char		quote;
	SfdwEscape	escape;			/* of text; not of compound fields */
	bool		quoted_empty_is_null;	/* a quoted empty text is NULL, as the
										 * empty field is; for other types it
										 * is NULL in every dialect, because
										 * no value of theirs is empty */
	const char *null_id;		/* id that stands for none, or NULL */
	const char *suffix;			/* of the file of an object: ".csv" */
} SfdwDialect;

/* The dialect of that name, supported or not; NULL when there is none. */
extern const SfdwDialect *sfdw_dialect_find(const char *name);

/* The dialects by number from 0; NULL behind the last. */
extern const SfdwDialect *sfdw_dialect_at(int number);

/* "unicode_escape" or "none"; false when it is neither. */
extern bool sfdw_dialect_parse_escape(const char *name, SfdwEscape *escape);

/*
 * Whether text of a field is to be unescaped: not when it is compound
 * (field_type.h).  Custom fields are passed as SFDW_FIELD_STRING.
 */
extern bool sfdw_dialect_unescapes(const SfdwDialect *dialect,
								   SfdwFieldType type);

/*
 * Whether key ("Account.csv" or "Account.csv.gz", below the location) is the
 * file of an object; sets *object_length: the name is that many first bytes of
 * key, and *compression to what its last suffix says, or NONE.  Files in folders
 * and hidden ones (names with a first "_" or ".") are none.
 */
extern bool sfdw_dialect_object_of(const SfdwDialect *dialect, const char *key,
								   size_t *object_length,
								   SfdwCompression *compression);

/*
 * Find the dialect of a file whose dialect is "auto": init, add for the header
 * and for each record of a sample (all fields wanted, delimiter "," and quote
 * """), then verdict, which never is NULL and says why in *reason.
 */
typedef struct SfdwDialectSniffer
{
	int			python_booleans;	/* True, False */
	int			other_booleans; /* true, false, TRUE, FALSE */
	int			for_cds;		/* other signs that only that exporter leaves */
	int			against_cds;	/* signs that it never leaves */
	bool		has_compound;	/* the header has a compound column */
	const char *for_reason;		/* the first sign for */
	const char *against_reason; /* the first sign against */
} SfdwDialectSniffer;

extern void sfdw_dialect_sniff_init(SfdwDialectSniffer *sniffer);
extern void sfdw_dialect_sniff_add(SfdwDialectSniffer *sniffer,
								   const SfdwCsvRecord *record);
extern const SfdwDialect *sfdw_dialect_sniff_verdict(const SfdwDialectSniffer *sniffer,
													 const char **reason);

#endif							/* SFDW_DIALECT_H */
