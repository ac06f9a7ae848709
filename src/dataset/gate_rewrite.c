/*-------------------------------------------------------------------------
 * gate_rewrite.c
 *		A query as the executor will see it
 *-------------------------------------------------------------------------
 */
#include "dataset/gate_rewrite.h"

#include "access/table.h"
#include "core/roles.h"
#include "dataset/gate_refuse.h"
#include "rewrite/rewriteHandler.h"
#include "rewrite/rewriteManip.h"
#include "utils/rel.h"

/*
 * Drop the entries OLD and NEW, which the query does not use but would have to
 * explain: what is examined is to be exactly what is executed.
 */
static void
drop_hidden_entries(Query *query)
{
	for (int i = 0; i < SFDW_VIEW_HIDDEN_ENTRIES; i++)
		query->rtable = list_delete_first(query->rtable);
	OffsetVarNodes((Node *) query, -SFDW_VIEW_HIDDEN_ENTRIES, 0);
}

/*
 * Put what they stand for in the place of views, as the role that will execute
 * the query: policies and rights on a table depend on who reads it.
 */
Query *
sfdw_gate_rewrite(SfdwDataset *dataset, Query *query)
{
	SfdwActing	before = {false};
	List	   *queries;

	AcquireRewriteLocks(query, true, false);
	if (OidIsValid(dataset->owner))
		sfdw_act_as(dataset->owner, &before);
	queries = QueryRewrite(query);
	sfdw_act_end(&before);
	if (list_length(queries) != 1)
		elog(ERROR, "a SELECT was rewritten to %d queries",
			 list_length(queries));
	return linitial_node(Query, queries);
}

/* The view's query, its relations locked, ready to be planned. */
Query *
sfdw_gate_query_of_view(SfdwDataset *dataset, Oid view)
{
	Relation	relation = table_open(view, NoLock);
	Query	   *query;

	if (!RelationHasSecurityInvoker(relation))
		sfdw_gate_refuse(sfdw_gate_relation_name(view),
						 "The view of a definition must be security_invoker.");
	query = copyObject(get_view_query(relation));
	table_close(relation, NoLock);
	drop_hidden_entries(query);
	return sfdw_gate_rewrite(dataset, query);
}
