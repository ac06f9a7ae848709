/*-------------------------------------------------------------------------
 * error_answer.h
 *		What an AWS service says when it refuses a request
 *
 * Pure.  S3 and STS answer in XML, Glue in JSON (and some of its stand-ins in
 * XML); which it is, the body's first character says.  A body that cannot be
 * read leaves the fields empty: the status is an answer too.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_ERROR_ANSWER_H
#define SFDW_ERROR_ANSWER_H

#include "aws/answer.h"

/* Texts that the answer does not have are "". */
typedef struct SfdwErrorAnswer
{
	char		code[SFDW_ANSWER_WORD_SIZE];
	char		message[SFDW_ANSWER_MESSAGE_SIZE];
	char		request_id[SFDW_ANSWER_WORD_SIZE];
	char		region[SFDW_ANSWER_WORD_SIZE];
} SfdwErrorAnswer;

/* Read the body of an answer whose status is no success. */
extern void sfdw_error_answer_read(const SfdwMemory *memory, const char *body,
								   size_t length, SfdwErrorAnswer *error);

/* Whether the root of an XML body is Error: S3 sends one with status 200. */
extern bool sfdw_error_answer_is_error(const char *body, size_t length);

#endif							/* SFDW_ERROR_ANSWER_H */
