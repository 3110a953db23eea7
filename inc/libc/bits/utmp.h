/* What <utmpx.h> and <utmp.h> share: a record of who logged in. Sizes and numbers are Linux's. */
#ifndef _BITS_UTMP_H
#define _BITS_UTMP_H

#include <sys/types.h>
#include <bits/timeval.h>

#define EMPTY		0	/* ut_type */
#define RUN_LVL		1
#define BOOT_TIME	2
#define NEW_TIME	3
#define OLD_TIME	4
#define INIT_PROCESS	5
#define LOGIN_PROCESS	6
#define USER_PROCESS	7
#define DEAD_PROCESS	8

#define __UTMP_MEMBERS \
	short ut_type; \
	pid_t ut_pid; \
	char ut_line[32];	/* the terminal's name without /dev/; this and the next may have no 0 */ \
	char ut_id[4]; \
	char ut_user[32]; \
	char ut_host[256]; \
	struct timeval ut_tv;

#endif
