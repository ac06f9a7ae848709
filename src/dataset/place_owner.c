/*-------------------------------------------------------------------------
 * place_owner.c
 *		Whether this database may change what a data set publishes
 *
 * Compares the ledger's claim, this database and the objects of the place.
 *-------------------------------------------------------------------------
 */
#include "dataset/place_owner.h"

#include "core/errors.h"
#include "dataset/document.h"
#include "dataset/manifest.h"
#include "dataset/place_claim.h"
#include "dataset/place_identity.h"
#include "utils/builtins.h"

/* Ours have less than one. */
#define MAX_OWNER_LENGTH (64 * 1024)

/* What a look at the place has found. */
typedef struct Finding
{
	SfdwClaim  *claim;			/* the place's; NULL: none */
	SfdwClaim  *copied;			/* another place's, which the object names */
	SfdwVersion *version;		/* of the object; NULL: there is none */
	char	   *problem;
} Finding;

/* The object as JSON; NULL when it is none. */
static json_t *
read_object(SfdwPlace *place, SfdwVersion *version)
{
	return sfdw_json_parse_quietly(sfdw_document_text(place->storage, version,
													MAX_OWNER_LENGTH));
}

/* What is wrong with the object's form, as the end of a sentence, or NULL. */
static char *
form_problem(json_t *content, const char *dataset)
{
	char	   *name = sfdw_json_server_text(json_object_get(content, "dataset"), NULL);
	char	   *product = sfdw_json_server_text(json_object_get(content, "product"),
										   NULL);

	if (content == NULL)
		return "is not a JSON object, or too large: it was damaged, or somebody else's";
	if (product == NULL || strcmp(product, SFDW_CLAIM_PRODUCT) != 0)
		return "is another product's";
	if (json_integer_value(json_object_get(content, "format")) > SFDW_CLAIM_FORMAT)
		return "was written by a newer version of this extension";
	if (name == NULL ||
		!json_is_string(json_object_get(content, "claim")) ||
		!json_is_object(json_object_get(content, "database")))
		return "lacks members: it was damaged";
	if (strcmp(name, dataset) != 0)
		return psprintf("is of another data set, \"%s\"", name);
	return NULL;
}

/*
 * Why whom the object names is not this database, as the end of a sentence, or
 * NULL.
 */
static char *
name_problem(json_t *content, SfdwPlace *place, Finding *finding)
{
	json_t	   *database = json_object_get(content, "database");
	char	   *claim = sfdw_json_server_text(json_object_get(content, "claim"), NULL);

	if (sfdw_identity_difference(database, sfdw_identity_here()) != NULL)
		return psprintf("names %s", sfdw_identity_text(database));
	if (finding->claim == NULL)
		finding->copied = sfdw_claim_find(place->dataset, claim);
	if (finding->claim == NULL ? finding->copied == NULL :
		strcmp(finding->claim->claim, claim) != 0)
		return "names this database, but by a claim that its ledger does not have: the ledger is another one, or older";
	return NULL;
}

/* Why the object does not name this database, or NULL. */
static char *
object_problem(SfdwPlace *place, Finding *finding)
{
	char	   *url = sfdw_storage_url(place->storage,
									   sfdw_place_owner_key(place));
	json_t	   *content;
	char	   *problem;

	if (finding->version == NULL)
		return finding->claim == NULL || !finding->claim->is_written ? NULL :
			psprintf("\"%s\" is gone.", url);
	if (finding->claim != NULL && finding->claim->version_id != NULL &&
		strcmp(finding->claim->version_id, finding->version->version_id) == 0)
		return NULL;
	content = read_object(place, finding->version);
	problem = form_problem(content, place->dataset);
	if (problem == NULL)
		problem = name_problem(content, place, finding);
	return problem == NULL ? NULL : psprintf("\"%s\" %s.", url, problem);
}

/* Why a claim is not this database's own, or NULL. */
static char *
claim_problem(SfdwClaim *claim)
{
	json_t	   *here = sfdw_identity_here();
	const char *difference;

	if (claim == NULL)
		return NULL;
	difference = sfdw_identity_difference(claim->database, here);
	return difference == NULL ? NULL :
		psprintf("The ledger is that of %s, and this is %s: another %s.",
				 sfdw_identity_text(claim->database),
				 sfdw_identity_text(here), difference);
}

/* Whether a run of the data set has written this version of the manifest. */
static bool
is_own_manifest(SfdwPlace *place, SfdwVersion *version)
{
	SfdwParam	params[] = {
		sfdw_param_text(place->dataset),
		sfdw_param_text(place->storage->location),
		sfdw_param_text(version->key),
		sfdw_param_text(version->version_id)
	};

	return sfdw_ledger_read("SELECT FROM salesforce_fdw.ledger_output o"
							" JOIN salesforce_fdw.ledger_run r ON r.run = o.run"
							" WHERE r.dataset = $1 AND o.kind = 'manifest'"
							" AND o.location = $2 AND o.key = $3"
							" AND o.version_id = $4 LIMIT 1",
							lengthof(params), params).count > 0;
}

/* Why the manifest says that the ledger is behind, or NULL. */
static char *
manifest_problem(SfdwPlace *place, SfdwClaim *claim)
{
	SfdwVersion *version = sfdw_place_find(place,
										   sfdw_manifest_key(place->path));
	SfdwManifest *manifest;

	if (version == NULL || is_own_manifest(place, version))
		return NULL;
	if (claim != NULL && claim->manifest_version != NULL &&
		strcmp(claim->manifest_version, version->version_id) == 0)
		return NULL;
	manifest = sfdw_manifest_read(place->storage, version);
	if (manifest == NULL || strcmp(manifest->dataset, place->dataset) != 0 ||
		sfdw_run_has_published(place->dataset, manifest->run))
		return NULL;
	return psprintf("\"%s\" names run %s, which the ledger of this database does not know as published: the ledger is behind.",
					sfdw_storage_url(place->storage, version->key),
					manifest->run);
}

/* Look. */
static void
find(SfdwPlace *place, Finding *finding)
{
	finding->claim = sfdw_claim_load(place);
	finding->version = sfdw_place_find(place, sfdw_place_owner_key(place));
	finding->problem = claim_problem(finding->claim);
	if (finding->problem == NULL)
		finding->problem = object_problem(place, finding);
	if (finding->problem == NULL)
		finding->problem = manifest_problem(place, finding->claim);
}

/* Why this database is not the owner. */
char *
sfdw_place_problem(SfdwPlace *place)
{
	Finding		finding = {NULL};

	find(place, &finding);
	return finding.problem;
}

/* Raise it. */
void
sfdw_place_refuse(const char *dataset, const char *reason)
{
	ereport(ERROR,
			errcode(SFDW_ERRCODE_NOT_OWNER),
			errmsg("this database is not the owner of what data set \"%s\" publishes",
				   dataset),
			errdetail_internal("%s", reason),
			errhint("If it is to go on from here: SELECT salesforce_fdw.take_over(%s, 'why');",
					quote_literal_cstr(dataset)));
}

/* Raise unless it is. */
void
sfdw_place_require(SfdwPlace *place)
{
	Finding		finding = {NULL};

	find(place, &finding);
	if (finding.problem != NULL)
		sfdw_place_refuse(place->dataset, finding.problem);
	if (finding.version == NULL)
		return;
	if (finding.copied != NULL)
		finding.claim = sfdw_claim_copy(finding.copied, place);
	sfdw_claim_seen(finding.claim, finding.version->version_id);
}

/* By the ledger alone. */
void
sfdw_place_require_here(const char *dataset)
{
	char	   *problem = claim_problem(sfdw_claim_load_any(dataset));

	if (problem != NULL)
		sfdw_place_refuse(dataset, problem);
}

/* Unless the storage was asked lately. */
void
sfdw_place_require_lately(const char *dataset, TimestampTz since)
{
	char	   *run;

	if (sfdw_claim_was_seen(dataset, since))
		return;
	run = sfdw_run_newest_published(dataset);
	if (run != NULL)
		sfdw_place_require(sfdw_place_of_run(sfdw_run_load(run),
											 SFDW_STORAGE_WRITE));
}

/* In what the object differs from the ledger. */
char *
sfdw_place_difference(SfdwPlace *place, bool *is_missing)
{
	Finding		finding = {NULL};
	json_t	   *content;
	char	   *members;

	find(place, &finding);
	*is_missing = finding.version == NULL;
	if (finding.version == NULL || finding.claim == NULL)
		return pstrdup(finding.version == NULL ? "it is gone" :
					   "the ledger has no claim");
	content = read_object(place, finding.version);
	if (content == NULL)
		return pstrdup("it is not a JSON object");
	members = sfdw_document_members(content,
									sfdw_json_parse(finding.claim->text, "claim"));
	return members == NULL ? NULL :
		psprintf("the object and the ledger differ in: %s", members);
}
