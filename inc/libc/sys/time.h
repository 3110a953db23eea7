/* Times in microseconds (POSIX.1-2017 <sys/time.h>). */
#ifndef _SYS_TIME_H
#define _SYS_TIME_H

#include <bits/features.h>
#include <bits/timeval.h>
#include <sys/types.h>
#include <sys/select.h>

#define ITIMER_REAL	0		/* time: SIGALRM */
#define ITIMER_VIRTUAL	1		/* the process's CPU time: SIGVTALRM */
#define ITIMER_PROF	2		/* with what the system used for it: SIGPROF */

struct itimerval {
	struct timeval it_interval, it_value;
};

#ifdef _MACHR_MISC
/* What gettimeofday had room for before there was TZ: all zero now. */
struct timezone {
	int tz_minuteswest, tz_dsttime;
};
#endif

int gettimeofday(struct timeval *__restrict now, void *__restrict zone);
int getitimer(int which, struct itimerval *now);
int setitimer(int which, const struct itimerval *__restrict new_value, struct itimerval *__restrict old);
int utimes(const char *path, const struct timeval times[2]);
#ifdef _MACHR_MISC
int futimes(int fd, const struct timeval times[2]);
int lutimes(const char *path, const struct timeval times[2]);
/* EPERM: nobody may set the clock. adjtime with no change tells how much of one is still to come: nothing. */
int settimeofday(const struct timeval *now, const struct timezone *zone);
int adjtime(const struct timeval *change, struct timeval *left);

#define TIMEVAL_TO_TIMESPEC(from, to)	((void)((to)->tv_sec = (from)->tv_sec, (to)->tv_nsec = (from)->tv_usec * 1000))
#define TIMESPEC_TO_TIMEVAL(to, from)	((void)((to)->tv_sec = (from)->tv_sec, (to)->tv_usec = (from)->tv_nsec / 1000))

#define timerisset(t)	((t)->tv_sec != 0 || (t)->tv_usec != 0)
#define timerclear(t)	((t)->tv_sec = (t)->tv_usec = 0)
#define timercmp(a, b, op)	((a)->tv_sec == (b)->tv_sec ? (a)->tv_usec op (b)->tv_usec : (a)->tv_sec op (b)->tv_sec)
#define timeradd(a, b, sum)                                                     \
	do {                                                                    \
		(sum)->tv_sec = (a)->tv_sec + (b)->tv_sec;                      \
		(sum)->tv_usec = (a)->tv_usec + (b)->tv_usec;                   \
		if ((sum)->tv_usec >= 1000000) {                                \
			(sum)->tv_sec++;                                        \
			(sum)->tv_usec -= 1000000;                              \
		}                                                               \
	} while (0)
#define timersub(a, b, difference)                                              \
	do {                                                                    \
		(difference)->tv_sec = (a)->tv_sec - (b)->tv_sec;               \
		(difference)->tv_usec = (a)->tv_usec - (b)->tv_usec;            \
		if ((difference)->tv_usec < 0) {                                \
			(difference)->tv_sec--;                                 \
			(difference)->tv_usec += 1000000;                       \
		}                                                               \
	} while (0)
#endif

#endif
