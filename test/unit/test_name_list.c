/*-------------------------------------------------------------------------
 * test_name_list.c
 *		Names of a list are found however they are written
 *
 * The people here are made up.
 *-------------------------------------------------------------------------
 */
#include "tap.h"

#include "dataset/name_list.h"

/* All names in a text, joined by "|". */
static const char *
find(const SfdwNameList *list, const char *text)
{
	static char found[1000];
	SfdwDetection detection;
	SfdwStatus	status = {SFDW_OK};
	SfdwSpan	span;
	size_t		at = 0;
	size_t		used = 0;

	found[0] = '\0';
	sfdw_detect_init(&detection, &tap_memory);
	if (!sfdw_detect_begin(&detection, text, strlen(text), SFDW_TEXT_WORDS,
						   &status))
		return "failed";
	while (sfdw_name_list_find(list, &detection, &at, &span))
		used += (size_t) snprintf(found + used, sizeof(found) - used, "%s%.*s",
								  used > 0 ? "|" : "",
								  (int) (span.end - span.start),
								  detection.text + span.start);
	sfdw_detect_free(&detection);
	return found;
}

/* Add a name that must be taken. */
static void
add(SfdwNameList *list, const char *name)
{
	SfdwStatus	status = {SFDW_OK};

	if (!sfdw_name_list_add(list, name, strlen(name), &status))
		TAP_OK(false, "%s is added: %s", name, status.message);
}

/* Words, accents, capitals, what stands between, and the longest name. */
static void
test_find(void)
{
	static const char *const names[] = {
		"Émilie Côté", "Marie", "Marie Tremblay", "Marie Tremblay Roy", "O'Neil",
		"Jean-François", "Зоя", "Œuvrard", "Groß", "Nguyễn Thị", "ΣΟΦΙΑ", "İpek", "  ", "--",
		"R2 D2", "Émilie côté"
	};
	static const struct
	{
		const char *text;
		const char *found;
	}			cases[] = {
		{"Emilie Cote", "Emilie Cote"},
		{"par EMILIE  CÔTÉ, hier", "EMILIE  CÔTÉ"},
		{"E\xCC\x81milie Co\xCC\x82te\xCC\x81", "Emilie Cote"},
		{"Émilie", ""},
		{"Émilie, Côté", "Émilie, Côté"},
		{"Émilie - Côté", "Émilie - Côté"},
		{"Émilie -- Côté", ""},
		{"Émilie\xE2\x80\xA8""Côté", ""},
		{"Émiliecôté", ""},
		{"Émilie Côtés", ""},
		{"marie", "marie"},
		{"Marie Tremblay", "Marie Tremblay"},
		{"Marie Tremblay Roy", "Marie Tremblay Roy"},
		{"Marie Tremblay Royal", "Marie Tremblay"},
		{"Marie Royal", "Marie"},
		{"Annemarie", ""},
		{"marie1", ""},
		{"marie_1 (MARIE)", "marie|MARIE"},
		{"o’neil and ONEIL and O Neil", "o\x1Fneil|O Neil"},
		{"Jean\xE2\x80\x91""FRANCOIS", "Jean-FRANCOIS"},
		{"ЗОЯ зоя", "ЗОЯ|зоя"},
		{"oeuvrard gross σοφια ipek", "oeuvrard|gross|σοφια|ipek"},
		{"NGUYEN THI", "NGUYEN THI"},
		{"Ｍａｒｉｅ", "Marie"},
		{"r2-d2", "r2-d2"},
		{"Marie Marie Tremblay Marie", "Marie|Marie Tremblay|Marie"},
		{"", ""},
		{"2024-02-29 13:14:15", ""}
	};
	SfdwNameList list;
	size_t		i;

	sfdw_name_list_init(&list, &tap_memory);
	TAP_OK(strcmp(find(&list, "Marie"), "") == 0, "an empty list finds nothing");
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		add(&list, names[i]);
	TAP_OK(list.names == 13, "names that are alike count once, empty ones not: %zu",
		   list.names);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		const char *found = find(&list, cases[i].text);

		if (!TAP_OK(strcmp(found, cases[i].found) == 0, "names in: %s",
					cases[i].text))
			printf("#   found \"%s\", not \"%s\"\n", found, cases[i].found);
	}
	sfdw_name_list_free(&list);
}

/* A name, and a list, that are too large. */
static void
test_bounds(void)
{
	SfdwNameList list;
	SfdwStatus	status = {SFDW_OK};
	char		name[SFDW_NAME_BYTES + 10];
	int			i;

	sfdw_name_list_init(&list, &tap_memory);
	TAP_OK(!sfdw_name_list_add(&list, "a b c d e f g h i", 17, &status) &&
		   status.code == SFDW_BAD_VALUE, "nine words are too many");
	memset(name, 'x', sizeof(name));
	status.code = SFDW_OK;
	TAP_OK(!sfdw_name_list_add(&list, name, sizeof(name), &status) &&
		   status.code == SFDW_BAD_VALUE && strchr(status.message, 'x') == NULL,
		   "a long name is refused without being shown");
	for (i = 0; i < SFDW_NAMES_MAX; i++)
	{
		snprintf(name, sizeof(name), "n%d", i);
		add(&list, name);
	}
	TAP_OK(strcmp(find(&list, "N999999 n1000000 n0"), "N999999|n0") == 0,
		   "all of %d names are found", SFDW_NAMES_MAX);
	status.code = SFDW_OK;
	TAP_OK(!sfdw_name_list_add(&list, "one more", 8, &status) &&
		   status.code == SFDW_TOO_LARGE, "one more is too many");
	sfdw_name_list_free(&list);
}

/* Whatever allocation fails, the list says so and stays usable. */
static void
test_no_memory(void)
{
	int			failures = 0;
	int			left;
	bool		done = false;

	for (left = 0; !done && left < 100; left++)
	{
		SfdwNameList list;
		SfdwStatus	status = {SFDW_OK};

		sfdw_name_list_init(&list, &tap_memory);
		tap_memory_left = left;
		done = sfdw_name_list_add(&list, "Émilie\u00A0Côté", 16, &status);
		tap_memory_left = -1;
		failures += !done && status.code == SFDW_OUT_OF_MEMORY;
		if (!done)
			add(&list, "Marie");
		sfdw_name_list_free(&list);
	}
	TAP_OK(done && failures == left - 1, "%d allocations fail one by one", failures);
}

int
main(void)
{
	test_find();
	test_bounds();
	test_no_memory();
	return tap_done();
}
