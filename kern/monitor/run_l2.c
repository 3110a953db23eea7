/*
 * `run`: a program of the boot archive as a task of its own, until it is gone. `terminate`: the end
 * of a task, as if it had failed.
 */
#include "init/panic.h"
#include "init/program.h"
#include "monitor/command.h"
#include "monitor/walk_l2.h"
#include "task/task.h"

static int
run(int argc, char **argv)
{
	int status = 0;

	if (panic_active)
		return complain("nothing runs after a panic");
	switch (program_run(argc - 1, argv + 1, &status)) {
	case KERN_SUCCESS:
		return status & 0xff;
	case KERN_INVALID_NAME:
		complain("%.60s: not in the boot archive", argv[1]);
		return STATUS_UNKNOWN;
	case KERN_INVALID_ARGUMENT:
		complain("%.60s: not a program for this machine, or too many arguments", argv[1]);
		return 126;
	case KERN_RESOURCE_SHORTAGE:
		return complain("%.60s: not enough memory", argv[1]);
	default:
		return complain("%.60s: the wait for its end was broken off", argv[1]);
	}
}

static int
terminate(int argc, char **argv)
{
	struct task *task;
	int status = 0;

	(void)argc;
	if (panic_active)
		return complain("nothing runs after a panic");
	task = walk_task_find(argv[1]);
	if (task == NULL)
		return STATUS_FAILED;
	if (task == kernel_task)
		status = complain("the kernel's own task stays");
	else
		task_terminate_async(task);
	walk_task_done(task);
	return status;
}

const struct command commands_run[] = {
	{ "run", "PROGRAM [WORD...]", "a program of the boot archive", 1, ARGUMENTS_MAX - 1, run },
	{ "terminate", "TASK", "ends a task, on purpose: a driver, say", 1, 1, terminate },
	{ NULL, NULL, NULL, 0, 0, NULL },
};
