/*
 * The kernel's command line: words, some of the form name=value.
 */
#ifndef INIT_CMDLINE_H
#define INIT_CMDLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether the word is there. */
bool cmdline_flag(const char *word);

/* Copies the value of name=value. Returns false: not there (buffer is empty then). */
bool cmdline_value(const char *name, char *buffer, size_t size);

/* A decimal value; `otherwise` when it is absent or no number. */
uint64_t cmdline_number(const char *name, uint64_t otherwise);

/* deadline=S: reports where every CPU and thread stands and powers off with DEADLINE_STATUS once S seconds of guest time are over. */
void deadline_init(void);
void deadline_check(void);
uint64_t deadline_time(void);	/* ns; UINT64_MAX: none */

#endif
