/*-------------------------------------------------------------------------
 * sha256_openssl.h
 *		OpenSSL's SHA-256 for the tests of signatures
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_SHA256_OPENSSL_H
#define SFDW_SHA256_OPENSSL_H

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "aws/sigv4.h"

/* SfdwSha256.hash; a context that is not NULL is a count of calls that work. */
static bool
openssl_hash(void *context, const void *data, size_t length,
			 unsigned char digest[SFDW_SHA256_LENGTH])
{
	int		   *calls_left = context;

	if (calls_left != NULL && (*calls_left)-- == 0)
		return false;
	return EVP_Digest(data, length, digest, NULL, EVP_sha256(), NULL) == 1;
}

/* SfdwSha256.hmac */
static bool
openssl_hmac(void *context, const void *key, size_t key_length,
			 const void *data, size_t length,
			 unsigned char digest[SFDW_SHA256_LENGTH])
{
	int		   *calls_left = context;

	if (calls_left != NULL && (*calls_left)-- == 0)
		return false;
	return HMAC(EVP_sha256(), key, (int) key_length, data, length, digest,
				NULL) != NULL;
}

static const SfdwSha256 openssl_sha256 = {openssl_hash, openssl_hmac, NULL};

#endif							/* SFDW_SHA256_OPENSSL_H */
