/*-------------------------------------------------------------------------
 * endpoint.h
 *		Which host answers for a service, a region and a bucket
 *
 * Pure.  Buckets are addressed as hosts ("bucket.s3.REGION.amazonaws.com"),
 * except where the caller wants paths, where the bucket's name has a dot in it
 * (no certificate fits such a host), and where the endpoint is an address.
 *
 * What this does not know it refuses, so that no request goes to a host that
 * nobody meant: access points and their aliases, outposts, S3 Express and
 * table buckets, object lambdas, transfer acceleration, ARNs in general, and
 * names that are no bucket's.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_ENDPOINT_H
#define SFDW_ENDPOINT_H

#include "aws/uri.h"

#define SFDW_ENDPOINT_MIN_BUCKET_LENGTH 3
#define SFDW_ENDPOINT_MAX_BUCKET_LENGTH 63
#define SFDW_ENDPOINT_MAX_REGION_LENGTH 32

typedef enum SfdwAwsService
{
	SFDW_SERVICE_S3,
	SFDW_SERVICE_GLUE,
	SFDW_SERVICE_STS
} SfdwAwsService;

typedef struct SfdwEndpointWish
{
	SfdwAwsService service;
	const char *region;
	const char *bucket;			/* for S3; NULL for the others */
	const char *endpoint;		/* an URL in place of AWS's own, or NULL */
	bool		uses_paths;
	bool		uses_dual_stack;
	bool		uses_fips;
	bool		allows_http;	/* for endpoint */
} SfdwEndpointWish;

typedef struct SfdwEndpoint
{
	bool		is_https;
	char		host[SFDW_URI_HOST_SIZE];	/* to be resolved; no brackets */
	int			port;

	/* The header "host" (with port, brackets), and what stands behind "https://" in an URL. */
	char		authority[SFDW_URI_HOST_SIZE + 16];

	/* "" or "/bucket"; the key follows it, with its "/". */
	char		path_prefix[SFDW_ENDPOINT_MAX_BUCKET_LENGTH + 2];

	const char *service;		/* as it is signed */
} SfdwEndpoint;

/*
 * Find the host.  SFDW_MALFORMED for a region, bucket or endpoint that is
 * none, or "http://" where it is not allowed; SFDW_UNSUPPORTED for what is
 * named above, for FIPS or dual stack where the partition has none, and for
 * either with an endpoint of one's own.
 */
extern bool sfdw_endpoint_find(const SfdwEndpointWish *wish,
							   SfdwEndpoint *endpoint, SfdwStatus *status);

/*
 * Whether text can be a region: one label of a host name, in small letters.
 * To be asked of a region that a server's answer names, before a request is
 * signed for it.
 */
extern bool sfdw_endpoint_is_region(const char *text);

/*
 * Whether two regions are of the same partition of AWS: keys of one are none
 * in another, so an answer of one has no say about another.
 */
extern bool sfdw_endpoint_same_partition(const char *region,
										 const char *other);

/*
 * Whether name is a bucket's that this can address; otherwise SFDW_MALFORMED,
 * or SFDW_UNSUPPORTED for an ARN or a name that S3 keeps for other things.
 */
extern bool sfdw_endpoint_check_bucket(const char *name, SfdwStatus *status);

#endif							/* SFDW_ENDPOINT_H */
