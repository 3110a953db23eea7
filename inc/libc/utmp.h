/* The older form of <utmpx.h>, the same records in the same file, and BSD's login_tty. */
#ifndef _UTMP_H
#define _UTMP_H

#include <bits/features.h>
#include <bits/utmp.h>
#include <paths.h>

#define UTMP_FILE	_PATH_UTMP
#define UTMP_FILENAME	_PATH_UTMP
#define WTMP_FILE	_PATH_WTMP
#define WTMP_FILENAME	_PATH_WTMP
#define UT_LINESIZE	32		/* bytes */
#define UT_NAMESIZE	32
#define UT_HOSTSIZE	256

struct utmp {
	__UTMP_MEMBERS
};

#define ut_name	ut_user
#define ut_time	ut_tv.tv_sec

void setutent(void);
void endutent(void);
struct utmp *getutent(void);
struct utmp *getutid(const struct utmp *wanted);
struct utmp *getutline(const struct utmp *wanted);
struct utmp *pututline(const struct utmp *entry);
int utmpname(const char *path);

/* A new session with this terminal as its controlling one and as descriptors 0 to 2; fd is closed. */
int login_tty(int fd);

#endif
