/*-------------------------------------------------------------------------
 * keys_answer.c
 *		Keys that a service hands out, and whose they are
 *
 * Pure.  See keys_answer.h.
 *-------------------------------------------------------------------------
 */
#include "aws/keys_answer.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "aws/wipe.h"

#define ARRAY_LENGTH(array) (sizeof(array) / sizeof((array)[0]))

#define SECONDS_A_DAY 86400

/* Days from 1 March of year 0 to 1 January 1970, in the proleptic calendar. */
#define DAYS_TO_1970 719468

/* Where a text of an answer goes. */
typedef struct Field
{
	const char *name;
	char	   *out;
	size_t		size;
} Field;

/* The fields that an answer is read into. */
typedef struct Fields
{
	const Field *fields;
	size_t		count;
} Fields;

/* Days since 1970 of a day. */
static int64_t
days_of(int year, int month, int day)
{
	int64_t		y = month <= 2 ? year - 1 : year;
	int64_t		day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return y * 365 + y / 4 - y / 100 + y / 400 + day_of_year - DAYS_TO_1970;
}

/* The days of a month. */
static int
month_length(int year, int month)
{
	static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool		is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return lengths[month - 1] + (month == 2 && is_leap ? 1 : 0);
}

/* Whether what follows the seconds is a fraction, if any, and "Z". */
static bool
ends_time(const char *text)
{
	if (*text == '.')
		text += 1 + strspn(text + 1, "0123456789");
	return strcmp(text, "Z") == 0 || strcmp(text, "+00:00") == 0;
}

/* Read a time. */
bool
sfdw_keys_read_time(const char *text, int64_t *seconds, SfdwStatus *status)
{
	int			year,
				month,
				day,
				hour,
				minute,
				second,
				length = 0;

	if (strspn(text, "0123456789-") != 10 ||
		sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d%n", &year, &month, &day, &hour,
			   &minute, &second, &length) != 6 ||
		length != 19 || !ends_time(text + length) ||
		year < 1970 || month < 1 || month > 12 || day < 1 ||
		day > month_length(year, month) ||
		hour < 0 || hour > 23 || minute < 0 || minute > 59 ||
		second < 0 || second > 60)
		return sfdw_fail(status, SFDW_MALFORMED, 0,
						 "the time of expiry is no time");
	*seconds = days_of(year, month, day) * SECONDS_A_DAY + hour * 3600 +
		minute * 60 + second;
	return true;
}

/* Keep a text in the field of its name, if there is one. */
static bool
keep(const Fields *fields, const char *name, const char *text, size_t length,
	 SfdwStatus *status)
{
	for (size_t i = 0; i < fields->count; i++)
	{
		const Field *field = &fields->fields[i];

		if (strcmp(field->name, name) != 0)
			continue;
		if (length >= field->size)
			return sfdw_fail(status, SFDW_TOO_LARGE, 0,
							 "\"%s\" in the answer is too long", name);
		memcpy(field->out, text, length);
		field->out[length] = '\0';
	}
	return true;
}

/* xml.h: an element has ended; its name is the last of its path. */
static bool
on_element(void *context, const char *path, const char *text, size_t length,
		   SfdwStatus *status)
{
	const char *name = strrchr(path, '/');

	return keep(context, name == NULL ? path : name + 1, text, length, status);
}

/* Read the fields of an answer in XML. */
static bool
read_xml(const SfdwMemory *memory, const char *body, size_t length,
		 Fields *fields, SfdwStatus *status)
{
	SfdwXml    *xml = sfdw_xml_open(memory, on_element, fields);
	bool		is_read;

	if (xml == NULL)
		return sfdw_fail(status, SFDW_OUT_OF_MEMORY, 0, "out of memory");
	is_read = sfdw_xml_push(xml, body, length, status) &&
		sfdw_xml_finish(xml, status);
	sfdw_xml_free(xml);
	return is_read;
}

/* Whether an answer had a pair of keys, and until when they are valid. */
static bool
check_keys(SfdwKeys *keys, const char *expiry, SfdwStatus *status)
{
	keys->expires_at = SFDW_KEYS_NEVER_EXPIRE;
	if (keys->access_key_id[0] == '\0' || keys->secret_access_key[0] == '\0')
		return sfdw_fail(status, SFDW_MALFORMED, 0, "the answer has no keys");
	return expiry[0] == '\0' ||
		sfdw_keys_read_time(expiry, &keys->expires_at, status);
}

/* Read keys of STS. */
bool
sfdw_keys_read_xml(const SfdwMemory *memory, const char *body, size_t length,
				   SfdwKeys *keys, SfdwStatus *status)
{
	char		expiry[SFDW_KEYS_WORD_SIZE] = "";
	const Field table[] = {
		{"AccessKeyId", keys->access_key_id, sizeof(keys->access_key_id)},
		{"SecretAccessKey", keys->secret_access_key, sizeof(keys->secret_access_key)},
		{"SessionToken", keys->session_token, sizeof(keys->session_token)},
		{"Expiration", expiry, sizeof(expiry)},
	};
	Fields		fields = {table, ARRAY_LENGTH(table)};

	memset(keys, 0, sizeof(*keys));
	return read_xml(memory, body, length, &fields, status) &&
		check_keys(keys, expiry, status);
}

/* Keep the texts of a JSON object. */
static bool
keep_texts(const json_t *object, const Fields *fields, SfdwStatus *status)
{
	for (size_t i = 0; i < fields->count; i++)
	{
		const char *name = fields->fields[i].name;
		const char *text = json_string_value(json_object_get(object, name));

		if (text != NULL && !keep(fields, name, text, strlen(text), status))
			return false;
	}
	return true;
}

/* Overwrite the texts of a JSON object, which goes; jansson frees them as they are. */
static void
wipe_texts(json_t *object)
{
	const char *name;
	json_t	   *value;

	json_object_foreach(object, name, value)
	{
		char	   *text = (char *) json_string_value(value);

		if (text != NULL)
			sfdw_wipe(text, json_string_length(value));
	}
}

/* Read keys of a service for credentials. */
bool
sfdw_keys_read_json(const char *body, size_t length, SfdwKeys *keys,
					SfdwStatus *status)
{
	char		expiry[SFDW_KEYS_WORD_SIZE] = "";
	char		code[SFDW_KEYS_WORD_SIZE] = "";
	const Field table[] = {
		{"AccessKeyId", keys->access_key_id, sizeof(keys->access_key_id)},
		{"SecretAccessKey", keys->secret_access_key, sizeof(keys->secret_access_key)},
		{"Token", keys->session_token, sizeof(keys->session_token)},
		{"Expiration", expiry, sizeof(expiry)},
		{"Code", code, sizeof(code)},
	};
	Fields		fields = {table, ARRAY_LENGTH(table)};
	json_error_t problem;
	json_t	   *object;
	bool		is_read;

	memset(keys, 0, sizeof(*keys));
	object = json_loadb(body, length, JSON_REJECT_DUPLICATES, &problem);
	if (!json_is_object(object))
	{
		json_decref(object);
		return sfdw_fail(status, SFDW_MALFORMED, 0, "the answer is no JSON object");
	}
	is_read = keep_texts(object, &fields, status);
	wipe_texts(object);
	json_decref(object);
	if (is_read && code[0] != '\0' && strcmp(code, "Success") != 0)
		return sfdw_fail(status, SFDW_BAD_VALUE, 0,
						 "the service has no keys to give");
	return is_read && check_keys(keys, expiry, status);
}

/* Read whose keys they are. */
bool
sfdw_identity_read(const SfdwMemory *memory, const char *body, size_t length,
				   SfdwIdentity *identity, SfdwStatus *status)
{
	const Field table[] = {
		{"Account", identity->account, sizeof(identity->account)},
		{"Arn", identity->arn, sizeof(identity->arn)},
		{"UserId", identity->user_id, sizeof(identity->user_id)},
	};
	Fields		fields = {table, ARRAY_LENGTH(table)};

	memset(identity, 0, sizeof(*identity));
	if (!read_xml(memory, body, length, &fields, status))
		return false;
	if (identity->arn[0] == '\0')
		return sfdw_fail(status, SFDW_MALFORMED, 0, "the answer names nobody");
	return true;
}

/* The pair as the signer takes it. */
SfdwAwsKeys
sfdw_keys_to_sign_with(const SfdwKeys *keys)
{
	return (SfdwAwsKeys)
	{
		keys->access_key_id, keys->secret_access_key,
		keys->session_token[0] == '\0' ? NULL : keys->session_token
	};
}
