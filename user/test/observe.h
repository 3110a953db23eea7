/*
 * Test programs of the labs only observe: each line is a word and numbers, and the grader (grade/labN.py), who knows the seed, decides what
 * must be true. `run PROGRAM PART SEED` runs one part; the last line is `end 0x0`.
 */
#ifndef USER_TEST_OBSERVE_H
#define USER_TEST_OBSERVE_H

#include <stdint.h>

/* Prints "WORD 0x1 0x2 ..." in one piece. */
void say(const char *word, const uint64_t *numbers, unsigned count);

#define SAY(word, ...)                                                                             \
	say(word, (const uint64_t[]){__VA_ARGS__}, sizeof((const uint64_t[]){__VA_ARGS__}) / 8)

/* The next number below `limit` of the sequence that *seed, never 0, began (kern/monitor/selftest.h). */
uint64_t draw(uint64_t *seed, uint64_t limit);

struct part {
	const char *name;
	void (*run)(uint64_t seed);
};

/* What main does: the parts end with a NULL name. Ends the task. */
_Noreturn void observe(int argc, char **argv, const struct part *parts);

#endif
