/*
 * The locales that there are: C, and C.UTF-8, which differs from it in LC_CTYPE alone: its text is UTF-8, and what is not ASCII has classes.
 * A set of categories (LC_*_MASK) says which of them are C.UTF-8.
 */
#ifndef LIBC_MISC_LOCALE_NOW_H
#define LIBC_MISC_LOCALE_NOW_H

#include <locale.h>
#include <stdbool.h>

/* What `name` makes of the categories in `mask`; "" takes names from the environment. Returns the set, or -1: unknown name. */
int __locale_named(int mask, const char *name);

/* The set that setlocale has made. */
extern unsigned __locale_global;

/* A locale object for each set: its place is the set. */
extern struct __locale {
	char unused;
} __locale_objects[LC_ALL_MASK + 1];

/* The set of a locale object; LC_GLOBAL_LOCALE: of setlocale's. */
unsigned __locale_set(locale_t locale);

/* Whether this thread's text is UTF-8; else each byte is a character. */
bool __locale_is_utf8(void);

#endif
