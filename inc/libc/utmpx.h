/*
 * Records of who logged in (POSIX.1-2017 <utmpx.h>), in a file of them, /etc/utmp as long as nobody names another. The system itself writes
 * none: where there is no file there are no records. The functions share one place and are not for several threads.
 */
#ifndef _UTMPX_H
#define _UTMPX_H

#include <bits/features.h>
#include <bits/utmp.h>

struct utmpx {
	__UTMP_MEMBERS
};

void setutxent(void);						/* back to the first */
void endutxent(void);
struct utmpx *getutxent(void);					/* the next; NULL: the end, or an error */
struct utmpx *getutxid(const struct utmpx *wanted);		/* the next of that type, and for processes that ut_id */
struct utmpx *getutxline(const struct utmpx *wanted);		/* the next LOGIN_ or USER_PROCESS with that ut_line */
struct utmpx *pututxline(const struct utmpx *entry);		/* in place of the one that getutxid finds, or at the end */
#ifdef _MACHR_MISC
int utmpxname(const char *path);				/* 0; -1 with errno */
#endif

#endif
