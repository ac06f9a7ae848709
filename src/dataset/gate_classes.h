/*-------------------------------------------------------------------------
 * gate_classes.h
 *		What a raw column is, and whether the policy lets it pass
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_GATE_CLASSES_H
#define SFDW_GATE_CLASSES_H

#include "dataset/gate.h"

/*
 * Fill in relation, column_name, object, field and class of an entry.  A table
 * that has no option "object" has the object that its file is named after, so
 * that a Contact.csv read by its path keeps the dictionary's classes.  A column
 * of a reference table has the class that the data set gives it.
 */
extern void sfdw_gate_describe(SfdwLineage *entry, SfdwDataset *dataset,
							   const SfdwListed *listed);

/* The same of a column of a foreign table, but for relation. */
extern void sfdw_gate_describe_field(SfdwLineage *entry);

/* "Object.Field": what an acceptance calls the column. */
extern char *sfdw_gate_field_name(const SfdwLineage *entry);

/*
 * Fill in verdict and reason.  accepted lists the names (char *) that were
 * accepted under the policy as it is now.
 */
extern void sfdw_gate_judge_column(SfdwLineage *entry, SfdwDataset *dataset,
								   List *accepted);

/* The reason that the definition gives for accepting a column, or NULL. */
extern char *sfdw_gate_reason_of(SfdwDataset *dataset, const char *field_name);

/*
 * Whether a class may stand in "allow" at all, and with what else a column of
 * it passes.
 */
typedef enum SfdwClassRule
{
	SFDW_RULE_ALLOW,			/* allow, or an acceptance */
	SFDW_RULE_ALLOW_AND_ACCEPT, /* both */
	SFDW_RULE_ACCEPT,			/* an acceptance; cannot be allowed */
	SFDW_RULE_NEVER				/* nothing lets it pass */
} SfdwClassRule;

extern SfdwClassRule sfdw_gate_class_rule(SfdwClass field_class);

#endif							/* SFDW_GATE_CLASSES_H */
