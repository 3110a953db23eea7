#ifndef LIBC_MISC_CHAR_CLASS_H
#define LIBC_MISC_CHAR_CLASS_H

#include <stdbool.h>
#include <stddef.h>

/* Whether the named class ("alpha") exists. */
bool __char_class_exists(const char *name, size_t length);
bool __char_class(const char *name, size_t length, int c);

#endif
