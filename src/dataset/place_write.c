/*-------------------------------------------------------------------------
 * place_write.c
 *		Become the owner of a place: write "_owner.json", on a condition
 *-------------------------------------------------------------------------
 */
#include "dataset/place_write.h"

#include "core/errors.h"
#include "core/fault.h"
#include "dataset/clear.h"
#include "dataset/document.h"
#include "dataset/place_owner.h"

/* What is kept of an object that is taken over. */
#define MAX_REPLACED_LENGTH (64 * 1024)

/* Where claims of any database wait, and the one of a claim. */
#define STAGING_FORMAT "%s" SFDW_STAGING_FOLDER "/owner."

/* The version that the object has when it names the claim; else NULL. */
static char *
find_written(SfdwPlace *place, SfdwClaim *claim)
{
	SfdwVersion *version = sfdw_storage_find(place->storage,
											 sfdw_place_owner_key(place));
	char	   *text = version == NULL ? NULL :
		sfdw_document_text(place->storage, version, MAX_REPLACED_LENGTH);

	return text != NULL && strcmp(text, claim->text) == 0 ?
		version->version_id : NULL;
}

/*
 * Write the object in place of the expected version (NULL: of none); the
 * version that it became, or NULL when there is another one.
 */
static char *
write_object(SfdwPlace *place, SfdwClaim *claim, const char *expected_version)
{
	char	   *prefix = psprintf(STAGING_FORMAT, place->path);
	char	   *staged = psprintf("%s%s.json", prefix, claim->claim);
	SfdwSink   *sink = sfdw_storage_create(place->storage, staged);
	char	   *version = NULL;

	sfdw_sink_write(sink, claim->text, strlen(claim->text));
	sfdw_sink_finish(sink);
	SFDW_FAULT("owner.write", "staged");
	if (sfdw_storage_promote(place->storage, staged, sink->version_id,
							 sfdw_place_owner_key(place), expected_version,
							 &version) != SFDW_PROMOTED)
		version = find_written(place, claim);
	SFDW_FAULT("owner.write", "after");
	(void) sfdw_clear(place->storage, version == NULL ? staged : prefix);
	return version;
}

/* Claim the place of a run, in two steps. */
void
sfdw_place_claim(SfdwRun *run)
{
	SfdwPlace  *place = sfdw_place_of_run(run, SFDW_STORAGE_WRITE);
	SfdwTakeOver over = {NULL};
	SfdwClaim  *claim;
	char	   *version;

	sfdw_place_require(place);
	claim = sfdw_claim_load(place);
	if (claim == NULL)
	{
		(void) sfdw_claim_add(place, run->id, &over);
		sfdw_run_event(run->dataset, run->id, "claims",
					   sfdw_storage_url(place->storage, place->path));
		return;
	}
	if (claim->is_written)
		return;
	version = write_object(place, claim, NULL);
	if (version == NULL)
		sfdw_place_refuse(run->dataset,
						  psprintf("Another database has claimed \"%s\" meanwhile.",
								   sfdw_storage_url(place->storage, place->path)));
	sfdw_claim_seen(claim, version);
}

/* Take a place over. */
void
sfdw_place_take(SfdwPlace *place, const char *run, const SfdwTakeOver *over)
{
	SfdwVersion *found = sfdw_place_find(place, sfdw_place_owner_key(place));
	SfdwClaim  *claim = sfdw_claim_add(place, run, over);
	char	   *version = write_object(place, claim, found == NULL ? NULL :
									   found->version_id);

	if (version == NULL)
		ereport(ERROR,
				errcode(SFDW_ERRCODE_CONFLICT),
				errmsg("the owner of what data set \"%s\" publishes was changed by somebody else",
					   place->dataset),
				errdetail("\"%s\" was replaced between the look at it and the take-over.",
						  sfdw_storage_url(place->storage,
										   sfdw_place_owner_key(place))),
				errhint("Find out who it is: two databases cannot go on with it."));
	sfdw_claim_seen(claim, version);
}

/* What the object says. */
char *
sfdw_place_owner_text(SfdwPlace *place)
{
	SfdwVersion *version = sfdw_place_find(place, sfdw_place_owner_key(place));
	json_t	   *content = version == NULL ? NULL :
		sfdw_json_parse_quietly(sfdw_document_text(place->storage, version,
												 MAX_REPLACED_LENGTH));

	return content == NULL ? NULL : sfdw_json_text(content, JSON_ENSURE_ASCII);
}
