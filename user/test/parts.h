/*
 * For test programs of several parts: all of them in turn, or one again and again, to look for what is rare (`PROGRAM repeat PART N`).
 */
#ifndef USER_TEST_PARTS_H
#define USER_TEST_PARTS_H

#include <stdlib.h>

#include "check.h"

struct part {
	const char *name;
	void (*run)(void);
};

/* Until something is wrong. */
static inline void
parts_repeat(const struct part *parts, size_t count, const char *name, int rounds)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(parts[i].name, name) == 0)
			for (int round = 0; round < rounds && checks_failed == 0; round++)
				parts[i].run();
}

/* What the words of the program ask for. */
static inline void
parts_run(const struct part *parts, size_t count, int argc, char **argv)
{
	if (argc > 3 && strcmp(argv[1], "repeat") == 0) {
		parts_repeat(parts, count, argv[2], atoi(argv[3]));
		return;
	}
	for (size_t i = 0; i < count; i++)
		parts[i].run();
}

#endif
