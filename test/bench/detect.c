/*
 * Measure the detectors: CPU seconds over all lines of a file, each a value of
 * its own, read and split before.
 *
 * usage: detect FILE ROUNDS
 *
 * Prints for each round the seconds, and how many matches there were.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "dataset/detectors.h"

/* Memory of malloc. */
static void *
resize(void *context, void *pointer, size_t size)
{
	(void) context;
	if (size > 0)
		return realloc(pointer, size);
	free(pointer);
	return NULL;
}

/* All of a file; the program ends without one. */
static char *
read_file(const char *path, size_t *length)
{
	FILE	   *file = fopen(path, "rb");
	char	   *text = NULL;

	*length = 0;
	if (file == NULL)
		exit(EXIT_FAILURE);
	for (;;)
	{
		text = realloc(text, *length + (1 << 24));
		if (text == NULL)
			exit(EXIT_FAILURE);
		*length += fread(text + *length, 1, 1 << 24, file);
		if (feof(file) || ferror(file))
			break;
	}
	fclose(file);
	return text;
}

/* CPU seconds of this process. */
static double
seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double) now.tv_sec + (double) now.tv_nsec / 1e9;
}

/* Where each line begins; the last one of these is the text's end. */
static const char **
find_lines(const char *text, size_t length, size_t *count)
{
	const char *end = text + length;
	const char **lines = NULL;
	size_t		room = 0;

	*count = 0;
	for (;;)
	{
		if (*count == room)
			lines = realloc(lines, (room = 2 * room + 1024) * sizeof(char *));
		if (lines == NULL)
			exit(EXIT_FAILURE);
		lines[*count] = text;
		if (text >= end)
			return lines;
		(*count)++;
		text = (const char *) memchr(text, '\n', (size_t) (end - text)) + 1;
	}
}

/* Search every line; returns how many matches there are. */
static unsigned long
search(SfdwDetection *detection, const char **lines, size_t count)
{
	unsigned long matches = 0;
	SfdwStatus	status = {SFDW_OK};
	SfdwMatch	match;
	size_t		i;

	for (i = 0; i < count; i++)
	{
		if (!sfdw_detect_begin(detection, lines[i],
							   (size_t) (lines[i + 1] - lines[i]) - 1,
							   SFDW_TEXT_WORDS, &status))
			exit(EXIT_FAILURE);
		while (sfdw_detect_next(detection, &match))
			matches++;
	}
	return matches;
}

int
main(int argc, char **argv)
{
	const SfdwMemory memory = {resize, NULL};
	SfdwDetection detection;
	const char **lines;
	size_t		length;
	size_t		count;
	char	   *text;
	int			rounds;

	if (argc != 3)
		return EXIT_FAILURE;
	text = read_file(argv[1], &length);
	if (length == 0 || text[length - 1] != '\n')
		return EXIT_FAILURE;
	lines = find_lines(text, length, &count);
	sfdw_detect_init(&detection, &memory);
	for (rounds = atoi(argv[2]); rounds > 0; rounds--)
	{
		double		start = seconds();
		unsigned long matches = search(&detection, lines, count);

		printf("%.4f %lu\n", seconds() - start, matches);
	}
	sfdw_detect_free(&detection);
	free(lines);
	free(text);
	return EXIT_SUCCESS;
}
