/*-------------------------------------------------------------------------
 * fault.c
 *		Points at which a test build can be made to die
 *
 * See fault.h.  In a release build this file is empty.
 *-------------------------------------------------------------------------
 */
#include "core/compat.h"
#include "core/fault.h"

#ifdef SFDW_FAULTS

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <unistd.h>

#include "utils/guc.h"

/* What starts the shell command in salesforce_fdw.fault_action. */
#define SHELL_PREFIX "sh:"

static int	fault_at = 0;
static char *fault_point = NULL;
static char *fault_action = NULL;
static char *fault_trace = NULL;
static char *fault_clock = NULL;

/* How many points this session has reached. */
static int	points_reached = 0;

/* Define the GUCs. */
void
sfdw_fault_init(void)
{
	DefineCustomIntVariable("salesforce_fdw.fault_at",
							"Number of the fault point at which to act.",
							"0 means never.",
							&fault_at, 0, 0, INT_MAX,
							PGC_USERSET, 0, NULL, NULL, NULL);
	DefineCustomStringVariable("salesforce_fdw.fault_point",
							   "Name of the fault point at which to act.",
							   "\"NAME WHEN\", as in the trace; empty means none.",
							   &fault_point, "",
							   PGC_SUSET, 0, NULL, NULL, NULL);
	DefineCustomStringVariable("salesforce_fdw.fault_action",
							   "What to do at the fault point.",
							   "\"kill\", \"error\" or \"sh:COMMAND\".",
							   &fault_action, "kill",
							   PGC_SUSET, 0, NULL, NULL, NULL);
	DefineCustomStringVariable("salesforce_fdw.fault_trace",
							   "File that gets a line for each fault point.",
							   NULL,
							   &fault_trace, "",
							   PGC_SUSET, 0, NULL, NULL, NULL);
	DefineCustomStringVariable("salesforce_fdw.fault_clock",
							   "File with seconds to add to the machine's clock.",
							   NULL,
							   &fault_clock, "",
							   PGC_SUSET, 0, NULL, NULL, NULL);
}

/* Append "NUMBER NAME WHEN" to the trace; one write, so lines stay whole. */
static void
write_trace(const char *name, const char *when)
{
	char		line[MAXPGPATH];
	int			length;
	int			fd;

	length = snprintf(line, sizeof(line), "%d %s %s\n", points_reached, name,
					  when);
	fd = open(fault_trace, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, line, length) != length)
		ereport(PANIC,
				errcode_for_file_access(),
				errmsg("could not write fault trace \"%s\": %m", fault_trace));
	close(fd);
}

/* What the file says now; a file that is not there moves no clock. */
int64
sfdw_fault_clock(void)
{
	long		seconds = 0;
	FILE	   *file = NULL;

	if (fault_clock != NULL && fault_clock[0] != '\0')
		file = fopen(fault_clock, "r");
	if (file == NULL)
		return 0;
	if (fscanf(file, "%ld", &seconds) != 1)
		seconds = 0;
	fclose(file);
	return seconds;
}

/* Die without any cleanup, as under kill -9: no handler, no callback runs. */
static void
kill_backend(void)
{
	kill(getpid(), SIGKILL);
	for (;;)
		pause();
}

/* Run the shell command of the action; its failure is the test's. */
static void
run_command(const char *command)
{
	int			status;

	fflush(NULL);
	status = system(command);
	if (status != 0)
		ereport(PANIC,
				errcode(ERRCODE_EXTERNAL_ROUTINE_EXCEPTION),
				errmsg("command of a fault point ended with status %d", status));
}

/* Whether the point is the one asked for, by number or by name. */
static bool
is_asked_for(const char *name, const char *when)
{
	size_t		length = strlen(name);

	if (points_reached == fault_at)
		return true;
	return fault_point != NULL && strncmp(fault_point, name, length) == 0 &&
		fault_point[length] == ' ' &&
		strcmp(fault_point + length + 1, when) == 0;
}

/* Count the point, and act when it was asked for. */
void
sfdw_fault_reached(const char *name, const char *when)
{
	points_reached++;
	if (fault_trace != NULL && fault_trace[0] != '\0')
		write_trace(name, when);
	if (!is_asked_for(name, when))
		return;
	if (strcmp(fault_action, "kill") == 0)
		kill_backend();
	else if (strncmp(fault_action, SHELL_PREFIX, strlen(SHELL_PREFIX)) == 0)
		run_command(fault_action + strlen(SHELL_PREFIX));
	else
		ereport(ERROR,
				errcode(ERRCODE_EXTERNAL_ROUTINE_EXCEPTION),
				errmsg("fault point %d: %s, %s", points_reached, name, when));
}

#endif							/* SFDW_FAULTS */
