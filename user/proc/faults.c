/*
 * Exceptions of processes: told on the console's terminal, and the end of the process, as a
 * signal ends it. See proc_local.h.
 */
#include "mach/fault.h"
#include "io.h"
#include "mach/print.h"
#include "mach/service.h"
#include "proc_local.h"
#include <string.h>

#define TERMINAL_TIMEOUT	1000		/* ms */

static int32_t
signal_of(const struct exception *e)
{
	switch (e->exception) {
	case EXC_BAD_INSTRUCTION:
		return SIGILL;
	case EXC_ARITHMETIC:
		return SIGFPE;
	case EXC_BREAKPOINT:
		return SIGTRAP;
	case EXC_SYSCALL:
		return SIGSYS;
	default:
		return e->code == KERN_MEMORY_ERROR ? SIGBUS : SIGSEGV;
	}
}

static void
tell(const char *text)
{
	static mach_port_t terminal;
	uint32_t written;

	if (terminal == MACH_PORT_NULL)
		terminal = service_look_up("tty");
	mig_set_timeout(TERMINAL_TIMEOUT);
	if (io_write(terminal, -1, text, (uint32_t)strlen(text), &written) != KERN_SUCCESS)
		print("%s", text);
	mig_set_timeout(0);
}

/* The status is set before the task is ended, so the death that follows finds it. */
static bool
condemn(mach_port_t port, const struct exception *e, char *name, size_t size, task_t *task)
{
	struct process *p;

	mutex_lock(&lock);
	p = process_by_port(port);
	if (p != NULL && p->task != MACH_PORT_NULL) {
		if (!p->has_status)
			p->status = STATUS_SIGNAL(signal_of(e));
		p->has_status = true;
		strlcpy(name, p->name, size);
		*task = p->task;
		if (port_hold(*task) != KERN_SUCCESS)
			p = NULL;
	} else {
		p = NULL;
	}
	mutex_unlock(&lock);
	return p != NULL;
}

bool
fault_handle(struct mig_request *rq)
{
	char name[32], what[96], line[160];
	struct exception e;
	task_t task;

	if (!exception_take(rq, &e))
		return false;
	if (condemn(rq->port, &e, name, sizeof(name), &task)) {
		exception_describe(&e, what, sizeof(what));
		print_to(line, sizeof(line), "%s: %s\n", name, what);
		tell(line);
		task_terminate(task);
		port_drop(task);
	}
	exception_refuse(rq);
	return true;
}
