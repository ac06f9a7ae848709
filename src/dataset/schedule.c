/*-------------------------------------------------------------------------
 * schedule.c
 *		The jobs of data sets in pg_cron
 *
 * Knows pg_cron's settings and tables.  Its tables are read, and its jobs
 * deleted, as the owner of our extension, and so only where they are members
 * of the extension pg_cron: a schema "cron" of somebody else is not touched.
 *-------------------------------------------------------------------------
 */
#include "dataset/schedule.h"

#include "commands/dbcommands.h"
#include "core/roles.h"
#include "dataset/definition.h"
#include "dataset/ledger.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/guc.h"

PG_FUNCTION_INFO_V1(sfdw_sql_cron_setting);
PG_FUNCTION_INFO_V1(sfdw_sql_cron_jobs);
PG_FUNCTION_INFO_V1(sfdw_sql_schedule_owner);
PG_FUNCTION_INFO_V1(sfdw_sql_unschedule);

/* What anybody who may schedule is told of pg_cron's settings. */
static const char *const shown_settings[] = {
	"cron.database_name",		/* where it looks for jobs */
	"cron.timezone",			/* of schedules; GMT where there is none */
};

/* Columns of cron_jobs(). */
#define JOB_COLUMNS 8

/*
 * A setting of pg_cron, or NULL without it: pg_cron shows them to superusers
 * alone, and these two say nothing that an error of ours would not.  What a
 * configuration file says for a pg_cron that is not loaded, or too old for it,
 * is a placeholder, and does not count.
 */
static const char *
setting(const char *name)
{
	if (GetConfigOptionFlags(name, true) & GUC_CUSTOM_PLACEHOLDER)
		return NULL;
	return GetConfigOption(name, true, false);
}

/* cron_setting(name): one of the settings above. */
Datum
sfdw_sql_cron_setting(PG_FUNCTION_ARGS)
{
	char	   *name = text_to_cstring(PG_GETARG_TEXT_PP(0));

	for (size_t i = 0; i < lengthof(shown_settings); i++)
	{
		const char *value;

		if (strcmp(name, shown_settings[i]) != 0)
			continue;
		value = setting(name);
		if (value == NULL)
			PG_RETURN_NULL();
		PG_RETURN_TEXT_P(cstring_to_text(value));
	}
	ereport(ERROR,
			errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			errmsg("setting \"%s\" is not shown", name));
}

/* Whether the tables of schema "cron" are those of the extension pg_cron. */
static bool
has_jobs(void)
{
	return sfdw_ledger_read("SELECT FROM pg_extension e"
							" JOIN pg_depend s ON s.refobjid = e.oid"
							"  AND s.classid = 'pg_namespace'::regclass"
							"  AND s.objid = to_regnamespace('cron')"
							" JOIN pg_depend t ON t.refobjid = e.oid"
							"  AND t.classid = 'pg_class'::regclass"
							"  AND t.objid = to_regclass('cron.job')"
							" WHERE e.extname = 'pg_cron'"
							"  AND s.refclassid = 'pg_extension'::regclass"
							"  AND s.deptype = 'e'"
							"  AND t.refclassid = 'pg_extension'::regclass"
							"  AND t.deptype = 'e'", 0, NULL).count > 0;
}

/* The jobs of this database's data sets, in the order of cron_jobs(). */
static SfdwRows
read_jobs(void)
{
	SfdwRows	none = {0, NULL};

	if (!has_jobs())
		return none;
	return sfdw_ledger_read("SELECT d.name, j.jobid, j.schedule, j.username,"
							" j.active,"
							" j.nodeport::text = current_setting('port'),"
							" r.status, r.start_time"
							" FROM salesforce_fdw.dataset d"
							" JOIN cron.job j"
							"  ON j.jobname = salesforce_fdw.job_name(d.name)"
							" LEFT JOIN LATERAL (SELECT * FROM cron.job_run_details e"
							"  WHERE e.jobid = j.jobid ORDER BY e.runid DESC"
							"  LIMIT 1) r ON true"
							" WHERE j.database = current_database()"
							" ORDER BY d.name, j.jobid", 0, NULL);
}

/* cron_jobs(): one row a job. */
Datum
sfdw_sql_cron_jobs(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	AttInMetadata *columns;
	SfdwRows	jobs;

	InitMaterializedSRF(fcinfo, 0);
	Assert(result->setDesc->natts == JOB_COLUMNS);
	columns = TupleDescGetAttInMetadata(result->setDesc);
	jobs = read_jobs();
	for (int i = 0; i < jobs.count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		tuplestore_puttuple(result->setResult,
							BuildTupleFromCStrings(columns, jobs.values[i]));
	}
	return (Datum) 0;
}

/*
 * Check that the caller may have the data set called by a scheduler, and keep
 * it from being dropped meanwhile.
 */
static SfdwDataset *
load_own(const char *name, const char *what)
{
	SfdwDataset *dataset;

	sfdw_role_require(GetUserId(), SFDW_ROLE_WRITE,
					  psprintf("%s data set \"%s\"", what, name));
	dataset = sfdw_dataset_load(name, false);
	sfdw_dataset_require_owner(dataset, GetUserId());
	return dataset;
}

/* schedule_owner(name): the role as which the job runs. */
Datum
sfdw_sql_schedule_owner(PG_FUNCTION_ARGS)
{
	char	   *name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	SfdwDataset *dataset = load_own(name, "schedule");

	/* pg_cron makes jobs for their creator, and for others if a superuser. */
	if (dataset->owner != GetUserId() && !superuser())
		ereport(ERROR,
				errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				errmsg("must be owner of data set \"%s\" to schedule it", name),
				errdetail("The job runs as the role that makes it, and the owner is \"%s\".",
						  dataset->owner_name),
				errhint("SET ROLE %s first.",
						quote_identifier(dataset->owner_name)));
	PG_RETURN_DATUM(DirectFunctionCall1(namein,
										CStringGetDatum(dataset->owner_name)));
}

/* Take them out; pg_cron's own function also tells its scheduler. */
int
sfdw_schedule_remove(const char *dataset)
{
	SfdwParam	params[] = {sfdw_param_text(dataset)};

	if (!has_jobs())
		return 0;
	return sfdw_ledger_write("SELECT cron.unschedule(j.jobid) FROM cron.job j"
							 " WHERE j.jobname = salesforce_fdw.job_name($1)"
							 " AND j.database = current_database()",
							 lengthof(params), params, NULL).count;
}

/* The database, other than this one, where pg_cron keeps its jobs; or NULL. */
static const char *
other_database(void)
{
	const char *there = setting("cron.database_name");

	if (there == NULL || strcmp(there, get_database_name(MyDatabaseId)) == 0)
		return NULL;
	return there;
}

/* What to type in that database. */
static char *
removal_of(const char *dataset)
{
	SfdwParam	params[] = {sfdw_param_text(dataset)};

	return sfdw_ledger_read("SELECT format('SELECT cron.unschedule(jobid)"
							" FROM cron.job WHERE jobname = %L"
							" AND database = %L;',"
							" salesforce_fdw.job_name($1), current_database())",
							lengthof(params), params).values[0][0];
}

/* unschedule(name): as its owner; whether there was a job. */
Datum
sfdw_sql_unschedule(PG_FUNCTION_ARGS)
{
	char	   *name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	bool		was_there;

	(void) load_own(name, "unschedule");
	if (other_database() != NULL)
		ereport(ERROR,
				errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				errmsg("cannot unschedule data set \"%s\" from database \"%s\": pg_cron keeps its jobs in database \"%s\"",
					   name, get_database_name(MyDatabaseId),
					   other_database()),
				errhint("In that database, as a superuser: %s",
						removal_of(name)));
	was_there = sfdw_schedule_remove(name) > 0;
	if (!was_there)
		ereport(NOTICE,
				errmsg("data set \"%s\" has no schedule", name));
	PG_RETURN_BOOL(was_there);
}

/* A job elsewhere is known by the CALLs that it has made. */
void
sfdw_schedule_drop(const char *dataset)
{
	SfdwParam	params[] = {sfdw_param_text(dataset)};
	const char *there = other_database();

	(void) sfdw_schedule_remove(dataset);
	if (there == NULL ||
		sfdw_ledger_read("SELECT FROM salesforce_fdw.ledger_event"
						 " WHERE dataset = $1 AND event = 'called'"
						 " AND detail IS NOT NULL LIMIT 1",
						 lengthof(params), params).count == 0)
		return;
	ereport(WARNING,
			errcode(ERRCODE_WARNING),
			errmsg("data set \"%s\" may still have a job in database \"%s\"",
				   dataset, there),
			errhint("In that database, as a superuser: %s",
					removal_of(dataset)));
}
