/*-------------------------------------------------------------------------
 * clock.c
 *		The time as the services have it
 *-------------------------------------------------------------------------
 */
#include "aws/clock.h"

#include <time.h>

#include "aws/retry.h"
#include "core/fault.h"

/* What to add to the machine's clock. */
static int64 correction = 0;

/* The machine's time; a test build can have another one. */
static int64
machine_time(void)
{
	return (int64) time(NULL) + SFDW_FAULT_CLOCK();
}

/* The time. */
int64
sfdw_clock_now(void)
{
	return machine_time() + correction;
}

/* Not what the correction differs by: others in flight may have found it, too. */
void
sfdw_clock_set(int64 service_time)
{
	correction = service_time - machine_time();
}

/* Take the time of an answer. */
bool
sfdw_clock_set_by_answer(SfdwHttp *http, int64 signed_at)
{
	const char *date = sfdw_http_header(http, "date");
	int64_t		service_time;

	if (date == NULL || !sfdw_retry_parse_date(date, &service_time) ||
		labs((long) (service_time - signed_at)) < SFDW_RETRY_MIN_SKEW_SECONDS)
		return false;
	sfdw_clock_set(service_time);
	return true;
}
