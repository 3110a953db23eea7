/* Waiting for children (POSIX.1-2017 <sys/wait.h>). */
#ifndef _SYS_WAIT_H
#define _SYS_WAIT_H

#include <bits/features.h>
#include <bits/wait_status.h>
#include <signal.h>
#include <sys/types.h>

#define WSTOPPED	0x2
#define WEXITED		0x4
#define WCONTINUED	0x8
#define WNOWAIT		0x1000000

#ifdef _MACHR_MISC
#define WCOREFLAG	0x80
#define WCOREDUMP(s)	((s) & WCOREFLAG)
#define W_EXITCODE(status, signal)	((status) << 8 | (signal))
#define W_STOPCODE(signal)	((signal) << 8 | 0x7f)
#define WAIT_ANY	(-1)
#define WAIT_MYPGRP	0
#endif

pid_t wait(int *status);
pid_t waitpid(pid_t pid, int *status, int options);
#if _MACHR_POSIX
typedef enum { P_ALL, P_PID, P_PGID } idtype_t;

int waitid(idtype_t type, id_t id, siginfo_t *info, int options);
#endif

#ifdef _MACHR_MISC
struct rusage;

pid_t wait3(int *status, int options, struct rusage *usage);
pid_t wait4(pid_t pid, int *status, int options, struct rusage *usage);
#endif

#endif
