/*-------------------------------------------------------------------------
 * final_key.c
 *		Under which key a run will publish
 *
 * Knows the folder's objects and the keys in the ledger; nothing of versions
 * or bytes.
 *-------------------------------------------------------------------------
 */
#include "dataset/final_key.h"

#include "core/errors.h"
#include "dataset/ledger.h"
#include "dataset/run_record.h"
#include "lib/stringinfo.h"

/* How an object is called that another job may have written for the table. */
#define PARQUET_SUFFIX ".parquet"

/* Objects that a message names; of more it tells the number. */
#define NAMED_OBJECTS 5

/* The key of the run of the data set that published there last, or NULL. */
static char *
last_key(SfdwDataset *dataset)
{
	SfdwParam	params[] = {
		sfdw_param_text(dataset->name),
		sfdw_param_text(dataset->destination),
		sfdw_param_text(dataset->path)
	};
	SfdwRows	rows;

	rows = sfdw_ledger_read("SELECT target_key FROM salesforce_fdw.ledger_run"
							" WHERE dataset = $1 AND destination = $2"
							" AND regexp_replace(target_key, '[^/]*$', '') = $3"
							" AND is_published ORDER BY number DESC LIMIT 1",
							lengthof(params), params);
	return rows.count == 0 ? NULL : rows.values[0][0];
}

/* Whether readers of a folder read an object of that name below it. */
static bool
is_visible(const char *name)
{
	size_t		length = strlen(name);

	/* A console's stand-in for an empty folder is no file. */
	if (length == 0 || name[length - 1] == '/')
		return false;
	for (const char *segment = name; segment != NULL;)
	{
		if (*segment == '_' || *segment == '.')
			return false;
		segment = strchr(segment, '/');
		if (segment != NULL)
			segment++;
	}
	return true;
}

/* The keys (char *) in the data set's folder that readers read, but for own. */
static List *
find_others(SfdwDataset *dataset, SfdwPlace *place, const char *own,
			bool *has_own)
{
	List	   *others = NIL;
	ListCell   *cell;

	*has_own = false;
	foreach(cell, place->versions)
	{
		SfdwVersion *version = lfirst(cell);

		if (!version->is_latest || version->is_delete_marker)
			continue;
		if (strcmp(version->key, own) == 0)
			*has_own = true;
		else if (is_visible(version->key + strlen(dataset->path)))
			others = lappend(others, version->key);
	}
	return others;
}

/* Whether a run of another data set has written the object. */
static bool
is_of_another(SfdwDataset *dataset, SfdwStorage *storage, const char *key)
{
	SfdwParam	params[] = {
		sfdw_param_text(dataset->name),
		sfdw_param_text(sfdw_storage_url(storage, key))
	};

	return sfdw_ledger_read("SELECT FROM salesforce_fdw.ledger_output o"
							" JOIN salesforce_fdw.ledger_run r ON r.run = o.run"
							" WHERE r.dataset <> $1 AND o.kind = 'published'"
							" AND o.location || o.key = $2 LIMIT 1",
							lengthof(params), params).count > 0;
}

/* Whether the one object there can be taken over. */
static bool
may_take_over(SfdwDataset *dataset, SfdwStorage *storage, List *others)
{
	char	   *key = linitial(others);
	size_t		length = strlen(key);

	return list_length(others) == 1 && length > strlen(PARQUET_SUFFIX) &&
		strcmp(key + length - strlen(PARQUET_SUFFIX), PARQUET_SUFFIX) == 0 &&
		strchr(key + strlen(dataset->path), '/') == NULL &&
		!is_of_another(dataset, storage, key);
}

/* Raise because of what lies in the folder. */
static void
report_others(SfdwDataset *dataset, SfdwStorage *storage, List *others)
{
	StringInfoData names;
	ListCell   *cell;

	initStringInfo(&names);
	foreach(cell, others)
	{
		if (foreach_current_index(cell) < NAMED_OBJECTS)
			appendStringInfo(&names, "%s\"%s\"", names.len > 0 ? ", " : "",
							 (char *) lfirst(cell) + strlen(dataset->path));
	}
	if (list_length(others) > NAMED_OBJECTS)
		appendStringInfo(&names, " and %d more",
						 list_length(others) - NAMED_OBJECTS);
	ereport(ERROR,
			errcode(SFDW_ERRCODE_CONFLICT),
			errmsg("folder \"%s\" of data set \"%s\" has other objects",
				   sfdw_storage_url(storage, dataset->path), dataset->name),
			errdetail("Readers of the table would read them, too: %s.",
					  names.data),
			errhint("Move them away, or choose another path.  The one Parquet object that another job has left is replaced in place."));
}

/* Under which key to publish. */
char *
sfdw_final_key(SfdwDataset *dataset, SfdwPlace *place, const char *run)
{
	char	   *key = sfdw_dataset_object_key(dataset, run);
	char	   *last;
	SfdwStorage *storage = place->storage;
	List	   *others;
	bool		has_own;

	if (dataset->publish_versioned)
		return key;
	last = last_key(dataset);
	if (last != NULL)
		key = last;
	others = find_others(dataset, place, key, &has_own);
	if (others == NIL)
		return key;
	if (has_own || last != NULL || !may_take_over(dataset, storage, others))
		report_others(dataset, storage, others);
	key = linitial(others);
	sfdw_run_event(dataset->name, NULL, "takes_over",
				   psprintf("object \"%s\", which no run has written",
							sfdw_storage_url(storage, key)));
	return key;
}
