/*-------------------------------------------------------------------------
 * definition_checks.c
 *		The checks among a data set's gates
 *-------------------------------------------------------------------------
 */
#include "dataset/definition.h"

#include "dataset/json_object.h"

/* A bare string is the query; its shape was checked when it was stored. */
static SfdwCheck *
read_check(const SfdwJsonPair *pair)
{
	SfdwCheck  *check = palloc0(sizeof(SfdwCheck));
	ListCell   *cell;

	check->name = pair->key;
	check->action = pstrdup("refuse");
	check->query = sfdw_json_string(&pair->value);
	if (pair->value.type != jbvBinary)
		return check;
	foreach(cell, sfdw_json_pairs(pair->value.val.binary.data, pair->key))
	{
		SfdwJsonPair *member = lfirst(cell);

		if (strcmp(member->key, "query") == 0)
			check->query = sfdw_json_string(&member->value);
		else if (strcmp(member->key, "action") == 0)
			check->action = sfdw_json_string(&member->value);
	}
	return check;
}

/* In the order that jsonb keeps. */
List *
sfdw_dataset_checks(SfdwDataset *dataset)
{
	List	   *checks = NIL;
	ListCell   *cell;
	ListCell   *member;

	foreach(cell, sfdw_json_pairs(&dataset->gates->root, "gates"))
	{
		SfdwJsonPair *pair = lfirst(cell);

		if (strcmp(pair->key, "checks") != 0 || pair->value.type != jbvBinary)
			continue;
		foreach(member, sfdw_json_pairs(pair->value.val.binary.data, "checks"))
			checks = lappend(checks, read_check(lfirst(member)));
	}
	return checks;
}
