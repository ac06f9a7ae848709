/*-------------------------------------------------------------------------
 * credentials.h
 *		Keys to sign with, for a server and a user
 *
 * Where they come from, the server's option "credentials" says; every source
 * but the user mapping's own keys is for members of
 * salesforce_fdw_server_credentials (checked of server->user at each use).
 * A role of the server's options is assumed with them.
 *
 * Keys are cached by (server, user) in one memory context, refreshed ahead of
 * their expiry, and wiped when they are replaced, when the server or a mapping
 * is altered (also while a CALL runs), and at the end of the backend.  They
 * stand in no message, no log, no statistic.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_CREDENTIALS_H
#define SFDW_CREDENTIALS_H

#include "aws/server.h"
#include "aws/sigv4.h"

/*
 * The keys to sign a request with now.  They stay valid until the next call of
 * any function here.  Raises when there are none, with the sources that were
 * tried and a hint.
 */
extern const SfdwAwsKeys *sfdw_credentials_get(const SfdwAwsServer *server);

/*
 * The keys that the last sfdw_credentials_get of this server and user gave, or
 * NULL.  It looks nothing up and never raises, so it may be called while a
 * transaction aborts.
 */
extern const SfdwAwsKeys *sfdw_credentials_cached(const SfdwAwsServer *server);

/*
 * The service said that the keys are expired: forget them.  Returns whether
 * others can be had (a mapping's keys cannot be refreshed).
 */
extern bool sfdw_credentials_expired(const SfdwAwsServer *server);

/*
 * Which source the keys come from, in words ("user mapping", "profile x",
 * "instance metadata, role y"); never a secret.
 */
extern const char *sfdw_credentials_source(const SfdwAwsServer *server);

/* Register the callbacks that drop what is cached. */
extern void sfdw_credentials_init(void);

#endif							/* SFDW_CREDENTIALS_H */
