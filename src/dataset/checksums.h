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

/*
 * Whether ten ASCII digits are a Personal Health Number of British Columbia: 9,
 * then eight digits weighted 2, 4, 8, 5, 10, 9, 7, 3, and 11 less their sum's
 * remainder by 11.
 */
extern bool sfdw_checksum_bc_phn(const char *digits);

#endif							/* SFDW_CHECKSUMS_H */
