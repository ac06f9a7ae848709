/*-------------------------------------------------------------------------
 * storage.c
 *		Which storage a server or an URL means, and who may use it
 *
 * Knows rights and the list of implementations; what an object is, they know.
 *-------------------------------------------------------------------------
 */
#include "storage/storage.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "aws/server.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_foreign_server.h"
#include "core/roles.h"
#include "foreign/foreign.h"
#include "miscadmin.h"
#include "storage/bucket.h"
#include "storage/file.h"
#include "storage/location.h"
#ifdef SFDW_FAULTS
#include "storage/memory.h"
#endif
#include "utils/acl.h"
#include "utils/rel.h"

/* The wrapper whose servers have locations. */
#define WRAPPER_NAME "salesforce_fdw"

/* What each use needs: our role, and for folders PostgreSQL's. */
typedef struct UseRights
{
	const char *role;
	const char *action;			/* "permission denied to ..." */
	Oid			file_role;
	const char *file_role_name;
} UseRights;

static const UseRights use_rights[] = {
	[SFDW_STORAGE_READ] = {SFDW_ROLE_READ, "read from storage",
	ROLE_PG_READ_SERVER_FILES, "pg_read_server_files"},
	[SFDW_STORAGE_WRITE] = {SFDW_ROLE_WRITE, "write to storage",
	ROLE_PG_WRITE_SERVER_FILES, "pg_write_server_files"},
	[SFDW_STORAGE_PURGE] = {SFDW_ROLE_PURGE, "delete from storage",
	ROLE_PG_WRITE_SERVER_FILES, "pg_write_server_files"},
};

/* Raise an error unless user may reach files of the server for this use. */
static void
require_file_role(Oid user, SfdwStorageUse use, const char *url)
{
	const UseRights *rights = &use_rights[use];

	if (has_privs_of_role(user, rights->file_role))
		return;
	ereport(ERROR,
			errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			errmsg("permission denied to %s \"%s\"", rights->action, url),
			errdetail("Role \"%s\" does not have privileges of the \"%s\" role.",
					  GetUserNameFromId(user, false), rights->file_role_name));
}

/* Raise an error that tells what is wrong with an URL. */
static void
parse_url(const char *url, SfdwLocation *location)
{
	SfdwStatus	status = {0};

	if (!sfdw_location_parse(url, location, &status))
		ereport(ERROR,
				errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				errmsg("invalid URL \"%s\": %s", url, status.message));
}

/* Whether an URL names a folder or a file of this machine. */
static bool
is_file_url(const SfdwLocation *location)
{
	return strcmp(location->scheme, "file") == 0;
}

/* Whether an URL names a bucket of S3's. */
static bool
is_bucket_url(const SfdwLocation *location)
{
	return strcmp(location->scheme, "s3") == 0;
}

/* Raise an error for a scheme that this build does not have. */
static void
check_scheme(const char *url, const SfdwLocation *location)
{
	if (is_file_url(location) || is_bucket_url(location))
		return;
#ifdef SFDW_FAULTS
	if (strcmp(location->scheme, "memory") == 0)
		return;
#endif
	ereport(ERROR,
			errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			errmsg("cannot open \"%s\": storage of type \"%s\" is not supported",
				   url, location->scheme));
}

/* Check the value of the option "location" for whoever sets it. */
static void
check_location(const char *name, const char *value)
{
	SfdwLocation location;

	parse_url(value, &location);
	check_scheme(value, &location);
	if (is_bucket_url(&location))
		sfdw_aws_check_location(value);
	if (!is_file_url(&location))
		return;
	require_file_role(GetUserId(), SFDW_STORAGE_READ, value);
	sfdw_file_check_location(value);
}

const SfdwOption sfdw_storage_options[] = {
	{"location", ForeignServerRelationId, SFDW_OPTION_TEXT,
	.check = check_location},
	{NULL}
};

const SfdwOption *const sfdw_storage_service_options = sfdw_aws_options;

/* A location that ends in "/". */
static char *
normalise_location(const char *location)
{
	size_t		length = strlen(location);

	return psprintf("%s%s", location,
					length > 0 && location[length - 1] == '/' ? "" : "/");
}

/* The location option of a server. */
static const char *
server_location(const ForeignServer *server)
{
	const char *location = sfdw_option_text(server->options, "location", NULL);

	if (location == NULL)
		ereport(ERROR,
				errcode(ERRCODE_FDW_OPTION_NAME_NOT_FOUND),
				errmsg("foreign server \"%s\" has no option \"location\"",
					   server->servername));
	return normalise_location(location);
}

/* The location option of a server, by OID. */
const char *
sfdw_storage_location(Oid server)
{
	return server_location(GetForeignServer(server));
}

/* Hand over to the implementation of the scheme. */
static SfdwStorage *
open_location(const char *url, bool may_contain)
{
	SfdwLocation location;

	parse_url(url, &location);
	check_scheme(url, &location);
	if (is_bucket_url(&location))
		ereport(ERROR,
				errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				errmsg("cannot open \"%s\" without a foreign server", url));
#ifdef SFDW_FAULTS
	if (!is_file_url(&location))
		return sfdw_memory_open(url);
#endif
	return sfdw_file_open(url, may_contain);
}

/* Open a server's location for user, after all checks. */
SfdwStorage *
sfdw_storage_open(Oid server_oid, Oid user, SfdwStorageUse use)
{
	ForeignServer *server = GetForeignServer(server_oid);
	AclResult	acl_result = sfdw_server_aclcheck(server_oid, user, ACL_USAGE);
	const char *url = server_location(server);
	SfdwLocation location;
	SfdwStorage *storage;

	if (acl_result != ACLCHECK_OK)
		aclcheck_error(acl_result, OBJECT_FOREIGN_SERVER, server->servername);
	sfdw_role_require(user, use_rights[use].role, use_rights[use].action);
	parse_url(url, &location);
	if (is_file_url(&location))
		require_file_role(server->owner, use, url);
	storage = is_bucket_url(&location) ?
		sfdw_bucket_open(url, server_oid, user) : open_location(url, false);
	storage->server = server_oid;
	return storage;
}

/* Open a folder named by another option of a server. */
SfdwStorage *
sfdw_storage_open_beside(const char *location, Oid owner, SfdwStorageUse use)
{
	const char *url = normalise_location(location);
	SfdwLocation parsed;

	parse_url(url, &parsed);
	if (is_file_url(&parsed))
		require_file_role(owner, use, url);
	return open_location(url, false);
}

/* The best match of a search through all servers. */
typedef struct ServerMatch
{
	Oid			server;			/* with USAGE; InvalidOid when there is none */
	size_t		length;			/* of its location */
	char	   *denied;			/* one that matched without USAGE, or NULL */
} ServerMatch;

/* Keep the server if its location is a longer prefix of the URL. */
static void
match_server(ServerMatch *match, Oid server_oid, const char *url, Oid user)
{
	ForeignServer *server = GetForeignServer(server_oid);
	const char *location = sfdw_option_text(server->options, "location", NULL);

	if (location == NULL)
		return;
	location = normalise_location(location);
	if (!sfdw_location_contains(location, url))
		return;
	if (sfdw_server_aclcheck(server_oid, user, ACL_USAGE) != ACLCHECK_OK)
		match->denied = pstrdup(server->servername);
	else if (strlen(location) > match->length)
	{
		match->server = server_oid;
		match->length = strlen(location);
	}
}

/* Look at every server of our wrapper. */
static ServerMatch
find_server(const char *url, Oid user)
{
	ServerMatch match = {InvalidOid};
	ForeignDataWrapper *wrapper = GetForeignDataWrapperByName(WRAPPER_NAME,
															  true);
	Relation	relation;
	SysScanDesc scan;
	HeapTuple	tuple;

	if (wrapper == NULL)
		return match;
	relation = table_open(ForeignServerRelationId, AccessShareLock);
	scan = systable_beginscan(relation, InvalidOid, false, NULL, 0, NULL);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_foreign_server row = (Form_pg_foreign_server) GETSTRUCT(tuple);

		if (row->srvfdw == wrapper->fdwid)
			match_server(&match, row->oid, url, user);
	}
	systable_endscan(scan);
	table_close(relation, AccessShareLock);
	return match;
}

/* A path as an URL; anything else must have a scheme. */
static const char *
url_of(const char *url_or_path)
{
	if (url_or_path[0] == '/')
		return psprintf("file://%s", url_or_path);
	if (strstr(url_or_path, "://") == NULL)
		ereport(ERROR,
				errcode(ERRCODE_INVALID_NAME),
				errmsg("relative path not allowed: \"%s\"", url_or_path),
				errhint("Write an absolute path, or a URL such as file:///folder/name."));
	return url_or_path;
}

/* Open the folder of a file outside every server. */
static SfdwStorage *
open_outside(const char *url, Oid user, SfdwStorageUse use, char **key)
{
	const char *name = strrchr(url, '/') + 1;

	if (strncmp(url, "file://", strlen("file://")) != 0)
		ereport(ERROR,
				errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				errmsg("permission denied to %s \"%s\"",
					   use_rights[use].action, url),
				errdetail("No foreign server has a location that the URL is below."));
	require_file_role(user, use, url);
	if (name[0] == '\0')
		ereport(ERROR,
				errcode(ERRCODE_INVALID_NAME),
				errmsg("URL \"%s\" names a folder, not a file", url));
	*key = pstrdup(name);
	return open_location(pnstrdup(url, (Size) (name - url)), true);
}

/* Find and open the storage of an URL. */
SfdwStorage *
sfdw_storage_for_url(const char *url_or_path, Oid user, SfdwStorageUse use,
					 char **key)
{
	const char *url = url_of(url_or_path);
	SfdwLocation location;
	ServerMatch match;

	/* Before anything is compared with it: ".." would compare as a name. */
	parse_url(url, &location);
	match = find_server(url, user);
	if (OidIsValid(match.server))
	{
		*key = pstrdup(url + Min(match.length, strlen(url)));
		return sfdw_storage_open(match.server, user, use);
	}
	if (match.denied != NULL)
		aclcheck_error(ACLCHECK_NO_PRIV, OBJECT_FOREIGN_SERVER, match.denied);
	return open_outside(url, user, use, key);
}

/* Whether there can be old versions. */
bool
sfdw_storage_keeps_versions(const SfdwStorage *storage)
{
	return strcmp(storage->ops->scheme, "file") != 0;
}

/* By key and version id, as bytes. */
static int
compare_ids(const ListCell *left, const ListCell *right)
{
	const SfdwVersion *a = lfirst(left);
	const SfdwVersion *b = lfirst(right);
	int			order = strcmp(a->key, b->key);

	return order != 0 ? order : strcmp(a->version_id, b->version_id);
}

/*
 * Raise for a service's listing that contradicts itself: which version of a key
 * is read, and which are deleted, would be a matter of chance.
 */
static void
check_listing(SfdwStorage *storage, List *versions)
{
	List	   *sorted = list_copy(versions);
	const SfdwVersion *before = NULL;
	const SfdwVersion *latest = NULL;
	ListCell   *cell;

	list_sort(sorted, compare_ids);
	foreach(cell, sorted)
	{
		const SfdwVersion *version = lfirst(cell);
		bool		is_same = before != NULL &&
			strcmp(before->key, version->key) == 0;

		if (!is_same)
			latest = NULL;
		if ((is_same && strcmp(before->version_id, version->version_id) == 0) ||
			(version->is_latest && latest != NULL))
			ereport(ERROR,
					errcode(ERRCODE_PROTOCOL_VIOLATION),
					errmsg("the listing of \"%s\" contradicts itself",
						   storage->location),
					version->is_latest && latest != NULL ?
					errdetail("Key \"%s\" has two latest versions.", version->key) :
					errdetail("Key \"%s\" has a version twice.", version->key));
		if (version->is_latest)
			latest = version;
		before = version;
	}
	list_free(sorted);
}

/* List all pages. */
List *
sfdw_storage_list(SfdwStorage *storage, const char *prefix)
{
	SfdwListCursor cursor = {0};
	List	   *versions = NIL;

	while (!cursor.done)
	{
		CHECK_FOR_INTERRUPTS();
		versions = list_concat(versions,
							   storage->ops->list_page(storage, prefix,
													   &cursor));
		cursor.started = true;
	}
	/* Of a folder, where a file can have two names for a moment, we know all. */
	if (storage->ops->versioning != NULL)
		check_listing(storage, versions);
	return versions;
}

/* The current version of a key. */
SfdwVersion *
sfdw_storage_find(SfdwStorage *storage, const char *key)
{
	SfdwVersion *version = storage->ops->find(storage, key);

	return version != NULL && version->is_delete_marker ? NULL : version;
}

/* Open one version for reading. */
SfdwSource *
sfdw_storage_open_version(SfdwStorage *storage, const char *key,
						  const char *version_id)
{
	return storage->ops->open(storage, key, version_id);
}

/* Start to write an object. */
SfdwSink *
sfdw_storage_create(SfdwStorage *storage, const char *key)
{
	return storage->ops->create(storage, key);
}

/* Give a staged object its final name. */
SfdwPromoteOutcome
sfdw_storage_promote(SfdwStorage *storage, const char *staged_key,
					 const char *staged_version, const char *final_key,
					 const char *expected_version, char **new_version)
{
	*new_version = NULL;
	return storage->ops->promote(storage, staged_key, staged_version,
								 final_key, expected_version, new_version);
}

/* Delete exactly these versions. */
void
sfdw_storage_delete(SfdwStorage *storage, SfdwVersion **versions, int count,
					SfdwDeleteResult *results)
{
	if (count > 0)
		storage->ops->delete_versions(storage, versions, count, results);
}

/* Whether the location keeps versions. */
SfdwVersioning
sfdw_storage_versioning(SfdwStorage *storage, bool *needs_mfa)
{
	*needs_mfa = false;
	return storage->ops->versioning == NULL ? SFDW_VERSIONING_FOLDER :
		storage->ops->versioning(storage, needs_mfa);
}

/* Whether its versions can be locked. */
SfdwObjectLock
sfdw_storage_object_lock(SfdwStorage *storage, char **why)
{
	return storage->ops->object_lock == NULL ? SFDW_LOCK_NONE :
		storage->ops->object_lock(storage, why);
}

/* Whether a version is locked. */
bool
sfdw_storage_version_lock(SfdwStorage *storage, const SfdwVersion *version,
						  SfdwDeleteResult *result)
{
	return storage->ops->version_lock != NULL &&
		storage->ops->version_lock(storage, version, result);
}

/* Why nothing can be deleted. */
char *
sfdw_storage_delete_refusal(SfdwStorage *storage, const SfdwVersion *version)
{
	return storage->ops->delete_refusal == NULL ? NULL :
		storage->ops->delete_refusal(storage, version);
}

/* What fills no part is put in one request. */
bool
sfdw_storage_is_written_at_once(SfdwStorage *storage, int64 size)
{
	return storage->ops->uploads == NULL || size < storage->ops->part_size;
}

/* Unfinished uploads. */
List *
sfdw_storage_uploads(SfdwStorage *storage, const char *prefix, bool *is_denied)
{
	return storage->ops->uploads == NULL ? NIL :
		storage->ops->uploads(storage, prefix, is_denied);
}

/* Abort an unfinished upload. */
void
sfdw_storage_abort_upload(SfdwStorage *storage, SfdwUpload *upload)
{
	storage->ops->abort_upload(storage, upload);
}
