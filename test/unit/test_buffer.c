/* core/buffer.c: grows, keeps its content, stops at its limit. */
#include "core/buffer.h"
#include "tap.h"

/* Bytes appended one by one come back in order, across several growths. */
static void
test_growth(void)
{
	SfdwBuffer	buffer;
	SfdwStatus	status = {0};
	bool		same = true;
	int			i;

	sfdw_buffer_init(&buffer, &tap_memory, 100000);
	for (i = 0; i < 100000; i++)
	{
		char		byte = (char) (i * 7);

		same &= sfdw_buffer_append(&buffer, &byte, 1, &status);
	}
	for (i = 0; i < 100000; i++)
		same &= buffer.data[i] == (char) (i * 7);
	TAP_OK(same && buffer.length == 100000, "100,000 bytes are kept in order");
	TAP_OK(buffer.capacity <= 100000, "no more than the limit is reserved");
	TAP_OK(!sfdw_buffer_append(&buffer, "x", 1, &status) &&
		   status.code == SFDW_TOO_LARGE, "one byte beyond the limit fails");
	TAP_OK(buffer.length == 100000, "a failed append changes nothing");
	sfdw_buffer_free(&buffer);
	TAP_OK(buffer.data == NULL && buffer.length == 0, "free empties it");
}

/* When memory runs out, the content stays and the failure says so. */
static void
test_no_memory(void)
{
	SfdwBuffer	buffer;
	SfdwStatus	status = {0};

	sfdw_buffer_init(&buffer, &tap_memory, 1 << 20);
	TAP_OK(sfdw_buffer_append(&buffer, "abc", 3, &status), "first append");
	tap_memory_left = 0;
	TAP_OK(!sfdw_buffer_reserve(&buffer, 1000, &status) &&
		   status.code == SFDW_OUT_OF_MEMORY, "no memory is reported");
	TAP_OK(memcmp(buffer.data, "abc", 3) == 0, "the content is kept");
	tap_memory_left = -1;
	sfdw_buffer_free(&buffer);
}

/* The first failure stays, since later ones follow from it. */
static void
test_status(void)
{
	SfdwStatus	status = {0};

	sfdw_fail(&status, SFDW_MALFORMED, 7, "rule %d", 1);
	sfdw_fail(&status, SFDW_TOO_LARGE, 9, "rule %d", 2);
	TAP_OK(status.code == SFDW_MALFORMED && status.offset == 7 &&
		   strcmp(status.message, "rule 1") == 0, "the first failure wins");
}

int
main(void)
{
	test_growth();
	test_no_memory();
	test_status();
	return tap_done();
}
