/*-------------------------------------------------------------------------
 * roles.h
 *		The roles that the extension's script creates, and who is a member
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_ROLES_H
#define SFDW_ROLES_H

#include "core/compat.h"

#define SFDW_ROLE_READ		"salesforce_fdw_read"
#define SFDW_ROLE_WRITE		"salesforce_fdw_write"
#define SFDW_ROLE_PURGE		"salesforce_fdw_purge"
#define SFDW_ROLE_POLICY	"salesforce_fdw_policy"
#define SFDW_ROLE_STEWARD	"salesforce_fdw_steward"
#define SFDW_ROLE_CREDENTIALS "salesforce_fdw_server_credentials"
#define SFDW_ROLE_AUDIT		"salesforce_fdw_audit"
#define SFDW_ROLE_OPERATOR	"salesforce_fdw_operator"

/* Whether user has the privileges of role (a superuser always has). */
extern bool sfdw_role_has(Oid user, const char *role);

/*
 * Raise ERRCODE_INSUFFICIENT_PRIVILEGE unless user has the privileges of role:
 * "permission denied to ACTION", with a detail that names the role.
 */
extern void sfdw_role_require(Oid user, const char *role, const char *action);

/* Who acted before sfdw_act_as; zeroed when nobody else does. */
typedef struct SfdwActing
{
	bool		is_changed;
	Oid			user;
	int			security_context;
} SfdwActing;

/*
 * Act as a role, in a security-restricted operation, until sfdw_act_end, which
 * does nothing when *before was never filled in.  An abort restores as well.
 */
extern void sfdw_act_as(Oid role, SfdwActing *before);
extern void sfdw_act_end(const SfdwActing *before);

#endif							/* SFDW_ROLES_H */
