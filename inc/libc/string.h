/*
 * Strings and memory (C11 7.24, POSIX.1-2017 <string.h>). strlcpy and strlcat are those of POSIX.1-2024.
 */
#ifndef _STRING_H
#define _STRING_H

#include <bits/features.h>
#define __need_size_t
#define __need_NULL
#include <stddef.h>

#ifdef _MACHR_MISC
#include <strings.h>
#endif

void *memcpy(void *__restrict to, const void *__restrict from, size_t count);
void *memmove(void *to, const void *from, size_t count);
void *memset(void *to, int byte, size_t count);
int memcmp(const void *left, const void *right, size_t count);
void *memchr(const void *memory, int byte, size_t count);
size_t strlen(const char *string);
char *strcpy(char *__restrict to, const char *__restrict from);
char *strncpy(char *__restrict to, const char *__restrict from, size_t count);
char *strcat(char *__restrict to, const char *__restrict from);
char *strncat(char *__restrict to, const char *__restrict from, size_t count);
int strcmp(const char *left, const char *right);
int strncmp(const char *left, const char *right, size_t count);
int strcoll(const char *left, const char *right);
size_t strxfrm(char *__restrict to, const char *__restrict from, size_t size);
char *strchr(const char *string, int byte);
char *strrchr(const char *string, int byte);
size_t strspn(const char *string, const char *accept);
size_t strcspn(const char *string, const char *reject);
char *strpbrk(const char *string, const char *accept);
char *strstr(const char *string, const char *part);
char *strtok(char *__restrict string, const char *__restrict separators);
char *strerror(int error);

#if _MACHR_POSIX
char *strtok_r(char *__restrict string, const char *__restrict separators, char **__restrict state);
#endif
#if _MACHR_POSIX >= 200112L
int strerror_r(int error, char *buffer, size_t size);
#endif
#if _MACHR_POSIX >= 200112L || defined(_MACHR_XSI)
char *strdup(const char *string);
#endif
#if _MACHR_POSIX >= 200809L
char *stpcpy(char *__restrict to, const char *__restrict from);
char *stpncpy(char *__restrict to, const char *__restrict from, size_t count);
char *strndup(const char *string, size_t most);
size_t strnlen(const char *string, size_t most);
char *strsignal(int signal);
#endif
#ifdef _MACHR_XSI
void *memccpy(void *__restrict to, const void *__restrict from, int stop, size_t count);
#endif
#if defined(_MACHR_MISC) || _MACHR_POSIX >= 202405L
size_t strlcpy(char *__restrict to, const char *__restrict from, size_t size);
size_t strlcat(char *__restrict to, const char *__restrict from, size_t size);
#endif
#ifdef _MACHR_MISC
char *strsep(char **string, const char *separators);
void explicit_bzero(void *memory, size_t count);
#endif
#ifdef _MACHR_GNU
#ifndef basename			/* <libgen.h> has another */
/* What is behind the last slash, which may be nothing; the path stays as it is. */
char *basename(const char *path);
#endif
/* memchr for a byte that is surely there. */
void *rawmemchr(const void *memory, int byte);
void *mempcpy(void *__restrict to, const void *__restrict from, size_t count);
void *memrchr(const void *memory, int byte, size_t count);
void *memmem(const void *memory, size_t size, const void *part, size_t part_size);
char *strchrnul(const char *string, int byte);
int strverscmp(const char *a, const char *b);
/* Constant texts; NULL for a number that is none. */
const char *sigabbrev_np(int signal);		/* "HUP" */
const char *sigdescr_np(int signal);
const char *strerrorname_np(int error);		/* "EPERM" */
const char *strerrordesc_np(int error);
char *strcasestr(const char *string, const char *part);

/* strdup on the stack. */
#define strdupa(string)		(__extension__ ({ const char *from_ = (string); strcpy(__builtin_alloca(strlen(from_) + 1), from_); }))
#define strndupa(string, count)	(__extension__ ({ const char *from_ = (string); size_t length_ = strnlen(from_, (count)); \
	char *to_ = __builtin_alloca(length_ + 1); to_[length_] = 0; (char *)memcpy(to_, from_, length_); }))
#endif

#if _MACHR_POSIX >= 200809L
#include <bits/locale_t.h>

int strcoll_l(const char *left, const char *right, locale_t locale);
size_t strxfrm_l(char *__restrict to, const char *__restrict from, size_t size, locale_t locale);
char *strerror_l(int error, locale_t locale);
#endif

#endif
