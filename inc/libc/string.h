/*
 * Strings and memory (C11 7.24, POSIX.1-2017 <string.h>; strlcpy, strlcat as in POSIX.1-2024).
 */
#ifndef _STRING_H
#define _STRING_H

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t count);
void *memmove(void *to, const void *from, size_t count);
void *memset(void *to, int byte, size_t count);
int memcmp(const void *left, const void *right, size_t count);
void *memchr(const void *memory, int byte, size_t count);
size_t strlen(const char *string);
size_t strnlen(const char *string, size_t most);
int strcmp(const char *left, const char *right);
int strncmp(const char *left, const char *right, size_t count);
char *strchr(const char *string, int byte);
char *strrchr(const char *string, int byte);
size_t strspn(const char *string, const char *accept);
size_t strcspn(const char *string, const char *reject);
char *strerror(int error);
size_t strlcpy(char *restrict to, const char *restrict from, size_t size);
size_t strlcat(char *restrict to, const char *restrict from, size_t size);

#endif
