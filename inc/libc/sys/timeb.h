/* The time in milliseconds (4.2BSD; gone from POSIX.1-2008). */
#ifndef _SYS_TIMEB_H
#define _SYS_TIMEB_H

#include <sys/types.h>

struct timeb {
	time_t time;
	unsigned short millitm;
	short timezone, dstflag;	/* 0: the zone is TZ's */
};

int ftime(struct timeb *now);

#endif
