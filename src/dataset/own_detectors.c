/*-------------------------------------------------------------------------
 * own_detectors.c
 *		Detectors that users define
 *
 * Knows the tables salesforce_fdw.detector and detector_version, and nothing of
 * texts.
 *-------------------------------------------------------------------------
 */
#include "dataset/own_detectors.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "core/names.h"
#include "dataset/detectors.h"
#include "dataset/json_object.h"
#include "dataset/owner.h"
#include "executor/spi.h"
#include "nodes/makefuncs.h"
#include "utils/builtins.h"
#include "utils/varlena.h"

#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyz0123456789_"

/* Columns of the statement below, and parameters of those further below. */
enum
{
	DETECTOR_NAME,
	DETECTOR_OWNER,
	DETECTOR_VERSION,
	DETECTOR_PATTERN,
	DETECTOR_CASE_SENSITIVE,
	DETECTOR_GAZETTEER,
	DETECTOR_COLUMN,
	DETECTOR_HASH,
	DETECTOR_COUNT
};

#define COLUMNS_LIST \
	"name, owner, version, pattern, case_sensitive, gazetteer," \
	" gazetteer_column, hash"

#define VALUES_LIST \
	"($1, $2, $3, $4, $5, $6, $7, $8, session_user, now())"

#define INSERT_ONLY \
	"INSERT INTO salesforce_fdw.detector (" COLUMNS_LIST ", changed_by, changed_at)" \
	" VALUES " VALUES_LIST

#define UPSERT \
	INSERT_ONLY " ON CONFLICT (name) DO UPDATE SET" \
	" (" COLUMNS_LIST ", changed_by, changed_at) = " VALUES_LIST

#define INSERT_VERSION \
	"INSERT INTO salesforce_fdw.detector_version (" COLUMNS_LIST ", changed_by, changed_at)" \
	" VALUES " VALUES_LIST

#define SELECT_USER \
	"SELECT d.name FROM salesforce_fdw.dataset AS d," \
	" jsonb_object_keys(d.detectors) AS k" \
	" WHERE k = $1 OR right(k, length($1) + 1) = '.' || $1 ORDER BY 1 LIMIT 1"

/* Small letters, as an identifier that needs no quotes. */
bool
sfdw_own_detector_is_name(const char *name)
{
	size_t		length = strlen(name);

	return length > 0 && length < NAMEDATALEN &&
		strspn(name, NAME_CHARACTERS) == length && name[0] >= 'a';
}

/* One row, in the current context. */
static SfdwOwnDetector *
read_row(uint64 number)
{
	SfdwOwnDetector *detector = palloc0(sizeof(SfdwOwnDetector));
	HeapTuple	tuple = SPI_tuptable->vals[number];
	char	   *values[DETECTOR_COUNT];

	for (int i = 0; i < DETECTOR_COUNT; i++)
		values[i] = SPI_getvalue(tuple, SPI_tuptable->tupdesc, i + 1);
	detector->name = values[DETECTOR_NAME];
	detector->owner = values[DETECTOR_OWNER];
	detector->version = pg_strtoint32(values[DETECTOR_VERSION]);
	detector->pattern = values[DETECTOR_PATTERN];
	detector->case_sensitive = values[DETECTOR_CASE_SENSITIVE][0] == 't';
	detector->gazetteer = values[DETECTOR_GAZETTEER];
	detector->gazetteer_column = values[DETECTOR_COLUMN];
	detector->hash = values[DETECTOR_HASH];
	return detector;
}

/* Read as the owner: a run need not have rights on the table. */
SfdwOwnDetector *
sfdw_own_detector_find(const char *name)
{
	Oid			type = TEXTOID;
	Datum		value = CStringGetTextDatum(name);
	SfdwOwnDetector *detector = NULL;
	SfdwOwnerScope scope;

	sfdw_owner_enter(&scope);
	if (sfdw_owner_execute("SELECT " COLUMNS_LIST
						   " FROM salesforce_fdw.detector WHERE name = $1",
						   1, &type, &value, NULL) == 1)
	{
		MemoryContext old = MemoryContextSwitchTo(scope.caller_context);

		detector = read_row(0);
		MemoryContextSwitchTo(old);
	}
	sfdw_owner_leave(&scope);
	return detector;
}

/* The same for the names alone. */
List *
sfdw_own_detector_names(void)
{
	List	   *names = NIL;
	SfdwOwnerScope scope;
	MemoryContext old;
	uint64		count;

	sfdw_owner_enter(&scope);
	count = sfdw_owner_execute("SELECT name FROM salesforce_fdw.detector"
							   " ORDER BY name COLLATE \"C\"", 0, NULL, NULL,
							   NULL);
	old = MemoryContextSwitchTo(scope.caller_context);
	for (uint64 i = 0; i < count; i++)
		names = lappend(names, SPI_getvalue(SPI_tuptable->vals[i],
											SPI_tuptable->tupdesc, 1));
	MemoryContextSwitchTo(old);
	sfdw_owner_leave(&scope);
	return names;
}

/* Each once, in the order of the keys. */
List *
sfdw_own_detectors_of(Jsonb *detectors, List **missing)
{
	List	   *found = NIL;
	List	   *names = list_make1("*");
	ListCell   *cell;

	foreach(cell, sfdw_json_pairs(&detectors->root, "detectors"))
	{
		char	   *key = ((SfdwJsonPair *) lfirst(cell))->key;
		char	   *dot = strrchr(key, '.');
		char	   *name = dot == NULL ? key : dot + 1;
		SfdwOwnDetector *detector;
		SfdwDetector built_in;

		if (sfdw_detector_by_name(name, &built_in) ||
			sfdw_names_have(names, name))
			continue;
		names = lappend(names, name);
		detector = sfdw_own_detector_find(name);
		if (detector != NULL)
			found = lappend(found, detector);
		else
			*missing = lappend(*missing, name);
	}
	return found;
}

/* Names of a table and its column, or the expression and what capitals are. */
char *
sfdw_own_detector_words(const SfdwOwnDetector *detector)
{
	if (detector->pattern == NULL)
		return psprintf("names in column %s of table %s",
						quote_identifier(detector->gazetteer_column),
						detector->gazetteer);
	return psprintf("pattern %s, %s", quote_literal_cstr(detector->pattern),
					detector->case_sensitive ? "case-sensitive" :
					"case-insensitive");
}

/* By name, so that it survives a dump. */
Oid
sfdw_own_detector_table(const SfdwOwnDetector *detector)
{
	List	   *names = textToQualifiedNameList(cstring_to_text(detector->gazetteer));
	Oid			relid = RangeVarGetRelid(makeRangeVarFromNameList(names),
										 AccessShareLock, true);

	if (!OidIsValid(relid))
		ereport(ERROR,
				errcode(ERRCODE_UNDEFINED_TABLE),
				errmsg("table %s of detector \"%s\" does not exist",
					   detector->gazetteer, detector->name));
	return relid;
}

/* A text, or NULL. */
static Datum
text_or_null(const char *value, char *is_null)
{
	*is_null = value == NULL ? 'n' : ' ';
	return value == NULL ? (Datum) 0 : CStringGetTextDatum(value);
}

/* A new row must not take the place of one that came meanwhile. */
void
sfdw_own_detector_store(SfdwOwnDetector *detector, bool exists)
{
	Oid			types[] = {
		TEXTOID, TEXTOID, INT4OID, TEXTOID, BOOLOID, TEXTOID, TEXTOID, TEXTOID
	};
	char		nulls[DETECTOR_COUNT + 1] = "        ";
	Datum		values[] = {
		CStringGetTextDatum(detector->name),
		CStringGetTextDatum(detector->owner),
		Int32GetDatum(detector->version),
		text_or_null(detector->pattern, &nulls[DETECTOR_PATTERN]),
		BoolGetDatum(detector->case_sensitive),
		text_or_null(detector->gazetteer, &nulls[DETECTOR_GAZETTEER]),
		text_or_null(detector->gazetteer_column, &nulls[DETECTOR_COLUMN]),
		CStringGetTextDatum(detector->hash)
	};
	SfdwOwnerScope scope;

	sfdw_owner_enter(&scope);
	(void) sfdw_owner_execute(exists ? UPSERT : INSERT_ONLY, DETECTOR_COUNT,
							  types, values, nulls);
	(void) sfdw_owner_execute(INSERT_VERSION, DETECTOR_COUNT, types, values,
							  nulls);
	sfdw_owner_leave(&scope);
}

/* Versions stay: runs of the past name their hashes. */
char *
sfdw_own_detector_delete(const char *name)
{
	Oid			type = TEXTOID;
	Datum		value = CStringGetTextDatum(name);
	char	   *dataset = NULL;
	SfdwOwnerScope scope;

	sfdw_owner_enter(&scope);
	if (sfdw_owner_execute(SELECT_USER, 1, &type, &value, NULL) > 0)
		dataset = MemoryContextStrdup(scope.caller_context,
									  SPI_getvalue(SPI_tuptable->vals[0],
												   SPI_tuptable->tupdesc, 1));
	else
		(void) sfdw_owner_execute("DELETE FROM salesforce_fdw.detector"
								  " WHERE name = $1", 1, &type, &value, NULL);
	sfdw_owner_leave(&scope);
	return dataset;
}
