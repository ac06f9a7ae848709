/*-------------------------------------------------------------------------
 * storage_conformance.c
 *		What every storage must do, whatever is behind it
 *
 * One list of checks, run by test_storage_conformance(server, number) against
 * any server.  Each check works below a prefix of its own, so a location that
 * is empty at the start is enough.  A check that does not hold says where.
 *-------------------------------------------------------------------------
 */
#include "core/compat.h"

#include "core/errors.h"
#include "fmgr.h"
#include "foreign/foreign.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "storage/storage.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(sfdw_sql_test_conformance);
PG_FUNCTION_INFO_V1(sfdw_sql_test_check_count);

/* More than what a source gives at once, and no multiple of it. */
#define LARGE_SIZE (2 * 1024 * 1024 + 4321)

/* More than several pages of any listing made for tests. */
#define MANY_OBJECTS 40

/* What a check works with. */
typedef struct Subject
{
	SfdwStorage *storage;
	char	   *prefix;
} Subject;

typedef struct Check
{
	const char *claim;
	void		(*run) (Subject *subject);
} Check;

#define EXPECT(condition) \
	do { \
		if (!(condition)) \
			elog(ERROR, "line %d: not so: %s", __LINE__, #condition); \
	} while (0)

/* The SQLSTATE that a statement raises must be the one expected. */
#define EXPECT_ERROR(expected, statement) \
	do { \
		volatile int raised = 0; \
		MemoryContext context_before = CurrentMemoryContext; \
		PG_TRY(); \
		{ \
			statement; \
		} \
		PG_CATCH(); \
		{ \
			MemoryContextSwitchTo(context_before); \
			raised = CopyErrorData()->sqlerrcode; \
			FlushErrorState(); \
		} \
		PG_END_TRY(); \
		if (raised != (expected)) \
			elog(ERROR, "line %d: raised %s: %s", __LINE__, \
				 raised ? unpack_sql_state(raised) : "nothing", #statement); \
	} while (0)

/* A key of the check's own. */
static char *
key_of(Subject *subject, const char *name)
{
	return psprintf("%s%s", subject->prefix, name);
}

/* Write an object; returns its version. */
static const char *
put(Subject *subject, const char *name, const char *text)
{
	SfdwSink   *sink = sfdw_storage_create(subject->storage,
										   key_of(subject, name));

	sfdw_sink_write(sink, text, strlen(text));
	sfdw_sink_finish(sink);
	return sink->version_id;
}

/* The bytes of a version. */
static StringInfo
get(Subject *subject, const char *name, const char *version_id)
{
	SfdwSource *source = sfdw_storage_open_version(subject->storage,
												   key_of(subject, name),
												   version_id);
	StringInfo	bytes = makeStringInfo();
	const char *data;
	size_t		length;

	while (sfdw_source_next(source, &data, &length))
	{
		EXPECT(length > 0);
		appendBinaryStringInfo(bytes, data, (int) length);
	}
	EXPECT(source->size == (uint64) bytes->len);
	EXPECT(source->stats.bytes == (uint64) bytes->len);
	sfdw_source_close(source);
	sfdw_source_close(source);
	return bytes;
}

/* Whether the current version of a key has these bytes; NULL: there is none. */
static bool
current_is(Subject *subject, const char *name, const char *text)
{
	SfdwVersion *version = sfdw_storage_find(subject->storage,
											 key_of(subject, name));

	if (version == NULL || text == NULL)
		return version == NULL && text == NULL;
	return version->size == (int64) strlen(text) &&
		strcmp(get(subject, name, version->version_id)->data, text) == 0;
}

/* All versions whose keys start with a name. */
static List *
list(Subject *subject, const char *name)
{
	return sfdw_storage_list(subject->storage, key_of(subject, name));
}

/* Promote, by names. */
static SfdwPromoteOutcome
promote(Subject *subject, const char *staged, const char *staged_version,
		const char *final, const char *expected, char **new_version)
{
	return sfdw_storage_promote(subject->storage, key_of(subject, staged),
								staged_version, key_of(subject, final),
								expected, new_version);
}

/* Delete one version, by name. */
static SfdwDeleteOutcome
delete(Subject *subject, const char *name, const char *version_id)
{
	SfdwVersion version = {0};
	SfdwVersion *versions[] = {&version};
	SfdwDeleteResult result;

	version.key = key_of(subject, name);
	version.version_id = pstrdup(version_id);
	sfdw_storage_delete(subject->storage, versions, 1, &result);
	return result.outcome;
}

/* The object is there when finish returns, and not before. */
static void
check_create(Subject *subject)
{
	SfdwSink   *sink = sfdw_storage_create(subject->storage,
										   key_of(subject, "new"));
	SfdwVersion *version;

	sfdw_sink_write(sink, "abc", 3);
	EXPECT(current_is(subject, "new", NULL));
	EXPECT(list(subject, "new") == NIL);
	sfdw_sink_write(sink, "", 0);
	sfdw_sink_write(sink, "def", 3);
	sfdw_sink_finish(sink);
	EXPECT(sink->size == 6);
	version = sfdw_storage_find(subject->storage, key_of(subject, "new"));
	EXPECT(version != NULL);
	EXPECT(strcmp(version->version_id, sink->version_id) == 0);
	EXPECT(version->is_latest && !version->is_delete_marker);
	EXPECT(version->size == 6);
	EXPECT(current_is(subject, "new", "abcdef"));
	EXPECT(list_length(list(subject, "")) == 1);

	/* A finished sink may be aborted, which changes nothing. */
	sfdw_sink_abort(sink);
	EXPECT(current_is(subject, "new", "abcdef"));
}

/* Abort, or the end of the memory context, leaves nothing. */
static void
check_abort(Subject *subject)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "test",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	SfdwSink   *sink = sfdw_storage_create(subject->storage,
										   key_of(subject, "never"));

	sfdw_sink_write(sink, "abc", 3);
	sfdw_sink_abort(sink);
	sfdw_sink_abort(sink);
	EXPECT_ERROR(ERRCODE_INTERNAL_ERROR, sfdw_sink_write(sink, "abc", 3));
	EXPECT_ERROR(ERRCODE_INTERNAL_ERROR, sfdw_sink_finish(sink));
	sink = sfdw_storage_create(subject->storage, key_of(subject, "never"));
	sfdw_sink_write(sink, "abc", 3);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	EXPECT(list(subject, "") == NIL);
}

/* Until finish, what was there stays; after it, it is replaced. */
static void
check_replace(Subject *subject)
{
	const char *first = put(subject, "x", "first");
	SfdwSink   *sink = sfdw_storage_create(subject->storage,
										   key_of(subject, "x"));

	sfdw_sink_write(sink, "second", 6);
	EXPECT(current_is(subject, "x", "first"));
	sfdw_sink_abort(sink);
	EXPECT(current_is(subject, "x", "first"));
	EXPECT(strcmp(put(subject, "x", "second"), first) != 0);
	EXPECT(current_is(subject, "x", "second"));
}

/* Sizes around a chunk come back as they were written. */
static void
check_sizes(Subject *subject)
{
	static const int sizes[] = {0, 1, 65536, 1024 * 1024 - 1, 1024 * 1024,
	1024 * 1024 + 1, LARGE_SIZE};
	char	   *bytes = palloc(LARGE_SIZE);

	for (int i = 0; i < LARGE_SIZE; i++)
		bytes[i] = (char) (i % 251);
	for (int i = 0; i < (int) lengthof(sizes); i++)
	{
		char	   *name = psprintf("size%d", sizes[i]);
		SfdwSink   *sink = sfdw_storage_create(subject->storage,
											   key_of(subject, name));
		StringInfo	read;
		int			half = sizes[i] / 3;

		sfdw_sink_write(sink, bytes, half);
		sfdw_sink_write(sink, bytes + half, sizes[i] - half);
		sfdw_sink_finish(sink);
		read = get(subject, name, sink->version_id);
		EXPECT(read->len == sizes[i]);
		EXPECT(memcmp(read->data, bytes, sizes[i]) == 0);
	}
}

/* Any range can be read, and none beyond the end. */
static void
check_ranges(Subject *subject)
{
	const char *version_id = put(subject, "x", "0123456789");
	SfdwSource *source = sfdw_storage_open_version(subject->storage,
												   key_of(subject, "x"),
												   version_id);
	char		buffer[11] = {0};

	EXPECT(source->size == 10);
	sfdw_source_read_at(source, 6, buffer, 4);
	EXPECT(strcmp(buffer, "6789") == 0);
	sfdw_source_read_at(source, 0, buffer, 10);
	EXPECT(strcmp(buffer, "0123456789") == 0);
	sfdw_source_read_at(source, 10, buffer, 0);
	EXPECT_ERROR(ERRCODE_DATA_CORRUPTED,
				 sfdw_source_read_at(source, 7, buffer, 4));
	EXPECT_ERROR(ERRCODE_DATA_CORRUPTED,
				 sfdw_source_read_at(source, 11, buffer, 0));
	EXPECT_ERROR(ERRCODE_DATA_CORRUPTED,
				 sfdw_source_read_at(source, PG_UINT64_MAX, buffer, 2));
	sfdw_source_close(source);
}

/* An old version gives its own bytes or an error, never those of a newer. */
static void
check_old_version(Subject *subject)
{
	const char *first = put(subject, "x", "first");
	volatile bool is_superseded = false;
	MemoryContext context = CurrentMemoryContext;

	put(subject, "x", "other");
	PG_TRY();
	{
		EXPECT(strcmp(get(subject, "x", first)->data, "first") == 0);
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(context);
		is_superseded = CopyErrorData()->sqlerrcode == SFDW_ERRCODE_SUPERSEDED;
		FlushErrorState();
		EXPECT(is_superseded);
	}
	PG_END_TRY();
}

/* What is not there is not found, and cannot be opened. */
static void
check_missing(Subject *subject)
{
	const char *version_id = put(subject, "x", "x");

	EXPECT(current_is(subject, "y", NULL));
	EXPECT(current_is(subject, "x/y", NULL));
	EXPECT(current_is(subject, "no/folder/y", NULL));
	EXPECT(list(subject, "y") == NIL);
	EXPECT_ERROR(SFDW_ERRCODE_SUPERSEDED, get(subject, "y", version_id));
	EXPECT_ERROR(SFDW_ERRCODE_SUPERSEDED, get(subject, "x/y", version_id));
	EXPECT_ERROR(SFDW_ERRCODE_SUPERSEDED, get(subject, "x", "1:2:3:4.5"));
	EXPECT_ERROR(SFDW_ERRCODE_SUPERSEDED, get(subject, "x", ""));
}

/* A listing is in the order of bytes, and a prefix is one of bytes too. */
static void
check_list_order(Subject *subject)
{
	static const char *const names[] = {"_hidden/x", "a", "a b", "a.b", "a0",
	"b/c/d/e", "b/c0", "b0", "\303\251"};
	List	   *versions;

	for (int i = (int) lengthof(names) - 1; i >= 0; i--)
		if (strcmp(names[i], "b/c0") != 0)
			put(subject, names[i], names[i]);
	put(subject, "b/c0", "b/c0");
	versions = list(subject, "");
	EXPECT(list_length(versions) == lengthof(names));
	for (int i = 0; i < (int) lengthof(names); i++)
	{
		SfdwVersion *version = list_nth(versions, i);

		EXPECT(strcmp(version->key, key_of(subject, names[i])) == 0);
		EXPECT(version->size == (int64) strlen(names[i]));
		EXPECT(version->is_latest);
	}
	EXPECT(list_length(list(subject, "a")) == 4);
	EXPECT(list_length(list(subject, "b/")) == 2);
	EXPECT(list_length(list(subject, "b/c/d/e")) == 1);
	EXPECT(list_length(list(subject, "b/c/d/e/")) == 0);
	EXPECT(list_length(list(subject, "zzz")) == 0);
}

/* A long listing is complete, whatever its pages are. */
static void
check_list_many(Subject *subject)
{
	List	   *versions;

	for (int i = 0; i < MANY_OBJECTS; i++)
		put(subject, psprintf("%03d", i * 7 % MANY_OBJECTS), "x");
	versions = list(subject, "");
	EXPECT(list_length(versions) == MANY_OBJECTS);
	for (int i = 0; i < MANY_OBJECTS; i++)
		EXPECT(strcmp(((SfdwVersion *) list_nth(versions, i))->key,
					  key_of(subject, psprintf("%03d", i))) == 0);
}

/* Names are bytes: nothing is decoded, folded or quoted. */
static void
check_odd_names(Subject *subject)
{
	static const char *const names[] = {"%20", "+", "=", "a b ", ":@", "'\"",
	"\\", "#?&", "A", "a", ".hidden", "...", "-rf", "\360\237\230\200", "x\ny"};

	for (int i = 0; i < (int) lengthof(names); i++)
		put(subject, names[i], names[i]);
	for (int i = 0; i < (int) lengthof(names); i++)
		EXPECT(current_is(subject, names[i], names[i]));
	EXPECT(list_length(list(subject, "")) == lengthof(names));
}

/* Whether the storage is a bucket of S3's. */
static bool
is_bucket(Subject *subject)
{
	return strcmp(subject->storage->ops->scheme, "s3") == 0;
}

/* A name that no object can have. */
static void
expect_refused(Subject *subject, const char *key)
{
	EXPECT_ERROR(ERRCODE_INVALID_NAME,
				 sfdw_storage_find(subject->storage, key));
	EXPECT_ERROR(ERRCODE_INVALID_NAME,
				 sfdw_storage_create(subject->storage, key));
	EXPECT_ERROR(ERRCODE_INVALID_NAME,
				 sfdw_storage_open_version(subject->storage, key, "x"));
}

/*
 * Names that would leave the location, or mean another key, are refused; in a
 * bucket they are names like others, but for the empty one.
 */
static void
check_refused_names(Subject *subject)
{
	static const char *const keys[] = {"/", "/etc/passwd", "a/", "a//b",
		".", "..", "../x", "a/../../x", "a/./b", "a/..", "./a",
	".salesforce_fdw_purge.1/x", "a/.salesforce_fdw_purge.1/x"};

	expect_refused(subject, "");
	for (int i = 0; i < (int) lengthof(keys) && !is_bucket(subject); i++)
		expect_refused(subject, keys[i]);
}

/* Promotion to a name that must be free. */
static void
check_promote_new(Subject *subject)
{
	const char *staged = put(subject, "_staging/s", "new");
	char	   *version_id;

	EXPECT(promote(subject, "_staging/s", staged, "data/f", NULL,
				   &version_id) == SFDW_PROMOTED);
	EXPECT(current_is(subject, "data/f", "new"));
	EXPECT(strcmp(sfdw_storage_find(subject->storage,
									key_of(subject, "data/f"))->version_id,
				  version_id) == 0);

	/* Taken: nothing changes. */
	staged = put(subject, "_staging/t", "newer");
	EXPECT(promote(subject, "_staging/t", staged, "data/f", NULL,
				   &version_id) == SFDW_PROMOTE_CONDITION);
	EXPECT(version_id == NULL);
	EXPECT(current_is(subject, "data/f", "new"));
	EXPECT(current_is(subject, "_staging/t", "newer"));
}

/* Promotion over a version that must still be there. */
static void
check_promote_over(Subject *subject)
{
	const char *old = put(subject, "f", "old");
	const char *staged = put(subject, "s", "new");
	char	   *version_id;

	EXPECT(promote(subject, "s", staged, "f", old, &version_id) ==
		   SFDW_PROMOTED);
	EXPECT(current_is(subject, "f", "new"));
	EXPECT(strcmp(sfdw_storage_find(subject->storage,
									key_of(subject, "f"))->version_id,
				  version_id) == 0);

	/* The version that was replaced is expected no more. */
	staged = put(subject, "s", "newest");
	EXPECT(promote(subject, "s", staged, "f", old, &version_id) ==
		   SFDW_PROMOTE_CONDITION);
	EXPECT(current_is(subject, "f", "new"));
	EXPECT(current_is(subject, "s", "newest"));
}

/* Promotion over a version when there is nothing. */
static void
check_promote_over_nothing(Subject *subject)
{
	const char *old = put(subject, "f", "old");
	const char *staged = put(subject, "s", "new");
	char	   *version_id;

	EXPECT(delete(subject, "f", old) == SFDW_DELETED);
	EXPECT(promote(subject, "s", staged, "f", old, &version_id) ==
		   SFDW_PROMOTE_CONDITION);
	EXPECT(current_is(subject, "f", NULL));
	EXPECT(current_is(subject, "s", "new"));
}

/* Promotion of something that is not there, or not that version. */
static void
check_promote_no_source(Subject *subject)
{
	const char *staged = put(subject, "s", "one");
	const char *old = put(subject, "f", "old");
	char	   *version_id;

	EXPECT(delete(subject, "s", staged) == SFDW_DELETED);
	EXPECT(promote(subject, "s", staged, "g", NULL, &version_id) ==
		   SFDW_PROMOTE_NO_SOURCE);
	EXPECT(promote(subject, "s", staged, "f", old, &version_id) ==
		   SFDW_PROMOTE_NO_SOURCE);
	put(subject, "s", "other");
	EXPECT(promote(subject, "s", staged, "g", NULL, &version_id) ==
		   SFDW_PROMOTE_NO_SOURCE);
	EXPECT(promote(subject, "s", staged, "f", old, &version_id) ==
		   SFDW_PROMOTE_NO_SOURCE);
	EXPECT(current_is(subject, "g", NULL));
	EXPECT(current_is(subject, "f", "old"));
	EXPECT(current_is(subject, "s", "other"));
}

/* After promotion, what the staged key still has can be deleted. */
static void
check_promote_sweep(Subject *subject)
{
	const char *staged = put(subject, "_s/x", "new");
	char	   *version_id;
	ListCell   *cell;

	EXPECT(promote(subject, "_s/x", staged, "f",
				   put(subject, "f", "old"), &version_id) == SFDW_PROMOTED);
	foreach(cell, list(subject, "_s/x"))
	{
		SfdwVersion *version = lfirst(cell);

		EXPECT(delete(subject, "_s/x", version->version_id) == SFDW_DELETED);
	}
	EXPECT(list(subject, "_s/x") == NIL);
	EXPECT(current_is(subject, "f", "new"));

	/* The same again is no success, and does no harm. */
	EXPECT(promote(subject, "_s/x", staged, "f", version_id, &version_id) ==
		   SFDW_PROMOTE_NO_SOURCE);
	EXPECT(current_is(subject, "f", "new"));
}

/*
 * Whether a deletion met nothing.  S3 confirms the deletion of what was not
 * there like any other.
 */
static bool
met_nothing(Subject *subject, SfdwDeleteOutcome outcome)
{
	return outcome == SFDW_DELETE_GONE ||
		(outcome == SFDW_DELETED && is_bucket(subject));
}

/* A version that is named is deleted, once. */
static void
check_delete(Subject *subject)
{
	const char *version_id = put(subject, "d/x", "x");

	put(subject, "d/y", "y");
	EXPECT(delete(subject, "d/x", version_id) == SFDW_DELETED);
	EXPECT(current_is(subject, "d/x", NULL));
	EXPECT(current_is(subject, "d/y", "y"));
	EXPECT(list_length(list(subject, "")) == 1);
	EXPECT(met_nothing(subject, delete(subject, "d/x", version_id)));
	EXPECT(met_nothing(subject, delete(subject, "none/x", version_id)));
}

/* A newer version of the same key is not touched. */
static void
check_delete_stale(Subject *subject)
{
	const char *first = put(subject, "x", "first");
	SfdwDeleteOutcome outcome;

	put(subject, "x", "second");
	outcome = delete(subject, "x", first);
	EXPECT(outcome == SFDW_DELETE_GONE || outcome == SFDW_DELETED);
	EXPECT(current_is(subject, "x", "second"));
	EXPECT(list_length(list(subject, "")) == 1);
	EXPECT(met_nothing(subject, delete(subject, "x", first)));
	EXPECT(current_is(subject, "x", "second"));
}

/* Of many, each gets its own answer, and the others stay. */
static void
check_delete_batch(Subject *subject)
{
	SfdwVersion *versions[MANY_OBJECTS];
	SfdwDeleteResult results[MANY_OBJECTS];

	for (int i = 0; i < MANY_OBJECTS; i++)
	{
		char	   *name = psprintf("%d/x", i);

		versions[i] = palloc0(sizeof(SfdwVersion));
		versions[i]->key = key_of(subject, name);
		versions[i]->version_id = pstrdup(put(subject, name, "x"));
		if (i % 3 == 0)
			EXPECT(delete(subject, name, versions[i]->version_id) ==
				   SFDW_DELETED);
	}
	put(subject, "stays", "x");
	sfdw_storage_delete(subject->storage, versions, MANY_OBJECTS, results);
	for (int i = 0; i < MANY_OBJECTS; i++)
	{
		EXPECT(i % 3 == 0 ? met_nothing(subject, results[i].outcome) :
			   results[i].outcome == SFDW_DELETED);
		EXPECT(results[i].message == NULL);
	}
	EXPECT(list_length(list(subject, "")) == 1);
}

/* The list of a key's versions deletes all of it. */
static void
check_delete_all(Subject *subject)
{
	List	   *versions;
	SfdwDeleteResult results[MANY_OBJECTS];
	int			i = 0;
	SfdwVersion *named[MANY_OBJECTS];
	ListCell   *cell;

	for (int n = 0; n < 5; n++)
		put(subject, "x", psprintf("%d", n));
	versions = list(subject, "x");
	EXPECT(((SfdwVersion *) linitial(versions))->is_latest);
	foreach(cell, versions)
	{
		named[i] = lfirst(cell);
		EXPECT(named[i]->is_latest == (i == 0));
		i++;
	}
	sfdw_storage_delete(subject->storage, named, i, results);
	EXPECT(list(subject, "x") == NIL);
}

/* An object may be written while another version of it is read. */
static void
check_read_while_replaced(Subject *subject)
{
	const char *version_id = put(subject, "x", "first");
	SfdwSource *source = sfdw_storage_open_version(subject->storage,
												   key_of(subject, "x"),
												   version_id);
	char		buffer[6] = {0};

	put(subject, "x", "later");
	sfdw_source_read_at(source, 0, buffer, 5);
	EXPECT(strcmp(buffer, "first") == 0);
	sfdw_source_close(source);
}

/* Many streams at once, closed by their memory context alone. */
static void
check_many_streams(Subject *subject)
{
	const char *version_id = put(subject, "x", "x");
	int			count = 100;

	for (int round = 0; round < 3; round++)
	{
		MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
													  "test",
													  ALLOCSET_DEFAULT_SIZES);
		MemoryContext old = MemoryContextSwitchTo(context);
		const char *data;
		size_t		length;

		for (int i = 0; i < count; i++)
		{
			SfdwSource *source = sfdw_storage_open_version(subject->storage,
														   key_of(subject, "x"),
														   version_id);

			EXPECT(sfdw_source_next(source, &data, &length));
			EXPECT(length == 1 && data[0] == 'x');
		}
		MemoryContextSwitchTo(old);
		MemoryContextDelete(context);
	}
}

static const Check checks[] = {
	{"an object is there when finish returns, not before", check_create},
	{"an aborted object was never there", check_abort},
	{"an object is replaced at finish, not before", check_replace},
	{"objects of all sizes come back as written", check_sizes},
	{"any range can be read, and none beyond the end", check_ranges},
	{"an old version gives its bytes or an error", check_old_version},
	{"what is missing is not found and not opened", check_missing},
	{"a listing is in the order of bytes", check_list_order},
	{"a long listing is complete", check_list_many},
	{"names are bytes", check_odd_names},
	{"names that leave the location are refused", check_refused_names},
	{"promotion to a free name", check_promote_new},
	{"promotion over an expected version", check_promote_over},
	{"promotion over a version that is gone", check_promote_over_nothing},
	{"promotion without its source", check_promote_no_source},
	{"after promotion the staged key can be swept", check_promote_sweep},
	{"a named version is deleted, once", check_delete},
	{"a newer version is never deleted", check_delete_stale},
	{"each version of a batch has its answer", check_delete_batch},
	{"all versions that are listed can be deleted", check_delete_all},
	{"a range is of the version that was opened", check_read_while_replaced},
	{"a memory context closes its streams", check_many_streams},
};

/* Run one check. */
PGDLLEXPORT Datum
sfdw_sql_test_conformance(PG_FUNCTION_ARGS)
{
	char	   *name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	int			number = PG_GETARG_INT32(1);
	ForeignServer *server = GetForeignServerByName(name, false);
	Subject		subject;

	if (number < 1 || number > (int) lengthof(checks))
		elog(ERROR, "no such check: %d", number);
	subject.storage = sfdw_storage_open(server->serverid, GetUserId(),
										SFDW_STORAGE_PURGE);
	subject.prefix = psprintf("check%02d/", number);
	checks[number - 1].run(&subject);
	PG_RETURN_TEXT_P(cstring_to_text(psprintf("ok: %s",
											  checks[number - 1].claim)));
}

/* How many checks there are. */
PGDLLEXPORT Datum
sfdw_sql_test_check_count(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(lengthof(checks));
}
