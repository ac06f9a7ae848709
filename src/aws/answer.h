/*-------------------------------------------------------------------------
 * answer.h
 *		What S3 answers in XML: listings, deletions, uploads, errors
 *
 * Pure, on xml.h.  An answer has fields of its own and items (versions, keys
 * that were deleted, ...), each told to the caller when it is complete.  What
 * an answer says is not trusted: texts have limits, numbers and truth values
 * are checked, an item without what it must have makes the answer malformed,
 * and so does a truncated listing that does not say where it goes on.
 *
 * Keys are given as they stand in the answer.  Whether they are encoded is
 * known at the end only (some servers say it behind the items), so keys are
 * kept and then decoded with sfdw_answer_decode_key.
 *
 * It is the caller's to refuse a listing whose next markers are those that it
 * had asked with, and the result of a deletion for keys that it had not named.
 *
 * Call order: open, push for each piece, finish, then read the answer's
 * fields; free at the end, also after an error.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_ANSWER_H
#define SFDW_ANSWER_H

#include "aws/uri.h"
#include "aws/xml.h"

/* A key with every byte encoded. */
#define SFDW_ANSWER_KEY_SIZE (3 * SFDW_URI_MAX_KEY_LENGTH + 1)

/* As S3 limits version ids and upload ids. */
#define SFDW_ANSWER_ID_SIZE 1025

/* Codes, ETags, times, request ids, regions. */
#define SFDW_ANSWER_WORD_SIZE 129

/* Messages are cut to this, other texts refused. */
#define SFDW_ANSWER_MESSAGE_SIZE 513

/* As many as a page of a listing, or a batch of deletions, has at most. */
#define SFDW_ANSWER_MAX_ITEMS 1000

typedef enum SfdwAnswerKind
{
	SFDW_ANSWER_ERROR,			/* nothing but an error is expected */
	SFDW_ANSWER_VERSIONS,		/* ListObjectVersions */
	SFDW_ANSWER_DELETION,		/* DeleteObjects */
	SFDW_ANSWER_UPLOADS,		/* ListMultipartUploads */
	SFDW_ANSWER_UPLOAD,			/* CreateMultipartUpload */
	SFDW_ANSWER_PART_COPY,		/* UploadPartCopy */
	SFDW_ANSWER_COMPLETION,		/* CompleteMultipartUpload */
	SFDW_ANSWER_VERSIONING,		/* GetBucketVersioning */
	SFDW_ANSWER_OBJECT_LOCK		/* GetObjectLockConfiguration */
} SfdwAnswerKind;

typedef enum SfdwItemKind
{
	SFDW_ITEM_VERSION,
	SFDW_ITEM_DELETE_MARKER,
	SFDW_ITEM_DELETED,
	SFDW_ITEM_NOT_DELETED,		/* code and message say why */
	SFDW_ITEM_UPLOAD
} SfdwItemKind;

/* Texts that an item does not have are "". */
typedef struct SfdwItem
{
	SfdwItemKind kind;
	char		key[SFDW_ANSWER_KEY_SIZE];	/* as it stands in the answer */
	char		id[SFDW_ANSWER_ID_SIZE];	/* of the version or upload */
	char		etag[SFDW_ANSWER_WORD_SIZE];	/* with its quotes */
	char		time[SFDW_ANSWER_WORD_SIZE];	/* modified or initiated */
	char		code[SFDW_ANSWER_WORD_SIZE];
	char		message[SFDW_ANSWER_MESSAGE_SIZE];
	int64_t		size;
	bool		is_latest;
} SfdwItem;

/* Texts that an answer does not have are "". */
typedef struct SfdwAnswer
{
	bool		is_error;		/* also with status 200 */
	char		code[SFDW_ANSWER_WORD_SIZE];
	char		message[SFDW_ANSWER_MESSAGE_SIZE];
	char		request_id[SFDW_ANSWER_WORD_SIZE];
	char		region[SFDW_ANSWER_WORD_SIZE];	/* where the bucket is; check it */
	bool		is_truncated;
	bool		has_encoded_keys;
	char		next_key[SFDW_ANSWER_KEY_SIZE]; /* as it stands in the answer */
	char		next_id[SFDW_ANSWER_ID_SIZE];
	char		upload_id[SFDW_ANSWER_ID_SIZE];
	char		etag[SFDW_ANSWER_WORD_SIZE];
	char		time[SFDW_ANSWER_WORD_SIZE];
	char		state[SFDW_ANSWER_WORD_SIZE];	/* "Enabled", "Suspended" */
	char		mfa_delete[SFDW_ANSWER_WORD_SIZE];	/* "Enabled", "Disabled" */
	int			item_count;
} SfdwAnswer;

/*
 * What is told of an item; it is valid during the call.  On false the reader
 * stops with the status that the callee filled in.  Must not throw.
 */
typedef bool (*SfdwItemHandler) (void *context, const SfdwItem *item,
								 SfdwStatus *status);

typedef struct SfdwAnswerReader SfdwAnswerReader;

/* NULL when there is no memory; handler may be NULL where no items come. */
extern SfdwAnswerReader *sfdw_answer_open(const SfdwMemory *memory,
										  SfdwAnswerKind kind,
										  SfdwItemHandler handler,
										  void *context);

/* Read a piece; fails as sfdw_xml_push does, or as this page says. */
extern bool sfdw_answer_push(SfdwAnswerReader *reader, const char *data,
							 size_t length, SfdwStatus *status);

/*
 * The answer ends here.  Returns its fields, which live as long as the reader,
 * or NULL with SFDW_MALFORMED when it was not complete.
 */
extern const SfdwAnswer *sfdw_answer_finish(SfdwAnswerReader *reader,
											SfdwStatus *status);

/* Give everything back; NULL is allowed. */
extern void sfdw_answer_free(SfdwAnswerReader *reader);

/*
 * Append the key that a text of this answer's stands for.  SFDW_MALFORMED or
 * SFDW_BAD_ENCODING when it cannot be an object's key.
 */
extern bool sfdw_answer_decode_key(const SfdwAnswer *answer, const char *text,
								   SfdwBuffer *out, SfdwStatus *status);

#endif							/* SFDW_ANSWER_H */
