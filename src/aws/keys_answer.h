/*-------------------------------------------------------------------------
 * keys_answer.h
 *		Keys that a service hands out, and whose they are
 *
 * Pure.  STS answers in XML, the services for credentials of a container and
 * of an instance in JSON.  An answer is not trusted: texts have limits, an
 * answer without a whole pair of keys is refused, and so is one whose time is
 * none.  A status never holds a text of the answer.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_KEYS_ANSWER_H
#define SFDW_KEYS_ANSWER_H

#include "aws/sigv4.h"
#include "aws/xml.h"
#include "core/status.h"

/* The longest answer that is read; real ones have two kilobytes. */
#define SFDW_KEYS_MAX_ANSWER (64 * 1024)

#define SFDW_KEYS_WORD_SIZE 129
#define SFDW_KEYS_TOKEN_SIZE 8193
#define SFDW_KEYS_ARN_SIZE 2049

/* They stay valid. */
#define SFDW_KEYS_NEVER_EXPIRE INT64_MAX

/* A pair of keys; "" for a session token that there is not.  To be wiped. */
typedef struct SfdwKeys
{
	char		access_key_id[SFDW_KEYS_WORD_SIZE];
	char		secret_access_key[SFDW_KEYS_WORD_SIZE];
	char		session_token[SFDW_KEYS_TOKEN_SIZE];
	int64_t		expires_at;		/* seconds since 1970 */
} SfdwKeys;

/* Whose a pair of keys is; no secret. */
typedef struct SfdwIdentity
{
	char		account[SFDW_KEYS_WORD_SIZE];
	char		arn[SFDW_KEYS_ARN_SIZE];
	char		user_id[SFDW_KEYS_WORD_SIZE];
} SfdwIdentity;

/*
 * Read STS's answer to AssumeRole or AssumeRoleWithWebIdentity.  Fails as
 * sfdw_xml_push does, with SFDW_TOO_LARGE for a text beyond its field, or
 * SFDW_MALFORMED for what is missing or no time.
 */
extern bool sfdw_keys_read_xml(const SfdwMemory *memory, const char *body,
							   size_t length, SfdwKeys *keys,
							   SfdwStatus *status);

/*
 * Read the answer of a service for credentials: "AccessKeyId",
 * "SecretAccessKey", "Token", "Expiration", and "Code", which is "Success"
 * where there is one; otherwise SFDW_BAD_VALUE.
 */
extern bool sfdw_keys_read_json(const char *body, size_t length, SfdwKeys *keys,
								SfdwStatus *status);

/* Read STS's answer to GetCallerIdentity. */
extern bool sfdw_identity_read(const SfdwMemory *memory, const char *body,
							   size_t length, SfdwIdentity *identity,
							   SfdwStatus *status);

/*
 * Read "2026-01-31T23:59:59Z", with a fraction or without; SFDW_MALFORMED for
 * what is no such time.
 */
extern bool sfdw_keys_read_time(const char *text, int64_t *seconds,
								SfdwStatus *status);

/* The pair as the signer takes it; valid as long as keys is. */
extern SfdwAwsKeys sfdw_keys_to_sign_with(const SfdwKeys *keys);

#endif							/* SFDW_KEYS_ANSWER_H */
