/* Strings without case, first bit (POSIX.1-2017 <strings.h>), and the BSD names that came before <string.h>. */
#ifndef _STRINGS_H
#define _STRINGS_H

#include <bits/features.h>
#define __need_size_t
#include <stddef.h>

int strcasecmp(const char *left, const char *right);
int strncasecmp(const char *left, const char *right, size_t count);
#if _MACHR_POSIX >= 200809L
#include <bits/locale_t.h>

int strcasecmp_l(const char *left, const char *right, locale_t locale);
int strncasecmp_l(const char *left, const char *right, size_t count, locale_t locale);
#endif
#ifdef _MACHR_XSI
int ffs(int value);
#endif
#ifdef _MACHR_MISC
int ffsl(long value);
int ffsll(long long value);
#endif
#ifdef _MACHR_XSI_OLD
char *index(const char *string, int byte);
char *rindex(const char *string, int byte);
int bcmp(const void *left, const void *right, size_t count);
void bcopy(const void *from, void *to, size_t count);
void bzero(void *memory, size_t count);
#endif

#endif
