/*-------------------------------------------------------------------------
 * credentials.h
 *		Keys to sign with, for a server and a user
 *
 * They come from the server's source (key_sources.h), which is asked anew ahead
 * of their expiry.  They stand in no message, no log and no statistic, and their
 * copy here is overwritten when they are replaced, or when a server or a
 * mapping is altered, also while a CALL runs.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_CREDENTIALS_H
#define SFDW_CREDENTIALS_H

#include "aws/server.h"
#include "aws/sigv4.h"

/*
 * The keys to sign a request with now.  They stay valid until the next call.
 * number, unless NULL, is filled in with what tells these from others.
 *
 * Changes by other sessions are heard of here, so that they count for the next
 * request and not for the next statement only.  Where keys come from is read
 * anew with the keys; the other options of server are those it was read with.
 *
 * Raises when the source gives none, and for a source other than the mapping
 * unless the server's user has the privileges of SFDW_ROLE_CREDENTIALS.
 */
extern const SfdwAwsKeys *sfdw_credentials_get(const SfdwAwsServer *server,
											   uint64 *number);

/*
 * The keys that sfdw_credentials_get gave for this server and user, if they are
 * at hand, or NULL.  It looks nothing up and never raises, so it may be called
 * while a transaction aborts.
 */
extern const SfdwAwsKeys *sfdw_credentials_cached(const SfdwAwsServer *server);

/*
 * Where the keys come from, in words, and when they expire (seconds since
 * 1970, or SFDW_KEYS_NEVER_EXPIRE).  Raises as sfdw_credentials_get does.
 */
extern const char *sfdw_credentials_source(const SfdwAwsServer *server,
										   int64 *expires_at);

/*
 * The service said that the keys of that number are expired: forget them,
 * unless others have taken their place already, as they have when several
 * requests in flight are told so.  Returns whether others can be had; those of
 * a mapping are what they are until somebody alters it.
 */
extern bool sfdw_credentials_expired(const SfdwAwsServer *server,
									 uint64 number);

#endif							/* SFDW_CREDENTIALS_H */
