/*-------------------------------------------------------------------------
 * withhold.c
 *		Run something so that no message of PostgreSQL's shows a value
 *
 * Errors are told apart by their domain (TEXTDOMAIN in compat.h), which SQL
 * cannot set.  An ERROR reaches the log only when nobody catches it, so it is
 * enough to catch; a lesser message, and any message of a parallel worker, is
 * withheld by the hook while the GUC is on, which workers inherit.
 *-------------------------------------------------------------------------
 */
#include "dataset/withhold.h"

#include "access/parallel.h"
#include "catalog/namespace.h"
#include "catalog/objectaccess.h"
#include "catalog/pg_proc.h"
#include "core/errors.h"
#include "dataset/gate_own.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#define DOMAIN_OF_CORE	PG_TEXTDOMAIN("postgres")

/* On inside a section; not for people, and nobody else can set it. */
static bool is_withholding = false;

/* log_min_messages outside of the outermost section. */
static int	outer_log_level = WARNING;

static emit_log_hook_type previous_hook = NULL;
static object_access_hook_type previous_access_hook = NULL;

/* Where functions are whose messages repeat their arguments. */
#define OUR_SCHEMA "salesforce_fdw"

/* The one that a section calls itself, to redact. */
#define FUNCTION_OF_FILL "redact"

/* What a section sets. */
static const struct
{
	const char *name;
	const char *value;
}			settings[] =
{
	{"timezone", "UTC"},
	{"datestyle", "ISO, YMD"},
	{"intervalstyle", "postgres"},
	{"extra_float_digits", "1"},
	{"bytea_output", "hex"},
	{"search_path", "pg_catalog, pg_temp"},
	{"row_security", "off"},
	/* A foreign table's constraints are its owner's code, and prove nothing. */
	{"constraint_exclusion", "off"},
	/* With the second, the hook sees even what the first lets through. */
	{"client_min_messages", "error"},
	{"log_min_messages", "debug5"},
	{"salesforce_fdw.withhold_messages", "on"},
};

/* What an SQLSTATE means, for those that data cause most often. */
static const struct
{
	int			sqlstate;
	const char *meaning;
}			meanings[] =
{
	{ERRCODE_CHECK_VIOLATION, "a row violates a check constraint"},
	{ERRCODE_UNIQUE_VIOLATION, "two rows have the same key"},
	{ERRCODE_NOT_NULL_VIOLATION, "a column that may not be null is null"},
	{ERRCODE_FOREIGN_KEY_VIOLATION, "a row violates a foreign key"},
	{ERRCODE_EXCLUSION_VIOLATION, "two rows violate an exclusion constraint"},
	{ERRCODE_RAISE_EXCEPTION, "a function raised an exception"},
	{ERRCODE_DIVISION_BY_ZERO, "division by zero"},
	{ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE, "a number is out of range"},
	{ERRCODE_DATETIME_VALUE_OUT_OF_RANGE, "a date or time is out of range"},
	{ERRCODE_INVALID_TEXT_REPRESENTATION, "a text is not of the type that it is cast to"},
	{ERRCODE_INVALID_DATETIME_FORMAT, "a text is not a date or time"},
	{ERRCODE_STRING_DATA_RIGHT_TRUNCATION, "a text is too long for its column"},
	{ERRCODE_PROGRAM_LIMIT_EXCEEDED, "a value is too large"},
	{ERRCODE_INSUFFICIENT_PRIVILEGE, "a right is missing"},
	{SFDW_ERRCODE_POLICY, "a trigger or a function reads a raw table or column that the gate did not pass"},
};

/*
 * Classes of SQLSTATEs whose messages are not about data.  Not among them:
 * 42, 0A, 54 and 58, since casts and functions use these for what they are
 * given ("syntax error in tsquery: ...", "relation ... does not exist").
 */
static const int classes_of_objects[] = {
	ERRCODE_INVALID_TRANSACTION_STATE,
	ERRCODE_TRANSACTION_ROLLBACK,
	ERRCODE_INSUFFICIENT_RESOURCES,
	ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE,
	ERRCODE_OPERATOR_INTERVENTION
};

/* Where PostgreSQL denies a right to an object, which it names. */
#define FILE_OF_RIGHTS	"aclchk.c"

/* Whether this library raised it: then it holds no value. */
static bool
is_ours(const ErrorData *edata)
{
	return edata->domain != NULL && strcmp(edata->domain, TEXTDOMAIN) == 0;
}

/*
 * Whether its message can be passed on: not when a function of the user's led
 * to it, which can have made a name out of a value ("data set ... does not
 * exist").
 */
static bool
is_ours_alone(const ErrorData *edata)
{
	return is_ours(edata) && edata->context == NULL;
}

/*
 * Whether these are PostgreSQL's own words, and no function led to them, which
 * would show in the context: a trigger can make tables and constraints whose
 * names are values.
 */
static bool
is_cores_alone(const ErrorData *edata)
{
	return edata->domain != NULL && edata->context == NULL &&
		strcmp(edata->domain, DOMAIN_OF_CORE) == 0;
}

/*
 * Whether what PostgreSQL says can be passed on: its own words about objects,
 * rights, locks, resources or a cancelled statement, and not about data.
 */
static bool
is_about_objects(const ErrorData *edata)
{
	int			class = ERRCODE_TO_CATEGORY(edata->sqlerrcode);
	int			i;

	if (!is_cores_alone(edata))
		return false;
	for (i = 0; i < (int) lengthof(classes_of_objects); i++)
	{
		if (classes_of_objects[i] == class)
			return true;
	}
	return edata->sqlerrcode == ERRCODE_INSUFFICIENT_PRIVILEGE &&
		edata->filename != NULL && strcmp(edata->filename, FILE_OF_RIGHTS) == 0;
}

/* Set one setting until the level ends. */
static void
set_locally(const char *name, const char *value)
{
	(void) set_config_option(name, value, PGC_SUSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
}

/* Drop all of an error but its SQLSTATE and a message of ours. */
static void pg_attribute_noreturn()
raise_masked(const ErrorData *edata, const char *action)
{
	const char *meaning = "an error whose message can hold values";
	bool		names_constraint = edata->constraint_name != NULL &&
		edata->table_name != NULL && is_cores_alone(edata);
	int			i;

	for (i = 0; i < (int) lengthof(meanings); i++)
	{
		if (meanings[i].sqlstate == edata->sqlerrcode)
			meaning = meanings[i].meaning;
	}
	ereport(ERROR,
			errcode(edata->sqlerrcode),
			is_about_objects(edata) ?
			errmsg("could not %s: %s", action, edata->message) :
			names_constraint ?
			errmsg("could not %s: %s (constraint \"%s\" of \"%s\")", action,
				   meaning, edata->constraint_name, edata->table_name) :
			errmsg("could not %s: %s (SQLSTATE %s)", action, meaning,
				   unpack_sql_state(edata->sqlerrcode)),
			is_about_objects(edata) ?
			(edata->hint == NULL ? 0 : errhint("%s", edata->hint)) :
			errdetail("What PostgreSQL said is withheld, since it can hold values of the data."));
	pg_unreachable();
}

/*
 * The caller's context callbacks are put away, so that the context of an error
 * is only what was inside; they get their turn when it is raised again.
 */
void
sfdw_withhold_call(void (*function) (void *argument), void *argument,
				   const char *action)
{
	MemoryContext caller = CurrentMemoryContext;
	int			level = NewGUCNestLevel();
	int			i;

	if (!is_withholding)
		outer_log_level = log_min_messages;
	for (i = 0; i < (int) lengthof(settings); i++)
		set_locally(settings[i].name, settings[i].value);
	PG_TRY();
	{
		error_context_stack = NULL;
		function(argument);
	}
	PG_CATCH();
	{
		ErrorData  *edata;

		MemoryContextSwitchTo(caller);
		edata = CopyErrorData();
		FlushErrorState();
		AtEOXact_GUC(false, level);
		if (!is_ours_alone(edata))
			raise_masked(edata, action);
		ThrowErrorData(edata);
	}
	PG_END_TRY();
	AtEOXact_GUC(true, level);
}

/*
 * The leader's messages are dropped; a worker's error still goes to the
 * leader, which masks it.  A fatal message is kept, but bare.  Our own debug
 * messages would show only since the section lowers the level.
 */
static void
on_emit(ErrorData *edata)
{
	if (is_withholding && is_ours(edata))
	{
		if (edata->elevel < LOG && edata->elevel < outer_log_level)
			edata->output_to_server = false;
	}
	else if (is_withholding)
	{
		if (edata->elevel >= FATAL)
			edata->detail = edata->detail_log = edata->hint = edata->context = NULL;
		else
		{
			edata->output_to_server = false;
			if (!IsParallelWorker())
				edata->output_to_client = false;
		}
	}
	if (previous_hook != NULL && edata->output_to_server)
		previous_hook(edata);
}

/* The GUC tells, since an abort resets it. */
bool
sfdw_withhold_is_active(void)
{
	return is_withholding;
}

/*
 * Refuse the functions of this extension that do something: a constraint can
 * call one with a value, which it would name in a message of ours, without a
 * line of context to tell it by.
 */
static void
on_access(ObjectAccessType access, Oid class, Oid object, int sub_object,
		  void *arg)
{
	if (previous_access_hook != NULL)
		previous_access_hook(access, class, object, sub_object, arg);
	if (is_withholding && access == OAT_FUNCTION_EXECUTE &&
		class == ProcedureRelationId &&
		func_volatile(object) != PROVOLATILE_IMMUTABLE &&
		get_func_namespace(object) == get_namespace_oid(OUR_SCHEMA, true) &&
		strcmp(get_func_name(object), FUNCTION_OF_FILL) != 0 &&
		sfdw_gate_own_kind(object) == SFDW_OWN_NONE)
		ereport(ERROR,
				errcode(ERRCODE_OBJECT_IN_USE),
				errmsg("cannot call function \"%s.%s\" while a data set is materialized",
					   OUR_SCHEMA, get_func_name(object)));
}

/* Chains to the hooks that were there before. */
void
sfdw_withhold_init(void)
{
	DefineCustomBoolVariable("salesforce_fdw.withhold_messages",
							 "Set while a data set is materialized: PostgreSQL's messages are withheld.",
							 NULL, &is_withholding, false, PGC_SUSET,
							 GUC_NO_SHOW_ALL | GUC_NOT_IN_SAMPLE |
							 GUC_DISALLOW_IN_FILE,
							 NULL, NULL, NULL);
	previous_hook = emit_log_hook;
	emit_log_hook = on_emit;
	previous_access_hook = object_access_hook;
	object_access_hook = on_access;
}
