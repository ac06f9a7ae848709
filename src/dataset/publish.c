/*-------------------------------------------------------------------------
 * publish.c
 *		Give the verified object its final name, on a condition
 *
 * Knows the final key and its storage; nothing of tables or catalogs.
 *-------------------------------------------------------------------------
 */
#include "dataset/publish.h"

#include "core/errors.h"
#include "core/fault.h"
#include "dataset/digest.h"
#include "dataset/place_owner.h"
#include "dataset/stage.h"
#include "storage/storage.h"

/* Raise because the final key is not what it should be. */
static void
report_conflict(SfdwStorage *storage, SfdwRun *run, const char *detail)
{
	ereport(ERROR,
			errcode(SFDW_ERRCODE_CONFLICT),
			errmsg("published object \"%s\" was changed by somebody else",
				   sfdw_storage_url(storage, run->target_key)),
			errdetail("%s", detail),
			errhint("Nothing was replaced.  Find out who wrote it, move it away, and run the data set again."));
}

/*
 * What runs of the data set have put, or tried to put, at the final key: the
 * newest so many of them.
 */
static SfdwRows
find_own_files(SfdwRun *run, int64 limit)
{
	SfdwParam	params[] = {
		sfdw_param_text(run->dataset),
		sfdw_param_text(run->destination),
		sfdw_param_text(run->target_key),
		sfdw_param_int8(limit)
	};

	return sfdw_ledger_read("SELECT coalesce(published_version, ''), file_sha256"
							" FROM salesforce_fdw.ledger_run"
							" WHERE dataset = $1 AND destination = $2"
							" AND target_key = $3 AND NOT (is_open AND"
							"  NOT is_published) AND is_expectation_known"
							" ORDER BY number DESC LIMIT $4",
							lengthof(params), params);
}

/*
 * Raise when the final key holds what none of the data set's runs has put
 * there: neither the version published last, nor, under another version (a
 * folder that was copied has others), the bytes of any of them.
 */
static void
compare_with_last(SfdwStorage *storage, SfdwRun *run, SfdwVersion *found)
{
	SfdwRows	files = find_own_files(run, 1);
	char	   *sha256;

	if (files.count > 0 &&
		strcmp(found->version_id, files.values[0][0]) == 0)
		return;
	sha256 = sfdw_digest_object(storage, run->target_key, found->version_id);
	files = find_own_files(run, PG_INT64_MAX);
	for (int i = 0; i < files.count; i++)
		if (strcmp(sha256, files.values[i][1]) == 0)
			return;
	if (files.count > 0 || sfdw_run_is_versioned(run))
		report_conflict(storage, run, "No run of the data set has written it.");
	sfdw_run_event(run->dataset, run->id, "replaces",
				   psprintf("version %s, which no run has written",
							found->version_id));
}

/* Look at the final key and commit to a condition. */
void
sfdw_publish_prepare(SfdwRun *run)
{
	SfdwPlace  *place = sfdw_place_of_run(run, SFDW_STORAGE_WRITE);
	SfdwStorage *storage = place->storage;
	SfdwVersion *found;
	SfdwParam	params[1];
	SfdwParam	output[5];

	/* The last look at the owner, and in place at the key in the same listing. */
	sfdw_place_require(place);
	found = place->is_versioned ?
		sfdw_storage_find(storage, run->target_key) :
		sfdw_place_find(place, run->target_key);
	if (found != NULL)
		compare_with_last(storage, run, found);
	params[0] = sfdw_param_text(found == NULL ? NULL : found->version_id);
	sfdw_run_intend(run, "publishing", "is_expectation_known = true,"
					" expected_version = $3", lengthof(params), params);
	output[0] = sfdw_param_text(run->id);
	output[1] = sfdw_param_int8(run->attempt);
	output[2] = sfdw_param_text(run->destination);
	output[3] = sfdw_param_text(storage->location);
	output[4] = sfdw_param_text(run->target_key);
	(void) sfdw_ledger_write("INSERT INTO salesforce_fdw.ledger_output"
							 " (run, attempt, kind, server, location, key)"
							 " VALUES ($1::uuid, $2, 'published', $3, $4, $5)",
							 lengthof(output), output, NULL);
}

/*
 * The version of the final key when it has this run's bytes, else NULL: what a
 * promotion that was not heard to succeed is judged by.
 */
static char *
find_own_bytes(SfdwStorage *storage, SfdwRun *run)
{
	SfdwVersion *found = sfdw_storage_find(storage, run->target_key);

	if (found == NULL || found->size != run->file_size)
		return NULL;
	if (strcmp(sfdw_digest_object(storage, run->target_key, found->version_id),
			   run->file_sha256) != 0)
		return NULL;
	return found->version_id;
}

/* Raise for a promotion after which the final key has not our bytes. */
static void
report_failure(SfdwStorage *storage, SfdwRun *run, SfdwPromoteOutcome outcome)
{
	switch (outcome)
	{
		case SFDW_PROMOTE_NO_SOURCE:
			report_conflict(storage, run,
							"The staged object is gone, and the final one does not have its bytes.");
			break;
		case SFDW_PROMOTE_CONDITION:
			report_conflict(storage, run,
							"It was replaced between the look at it and the promotion.");
			break;
		default:
			ereport(ERROR,
					errcode(ERRCODE_IO_ERROR),
					errmsg("could not tell whether object \"%s\" was published",
						   sfdw_storage_url(storage, run->target_key)),
					errhint("Run the data set again: it goes on from here."));
	}
}

/* Write down what was published. */
static void
record_published(SfdwRun *run, const char *version)
{
	SfdwParam	params[] = {sfdw_param_text(version)};
	SfdwParam	output[] = {
		sfdw_param_text(run->id),
		sfdw_param_int8(run->attempt),
		sfdw_param_text(version),
		sfdw_param_int8(run->file_size),
		sfdw_param_text(run->file_sha256)
	};

	sfdw_run_advance(run, SFDW_RUN_PUBLISHED, "published_version = $3,"
					 " published_at = clock_timestamp()",
					 lengthof(params), params);
	(void) sfdw_ledger_write("UPDATE salesforce_fdw.ledger_output"
							 " SET version_id = $3, size = $4, sha256 = $5,"
							 "  written = clock_timestamp()"
							 " WHERE run = $1::uuid AND attempt = $2"
							 " AND kind = 'published'",
							 lengthof(output), output, NULL);
}

/* Promote, or see that it was done. */
bool
sfdw_publish_promote(SfdwRun *run, bool may_promote)
{
	SfdwStorage *storage = sfdw_stage_open(run);
	char	   *version = NULL;
	SfdwPromoteOutcome outcome = SFDW_PROMOTE_CONDITION;

	if (may_promote)
		outcome = sfdw_storage_promote(storage, run->staged_key,
									   run->staged_version, run->target_key,
									   run->expected_version, &version);
	SFDW_FAULT("publish.promote", "after");
	if (outcome != SFDW_PROMOTED)
		version = find_own_bytes(storage, run);
	if (version == NULL && !may_promote)
		return false;
	if (version == NULL)
		report_failure(storage, run, outcome);
	record_published(run, version);
	return true;
}

/* Whether a promotion may have been tried. */
bool
sfdw_publish_is_begun(SfdwRun *run)
{
	return run->state == SFDW_RUN_VERIFIED && run->is_expectation_known;
}

/* Whether it has succeeded. */
bool
sfdw_publish_is_done(SfdwRun *run)
{
	return find_own_bytes(sfdw_stage_open(run), run) != NULL;
}

/* Write down under which version the run's bytes are at the final key now. */
static void
record_again(SfdwRun *run, const char *version)
{
	SfdwParam	params[] = {sfdw_param_text(version)};
	SfdwParam	output[] = {
		sfdw_param_text(run->id),
		sfdw_param_text(version)
	};

	sfdw_run_intend(run, "published_again", "published_version = $3",
					lengthof(params), params);
	(void) sfdw_ledger_write("INSERT INTO salesforce_fdw.ledger_output"
							 " (run, attempt, kind, server, location, key,"
							 "  version_id, size, sha256, written)"
							 " SELECT run, (SELECT max(attempt) + 1"
							 "   FROM salesforce_fdw.ledger_output"
							 "   WHERE run = $1::uuid),"
							 "  kind, server, location, key, $2, size, sha256,"
							 "  clock_timestamp()"
							 " FROM salesforce_fdw.ledger_output"
							 " WHERE run = $1::uuid AND kind = 'published'"
							 " ORDER BY attempt DESC LIMIT 1",
							 lengthof(output), output, NULL);
}

/* Promote the run's own version of the final key onto it. */
bool
sfdw_publish_again(SfdwRun *run)
{
	SfdwStorage *storage = sfdw_stage_open(run);
	SfdwVersion *found = sfdw_storage_find(storage, run->target_key);
	char	   *version = NULL;
	SfdwPromoteOutcome outcome;

	if (find_own_bytes(storage, run) != NULL)
		return true;
	if (sfdw_run_is_versioned(run) || run->published_version == NULL)
		return false;
	if (found != NULL)
		compare_with_last(storage, run, found);
	outcome = sfdw_storage_promote(storage, run->target_key,
								   run->published_version, run->target_key,
								   found == NULL ? NULL : found->version_id,
								   &version);
	if (outcome == SFDW_PROMOTE_NO_SOURCE)
		return false;
	if (outcome != SFDW_PROMOTED)
		version = find_own_bytes(storage, run);
	if (version == NULL)
		report_failure(storage, run, outcome);
	record_again(run, version);
	return true;
}
