/*-------------------------------------------------------------------------
 * place_identity.c
 *		Which database this is, so that a copy of it is another one
 *
 * Knows the cluster and its data directory; nothing of data sets.
 *-------------------------------------------------------------------------
 */
#include "dataset/place_identity.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "access/xlog.h"
#include "commands/dbcommands.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"

/* Written by initdb, or by what made a copy, and by nobody later. */
#define LASTING_FILE "PG_VERSION"

/* The cluster's identifier, which standbys and copies share. */
char *
sfdw_identity_system(void)
{
	return psprintf(UINT64_FORMAT, GetSystemIdentifier());
}

/* Set a member; NULL is null. */
static void
set(json_t *identity, const char *name, const char *text)
{
	sfdw_json_require(json_object_set_new(identity, name, text == NULL ?
										  json_null() : json_string(text)));
}

/* Set what the filesystem says of the file. */
static void
set_file(json_t *identity)
{
	char	   *path = psprintf("%s/" LASTING_FILE, DataDir);
	struct stat status;
#ifdef STATX_BTIME
	struct statx more;
#endif

	if (stat(path, &status) != 0)
		ereport(ERROR,
				errcode_for_file_access(),
				errmsg("could not stat file \"%s\": %m", path));
	set(identity, "inode", psprintf(UINT64_FORMAT, (uint64) status.st_ino));
	set(identity, "born", NULL);
#ifdef STATX_BTIME
	if (statx(AT_FDCWD, path, 0, STATX_BTIME, &more) == 0 &&
		(more.stx_mask & STATX_BTIME) != 0)
		set(identity, "born", psprintf(INT64_FORMAT ".%09u",
									   (int64) more.stx_btime.tv_sec,
									   (unsigned int) more.stx_btime.tv_nsec));
#endif
}

/* This database; a standby, which writes nothing, is on no timeline yet. */
json_t *
sfdw_identity_here(void)
{
	json_t	   *identity = sfdw_json_object();
	char	   *name = get_database_name(MyDatabaseId);

	set(identity, "system_identifier", sfdw_identity_system());
	set(identity, "timeline", psprintf("%u", RecoveryInProgress() ? 0 :
									   GetWALInsertionTimeLine()));
	set(identity, "database_oid", psprintf("%u", MyDatabaseId));
	set(identity, "database", pg_server_to_any(name, (int) strlen(name),
											   PG_UTF8));
	set_file(identity);
	return identity;
}

/* Whether both have the member, and the same. */
static bool
is_same(json_t *a, json_t *b, const char *name)
{
	json_t	   *value = json_object_get(a, name);

	return json_is_string(value) && json_equal(value, json_object_get(b, name));
}

/* Whether both know when the file was made. */
static bool
are_born(json_t *a, json_t *b)
{
	return json_is_string(json_object_get(a, "born")) &&
		json_is_string(json_object_get(b, "born"));
}

/* In what they differ. */
const char *
sfdw_identity_difference(json_t *a, json_t *b)
{
	if (!is_same(a, b, "system_identifier"))
		return "cluster";
	if (!is_same(a, b, "database_oid"))
		return "database";
	if (!is_same(a, b, "timeline"))
		return "timeline";
	if (!is_same(a, b, are_born(a, b) ? "born" : "inode"))
		return "data directory";
	return NULL;
}

/* A member for people. */
static char *
member(json_t *identity, const char *name)
{
	return sfdw_json_server_text(json_object_get(identity, name), "?");
}

/* For a message. */
char *
sfdw_identity_text(json_t *identity)
{
	return psprintf("database \"%s\" (OID %s, timeline %s) of the cluster with system identifier %s",
					member(identity, "database"),
					member(identity, "database_oid"),
					member(identity, "timeline"),
					member(identity, "system_identifier"));
}
