/* Wide characters (C11 7.29, POSIX.1-2017 <wchar.h>). wchar_t holds Unicode code points. Multibyte text is UTF-8 in the
 * locale C.UTF-8; in the C locale each byte is a character, those above 127 the wide characters 0xdc80 to 0xdcff. */
#ifndef _WCHAR_H
#define _WCHAR_H

#include <bits/features.h>
#include <bits/mbstate.h>
#define __need_size_t
#define __need_wchar_t
#define __need_wint_t
#define __need_NULL
#include <stddef.h>
#define __need___va_list
#include <stdarg.h>

#ifndef WEOF
#define WEOF		((wint_t)-1)
#endif
#ifndef WCHAR_MIN
#define WCHAR_MIN	__WCHAR_MIN__
#define WCHAR_MAX	__WCHAR_MAX__
#endif

typedef struct stream __FILE;
#if _MACHR_POSIX
typedef struct stream FILE;
#endif
struct tm;

wint_t btowc(int c);
int wctob(wint_t wide);
int mbsinit(const mbstate_t *state);
size_t mbrlen(const char *__restrict bytes, size_t size, mbstate_t *__restrict state);
size_t mbrtowc(wchar_t *__restrict wide, const char *__restrict bytes, size_t size, mbstate_t *__restrict state);
size_t wcrtomb(char *__restrict bytes, wchar_t wide, mbstate_t *__restrict state);
size_t mbsrtowcs(wchar_t *__restrict wide, const char **__restrict bytes, size_t count, mbstate_t *__restrict state);
size_t wcsrtombs(char *__restrict bytes, const wchar_t **__restrict wide, size_t size, mbstate_t *__restrict state);

wchar_t *wcscpy(wchar_t *__restrict to, const wchar_t *__restrict from);
wchar_t *wcsncpy(wchar_t *__restrict to, const wchar_t *__restrict from, size_t count);
wchar_t *wcscat(wchar_t *__restrict to, const wchar_t *__restrict from);
wchar_t *wcsncat(wchar_t *__restrict to, const wchar_t *__restrict from, size_t count);
int wcscmp(const wchar_t *left, const wchar_t *right);
int wcsncmp(const wchar_t *left, const wchar_t *right, size_t count);
int wcscoll(const wchar_t *left, const wchar_t *right);
size_t wcsxfrm(wchar_t *__restrict to, const wchar_t *__restrict from, size_t size);
wchar_t *wcschr(const wchar_t *string, wchar_t wide);
wchar_t *wcsrchr(const wchar_t *string, wchar_t wide);
size_t wcsspn(const wchar_t *string, const wchar_t *accept);
size_t wcscspn(const wchar_t *string, const wchar_t *reject);
wchar_t *wcspbrk(const wchar_t *string, const wchar_t *accept);
wchar_t *wcsstr(const wchar_t *string, const wchar_t *part);
wchar_t *wcstok(wchar_t *__restrict string, const wchar_t *__restrict separators, wchar_t **__restrict state);
size_t wcslen(const wchar_t *string);
wchar_t *wmemchr(const wchar_t *memory, wchar_t wide, size_t count);
int wmemcmp(const wchar_t *left, const wchar_t *right, size_t count);
wchar_t *wmemcpy(wchar_t *__restrict to, const wchar_t *__restrict from, size_t count);
#ifdef _MACHR_GNU
wchar_t *wcschrnul(const wchar_t *string, wchar_t wide);	/* wcschr, or where the string ends */
wint_t fgetwc_unlocked(__FILE *stream);
wint_t getwc_unlocked(__FILE *stream);
wint_t getwchar_unlocked(void);
wchar_t *fgetws_unlocked(wchar_t *__restrict text, int size, __FILE *__restrict stream);
wint_t fputwc_unlocked(wchar_t wide, __FILE *stream);
wint_t putwc_unlocked(wchar_t wide, __FILE *stream);
wint_t putwchar_unlocked(wchar_t wide);
int fputws_unlocked(const wchar_t *__restrict text, __FILE *__restrict stream);
wchar_t *wmempcpy(wchar_t *__restrict to, const wchar_t *__restrict from, size_t count);
#endif
wchar_t *wmemmove(wchar_t *to, const wchar_t *from, size_t count);
wchar_t *wmemset(wchar_t *to, wchar_t wide, size_t count);

double wcstod(const wchar_t *__restrict text, wchar_t **__restrict end);
float wcstof(const wchar_t *__restrict text, wchar_t **__restrict end);
long double wcstold(const wchar_t *__restrict text, wchar_t **__restrict end);
long wcstol(const wchar_t *__restrict text, wchar_t **__restrict end, int base);
long long wcstoll(const wchar_t *__restrict text, wchar_t **__restrict end, int base);
unsigned long wcstoul(const wchar_t *__restrict text, wchar_t **__restrict end, int base);
unsigned long long wcstoull(const wchar_t *__restrict text, wchar_t **__restrict end, int base);

int fwprintf(__FILE *__restrict stream, const wchar_t *__restrict format, ...);
int wprintf(const wchar_t *__restrict format, ...);
int swprintf(wchar_t *__restrict buffer, size_t size, const wchar_t *__restrict format, ...);
int vfwprintf(__FILE *__restrict stream, const wchar_t *__restrict format, __gnuc_va_list arguments);
int vwprintf(const wchar_t *__restrict format, __gnuc_va_list arguments);
int vswprintf(wchar_t *__restrict buffer, size_t size, const wchar_t *__restrict format, __gnuc_va_list arguments);
int fwscanf(__FILE *__restrict stream, const wchar_t *__restrict format, ...);
int wscanf(const wchar_t *__restrict format, ...);
int swscanf(const wchar_t *__restrict text, const wchar_t *__restrict format, ...);
int vfwscanf(__FILE *__restrict stream, const wchar_t *__restrict format, __gnuc_va_list arguments);
int vwscanf(const wchar_t *__restrict format, __gnuc_va_list arguments);
int vswscanf(const wchar_t *__restrict text, const wchar_t *__restrict format, __gnuc_va_list arguments);
size_t wcsftime(wchar_t *__restrict text, size_t size, const wchar_t *__restrict format, const struct tm *__restrict tm);

int fwide(__FILE *stream, int mode);
wint_t fgetwc(__FILE *stream);
wint_t getwc(__FILE *stream);
wint_t getwchar(void);
wint_t ungetwc(wint_t wide, __FILE *stream);
wchar_t *fgetws(wchar_t *__restrict text, int size, __FILE *__restrict stream);
wint_t fputwc(wchar_t wide, __FILE *stream);
wint_t putwc(wchar_t wide, __FILE *stream);
wint_t putwchar(wchar_t wide);
int fputws(const wchar_t *__restrict text, __FILE *__restrict stream);

#ifdef _MACHR_XSI
int wcwidth(wchar_t wide);
int wcswidth(const wchar_t *string, size_t count);
#endif
#if _MACHR_POSIX >= 200809L
/* *size: wide characters. */
FILE *open_wmemstream(wchar_t **text, size_t *size);
wchar_t *wcpcpy(wchar_t *__restrict to, const wchar_t *__restrict from);
wchar_t *wcpncpy(wchar_t *__restrict to, const wchar_t *__restrict from, size_t count);
wchar_t *wcsdup(const wchar_t *string);
size_t wcsnlen(const wchar_t *string, size_t most);
int wcscasecmp(const wchar_t *left, const wchar_t *right);
int wcsncasecmp(const wchar_t *left, const wchar_t *right, size_t count);
size_t mbsnrtowcs(wchar_t *__restrict wide, const char **__restrict bytes, size_t size, size_t count,
	mbstate_t *__restrict state);
size_t wcsnrtombs(char *__restrict bytes, const wchar_t **__restrict wide, size_t count, size_t size,
	mbstate_t *__restrict state);
#endif

#if _MACHR_POSIX >= 200809L
#include <bits/locale_t.h>

int wcscoll_l(const wchar_t *left, const wchar_t *right, locale_t locale);
size_t wcsxfrm_l(wchar_t *__restrict to, const wchar_t *__restrict from, size_t size, locale_t locale);
int wcscasecmp_l(const wchar_t *left, const wchar_t *right, locale_t locale);
int wcsncasecmp_l(const wchar_t *left, const wchar_t *right, size_t count, locale_t locale);
#endif

#endif
