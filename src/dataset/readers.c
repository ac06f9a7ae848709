/*-------------------------------------------------------------------------
 * readers.c
 *		Which other data sets still need a raw version
 *
 * A run lists every version that there is and pins the newest: so what a
 * published run has listed of an object that it read is what it has published,
 * or older.
 *-------------------------------------------------------------------------
 */
#include "dataset/readers.h"

#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "dataset/definition.h"
#include "dataset/gate_objects.h"
#include "dataset/ledger.h"
#include "dataset/purge_settle.h"
#include "fdw/table.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

struct SfdwReader
{
	char	   *dataset;
	char	   *url;			/* as its runs list it; NULL: it may read
								 * anything */
	char	   *comparable;		/* the same, for comparing */
	bool		is_known;		/* listed is set */
	SfdwRows	listed;			/* see find_listed, in the order of versions */
};

/* Columns of find_listed. */
enum
{
	COL_VERSION, COL_IS_AWAITED, COL_IS_PUBLISHED, COL_IS_DEFERRED, COL_DUE
};

/* The view of a data set, or InvalidOid when it is gone. */
static Oid
find_view(SfdwDataset *dataset)
{
	Oid			schema = get_namespace_oid(dataset->target_schema, true);
	Oid			view = !OidIsValid(schema) ? InvalidOid :
		get_relname_relid(sfdw_dataset_view_name(dataset), schema);

	return OidIsValid(view) && get_rel_relkind(view) == RELKIND_VIEW
		? view : InvalidOid;
}

/* The URLs of what a view reads, by way of other views and of parents too. */
static List *
urls_of_view(Oid view)
{
	List	   *urls = NIL;
	ListCell   *cell;

	foreach(cell, sfdw_gate_foreign_tables(view))
	{
		Oid			relid = lfirst_oid(cell);
		char	   *url = sfdw_table_is_ours(relid) ? sfdw_table_url(relid) : NULL;

		if (url != NULL)
			urls = lappend(urls, url);
	}
	return urls;
}

/* The URLs of what the last run by the present definition read. */
static List *
urls_of_last_run(SfdwDataset *dataset)
{
	SfdwParam	params[] = {
		sfdw_param_text(dataset->name),
		sfdw_param_int8(dataset->version)
	};
	List	   *urls = NIL;
	SfdwRows	rows;

	rows = sfdw_ledger_read("SELECT DISTINCT i.location || i.key"
							" FROM salesforce_fdw.ledger_input i"
							" WHERE i.is_input AND i.run ="
							"  (SELECT r.run FROM salesforce_fdw.ledger_run r"
							"   WHERE r.dataset = $1 AND $2 ="
							"    (r.definition ->> 'version')::bigint"
							"   AND EXISTS (SELECT"
							"    FROM salesforce_fdw.ledger_input x"
							"    WHERE x.run = r.run)"
							"   ORDER BY r.number DESC LIMIT 1)",
							lengthof(params), params);
	for (int i = 0; i < rows.count; i++)
		urls = lappend(urls, rows.values[i][0]);
	return urls;
}

/* Add a reader; url may be NULL. */
static List *
add_reader(List *readers, SfdwDataset *dataset, char *url)
{
	SfdwReader *reader = palloc0(sizeof(SfdwReader));

	reader->dataset = dataset->name;
	reader->url = url;
	reader->comparable = url == NULL ? NULL : sfdw_storage_comparable(url);
	return lappend(readers, reader);
}

/* What the other data sets read. */
List *
sfdw_readers_besides(const char *dataset)
{
	List	   *readers = NIL;
	ListCell   *outer;
	ListCell   *inner;

	foreach(outer, sfdw_dataset_list())
	{
		SfdwDataset *other = lfirst(outer);
		Oid			view;
		List	   *urls;

		if (strcmp(other->name, dataset) == 0)
			continue;
		view = find_view(other);
		urls = OidIsValid(view) ? urls_of_view(view) : urls_of_last_run(other);
		foreach(inner, urls)
			readers = add_reader(readers, other, lfirst(inner));
		if (urls == NIL && !OidIsValid(view))
			readers = add_reader(readers, other, NULL);
	}
	return readers;
}

/*
 * The versions of a reader's object that its runs have listed: each with
 * whether a run is about to read it, whether one has published it or a newer
 * one (and its readers see it), and whether and until when it is kept all the
 * same.  What was taken back (retracted) is not published.
 */
static SfdwRows
find_listed(const SfdwReader *reader)
{
	SfdwParam	params[] = {
		sfdw_param_text(reader->dataset),
		sfdw_param_text(reader->url)
	};

	return sfdw_ledger_read("SELECT v.version_id, v.is_awaited, v.is_published,"
							" v.purge <> 'none' AND v.purge_after > '0'"
							"  AND v.due > clock_timestamp(),"
							" to_char(v.due, 'YYYY-MM-DD HH24:MI:SS TZH:TZM')"
							" FROM (SELECT i.version_id, d.purge, d.purge_after,"
							"  bool_or(r.state = 'discovered' AND i.is_pinned)"
							"   AS is_awaited,"
							"  bool_or(p.is_published) AS is_published,"
							"  min(r.registered_at) FILTER (WHERE p.is_published)"
							"   + d.purge_after AS due"
							"  FROM salesforce_fdw.ledger_input i"
							"  JOIN salesforce_fdw.ledger_run r ON r.run = i.run"
							"  JOIN salesforce_fdw.dataset d ON d.name = r.dataset"
							"  CROSS JOIN LATERAL (SELECT"
							"   r.state IN " SFDW_PURGE_STATES
							"   AND NOT EXISTS (SELECT"
							"    FROM salesforce_fdw.ledger_event e"
							"    WHERE e.run = r.run AND e.dataset = r.dataset"
							"    AND e.event = 'retracted')) AS p (is_published)"
							"  WHERE r.dataset = $1 AND i.is_input"
							"  AND i.location || i.key = $2"
							"  GROUP BY i.version_id, d.purge, d.purge_after) v"
							" ORDER BY v.version_id COLLATE \"C\"",
							lengthof(params), params);
}

/* The row of a version, or NULL. */
static char **
find_row(SfdwReader *reader, const char *version_id)
{
	if (!reader->is_known)
		reader->listed = find_listed(reader);
	reader->is_known = true;
	return sfdw_rows_find(&reader->listed, &version_id, 1);
}

/* Why a data set needs a version of an object that it reads, or NULL. */
static char *
reason_of(SfdwReader *reader, const char *version_id)
{
	char	  **row = find_row(reader, version_id);

	if (row == NULL || row[COL_IS_PUBLISHED][0] == 'f')
		return psprintf("data set \"%s\" has not published it yet",
						reader->dataset);
	if (row[COL_IS_AWAITED][0] == 't')
		return psprintf("a run of data set \"%s\" is about to read it again",
						reader->dataset);
	if (row[COL_IS_DEFERRED][0] == 't')
		return psprintf("data set \"%s\" keeps it until %s", reader->dataset,
						row[COL_DUE]);
	return NULL;
}

/* The first reason that a data set has. */
char *
sfdw_readers_need(List *readers, SfdwStorage *storage,
				  const SfdwVersion *version)
{
	char	   *url;
	ListCell   *cell;

	if (version->is_delete_marker || readers == NIL)
		return NULL;
	url = sfdw_storage_comparable(sfdw_storage_url(storage, version->key));
	foreach(cell, readers)
	{
		SfdwReader *reader = lfirst(cell);
		char	   *reason = NULL;

		if (reader->url == NULL)
			reason = psprintf("what data set \"%s\" reads is not known: its view is gone",
							  reader->dataset);
		else if (strcmp(reader->comparable, url) == 0)
			reason = reason_of(reader, version->version_id);
		if (reason != NULL)
			return reason;
	}
	return NULL;
}

/* Whether the object is among what they read. */
bool
sfdw_readers_have(List *readers, SfdwStorage *storage, const char *key)
{
	char	   *url = sfdw_storage_comparable(sfdw_storage_url(storage, key));
	ListCell   *cell;

	foreach(cell, readers)
	{
		SfdwReader *reader = lfirst(cell);

		if (reader->url == NULL || strcmp(reader->comparable, url) == 0)
			return true;
	}
	return false;
}
