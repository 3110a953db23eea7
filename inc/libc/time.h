/* Date and time (C11 7.27, POSIX.1-2017 <time.h>). */
#ifndef _TIME_H
#define _TIME_H

#include <bits/features.h>
#define __need_size_t
#define __need_NULL
#include <stddef.h>
#include <sys/types.h>
#include <bits/timespec.h>

#define CLOCKS_PER_SEC	1000000l
#define TIME_UTC	1

struct tm {
	int tm_sec, tm_min, tm_hour;	/* 0 .. 60, 59, 23 */
	int tm_mday, tm_mon, tm_year;	/* 1 .. 31, 0 .. 11, years since 1900 */
	int tm_wday, tm_yday;		/* 0 is Sunday; days since 1 January */
	int tm_isdst;			/* > 0: summer time, < 0: not known */
#ifdef _MACHR_MISC
	long tm_gmtoff;			/* seconds east of Greenwich */
	const char *tm_zone;
#else
	long __tm_gmtoff;
	const char *__tm_zone;
#endif
};

clock_t clock(void);
double difftime(time_t end, time_t start);
time_t mktime(struct tm *tm);
time_t time(time_t *result);
int timespec_get(struct timespec *now, int base);
char *asctime(const struct tm *tm);
char *ctime(const time_t *when);
struct tm *gmtime(const time_t *when);
struct tm *localtime(const time_t *when);
size_t strftime(char *__restrict text, size_t size, const char *__restrict format, const struct tm *__restrict tm);

#if _MACHR_POSIX
#define CLOCK_REALTIME	1
#define CLOCK_MONOTONIC	0
#define CLOCK_PROCESS_CPUTIME_ID	2
#define CLOCK_THREAD_CPUTIME_ID		3
#define TIMER_ABSTIME	1
#ifdef _MACHR_MISC
/* CLOCK_MONOTONIC and CLOCK_REALTIME once more: nobody adjusts them, the machine does not sleep, and the exact time costs no more. */
#define CLOCK_MONOTONIC_RAW	4
#define CLOCK_REALTIME_COARSE	5
#define CLOCK_MONOTONIC_COARSE	6
#define CLOCK_BOOTTIME		7
#define CLK_TCK			100	/* sysconf(_SC_CLK_TCK) */
#endif

struct itimerspec {
	struct timespec it_interval, it_value;
};

struct sigevent;

#if _MACHR_POSIX >= 200809L
#include <bits/locale_t.h>

size_t strftime_l(char *__restrict text, size_t size, const char *__restrict format, const struct tm *__restrict tm, locale_t locale);
#endif

extern char *tzname[2];
void tzset(void);
char *asctime_r(const struct tm *__restrict tm, char *__restrict text);
char *ctime_r(const time_t *when, char *text);
struct tm *gmtime_r(const time_t *__restrict when, struct tm *__restrict tm);
struct tm *localtime_r(const time_t *__restrict when, struct tm *__restrict tm);
int clock_gettime(clockid_t clock, struct timespec *now);
int clock_getres(clockid_t clock, struct timespec *resolution);
int clock_getcpuclockid(pid_t pid, clockid_t *clock);
int clock_settime(clockid_t clock, const struct timespec *now);
int nanosleep(const struct timespec *time, struct timespec *remaining);
int timer_create(clockid_t clock, struct sigevent *__restrict event, timer_t *__restrict timer);
int timer_delete(timer_t timer);
int timer_settime(timer_t timer, int flags, const struct itimerspec *__restrict new_value, struct itimerspec *__restrict old);
int timer_gettime(timer_t timer, struct itimerspec *now);
int timer_getoverrun(timer_t timer);
int clock_nanosleep(clockid_t clock, int flags, const struct timespec *time, struct timespec *remaining);
#endif
#ifdef _MACHR_XSI
extern int daylight;
extern long timezone;			/* seconds west of Greenwich */
char *strptime(const char *__restrict text, const char *__restrict format, struct tm *__restrict tm);
#endif
#ifdef _MACHR_MISC
time_t timegm(struct tm *tm);
time_t timelocal(struct tm *tm);	/* mktime */
#endif

#endif
