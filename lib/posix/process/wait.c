/* Waiting for children. */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "posix/posix.h"
#include "posix/signal/signals.h"
#include "process.h"
#include "proc.h"
#include "usage.h"

_Static_assert(WNOHANG == PROC_WNOHANG && WSTOPPED == PROC_WSTOPPED && WEXITED == PROC_WEXITED && WCONTINUED == PROC_WCONTINUED &&
	WNOWAIT == PROC_WNOWAIT, "passed on as they are");

static void
cancel(mach_port_t port)
{
	proc_wait_interrupt(port, signal_slot_number());
}

/* A handler with SA_RESTART leaves the wait as it is. */
static int
wait_for(pid_t pid, int options, struct proc_waited *found)
{
	uint32_t seen = *signal_interrupts();
	kern_return_t kr;

	if ((options & WNOHANG) != 0)
		return posix_result(proc_wait(proc_port(), pid, (uint32_t)options, signal_slot_number(), found));
	do {
		interrupt_begin(cancel);
		kr = proc_wait(proc_port(), pid, (uint32_t)options, signal_slot_number(), found);
		interrupt_end();
	} while (kr == EINTR && *signal_interrupts() == seen);
	return posix_result(kr);
}

pid_t
wait4(pid_t pid, int *status, int options, struct rusage *usage)
{
	struct proc_waited found;

	if ((options & ~(WNOHANG | WUNTRACED | WCONTINUED)) != 0)
		return posix_error(EINVAL);
	if (pid == INT32_MIN)
		return posix_error(ESRCH);
	if (wait_for(pid, options | WEXITED, &found) < 0)
		return -1;
	if (found.pid != 0 && status != NULL)
		*status = found.status;
	if (found.pid != 0 && usage != NULL)
		usage_fill(usage, &found.usage);
	return found.pid;
}

pid_t
wait3(int *status, int options, struct rusage *usage)
{
	return wait4(-1, status, options, usage);
}

pid_t
waitpid(pid_t pid, int *status, int options)
{
	return wait4(pid, status, options, NULL);
}

pid_t
wait(int *status)
{
	return wait4(-1, status, 0, NULL);
}

static void
describe(siginfo_t *info, const struct proc_waited *found)
{
	int status = found->status;

	memset(info, 0, sizeof(*info));
	if (found->pid == 0)
		return;
	info->si_signo = SIGCHLD;
	info->si_pid = found->pid;
	info->si_uid = found->uid;
	if (WIFCONTINUED(status)) {
		info->si_code = CLD_CONTINUED;
		info->si_status = SIGCONT;
	} else if (WIFSTOPPED(status)) {
		info->si_code = CLD_STOPPED;
		info->si_status = WSTOPSIG(status);
	} else {
		info->si_code = WIFEXITED(status) ? CLD_EXITED : CLD_KILLED;
		info->si_status = WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status);
	}
}

int
waitid(idtype_t type, id_t id, siginfo_t *info, int options)
{
	struct proc_waited found;
	pid_t pid;

	if ((options & ~(WNOHANG | WSTOPPED | WEXITED | WCONTINUED | WNOWAIT)) != 0 ||
	    (options & (WSTOPPED | WEXITED | WCONTINUED)) == 0)
		return posix_error(EINVAL);
	switch (type) {
	case P_ALL: pid = -1; break;
	case P_PID: pid = (pid_t)id; break;
	case P_PGID: pid = id == 0 ? 0 : -(pid_t)id; break;
	default: return posix_error(EINVAL);
	}
	if ((type == P_PID && pid <= 0) || (type == P_PGID && pid > 0))
		return posix_error(EINVAL);
	if (type == P_PGID && pid == -1)
		return posix_error(ECHILD);	/* init's group: to wait4 it would mean any child */
	if (wait_for(pid, options, &found) < 0)
		return -1;
	if (info != NULL)
		describe(info, &found);
	return 0;
}
