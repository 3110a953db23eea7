/*
 * Waiting for children (POSIX.1-2017 <sys/wait.h>). A status is the exit status in bits 8-15, or the signal in bits 0-6; 0x7f there: stopped
 * by the signal in bits 8-15; 0xffff: continued.
 */
#ifndef _SYS_WAIT_H
#define _SYS_WAIT_H

#include <bits/features.h>
#include <signal.h>
#include <sys/types.h>

#define WNOHANG		0x1
#define WUNTRACED	0x2
#define WSTOPPED	0x2
#define WEXITED		0x4
#define WCONTINUED	0x8
#define WNOWAIT		0x1000000

#define WEXITSTATUS(s)	(((s) >> 8) & 0xff)
#define WTERMSIG(s)	((s) & 0x7f)
#define WSTOPSIG(s)	WEXITSTATUS(s)
#define WIFEXITED(s)	(WTERMSIG(s) == 0)
#define WIFCONTINUED(s)	((s) == 0xffff)
#define WIFSTOPPED(s)	(((s) & 0xff) == 0x7f)
#define WIFSIGNALED(s)	(WTERMSIG(s) != 0 && WTERMSIG(s) != 0x7f)
#ifdef _MACHR_MISC
#define WCOREDUMP(s)	((s) & 0x80)
#endif

typedef enum { P_ALL, P_PID, P_PGID } idtype_t;

pid_t wait(int *status);
pid_t waitpid(pid_t pid, int *status, int options);
int waitid(idtype_t type, id_t id, siginfo_t *info, int options);

#ifdef _MACHR_MISC
struct rusage;

pid_t wait3(int *status, int options, struct rusage *usage);
pid_t wait4(pid_t pid, int *status, int options, struct rusage *usage);
#endif

#endif
