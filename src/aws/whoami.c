/*-------------------------------------------------------------------------
 * whoami.c
 *		SQL: whose keys the requests of a foreign server are signed with
 *-------------------------------------------------------------------------
 */
#include "core/compat.h"

#include "aws/credentials.h"
#include "aws/keys_answer.h"
#include "aws/sts.h"
#include "catalog/objectaddress.h"
#include "foreign/foreign.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(sfdw_sql_whoami);

#define WRAPPER_NAME "salesforce_fdw"

/* Columns of the result. */
#define COLUMNS 5

/* The server of that name, if it is ours and the caller may use it. */
static SfdwAwsServer *
find_server(const char *name)
{
	ForeignServer *server = GetForeignServerByName(name, false);
	ForeignDataWrapper *wrapper = GetForeignDataWrapper(server->fdwid);
	AclResult	acl_result = sfdw_server_aclcheck(server->serverid, GetUserId(),
												  ACL_USAGE);
	SfdwAwsServer *aws;

	if (acl_result != ACLCHECK_OK)
		aclcheck_error(acl_result, OBJECT_FOREIGN_SERVER, name);
	if (strcmp(wrapper->fdwname, WRAPPER_NAME) != 0)
		ereport(ERROR,
				errcode(ERRCODE_WRONG_OBJECT_TYPE),
				errmsg("foreign server \"%s\" is not a server of foreign-data wrapper \"%s\"",
					   name, WRAPPER_NAME));
	aws = sfdw_aws_server(server->serverid, GetUserId());
	if (aws->bucket == NULL)
		ereport(ERROR,
				errcode(ERRCODE_WRONG_OBJECT_TYPE),
				errmsg("foreign server \"%s\" has no bucket", name));
	return aws;
}

/* Ask whose the keys are. */
static void
identify(const SfdwAwsServer *server, SfdwIdentity *identity)
{
	SfdwKeyFailure failure = {SFDW_KEYS_ABSENT};

	if (!sfdw_sts_identity(server, sfdw_credentials_get(server, NULL), identity,
						   &failure))
		ereport(ERROR,
				errcode(failure.kind == SFDW_KEYS_UNREACHABLE ?
						ERRCODE_CONNECTION_FAILURE :
						ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION),
				errmsg("could not identify the keys of foreign server \"%s\"",
					   server->name),
				errdetail_internal("%s.", failure.message));
}

/* SQL: whoami(server) returns where keys come from and whose they are. */
Datum
sfdw_sql_whoami(PG_FUNCTION_ARGS)
{
	SfdwAwsServer *server = find_server(text_to_cstring(PG_GETARG_TEXT_PP(0)));
	SfdwIdentity identity;
	TupleDesc	descriptor;
	Datum		values[COLUMNS];
	bool		nulls[COLUMNS] = {false};
	int64		expires_at;

	if (get_call_result_type(fcinfo, NULL, &descriptor) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	values[0] = CStringGetTextDatum(sfdw_credentials_source(server, &expires_at));
	identify(server, &identity);
	values[1] = CStringGetTextDatum(identity.account);
	values[2] = CStringGetTextDatum(identity.arn);
	values[3] = CStringGetTextDatum(identity.user_id);
	nulls[4] = expires_at == SFDW_KEYS_NEVER_EXPIRE;
	values[4] = TimestampTzGetDatum(nulls[4] ? 0 :
									time_t_to_timestamptz((pg_time_t) expires_at));
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(descriptor), values,
											 nulls));
}
