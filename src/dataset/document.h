/*-------------------------------------------------------------------------
 * document.h
 *		Small JSON documents that lie beside the data: manifest, owner, evidence
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_DOCUMENT_H
#define SFDW_DOCUMENT_H

#include "storage/storage.h"

/* Larger ones are not ours: a few hundred bytes for each raw version. */
#define SFDW_MAX_DOCUMENT_LENGTH (256 * 1024 * 1024)

/*
 * The bytes of a version, ended by a NUL and palloc'd; NULL when it has more
 * than limit.  SFDW_ERRCODE_SUPERSEDED when it is gone.
 */
extern char *sfdw_document_text(SfdwStorage *storage, const SfdwVersion *version,
								int64 limit);

/*
 * The text of the current version of an object, palloc'd; NULL where there is
 * none, or one that is too long to be ours.
 */
extern char *sfdw_document_read(SfdwStorage *storage, const char *key);

/* SHA-256 of a text, in lower-case hexadecimal. */
extern char *sfdw_document_sha256(const char *text);

/*
 * Names of the members of the document expected that stored has not, or has
 * otherwise, separated by commas; NULL when there are none.  name is what a
 * message calls the stored text when it is no JSON object.
 */
extern char *sfdw_document_difference(const char *stored, const char *expected,
									  const char *name);

#endif							/* SFDW_DOCUMENT_H */
