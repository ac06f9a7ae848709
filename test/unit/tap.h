/*-------------------------------------------------------------------------
 * tap.h
 *		What a unit test needs: TAP on standard output, memory that can run out
 *
 * A test program includes this once, calls TAP_OK for each claim and ends with
 * "return tap_done();".  It links the pure files alone.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_TAP_H
#define SFDW_TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

static int	tap_count = 0;
static int	tap_failures = 0;

/* Claim that condition holds; the rest is a printf format that names it. */
#define TAP_OK(condition, ...) tap_ok((condition), __FILE__, __LINE__, __VA_ARGS__)

static bool tap_ok(bool condition, const char *file, int line,
				   const char *format,...)
			__attribute__((format(printf, 4, 5), unused));

static bool
tap_ok(bool condition, const char *file, int line, const char *format,...)
{
	va_list		args;

	printf("%s %d - ", condition ? "ok" : "not ok", ++tap_count);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
	if (!condition)
	{
		tap_failures++;
		printf("#   at %s line %d\n", file, line);
	}
	return condition;
}

/* Print the plan; the result is the program's exit status. */
static int	tap_done(void) __attribute__((unused));

static int
tap_done(void)
{
	printf("1..%d\n", tap_count);
	return tap_failures == 0 && tap_count > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/*
 * Memory of malloc.  After tap_memory_left more calls (-1: never) it gives
 * nothing, so that a test can fail the N-th allocation for N = 0, 1, ...
 */
static int	tap_memory_left = -1;

static void *
tap_resize(void *context, void *pointer, size_t size)
{
	(void) context;
	if (size == 0)
	{
		free(pointer);
		return NULL;
	}
	if (tap_memory_left == 0)
		return NULL;
	if (tap_memory_left > 0)
		tap_memory_left--;
	return realloc(pointer, size);
}

static const SfdwMemory tap_memory __attribute__((unused)) =
{
	tap_resize, NULL
};

#endif							/* SFDW_TAP_H */
