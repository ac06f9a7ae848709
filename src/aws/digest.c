/*-------------------------------------------------------------------------
 * digest.c
 *		Digests of bodies: SHA-256 for signatures, CRC32C for S3's checksums
 *-------------------------------------------------------------------------
 */
#include "aws/digest.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "common/base64.h"
#include "port/pg_bswap.h"
#include "port/pg_crc32c.h"

/* SfdwSha256.hash */
static bool
hash(void *context, const void *data, size_t length,
	 unsigned char digest[SFDW_SHA256_LENGTH])
{
	return EVP_Digest(data, length, digest, NULL, EVP_sha256(), NULL) == 1;
}

/* SfdwSha256.hmac */
static bool
hmac(void *context, const void *key, size_t key_length, const void *data,
	 size_t length, unsigned char digest[SFDW_SHA256_LENGTH])
{
	return HMAC(EVP_sha256(), key, (int) key_length, data, length, digest,
				NULL) != NULL;
}

const SfdwSha256 sfdw_digest_sha256 = {hash, hmac, NULL};

/* SHA-256 in hexadecimal digits. */
void
sfdw_digest_hex(const char *data, size_t length,
				char hex[SFDW_SHA256_HEX_SIZE])
{
	unsigned char digest[SFDW_SHA256_LENGTH];

	if (!hash(NULL, data, length, digest))
		ereport(ERROR,
				errcode(ERRCODE_INTERNAL_ERROR),
				errmsg("could not compute a SHA-256 digest"));
	sfdw_sigv4_hex(digest, hex);
}

/* CRC32C in base64. */
void
sfdw_digest_crc32c(const char *data, size_t length,
				   char base64[SFDW_CRC32C_BASE64_SIZE])
{
	pg_crc32c	crc;
	uint32		big_endian;
	int			written;

	INIT_CRC32C(crc);
	COMP_CRC32C(crc, data, length);
	FIN_CRC32C(crc);
	big_endian = pg_hton32(crc);
	written = pg_b64_encode((const void *) &big_endian, sizeof(big_endian),
							base64, SFDW_CRC32C_BASE64_SIZE - 1);
	base64[Max(written, 0)] = '\0';
}
