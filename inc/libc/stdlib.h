/* General utilities (C11 7.22, POSIX.1-2017 <stdlib.h>). */
#ifndef _STDLIB_H
#define _STDLIB_H

#include <bits/features.h>
#define __need_size_t
#define __need_wchar_t
#define __need_NULL
#include <stddef.h>

#define EXIT_SUCCESS	0
#define EXIT_FAILURE	1
#define RAND_MAX	0x7fffffff
#define MB_CUR_MAX	(__mb_cur_max())	/* 1, or 4 in a locale of UTF-8 */

typedef struct {
	int quot, rem;
} div_t;

typedef struct {
	long quot, rem;
} ldiv_t;

typedef struct {
	long long quot, rem;
} lldiv_t;

void *malloc(size_t size);
void *calloc(size_t count, size_t size);
void *realloc(void *block, size_t size);
void *aligned_alloc(size_t alignment, size_t size);
void free(void *block);

_Noreturn void abort(void);
_Noreturn void exit(int status);
_Noreturn void _Exit(int status);
_Noreturn void quick_exit(int status);
int atexit(void (*function)(void));
int at_quick_exit(void (*function)(void));
char *getenv(const char *name);
int system(const char *command);

int atoi(const char *text);
long atol(const char *text);
long long atoll(const char *text);
double atof(const char *text);
long strtol(const char *__restrict text, char **__restrict end, int base);
long long strtoll(const char *__restrict text, char **__restrict end, int base);
unsigned long strtoul(const char *__restrict text, char **__restrict end, int base);
unsigned long long strtoull(const char *__restrict text, char **__restrict end, int base);
double strtod(const char *__restrict text, char **__restrict end);
float strtof(const char *__restrict text, char **__restrict end);
long double strtold(const char *__restrict text, char **__restrict end);

int abs(int value);
long labs(long value);
long long llabs(long long value);
div_t div(int numerator, int denominator);
ldiv_t ldiv(long numerator, long denominator);
lldiv_t lldiv(long long numerator, long long denominator);
int rand(void);
void srand(unsigned seed);

void *bsearch(const void *key, const void *base, size_t count, size_t size,
	int (*compare)(const void *, const void *));
void qsort(void *base, size_t count, size_t size, int (*compare)(const void *, const void *));

size_t __mb_cur_max(void);
int mblen(const char *bytes, size_t size);
int mbtowc(wchar_t *__restrict wide, const char *__restrict bytes, size_t size);
int wctomb(char *bytes, wchar_t wide);
size_t mbstowcs(wchar_t *__restrict wide, const char *__restrict bytes, size_t count);
size_t wcstombs(char *__restrict bytes, const wchar_t *__restrict wide, size_t size);

#if _MACHR_POSIX
#include <bits/wait_status.h>

int rand_r(unsigned *seed);
#endif
#if _MACHR_POSIX >= 200112L
int posix_memalign(void **block, size_t alignment, size_t size);
int setenv(const char *name, const char *value, int overwrite);
int unsetenv(const char *name);
#endif
#if _MACHR_POSIX >= 200809L || defined(_MACHR_XSI)	/* in older editions X/Open's */
int mkstemp(char *template);
int getsubopt(char **options, char *const *keys, char **value);
#endif
#if _MACHR_POSIX >= 200809L
char *mkdtemp(char *template);
#endif
#ifdef _MACHR_XSI
int posix_openpt(int flags);
int grantpt(int fd);
int unlockpt(int fd);
char *ptsname(int fd);
int putenv(char *string);
long random(void);
void srandom(unsigned seed);
char *initstate(unsigned seed, char *state, size_t size);
char *setstate(char *state);
double drand48(void);
double erand48(unsigned short state[3]);
long lrand48(void);
long nrand48(unsigned short state[3]);
long mrand48(void);
long jrand48(unsigned short state[3]);
void srand48(long seed);
unsigned short *seed48(unsigned short state[3]);
void lcong48(unsigned short parameters[7]);
char *realpath(const char *__restrict path, char *__restrict result);
long a64l(const char *text);
char *l64a(long value);
#endif
#ifdef _MACHR_XSI_OLD
char *mktemp(char *template);		/* another may take the name before it is used: mkstemp */
char *ecvt(double value, int count, int *__restrict point, int *__restrict negative);
char *fcvt(double value, int count, int *__restrict point, int *__restrict negative);
char *gcvt(double value, int count, char *text);
void *valloc(size_t size);
#endif
#ifdef _MACHR_MISC
#include <alloca.h>			/* programs expect these here */
#include <sys/types.h>

/* As atexit; the function is told the status and what it was registered with. */
int on_exit(void (*function)(int status, void *argument), void *argument);
long long strtoq(const char *__restrict text, char **__restrict end, int base);
unsigned long long strtouq(const char *__restrict text, char **__restrict end, int base);

int clearenv(void);
__UINT32_TYPE__ arc4random(void);
void arc4random_buf(void *buffer, size_t size);
__UINT32_TYPE__ arc4random_uniform(__UINT32_TYPE__ limit);	/* below `limit`; 0 for 0 */
void *reallocarray(void *block, size_t count, size_t size);
/* random() with the state in memory of the caller, zeroes before initstate_r. 0, or -1 and EINVAL. */
struct random_data {
	__INT32_TYPE__ *__array;
	unsigned __kind, __front, __rear;
};

int random_r(struct random_data *__restrict data, __INT32_TYPE__ *__restrict result);
int srandom_r(unsigned seed, struct random_data *data);
int initstate_r(unsigned seed, char *__restrict state, size_t size, struct random_data *__restrict data);
int setstate_r(char *__restrict state, struct random_data *__restrict data);

/* drand48 and its relations with the state in memory of the caller, set up by srand48_r, seed48_r or lcong48_r, or zero. 0. */
struct drand48_data {
	unsigned short __state[3], __before[3], __ready;
	__UINT64_TYPE__ __factor, __addend;
};

int drand48_r(struct drand48_data *__restrict data, double *__restrict result);
int erand48_r(unsigned short state[3], struct drand48_data *__restrict data, double *__restrict result);
int lrand48_r(struct drand48_data *__restrict data, long *__restrict result);
int nrand48_r(unsigned short state[3], struct drand48_data *__restrict data, long *__restrict result);
int mrand48_r(struct drand48_data *__restrict data, long *__restrict result);
int jrand48_r(unsigned short state[3], struct drand48_data *__restrict data, long *__restrict result);
int srand48_r(long seed, struct drand48_data *data);
int seed48_r(unsigned short state[3], struct drand48_data *data);
int lcong48_r(unsigned short parameters[7], struct drand48_data *data);
int mkstemps(char *template, int suffix);
int getloadavg(double *averages, int count);
int ecvt_r(double value, int count, int *__restrict point, int *__restrict negative, char *__restrict text, size_t size);
int fcvt_r(double value, int count, int *__restrict point, int *__restrict negative, char *__restrict text, size_t size);
void qsort_r(void *base, size_t count, size_t size,
	int (*compare)(const void *, const void *, void *), void *context);
#endif
#ifdef _MACHR_GNU
#include <bits/locale_t.h>

char *canonicalize_file_name(const char *path);
int ptsname_r(int fd, char *name, size_t size);
int mkostemp(char *template, int flags);
int mkostemps(char *template, int suffix, int flags);
char *secure_getenv(const char *name);
long strtol_l(const char *__restrict text, char **__restrict end, int base, locale_t locale);
long long strtoll_l(const char *__restrict text, char **__restrict end, int base, locale_t locale);
unsigned long strtoul_l(const char *__restrict text, char **__restrict end, int base, locale_t locale);
unsigned long long strtoull_l(const char *__restrict text, char **__restrict end, int base, locale_t locale);
double strtod_l(const char *__restrict text, char **__restrict end, locale_t locale);
float strtof_l(const char *__restrict text, char **__restrict end, locale_t locale);
long double strtold_l(const char *__restrict text, char **__restrict end, locale_t locale);
#endif

/* The names of large files; all files are. */
#ifdef _MACHR_LARGE
#define mkstemp64	mkstemp
#define mkstemps64	mkstemps
#define mkostemp64	mkostemp
#define mkostemps64	mkostemps
#endif

#endif
