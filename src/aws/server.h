/*-------------------------------------------------------------------------
 * server.h
 *		What a foreign server's options say about AWS
 *
 * The table of this room's options of foreign servers and user mappings, and
 * their values in one struct.  Options that lead requests elsewhere than to
 * AWS are the superuser's; each one's default is the safe side, for an owner
 * who may not set it can drop it.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_SERVER_H
#define SFDW_SERVER_H

#include "aws/endpoint.h"
#include "core/options.h"

/* Of foreign servers and user mappings; ends with a NULL name. */
extern const SfdwOption sfdw_aws_options[];

/* The value of "credentials" that means the keys of a user mapping. */
#define SFDW_CREDENTIALS_MAPPING "user_mapping"

/* What stands before the name of a profile. */
#define SFDW_CREDENTIALS_PROFILE "profile:"

typedef struct SfdwAwsServer
{
	Oid			server;
	Oid			user;			/* whose mapping and roles count */
	const char *name;			/* of the server, for messages */
	const char *bucket;			/* of an s3:// location; NULL for others */
	const char *prefix;			/* of it; ends in "/" or is "" */
	const char *region;			/* NULL: to be learnt */
	const char *endpoint;		/* NULL: AWS's own; likewise the next one */
	const char *glue_endpoint;
	const char *sts_endpoint;
	const char *metadata_endpoint;
	const char *credentials;	/* as key_sources.h lists them */
	const char *role_arn;		/* NULL: none to assume; likewise the next ones */
	const char *external_id;
	const char *role_session_name;
	const char *tls_ca_file;	/* NULL: the system's */
	const char *proxy;			/* NULL: none */
	bool		allow_http;
	bool		allow_local_endpoint;
	bool		uses_paths;
	bool		uses_dual_stack;
	bool		uses_fips;
	const char *expected_bucket_owner;	/* NULL, like those below, when not set */
	bool		request_payer;
	const char *encryption;
	const char *kms_key_id;
	const char *storage_class;
	const char *catalog_id;
} SfdwAwsServer;

/*
 * Read the options of a server for user.  No right is checked, no request is
 * made.  Raises for an s3:// location whose bucket is none.
 */
extern SfdwAwsServer *sfdw_aws_server(Oid server, Oid user);

/*
 * The region to sign for: for S3 the one that this bucket's answers named in
 * this backend, which the bucket may have all to itself; else the option's, or
 * the bucket's, or AWS's oldest to ask first.
 */
extern const char *sfdw_aws_region(const SfdwAwsServer *server,
								   SfdwAwsService service);

/* Remember the region that an answer named for the server's bucket. */
extern void sfdw_aws_learn_region(const SfdwAwsServer *server,
								  const char *region);

/* Raise an error unless the bucket of an s3:// location is one. */
extern void sfdw_aws_check_location(const char *location);

#endif							/* SFDW_SERVER_H */
