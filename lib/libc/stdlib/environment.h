/*
 * The environment's array. It belongs to the start-up stack or the program until the first change, then to this
 * library; the strings that setenv made are freed when they are replaced, those of putenv never.
 */
#ifndef LIBC_STDLIB_ENVIRONMENT_H
#define LIBC_STDLIB_ENVIRONMENT_H

#include <stdbool.h>
#include <stddef.h>

/* The index of the string for a name of `length` bytes; -1: none. */
long __environment_find(const char *name, size_t length);

/*
 * Purpose: adds "name=value", in place of an old string of that name; `owned`: it comes from malloc and now
 * belongs to the environment.
 * Returns: 0, or -1 and ENOMEM (the string is still the caller's).
 */
int __environment_put(char *string, size_t length, bool owned);

/* Takes a string out. */
void __environment_remove(long index);

#endif
