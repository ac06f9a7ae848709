/*-------------------------------------------------------------------------
 * http_sockets.c
 *		Wait for the latch and for any of the sockets in use
 *
 * A WaitEventSet cannot forget a socket, so it is made anew when the table has
 * changed since it was made, which a long transfer does not do.
 *-------------------------------------------------------------------------
 */
#include "aws/http_sockets.h"

#include <storage/latch.h>

#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/wait_event.h"

/* Events besides those of sockets: the latch and the postmaster's death. */
#define OTHER_EVENTS 2

static SfdwReadySocket table[SFDW_SOCKETS_MAX];
static int	table_count = 0;

/* Of the table as it is, or NULL. */
static WaitEventSet *event_set = NULL;
static bool is_stale = true;

/* An interrupt has ended the last wait. */
static bool is_interrupted = false;

/* Note what a socket is waited for. */
bool
sfdw_sockets_watch(pgsocket socket, uint32 events)
{
	int			i = 0;

	while (i < table_count && table[i].socket != socket)
		i++;
	if (i == table_count && events == 0)
		return true;
	if (i == SFDW_SOCKETS_MAX)
		return false;
	is_stale = true;
	if (events == 0)
		table[i] = table[--table_count];
	else
	{
		table[i].socket = socket;
		table[i].events = events;
		table_count = Max(table_count, i + 1);
	}
	return true;
}

/* Make the set of events that the table says. */
static void
build_event_set(void)
{
	if (event_set != NULL)
		FreeWaitEventSet(event_set);
	event_set = NULL;
	event_set = sfdw_create_wait_event_set(SFDW_SOCKETS_MAX + OTHER_EVENTS);
	AddWaitEventToSet(event_set, WL_LATCH_SET, PGINVALID_SOCKET, MyLatch, NULL);
	AddWaitEventToSet(event_set, WL_EXIT_ON_PM_DEATH, PGINVALID_SOCKET, NULL,
					  NULL);
	for (int i = 0; i < table_count; i++)
		AddWaitEventToSet(event_set, table[i].events, table[i].socket, NULL,
						  NULL);
	is_stale = false;
}

/* Wait, and say which sockets are ready. */
int
sfdw_sockets_wait(long timeout_ms, SfdwReadySocket *ready)
{
	WaitEvent	events[SFDW_SOCKETS_MAX];
	int			event_count;
	int			count = 0;

	if (is_stale || event_set == NULL)
		build_event_set();
	event_count = WaitEventSetWait(event_set, timeout_ms, events,
								   SFDW_SOCKETS_MAX,
								   sfdw_wait_event("SalesforceFdwHttp"));
	for (int i = 0; i < event_count; i++)
	{
		if (events[i].events & WL_LATCH_SET)
			ResetLatch(MyLatch);
		else
			ready[count++] = (SfdwReadySocket)
			{
				events[i].fd, events[i].events
			};
	}
	is_interrupted = QueryCancelPending || ProcDiePending;
	CHECK_FOR_INTERRUPTS();
	is_interrupted = false;
	return count;
}

/* Whether the last wait has ended so. */
bool
sfdw_sockets_were_interrupted(void)
{
	return is_interrupted;
}
