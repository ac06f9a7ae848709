/*-------------------------------------------------------------------------
 * gate_own.c
 *		Which functions of this extension a data set's query may call
 *
 * Recognised by name among the extension's own members, so that neither a
 * function that somebody puts into its schema nor one that was taken out of
 * the extension counts.
 *-------------------------------------------------------------------------
 */
#include "dataset/gate_own.h"

#include "catalog/dependency.h"
#include "catalog/pg_proc.h"
#include "commands/extension.h"
#include "utils/lsyscache.h"

#define OUR_NAME "salesforce_fdw"
#define GENERALIZE "generalize"

static const struct
{
	const char *name;
	SfdwOwnKind kind;
}			own_functions[] =
{
	{"id18", SFDW_OWN_PLAIN},
	{"decode_escapes", SFDW_OWN_PLAIN},
	{"pseudonym", SFDW_OWN_TRANSFORM},
	{"mask", SFDW_OWN_TRANSFORM},
	{"year_of", SFDW_OWN_TRANSFORM},
	{"truncate_time", SFDW_OWN_TRANSFORM},
	{GENERALIZE, SFDW_OWN_TRANSFORM},
};

/* Membership first: names are anybody's. */
SfdwOwnKind
sfdw_gate_own_kind(Oid function)
{
	Oid			extension = get_extension_oid(OUR_NAME, true);
	char	   *name;

	if (!OidIsValid(extension) ||
		getExtensionOfObject(ProcedureRelationId, function) != extension)
		return SFDW_OWN_NONE;
	name = get_func_name(function);
	for (int i = 0; i < (int) lengthof(own_functions); i++)
		if (strcmp(own_functions[i].name, name) == 0)
			return own_functions[i].kind;
	return SFDW_OWN_NONE;
}

/* By its kind first, so that it is the extension's. */
bool
sfdw_gate_own_generalizes(Oid function)
{
	return sfdw_gate_own_kind(function) == SFDW_OWN_TRANSFORM &&
		strcmp(get_func_name(function), GENERALIZE) == 0;
}
