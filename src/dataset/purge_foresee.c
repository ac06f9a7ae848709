/*-------------------------------------------------------------------------
 * purge_foresee.c
 *		What a purge will not be able to delete, told before it is published
 *
 * Asks about the bucket and single versions.  A version is asked only where
 * the bucket has Object Lock, and not more than SFDW_STORAGE_MAX_LOCK_LOOKS.
 *-------------------------------------------------------------------------
 */
#include "dataset/purge_foresee.h"

#include "core/roles.h"
#include "dataset/run_record.h"
#include "miscadmin.h"

/* Versions that a kind of lock keeps. */
typedef struct Locked
{
	int			count;
	char	   *example;		/* the first one's key, and why */
} Locked;

typedef struct Foresight
{
	SfdwDataset *dataset;
	const char *run;
	SfdwListing *listing;
	List	   *objects;
	Locked		held;
	Locked		retained;
	int			looks;
	bool		is_cut;			/* there were more versions than looks */
} Foresight;

/* Tell it, and note it for the run's evidence. */
static void
foretell(Foresight *foresight, char *message, const char *detail,
		 const char *hint)
{
	ereport(WARNING,
			errmsg("%s", message),
			errdetail_internal("%s", detail),
			errhint("%s  The run will be published, and its purge stay pending.",
					hint));
	sfdw_run_event(foresight->dataset->name, foresight->run, "purge_foreseen",
				   message);
}

/* Whether the purge would delete a version. */
static bool
is_in_scope(Foresight *foresight, SfdwVersion *version)
{
	return foresight->dataset->purge == SFDW_PURGE_LOCATION ||
		sfdw_inputs_find(foresight->objects, foresight->listing->server,
						 version->key) != NULL;
}

/* Count a lock. */
static void
count_lock(Locked *locked, const SfdwVersion *version, const char *message)
{
	if (locked->count++ == 0)
		locked->example = psprintf("Of \"%s\": %s.", version->key, message);
}

/* Look at versions one by one. */
static void
look_at_versions(Foresight *foresight)
{
	ListCell   *cell;

	foreach(cell, foresight->listing->versions)
	{
		SfdwVersion *version = lfirst(cell);
		SfdwDeleteResult result;

		CHECK_FOR_INTERRUPTS();
		if (version->is_delete_marker || !is_in_scope(foresight, version))
			continue;
		if (foresight->looks++ == SFDW_STORAGE_MAX_LOCK_LOOKS)
		{
			foresight->is_cut = true;
			return;
		}
		if (sfdw_storage_version_lock(foresight->listing->storage, version,
									  &result))
			count_lock(result.outcome == SFDW_DELETE_HELD ? &foresight->held :
					   &foresight->retained, version, result.message);
	}
}

/* Tell what kind of lock keeps how many versions. */
static void
tell_locked(Foresight *foresight, const Locked *locked, const char *what,
			const char *hint)
{
	if (locked->count == 0)
		return;
	foretell(foresight,
			 psprintf("%d of %s%d raw versions of server \"%s\" cannot be purged: %s",
					  locked->count, foresight->is_cut ? "the first " : "",
					  Min(foresight->looks, SFDW_STORAGE_MAX_LOCK_LOOKS),
					  foresight->listing->server_name, what),
			 locked->example, hint);
}

/* Whether versions can be locked, and which are. */
static void
foresee_locks(Foresight *foresight)
{
	const char *server = foresight->listing->server_name;
	char	   *why = NULL;
	SfdwObjectLock lock = sfdw_storage_object_lock(foresight->listing->storage,
												   &why);

	if (lock == SFDW_LOCK_NONE)
		return;
	if (lock == SFDW_LOCK_UNKNOWN)
	{
		ereport(WARNING,
				errmsg("whether the bucket of server \"%s\" has Object Lock is not known: %s",
					   server, why),
				errhint("Asking for it needs the permission \"s3:GetBucketObjectLockConfiguration\"."));
		return;
	}
	ereport(WARNING,
			errmsg("the bucket of server \"%s\" has Object Lock", server),
			errdetail("Versions that are retained or under legal hold cannot be purged before that ends."));
	look_at_versions(foresight);
	tell_locked(foresight, &foresight->held, "they are under legal hold",
				"Lift the hold.");
	tell_locked(foresight, &foresight->retained, "they are retained",
				"Wait until the retention has ended.");
}

/* Whether the role and its credentials may delete. */
static void
foresee_rights(Foresight *foresight)
{
	char	   *refusal;

	if (!sfdw_role_has(GetUserId(), SFDW_ROLE_PURGE))
	{
		foretell(foresight, "this role may not purge",
				 "Only members of \"" SFDW_ROLE_PURGE "\" may.",
				 "Grant it, or call as a role that has it.");
		return;
	}
	if (foresight->listing->versions == NIL)
		return;
	refusal = sfdw_storage_delete_refusal(foresight->listing->storage,
										  linitial(foresight->listing->versions));
	if (refusal != NULL)
		foretell(foresight,
				 psprintf("the credentials of server \"%s\" may not delete versions: %s",
						  foresight->listing->server_name, refusal),
				 "No version was deleted to find that out.",
				 "Give them the permission \"s3:DeleteObjectVersion\".");
}

/* Look ahead. */
void
sfdw_purge_foresee(SfdwDataset *dataset, const char *run, SfdwListing *listing,
				   List *objects, bool needs_mfa)
{
	Foresight	foresight = {dataset, run, listing, objects};

	foresee_locks(&foresight);
	if (!needs_mfa)
		foresee_rights(&foresight);
	else
		foretell(&foresight,
				 psprintf("the bucket of server \"%s\" has MFA delete",
						  listing->server_name),
				 "No version is deleted there without a device's code, which this has none of.",
				 "Switch MFA delete off.");
}
