/*
 * Starting a unit: a task from a program of the boot archive, with a bootstrap port that names
 * the unit and a token of its own.
 *
 * A unit with a terminal is a process: proc adopts it before its first instruction.
 */
#include "init.h"
#include "mach/elf_load.h"
#include "mach/print.h"
#include "mach/startup.h"
#include "mach/tar.h"
#include "proc.h"
#include <string.h>

#define PROCESS_UMASK	022u		/* of what init starts: only the owner may write */
#define ADOPT_TIMEOUT	5000		/* ms */
#define RIGHTS		8
#define ARCHIVE_PLACE	0x1000000000ull	/* above any program */

struct launch {
	struct unit *unit;
	struct startup_page page;
	struct elf_right rights[RIGHTS];
	uint32_t right_count;
	mach_port_t self;		/* of a process: its proc port */
};

static struct launch launch;
static uint32_t last_label = 1;		/* init's own; proc's labels begin far above */

static void
add_right(mach_port_t port, mach_port_t *name)
{
	launch.rights[launch.right_count++] =
		(struct elf_right){port, MACH_MSG_TYPE_COPY_SEND, name};
}

static kern_return_t
add_process(task_t task)
{
	const struct unit_spec *spec = &launch.unit->spec;
	mach_port_t terminal = names_port(spec->terminal), root = names_port(spec->root);
	int32_t pid = 0;
	kern_return_t kr;

	mig_set_timeout(ADOPT_TIMEOUT);
	kr = proc_adopt(names_port("proc"), task, spec->name, &launch.self, &pid);
	mig_set_timeout(0);
	if (kr != KERN_SUCCESS)
		return kr;
	launch.page.pid = pid;
	launch.page.umask = PROCESS_UMASK;
	add_right(launch.self, &launch.page.proc);
	add_right(root, &launch.page.root);
	add_right(root, &launch.page.cwd);
	launch.page.fd_count = 3;
	for (uint32_t i = 0; i < 3; i++) {
		launch.page.fds[i].flags = STARTUP_FD_TTY;
		add_right(terminal, &launch.page.fds[i].port);
	}
	return KERN_SUCCESS;
}

/* The unit sees the boot archive, as init does. */
static kern_return_t
share_archive(task_t task)
{
	struct vm_remap_args args = {.target = task, .flags = VM_FLAGS_FIXED, .address = ARCHIVE_PLACE,
		.size = vm_page_round(startup_info->archive_size), .source = mach_task_self(),
		.source_address = startup_info->archive, .inheritance = VM_INHERIT_NONE};

	launch.page.archive = ARCHIVE_PLACE;
	launch.page.archive_size = startup_info->archive_size;
	return vm_remap(&args);
}

static kern_return_t
set_token(task_t task)
{
	security_token_t token = { .label = ++last_label };

	launch.unit->label = token.label;
	return task_set_security_token(startup_info->host, task, &token);
}

static kern_return_t
fill(task_t task, const struct tar_file *file, thread_t *thread, const char **reason)
{
	const struct unit_spec *spec = &launch.unit->spec;
	static const char environment[] = "PATH=/bin\0HOME=/\0TERM=vt100";
	struct elf_program program = {
		.name = spec->name, .image = file->data, .size = file->size,
		.arguments = { spec->command, spec->command_size },
		.page = &launch.page, .rights = launch.rights, .exception = launch.unit->bootstrap,
	};
	kern_return_t kr = set_token(task);

	add_right(launch.unit->bootstrap, &launch.page.bootstrap);
	program.bootstrap = launch.unit->bootstrap;
	if (kr == KERN_SUCCESS && spec->terminal[0] != 0) {
		kr = add_process(task);
		program.environment = (struct elf_strings){ environment, sizeof(environment) };
		program.exception = MACH_PORT_NULL;	/* proc has set its own */
	}
	if (kr == KERN_SUCCESS && spec->instead_count != 0)
		kr = share_archive(task);
	program.right_count = launch.right_count;
	if (kr == KERN_SUCCESS)
		kr = elf_load(&program, task, thread, reason);
	port_drop(launch.self);
	return kr;
}

static kern_return_t
launch_task(struct unit *unit, const struct tar_file *file, const char **reason)
{
	task_t task;
	thread_t thread = MACH_PORT_NULL;
	kern_return_t kr = task_create(mach_task_self(), 0, &task);

	*reason = NULL;
	if (kr != KERN_SUCCESS)
		return kr;
	memset(&launch, 0, sizeof(launch));
	launch.unit = unit;
	kr = fill(task, file, &thread, reason);
	if (kr == KERN_SUCCESS)
		kr = port_notify(task, MACH_NOTIFY_DEAD_NAME, notify_port);
	if (kr == KERN_SUCCESS)
		kr = thread_resume(thread);
	port_drop(thread);
	unit->task = task;
	if (kr == KERN_SUCCESS)
		return kr;
	port_notify_cancel(task, MACH_NOTIFY_DEAD_NAME);
	task_terminate(task);
	port_drop(task);
	unit->task = MACH_PORT_NULL;
	return kr;
}

void
unit_start(struct unit *unit)
{
	struct tar_file file;
	const char *reason;
	kern_return_t kr;

	unit->ready = false;
	unit->started_at = clock_now();
	unit->last_words[0] = 0;
	if (!tar_find((const void *)startup_info->archive, startup_info->archive_size,
		    unit->spec.command, &file)) {
		print("init: %s: %s is not in the boot archive\n", unit->spec.name,
			unit->spec.command);
		unit->state = UNIT_FAILED;
		unit->can_start = false;		/* the archive never changes */
		return;
	}
	kr = launch_task(unit, &file, &reason);
	if (kr != KERN_SUCCESS) {
		print("init: %s: cannot start %s: %s\n", unit->spec.name, unit->spec.command,
			reason != NULL ? reason : kern_return_name(kr));
		unit->state = UNIT_FAILED;
		unit->can_start = reason == NULL;
		return;
	}
	/* A unit that offers nothing is ready at once. */
	unit->state = unit->spec.service_count != 0 ? UNIT_STARTING : UNIT_RUNNING;
	unit->ready = unit->state == UNIT_RUNNING;
}
