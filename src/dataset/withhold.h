/*-------------------------------------------------------------------------
 * withhold.h
 *		Run something so that no message of PostgreSQL's shows a value
 *
 * What a query, a constraint, an index or a trigger says when it fails can
 * hold values of the data ("Failing row contains (...)"), and so can a
 * trigger's notice.  Inside such a section
 *	- an error of this library passes as it is: its messages hold no values,
 *	  unless a trigger or constraint called it with one, so functions of this
 *	  extension that do something are refused, and what a user's function leads
 *	  to is masked as any other;
 *	- any other error is raised again with its SQLSTATE and a message of ours
 *	  that says where, without detail, hint and context;
 *	- any other message goes neither to the client nor to the server's log,
 *	  those of parallel workers included.
 *
 * A section also fixes the settings on which the text of values depends
 * (TimeZone, DateStyle, IntervalStyle, extra_float_digits, bytea_output) and
 * search_path, and refuses row security that would hide rows.
 *
 * Messages are withheld by emit_log_hook: a library that hooks it later stands
 * outside and still sees them.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_WITHHOLD_H
#define SFDW_WITHHOLD_H

#include "core/compat.h"

/*
 * Call function(argument) in a section.  action completes "could not ..." in
 * the message of an error.  Settings are as before when this returns or
 * raises.  Sections may be nested.
 */
extern void sfdw_withhold_call(void (*function) (void *argument),
							   void *argument, const char *action);

/* Whether this is inside of a section. */
extern bool sfdw_withhold_is_active(void);

/* Install the hook and define the GUC; called once, from _PG_init. */
extern void sfdw_withhold_init(void);

#endif							/* SFDW_WITHHOLD_H */
