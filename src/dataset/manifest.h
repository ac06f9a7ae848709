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
 * backup, a standby that was behind), the manifest tells so: its run is not in
 * the ledger (place_owner.h), and can be adopted (adopt.h).
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_MANIFEST_H
#define SFDW_MANIFEST_H

#include "dataset/json_owner.h"
#include "dataset/run_record.h"
#include "storage/storage.h"

/* A manifest as it was found. */
typedef struct SfdwManifest
{
	json_t	   *json;
	char	   *run;			/* a uuid */
	char	   *dataset;
	char	   *object;			/* name of what was published, in its folder */
	char	   *sha256;			/* of its bytes */
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
 * Read one that was listed or found; NULL when it cannot be understood, which
 * then says nothing.
 */
extern SfdwManifest *sfdw_manifest_read(SfdwStorage *storage,
										const SfdwVersion *version);

#endif							/* SFDW_MANIFEST_H */
