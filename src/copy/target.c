/*-------------------------------------------------------------------------
 * target.c
 *		Where a user's COPY goes: its URL and its words become a target
 *
 * See target.h for the contract.
 *-------------------------------------------------------------------------
 */
#include "copy/target.h"

#include "foreign/foreign.h"
#include "lib/stringinfo.h"
#include "nodes/makefuncs.h"
#include "utils/builtins.h"

/* The wrapper whose servers have locations. */
#define WRAPPER_NAME "salesforce_fdw"

/* What stands in front of an absolute path when it is an URL. */
#define FILE_SCHEME "file://"

static void check_format(const char *name, const char *value);

/* The words that are COPY's own; the others are the writer's. */
static const SfdwOption own_options[] = {
	{.name = "format", .kind = SFDW_OPTION_TEXT, .check = check_format},
	{.name = "server", .kind = SFDW_OPTION_TEXT},
};

static SfdwCopyOwner owner_of_url = NULL;

/* Register the function that knows who owns a folder. */
void
sfdw_copy_set_owner(SfdwCopyOwner owner)
{
	owner_of_url = owner;
}

/* Raise an error for another format, which copy_to() may be asked for. */
static void
check_format(const char *name, const char *value)
{
	if (pg_strcasecmp(value, "parquet") != 0)
		ereport(ERROR,
				errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				errmsg("format \"%s\" is not supported", value),
				errhint("The only supported format is \"parquet\"."));
}

/* Both tables of options in one, so that hints name all of them. */
static SfdwOption *
all_options(void)
{
	int			own = lengthof(own_options);
	SfdwOption *table = palloc0((own + sfdw_parquet_num_options + 1) *
								sizeof(SfdwOption));

	memcpy(table, own_options, sizeof(own_options));
	memcpy(table + own, sfdw_parquet_options,
		   sfdw_parquet_num_options * sizeof(SfdwOption));
	return table;
}

/* A list of names, as in "sorted_by (a, b)", in the form of one text. */
static char *
join_names(List *names)
{
	StringInfoData text;
	ListCell   *cell;

	initStringInfo(&text);
	foreach(cell, names)
	{
		if (!IsA(lfirst(cell), String))
			ereport(ERROR,
					errcode(ERRCODE_SYNTAX_ERROR),
					errmsg("a list in the options of COPY must consist of names"));
		appendStringInfo(&text, "%s%s", text.len > 0 ? ", " : "",
						 quote_identifier(strVal(lfirst(cell))));
	}
	return text.data;
}

/* The words with lists replaced by texts; what was given stays as it was. */
static List *
flatten_words(List *words)
{
	List	   *flat = NIL;
	ListCell   *cell;

	foreach(cell, words)
	{
		DefElem    *word = lfirst_node(DefElem, cell);

		if (word->arg != NULL && IsA(word->arg, List))
			word = makeDefElem(word->defname,
							   (Node *) makeString(join_names((List *) word->arg)),
							   word->location);
		flat = lappend(flat, word);
	}
	return flat;
}

/*
 * Raise an error for a server of another wrapper: whoever made it did not mean
 * its options for us, and no validator of ours has seen them.
 */
static void
check_wrapper(Oid server_oid)
{
	ForeignServer *server = GetForeignServer(server_oid);
	ForeignDataWrapper *wrapper = GetForeignDataWrapper(server->fdwid);

	if (strcmp(wrapper->fdwname, WRAPPER_NAME) != 0)
		ereport(ERROR,
				errcode(ERRCODE_WRONG_OBJECT_TYPE),
				errmsg("foreign server \"%s\" belongs to wrapper \"%s\", not to \"%s\"",
					   server->servername, wrapper->fdwname, WRAPPER_NAME));
}

/* Open the storage of a server named by the user, below which the URL lies. */
static SfdwStorage *
open_named(const char *name, const char *url, Oid user, char **key)
{
	Oid			server = get_foreign_server_oid(name, false);
	const char *full = url[0] == '/' ? psprintf(FILE_SCHEME "%s", url) : url;
	SfdwStorage *storage;
	size_t		length;

	check_wrapper(server);
	storage = sfdw_storage_open(server, user, SFDW_STORAGE_WRITE);
	length = strlen(storage->location);
	if (strncmp(full, storage->location, length) != 0 || full[length] == '\0')
		ereport(ERROR,
				errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				errmsg("cannot write to \"%s\" with server \"%s\"", url, name),
				errdetail("The location of the server is \"%s\".",
						  storage->location));
	*key = pstrdup(full + length);
	return storage;
}

/* Raise an error when a data set owns the folder. */
static void
check_owner(const SfdwCopyTarget *target)
{
	char	   *url = sfdw_storage_url(target->storage, target->key);
	char	   *owner = owner_of_url == NULL ? NULL : owner_of_url(url);

	if (owner != NULL)
		ereport(ERROR,
				errcode(ERRCODE_OBJECT_IN_USE),
				errmsg("cannot write to \"%s\": data set \"%s\" owns the folder",
					   url, owner),
				errhint("Write to another folder: a file in this one would become part of the data set's table."));
}

/* Open what a user's COPY or copy_to() writes to. */
void
sfdw_copy_target_open(const char *url, List *words, Oid user,
					  SfdwCopyTarget *target)
{
	const char *server;
	char	   *key;

	memset(target, 0, sizeof(*target));
	words = flatten_words(words);
	sfdw_options_validate(all_options(), InvalidOid, words);
	sfdw_parquet_options_read(words, &target->options);
	server = sfdw_option_text(words, "server", NULL);
	target->storage = server == NULL ?
		sfdw_storage_for_url(url, user, SFDW_STORAGE_WRITE, &key) :
		open_named(server, url, user, &key);
	target->key = key;
	check_owner(target);
}
