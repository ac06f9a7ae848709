/*-------------------------------------------------------------------------
 * sts.c
 *		Requests to AWS's Security Token Service
 *
 * Its query API: a form in the body, XML in the answer.  It hands out keys, so
 * request.c, which asks for keys, cannot send these; a few attempts are made
 * here.  All operations do the same when they are repeated.
 *-------------------------------------------------------------------------
 */
#include "aws/sts.h"

#include "aws/clock.h"
#include "aws/error_answer.h"
#include "aws/signed.h"
#include "commands/dbcommands.h"
#include "core/memory_pg.h"
#include "miscadmin.h"

#define API_VERSION "2011-06-15"
#define CONTENT_TYPE "application/x-www-form-urlencoded"

#define MAX_ATTEMPTS 4
#define BASE_WAIT_MS 100

/* As IAM limits the names of sessions. */
#define MAX_SESSION_NAME 64

/* Parameters of an operation: Action, Version, and at most five more. */
#define MAX_PARAMETERS 7

/* Room for a token of an identity provider, encoded. */
#define MAX_FORM (64 * 1024)

/* An operation that is being asked. */
typedef struct Question
{
	const SfdwAwsServer *server;
	const SfdwAwsKeys *keys;	/* NULL: not signed */
	const char *operation;
	SfdwUriParameter parameters[MAX_PARAMETERS];
	size_t		parameter_count;
	SfdwMemory	memory;			/* of the form, which may hold a token */
	SfdwBuffer	form;
} Question;

/* Add a parameter that has a value. */
static void
add(Question *question, const char *name, const char *value)
{
	if (value != NULL && value[0] != '\0')
		question->parameters[question->parameter_count++] =
			(SfdwUriParameter)
		{
			name, value
		};
}

/* A name for the user's session, of what IAM lets stand in one. */
static const char *
session_name(const SfdwRole *role, Oid user)
{
	char	   *name;

	if (role->session_name != NULL && role->session_name[0] != '\0')
		return role->session_name;
	name = psprintf("pg-%s-%s", get_database_name(MyDatabaseId),
					GetUserNameFromId(user, false));
	for (char *c = name; *c != '\0'; c++)
	{
		if (!isalnum((unsigned char) *c) && strchr("=,.@-_", *c) == NULL)
			*c = '_';
	}
	if (strlen(name) > MAX_SESSION_NAME)
		name[MAX_SESSION_NAME] = '\0';
	return name;
}

/* Send it once. */
static SfdwHttp *
send_once(Question *question, int64 at)
{
	SfdwHttpHeader headers[] = {{"content-type", CONTENT_TYPE}};
	SfdwRequestSpec spec = {
		.server = question->server,
		.service = SFDW_SERVICE_STS,
		.operation = question->operation,
		.subject = question->server->name,
		.method = "POST",
		.headers = headers,
		.header_count = lengthof(headers),
		.body = question->form.data,
		.body_length = question->form.length,
		.max_body = SFDW_KEYS_MAX_ANSWER,
		.is_secret = true,
		.repeat = SFDW_REPEAT_SAME,
	};

	return sfdw_signed_start(&spec, question->keys,
							 sfdw_aws_region(question->server,
											 SFDW_SERVICE_STS), at);
}

/* Whether an answer may be another one soon. */
static bool
may_pass(const SfdwHttpAnswer *answer, const char *code)
{
	if (answer->end == SFDW_HTTP_FORBIDDEN || answer->end == SFDW_HTTP_TOO_LARGE)
		return false;
	return answer->end != SFDW_HTTP_ANSWERED || answer->status >= 500 ||
		answer->status == 429 || strcmp(code, "Throttling") == 0;
}

/* Note why there is no good answer. */
static void
note_failure(const Question *question, const SfdwHttpAnswer *answer,
			 const char *code, SfdwKeyFailure *failure)
{
	if (answer->end != SFDW_HTTP_ANSWERED)
		sfdw_key_fail(failure, SFDW_KEYS_UNREACHABLE,
					  "%s was not answered: %s", question->operation,
					  answer->detail);
	else
		sfdw_key_fail(failure, answer->status >= 500 ?
					  SFDW_KEYS_UNREACHABLE : SFDW_KEYS_REFUSED,
					  "%s was answered with status %d, code \"%s\"",
					  question->operation, answer->status, code);
}

/* Ask until there is an answer; NULL when it is none that helps. */
static SfdwHttp *
ask(Question *question, SfdwKeyFailure *failure)
{
	SfdwMemory	memory = sfdw_memory_pg(CurrentMemoryContext);

	for (int attempt = 1;; attempt++)
	{
		int64		at = sfdw_clock_now();
		SfdwHttp   *http = send_once(question, at);
		const SfdwHttpAnswer *answer = sfdw_http_wait(http);
		SfdwErrorAnswer error;
		bool		has_other_clock;

		if (answer->end == SFDW_HTTP_ANSWERED && answer->status == 200)
			return http;
		sfdw_error_answer_read(&memory, answer->body, answer->body_length,
							   &error);
		note_failure(question, answer, error.code, failure);
		has_other_clock = answer->status == 403 && attempt == 1 &&
			sfdw_clock_set_by_answer(http, at);
		if (attempt == MAX_ATTEMPTS ||
			!(may_pass(answer, error.code) || has_other_clock))
			return NULL;
		sfdw_http_free(http);
		if (!has_other_clock)
			sfdw_http_sleep(BASE_WAIT_MS << attempt);
	}
}

/* Give back what a question has; http may be NULL. */
static void
end(Question *question, SfdwHttp *http)
{
	sfdw_http_free(http);
	sfdw_buffer_free(&question->form);
}

/* Put the form together, and ask; the question is to be ended. */
static SfdwHttp *
ask_for(Question *question, SfdwKeyFailure *failure)
{
	SfdwStatus	status = {0};

	question->memory = sfdw_memory_secret(CurrentMemoryContext);
	sfdw_buffer_init(&question->form, &question->memory, MAX_FORM);
	if (!sfdw_uri_query(&question->form, question->parameters,
						question->parameter_count, &status))
	{
		sfdw_key_fail_status(failure, question->operation, &status);
		return NULL;
	}
	return ask(question, failure);
}

/* Start a question. */
static Question
begin(const SfdwAwsServer *server, const SfdwAwsKeys *keys,
	  const char *operation)
{
	Question	question = {.server = server, .keys = keys,.operation = operation};

	add(&question, "Action", operation);
	add(&question, "Version", API_VERSION);
	return question;
}

/* Add what a role says. */
static void
add_role(Question *question, const SfdwRole *role)
{
	add(question, "RoleArn", role->arn);
	add(question, "RoleSessionName", session_name(role, question->server->user));
	add(question, "DurationSeconds", role->duration_seconds);
}

/* Ask for keys. */
static bool
ask_for_keys(Question *question, SfdwKeys *out, SfdwKeyFailure *failure)
{
	SfdwMemory	memory = sfdw_memory_secret(CurrentMemoryContext);
	SfdwHttp   *http = ask_for(question, failure);
	SfdwStatus	status = {0};
	const SfdwHttpAnswer *answer;

	if (http == NULL)
	{
		end(question, NULL);
		return false;
	}
	answer = sfdw_http_wait(http);
	if (!sfdw_keys_read_xml(&memory, answer->body, answer->body_length, out,
							&status))
		sfdw_key_fail_status(failure, question->operation, &status);
	end(question, http);
	return status.code == SFDW_OK;
}

/* Assume a role with keys. */
bool
sfdw_sts_assume_role(const SfdwAwsServer *server, const SfdwKeys *keys,
					 const SfdwRole *role, SfdwKeys *out,
					 SfdwKeyFailure *failure)
{
	SfdwAwsKeys signer = sfdw_keys_to_sign_with(keys);
	Question	question = begin(server, &signer, "AssumeRole");

	add_role(&question, role);
	add(&question, "ExternalId", role->external_id);
	return ask_for_keys(&question, out, failure);
}

/* Assume a role with a token. */
bool
sfdw_sts_assume_role_with_token(const SfdwAwsServer *server, const char *token,
								const SfdwRole *role, SfdwKeys *out,
								SfdwKeyFailure *failure)
{
	Question	question = begin(server, NULL, "AssumeRoleWithWebIdentity");

	add_role(&question, role);
	add(&question, "WebIdentityToken", token);
	return ask_for_keys(&question, out, failure);
}

/* Whose keys they are. */
bool
sfdw_sts_identity(const SfdwAwsServer *server, const SfdwAwsKeys *keys,
				  SfdwIdentity *out, SfdwKeyFailure *failure)
{
	SfdwMemory	memory = sfdw_memory_pg(CurrentMemoryContext);
	Question	question = begin(server, keys, "GetCallerIdentity");
	SfdwHttp   *http = ask_for(&question, failure);
	SfdwStatus	status = {0};
	const SfdwHttpAnswer *answer;

	if (http == NULL)
		return false;
	answer = sfdw_http_wait(http);
	if (!sfdw_identity_read(&memory, answer->body, answer->body_length, out,
							&status))
		sfdw_key_fail_status(failure, question.operation, &status);
	end(&question, http);
	return status.code == SFDW_OK;
}
