/*-------------------------------------------------------------------------
 * metadata.h
 *		Keys from the services for credentials of this machine
 *
 * The instance's (IMDSv2; version 1, which answers anybody, is not asked) and
 * the container's (ECS, EKS).  Requests go to the addresses of these services
 * and to loopback alone, whatever an option or a variable names.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_METADATA_H
#define SFDW_METADATA_H

#include "aws/key_failure.h"
#include "aws/keys_answer.h"

/* Keys of the instance's role; endpoint NULL for the usual one. */
extern bool sfdw_metadata_instance_keys(const char *endpoint, SfdwKeys *out,
										SfdwKeyFailure *failure);

/*
 * Keys of a container: url as its environment says, authorization NULL where
 * it says none.  Over http only to the services' own addresses; over https to
 * any.
 */
extern bool sfdw_metadata_container_keys(const char *url,
										 const char *authorization,
										 SfdwKeys *out,
										 SfdwKeyFailure *failure);

#endif							/* SFDW_METADATA_H */
