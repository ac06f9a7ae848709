/*-------------------------------------------------------------------------
 * pseudonym.c
 *		pseudonym(): a stable name for a value, by a secret key
 *
 * HMAC-SHA-256 (RFC 2104), of which 128 bits are kept: without the key nobody
 * can tell from a pseudonym whether it is that of a value he guesses.  So the
 * key is as secret as the values, and so is the function: it answers to the
 * key's owner alone.  Knows the table salesforce_fdw.pseudonym_key.
 *-------------------------------------------------------------------------
 */
#include "core/compat.h"

#include "catalog/pg_type.h"
#include "common/hmac.h"
#include "common/sha2.h"
#include "core/roles.h"
#include "dataset/owner.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(sfdw_sql_pseudonym);
PG_FUNCTION_INFO_V1(sfdw_sql_create_key);
PG_FUNCTION_INFO_V1(sfdw_sql_rotate_key);

#define KEY_SIZE	32			/* bytes: as long as the digest, RFC 2104 3 */
#define KEPT_SIZE	16			/* bytes of the digest in a pseudonym */

/* A key, for all calls of one expression; wiped when its memory goes. */
typedef struct Key
{
	MemoryContextCallback wipe;
	char	   *name;
	int32		version;
	uint8		bytes[KEY_SIZE];
} Key;

/* Nothing of a key stays behind. */
static void
wipe_key(void *argument)
{
	explicit_bzero(((Key *) argument)->bytes, KEY_SIZE);
}

/* Raise an error about a key that is not there. */
static void
refuse_missing(const char *name)
{
	ereport(ERROR,
			errcode(ERRCODE_UNDEFINED_OBJECT),
			errmsg("pseudonym key \"%s\" does not exist", name));
}

/* Only members of the role that made the key may use it. */
static void
require_key_owner(const char *name, const char *owner)
{
	Oid			role = get_role_oid(owner, true);

	if (!OidIsValid(role) || !has_privs_of_role(GetUserId(), role))
		ereport(ERROR,
				errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				errmsg("must be owner of pseudonym key \"%s\"", name));
}

/* Read the newest version of a key into key; returns its owner, or NULL. */
static char *
read_key(const char *name, Key *key)
{
	Oid			type = TEXTOID;
	Datum		value = CStringGetTextDatum(name);
	SfdwOwnerScope scope;
	char	   *owner = NULL;

	sfdw_owner_enter(&scope);
	if (sfdw_owner_execute("SELECT owner, version, key"
						   " FROM salesforce_fdw.pseudonym_key WHERE name = $1"
						   " ORDER BY version DESC LIMIT 1", 1, &type, &value,
						   NULL) == 1)
	{
		HeapTuple	tuple = SPI_tuptable->vals[0];
		TupleDesc	desc = SPI_tuptable->tupdesc;
		bool		is_null;
		bytea	   *bytes = DatumGetByteaPP(SPI_getbinval(tuple, desc, 3, &is_null));

		owner = MemoryContextStrdup(scope.caller_context,
									SPI_getvalue(tuple, desc, 1));
		key->version = DatumGetInt32(SPI_getbinval(tuple, desc, 2, &is_null));
		memcpy(key->bytes, VARDATA_ANY(bytes), KEY_SIZE);
		explicit_bzero(VARDATA_ANY(bytes), KEY_SIZE);
	}
	sfdw_owner_leave(&scope);
	return owner;
}

/*
 * The key of that name, read once for all calls of an expression.  A name that
 * is computed could be a value, which an error would tell.
 */
static Key *
find_key(FmgrInfo *flinfo, const char *name)
{
	Key		   *key = flinfo->fn_extra;
	char	   *owner;

	if (key != NULL && strcmp(key->name, name) == 0)
		return key;
	if (!get_fn_expr_arg_stable(flinfo, 1))
		ereport(ERROR,
				errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				errmsg("the name of a pseudonym key must be a constant"));
	key = MemoryContextAllocZero(flinfo->fn_mcxt, sizeof(Key));
	key->wipe.func = wipe_key;
	key->wipe.arg = key;
	MemoryContextRegisterResetCallback(flinfo->fn_mcxt, &key->wipe);
	key->name = MemoryContextStrdup(flinfo->fn_mcxt, name);
	owner = read_key(name, key);
	if (owner == NULL)
		refuse_missing(name);
	require_key_owner(name, owner);
	flinfo->fn_extra = key;
	return key;
}

/* The digest of a value under a key. */
static void
compute(const Key *key, const text *value, uint8 digest[PG_SHA256_DIGEST_LENGTH])
{
	pg_hmac_ctx *hmac = pg_hmac_create(PG_SHA256);

	if (hmac == NULL ||
		pg_hmac_init(hmac, key->bytes, KEY_SIZE) < 0 ||
		pg_hmac_update(hmac, (const uint8 *) VARDATA_ANY(value),
					   VARSIZE_ANY_EXHDR(value)) < 0 ||
		pg_hmac_final(hmac, digest, PG_SHA256_DIGEST_LENGTH) < 0)
	{
		pg_hmac_free(hmac);
		ereport(ERROR,
				errcode(ERRCODE_INTERNAL_ERROR),
				errmsg("could not compute an HMAC"));
	}
	pg_hmac_free(hmac);
}

/* "VERSION.DIGITS": which key it was is no secret, and needed after a rotation. */
Datum
sfdw_sql_pseudonym(PG_FUNCTION_ARGS)
{
	text	   *value = PG_GETARG_TEXT_PP(0);
	Key		   *key = find_key(fcinfo->flinfo,
							   text_to_cstring(PG_GETARG_TEXT_PP(1)));
	uint8		digest[PG_SHA256_DIGEST_LENGTH];
	char		digits[2 * KEPT_SIZE + 1];

	compute(key, value, digest);
	hex_encode((const char *) digest, KEPT_SIZE, digits);
	digits[2 * KEPT_SIZE] = '\0';
	PG_RETURN_TEXT_P(cstring_to_text(psprintf("%d.%s", key->version, digits)));
}

/* Write a new version of a key, made of random bytes. */
static int32
store_key(const char *name, int32 version, const char *owner)
{
	bytea	   *bytes = palloc(VARHDRSZ + KEY_SIZE);
	Oid			types[] = {TEXTOID, INT4OID, TEXTOID, BYTEAOID};
	Datum		values[] = {
		CStringGetTextDatum(name), Int32GetDatum(version),
		CStringGetTextDatum(owner), PointerGetDatum(bytes)
	};
	SfdwOwnerScope scope;

	SET_VARSIZE(bytes, VARHDRSZ + KEY_SIZE);
	if (!pg_strong_random(VARDATA(bytes), KEY_SIZE))
		ereport(ERROR,
				errcode(ERRCODE_INTERNAL_ERROR),
				errmsg("could not generate random bytes"));
	sfdw_owner_enter(&scope);
	(void) sfdw_owner_execute("INSERT INTO salesforce_fdw.pseudonym_key"
							  " (name, version, owner, key, created_by, created_at)"
							  " VALUES ($1, $2, $3, $4, session_user, now())",
							  lengthof(types), types, values, NULL);
	sfdw_owner_leave(&scope);
	explicit_bzero(VARDATA(bytes), KEY_SIZE);
	return version;
}

/* A name that is taken stays its owner's. */
Datum
sfdw_sql_create_key(PG_FUNCTION_ARGS)
{
	char	   *name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	Key			key;

	sfdw_role_require(GetUserId(), SFDW_ROLE_POLICY, "create pseudonym keys");
	if (read_key(name, &key) != NULL)
	{
		wipe_key(&key);
		ereport(ERROR,
				errcode(ERRCODE_DUPLICATE_OBJECT),
				errmsg("pseudonym key \"%s\" already exists", name));
	}
	PG_RETURN_INT32(store_key(name, 1, GetUserNameFromId(GetUserId(), false)));
}

/* Old versions stay: what was published under them can be told by them. */
Datum
sfdw_sql_rotate_key(PG_FUNCTION_ARGS)
{
	char	   *name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	Key			key;
	char	   *owner = read_key(name, &key);

	wipe_key(&key);
	if (owner == NULL)
		refuse_missing(name);
	require_key_owner(name, owner);
	PG_RETURN_INT32(store_key(name, key.version + 1, owner));
}
