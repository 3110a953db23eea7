/* Limits and use of resources (POSIX.1-2017 <sys/resource.h>); numbers are Linux's. */
#ifndef _SYS_RESOURCE_H
#define _SYS_RESOURCE_H

#include <bits/features.h>
#include <bits/timeval.h>
#include <sys/types.h>

typedef uint64_t rlim_t;

#define RLIM_INFINITY	((rlim_t)-1)
#define RLIM_SAVED_CUR	RLIM_INFINITY
#define RLIM_SAVED_MAX	RLIM_INFINITY

#define RLIMIT_CPU	0
#define RLIMIT_FSIZE	1
#define RLIMIT_DATA	2
#define RLIMIT_STACK	3
#define RLIMIT_CORE	4
#define RLIMIT_NOFILE	7
#define RLIMIT_AS	9
#ifdef _MACHR_MISC
#define RLIMIT_RSS	5		/* kept, and limits nothing, as the next but one */
#define RLIMIT_NPROC	6
#define RLIMIT_MEMLOCK	8
#define RLIM_NLIMITS	16
#endif

struct rlimit {
	rlim_t rlim_cur, rlim_max;
};

#define RUSAGE_SELF	0
#define RUSAGE_CHILDREN	(-1)
#ifdef _MACHR_GNU
#define RUSAGE_THREAD	1		/* the calling thread: its times and switches */
#endif

struct rusage {
	struct timeval ru_utime, ru_stime;
	long ru_maxrss;			/* kilobytes */
	long ru_ixrss, ru_idrss, ru_isrss;	/* not counted */
	long ru_minflt, ru_majflt, ru_nswap, ru_inblock, ru_oublock, ru_msgsnd, ru_msgrcv, ru_nsignals, ru_nvcsw, ru_nivcsw;
};

#define PRIO_PROCESS	0
#define PRIO_PGRP	1
#define PRIO_USER	2
#ifdef _MACHR_MISC
#define PRIO_MIN	(-20)
#define PRIO_MAX	20
#endif

int getrlimit(int resource, struct rlimit *limit);
int setrlimit(int resource, const struct rlimit *limit);
int getrusage(int who, struct rusage *usage);
#ifdef _MACHR_GNU
/* Both in one, of the calling process (0 or its pid). EPERM: another's; ESRCH: nobody's. */
int prlimit(pid_t pid, int resource, const struct rlimit *limit, struct rlimit *old);
#endif
#ifdef _MACHR_XSI
int getpriority(int which, id_t who);
int setpriority(int which, id_t who, int value);
#endif

/* The names of large files; all files are. */
#ifdef _MACHR_LARGE
#define RLIM64_INFINITY	RLIM_INFINITY
#define rlim64_t	rlim_t
#define rlimit64	rlimit
#define getrlimit64	getrlimit
#define setrlimit64	setrlimit
#define prlimit64	prlimit
#endif

#endif
