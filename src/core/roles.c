/*-------------------------------------------------------------------------
 * roles.c
 *		Membership in the roles that the extension's script creates
 *
 * Roles are looked up by name at each use: they are shared by all databases,
 * may be dropped and made again, and are asked for once a statement.
 *-------------------------------------------------------------------------
 */
#include "core/roles.h"

#include "miscadmin.h"
#include "utils/acl.h"

/* A role that was dropped has no members, so nobody but a superuser passes. */
bool
sfdw_role_has(Oid user, const char *role)
{
	Oid			role_oid;

	if (superuser_arg(user))
		return true;
	role_oid = get_role_oid(role, true);
	return OidIsValid(role_oid) && has_privs_of_role(user, role_oid);
}

/* Raise an error that says which role is missing. */
void
sfdw_role_require(Oid user, const char *role, const char *action)
{
	if (sfdw_role_has(user, role))
		return;
	ereport(ERROR,
			errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			errmsg("permission denied to %s", action),
			errdetail("Only roles with privileges of the \"%s\" role may %s.",
					  role, action));
}

/* What the role's own code does cannot outlive this. */
void
sfdw_act_as(Oid role, SfdwActing *before)
{
	GetUserIdAndSecContext(&before->user, &before->security_context);
	SetUserIdAndSecContext(role, before->security_context |
						   SECURITY_LOCAL_USERID_CHANGE |
						   SECURITY_RESTRICTED_OPERATION);
	before->is_changed = true;
}

/* As it was. */
void
sfdw_act_end(const SfdwActing *before)
{
	if (before->is_changed)
		SetUserIdAndSecContext(before->user, before->security_context);
}
