/*-------------------------------------------------------------------------
 * field_type.h
 *		Types of Salesforce fields, and what PostgreSQL calls them
 *
 * Pure.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_FIELD_TYPE_H
#define SFDW_FIELD_TYPE_H

#include <stdbool.h>

typedef enum SfdwFieldType
{
	SFDW_FIELD_ID,
	SFDW_FIELD_REFERENCE,
	SFDW_FIELD_STRING,
	SFDW_FIELD_AUTONUMBER,		/* describe() says string and autoNumber */
	SFDW_FIELD_TEXTAREA,
	SFDW_FIELD_PICKLIST,
	SFDW_FIELD_MULTIPICKLIST,
	SFDW_FIELD_COMBOBOX,
	SFDW_FIELD_BOOLEAN,
	SFDW_FIELD_INT,
	SFDW_FIELD_DOUBLE,
	SFDW_FIELD_PERCENT,
	SFDW_FIELD_CURRENCY,
	SFDW_FIELD_DATE,
	SFDW_FIELD_DATETIME,
	SFDW_FIELD_TIME,
	SFDW_FIELD_PHONE,
	SFDW_FIELD_EMAIL,
	SFDW_FIELD_URL,
	SFDW_FIELD_ADDRESS,			/* compound */
	SFDW_FIELD_LOCATION,		/* compound */
	SFDW_FIELD_ENCRYPTED,
	SFDW_FIELD_BASE64,
	SFDW_FIELD_ANY
} SfdwFieldType;

/* Salesforce's own name of a type: "picklist", "datetime". */
extern const char *sfdw_field_type_name(SfdwFieldType type);

/*
 * The column type that IMPORT writes; it means the same under every search
 * path.
 */
extern const char *sfdw_field_type_sql(SfdwFieldType type);

/*
 * Whether values are compound (address, location): the cds exporter writes
 * their Python repr and does not escape it, so it must not be unescaped.
 */
extern bool sfdw_field_type_is_compound(SfdwFieldType type);

#endif							/* SFDW_FIELD_TYPE_H */
