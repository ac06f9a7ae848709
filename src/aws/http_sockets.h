/*-------------------------------------------------------------------------
 * http_sockets.h
 *		Wait for the latch and for any of the sockets in use
 *
 * Knows sockets and PostgreSQL's latch, nothing of HTTP.  The table of sockets
 * is one a backend and has a fixed size, so that it can be changed from a
 * library's callback: nothing here but the wait can throw.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_HTTP_SOCKETS_H
#define SFDW_HTTP_SOCKETS_H

#include "core/compat.h"

/* More than the connections that a backend has at a time. */
#define SFDW_SOCKETS_MAX 64

/* A socket that is ready, with WL_SOCKET_READABLE and WL_SOCKET_WRITEABLE. */
typedef struct SfdwReadySocket
{
	pgsocket	socket;
	uint32		events;
} SfdwReadySocket;

/*
 * Wait for these events of a socket from now on; 0: do not, because it is
 * about to be closed.  False when there is no room.
 */
extern bool sfdw_sockets_watch(pgsocket socket, uint32 events);

/*
 * Wait until a socket is ready, timeout_ms have passed, or the latch is set,
 * whichever comes first; then do what CHECK_FOR_INTERRUPTS does.  Returns how
 * many of ready, which has room for SFDW_SOCKETS_MAX, are filled in.  When the
 * postmaster is gone, the process ends.
 */
extern int	sfdw_sockets_wait(long timeout_ms, SfdwReadySocket *ready);

/* Whether a cancel or a termination has ended the last wait of the backend. */
extern bool sfdw_sockets_were_interrupted(void);

#endif							/* SFDW_HTTP_SOCKETS_H */
