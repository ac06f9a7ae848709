/*-------------------------------------------------------------------------
 * document.h
 *		Small JSON documents that lie beside the data: manifest, owner, evidence
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_DOCUMENT_H
#define SFDW_DOCUMENT_H

#include "dataset/json_owner.h"
#include "storage/storage.h"

/*
 * The bytes of a version, ended by a NUL and palloc'd; NULL when it has more
 * than limit.  SFDW_ERRCODE_SUPERSEDED when it is gone.
 */
extern char *sfdw_document_text(SfdwStorage *storage, const SfdwVersion *version,
								int64 limit);

/* The same of the current version of a key; NULL where there is none, too. */
extern char *sfdw_document_read(SfdwStorage *storage, const char *key,
								int64 limit);

/*
 * Names of the members of an object that there has not, or has otherwise,
 * separated by commas; NULL when there are none.
 */
extern char *sfdw_document_members(const json_t *there, json_t *here);

/*
 * The same of two texts, that of expected being here.  name is what a message
 * calls a text that is no JSON object.
 */
extern char *sfdw_document_difference(const char *stored, const char *expected,
									  const char *name);

#endif							/* SFDW_DOCUMENT_H */
