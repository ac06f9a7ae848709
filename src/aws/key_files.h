/*-------------------------------------------------------------------------
 * key_files.h
 *		Keys from AWS's shared files, and tokens from files
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_KEY_FILES_H
#define SFDW_KEY_FILES_H

#include "aws/key_failure.h"
#include "aws/profile.h"

/*
 * Read a small regular file whole; a NUL stands behind it.  NULL with
 * SFDW_KEYS_ABSENT when it is not there, else with SFDW_KEYS_REFUSED (not a
 * regular file, longer than limit, not readable).  The caller wipes it.
 */
extern char *sfdw_key_file_read(const char *path, size_t limit, size_t *length,
								SfdwKeyFailure *failure);

/* Read a token: a file's text without the blanks around it. */
extern char *sfdw_key_file_token(const char *path, SfdwKeyFailure *failure);

/*
 * Read the chain of a profile from the shared files: those that
 * AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE name, else those in ~/.aws.
 * SFDW_KEYS_ABSENT when neither is there.  The caller wipes the chain.
 */
extern bool sfdw_key_file_profile(const char *name, SfdwProfileChain *chain,
								  SfdwKeyFailure *failure);

#endif							/* SFDW_KEY_FILES_H */
