/* Signals (POSIX.1-2017 <signal.h>); numbers and codes are Linux's (x86 and ARM), layouts are this system's. */
#ifndef _SIGNAL_H
#define _SIGNAL_H

#include <bits/features.h>
#include <bits/pthreadtypes.h>
#include <sys/types.h>
#if _MACHR_POSIX
#include <bits/sigset.h>
#include <bits/timespec.h>
#endif

typedef int sig_atomic_t;

#define SIGHUP		1
#define SIGINT		2
#define SIGQUIT		3
#define SIGILL		4
#define SIGTRAP		5
#define SIGABRT		6
#define SIGBUS		7
#define SIGFPE		8
#define SIGKILL		9
#define SIGUSR1		10
#define SIGSEGV		11
#define SIGUSR2		12
#define SIGPIPE		13
#define SIGALRM		14
#define SIGTERM		15
#define SIGCHLD		17
#define SIGCONT		18
#define SIGSTOP		19
#define SIGTSTP		20
#define SIGTTIN		21
#define SIGTTOU		22
#define SIGURG		23
#define SIGXCPU		24
#define SIGXFSZ		25
#define SIGVTALRM	26
#define SIGPROF		27
#define SIGWINCH	28
#define SIGPOLL		29
#define SIGSYS		31
#define SIGRTMIN	34
#define SIGRTMAX	64
#define NSIG		65
#ifdef _MACHR_MISC
#define SIGSTKFLT	16		/* nobody sends this and the next; a program may use them among its own */
#define SIGPWR		30
#define SIGIOT		SIGABRT
#define SIGIO		SIGPOLL
#define SIGCLD		SIGCHLD
#define _NSIG		NSIG
#endif

#define SIG_ERR	((void (*)(int))-1)
#define SIG_DFL	((void (*)(int))0)
#define SIG_IGN	((void (*)(int))1)
#ifdef _MACHR_XSI
#define SIG_HOLD	((void (*)(int))2)	/* sigset: the signal is blocked, its action stays */
#endif

void (*signal(int signal, void (*handler)(int)))(int);
int raise(int signal);

#if _MACHR_POSIX
union sigval {
	int sival_int;
	void *sival_ptr;
};

typedef struct {
	int si_signo, si_code, si_errno;
	pid_t si_pid;			/* sender, or the child */
	uid_t si_uid;
	int si_status;			/* SIGCHLD: exit status or signal */
	void *si_addr;			/* of the fault */
	union sigval si_value;		/* sigqueue */
	long si_band;
	int si_timerid, si_overrun;
} siginfo_t;

#ifdef _MACHR_MISC
typedef union sigval sigval_t;
#define si_int		si_value.sival_int
#define si_ptr		si_value.sival_ptr
#endif

#define SI_USER		0
#define SI_KERNEL	0x80
#define SI_QUEUE	(-1)
#define SI_TIMER	(-2)
#define SI_MESGQ	(-3)
#define SI_ASYNCIO	(-4)
#define SI_TKILL	(-6)
#define ILL_ILLOPC	1
#define ILL_ILLOPN	2
#define ILL_ILLADR	3
#define ILL_ILLTRP	4
#define ILL_PRVOPC	5
#define ILL_PRVREG	6
#define ILL_COPROC	7
#define ILL_BADSTK	8
#define FPE_INTDIV	1
#define FPE_INTOVF	2
#define FPE_FLTDIV	3
#define FPE_FLTOVF	4
#define FPE_FLTUND	5
#define FPE_FLTRES	6
#define FPE_FLTINV	7
#define FPE_FLTSUB	8
#define SEGV_MAPERR	1
#define SEGV_ACCERR	2
#define BUS_ADRALN	1
#define BUS_ADRERR	2
#define BUS_OBJERR	3
#define TRAP_BRKPT	1
#define TRAP_TRACE	2
#define CLD_EXITED	1
#define CLD_KILLED	2
#define CLD_DUMPED	3
#define CLD_TRAPPED	4
#define CLD_STOPPED	5
#define CLD_CONTINUED	6
#define POLL_IN		1
#define POLL_OUT	2
#define POLL_MSG	3
#define POLL_ERR	4
#define POLL_PRI	5
#define POLL_HUP	6

struct sigaction {
	union {
		void (*sa_handler)(int);
		void (*sa_sigaction)(int, siginfo_t *, void *);
	};
	sigset_t sa_mask;
	int sa_flags;
};

#define SA_NOCLDSTOP	0x00000001
#define SA_NOCLDWAIT	0x00000002
#define SA_SIGINFO	0x00000004
#define SA_ONSTACK	0x08000000
#define SA_RESTART	0x10000000
#define SA_NODEFER	0x40000000
#define SA_RESETHAND	((int)0x80000000)
#ifdef _MACHR_MISC
#define SA_NOMASK	SA_NODEFER
#define SA_ONESHOT	SA_RESETHAND
#define SA_INTERRUPT	0
#endif

#define SIG_BLOCK	0
#define SIG_UNBLOCK	1
#define SIG_SETMASK	2

typedef struct {
	void *ss_sp;
	int ss_flags;
	size_t ss_size;
} stack_t;

#define SS_ONSTACK	1
#define SS_DISABLE	2
#define MINSIGSTKSZ	4096
#define SIGSTKSZ	16384

/* What was interrupted: a signal handler's third argument. It begins with struct thread_state of <mach/thread_status.h>. */
#if !defined(_MACHR_MISC)
typedef struct {
	uint64_t __registers[40];
} mcontext_t;
#elif defined(__aarch64__)
typedef struct {
	uint64_t regs[31], sp, pc, pstate, __registers[6];
} mcontext_t;
#else
typedef long long greg_t;
typedef greg_t gregset_t[40];
typedef struct {
	gregset_t gregs;
} mcontext_t;
#endif

#if defined(_GNU_SOURCE) && defined(__x86_64__)
/* Which of gregs: Linux's names, this system's order. */
#define REG_RAX	0
#define REG_RBX	1
#define REG_RCX	2
#define REG_RDX	3
#define REG_RSI	4
#define REG_RDI	5
#define REG_RBP	6
#define REG_R8	7
#define REG_R9	8
#define REG_R10	9
#define REG_R11	10
#define REG_R12	11
#define REG_R13	12
#define REG_R14	13
#define REG_R15	14
#define REG_RSP	15
#define REG_RIP	16
#define REG_EFL	17
#endif

typedef struct __ucontext {
	struct __ucontext *uc_link;
	sigset_t uc_sigmask;
	stack_t uc_stack;
	mcontext_t uc_mcontext;
	void *__handlers;		/* signal handlers that it is in */
	unsigned char __floats[528] __attribute__((__aligned__(16)));	/* struct thread_float_state */
} ucontext_t;

#define SIGEV_SIGNAL	0
#define SIGEV_NONE	1
#define SIGEV_THREAD	2

struct sigevent {
	int sigev_notify, sigev_signo;
	union sigval sigev_value;
	void (*sigev_notify_function)(union sigval);
	pthread_attr_t *sigev_notify_attributes;
};

int kill(pid_t pid, int signal);
int sigqueue(pid_t pid, int signal, const union sigval value);
int pthread_kill(pthread_t thread, int signal);

int sigaction(int signal, const struct sigaction *__restrict action, struct sigaction *__restrict old);
int sigprocmask(int how, const sigset_t *__restrict set, sigset_t *__restrict old);
int pthread_sigmask(int how, const sigset_t *__restrict set, sigset_t *__restrict old);
int sigpending(sigset_t *set);
int sigsuspend(const sigset_t *mask);
int sigwait(const sigset_t *__restrict set, int *__restrict signal);
int sigwaitinfo(const sigset_t *__restrict set, siginfo_t *__restrict info);
int sigtimedwait(const sigset_t *__restrict set, siginfo_t *__restrict info, const struct timespec *__restrict timeout);

int sigemptyset(sigset_t *set);
int sigfillset(sigset_t *set);
int sigaddset(sigset_t *set, int signal);
int sigdelset(sigset_t *set, int signal);
int sigismember(const sigset_t *set, int signal);

void psignal(int signal, const char *text);
void psiginfo(const siginfo_t *info, const char *text);
#endif

#ifdef _MACHR_XSI
int killpg(pid_t group, int signal);
int sigaltstack(const stack_t *__restrict stack, stack_t *__restrict old);
int siginterrupt(int signal, int interrupts);
int sighold(int signal);
int sigrelse(int signal);
int sigignore(int signal);
int sigpause(int signal);
void (*sigset(int signal, void (*handler)(int)))(int);
#endif

#ifdef _MACHR_XSI_OLD
void (*bsd_signal(int signal, void (*handler)(int)))(int);
#endif
#ifdef _MACHR_MISC
typedef void (*sig_t)(int);

/* 4.2BSD's sets: an int for the signals 1 to 32. Both return the mask as it was. */
#define sigmask(signal)	((int)(1u << ((signal) - 1)))
int sigblock(int mask);
int sigsetmask(int mask);
#endif
#ifdef _MACHR_GNU
typedef void (*sighandler_t)(int);

int sigisemptyset(const sigset_t *set);
int sigandset(sigset_t *set, const sigset_t *a, const sigset_t *b);
int sigorset(sigset_t *set, const sigset_t *a, const sigset_t *b);
#endif

#endif
