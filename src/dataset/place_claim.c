/*-------------------------------------------------------------------------
 * place_claim.c
 *		What the ledger knows of who owns a place: its claims
 *
 * Knows the table ledger_owner; nothing of storage.
 *-------------------------------------------------------------------------
 */
#include "dataset/place_claim.h"

#include "dataset/place_identity.h"
#include "foreign/foreign.h"
#include "mb/pg_wchar.h"

/* Columns of CLAIM_COLUMNS, in order. */
enum
{
	COL_NUMBER, COL_CLAIM, COL_TEXT, COL_DATABASE, COL_IS_WRITTEN, COL_VERSION,
	COL_MANIFEST
};

#define CLAIM_COLUMNS \
	"number, claim, jsonb_pretty(content), content -> 'database', is_written," \
	" version_id, manifest_version"

/* How long a look is good for in the CALL that looked. */
#define GOOD_FOR "interval '5 minutes'"

/* JSON is UTF-8, whatever the database's encoding. */
static char *
utf8_of(char *text)
{
	return pstrdup(pg_server_to_any(text, (int) strlen(text), PG_UTF8));
}

/* A claim of a row; NULL without one. */
static SfdwClaim *
claim_of(const SfdwRows *rows)
{
	SfdwClaim  *claim = palloc0(sizeof(SfdwClaim));
	char	  **row;

	if (rows->count == 0)
		return NULL;
	row = rows->values[0];
	claim->number = row[COL_NUMBER];
	claim->claim = row[COL_CLAIM];
	claim->text = utf8_of(row[COL_TEXT]);
	claim->database = sfdw_json_parse_quietly(utf8_of(row[COL_DATABASE]));
	claim->is_written = row[COL_IS_WRITTEN][0] == 't';
	claim->version_id = row[COL_VERSION];
	claim->manifest_version = row[COL_MANIFEST];
	return claim;
}

/* The newest claim of a place. */
SfdwClaim *
sfdw_claim_load(SfdwPlace *place)
{
	SfdwParam	params[] = {
		sfdw_param_text(place->dataset),
		sfdw_param_text(place->storage->location),
		sfdw_param_text(place->path)
	};
	SfdwRows	rows;

	rows = sfdw_ledger_read("SELECT " CLAIM_COLUMNS
							" FROM salesforce_fdw.ledger_owner"
							" WHERE dataset = $1 AND location = $2 AND path = $3"
							" ORDER BY number DESC LIMIT 1",
							lengthof(params), params);
	return claim_of(&rows);
}

/* The data set's newest one. */
SfdwClaim *
sfdw_claim_load_any(const char *dataset)
{
	return sfdw_claim_find(dataset, NULL);
}

/* The newest one of that name. */
SfdwClaim *
sfdw_claim_find(const char *dataset, const char *claim)
{
	SfdwParam	params[] = {
		sfdw_param_text(dataset),
		sfdw_param_text(claim)
	};
	SfdwRows	rows;

	rows = sfdw_ledger_read("SELECT " CLAIM_COLUMNS
							" FROM salesforce_fdw.ledger_owner"
							" WHERE dataset = $1"
							" AND ($2 IS NULL OR claim::text = $2)"
							" ORDER BY number DESC LIMIT 1",
							lengthof(params), params);
	return claim_of(&rows);
}

/* What the object says, but for the time. */
static char *
make_content(SfdwPlace *place, const char *claim, const char *run)
{
	json_t	   *content = sfdw_json_object();

	sfdw_json_require(json_object_set_new(content, "format",
										  json_integer(SFDW_CLAIM_FORMAT)));
	sfdw_json_require(json_object_set_new(content, "product",
										  json_string(SFDW_CLAIM_PRODUCT)));
	sfdw_json_require(json_object_set_new(content, "dataset",
										  json_string(place->dataset)));
	sfdw_json_require(json_object_set_new(content, "claim", json_string(claim)));
	sfdw_json_require(json_object_set_new(content, "run", run == NULL ?
										  json_null() : json_string(run)));
	sfdw_json_require(json_object_set(content, "database",
									  sfdw_identity_here()));
	return sfdw_json_text(content, JSON_ENSURE_ASCII);
}

/* Write down a new claim. */
SfdwClaim *
sfdw_claim_add(SfdwPlace *place, const char *run, const SfdwTakeOver *over)
{
	char	   *claim = sfdw_run_new_id();
	SfdwParam	params[] = {
		sfdw_param_text(place->dataset),
		sfdw_param_text(place->storage->location),
		sfdw_param_text(place->path),
		sfdw_param_text(claim),
		sfdw_param_json(make_content(place, claim, run)),
		sfdw_param_text(over->reason),
		sfdw_param_json(over->replaced),
		sfdw_param_text(over->manifest_version)
	};
	SfdwRows	rows;

	rows = sfdw_ledger_write("INSERT INTO salesforce_fdw.ledger_owner"
							 " (dataset, location, path, claim, content, reason,"
							 "  replaced, manifest_version)"
							 " VALUES ($1, $2, $3, $4::uuid, $5 ||"
							 "  jsonb_build_object('claimed', clock_timestamp()),"
							 "  $6, $7, $8)"
							 " RETURNING " CLAIM_COLUMNS,
							 lengthof(params), params, NULL);
	return claim_of(&rows);
}

/* The claim of a place that was copied. */
SfdwClaim *
sfdw_claim_copy(const SfdwClaim *claim, SfdwPlace *place)
{
	SfdwParam	params[] = {
		sfdw_param_int8(strtoll(claim->number, NULL, 10)),
		sfdw_param_text(place->storage->location),
		sfdw_param_text(place->path)
	};
	SfdwRows	rows;

	rows = sfdw_ledger_write("INSERT INTO salesforce_fdw.ledger_owner"
							 " (dataset, location, path, claim, content)"
							 " SELECT dataset, $2, $3, claim, content"
							 " FROM salesforce_fdw.ledger_owner"
							 " WHERE number = $1 RETURNING " CLAIM_COLUMNS,
							 lengthof(params), params, NULL);
	return claim_of(&rows);
}

/* Write down that its object was seen. */
void
sfdw_claim_seen(SfdwClaim *claim, const char *version_id)
{
	SfdwParam	params[] = {
		sfdw_param_int8(strtoll(claim->number, NULL, 10)),
		sfdw_param_text(version_id)
	};

	(void) sfdw_ledger_write("UPDATE salesforce_fdw.ledger_owner"
							 " SET is_written = true, version_id = $2,"
							 "  seen_at = clock_timestamp()"
							 " WHERE number = $1", lengthof(params), params,
							 NULL);
}

/* Whether it was seen a moment ago. */
bool
sfdw_claim_was_seen(const char *dataset, TimestampTz since)
{
	SfdwParam	params[] = {
		sfdw_param_text(dataset),
		sfdw_param_time(since)
	};

	return sfdw_ledger_read("SELECT FROM salesforce_fdw.ledger_owner"
							" WHERE dataset = $1 AND seen_at >"
							" greatest($2, clock_timestamp() - " GOOD_FOR ")",
							lengthof(params), params).count > 0;
}

/* Whether a run has to claim its place. */
bool
sfdw_claim_is_missing(SfdwRun *run)
{
	Oid			server = get_foreign_server_oid(run->destination, false);
	SfdwParam	params[] = {
		sfdw_param_text(run->dataset),
		sfdw_param_text(sfdw_storage_location(server)),
		sfdw_param_text(sfdw_place_path(run))
	};

	return sfdw_ledger_read("SELECT FROM salesforce_fdw.ledger_owner"
							" WHERE dataset = $1 AND location = $2 AND path = $3"
							" AND is_written LIMIT 1",
							lengthof(params), params).count == 0;
}
