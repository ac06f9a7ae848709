/*-------------------------------------------------------------------------
 * profile.h
 *		Profiles of AWS's shared config and credentials files
 *
 * Pure: it reads texts that the caller has loaded, and says which profiles
 * credentials come from.  It opens no file, follows no reference to one, and
 * runs no program: a profile with credential_process is refused, and so are
 * those of single sign-on.
 *
 * The files are lines of
 *
 *		[profile NAME]			in the config file; there "[default]" is read
 *								where there is no "[profile default]"
 *		[NAME]					in the credentials file
 *		key = value				blanks around both are no part of them
 *		  nested = value		below a key that is none of ours; ignored
 *		# comment				also with ";", also behind a blank in a value
 *
 * Sections of another kind ("[sso-session x]") are passed over.  Of equal keys
 * the last one counts; the credentials file's stand above the config file's.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_PROFILE_H
#define SFDW_PROFILE_H

#include <stddef.h>

#include "core/status.h"

/* Of either file; real ones have a few kilobytes. */
#define SFDW_PROFILE_MAX_FILE_SIZE (1024 * 1024)

/* A profile, and those that it assumes roles with. */
#define SFDW_PROFILE_MAX_CHAIN 5

#define SFDW_PROFILE_NAME_SIZE 129
#define SFDW_PROFILE_WORD_SIZE 129
#define SFDW_PROFILE_ARN_SIZE 2049
#define SFDW_PROFILE_PATH_SIZE 1025
#define SFDW_PROFILE_TOKEN_SIZE 8193

typedef struct SfdwProfileFiles
{
	const char *config;			/* need not end in NUL; NULL where none */
	size_t		config_length;
	const char *credentials;
	size_t		credentials_length;
} SfdwProfileFiles;

/* What a profile says; "" for what it does not. */
typedef struct SfdwProfile
{
	char		name[SFDW_PROFILE_NAME_SIZE];
	char		region[SFDW_PROFILE_WORD_SIZE];
	char		access_key_id[SFDW_PROFILE_WORD_SIZE];
	char		secret_access_key[SFDW_PROFILE_WORD_SIZE];
	char		session_token[SFDW_PROFILE_TOKEN_SIZE];
	char		role_arn[SFDW_PROFILE_ARN_SIZE];
	char		role_session_name[SFDW_PROFILE_WORD_SIZE];
	char		external_id[SFDW_PROFILE_ARN_SIZE];
	char		duration_seconds[SFDW_PROFILE_WORD_SIZE];
	char		source_profile[SFDW_PROFILE_NAME_SIZE];
	char		credential_source[SFDW_PROFILE_WORD_SIZE];
	char		web_identity_token_file[SFDW_PROFILE_PATH_SIZE];
	bool		is_missing;		/* neither file has it */
} SfdwProfile;

/* Where the credentials of a chain's last profile come from. */
typedef enum SfdwProfileSource
{
	SFDW_PROFILE_KEYS,			/* its own keys */
	SFDW_PROFILE_WEB_IDENTITY,	/* its web_identity_token_file, for its role */
	SFDW_PROFILE_ENVIRONMENT,	/* credential_source */
	SFDW_PROFILE_CONTAINER,
	SFDW_PROFILE_METADATA
} SfdwProfileSource;

/*
 * The profiles that lead to credentials: start with the source of the last
 * one, assume its role if it has one and its source is not web identity, then
 * the roles of those before it, down to the first, which was asked for.
 *
 * It is large and holds secrets: the caller wipes it with sfdw_profile_wipe.
 */
typedef struct SfdwProfileChain
{
	int			count;
	SfdwProfileSource source;
	bool		assumes_last_role;

	/* After a failure: the profile that was asked for is not there, or it says
	 * nothing of credentials, as one that only sets a region. */
	bool		is_silent;
	SfdwProfile profiles[SFDW_PROFILE_MAX_CHAIN];
} SfdwProfileChain;

/*
 * Read the chain of a profile.  SFDW_BAD_VALUE when a profile is missing, has
 * no credentials or only half of a pair of keys, or names itself through
 * others; SFDW_UNSUPPORTED for credential_process, single sign-on, login
 * sessions, and an unrecognized credential_source; SFDW_MALFORMED, with the
 * offset, for a line that is none; SFDW_TOO_LARGE beyond the limits.  Messages
 * name profiles and keys, never values.
 */
extern bool sfdw_profile_read(const SfdwProfileFiles *files, const char *name,
							  SfdwProfileChain *chain, SfdwStatus *status);

/* Overwrite a chain, also after a failure. */
extern void sfdw_profile_wipe(SfdwProfileChain *chain);

#endif							/* SFDW_PROFILE_H */
