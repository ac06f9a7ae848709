/*-------------------------------------------------------------------------
 * listed_functions.h
 *		Functions of users that a data set's query may call
 *
 * What such a function does is for whoever lists it to judge, and for whoever
 * accepts the policy: the gate sees its arguments, not its body.  So it is
 * listed as it was: one that has changed since refuses by name.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_LISTED_FUNCTIONS_H
#define SFDW_LISTED_FUNCTIONS_H

#include "core/compat.h"
#include "nodes/pg_list.h"

/*
 * The functions (Oid) of a stored list, each "signature hash".  Raises
 * SFDW_ERRCODE_POLICY, naming it, for one that is gone, has changed or may no
 * longer be listed.
 */
extern List *sfdw_listed_find_functions(List *stored);

#endif							/* SFDW_LISTED_FUNCTIONS_H */
