/*-------------------------------------------------------------------------
 * manifest.h
 *		A small object beside the published one: which run it is, and whose
 *
 * "_manifest.json", hidden from readers by its "_", names the run, its inputs,
 * the bytes that it published, and the owner: this cluster (by its system
 * identifier), database and data set.  It is written once the bytes are at
 * their final key, before anything is registered or purged.
 *
 * When the ledger was lost, or is older than what was published (a restored
 * backup, a standby that was behind), the manifest tells that the bytes at the
 * final key are the data set's own; and it keeps the data set of another
 * cluster or database from replacing them.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_MANIFEST_H
#define SFDW_MANIFEST_H

#include "dataset/run_record.h"
#include "storage/storage.h"

typedef enum SfdwManifestOwner
{
	SFDW_MANIFEST_NONE,			/* there is no manifest, or none of these bytes */
	SFDW_MANIFEST_OURS,			/* they are this data set's */
	SFDW_MANIFEST_THEIRS		/* they are another cluster's, database's or
								 * data set's */
} SfdwManifestOwner;

typedef struct SfdwManifest
{
	SfdwManifestOwner owner;
	char	   *run;			/* NULL without a manifest */
	char	   *database;
	char	   *system_identifier;
} SfdwManifest;

/* Write the manifest of a run that has published. */
extern void sfdw_manifest_write(SfdwRun *run);

/* The key of the manifest in a folder. */
extern char *sfdw_manifest_key(const char *folder);

/* What the manifest of a run says, by the ledger; and what one in a folder says
 * (NULL: there is none). */
extern char *sfdw_manifest_text(SfdwRun *run);
extern char *sfdw_manifest_stored(SfdwStorage *storage, const char *folder);

/*
 * What the manifest in a folder says of an object there that has this SHA-256,
 * or, with NULL, of the folder, when dataset asks.  A manifest that cannot be
 * understood is SFDW_MANIFEST_NONE.
 */
extern SfdwManifest sfdw_manifest_read(SfdwStorage *storage, const char *folder,
									   const char *dataset,
									   const char *sha256);

#endif							/* SFDW_MANIFEST_H */
