/*-------------------------------------------------------------------------
 * clock.h
 *		The time as the services have it
 *
 * A service refuses signatures of a clock that is far from its own, and says
 * what time it is; keys expire by the service's time as well.  So there is one
 * clock for all of them: the machine's, and what an answer corrected it by.
 * The correction is the backend's.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_CLOCK_H
#define SFDW_CLOCK_H

#include "aws/http.h"

/* Seconds since 1970. */
extern int64 sfdw_clock_now(void);

/* A service said what time it is: from now on that is the time. */
extern void sfdw_clock_set(int64 service_time);

/*
 * Take the time of an answer's header "date" if it is so far from signed_at
 * that a signature of then is refused for it.  Returns whether it was.
 */
extern bool sfdw_clock_set_by_answer(SfdwHttp *http, int64 signed_at);

#endif							/* SFDW_CLOCK_H */
