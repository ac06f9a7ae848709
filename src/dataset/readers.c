/*-------------------------------------------------------------------------
 * readers.c
 *		Which other data sets still need a raw version
 *
 * Objects are matched by URL, since two servers may mean the same folder.
 *-------------------------------------------------------------------------
 */
#include "dataset/readers.h"

#include "dataset/ledger.h"
#include "fdw/table.h"
#include "foreign/foreign.h"
#include "utils/builtins.h"

/* The URL of what a foreign table reads. */
static char *
table_url(Oid relid)
{
	Oid			server = GetForeignTable(relid)->serverid;

	return psprintf("%s%s", sfdw_storage_location(server),
					sfdw_table_key(relid));
}

/* What the other data sets' views depend on. */
List *
sfdw_readers_besides(const char *dataset)
{
	SfdwParam	params[] = {sfdw_param_text(dataset)};
	List	   *readers = NIL;
	SfdwRows	rows;

	rows = sfdw_ledger_read("SELECT DISTINCT d.name, p.refobjid"
							" FROM salesforce_fdw.dataset d"
							" JOIN pg_namespace n ON n.nspname = d.target_schema"
							" JOIN pg_class c ON c.relnamespace = n.oid"
							"  AND c.relname = d.target_name || '_definition'"
							" JOIN pg_rewrite w ON w.ev_class = c.oid"
							" JOIN pg_depend p ON p.objid = w.oid"
							"  AND p.classid = 'pg_rewrite'::regclass"
							"  AND p.refclassid = 'pg_class'::regclass"
							" JOIN pg_foreign_table f ON f.ftrelid = p.refobjid"
							" WHERE d.name <> $1", lengthof(params), params);
	for (int i = 0; i < rows.count; i++)
	{
		Oid			relid = (Oid) strtoul(rows.values[i][1], NULL, 10);
		SfdwReader *reader;

		if (!sfdw_table_is_ours(relid))
			continue;
		reader = palloc(sizeof(SfdwReader));
		reader->dataset = rows.values[i][0];
		reader->url = table_url(relid);
		readers = lappend(readers, reader);
	}
	return readers;
}

/* Whether a data set has published a version, or is about to read it. */
static void
look_up_use(const char *dataset, const char *url, const char *version_id,
			bool *is_published, bool *is_awaited)
{
	SfdwParam	params[] = {
		sfdw_param_text(dataset),
		sfdw_param_text(url),
		sfdw_param_text(version_id)
	};
	SfdwRows	rows;

	rows = sfdw_ledger_read("SELECT coalesce(bool_or(r.is_published), false),"
							" coalesce(bool_or(r.state = 'discovered'), false)"
							" FROM salesforce_fdw.ledger_input i"
							" JOIN salesforce_fdw.ledger_run r ON r.run = i.run"
							" WHERE r.dataset = $1 AND i.is_pinned"
							" AND i.location || i.key = $2"
							" AND i.version_id = $3", lengthof(params), params);
	*is_published = rows.values[0][0][0] == 't';
	*is_awaited = rows.values[0][1][0] == 't';
}

/* Whether one data set needs a version that it reads. */
static bool
is_needed(const SfdwReader *reader, SfdwStorage *storage, const char *key,
		  const char *version_id)
{
	SfdwVersion *newest;
	bool		is_published;
	bool		is_awaited;

	look_up_use(reader->dataset, reader->url, version_id, &is_published,
				&is_awaited);
	if (is_awaited || is_published)
		return is_awaited;
	newest = sfdw_storage_find(storage, key);
	return newest != NULL && strcmp(newest->version_id, version_id) == 0;
}

/* The first data set that needs a version. */
char *
sfdw_readers_need(List *readers, SfdwStorage *storage, const char *key,
				  const char *version_id)
{
	char	   *url = sfdw_storage_url(storage, key);
	ListCell   *cell;

	foreach(cell, readers)
	{
		SfdwReader *reader = lfirst(cell);

		if (strcmp(reader->url, url) == 0 &&
			is_needed(reader, storage, key, version_id))
			return reader->dataset;
	}
	return NULL;
}
