/* The shell's variables. */
#ifndef MSH_VARS_H
#define MSH_VARS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes at the beginning of text that make a name: a letter or _, then letters, digits, _. */
size_t
var_name_length(const char *text, size_t length);

/* NULL: not set. */
const char *
var_get(const char *name, size_t length);

/* Sets a variable. Returns false: no memory; it keeps its value. */
bool
var_set(const char *name, size_t length, const char *value);

/* Programs see it from now on; it is set to "" if it was not set. Returns false: no memory. */
bool
var_export(const char *name, size_t length);

/*
 * Sets a variable for one command, which sees it; var_restore gives all such variables back what they had, or takes them away. Returns false:
 * no memory; nothing is changed.
 */
bool
var_set_aside(const char *name, size_t length, const char *value);

void
var_restore(void);

void
var_unset(const char *name, size_t length);

/*
 * Writes "NAME=VALUE", each ended by a 0, of the exported ones. Returns the bytes, or -1: they do
 * not fit.
 */
long
var_environment(char *buffer, size_t size);

/* Calls visit for all variables, in no order. */
void
var_for_each(void (*visit)(const char *name, const char *value, bool exported));

#endif
