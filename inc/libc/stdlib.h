/* General utilities (C11 7.22). */
#ifndef _STDLIB_H
#define _STDLIB_H

#include <stddef.h>

#define EXIT_SUCCESS	0
#define EXIT_FAILURE	1

void *malloc(size_t size);
void *calloc(size_t count, size_t size);
void *realloc(void *block, size_t size);
void free(void *block);
_Noreturn void exit(int status);
int atexit(void (*function)(void));
char *getenv(const char *name);
int atoi(const char *text);
long strtol(const char *restrict text, char **restrict end, int base);
unsigned long strtoul(const char *restrict text, char **restrict end, int base);
void qsort(void *base, size_t count, size_t size, int (*compare)(const void *, const void *));

#endif
