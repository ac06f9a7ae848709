/*-------------------------------------------------------------------------
 * server.h
 *		What a foreign server's options say about AWS
 *
 * The table of this room's options of foreign servers and user mappings, and
 * their values in one struct.  Which role a check is for: surface options that
 * lead requests elsewhere are the superuser's.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_SERVER_H
#define SFDW_SERVER_H

#include "aws/endpoint.h"
#include "core/options.h"

/* Both tables end with a NULL name. */
extern const SfdwOption sfdw_aws_server_options[];
extern const SfdwOption sfdw_aws_mapping_options[];

typedef struct SfdwAwsServer
{
	Oid			server;
	Oid			user;			/* whose mapping and role count */
	const char *name;			/* of the server, for messages */
	const char *bucket;			/* of location; NULL for other schemes */
	const char *prefix;			/* of location, ends in "/" or is ""; NULL */
	const char *region;			/* NULL: to be learnt */
	const char *endpoint;		/* NULL: AWS's own; likewise the next three */
	const char *glue_endpoint;
	const char *sts_endpoint;
	const char *metadata_endpoint;
	const char *tls_ca_file;
	const char *proxy;
	bool		allow_http;
	bool		allow_local_endpoint;
	bool		uses_paths;		/* addressing */
	bool		uses_dual_stack;
	bool		uses_fips;
	const char *credentials;	/* "user_mapping", "environment", ... */
	const char *role_arn;
	const char *external_id;
	const char *role_session_name;
	const char *expected_bucket_owner;
	bool		request_payer;
	const char *encryption;		/* NULL: the bucket's default */
	const char *kms_key_id;
	const char *storage_class;
	const char *catalog_id;
} SfdwAwsServer;

/*
 * Read the options of a server for user.  No rights are checked here but those
 * that belong to options, and no request is made.
 */
extern SfdwAwsServer *sfdw_aws_server(Oid server, Oid user);

/* The region of a server's bucket that an answer named, remembered by bucket. */
extern const char *sfdw_aws_learnt_region(const SfdwAwsServer *server);
extern void sfdw_aws_learn_region(const SfdwAwsServer *server,
								  const char *region);

#endif							/* SFDW_SERVER_H */
