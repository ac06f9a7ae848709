/*-------------------------------------------------------------------------
 * owner.c
 *		Act as the extension's owner for a few statements of our own
 *
 * Knows how rights are borrowed and given back, and nothing of the tables.
 *-------------------------------------------------------------------------
 */
#include "dataset/owner.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/indexing.h"
#include "catalog/pg_extension.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/guc.h"
#include "utils/rel.h"

#define EXTENSION_NAME "salesforce_fdw"

/* Look in pg_extension itself: there is no cache for it. */
Oid
sfdw_owner_role(void)
{
	Relation	catalog = table_open(ExtensionRelationId, AccessShareLock);
	SysScanDesc scan;
	ScanKeyData key;
	HeapTuple	tuple;
	Oid			owner = InvalidOid;

	ScanKeyInit(&key, Anum_pg_extension_extname, BTEqualStrategyNumber,
				F_NAMEEQ, CStringGetDatum(EXTENSION_NAME));
	scan = systable_beginscan(catalog, ExtensionNameIndexId, true, NULL, 1,
							  &key);
	tuple = systable_getnext(scan);
	if (HeapTupleIsValid(tuple))
		owner = ((Form_pg_extension) GETSTRUCT(tuple))->extowner;
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
	return owner;
}

/* A nested GUC level is what functions with SET use, in every version. */
int
sfdw_owner_plain_search_path(void)
{
	int			level = NewGUCNestLevel();

	(void) set_config_option("search_path", "pg_catalog, pg_temp",
							 PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE,
							 true, 0, false);
	return level;
}

/* The abort of a (sub)transaction restores user, search_path and SPI. */
void
sfdw_owner_enter(SfdwOwnerScope *scope)
{
	Oid			owner = sfdw_owner_role();

	if (!OidIsValid(owner))
		ereport(ERROR,
				errcode(ERRCODE_UNDEFINED_OBJECT),
				errmsg("extension \"%s\" is not created in this database",
					   EXTENSION_NAME));
	scope->caller_context = CurrentMemoryContext;
	GetUserIdAndSecContext(&scope->user, &scope->security_context);
	SetUserIdAndSecContext(owner, scope->security_context |
						   SECURITY_LOCAL_USERID_CHANGE);
	scope->guc_level = sfdw_owner_plain_search_path();
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
}

/* The reverse of enter, in reverse order. */
void
sfdw_owner_leave(SfdwOwnerScope *scope)
{
	if (SPI_finish() != SPI_OK_FINISH)
		elog(ERROR, "SPI_finish failed");
	AtEOXact_GUC(true, scope->guc_level);
	SetUserIdAndSecContext(scope->user, scope->security_context);
}

/* Any statement that is not done as asked is our own mistake. */
uint64
sfdw_owner_execute(const char *statement, int count, Oid *types,
				   Datum *values, const char *nulls)
{
	int			result = SPI_execute_with_args(statement, count, types, values,
											   nulls, false, 0);

	if (result < 0)
		elog(ERROR, "SPI_execute_with_args failed: %s",
			 SPI_result_code_string(result));
	return SPI_processed;
}
