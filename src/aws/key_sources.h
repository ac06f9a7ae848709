/*-------------------------------------------------------------------------
 * key_sources.h
 *		Where keys come from: the value of a server's option "credentials"
 *
 *		user_mapping	the options of the user's mapping
 *		environment		AWS_ACCESS_KEY_ID and its like, of the postmaster
 *		profile:NAME	AWS's shared files, with the roles that they chain
 *		web_identity	AWS_WEB_IDENTITY_TOKEN_FILE, for AWS_ROLE_ARN
 *		container		the service that the container's environment names
 *		imds			the instance's metadata service, version 2
 *		chain			the first of environment, web_identity, profile,
 *						container and imds that is set up
 *
 * All but the first are the machine's, not the user's; who may use them is
 * credentials.h's to check.  A server's role_arn is assumed with what its
 * source gives.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_KEY_SOURCES_H
#define SFDW_KEY_SOURCES_H

#include "aws/key_failure.h"
#include "aws/keys_answer.h"
#include "aws/server.h"

#define SFDW_KEYS_SOURCE_SIZE 300

/*
 * Get keys from the server's source, and assume its role if it has one.
 * source is filled in with where they came from, in words.  Raises only for
 * interrupts and what a mapping lacks.
 */
extern bool sfdw_key_source_get(const SfdwAwsServer *server, SfdwKeys *out,
								char source[SFDW_KEYS_SOURCE_SIZE],
								SfdwKeyFailure *failure);

#endif							/* SFDW_KEY_SOURCES_H */
