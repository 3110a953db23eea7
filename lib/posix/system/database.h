/*
 * Text files of lines with fields between colons: /etc/passwd and /etc/group. Lines that do not have the fields are passed over.
 */
#ifndef LIB_POSIX_SYSTEM_DATABASE_H
#define LIB_POSIX_SYSTEM_DATABASE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define DATABASE_LINE 1024		/* bytes of the longest line */

/* Splits `line` at its colons into exactly `count` fields; false: it has another number of them. */
bool __database_split(char *line, char **fields, int count);

/* A decimal number and nothing else. */
bool __database_number(const char *text, uint32_t *number);

/* Whether a text may be a field: nothing in it ends a field or a line. NULL may: it is an empty one. */
bool __database_field(const char *text);

/*
 * The next line without its end into a buffer of `size` bytes. 1: there is one, 0: end of file, -1: it does not fit; the file then stands
 * behind it.
 */
int __database_line(FILE *file, char *buffer, size_t size);

#endif
