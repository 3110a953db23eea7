/* Exception messages. See fault.h. */
#include "mach/fault.h"
#include "mach/print.h"
#include <mach/thread_status.h>

static uint64_t
pc_of(thread_t thread)
{
	struct thread_state state;
	uint32_t size = sizeof(state);

	if (thread_get_state(thread, THREAD_STATE_GENERAL, &state, &size) != KERN_SUCCESS)
		return 0;
	return THREAD_STATE_PC(&state);
}

bool
exception_take(struct mig_request *rq, struct exception *e)
{
	const struct exception_raise_request *m =
		(const struct exception_raise_request *)rq->request;

	if (m->header.msgh_id != EXC_RAISE_ID || rq->sender.label != 0 ||
		m->header.msgh_descriptor_count != 2 ||
		m->header.msgh_size < EXC_RAISE_REQUEST_SIZE)
		return false;
	e->exception = m->exception;
	e->code = m->code;
	e->subcode = m->subcode;
	e->pc = pc_of(m->thread.name);
	e->thread = m->thread.name;
	e->task = m->task.name;
	return true;
}

void
exception_done(const struct exception *e)
{
	port_drop(e->thread);
	port_drop(e->task);
}

void
exception_refuse(struct mig_request *rq)
{
	mig_reply_error(rq->reply_port, EXC_RAISE_REPLY_ID, KERN_FAILURE);
}

void
exception_resume(struct mig_request *rq)
{
	mig_reply_error(rq->reply_port, EXC_RAISE_REPLY_ID, KERN_SUCCESS);
}

void
exception_describe(const struct exception *e, char *buffer, size_t size)
{
	static const char *const names[] = {
		[EXC_BAD_ACCESS] = "segmentation fault",
		[EXC_BAD_INSTRUCTION] = "illegal instruction",
		[EXC_ARITHMETIC] = "arithmetic exception",
		[EXC_SOFTWARE] = "software exception",
		[EXC_BREAKPOINT] = "breakpoint",
		[EXC_SYSCALL] = "bad system call",
	};
	const char *name = NULL;

	if (e->exception > 0 && e->exception < (int32_t)(sizeof(names) / sizeof(names[0])))
		name = names[e->exception];
	if (e->exception == EXC_BAD_ACCESS && e->code == KERN_MEMORY_ERROR)
		name = "bus error";
	if (name == NULL)
		print_to(buffer, size, "exception %d (pc 0x%lx)", e->exception, e->pc);
	else if (e->exception == EXC_BAD_ACCESS)
		print_to(buffer, size, "%s at 0x%lx (pc 0x%lx)", name, e->subcode, e->pc);
	else
		print_to(buffer, size, "%s (pc 0x%lx)", name, e->pc);
}
