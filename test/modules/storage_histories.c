/*-------------------------------------------------------------------------
 * storage_histories.c
 *		Random histories of a storage against a model of it
 *
 * Objects are written, promoted and deleted by versions that are current, old
 * or long gone; after each step the answer and the whole listing must be the
 * model's.  So nothing is ever deleted that was not named, and nothing that
 * was deleted comes back.
 *-------------------------------------------------------------------------
 */
#include "core/compat.h"

#include "fmgr.h"
#include "foreign/foreign.h"
#include "miscadmin.h"
#include "storage/storage.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(sfdw_sql_test_histories);

#define KEY_COUNT 5
#define MAX_VERSIONS 4000

/* A version that was made; dead when it was deleted or replaced. */
typedef struct ModelVersion
{
	int			key;
	const char *version_id;
	int			size;
	bool		is_alive;
} ModelVersion;

typedef struct Model
{
	SfdwStorage *storage;
	bool		keeps_versions; /* as an object store does */
	uint64		random;
	int			count;
	ModelVersion versions[MAX_VERSIONS];	/* oldest first */
	int			deleted;
	int			refused;
} Model;

#define EXPECT(condition) \
	do { \
		if (!(condition)) \
			elog(ERROR, "line %d, version %d: not so: %s", __LINE__, \
				 model->count, #condition); \
	} while (0)

/* A number below limit; the same ones in every run. */
static int
draw(Model *model, int limit)
{
	model->random = model->random * UINT64CONST(6364136223846793005) + 1442695040888963407;
	return (int) ((model->random >> 33) % (uint64) limit);
}

/* The name of a key. */
static char *
name_of(int key)
{
	return psprintf("random/%d/object", key);
}

/* The newest version of a key that is alive, or NULL. */
static ModelVersion *
current_version(Model *model, int key)
{
	for (int i = model->count - 1; i >= 0; i--)
	{
		if (model->versions[i].key == key && model->versions[i].is_alive)
			return &model->versions[i];
	}
	return NULL;
}

/* Note a version; in a folder it replaces the one before. */
static void
note_version(Model *model, int key, const char *version_id, int size)
{
	ModelVersion *before = current_version(model, key);
	ModelVersion *version = &model->versions[model->count++];

	if (before != NULL && !model->keeps_versions)
		before->is_alive = false;
	version->key = key;
	version->version_id = MemoryContextStrdup(GetMemoryChunkContext(model),
											  version_id);
	version->size = size;
	version->is_alive = true;
}

/* Write an object of some size. */
static void
step_put(Model *model)
{
	int			key = draw(model, KEY_COUNT);
	int			size = draw(model, 100);
	SfdwSink   *sink = sfdw_storage_create(model->storage, name_of(key));

	for (int i = 0; i < size; i++)
		sfdw_sink_write(sink, "x", 1);
	sfdw_sink_finish(sink);
	note_version(model, key, sink->version_id, size);
}

/* Delete a current version, or any that ever was. */
static void
step_delete(Model *model)
{
	ModelVersion *doomed = current_version(model, draw(model, KEY_COUNT));
	SfdwVersion version = {0};
	SfdwVersion *versions[] = {&version};
	SfdwDeleteResult result;

	if (doomed == NULL || draw(model, 2) == 0)
		doomed = &model->versions[draw(model, model->count)];
	version.key = name_of(doomed->key);
	version.version_id = pstrdup(doomed->version_id);
	sfdw_storage_delete(model->storage, versions, 1, &result);
	if (doomed->is_alive || strcmp(model->storage->ops->scheme, "s3") != 0)
		EXPECT(result.outcome ==
			   (doomed->is_alive ? SFDW_DELETED : SFDW_DELETE_GONE));
	if (doomed->is_alive)
		model->deleted++;
	else
		model->refused++;
	doomed->is_alive = false;
}

/* What promoting must answer. */
static SfdwPromoteOutcome
expected_outcome(const ModelVersion *staged, const ModelVersion *current,
				 const ModelVersion *expected)
{
	if (!staged->is_alive)
		return SFDW_PROMOTE_NO_SOURCE;
	return current == expected ? SFDW_PROMOTED : SFDW_PROMOTE_CONDITION;
}

/* Promote any version to another key, expecting what is there, or not. */
static void
step_promote(Model *model)
{
	ModelVersion *staged = &model->versions[draw(model, model->count)];
	int			final = (staged->key + 1 + draw(model, KEY_COUNT - 1)) % KEY_COUNT;
	ModelVersion *current = current_version(model, final);
	ModelVersion *expected = current;
	SfdwPromoteOutcome outcome;
	char	   *new_version;

	if (draw(model, 3) == 0)
		expected = NULL;
	else if (draw(model, 3) == 0)
		expected = &model->versions[draw(model, model->count)];
	if (expected != NULL && expected->key != final)
		expected = current;
	outcome = sfdw_storage_promote(model->storage, name_of(staged->key),
								   staged->version_id, name_of(final),
								   expected ? expected->version_id : NULL,
								   &new_version);
	EXPECT(outcome == expected_outcome(staged, current, expected));
	if (outcome != SFDW_PROMOTED)
		return;
	note_version(model, final, new_version, staged->size);
	if (!model->keeps_versions)
		staged->is_alive = false;
}

/* The listing must have the model's versions, and no other. */
static void
check_listing(Model *model)
{
	List	   *versions = sfdw_storage_list(model->storage, "random/");
	int			next = 0;

	for (int key = 0; key < KEY_COUNT; key++)
	{
		bool		is_latest = true;

		for (int i = model->count - 1; i >= 0; i--)
		{
			ModelVersion *expected = &model->versions[i];
			SfdwVersion *listed;

			if (expected->key != key || !expected->is_alive)
				continue;
			EXPECT(next < list_length(versions));
			listed = list_nth(versions, next++);
			EXPECT(strcmp(listed->key, name_of(key)) == 0);
			EXPECT(strcmp(listed->version_id, expected->version_id) == 0);
			EXPECT(listed->size == expected->size);
			EXPECT(listed->is_latest == is_latest);
			is_latest = false;
		}
	}
	EXPECT(next == list_length(versions));
}

/* Whether a version stays when another is written. */
static bool
probe_versions(SfdwStorage *storage)
{
	for (int i = 0; i < 2; i++)
		sfdw_sink_finish(sfdw_storage_create(storage, "probe"));
	return list_length(sfdw_storage_list(storage, "probe")) == 2;
}

/* test_storage_histories(server, steps, seed): what was done */
PGDLLEXPORT Datum
sfdw_sql_test_histories(PG_FUNCTION_ARGS)
{
	char	   *name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	int			steps = PG_GETARG_INT32(1);
	ForeignServer *server = GetForeignServerByName(name, false);
	Model	   *model = palloc0(sizeof(Model));
	MemoryContext context;
	MemoryContext old;

	model->storage = sfdw_storage_open(server->serverid, GetUserId(),
									   SFDW_STORAGE_PURGE);
	model->keeps_versions = probe_versions(model->storage);
	model->random = (uint64) PG_GETARG_INT32(2);
	if (steps > MAX_VERSIONS)
		elog(ERROR, "more than %d steps", MAX_VERSIONS);
	context = AllocSetContextCreate(CurrentMemoryContext, "test step",
									ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(context);
	for (int i = 0; i < steps; i++)
	{
		int			kind = i == 0 ? 0 : draw(model, 10);

		CHECK_FOR_INTERRUPTS();
		if (kind < 4)
			step_put(model);
		else if (kind < 7)
			step_delete(model);
		else
			step_promote(model);
		check_listing(model);
		MemoryContextReset(context);
	}
	MemoryContextSwitchTo(old);
	PG_RETURN_TEXT_P(cstring_to_text(psprintf("keeps versions: %s, deleted: %s, refused: %s",
											  model->keeps_versions ? "yes" : "no",
											  model->deleted > 50 ? "many" : "few",
											  model->refused > 50 ? "many" : "few")));
}
