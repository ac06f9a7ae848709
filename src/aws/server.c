/*-------------------------------------------------------------------------
 * server.c
 *		What a foreign server's options say about AWS
 *-------------------------------------------------------------------------
 */
#include "aws/server.h"

#include "catalog/pg_foreign_server.h"
#include "catalog/pg_user_mapping.h"
#include "foreign/foreign.h"

#define S3_SCHEME "s3://"

/* Where a bucket of no known region is asked for; its answer names the right one. */
#define FIRST_REGION "us-east-1"

/* Regions that were learnt; a backend works with a handful of buckets. */
#define MAX_LEARNT_REGIONS 32

#define ACCOUNT_LENGTH 12

static void check_region(const char *name, const char *value);
static void check_endpoint(const char *name, const char *value);
static void check_credentials(const char *name, const char *value);
static void check_role(const char *name, const char *value);
static void check_session(const char *name, const char *value);
static void check_header(const char *name, const char *value);
static void check_account(const char *name, const char *value);

static const char *const addressing_choices[] = {"virtual", "path", NULL};
static const char *const encryption_choices[] = {
	"AES256", "aws:kms", "aws:kms:dsse", NULL
};

#define SERVER	ForeignServerRelationId
#define MAPPING	UserMappingRelationId

const SfdwOption sfdw_aws_options[] = {
	/* name, catalog, kind, superuser, secret, choices, min, max, check */
	{"region", SERVER, SFDW_OPTION_TEXT, false, false, NULL, 0, 0, check_region},
	{"endpoint", SERVER, SFDW_OPTION_TEXT, true, false, NULL, 0, 0, check_endpoint},
	{"glue_endpoint", SERVER, SFDW_OPTION_TEXT, true, false, NULL, 0, 0, check_endpoint},
	{"sts_endpoint", SERVER, SFDW_OPTION_TEXT, true, false, NULL, 0, 0, check_endpoint},
	{"metadata_endpoint", SERVER, SFDW_OPTION_TEXT, true, false, NULL, 0, 0, check_endpoint},
	{"proxy", SERVER, SFDW_OPTION_TEXT, true, false, NULL, 0, 0, check_endpoint},
	{"tls_ca_file", SERVER, SFDW_OPTION_TEXT, true, false, NULL, 0, 0, NULL},
	{"allow_http", SERVER, SFDW_OPTION_BOOL, true, false, NULL, 0, 0, NULL},
	{"allow_local_endpoint", SERVER, SFDW_OPTION_BOOL, true, false, NULL, 0, 0, NULL},
	{"use_dualstack", SERVER, SFDW_OPTION_BOOL, false, false, NULL, 0, 0, NULL},
	{"use_fips", SERVER, SFDW_OPTION_BOOL, false, false, NULL, 0, 0, NULL},
	{"addressing", SERVER, SFDW_OPTION_ENUM, false, false, addressing_choices, 0, 0, NULL},
	{"credentials", SERVER, SFDW_OPTION_TEXT, false, false, NULL, 0, 0, check_credentials},
	{"role_arn", SERVER, SFDW_OPTION_TEXT, false, false, NULL, 0, 0, check_role},
	{"external_id", SERVER, SFDW_OPTION_TEXT, false, false, NULL, 0, 0, check_header},
	{"role_session_name", SERVER, SFDW_OPTION_TEXT, false, false, NULL, 0, 0, check_session},
	{"expected_bucket_owner", SERVER, SFDW_OPTION_TEXT, false, false, NULL, 0, 0, check_account},
	{"request_payer", SERVER, SFDW_OPTION_BOOL, false, false, NULL, 0, 0, NULL},
	{"encryption", SERVER, SFDW_OPTION_ENUM, false, false, encryption_choices, 0, 0, NULL},
	{"kms_key_id", SERVER, SFDW_OPTION_TEXT, false, false, NULL, 0, 0, check_header},
	{"storage_class", SERVER, SFDW_OPTION_TEXT, false, false, NULL, 0, 0, check_header},
	{"catalog_id", SERVER, SFDW_OPTION_TEXT, false, false, NULL, 0, 0, check_account},
	{"access_key_id", MAPPING, SFDW_OPTION_TEXT, false, true, NULL, 0, 0, check_header},
	{"secret_access_key", MAPPING, SFDW_OPTION_TEXT, false, true, NULL, 0, 0, check_header},
	{"session_token", MAPPING, SFDW_OPTION_TEXT, false, true, NULL, 0, 0, check_header},
	{NULL}
};

/* A region that an answer named. */
typedef struct LearntRegion
{
	char		bucket[SFDW_ENDPOINT_MAX_BUCKET_LENGTH + 1];
	char		region[SFDW_ENDPOINT_MAX_REGION_LENGTH + 1];
} LearntRegion;

static LearntRegion learnt[MAX_LEARNT_REGIONS];
static int	learnt_count = 0;

/* Raise the error for a value, without the value: some are secret. */
static void
reject(const char *name, const char *detail)
{
	ereport(ERROR,
			errcode(ERRCODE_FDW_INVALID_ATTRIBUTE_VALUE),
			errmsg("invalid value for option \"%s\"", name),
			errdetail("%s", detail));
}

/* Check the option region. */
static void
check_region(const char *name, const char *value)
{
	if (!sfdw_endpoint_is_region(value))
		reject(name, "A region is written like \"ca-central-1\".");
}

/* Check an option that is the URL of a service. */
static void
check_endpoint(const char *name, const char *value)
{
	SfdwUriOrigin origin;
	SfdwStatus	status = {0};

	if (!sfdw_uri_parse_origin(value, &origin, &status))
		reject(name, psprintf("It is not the URL of a service: %s.",
							  status.message));
}

/* Check the option credentials; a profile's name is looked up at use. */
static void
check_credentials(const char *name, const char *value)
{
	static const char *const words[] = {
		SFDW_CREDENTIALS_MAPPING, "environment", "web_identity", "container",
		"imds", "chain", NULL
	};
	size_t		prefix = strlen(SFDW_CREDENTIALS_PROFILE);

	for (int i = 0; words[i] != NULL; i++)
	{
		if (strcmp(words[i], value) == 0)
			return;
	}
	if (strncmp(value, SFDW_CREDENTIALS_PROFILE, prefix) != 0 ||
		value[prefix] == '\0')
		reject(name, "It is one of user_mapping, environment, profile:NAME, web_identity, container, imds and chain.");
}

/* Check the ARN of a role. */
static void
check_role(const char *name, const char *value)
{
	check_header(name, value);
	if (strncmp(value, "arn:", 4) != 0 || strstr(value, ":role/") == NULL)
		reject(name, "The ARN of a role is written like \"arn:aws:iam::123456789012:role/exports\".");
}

/* Check the name of a session, as IAM does. */
static void
check_session(const char *name, const char *value)
{
	size_t		length = strlen(value);

	if (length < 2 || length > 64 ||
		strspn(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+=,.@_-") != length)
		reject(name, "It has 2 to 64 letters, digits and any of \"+=,.@_-\".");
}

/* Check what goes into a header or a query as it is. */
static void
check_header(const char *name, const char *value)
{
	SfdwStatus	status = {0};

	if (value[0] == '\0')
		reject(name, "It is empty.");
	if (!sfdw_uri_check_header(value, strlen(value), &status))
		reject(name, "It contains a control character.");
}

/* Check the number of an account. */
static void
check_account(const char *name, const char *value)
{
	if (strlen(value) != ACCOUNT_LENGTH ||
		strspn(value, "0123456789") != ACCOUNT_LENGTH)
		reject(name, "An account is a number of twelve digits.");
}

/* Raise an error unless the bucket of a location is one. */
void
sfdw_aws_check_location(const char *location)
{
	const char *bucket = location + strlen(S3_SCHEME);
	SfdwStatus	status = {0};

	if (!sfdw_endpoint_check_bucket(pnstrdup(bucket, strcspn(bucket, "/")),
									&status))
		ereport(ERROR,
				errcode(status.code == SFDW_UNSUPPORTED ?
						ERRCODE_FEATURE_NOT_SUPPORTED :
						ERRCODE_INVALID_PARAMETER_VALUE),
				errmsg("invalid URL \"%s\": %s", location, status.message));
}

/* Take an s3:// location apart. */
static void
read_location(SfdwAwsServer *aws, const char *location)
{
	const char *bucket;
	size_t		length;

	if (location == NULL || strncmp(location, S3_SCHEME, strlen(S3_SCHEME)) != 0)
		return;
	sfdw_aws_check_location(location);
	bucket = location + strlen(S3_SCHEME);
	length = strcspn(bucket, "/");
	aws->bucket = pnstrdup(bucket, length);
	aws->prefix = bucket[length] == '\0' ? "" : pstrdup(bucket + length + 1);
	length = strlen(aws->prefix);
	if (length > 0 && aws->prefix[length - 1] != '/')
		aws->prefix = psprintf("%s/", aws->prefix);
}

/* Read where requests go. */
static void
read_endpoints(SfdwAwsServer *aws, List *options)
{
	aws->region = sfdw_option_text(options, "region", NULL);
	aws->endpoint = sfdw_option_text(options, "endpoint", NULL);
	aws->glue_endpoint = sfdw_option_text(options, "glue_endpoint", NULL);
	aws->sts_endpoint = sfdw_option_text(options, "sts_endpoint", NULL);
	aws->metadata_endpoint = sfdw_option_text(options, "metadata_endpoint", NULL);
	aws->tls_ca_file = sfdw_option_text(options, "tls_ca_file", NULL);
	aws->proxy = sfdw_option_text(options, "proxy", NULL);
	aws->allow_http = sfdw_option_bool(options, "allow_http", false);
	aws->allow_local_endpoint = sfdw_option_bool(options,
												 "allow_local_endpoint", false);
	aws->uses_dual_stack = sfdw_option_bool(options, "use_dualstack", false);
	aws->uses_fips = sfdw_option_bool(options, "use_fips", false);
	aws->uses_paths = strcmp(sfdw_option_text(options, "addressing", "virtual"),
							 "path") == 0;
	aws->catalog_id = sfdw_option_text(options, "catalog_id", NULL);
}

/* Read where keys come from. */
static void
read_credentials(SfdwAwsServer *aws, List *options)
{
	aws->credentials = sfdw_option_text(options, "credentials",
										SFDW_CREDENTIALS_MAPPING);
	aws->role_arn = sfdw_option_text(options, "role_arn", NULL);
	aws->external_id = sfdw_option_text(options, "external_id", NULL);
	aws->role_session_name = sfdw_option_text(options, "role_session_name", NULL);
}

/* Read the options of a server. */
SfdwAwsServer *
sfdw_aws_server(Oid server_oid, Oid user)
{
	ForeignServer *server = GetForeignServer(server_oid);
	List	   *options = server->options;
	SfdwAwsServer *aws = palloc0(sizeof(SfdwAwsServer));

	aws->server = server_oid;
	aws->user = user;
	aws->name = server->servername;
	read_location(aws, sfdw_option_text(options, "location", NULL));
	read_endpoints(aws, options);
	read_credentials(aws, options);
	aws->expected_bucket_owner = sfdw_option_text(options,
												  "expected_bucket_owner", NULL);
	aws->request_payer = sfdw_option_bool(options, "request_payer", false);
	aws->encryption = sfdw_option_text(options, "encryption", NULL);
	aws->kms_key_id = sfdw_option_text(options, "kms_key_id", NULL);
	aws->storage_class = sfdw_option_text(options, "storage_class", NULL);
	return aws;
}

/* What was learnt of a bucket, or NULL. */
static LearntRegion *
find_learnt(const char *bucket)
{
	for (int i = 0; bucket != NULL && i < learnt_count; i++)
	{
		if (strcmp(learnt[i].bucket, bucket) == 0)
			return &learnt[i];
	}
	return NULL;
}

/* The region to sign for. */
const char *
sfdw_aws_region(const SfdwAwsServer *server, SfdwAwsService service)
{
	LearntRegion *found = find_learnt(server->bucket);

	if (found != NULL &&
		(service == SFDW_SERVICE_S3 || server->region == NULL))
		return found->region;
	return server->region != NULL ? server->region : FIRST_REGION;
}

/* Remember the region of a bucket; the oldest is forgotten when it is full. */
void
sfdw_aws_learn_region(const SfdwAwsServer *server, const char *region)
{
	LearntRegion *found = find_learnt(server->bucket);

	if (server->bucket == NULL)
		return;
	if (found == NULL && learnt_count == MAX_LEARNT_REGIONS)
	{
		memmove(learnt, learnt + 1, sizeof(learnt) - sizeof(learnt[0]));
		learnt_count--;
	}
	if (found == NULL)
		found = &learnt[learnt_count++];
	strlcpy(found->bucket, server->bucket, sizeof(found->bucket));
	strlcpy(found->region, region, sizeof(found->region));
}
