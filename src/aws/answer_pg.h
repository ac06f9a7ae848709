/*-------------------------------------------------------------------------
 * answer_pg.h
 *		A whole answer of S3's, with its items
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_ANSWER_PG_H
#define SFDW_ANSWER_PG_H

#include "aws/request.h"
#include "datatype/timestamp.h"

typedef struct SfdwAnswerPg
{
	SfdwAnswer	fields;			/* its item_count is that of items */
	SfdwItem   *items;
} SfdwAnswerPg;

/*
 * Read the body of a finished request.  Raises ERRCODE_PROTOCOL_VIOLATION when
 * it is not an answer of this kind.
 */
extern SfdwAnswerPg *sfdw_answer_pg_read(SfdwRequest *request,
										 SfdwAnswerKind kind);

/* The key that a text of an answer stands for; subject is for messages. */
extern char *sfdw_answer_pg_key(const SfdwAnswer *answer, const char *text,
								const char *subject);

/* "2026-01-31T12:34:56.000Z"; 0 for any other form. */
extern TimestampTz sfdw_answer_pg_time(const char *text);

extern void sfdw_answer_pg_free(SfdwAnswerPg *answer);

#endif							/* SFDW_ANSWER_PG_H */
