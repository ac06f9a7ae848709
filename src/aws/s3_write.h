/*-------------------------------------------------------------------------
 * s3_write.h
 *		What the writes of s3_write.c and s3_upload.c share
 *
 * Each write carries a token in the object's metadata.  When the answer to one
 * was lost, what the key has now tells whether it happened; when it did not,
 * the same write is sent once more.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_S3_WRITE_H
#define SFDW_S3_WRITE_H

#include "aws/s3.h"

/* Token, type, checksum, condition, encryption (2), class, and one to spare. */
#define SFDW_S3_MAX_HEADERS 8

/* Headers of a write, with what they point to. */
typedef struct SfdwS3Headers
{
	SfdwHttpHeader items[SFDW_S3_MAX_HEADERS];
	size_t		count;
} SfdwS3Headers;

/* An object's URL, for messages. */
extern const char *sfdw_s3_url(const SfdwAwsServer *server, const char *key);

/* Add a header unless it has no value. */
extern void sfdw_s3_add(SfdwS3Headers *headers, const char *name,
						const char *value);

/* What is said when an object is made: how it is kept, and by whom. */
extern void sfdw_s3_add_creation(SfdwS3Headers *headers,
								 const SfdwAwsServer *server,
								 const char *token);

/* The condition of a write; NULL for none. */
extern void sfdw_s3_add_condition(SfdwS3Headers *headers,
								  const SfdwS3Condition *condition);

/*
 * Send a write that makes an object with this token, and look what became of
 * it where that is not said; again while it has not happened and may have been
 * lost on the way.  SFDW_S3_UNKNOWN when that does not end.  Raises for a
 * refusal that is no outcome.
 */
extern SfdwS3Write sfdw_s3_write(const SfdwRequestSpec *spec, const char *token,
								 char **version_id);

#endif							/* SFDW_S3_WRITE_H */
