/*-------------------------------------------------------------------------
 * run_record.h
 *		A run: one row of the ledger, and the states that it passes
 *
 *	discovered -> materialized -> staged -> verified -> published ->
 *	registered -> closed
 *
 * A state is written after its effect was seen; what is needed to recognise
 * the effect again is committed before it.  The row of an open run is locked
 * by whoever loads it, and can be advanced only from the state in which it was
 * loaded, and only once in a transaction: so an effect never depends on
 * something that a rollback could still take back.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_RUN_RECORD_H
#define SFDW_RUN_RECORD_H

#include "core/compat.h"
#include "datatype/timestamp.h"
#include "dataset/ledger.h"

typedef enum SfdwRunState
{
	SFDW_RUN_DISCOVERED,		/* object versions listed and pinned */
	SFDW_RUN_MATERIALIZED,		/* the target has the new rows */
	SFDW_RUN_STAGED,			/* a file lies at the staging key */
	SFDW_RUN_VERIFIED,			/* and was read back */
	SFDW_RUN_PUBLISHED,			/* the final key has its bytes */
	SFDW_RUN_REGISTERED,		/* the catalog knows the table */
	SFDW_RUN_PURGE_PENDING,		/* done, but for raw versions still there */
	SFDW_RUN_CLOSED,			/* done */
	SFDW_RUN_REFUSED,			/* ended without publishing */
	SFDW_RUN_ABANDONED			/* ended by hand, without publishing */
} SfdwRunState;

typedef struct SfdwRun
{
	char	   *id;				/* uuid */
	char	   *dataset;
	SfdwRunState state;
	char	   *owner;			/* of the data set when the run began */
	bool		is_forced;
	bool		is_current;		/* the data set is still defined as it was
								 * when the run discovered */
	bool		is_fresh;		/* written in this transaction, so that it
								 * cannot be relied on yet */

	/* materialized */
	int64		rows;
	uint64		checksum;

	/* staged */
	char	   *destination;	/* name of the server */
	char	   *target_key;		/* below its location */
	int32		attempt;		/* 0 before the first */
	char	   *staged_key;
	char	   *staged_version;
	int64		file_size;
	char	   *file_sha256;
	char	   *file_columns;

	/* published */
	bool		is_expectation_known;
	char	   *expected_version;	/* NULL: nothing was there */
	char	   *published_version;
} SfdwRun;

/* Characters of a run's id. */
#define SFDW_RUN_ID_LENGTH 36

/* Whether a text has the form of one: a uuid, as PostgreSQL writes it. */
extern bool sfdw_run_is_id(const char *text);

/* Names as the ledger has them. */
extern const char *sfdw_run_state_name(SfdwRunState state);

/* Whether a run in this state must be finished before another one starts. */
extern bool sfdw_run_state_is_open(SfdwRunState state);

/* Lock and load the open run of a data set; NULL when there is none. */
extern SfdwRun *sfdw_run_load_open(const char *dataset);

/* Lock and load a run by id; an error when there is none. */
extern SfdwRun *sfdw_run_load(const char *id);

/* Whether the ledger knows a run of the data set of that id as published. */
extern bool sfdw_run_has_published(const char *dataset, const char *id);

/* The id of the data set's newest run that has published; NULL: there is none. */
extern char *sfdw_run_newest_published(const char *dataset);

/* An id for a run that is to begin. */
extern char *sfdw_run_new_id(void);

/*
 * Write a run that begins: discovered, with the data set's definition as it is
 * now.
 */
extern void sfdw_run_create(const char *id, const char *dataset, bool is_forced,
							const char *destination, const char *target_key);

/*
 * Write a run that ended before it could begin (refused while discovering).
 * Returns its id.
 */
extern char *sfdw_run_create_refused(const char *dataset);

/*
 * Go from the state in which the run was loaded to another one, and set the
 * columns that the assignments name ("rows = $3, checksum = $4"; $1 and $2 are
 * taken).  Raises when the row is not in that state any more, or was already
 * written in this transaction.  Adds an event.
 */
extern void sfdw_run_advance(SfdwRun *run, SfdwRunState state,
							 const char *assignments, int count,
							 const SfdwParam *params);

/* The same without a change of state: what is about to be done. */
extern void sfdw_run_intend(SfdwRun *run, const char *what,
							const char *assignments, int count,
							const SfdwParam *params);

/*
 * Raise unless user owns the data set of the run, or did when the run began
 * (the data set may be gone).
 */
extern void sfdw_run_require_owner(SfdwRun *run, Oid user);

/* Whether the run has an object of its own, instead of one in place. */
extern bool sfdw_run_is_versioned(const SfdwRun *run);

/* The folder of its object below the destination; ends in "/" or is "". */
extern char *sfdw_run_folder(const SfdwRun *run);

/*
 * Tell whoever listens of an event, once it is committed (id may be NULL); for
 * events that are not noted by the function below.
 */
extern void sfdw_run_notify(const char *dataset, const char *id,
							const char *event);

/* Note an event of a data set, or of one of its runs (id may be NULL). */
extern void sfdw_run_event(const char *dataset, const char *id,
						   const char *event, const char *detail);

#endif							/* SFDW_RUN_RECORD_H */
