/*-------------------------------------------------------------------------
 * sts.h
 *		Requests to AWS's Security Token Service
 *
 * Below credentials.h: whoever calls has keys, or a token in place of them.
 * The service is that of the server's region, or its option sts_endpoint.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_STS_H
#define SFDW_STS_H

#include "aws/key_failure.h"
#include "aws/keys_answer.h"
#include "aws/server.h"

/* A role to assume; NULL for what is not said. */
typedef struct SfdwRole
{
	const char *arn;
	const char *session_name;	/* NULL: one of our own */
	const char *external_id;
	const char *duration_seconds;
} SfdwRole;

/* Assume a role with keys. */
extern bool sfdw_sts_assume_role(const SfdwAwsServer *server,
								 const SfdwKeys *keys, const SfdwRole *role,
								 SfdwKeys *out, SfdwKeyFailure *failure);

/* Assume a role with a token of an identity provider; not signed. */
extern bool sfdw_sts_assume_role_with_token(const SfdwAwsServer *server,
											const char *token,
											const SfdwRole *role,
											SfdwKeys *out,
											SfdwKeyFailure *failure);

/* Whose keys they are. */
extern bool sfdw_sts_identity(const SfdwAwsServer *server,
							  const SfdwAwsKeys *keys, SfdwIdentity *out,
							  SfdwKeyFailure *failure);

#endif							/* SFDW_STS_H */
