/*-------------------------------------------------------------------------
 * policy.c
 *		What somebody who accepts a column has to judge by
 *
 * Puts a policy into words, a part a line, and takes the hash of them.
 *-------------------------------------------------------------------------
 */
#include "dataset/policy.h"

#include "dataset/gate_classes.h"
#include "dataset/gate_refuse.h"
#include "dataset/json_object.h"
#include "dataset/own_detectors.h"
#include "dataset/owner.h"
#include "fmgr.h"
#include "parquet/sha256.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/snapmgr.h"

/* Add a part. */
static void
add_part(SfdwGate *gate, const char *name, const char *value)
{
	gate->policy = lappend(gate->policy, psprintf("%s %s", name, value));
}

/*
 * The query as PostgreSQL prints it with every name qualified.  The view may
 * have been made by this very command, so the snapshot must be a new one.
 */
static char *
bound_query(Oid view)
{
	int			level = sfdw_owner_plain_search_path();
	Datum		query;

	PushActiveSnapshot(GetTransactionSnapshot());
	query = DirectFunctionCall1(pg_get_viewdef, ObjectIdGetDatum(view));
	PopActiveSnapshot();
	AtEOXact_GUC(true, level);
	return TextDatumGetCString(query);
}

/* jsonb prints the same for equal values; an empty one says nothing. */
static void
add_json(SfdwGate *gate, const char *name, Jsonb *json)
{
	ListCell   *cell;

	foreach(cell, sfdw_json_pairs(&json->root, name))
	{
		SfdwJsonPair *pair = lfirst(cell);
		Jsonb	   *value = JsonbValueToJsonb(&pair->value);

		add_part(gate, psprintf("%s %s:", name, pair->key),
				 JsonbToCString(NULL, &value->root, VARSIZE(value)));
	}
}

/*
 * The definition and every view that it reads, a part for each line; the first
 * is the definition's own, whose name does not matter.
 */
static void
add_views(SfdwGate *gate)
{
	ListCell   *cell;

	foreach(cell, gate->objects.views)
	{
		char	   *name = "query";
		char	   *rest = bound_query(lfirst_oid(cell));
		char	   *line;

		if (foreach_current_index(cell) > 0)
			name = sfdw_gate_relation_name(lfirst_oid(cell));
		while ((line = strsep(&rest, "\n")) != NULL)
			add_part(gate, psprintf("%s:", name), line);
	}
}

/* What is touched, what it is, and whether transforms alone see it. */
static void
add_columns(SfdwGate *gate)
{
	ListCell   *cell;

	foreach(cell, gate->lineage)
	{
		SfdwLineage *entry = lfirst(cell);

		add_part(gate, entry->is_bare ? "column" : "transformed column",
				 psprintf("%s.%s: %s, class %s", entry->relation,
						  entry->column_name, sfdw_gate_field_name(entry),
						  sfdw_class_name(entry->class)));
	}
}

/* Each class that is allowed. */
static void
add_classes(SfdwGate *gate)
{
	for (int i = 0; i < SFDW_CLASS_COUNT; i++)
		if (gate->dataset->allow & (1u << i))
			add_part(gate, "allow", sfdw_class_name((SfdwClass) i));
}

/* What each detector of a user's looks for. */
static void
add_own_detectors(SfdwGate *gate)
{
	ListCell   *cell;

	foreach(cell, gate->own_detectors)
	{
		SfdwOwnDetector *detector = lfirst(cell);

		add_part(gate, psprintf("detector %s:", detector->name),
				 sfdw_own_detector_words(detector));
	}
}

/* Everything that the hash covers, in a fixed order. */
static void
add_all(SfdwGate *gate)
{
	ListCell   *cell;

	add_views(gate);
	add_columns(gate);
	add_classes(gate);
	add_json(gate, "accept", gate->dataset->accept);
	add_json(gate, "detectors", gate->dataset->detectors);
	add_own_detectors(gate);
	foreach(cell, gate->dataset->functions)
		add_part(gate, "function", lfirst(cell));
	add_json(gate, "reference table", gate->dataset->reference_tables);
}

/* With the length of each part, so that no two policies look alike. */
void
sfdw_policy_compute(SfdwGate *gate)
{
	SfdwSha256 *digest = sfdw_sha256_create();
	char		hash[SFDW_SHA256_TEXT_SIZE];
	ListCell   *cell;

	gate->policy = NIL;
	add_all(gate);
	foreach(cell, gate->policy)
	{
		char	   *part = psprintf("%zu:%s\n", strlen(lfirst(cell)),
									(char *) lfirst(cell));

		sfdw_sha256_update(digest, part, strlen(part));
	}
	sfdw_sha256_finish(digest, hash);
	gate->policy_hash = pstrdup(hash);
}
