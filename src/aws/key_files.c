/*-------------------------------------------------------------------------
 * key_files.c
 *		Keys from AWS's shared files, and tokens from files
 *
 * The files are the operating-system user's.  Nothing that could block (a
 * FIFO, a device) is read.
 *-------------------------------------------------------------------------
 */
#include "aws/key_files.h"

#include <fcntl.h>
#include <storage/fd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aws/keys_answer.h"

/* Read an open file; NULL with a failure. */
static char *
read_open(int file, const char *path, size_t limit, size_t *length,
		  SfdwKeyFailure *failure)
{
	struct stat about;
	char	   *text;
	ssize_t		count;

	if (fstat(file, &about) != 0 || !S_ISREG(about.st_mode))
	{
		sfdw_key_fail(failure, SFDW_KEYS_REFUSED,
					  "\"%s\" is not a regular file", path);
		return NULL;
	}
	if (about.st_size > (off_t) limit)
	{
		sfdw_key_fail(failure, SFDW_KEYS_REFUSED,
					  "\"%s\" is longer than %zu bytes", path, limit);
		return NULL;
	}
	text = palloc0(about.st_size + 1);
	count = read(file, text, about.st_size);
	if (count != about.st_size)
	{
		sfdw_key_fail(failure, SFDW_KEYS_REFUSED, "could not read \"%s\"", path);
		explicit_bzero(text, about.st_size);
		pfree(text);
		return NULL;
	}
	*length = (size_t) count;
	return text;
}

/* Read a small file. */
char *
sfdw_key_file_read(const char *path, size_t limit, size_t *length,
				   SfdwKeyFailure *failure)
{
	int			file = OpenTransientFile(path, O_RDONLY | O_NONBLOCK | PG_BINARY);
	char	   *text;

	if (file < 0)
	{
		sfdw_key_fail(failure, errno == ENOENT ? SFDW_KEYS_ABSENT : SFDW_KEYS_REFUSED,
					  "could not open \"%s\": %s", path, strerror(errno));
		return NULL;
	}
	text = read_open(file, path, limit, length, failure);
	CloseTransientFile(file);
	return text;
}

/* Read a token. */
char *
sfdw_key_file_token(const char *path, SfdwKeyFailure *failure)
{
	size_t		length;
	char	   *text = sfdw_key_file_read(path, SFDW_KEYS_TOKEN_SIZE, &length,
										  failure);
	char	   *token;

	if (text == NULL)
		return NULL;
	token = text + strspn(text, " \t\r\n");
	token = pnstrdup(token, strcspn(token, " \t\r\n"));
	explicit_bzero(text, length);
	pfree(text);
	if (token[0] != '\0')
		return token;
	sfdw_key_fail(failure, SFDW_KEYS_REFUSED, "\"%s\" has no token", path);
	return NULL;
}

/* The path of a shared file: a variable's, or in the home folder; or NULL. */
static char *
shared_path(const char *variable, const char *name)
{
	const char *path = getenv(variable);
	const char *home = getenv("HOME");

	if (path != NULL && path[0] != '\0')
		return pstrdup(path);
	return home == NULL ? NULL : psprintf("%s/.aws/%s", home, name);
}

/* Read one shared file; false when it is there and cannot be read. */
static bool
read_shared(const char *variable, const char *name, char **text,
			size_t *length, SfdwKeyFailure *failure)
{
	char	   *path = shared_path(variable, name);

	*text = NULL;
	*length = 0;
	if (path == NULL)
		return true;
	*text = sfdw_key_file_read(path, SFDW_PROFILE_MAX_FILE_SIZE, length, failure);
	return *text != NULL || failure->kind == SFDW_KEYS_ABSENT;
}

/* Overwrite a text that was read. */
static void
wipe(char *text, size_t length)
{
	if (text != NULL)
		explicit_bzero(text, length);
}

/* Read a profile from two texts. */
static bool
read_chain(const char *name, const SfdwProfileFiles *files,
		   SfdwProfileChain *chain, SfdwKeyFailure *failure)
{
	SfdwStatus	status = {0};

	if (files->config == NULL && files->credentials == NULL)
		return sfdw_key_fail(failure, SFDW_KEYS_ABSENT,
							 "there is neither a config file nor a credentials file");
	if (!sfdw_profile_read(files, name, chain, &status))
		return sfdw_key_fail_status(failure, "AWS's shared files", &status);
	return true;
}

/* Read the chain of a profile. */
bool
sfdw_key_file_profile(const char *name, SfdwProfileChain *chain,
					  SfdwKeyFailure *failure)
{
	char	   *config = NULL;
	char	   *credentials = NULL;
	SfdwProfileFiles files = {0};
	bool		is_read;

	is_read = read_shared("AWS_CONFIG_FILE", "config", &config,
						  &files.config_length, failure) &&
		read_shared("AWS_SHARED_CREDENTIALS_FILE", "credentials", &credentials,
					&files.credentials_length, failure);
	files.config = config;
	files.credentials = credentials;
	is_read = is_read && read_chain(name, &files, chain, failure);
	wipe(config, files.config_length);
	wipe(credentials, files.credentials_length);
	return is_read;
}
