/*-------------------------------------------------------------------------
 * endpoint.c
 *		Which host answers for a service, a region and a bucket
 *
 * Pure.  See endpoint.h.
 *-------------------------------------------------------------------------
 */
#include "aws/endpoint.h"

#include <stdio.h>
#include <string.h>

#include "aws/address.h"

#define ARRAY_LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define HTTPS_PORT 443
#define HTTP_PORT 80

/* AWS's parts of the world; the first whose prefix the region has counts. */
typedef struct Partition
{
	const char *region_prefix;
	const char *suffix;
	const char *dual_stack_suffix;	/* NULL: none; S3 uses suffix instead */
	bool		s3_has_fips;
} Partition;

static const Partition partitions[] = {
	{"cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn", false},
	{"us-gov-", "amazonaws.com", "api.aws", true},
	{"us-iso-", "c2s.ic.gov", NULL, true},
	{"us-isob-", "sc2s.sgov.gov", NULL, true},
	{"us-isof-", "csp.hci.ic.gov", NULL, true},
	{"eu-isoe-", "cloud.adc-e.uk", NULL, true},
	{"eusc-", "amazonaws.eu", "api.amazonwebservices.eu", true},
	{"", "amazonaws.com", "api.aws", true},
};

static const char *const service_names[] = {
	[SFDW_SERVICE_S3] = "s3",
	[SFDW_SERVICE_GLUE] = "glue",
	[SFDW_SERVICE_STS] = "sts",
};

/* How names of what is no general purpose bucket begin and end. */
static const char *const kept_prefixes[] = {
	"arn:", "xn--", "sthree-", "amzn-s3-demo-"
};
static const char *const kept_suffixes[] = {
	"-s3alias", "--ol-s3", "--x-s3", "--xa-s3", "--op-s3", "--table-s3",
	".mrap"
};

/* Whether text begins with prefix. */
static bool
begins_with(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* Whether text ends with suffix. */
static bool
ends_with(const char *text, const char *suffix)
{
	size_t		length = strlen(text);
	size_t		suffix_length = strlen(suffix);

	return length >= suffix_length &&
		strcmp(text + length - suffix_length, suffix) == 0;
}

/* Whether a text has only small letters, digits and what else is given. */
static bool
has_only(const char *text, const char *more)
{
	for (; *text != '\0'; text++)
	{
		if (!(*text >= 'a' && *text <= 'z') &&
			!(*text >= '0' && *text <= '9') && strchr(more, *text) == NULL)
			return false;
	}
	return true;
}

/* Whether text can be a region. */
bool
sfdw_endpoint_is_region(const char *text)
{
	size_t		length = strlen(text);

	return length <= SFDW_ENDPOINT_MAX_REGION_LENGTH && has_only(text, "-") &&
		sfdw_uri_is_host(text, length) && !begins_with(text, "aws-");
}

/* Refuse what S3 keeps for things that are no bucket. */
static bool
check_kept_names(const char *name, SfdwStatus *status)
{
	for (size_t i = 0; i < ARRAY_LENGTH(kept_prefixes); i++)
	{
		if (begins_with(name, kept_prefixes[i]))
			return sfdw_fail(status, SFDW_UNSUPPORTED, 0,
							 "names that begin with \"%s\" are not supported",
							 kept_prefixes[i]);
	}
	for (size_t i = 0; i < ARRAY_LENGTH(kept_suffixes); i++)
	{
		if (ends_with(name, kept_suffixes[i]))
			return sfdw_fail(status, SFDW_UNSUPPORTED, 0,
							 "names that end with \"%s\" are not supported",
							 kept_suffixes[i]);
	}
	return true;
}

/* Whether name is a bucket's. */
bool
sfdw_endpoint_check_bucket(const char *name, SfdwStatus *status)
{
	size_t		length = strlen(name);
	SfdwAddress address;

	if (!check_kept_names(name, status))
		return false;
	if (length < SFDW_ENDPOINT_MIN_BUCKET_LENGTH ||
		length > SFDW_ENDPOINT_MAX_BUCKET_LENGTH)
		return sfdw_fail(status, SFDW_MALFORMED, 0,
						 "a bucket's name has %d to %d characters",
						 SFDW_ENDPOINT_MIN_BUCKET_LENGTH,
						 SFDW_ENDPOINT_MAX_BUCKET_LENGTH);
	if (!has_only(name, "-.") || !sfdw_uri_is_host(name, length) ||
		(strchr(name, '.') != NULL && sfdw_address_parse(name, &address)))
		return sfdw_fail(status, SFDW_MALFORMED, 0,
						 "a bucket's name has small letters, digits, \"-\" and \".\" only, and is no address");
	return true;
}

/* The partition of a region; the last row fits all. */
static const Partition *
find_partition(const char *region)
{
	const Partition *partition = partitions;

	while (!begins_with(region, partition->region_prefix))
		partition++;
	return partition;
}

/* Whether two regions are of the same partition. */
bool
sfdw_endpoint_same_partition(const char *region, const char *other)
{
	return find_partition(region) == find_partition(other);
}

/* Write S3's host, to which the bucket may come. */
static bool
write_s3_host(const SfdwEndpointWish *wish, SfdwEndpoint *endpoint,
			  SfdwStatus *status)
{
	const Partition *partition = find_partition(wish->region);

	if (wish->uses_fips && !partition->s3_has_fips)
		return sfdw_fail(status, SFDW_UNSUPPORTED, 0,
						 "S3 has no FIPS endpoint in this region");
	if (wish->uses_dual_stack && partition->dual_stack_suffix == NULL)
		return sfdw_fail(status, SFDW_UNSUPPORTED, 0,
						 "this region has no dual stack endpoint");
	snprintf(endpoint->host, sizeof(endpoint->host), "s3%s%s.%s.%s",
			 wish->uses_fips ? "-fips" : "",
			 wish->uses_dual_stack ? ".dualstack" : "", wish->region,
			 partition->suffix);
	return true;
}

/* Write the host of a service that has one in each region. */
static bool
write_plain_host(const SfdwEndpointWish *wish, SfdwEndpoint *endpoint,
				 SfdwStatus *status)
{
	const Partition *partition = find_partition(wish->region);
	const char *suffix = wish->uses_dual_stack ?
		partition->dual_stack_suffix : partition->suffix;

	/* In GovCloud, STS's own host is the one that conforms to FIPS. */
	bool		is_fips_anyway = wish->service == SFDW_SERVICE_STS &&
		!wish->uses_dual_stack && begins_with(wish->region, "us-gov-");

	if (suffix == NULL)
		return sfdw_fail(status, SFDW_UNSUPPORTED, 0,
						 "this region has no dual stack endpoint");
	snprintf(endpoint->host, sizeof(endpoint->host), "%s%s.%s.%s",
			 service_names[wish->service],
			 wish->uses_fips && !is_fips_anyway ? "-fips" : "", wish->region,
			 suffix);
	return true;
}

/* Take the host from an URL that the server's owner gave. */
static bool
take_own_endpoint(const SfdwEndpointWish *wish, SfdwUriOrigin *origin,
				  SfdwEndpoint *endpoint, SfdwStatus *status)
{
	if (wish->uses_fips || wish->uses_dual_stack)
		return sfdw_fail(status, SFDW_UNSUPPORTED, 0,
						 "FIPS and dual stack cannot be had with an endpoint of one's own");
	if (!sfdw_uri_parse_origin(wish->endpoint, origin, status))
		return false;
	if (!origin->is_https && !wish->allows_http)
		return sfdw_fail(status, SFDW_MALFORMED, 0,
						 "the endpoint does not start with \"https://\"");
	memcpy(endpoint->host, origin->host, sizeof(endpoint->host));
	endpoint->is_https = origin->is_https;
	return true;
}

/* Put the bucket before the host, or into the path. */
static bool
place_bucket(const SfdwEndpointWish *wish, SfdwEndpoint *endpoint,
			 SfdwStatus *status)
{
	SfdwAddress address;
	char		host[SFDW_URI_HOST_SIZE];

	if (wish->uses_paths || strchr(wish->bucket, '.') != NULL ||
		sfdw_address_parse(endpoint->host, &address))
	{
		snprintf(endpoint->path_prefix, sizeof(endpoint->path_prefix), "/%s",
				 wish->bucket);
		return true;
	}
	if (strlen(wish->bucket) + 1 + strlen(endpoint->host) >
		SFDW_URI_MAX_HOST_LENGTH)
		return sfdw_fail(status, SFDW_TOO_LARGE, 0,
						 "bucket and endpoint together are no host name");
	memcpy(host, endpoint->host, sizeof(host));
	strcpy(endpoint->host, wish->bucket);
	strcat(endpoint->host, ".");
	strcat(endpoint->host, host);
	return true;
}

/* Write the header "host": without the port that the scheme implies. */
static void
write_authority(SfdwEndpoint *endpoint, const SfdwUriOrigin *origin)
{
	int			usual_port = endpoint->is_https ? HTTPS_PORT : HTTP_PORT;
	char		port[sizeof(":65535") + 8] = "";

	endpoint->port = origin->port != 0 ? origin->port : usual_port;
	if (endpoint->port != usual_port)
		snprintf(port, sizeof(port), ":%d", endpoint->port);
	snprintf(endpoint->authority, sizeof(endpoint->authority), "%s%s%s%s",
			 origin->is_bracketed ? "[" : "", endpoint->host,
			 origin->is_bracketed ? "]" : "", port);
}

/* Find the host. */
bool
sfdw_endpoint_find(const SfdwEndpointWish *wish, SfdwEndpoint *endpoint,
				   SfdwStatus *status)
{
	SfdwUriOrigin origin = {0};
	bool		is_s3 = wish->service == SFDW_SERVICE_S3;
	bool		is_ok;

	memset(endpoint, 0, sizeof(*endpoint));
	endpoint->is_https = true;
	endpoint->service = service_names[wish->service];
	if (!sfdw_endpoint_is_region(wish->region))
		return sfdw_fail(status, SFDW_MALFORMED, 0, "the region is none");
	if (is_s3 && !sfdw_endpoint_check_bucket(wish->bucket, status))
		return false;
	if (wish->endpoint != NULL)
		is_ok = take_own_endpoint(wish, &origin, endpoint, status);
	else if (is_s3)
		is_ok = write_s3_host(wish, endpoint, status);
	else
		is_ok = write_plain_host(wish, endpoint, status);
	if (!is_ok || (is_s3 && !place_bucket(wish, endpoint, status)))
		return false;
	write_authority(endpoint, &origin);
	return true;
}
