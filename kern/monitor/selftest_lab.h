/*
 * What the checks of the labs share. They only observe: each line is a word and numbers, made without printk (which is an exercise), and the
 * grader (grade/labN.py), who knows the seed, decides what must be true.
 */
#ifndef MONITOR_SELFTEST_LAB_H
#define MONITOR_SELFTEST_LAB_H

#include <stddef.h>
#include <stdint.h>

/* Prints "WORD 0x1 0x2 ...". */
void lab_say(const char *word, const uint64_t *numbers, unsigned count);

/* Prints "WORD 0x1 0x2 ... |text|", bytes that are no text and | as \xNN. */
void lab_say_text(const char *word, const uint64_t *numbers, unsigned count, const char *text, size_t length);

#define NUMBERS(...)	(const uint64_t[]){ __VA_ARGS__ }, sizeof((const uint64_t[]){ __VA_ARGS__ }) / 8
#define SAY(word, ...)	lab_say(word, NUMBERS(__VA_ARGS__))

#endif
