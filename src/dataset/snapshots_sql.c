/*-------------------------------------------------------------------------
 * snapshots_sql.c
 *		snapshots(): to which instants of a location one can go back
 *
 * Plays a location's history from its beginning: at each moment at which a
 * version or a delete marker was written, what was current afterwards.
 *-------------------------------------------------------------------------
 */
#include "core/compat.h"

#include "access/genam.h"
#include "access/table.h"
#include "catalog/pg_foreign_table.h"
#include "core/names.h"
#include "dataset/history.h"
#include "dataset/ledger.h"
#include "fdw/table.h"
#include "fmgr.h"
#include "foreign/foreign.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/rel.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(sfdw_sql_snapshots);

/* Columns of snapshots(). */
#define SNAPSHOT_COLUMNS 5

/* One key of the location. */
typedef struct Key
{
	const char *name;
	bool		is_wanted;		/* a foreign table reads it */
	const SfdwPast *current;	/* at the moment that is played; or NULL */
	const SfdwPast *before;		/* at the moment before */
	bool		is_touched;		/* something happened at this moment */
} Key;

/* Something that happened to a key. */
typedef struct Event
{
	Key		   *key;
	const SfdwPast *past;
	int			place;			/* in the history */
} Event;

/* The location, as it is played. */
typedef struct Play
{
	Event	   *events;			/* the oldest first */
	int			count;
	int			wanted;			/* keys that foreign tables read */
	int			wanted_there;	/* those that can be read now */
	int64		objects;		/* that can be read now */
	int64		bytes;
} Play;

/* One row of the result. */
typedef struct Instant
{
	TimestampTz at;
	int64		objects;
	int64		bytes;
	List	   *changed;		/* char *, in order */
	bool		is_complete;
} Instant;

/* The keys that foreign tables of a server read: char *, each once. */
static List *
find_wanted(Oid server)
{
	Relation	catalog = table_open(ForeignTableRelationId, AccessShareLock);
	SysScanDesc scan = systable_beginscan(catalog, InvalidOid, false, NULL, 0,
										  NULL);
	List	   *wanted = NIL;
	HeapTuple	tuple;

	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_foreign_table row = (Form_pg_foreign_table) GETSTRUCT(tuple);
		char	   *key;

		/* One whose dialect is open has no file yet. */
		if (row->ftserver != server || sfdw_table_url(row->ftrelid) == NULL)
			continue;
		key = sfdw_table_key(row->ftrelid);
		if (!sfdw_names_have(wanted, key))
			wanted = lappend(wanted, key);
	}
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
	return wanted;
}

/* A key, and whether it is wanted. */
static Key *
make_key(const char *name, List *wanted)
{
	Key		   *key = palloc0(sizeof(Key));

	key->name = name;
	key->is_wanted = sfdw_names_have(wanted, name);
	return key;
}

/* The oldest first; at one moment by key, and by their order in it. */
static int
compare_events(const void *left, const void *right)
{
	const Event *a = left;
	const Event *b = right;
	TimestampTz a_time = a->past->version.last_modified;
	TimestampTz b_time = b->past->version.last_modified;
	int			order;

	if (a_time != b_time)
		return a_time < b_time ? -1 : 1;
	order = strcmp(a->key->name, b->key->name);
	return order != 0 ? order : b->place - a->place;
}

/* Put the events of a history into the order in which they happened. */
static void
arrange(Play *play, List *history, List *wanted)
{
	Key		   *key = NULL;
	ListCell   *cell;

	play->events = palloc(sizeof(Event) * Max(list_length(history), 1));
	play->wanted = list_length(wanted);
	foreach(cell, history)
	{
		SfdwPast   *past = lfirst(cell);
		Event	   *event = &play->events[play->count++];

		if (key == NULL || strcmp(key->name, past->version.key) != 0)
			key = make_key(past->version.key, wanted);
		event->key = key;
		event->past = past;
		event->place = foreach_current_index(cell);
	}
	qsort(play->events, play->count, sizeof(Event), compare_events);
}

/* Whether there was an object at all. */
static bool
exists(const SfdwPast *past)
{
	return past != NULL && !past->version.is_delete_marker;
}

/* Add what a key has, or take it away. */
static void
count_key(Play *play, const Key *key, const SfdwPast *past, int sign)
{
	if (!exists(past) || past->is_gone)
		return;
	play->objects += sign;
	play->bytes += sign * past->version.size;
	if (key->is_wanted)
		play->wanted_there += sign;
}

/* Let all events of the moment of events[first] happen; gives the next one's. */
static int
play_moment(Play *play, int first)
{
	TimestampTz at = play->events[first].past->version.last_modified;
	int			i = first;

	for (; i < play->count &&
		 play->events[i].past->version.last_modified == at; i++)
	{
		Key		   *key = play->events[i].key;

		if (!key->is_touched)
			key->before = key->current;
		key->is_touched = true;
		count_key(play, key, key->current, -1);
		key->current = play->events[i].past;
		count_key(play, key, key->current, 1);
	}
	return i;
}

/* The keys of a moment that are another object now, or none, or one again. */
static List *
take_changed(Play *play, int first, int next)
{
	List	   *changed = NIL;

	for (int i = first; i < next; i++)
	{
		Key		   *key = play->events[i].key;

		if (key->is_touched && (exists(key->before) || exists(key->current)))
			changed = lappend(changed, unconstify(char *, key->name));
		key->is_touched = false;
	}
	return changed;
}

/* All moments at which something changed, the newest first. */
static List *
play_all(Play *play)
{
	List	   *instants = NIL;

	for (int first = 0, next; first < play->count; first = next)
	{
		List	   *changed;
		Instant    *instant;

		CHECK_FOR_INTERRUPTS();
		next = play_moment(play, first);
		changed = take_changed(play, first, next);
		if (changed == NIL)
			continue;
		instant = palloc(sizeof(Instant));
		instant->at = play->events[first].past->version.last_modified;
		instant->objects = play->objects;
		instant->bytes = play->bytes;
		instant->changed = changed;
		instant->is_complete = play->wanted_there == play->wanted;
		instants = lappend(instants, instant);
	}
	return instants;
}

/* Add one row. */
static void
put_instant(ReturnSetInfo *result, const Instant *instant)
{
	Datum		values[SNAPSHOT_COLUMNS] = {
		TimestampTzGetDatum(instant->at),
		Int32GetDatum((int32) instant->objects),
		Int64GetDatum(instant->bytes),
		sfdw_param_texts(instant->changed).value,
		BoolGetDatum(instant->is_complete)
	};
	bool		nulls[SNAPSHOT_COLUMNS] = {false};

	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/* SQL: snapshots(server) */
Datum
sfdw_sql_snapshots(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	ForeignServer *server = GetForeignServerByName(text_to_cstring(PG_GETARG_TEXT_PP(0)),
												   false);
	SfdwStorage *storage = sfdw_storage_open(server->serverid, GetUserId(),
											 SFDW_STORAGE_READ);
	Play		play = {0};
	List	   *instants;

	InitMaterializedSRF(fcinfo, 0);
	arrange(&play, sfdw_history_list(storage, ""),
			find_wanted(server->serverid));
	instants = play_all(&play);
	for (int i = list_length(instants) - 1; i >= 0; i--)
		put_instant(result, list_nth(instants, i));
	return (Datum) 0;
}
