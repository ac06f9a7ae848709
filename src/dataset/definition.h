/*-------------------------------------------------------------------------
 * definition.h
 *		What a data set is: one row of salesforce_fdw.dataset
 *
 * A definition holds names, not OIDs, so that it survives a dump; whoever
 * needs an object looks it up under a lock.  Its query lives in a view beside
 * the target (TARGET_definition), so that names in it are bound when it is
 * created.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_DEFINITION_H
#define SFDW_DEFINITION_H

#include "core/compat.h"
#include "datatype/timestamp.h"
#include "nodes/pg_list.h"
#include "storage/lockdefs.h"
#include "utils/jsonb.h"

typedef enum SfdwPurgeScope
{
	SFDW_PURGE_NONE,			/* nothing */
	SFDW_PURGE_INPUTS,			/* every version of the objects that were read */
	SFDW_PURGE_LOCATION			/* of every object below the raw location */
} SfdwPurgeScope;

typedef struct SfdwDataset
{
	char	   *name;
	int32		version;		/* counts up with each change */
	Oid			owner;			/* role that created it and runs its query;
								 * InvalidOid when there is none of its name */
	char	   *owner_name;

	char	   *target_schema;
	char	   *target_name;	/* the materialized table; its view is
								 * TARGET_definition */
	char	   *source_schema;	/* of the foreign tables; NULL: own query */
	char	   *query;			/* as given, for people; the view counts */

	char	   *destination;	/* name of the foreign server */
	char	   *path;			/* folder below its location, ends in "/" */
	bool		publish_versioned;	/* else in place */
	int32		keep_runs;		/* published objects that are kept, when versioned */
	List	   *sorted_by;		/* char *: column names of the target */

	/* The policy. */
	uint32		allow;			/* bit (1 << SfdwClass) for each class */
	Jsonb	   *accept;			/* {"Object.Field": "reason"} */
	Jsonb	   *reference_tables;
	List	   *functions;		/* char *: signatures */
	Jsonb	   *detectors;		/* {"DETECTOR", "COLUMN.DETECTOR" or "*":
								 * "refuse", "redact" or "count"} */
	Jsonb	   *gates;			/* {"GATE": limit or action, or {"limit",
								 * "action"}}, and "checks" */
	char	   *policy_hash;	/* hex SHA-256 of all that an acceptance
								 * covers */

	SfdwPurgeScope purge;
	Interval   *purge_after;
	char	   *confirmed_location; /* as typed with confirm; NULL: never */

	char	   *evidence_server;	/* where the evidence of its runs goes; NULL:
								 * the destination */
} SfdwDataset;

#define SFDW_DEFINITION_SUFFIX "_definition"

/*
 * An empty definition with the defaults of create_dataset, in the current
 * memory context.
 */
extern SfdwDataset *sfdw_dataset_new(const char *name);

/* Make owner the owner, in memory. */
extern void sfdw_dataset_own(SfdwDataset *dataset, Oid owner);

/*
 * Read a definition, and lock its row against ALTER and DROP until the end of
 * the transaction (FOR SHARE), or, when exclusive, against everything (FOR
 * UPDATE).  An error (ERRCODE_UNDEFINED_OBJECT) when there is none, or, unless
 * exclusive, when its owner is gone.  Allocated in the current memory context.
 */
extern SfdwDataset *sfdw_dataset_load(const char *name, bool exclusive);

/*
 * All definitions by name, unlocked: a list of SfdwDataset.  One whose owner is
 * gone is among them: it still has its folder.
 */
extern List *sfdw_dataset_list(void);

/* Raise unless user owns the data set (or has its owner's privileges). */
extern void sfdw_dataset_require_owner(SfdwDataset *dataset, Oid user);

/*
 * The target table and the definition's view, locked; an error when they are
 * gone or are something else by now.
 */
extern Oid	sfdw_dataset_target(SfdwDataset *dataset, LOCKMODE lockmode);
extern Oid	sfdw_dataset_view(SfdwDataset *dataset, LOCKMODE lockmode);

/* TARGET_definition. */
extern char *sfdw_dataset_view_name(SfdwDataset *dataset);

/* The destination server; an error when it is gone. */
extern Oid	sfdw_dataset_destination(SfdwDataset *dataset);

/*
 * The URL of the folder that the data set alone owns: the destination's
 * location and path.  NULL when the server is gone.
 */
extern char *sfdw_dataset_folder(SfdwDataset *dataset);

/*
 * Name of the server that the evidence of the data set's runs is written to,
 * and the folder below its location: PATH_evidence/, hidden from readers.
 */
extern const char *sfdw_dataset_evidence_server(SfdwDataset *dataset);
extern char *sfdw_dataset_evidence_folder(SfdwDataset *dataset);

/* One member of gates.checks. */
typedef struct SfdwCheck
{
	char	   *name;
	char	   *query;			/* gives one count: see gate.h */
	char	   *action;			/* "refuse", "warn" or "count"; the default is
								 * "refuse" */
} SfdwCheck;

/* The checks of a data set: a list of SfdwCheck. */
extern List *sfdw_dataset_checks(SfdwDataset *dataset);

/* Published objects in versions that create_dataset keeps, and at most. */
#define SFDW_DEFAULT_KEEP_RUNS 3
#define SFDW_MAX_KEEP_RUNS 1000

/*
 * The key of the object that a run publishes, below the destination:
 * path/NAME.parquet in place, path/_runs/RUN/NAME.parquet in versions, which
 * a reader of the folder does not see.
 */
extern char *sfdw_dataset_object_key(SfdwDataset *dataset, const char *run);

/*
 * The data set that owns the folder in which this URL lies, or NULL: COPY into
 * it is refused, since the file would join the table.
 */
extern char *sfdw_dataset_owning_url(const char *url);

#endif							/* SFDW_DEFINITION_H */
