/*
 * The shell as task 1 (APPEND=init=/boot/msh), and as the unit `rescue` when init cannot get the system up: no processes,
 * files or terminal; the console is read and written by traps, programs come from the boot archive, and the shell is their
 * exception handler and lends them the privileged ports. The kernel does not tell how a task ended: the status is 0 unless it
 * faulted.
 */
#include "bootstrap.h"
#include "mach/elf_load.h"
#include "mach/fault.h"
#include "mach/mach.h"
#include "mach/service.h"
#include "mach/startup.h"
#include "mach/tar.h"
#include "shell.h"
#include <errno.h>
#include <mach/notify.h>
#include <string.h>

#define FAULT_SIGNAL	11

static struct {
	mach_port_t host, device, console;	/* as task 1 the kernel gives them, else init */
} privileged;

void
rescue_init(void)
{
	bool first = startup_info->console != MACH_PORT_NULL;

	if (startup_info->proc != MACH_PORT_NULL)
		return;
	privileged.host = first ? startup_info->host : service_grant("host");
	privileged.device = first ? startup_info->device : service_grant("device");
	privileged.console = first ? startup_info->console : service_grant("console");
}

bool
rescue_mode(void)
{
	return privileged.console != MACH_PORT_NULL;
}

mach_port_t
rescue_console(void)
{
	return privileged.console;
}

/* init, where there is one, has the files written first. */
kern_return_t
rescue_shutdown(uint32_t flags, int status)
{
	return startup_info->bootstrap != MACH_PORT_NULL ? bootstrap_shutdown(startup_info->bootstrap, flags, status)
		: host_reboot(privileged.host, flags, status);
}

/* Every file below boot/ of the archive is a program. */
void
rescue_list(mach_port_t out)
{
	const void *archive = (const void *)startup_info->archive;
	struct tar_file file;
	uint64_t offset = 0;

	file_print(out, "the boot archive:\n");
	while (tar_next(archive, startup_info->archive_size, &offset, &file))
		if (!file.folder && strncmp(file.name, "boot/", 5) == 0)
			file_print(out, "  %s\n", file.name);
}

static bool
find(const char *name, struct tar_file *file)
{
	static const char *const folders[] = { "boot/test/", "boot/", "" };
	const void *archive = (const void *)startup_info->archive;
	char path[TAR_NAME_MAX];

	for (unsigned i = 0; i < 3; i++) {
		strlcpy(path, folders[i], sizeof(path));
		if (strlcat(path, name, sizeof(path)) < sizeof(path)
		    && tar_find(archive, startup_info->archive_size, path, file))
			return true;
	}
	return false;
}

/* Receives until the task is gone. Returns its status. */
static int
wait_for(const char *name, mach_port_t port)
{
	static uint64_t message[MIG_BUFFER_SIZE / 8], room[MIG_BUFFER_SIZE / 8];
	mach_msg_header_t *head = (mach_msg_header_t *)message;
	struct mig_request rq;
	struct exception fault;
	int status = 0;

	for (;;) {
		if (mach_msg(head, MACH_RCV_MSG, 0, sizeof(message), port, 0, MACH_PORT_NULL) != 0)
			return 1;
		mig_request_init(&rq, head, room);
		if (exception_take(&rq, &fault)) {
			char text[100];

			exception_describe(&fault, text, sizeof(text));
			exception_done(&fault);
			complain("%s: %s", name, text);
			status = STATUS_SIGNAL + FAULT_SIGNAL;
			exception_refuse(&rq);
		} else if (head->msgh_id == MACH_NOTIFY_DEAD_NAME && rq.sender.label == 0) {
			return status;
		}
	}
}

static kern_return_t
load(const struct program *program, const struct tar_file *file, task_t task, mach_port_t port,
    const char **reason)
{
	static struct startup_page page;
	const struct elf_right rights[] = {
		{ privileged.host, MACH_MSG_TYPE_COPY_SEND, &page.host },
		{ privileged.device, MACH_MSG_TYPE_COPY_SEND, &page.device },
		{ privileged.console, MACH_MSG_TYPE_COPY_SEND, &page.console },
	};
	struct elf_program elf = {
		.name = program->argv[0], .image = file->data, .size = file->size,
		.arguments = { program->arguments, program->arguments_size }, .page = &page,
		    .exception = port,
		.rights = rights, .right_count = sizeof(rights) / sizeof(rights[0]),
	};
	thread_t thread = MACH_PORT_NULL;
	kern_return_t kr = elf_load(&elf, task, &thread, reason);

	if (kr == KERN_SUCCESS)
		kr = port_notify(task, MACH_NOTIFY_DEAD_NAME, port);
	if (kr == KERN_SUCCESS)
		kr = thread_resume(thread);
	port_drop(thread);
	return kr;
}

static int
run_task(const struct program *program, const struct tar_file *file, mach_port_t port)
{
	const char *reason = NULL, *name = program->argv[0];
	task_t task;
	kern_return_t kr = task_create(mach_task_self(), 0, &task);
	int status;

	if (kr != KERN_SUCCESS)
		return complain("%s: %s", name, kern_return_name(kr));
	kr = load(program, file, task, port, &reason);
	if (kr == KERN_SUCCESS) {
		status = wait_for(name, port);
	} else {
		complain("%s: %s", name, reason != NULL ? reason : kern_return_name(kr));
		status = kr == KERN_INVALID_ARGUMENT ? STATUS_NOT_EXECUTABLE : 1;
		task_terminate(task);
	}
	port_drop(task);
	return status;
}

int
rescue_run(const struct program *program)
{
	struct tar_file file;
	mach_port_t port;
	int status;

	if (program->background)
		return complain("&: there is no process server");
	if (!find(program->argv[0], &file)) {
		complain("%.200s: not found", program->argv[0]);
		return STATUS_NOT_FOUND;
	}
	if (port_create(true, &port) != KERN_SUCCESS)
		return complain("%s", error_text(ENOMEM));
	status = run_task(program, &file, port);
	mach_port_destroy(mach_task_self(), port);
	return status;
}
