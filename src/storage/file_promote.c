/*-------------------------------------------------------------------------
 * file_promote.c
 *		Give a staged file its final name, on a condition
 *
 * When nothing may stand there, the rename does not replace.  When a version
 * is expected, the two names are exchanged, which no reader can see half, and
 * what came out is looked at: a stranger goes back.  Where the filesystem has
 * no exchange, the expected version is compared right before a plain rename;
 * a writer who comes between those two system calls is then replaced.
 *-------------------------------------------------------------------------
 */
#include "storage/file.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "core/fault.h"

typedef struct Promotion
{
	SfdwStorage *storage;
	const char *staged_key;
	const char *staged_version;
	const char *final_key;
	const char *expected_version;
	SfdwFilePlace staged;
	SfdwFilePlace final;
} Promotion;

typedef enum ExchangeResult
{
	EXCHANGED,
	EXCHANGE_FAILED,			/* errno says why */
	EXCHANGE_UNSUPPORTED
} ExchangeResult;

/* Swap the two names in one step. */
static ExchangeResult
exchange(Promotion *promotion)
{
#ifdef RENAME_EXCHANGE
	if (renameat2(promotion->staged.folder->fd, promotion->staged.name,
				  promotion->final.folder->fd, promotion->final.name,
				  RENAME_EXCHANGE) == 0)
		return EXCHANGED;
	return errno == EINVAL || errno == ENOSYS ?
		EXCHANGE_UNSUPPORTED : EXCHANGE_FAILED;
#else
	return EXCHANGE_UNSUPPORTED;
#endif
}

/* Whether a name holds a version. */
static bool
holds(const SfdwFilePlace *place, const char *version_id)
{
	struct stat status;

	return sfdw_file_stat(place->folder->fd, place->name, &status) == 0 &&
		sfdw_file_is_version(&status, version_id);
}

/* Make the staged bytes durable, and see that they are the staged ones. */
static bool
sync_staged(Promotion *promotion)
{
	SfdwFd	   *file = sfdw_fd_new();
	struct stat status;

	if (!holds(&promotion->staged, promotion->staged_version) ||
		!sfdw_fd_open(file, promotion->staged.folder->fd,
					  promotion->staged.name,
					  O_RDONLY | O_NOFOLLOW | O_NONBLOCK))
		return false;
	if (fstat(file->fd, &status) != 0 || fsync(file->fd) != 0)
		sfdw_file_raise(promotion->storage, promotion->staged_key, "promote");
	sfdw_fd_close(file);
	return sfdw_file_is_version(&status, promotion->staged_version);
}

/* Nothing may stand at the final name. */
static SfdwPromoteOutcome
promote_new(Promotion *promotion)
{
	if (sfdw_file_rename_new(promotion->staged.folder->fd,
							 promotion->staged.name,
							 promotion->final.folder->fd,
							 promotion->final.name))
		return SFDW_PROMOTED;
	if (errno == EEXIST)
		return SFDW_PROMOTE_CONDITION;
	if (errno == ENOENT)
		return SFDW_PROMOTE_NO_SOURCE;
	sfdw_file_raise(promotion->storage, promotion->final_key, "promote to");
}

/* Swap the two names again, where the first exchange has worked. */
static void
exchange_again(Promotion *promotion)
{
	if (exchange(promotion) != EXCHANGED)
		sfdw_file_raise(promotion->storage, promotion->final_key,
						"promote to");
}

/*
 * Put a stranger back that an exchange brought out.  When not our file comes
 * out, yet another one was written over it meanwhile: that one is newer than
 * the stranger, so it goes back, and the stranger stays at the staged name.
 */
static void
undo_exchange(Promotion *promotion)
{
	exchange_again(promotion);
	if (!holds(&promotion->staged, promotion->staged_version))
		exchange_again(promotion);
}

/* The filesystem has no exchange: compare, then rename. */
static SfdwPromoteOutcome
promote_by_rename(Promotion *promotion)
{
	if (renameat(promotion->staged.folder->fd, promotion->staged.name,
				 promotion->final.folder->fd, promotion->final.name) == 0)
		return SFDW_PROMOTED;
	if (errno == ENOENT)
		return SFDW_PROMOTE_NO_SOURCE;
	sfdw_file_raise(promotion->storage, promotion->final_key, "promote to");
}

/* The final name must hold the expected version. */
static SfdwPromoteOutcome
promote_over(Promotion *promotion)
{
	/* Seen before, so that a stranger is hidden only in a race. */
	if (!holds(&promotion->final, promotion->expected_version))
		return SFDW_PROMOTE_CONDITION;
	SFDW_FAULT("storage.promote", "seen");
	switch (exchange(promotion))
	{
		case EXCHANGED:
			break;
		case EXCHANGE_UNSUPPORTED:
			return promote_by_rename(promotion);
		case EXCHANGE_FAILED:
			if (errno != ENOENT)
				sfdw_file_raise(promotion->storage, promotion->final_key,
								"promote to");
			return holds(&promotion->staged, promotion->staged_version) ?
				SFDW_PROMOTE_CONDITION : SFDW_PROMOTE_NO_SOURCE;
	}
	SFDW_FAULT("storage.promote", "exchanged");
	if (!holds(&promotion->staged, promotion->expected_version))
	{
		undo_exchange(promotion);
		return SFDW_PROMOTE_CONDITION;
	}

	/* The replaced version.  If it stays, the caller's sweep meets it. */
	(void) unlinkat(promotion->staged.folder->fd, promotion->staged.name, 0);
	return SFDW_PROMOTED;
}

/* Find the two folders; false when the staged one is gone. */
static bool
find_places(Promotion *promotion)
{
	SfdwFileStorage *storage = (SfdwFileStorage *) promotion->storage;

	if (!sfdw_file_place(storage, promotion->staged_key, false,
						 &promotion->staged))
	{
		if (errno == ENOENT || errno == ENOTDIR)
			return false;
		sfdw_file_raise(promotion->storage, promotion->staged_key, "promote");
	}
	if (!sfdw_file_place(storage, promotion->final_key, true,
						 &promotion->final))
		sfdw_file_raise(promotion->storage, promotion->final_key, "promote to");
	return true;
}

/* Both folders have changed; a crash of the machine must not undo it. */
static bool
sync_folders(Promotion *promotion)
{
	return fsync(promotion->final.folder->fd) == 0 &&
		fsync(promotion->staged.folder->fd) == 0;
}

/* Promote; the caller's context keeps the new version's id. */
SfdwPromoteOutcome
sfdw_file_promote(SfdwStorage *storage, const char *staged_key,
				  const char *staged_version, const char *final_key,
				  const char *expected_version, char **new_version)
{
	Promotion	promotion = {storage, staged_key, staged_version, final_key,
	expected_version};
	SfdwPromoteOutcome outcome;

	if (!find_places(&promotion) || !sync_staged(&promotion))
		return SFDW_PROMOTE_NO_SOURCE;
	SFDW_FAULT("storage.promote", "before");
	outcome = expected_version == NULL ?
		promote_new(&promotion) : promote_over(&promotion);
	if (outcome == SFDW_PROMOTED && !sync_folders(&promotion))
		outcome = SFDW_PROMOTE_UNKNOWN;
	SFDW_FAULT("storage.promote", "after");
	if (outcome == SFDW_PROMOTED)
		*new_version = pstrdup(staged_version);
	sfdw_fd_close(promotion.staged.folder);
	sfdw_fd_close(promotion.final.folder);
	sfdw_file_prune((SfdwFileStorage *) storage, staged_key);
	return outcome;
}
