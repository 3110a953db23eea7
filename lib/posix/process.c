/*
 * The process itself and its children.
 */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mach/mach.h"
#include "mach/mig.h"
#include "mach/startup.h"
#include "posix.h"
#include "proc.h"

pid_t
getpid(void)
{
	return startup_info->pid;
}

pid_t
getppid(void)
{
	int32_t pid, parent;

	return proc_self(startup_info->proc, &pid, &parent) == KERN_SUCCESS ? parent : 0;
}

void
_exit(int status)
{
	proc_exit(startup_info->proc, (status & 0xff) << 8);
	task_exit();
}

int
kill(pid_t pid, int signal)
{
	return posix_result(proc_kill(startup_info->proc, pid, signal));
}

pid_t
waitpid(pid_t pid, int *status, int options)
{
	int32_t child, result;

	if (posix_result(proc_wait(startup_info->proc, pid, options, &child, &result)) < 0)
		return -1;
	if (status != NULL && child != 0)
		*status = result;
	return child;
}

pid_t
wait(int *status)
{
	return waitpid(-1, status, 0);
}

unsigned
sleep(unsigned seconds)
{
	clock_sleep(seconds * 1000u);
	return 0;
}
