/*-------------------------------------------------------------------------
 * glue.h
 *		Requests to the AWS Glue Data Catalog
 *
 * Bodies and answers are JSON texts that pass through: what a table is, the
 * caller knows.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_GLUE_H
#define SFDW_GLUE_H

#include "aws/server.h"

/* A table with 1,600 columns and their comments is far below this; bytes. */
#define SFDW_GLUE_MAX_ANSWER (16 * 1024 * 1024)

/* What became of a request; everything else raises. */
typedef enum SfdwGlueEnd
{
	SFDW_GLUE_DONE,
	SFDW_GLUE_ABSENT,			/* EntityNotFoundException */
	SFDW_GLUE_EXISTS,			/* AlreadyExistsException */
	SFDW_GLUE_CHANGED,			/* ConcurrentModificationException */
	SFDW_GLUE_UNKNOWN			/* it may have happened: look */
} SfdwGlueEnd;

/*
 * Make a request.  operation is Glue's name for it ("GetTable"), which is also
 * that of the permission; subject is for messages; is_update says that it does
 * something else when it is made twice.  *answer is palloc'd; it may be NULL.
 */
extern SfdwGlueEnd sfdw_glue_call(const SfdwAwsServer *server,
								  const char *operation, bool is_update,
								  const char *subject, const char *body,
								  char **answer);

/*
 * Make a request that nothing depends on, and that is the same when it is made
 * twice.  False when the service refused it, with its word for why in *refusal
 * ("AccessDeniedException"); raises only when the service cannot be reached.
 */
extern bool sfdw_glue_try(const SfdwAwsServer *server, const char *operation,
						  const char *subject, const char *body,
						  char **answer, char **refusal);

#endif							/* SFDW_GLUE_H */
