/* The process itself: its end, its relations, its groups. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "mach/mach.h"
#include "mach/startup.h"
#include "posix/posix.h"
#include "posix/signal/signals.h"
#include "proc.h"

mach_port_t
proc_port(void)
{
	return startup_info->proc;
}

pid_t
getpid(void)
{
	return signal_page->pid;
}

/* proc writes it anew when the parent ends. */
pid_t
getppid(void)
{
	return *(volatile int32_t *)&signal_page->parent;
}

pid_t
getpgrp(void)
{
	return signal_page->group;
}

void
_exit(int status)
{
	proc_exit(proc_port(), (status & 0xff) << 8);
	task_exit();
}

static int
information(pid_t pid, struct proc_info *info)
{
	if (pid < 0)
		return posix_error(EINVAL);
	if (pid == 0)
		pid = getpid();
	if (posix_result(proc_next(proc_port(), pid, info)) < 0)
		return -1;
	return info->pid == pid ? 0 : posix_error(ESRCH);
}

pid_t
getpgid(pid_t pid)
{
	struct proc_info info;

	return information(pid, &info) < 0 ? -1 : info.group;
}

pid_t
getsid(pid_t pid)
{
	struct proc_info info;

	return information(pid, &info) < 0 ? -1 : info.session;
}

int
setpgid(pid_t pid, pid_t group)
{
	if (group < 0)
		return posix_error(EINVAL);
	if (pid < 0)
		return posix_error(ESRCH);
	return posix_result(proc_set_group(proc_port(), pid, group));
}

int
setpgrp(void)
{
	setpgid(0, 0);
	return getpgrp();
}

pid_t
setsid(void)
{
	int32_t session;

	return posix_result(proc_set_session(proc_port(), &session)) < 0 ? -1 : session;
}
