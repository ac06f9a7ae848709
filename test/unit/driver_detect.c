/*
 * Run the detectors over the lines of standard input, for the test of their
 * quality: for each line the names of the detectors that matched, with commas
 * between, each once.
 *
 * usage: driver_detect [--count]
 *	--count	print only how often each detector matched
 */
#include "dataset/detectors.h"
#include "tap.h"

/* What matched in one line, as bits. */
static unsigned int
detect_line(SfdwDetection *detection, const char *line, size_t length)
{
	unsigned int seen = 0;
	SfdwStatus	status = {SFDW_OK};
	SfdwMatch	match;

	if (!sfdw_detect_begin(detection, line, length, SFDW_TEXT_WORDS, &status))
		abort();
	while (sfdw_detect_next(detection, &match))
		seen |= 1u << match.detector;
	return seen;
}

/* The names of some detectors. */
static void
put_names(unsigned int seen)
{
	const char *between = "";
	int			i;

	for (i = 0; i < SFDW_DETECTORS; i++)
	{
		if ((seen & 1u << i) == 0)
			continue;
		printf("%s%s", between, sfdw_detector_name((SfdwDetector) i));
		between = ",";
	}
	putchar('\n');
}

int
main(int argc, char **argv)
{
	bool		only_count = argc > 1 && strcmp(argv[1], "--count") == 0;
	unsigned long counts[SFDW_DETECTORS] = {0};
	SfdwDetection detection;
	char	   *line = NULL;
	size_t		size = 0;
	ssize_t		length;
	int			i;

	sfdw_detect_init(&detection, &tap_memory);
	while ((length = getline(&line, &size, stdin)) > 0)
	{
		unsigned int seen = detect_line(&detection, line,
										(size_t) length - (line[length - 1] == '\n'));

		if (!only_count)
			put_names(seen);
		for (i = 0; i < SFDW_DETECTORS; i++)
			counts[i] += (seen >> i) & 1;
	}
	for (i = 0; only_count && i < SFDW_DETECTORS; i++)
		printf("%s %lu\n", sfdw_detector_name((SfdwDetector) i), counts[i]);
	sfdw_detect_free(&detection);
	free(line);
	return 0;
}
