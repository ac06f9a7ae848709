/*-------------------------------------------------------------------------
 * digest.h
 *		Digests of bodies: SHA-256 for signatures, CRC32C for S3's checksums
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_DIGEST_H
#define SFDW_DIGEST_H

#include "aws/sigv4.h"
#include "core/compat.h"

/* Base64 of four bytes, with its NUL. */
#define SFDW_CRC32C_BASE64_SIZE 9

/* For sfdw_sigv4_sign: OpenSSL's. */
extern const SfdwSha256 sfdw_digest_sha256;

/* SHA-256 of data in hexadecimal digits; raises when OpenSSL cannot. */
extern void sfdw_digest_hex(const char *data, size_t length,
							char hex[SFDW_SHA256_HEX_SIZE]);

/* CRC32C of data, as the header x-amz-checksum-crc32c has it. */
extern void sfdw_digest_crc32c(const char *data, size_t length,
							   char base64[SFDW_CRC32C_BASE64_SIZE]);

#endif							/* SFDW_DIGEST_H */
