/*
 * The plain string functions that this folder uses, wherever it is linked: the kernel, a server,
 * the host.
 */
#ifndef LINE_TEXT_H
#define LINE_TEXT_H

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t count);
void *memmove(void *to, const void *from, size_t count);
int memcmp(const void *left, const void *right, size_t count);
size_t strlen(const char *string);
int strcmp(const char *left, const char *right);

#endif
