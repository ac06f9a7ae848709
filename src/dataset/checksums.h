/*-------------------------------------------------------------------------
 * checksums.h
 *		Check digits by which numbers are told from look-alikes
 *
 * Pure.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_CHECKSUMS_H
#define SFDW_CHECKSUMS_H

#include <stdbool.h>
#include <stddef.h>

/* Whether ASCII digits pass Luhn's check; other characters are skipped. */
extern bool sfdw_checksum_luhn(const char *text, size_t length);

/*
 * Whether an IBAN's check digits are right (ISO 7064 MOD 97-10 over the text
 * with its first four characters moved behind); text is ASCII letters of
 * either case and digits, at least 5 of them.
 */
extern bool sfdw_checksum_iban(const char *text, size_t length);

#endif							/* SFDW_CHECKSUMS_H */
