/*-------------------------------------------------------------------------
 * gate_nodes.c
 *		The first net's rules for one node of an expression
 *
 * A closed list: a kind of node that does not stand here refuses, also one
 * that only a later PostgreSQL has.
 *-------------------------------------------------------------------------
 */
#include "dataset/gate_nodes.h"

#include "dataset/gate_functions.h"
#include "dataset/gate_own.h"
#include "dataset/gate_refuse.h"
#include "nodes/nodeFuncs.h"
#include "utils/regproc.h"

#define WHY_NODE "It is not among the expressions that are known to compute from columns alone."
#define WHY_TRANSFORM "All its arguments but the first must be constants."
#define WHY_WHOLE "Each column must be named."

/* Kinds of nodes that the walks know; what they call is looked at apart. */
static const NodeTag known_nodes[] = {
	T_Var, T_Const, T_FuncExpr, T_OpExpr, T_DistinctExpr, T_NullIfExpr,
	T_ScalarArrayOpExpr, T_BoolExpr, T_RelabelType, T_CoerceViaIO,
	T_ArrayCoerceExpr, T_ArrayExpr, T_CollateExpr, T_CaseExpr, T_CaseTestExpr,
	T_CoalesceExpr, T_MinMaxExpr, T_NullTest, T_BooleanTest,
	T_SubscriptingRef, T_RowCompareExpr, T_Aggref, T_GroupingFunc,
	T_WindowFunc, T_SubLink, T_Param
};

/* Subqueries in expressions; MULTIEXPR is an UPDATE's. */
static const SubLinkType known_sublinks[] = {
	EXISTS_SUBLINK, ALL_SUBLINK, ANY_SUBLINK, ROWCOMPARE_SUBLINK, EXPR_SUBLINK,
	ARRAY_SUBLINK
};

/* Whether the walks know the kind of node. */
static bool
is_known_node(Node *node)
{
	for (int i = 0; i < (int) lengthof(known_nodes); i++)
		if (known_nodes[i] == nodeTag(node))
			return true;
	return false;
}

/* Refuse a kind of subquery that is not known. */
static void
check_sublink(SubLink *link)
{
	for (int i = 0; i < (int) lengthof(known_sublinks); i++)
		if (known_sublinks[i] == link->subLinkType)
			return;
	sfdw_gate_refuse(sfdw_gate_node_name((Node *) link), WHY_NODE);
}

/* Every operator of a list. */
static void
check_operators(List *operators)
{
	ListCell   *cell;

	foreach(cell, operators)
		sfdw_gate_check_operator(lfirst_oid(cell));
}

/* A parameter is a subquery's column, compared with what stands before IN. */
static void
check_param(Param *param)
{
	if (param->paramkind != PARAM_SUBLINK)
		sfdw_gate_refuse(sfdw_gate_node_name((Node *) param), WHY_NODE);
}

/* An assignment to an element is an UPDATE's. */
static void
check_subscript(SubscriptingRef *subscript)
{
	if (subscript->refassgnexpr != NULL)
		sfdw_gate_refuse(sfdw_gate_node_name((Node *) subscript), WHY_NODE);
	sfdw_gate_check_type(subscript->refcontainertype);
}

/*
 * What a transform gives away is for constants to say: a column in the place of
 * one would be told by what comes out.
 */
static void
check_transform(FuncExpr *call)
{
	ListCell   *cell;

	if (sfdw_gate_own_kind(call->funcid) != SFDW_OWN_TRANSFORM)
		return;
	foreach(cell, call->args)
		if (foreach_current_index(cell) > 0 && !IsA(lfirst(cell), Const))
			sfdw_gate_refuse(psprintf("function %s",
									  format_procedure_qualified(call->funcid)),
							 WHY_TRANSFORM);
}

/* Refuse a node that calls what is not listed. */
static void
check_calls(const SfdwListed *listed, Node *node)
{
	switch (nodeTag(node))
	{
		case T_FuncExpr:
			sfdw_gate_check_call(listed, (FuncExpr *) node);
			check_transform((FuncExpr *) node);
			break;
		case T_OpExpr:
		case T_DistinctExpr:
		case T_NullIfExpr:
			sfdw_gate_check_operator(((OpExpr *) node)->opno);
			break;
		case T_ScalarArrayOpExpr:
			sfdw_gate_check_operator(((ScalarArrayOpExpr *) node)->opno);
			break;
		case T_RowCompareExpr:
			check_operators(((RowCompareExpr *) node)->opnos);
			break;
		case T_Aggref:
			sfdw_gate_check_aggregate(((Aggref *) node)->aggfnoid);
			break;
		case T_WindowFunc:
			sfdw_gate_check_window(((WindowFunc *) node)->winfnoid);
			break;
		default:
			break;
	}
	sfdw_gate_check_functions_of(listed, node);
}

/* What has rules of its own besides what it calls. */
static void
check_kind(Node *node)
{
	if (!is_known_node(node))
		sfdw_gate_refuse(sfdw_gate_node_name(node), WHY_NODE);
	if (IsA(node, SubLink))
		check_sublink((SubLink *) node);
	else if (IsA(node, Param))
		check_param((Param *) node);
	else if (IsA(node, SubscriptingRef))
		check_subscript((SubscriptingRef *) node);
}

/*
 * The kind first, so that PostgreSQL is asked for the type of nothing unknown.
 * EXISTS has no columns, so a subquery's type is its first column's only where
 * it is a value; its columns are looked at where they stand.
 */
void
sfdw_gate_check_node(const SfdwListed *listed, Node *node)
{
	check_kind(node);
	check_calls(listed, node);
	sfdw_gate_check_type(exprType(node));
	sfdw_gate_check_collation(exprCollation(node));
	sfdw_gate_check_collation(exprInputCollation(node));
}

/* What stands for more than one column, in words. */
static char *
whole_name(Var *var, RangeTblEntry *entry)
{
	if (entry->rtekind != RTE_RELATION)
		return psprintf("a whole row of %s",
						entry->rtekind == RTE_JOIN ? "a join" : "a subquery");
	if (var->varattno == 0)
		return psprintf("a whole row of %s",
						sfdw_gate_relation_name(entry->relid));
	return psprintf("system %s",
					sfdw_gate_column_name(entry->relid, var->varattno));
}

/* Whole rows and system columns have numbers from zero down. */
void
sfdw_gate_check_var(Var *var, RangeTblEntry *entry)
{
	if (var->varattno <= 0)
		sfdw_gate_refuse(whole_name(var, entry), WHY_WHOLE);
}
