/*-------------------------------------------------------------------------
 * gate_refuse.c
 *		How the gate says no to a query's shape or to an object in it
 *
 * Knows names of nodes and relations for people, and no rules.
 *-------------------------------------------------------------------------
 */
#include "dataset/gate_refuse.h"

#include "catalog/pg_class.h"
#include "core/errors.h"
#include "nodes/primnodes.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/regproc.h"

/* Kinds of nodes that people write, in their words. */
static const struct
{
	NodeTag		tag;
	const char *name;
}			node_names[] =
{
	{T_Param, "a parameter"},
	{T_GroupingFunc, "GROUPING"},
	{T_SubscriptingRef, "a subscript"},
	{T_SubLink, "a subquery in an expression"},
	{T_SubPlan, "a subquery in an expression"},
	{T_FieldSelect, "a field of a row"},
	{T_FieldStore, "a field of a row"},
	{T_ConvertRowtypeExpr, "a conversion of a row"},
	{T_RowExpr, "a row constructor"},
	{T_RowCompareExpr, "a comparison of rows"},
	{T_SQLValueFunction, "a function of the session (CURRENT_DATE, CURRENT_USER)"},
	{T_XmlExpr, "an XML expression"},
	{T_CoerceToDomain, "a cast to a domain"},
	{T_CoerceToDomainValue, "a domain's value"},
	{T_SetToDefault, "DEFAULT"},
	{T_CurrentOfExpr, "CURRENT OF"},
	{T_NextValueExpr, "a sequence"},
	{T_NamedArgExpr, "a named argument"},
	{T_RangeTblFunction, "a function in FROM"},
	{T_Query, "a subquery"},
};

/* Words for pg_class.relkind. */
static const struct
{
	char		relkind;
	const char *name;
}			relation_kinds[] =
{
	{RELKIND_RELATION, "table"},
	{RELKIND_PARTITIONED_TABLE, "partitioned table"},
	{RELKIND_VIEW, "view"},
	{RELKIND_MATVIEW, "materialized view"},
	{RELKIND_FOREIGN_TABLE, "foreign table"},
	{RELKIND_SEQUENCE, "sequence"},
	{RELKIND_COMPOSITE_TYPE, "composite type"},
};

/* One form for all refusals, so that they can be searched for. */
void
sfdw_gate_refuse(const char *what, const char *why)
{
	ereport(ERROR,
			errcode(SFDW_ERRCODE_POLICY),
			errmsg("cannot use %s in a data set", what),
			errdetail("%s", why));
}

/* Nodes of versions to come have no words here, and are refused all the same. */
char *
sfdw_gate_node_name(Node *node)
{
	if (IsA(node, Aggref))
		return psprintf("aggregate function %s",
						format_procedure_qualified(((Aggref *) node)->aggfnoid));
	if (IsA(node, WindowFunc))
		return psprintf("window function %s",
						format_procedure_qualified(((WindowFunc *) node)->winfnoid));
	for (int i = 0; i < (int) lengthof(node_names); i++)
		if (node_names[i].tag == nodeTag(node))
			return pstrdup(node_names[i].name);
	return psprintf("an expression of kind %d", (int) nodeTag(node));
}

/* Qualified always: the same name elsewhere is another relation. */
static char *
qualified_name(Oid relid)
{
	return quote_qualified_identifier(get_namespace_name(get_rel_namespace(relid)),
									  get_rel_name(relid));
}

/* A relation without words for its kind is still named. */
char *
sfdw_gate_relation_name(Oid relid)
{
	char		relkind = get_rel_relkind(relid);

	for (int i = 0; i < (int) lengthof(relation_kinds); i++)
		if (relation_kinds[i].relkind == relkind)
			return psprintf("%s %s", relation_kinds[i].name,
							qualified_name(relid));
	return psprintf("relation %s", qualified_name(relid));
}

/* Dropped columns have no name. */
char *
sfdw_gate_column_name(Oid relid, AttrNumber attnum)
{
	char	   *name = get_attname(relid, attnum, true);

	return psprintf("column %s.%s", qualified_name(relid),
					name == NULL ? "?" : quote_identifier(name));
}
