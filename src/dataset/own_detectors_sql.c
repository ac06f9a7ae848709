/*-------------------------------------------------------------------------
 * own_detectors_sql.c
 *		create_detector, drop_detector
 *
 * Each checks the caller's role and what he gave, and writes the row as the
 * extension's owner.
 *-------------------------------------------------------------------------
 */
#include "dataset/own_detectors.h"

#include "core/roles.h"
#include "dataset/definition_store.h"
#include "dataset/detectors.h"
#include "dataset/digest.h"
#include "dataset/pattern.h"
#include "dataset/reference_read.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "tcop/utility.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

PG_FUNCTION_INFO_V1(sfdw_sql_create_detector);
PG_FUNCTION_INFO_V1(sfdw_sql_drop_detector);

/* Parameters of create_detector. */
enum
{
	CREATE_NAME,
	CREATE_PATTERN,
	CREATE_GAZETTEER,
	CREATE_COLUMN,
	CREATE_CASE_SENSITIVE,
	CREATE_REPLACE
};

/* Raise an error about a parameter. */
static void
refuse(const char *parameter, const char *why)
{
	ereport(ERROR,
			errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			errmsg("invalid value for parameter \"%s\"", parameter),
			errdetail("%s", why));
}

/* A name that no built-in detector has and that fits behind a dot. */
static char *
name_argument(FunctionCallInfo fcinfo)
{
	char	   *name;
	SfdwDetector built_in;

	if (PG_ARGISNULL(CREATE_NAME))
		refuse("name", "It must not be null.");
	name = text_to_cstring(PG_GETARG_TEXT_PP(CREATE_NAME));
	if (!sfdw_own_detector_is_name(name))
		refuse("name", "It must be of lower-case letters, digits and, not first, \"_\".");
	if (sfdw_detector_by_name(name, &built_in))
		ereport(ERROR,
				errcode(ERRCODE_DUPLICATE_OBJECT),
				errmsg("detector \"%s\" is built in", name));
	return name;
}

/* One that does not compile raises; one that matches nothing would hit all. */
static void
take_pattern(SfdwOwnDetector *detector, FunctionCallInfo fcinfo)
{
	detector->pattern = text_to_cstring(PG_GETARG_TEXT_PP(CREATE_PATTERN));
	detector->case_sensitive = !PG_ARGISNULL(CREATE_CASE_SENSITIVE) &&
		PG_GETARG_BOOL(CREATE_CASE_SENSITIVE);
	if (strlen(detector->pattern) > SFDW_PATTERN_MAX)
		refuse("pattern", psprintf("It must not be longer than %d bytes.",
								   SFDW_PATTERN_MAX));
	if (sfdw_pattern_matches_empty(sfdw_pattern_compile(detector->pattern,
														detector->case_sensitive)))
		refuse("pattern", "It matches the empty text, and so every text.");
}

/* Names are compared without capitals and accents: a case would mean nothing. */
static void
take_gazetteer(SfdwOwnDetector *detector, FunctionCallInfo fcinfo)
{
	Oid			relid = PG_GETARG_OID(CREATE_GAZETTEER);

	if (PG_ARGISNULL(CREATE_COLUMN))
		refuse("gazetteer_column", "A gazetteer needs the column of its names.");
	if (!PG_ARGISNULL(CREATE_CASE_SENSITIVE) &&
		PG_GETARG_BOOL(CREATE_CASE_SENSITIVE))
		refuse("case_sensitive", "Names of a gazetteer are found in capitals and small letters alike.");
	detector->gazetteer_column = pstrdup(NameStr(*PG_GETARG_NAME(CREATE_COLUMN)));
	sfdw_reference_require(relid, list_make1(detector->gazetteer_column));
	detector->gazetteer =
		quote_qualified_identifier(get_namespace_name(get_rel_namespace(relid)),
								   get_rel_name(relid));
}

/* Either one or the other. */
static void
take_definition(SfdwOwnDetector *detector, FunctionCallInfo fcinfo)
{
	if (PG_ARGISNULL(CREATE_PATTERN) == PG_ARGISNULL(CREATE_GAZETTEER))
		ereport(ERROR,
				errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				errmsg("a detector needs a pattern or a gazetteer, and not both"));
	if (PG_ARGISNULL(CREATE_GAZETTEER))
		take_pattern(detector, fcinfo);
	else
		take_gazetteer(detector, fcinfo);
	detector->hash = sfdw_digest_text(sfdw_own_detector_words(detector));
}

/* Only members of the role that made it may change or drop it. */
static void
require_owner(const SfdwOwnDetector *detector)
{
	Oid			role = get_role_oid(detector->owner, true);

	if (!OidIsValid(role) || !has_privs_of_role(GetUserId(), role))
		ereport(ERROR,
				errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				errmsg("must be owner of detector \"%s\"", detector->name));
}

/* An existing one stays its owner's. */
static void
replace(SfdwOwnDetector *detector, const SfdwOwnDetector *existing,
		bool is_allowed)
{
	if (!is_allowed)
		ereport(ERROR,
				errcode(ERRCODE_DUPLICATE_OBJECT),
				errmsg("detector \"%s\" already exists", detector->name),
				errhint("Pass replace => true to change what it looks for."));
	require_owner(existing);
	detector->owner = existing->owner;
	detector->version = existing->version + 1;
}

/* Definitions are kept out meanwhile: they name detectors. */
Datum
sfdw_sql_create_detector(PG_FUNCTION_ARGS)
{
	SfdwOwnDetector detector = {0};
	SfdwOwnDetector *existing;

	sfdw_role_require(GetUserId(), SFDW_ROLE_POLICY, "create detectors");
	PreventCommandIfReadOnly("create_detector()");
	detector.name = name_argument(fcinfo);
	detector.owner = GetUserNameFromId(GetUserId(), false);
	detector.version = 1;
	take_definition(&detector, fcinfo);
	sfdw_dataset_lock_all();
	existing = sfdw_own_detector_find(detector.name);
	if (existing != NULL)
		replace(&detector, existing, !PG_ARGISNULL(CREATE_REPLACE) &&
				PG_GETARG_BOOL(CREATE_REPLACE));
	sfdw_own_detector_store(&detector, existing != NULL);
	PG_RETURN_TEXT_P(cstring_to_text(detector.hash));
}

/* One that a data set names would leave it without. */
Datum
sfdw_sql_drop_detector(PG_FUNCTION_ARGS)
{
	char	   *name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	SfdwOwnDetector *detector;
	char	   *dataset;

	sfdw_role_require(GetUserId(), SFDW_ROLE_POLICY, "drop detectors");
	PreventCommandIfReadOnly("drop_detector()");
	sfdw_dataset_lock_all();
	detector = sfdw_own_detector_find(name);
	if (detector == NULL)
		ereport(ERROR,
				errcode(ERRCODE_UNDEFINED_OBJECT),
				errmsg("detector \"%s\" does not exist", name));
	require_owner(detector);
	dataset = sfdw_own_detector_delete(name);
	if (dataset != NULL)
		ereport(ERROR,
				errcode(ERRCODE_DEPENDENT_OBJECTS_STILL_EXIST),
				errmsg("cannot drop detector \"%s\"", name),
				errdetail("Data set \"%s\" names it.", dataset));
	PG_RETURN_VOID();
}
