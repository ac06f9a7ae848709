/*-------------------------------------------------------------------------
 * purge_refusal.c
 *		Why nothing may be deleted from a raw location
 *-------------------------------------------------------------------------
 */
#include "dataset/purge_refusal.h"

#include "dataset/definition_check.h"
#include "dataset/purge_versioning.h"
#include "foreign/foreign.h"
#include "storage/storage.h"

/* Whether two locations are the same but for the last slash. */
static bool
same_location(const char *a, const char *b)
{
	size_t		a_length = a == NULL ? 0 : strlen(a);
	size_t		b_length = b == NULL ? 0 : strlen(b);

	if (a_length > 0 && a[a_length - 1] == '/')
		a_length--;
	if (b_length > 0 && b[b_length - 1] == '/')
		b_length--;
	return a_length > 0 && a_length == b_length &&
		strncmp(a, b, a_length) == 0;
}

/* What keeps a server from being the one that was confirmed, or NULL. */
static char *
location_refusal(SfdwDataset *dataset, const char *server,
				 const char *location)
{
	Oid			oid = get_foreign_server_oid(server, true);
	const char *present;

	if (!OidIsValid(oid))
		return psprintf("server \"%s\" does not exist any more", server);
	present = sfdw_storage_location(oid);
	if (!same_location(present, location))
		return psprintf("the location of server \"%s\" has changed", server);
	if (!same_location(present, dataset->confirmed_location))
		return psprintf("the location of server \"%s\" is not confirmed",
						server);
	return NULL;
}

/* Why nothing may be deleted from a server any more, or NULL. */
char *
sfdw_purge_refusal(SfdwDataset *dataset, const char *server,
				   const char *location, const char **reason)
{
	char	   *refusal = location_refusal(dataset, server, location);
	const char *obstacle;
	Oid			oid;

	*reason = "unconfirmed";
	if (refusal != NULL)
		return refusal;
	oid = get_foreign_server_oid(server, false);
	obstacle = sfdw_dataset_purge_obstacle(dataset, sfdw_storage_location(oid));
	*reason = "unsafe";
	if (obstacle != NULL)
		return psprintf("raw location \"%s\" cannot be purged: %s", location,
						obstacle);
	return sfdw_purge_unversioned(dataset, oid, reason);
}
