/*-------------------------------------------------------------------------
 * field_type.c
 *		Types of Salesforce fields, and what PostgreSQL calls them
 *
 * Pure.  See field_type.h.
 *-------------------------------------------------------------------------
 */
#include "export/field_type.h"

#include <stddef.h>

typedef struct TypeRow
{
	const char *name;
	const char *sql;
	bool		is_compound;
} TypeRow;

/*
 * Numbers without a stated precision are numeric, not double precision: the
 * exporter's decimal digits are kept as they are.  Compound values are Python
 * reprs, not JSON, so they are text.
 */
static const TypeRow types[] = {
	[SFDW_FIELD_ID] = {"id", "pg_catalog.text", false},
	[SFDW_FIELD_REFERENCE] = {"reference", "pg_catalog.text", false},
	[SFDW_FIELD_STRING] = {"string", "pg_catalog.text", false},
	[SFDW_FIELD_AUTONUMBER] = {"autonumber", "pg_catalog.text", false},
	[SFDW_FIELD_TEXTAREA] = {"textarea", "pg_catalog.text", false},
	[SFDW_FIELD_PICKLIST] = {"picklist", "pg_catalog.text", false},
	[SFDW_FIELD_MULTIPICKLIST] = {"multipicklist", "pg_catalog.text[]", false},
	[SFDW_FIELD_COMBOBOX] = {"combobox", "pg_catalog.text", false},
	[SFDW_FIELD_BOOLEAN] = {"boolean", "boolean", false},
	[SFDW_FIELD_INT] = {"int", "integer", false},
	[SFDW_FIELD_DOUBLE] = {"double", "numeric", false},
	[SFDW_FIELD_PERCENT] = {"percent", "numeric", false},
	[SFDW_FIELD_CURRENCY] = {"currency", "numeric(18,2)", false},
	[SFDW_FIELD_DATE] = {"date", "pg_catalog.date", false},
	[SFDW_FIELD_DATETIME] = {"datetime", "timestamp with time zone", false},
	[SFDW_FIELD_TIME] = {"time", "time without time zone", false},
	[SFDW_FIELD_PHONE] = {"phone", "pg_catalog.text", false},
	[SFDW_FIELD_EMAIL] = {"email", "pg_catalog.text", false},
	[SFDW_FIELD_URL] = {"url", "pg_catalog.text", false},
	[SFDW_FIELD_ADDRESS] = {"address", "pg_catalog.text", true},
	[SFDW_FIELD_LOCATION] = {"location", "pg_catalog.text", true},
	[SFDW_FIELD_ENCRYPTED] = {"encryptedstring", "pg_catalog.text", false},
	[SFDW_FIELD_BASE64] = {"base64", "pg_catalog.text", false},
	[SFDW_FIELD_ANY] = {"anyType", "pg_catalog.text", false},
};

/* Salesforce's own name. */
const char *
sfdw_field_type_name(SfdwFieldType type)
{
	return types[type].name;
}

/* The column type that IMPORT writes. */
const char *
sfdw_field_type_sql(SfdwFieldType type)
{
	return types[type].sql;
}

/* Whether values are compound. */
bool
sfdw_field_type_is_compound(SfdwFieldType type)
{
	return types[type].is_compound;
}
