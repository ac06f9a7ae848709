/* export/record_id.c: the checksum of ids. */
#include "export/record_id.h"
#include "tap.h"

/* The long form of an id; NULL with the code when it is refused. */
static const char *
extend(const char *id, SfdwStatus *status)
{
	static char out[SFDW_ID_LONG_LENGTH + 1];

	memset(status, 0, sizeof(*status));
	return sfdw_record_id_extend(id, strlen(id), out, status) ? out : NULL;
}

/* Each of the 15 places has its bit, and no letter's case goes unnoticed. */
static void
test_places(void)
{
	SfdwStatus	status;
	int			wrong = 0;
	int			i;

	for (i = 0; i < SFDW_ID_SHORT_LENGTH; i++)
	{
		char		id[] = "aaaaaaaaaaaaaaaAAA";

		id[i] = 'Z';
		id[SFDW_ID_SHORT_LENGTH + i / 5] = "BCEIQ"[i % 5];
		wrong += extend(id, &status) == NULL || strcmp(extend(id, &status), id) != 0;
		id[i] = 'z';
		wrong += extend(id, &status) != NULL || status.code != SFDW_BAD_VALUE;
	}
	TAP_OK(wrong == 0, "a capital at each place, and the same in small");
}

int
main(void)
{
	SfdwStatus	status;

	TAP_OK(strcmp(extend("001B000000IEbID", &status), "001B000000IEbIDIA1") == 0,
		   "the short form is extended");
	TAP_OK(strcmp(extend("001B000000IEbIDIA1", &status), "001B000000IEbIDIA1") == 0,
		   "the long form stays");
	TAP_OK(extend("001B000000IEbIDIA2", &status) == NULL &&
		   status.code == SFDW_BAD_VALUE, "a wrong checksum");
	TAP_OK(extend("001B000000IEbIDia1", &status) == NULL, "a checksum in small");
	TAP_OK(extend("", &status) == NULL, "nothing");
	TAP_OK(extend("001B000000IEbI", &status) == NULL, "14 characters");
	TAP_OK(extend("001B000000IEbIDI", &status) == NULL, "16 characters");
	TAP_OK(extend("001B000000IEbI\xc3", &status) == NULL &&
		   status.offset == 14, "a character that no id has");
	test_places();
	return tap_done();
}
