/*
 * Exceptions of processes: the signal's handler, or a line on the console's terminal and the end of
 * the process. See proc_local.h.
 */
#include "mach/fault.h"
#include "io.h"
#include "mach/print.h"
#include "mach/service.h"
#include "proc_local.h"
#include <string.h>

#define TERMINAL_TIMEOUT	1000		/* ms */

enum { ILL_ILLOPC = 1, FPE_INTDIV = 1, FPE_INTOVF = 2, FPE_FLTINV = 7, SEGV_MAPERR = 1,
	SEGV_ACCERR = 2, BUS_ADRERR = 2, TRAP_BRKPT = 1, SYS_SECCOMP = 1 };

static struct signal_info
signal_of(const struct exception *e)
{
	switch (e->exception) {
	case EXC_BAD_INSTRUCTION:
		return (struct signal_info){ .signal = SIGILL, .code = ILL_ILLOPC, .value = e->pc };
	case EXC_ARITHMETIC:
		return (struct signal_info){.signal = SIGFPE, .value = e->pc,
			.code = e->code == EXC_ARITH_DIVIDE	? FPE_INTDIV
				: e->code == EXC_ARITH_OVERFLOW ? FPE_INTOVF
								: FPE_FLTINV};
	case EXC_BREAKPOINT:
		return (struct signal_info){ .signal = SIGTRAP, .code = TRAP_BRKPT, .value = e->pc };
	case EXC_SYSCALL:
		return (struct signal_info){ .signal = SIGSYS, .code = SYS_SECCOMP, .value = e->pc };
	default:
		if (e->code == KERN_MEMORY_ERROR)
			return (struct signal_info){
				.signal = SIGBUS, .code = BUS_ADRERR, .value = e->subcode};
		return (struct signal_info){.signal = SIGSEGV, .value = e->subcode,
			.code = e->code == KERN_PROTECTION_FAILURE ? SEGV_ACCERR : SEGV_MAPERR};
	}
}

/* A terminal may be stopped, and let us wait until the time is over: no more than one of our threads waits, others use the kernel's console. */
static void
tell(const char *text)
{
	static mach_port_t terminal;
	static bool busy;
	uint32_t written;
	bool told;

	if (__atomic_exchange_n(&busy, true, __ATOMIC_ACQUIRE)) {
		print("%s", text);
		return;
	}
	if (terminal == MACH_PORT_NULL)
		terminal = service_look_up("tty");
	mig_set_timeout(TERMINAL_TIMEOUT);
	told = io_write(terminal, -1, text, (uint32_t)strlen(text), &written) == KERN_SUCCESS;
	mig_set_timeout(0);
	__atomic_store_n(&busy, false, __ATOMIC_RELEASE);
	if (!told)
		print("%s", text);
}

enum outcome { GONE, HANDLED, CONDEMNED };

/*
 * With the lock held. The status is set before the task is ended, so the death that follows finds it.
 * A thread that was made to enter a handler meanwhile does not wait any more: it will fault again when
 * the handler has come back. A fault of another's task, to which p's port was handed on, is none of p's.
 */
static enum outcome
handle(struct process *p, const struct exception *e, mach_port_t reply, char *name, size_t size)
{
	struct signal_info info = signal_of(e);

	if (p == NULL || p->task != e->task || p->has_status || !wait_is_wanted(reply))
		return GONE;
	if (deliver_fault(p, e->thread, &info))
		return HANDLED;
	strlcpy(name, p->name, size);
	process_note_end(p, STATUS_SIGNAL(info.signal));
	return CONDEMNED;
}

/* The line comes before the end, and so before the prompt of a shell that waits. */
static void
report(const struct exception *e, const char *name, task_t task)
{
	char what[96], line[160];

	exception_describe(e, what, sizeof(what));
	print_to(line, sizeof(line), "%s: %s\n", name, what);
	tell(line);
	task_terminate(task);
	port_drop(task);
}

bool
fault_handle(struct mig_request *rq)
{
	struct exception e;
	enum outcome outcome;
	struct process *p;
	task_t task = MACH_PORT_NULL;
	char name[32];

	if (!exception_take(rq, &e))
		return false;
	mutex_lock(&lock);
	p = process_by_port(rq->port);
	outcome = handle(p, &e, rq->reply_port, name, sizeof(name));
	if (outcome == CONDEMNED && port_hold(p->task) == KERN_SUCCESS)
		task = p->task;
	mutex_unlock(&lock);
	exception_done(&e);
	if (task != MACH_PORT_NULL)
		report(&e, name, task);
	if (outcome == HANDLED)
		exception_resume(rq);
	else
		exception_refuse(rq);
	return true;
}
