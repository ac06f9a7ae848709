/*-------------------------------------------------------------------------
 * evidence_file.c
 *		The evidence of a run as an object: _evidence/RUN.json
 *
 * Its text is the view's (run_evidence), which leaves out the object itself.
 * How far the written one goes is told by the newest event of the run at that
 * time, which the ledger keeps beside it.
 *-------------------------------------------------------------------------
 */
#include "dataset/evidence_file.h"

#include "core/fault.h"
#include "dataset/digest.h"
#include "dataset/document.h"
#include "dataset/ledger.h"
#include "foreign/foreign.h"
#include "miscadmin.h"
#include "storage/storage.h"
#include "utils/builtins.h"

/* A few hundred bytes for each raw version. */
#define MAX_EVIDENCE_LENGTH (256 * 1024 * 1024)

/* Columns of the statement that gives the text. */
enum
{
	TEXT_EVIDENCE, TEXT_EVENT
};

/* The text, and the newest event that it takes in. */
static char **
evidence_text(const char *run)
{
	SfdwParam	params[] = {sfdw_param_text(run)};
	SfdwRows	rows;

	rows = sfdw_ledger_read("SELECT t.evidence,"
							" (SELECT max(e.id) FROM salesforce_fdw.ledger_event e"
							"  WHERE e.run = $1::uuid)"
							" FROM (SELECT jsonb_pretty(v.evidence)"
							"  FROM salesforce_fdw.run_evidence v"
							"  WHERE v.run = $1::uuid) AS t (evidence)",
							lengthof(params), params);
	return rows.values[0];
}

/*
 * Ended runs of a data set to which something has happened since.  Of one that
 * was adopted the ledger knows little: the database that ran it wrote more.
 */
static SfdwRows
find_unwritten(const char *dataset)
{
	SfdwParam	params[] = {sfdw_param_text(dataset)};

	return sfdw_ledger_read("SELECT r.run, r.attempt"
							" FROM salesforce_fdw.ledger_run r"
							" WHERE r.dataset = $1 AND r.is_published"
							" AND NOT r.is_open AND r.adopted IS NULL"
							" AND EXISTS (SELECT"
							"  FROM salesforce_fdw.ledger_event e"
							"  WHERE e.run = r.run"
							"  AND e.id > coalesce(r.evidence_event, 0))"
							" ORDER BY r.number LIMIT 1",
							lengthof(params), params);
}

/* Write down what was written, and how far it goes. */
static void
record(char **run, SfdwStorage *storage, const char *server, const char *key,
	   const char *version_id, char **text)
{
	SfdwParam	output[] = {
		sfdw_param_text(run[0]),
		sfdw_param_int8(pg_strtoint32(run[1])),
		sfdw_param_text(server),
		sfdw_param_text(storage->location),
		sfdw_param_text(key),
		sfdw_param_text(version_id),
		sfdw_param_int8(strlen(text[TEXT_EVIDENCE])),
		sfdw_param_text(sfdw_digest_text(text[TEXT_EVIDENCE]))
	};
	SfdwParam	event[] = {
		sfdw_param_text(run[0]),
		sfdw_param_text(text[TEXT_EVENT])
	};

	(void) sfdw_ledger_write("INSERT INTO salesforce_fdw.ledger_output"
							 " (run, attempt, kind, server, location, key,"
							 "  version_id, size, sha256, written)"
							 " VALUES ($1::uuid, $2, 'evidence', $3, $4, $5, $6,"
							 "  $7, $8, clock_timestamp())"
							 " ON CONFLICT (run, attempt, kind) DO UPDATE"
							 " SET server = excluded.server,"
							 "  location = excluded.location, key = excluded.key,"
							 "  version_id = excluded.version_id,"
							 "  size = excluded.size, sha256 = excluded.sha256,"
							 "  written = excluded.written",
							 lengthof(output), output, NULL);
	(void) sfdw_ledger_write("UPDATE salesforce_fdw.ledger_run"
							 " SET evidence_event = $2::int8 WHERE run = $1::uuid",
							 lengthof(event), event, NULL);
}

/* A crash between object and record only has it written again. */
bool
sfdw_evidence_write_next(SfdwDataset *dataset)
{
	SfdwRows	rows = find_unwritten(dataset->name);
	const char *server = sfdw_dataset_evidence_server(dataset);
	SfdwStorage *storage;
	SfdwSink   *sink;
	char	   *key;
	char	  **text;

	if (rows.count == 0)
		return false;
	text = evidence_text(rows.values[0][0]);
	key = psprintf("%s%s.json", sfdw_dataset_evidence_folder(dataset),
				   rows.values[0][0]);
	storage = sfdw_storage_open(get_foreign_server_oid(server, false),
								GetUserId(), SFDW_STORAGE_WRITE);
	sink = sfdw_storage_create(storage, key);
	sfdw_sink_write(sink, text[TEXT_EVIDENCE], strlen(text[TEXT_EVIDENCE]));
	sfdw_sink_finish(sink);
	SFDW_FAULT("evidence.record", "before");
	record(rows.values[0], storage, server, key, sink->version_id, text);
	return true;
}

/* Columns of the statement that says what was written. */
enum
{
	WRITTEN_SERVER, WRITTEN_KEY, WRITTEN_SHA256, WRITTEN_IS_CURRENT
};

/* What was written last of a run, and whether the run is still as it was. */
static SfdwRows
find_written(const char *run)
{
	SfdwParam	params[] = {sfdw_param_text(run)};

	return sfdw_ledger_read("SELECT o.server, o.key, o.sha256,"
							" NOT EXISTS (SELECT FROM salesforce_fdw.ledger_event e"
							"  WHERE e.run = r.run AND e.id > r.evidence_event)"
							" FROM salesforce_fdw.ledger_output o"
							" JOIN salesforce_fdw.ledger_run r USING (run)"
							" WHERE o.run = $1::uuid AND o.kind = 'evidence'"
							" ORDER BY o.written DESC LIMIT 1",
							lengthof(params), params);
}

/* By its bytes first: the ledger's own word comes second. */
static char *
find_difference(const char *run, char **written, const char *stored)
{
	char	   *digest = sfdw_digest_text(stored);
	char	   *names;

	if (strcmp(digest, written[WRITTEN_SHA256]) != 0)
		return psprintf("it is not what was written: SHA-256 %s", digest);
	if (written[WRITTEN_IS_CURRENT][0] != 't')
		return NULL;
	names = sfdw_document_difference(stored, evidence_text(run)[TEXT_EVIDENCE],
									 "evidence");
	return names == NULL ? NULL :
		psprintf("the evidence and the ledger differ in: %s", names);
}

/* Look for it where the ledger says. */
bool
sfdw_evidence_verify(const char *run, SfdwEvidenceVerdict *verdict)
{
	SfdwRows	rows = find_written(run);
	SfdwStorage *storage;
	char	   *stored;

	if (rows.count == 0)
		return false;
	storage = sfdw_storage_open(get_foreign_server_oid(rows.values[0][WRITTEN_SERVER],
													   false),
								GetUserId(), SFDW_STORAGE_READ);
	memset(verdict, 0, sizeof(*verdict));
	verdict->url = pstrdup(sfdw_storage_url(storage,
											rows.values[0][WRITTEN_KEY]));
	stored = sfdw_document_read(storage, rows.values[0][WRITTEN_KEY],
								MAX_EVIDENCE_LENGTH);
	if (stored != NULL)
		verdict->detail = find_difference(run, rows.values[0], stored);
	verdict->verdict = stored == NULL ? "missing" :
		verdict->detail == NULL ? "ok" : "differs";
	return true;
}
