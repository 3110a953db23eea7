/*
 * Lab 2, exercise 2.7: what the handler's message says, who is asked in which order, which answers count. The main thread is the handler; the
 * threads that fault have no thread-local data.
 */
#include "ipc_check.h"
#include "observe.h"

#include <mach/exception.h>
#include <mach/thread_status.h>
#include <string.h>

#include "mach/tls.h"

#define SELF	mach_task_self()
#define STACK	16384
#define HOLE	0x0000600000000000ull	/* nothing is mapped here */

static char stack[STACK] __attribute__((aligned(16)));
static union {
	struct message message;
	struct exception_raise_request raised;
} m;
static volatile uint32_t reached;

/* --- the thread that faults --- */

static void
finish(void *argument)
{
	reached = (uint32_t)(uintptr_t)argument;
	thread_terminate(mach_thread_self());
}

static void
touch(void *argument)
{
	*(volatile uint32_t *)argument = 1;
	finish((void *)1);
}

static void
set_entry(thread_t thread, void (*function)(void *), void *argument)
{
	struct thread_state state;

	thread_state_call(&state, function, argument, (uint64_t)stack + STACK, 0);
	OK(thread_set_state(thread, THREAD_STATE_GENERAL, &state, sizeof(state)));
}

static thread_t
thread_with(task_t task, mach_port_t handler, void (*function)(void *), void *argument)
{
	thread_t thread = MACH_PORT_NULL;

	reached = 0;
	OK(thread_create(task, &thread));
	set_entry(thread, function, argument);
	OK(thread_set_exception_port(thread, handler));
	OK(thread_resume(thread));
	return thread;
}

/* Waits until it is dead, half a second at most, and gives the name back. */
static bool
is_gone(mach_port_t name)
{
	unsigned tries = 100;

	while (type_of(name) != MACH_PORT_TYPE_DEAD_NAME && --tries > 0)
		clock_sleep(5);
	drop_port(name);
	return tries > 0;
}

/* --- the handler --- */

enum { NOBODY, THREAD_HANDLER, TASK_HANDLER };

/* Takes the next message from one of two ports and says what it is. Returns the reply right, or NULL when none comes in time. */
static mach_port_t
take(mach_port_t box, unsigned who, thread_t thread, task_t task)
{
	mach_msg_return_t mr = message_receive(&m.message, box, 300);

	if (mr != MACH_MSG_SUCCESS) {
		SAY("asked", NOBODY, (uint32_t)mr, 0, 0, 0, 0);
		return MACH_PORT_NULL;
	}
	SAY("asked", who, (uint32_t)m.raised.header.msgh_id, m.raised.thread.name == thread, m.raised.task.name == task,
		trailer_of(&m.message)->msgh_sender.label, MACH_MSGH_BITS_REMOTE(m.raised.header.msgh_bits));
	SAY("exception", (uint32_t)m.raised.exception, (uint32_t)m.raised.code, m.raised.subcode);
	mach_port_deallocate(SELF, m.raised.thread.name);
	mach_port_deallocate(SELF, m.raised.task.name);
	return m.raised.header.msgh_remote_port;
}

/* Answers with `bytes` of body, the first word of which is the code. */
static void
answer(mach_port_t reply, int id, int32_t code, unsigned bytes)
{
	static struct message r;

	message_init(&r, reply, MACH_MSG_TYPE_MOVE_SEND_ONCE, 0, 0, id);
	memset(r.words, 0, bytes);
	r.words[0] = (uint32_t)code;
	message_send(&r, sizeof(r.head) + bytes, 0);
}

static task_t
own_task(void)
{
	task_t task = MACH_PORT_NULL;

	OK(task_get_special_port(SELF, TASK_KERNEL_PORT, &task));
	return task;
}

/* --- what it says --- */

static void
message(uint64_t seed)
{
	mach_port_t box = new_send(), reply;
	vm_address_t page = HOLE;
	task_t task = own_task();

	for (unsigned i = 0; i < 4; i++) {
		uint64_t at = HOLE + 8 * draw(&seed, 500);
		thread_t thread = thread_with(SELF, box, touch, (void *)at);

		SAY("fault", at);
		reply = take(box, THREAD_HANDLER, thread, task);
		if (i == 0)
			OK(vm_allocate(SELF, &page, VM_PAGE_SIZE, 0));
		else
			OK(vm_protect(SELF, HOLE, VM_PAGE_SIZE, false, VM_PROT_DEFAULT));
		answer(reply, EXC_RAISE_REPLY_ID, KERN_SUCCESS, 8);
		SAY("resumed", is_gone(thread), reached);
		OK(vm_protect(SELF, HOLE, VM_PAGE_SIZE, false, VM_PROT_READ));
	}
	drop_port(box);
}

/* --- who is asked --- */

enum { REFUSED, WRONG_ID, TOO_SHORT, DROPPED, DEAD, ANSWERS };

static void
answer_wrongly(unsigned how, mach_port_t box, mach_port_t reply)
{
	switch (how) {
	case REFUSED: answer(reply, EXC_RAISE_REPLY_ID, KERN_FAILURE, 8); break;
	case WRONG_ID: answer(reply, EXC_RAISE_REPLY_ID + 1, KERN_SUCCESS, 8); break;
	case TOO_SHORT: answer(reply, EXC_RAISE_REPLY_ID, KERN_SUCCESS, 0); break;
	case DROPPED: mach_port_deallocate(SELF, reply); break;
	case DEAD:
		drop_port(box);
		mach_port_deallocate(SELF, reply);
		break;
	}
}

/* The thread faults, its handler does not handle it, the task's mends it. */
static void
chain_once(unsigned how, mach_port_t task_box, task_t task)
{
	mach_port_t box = new_send(), reply;
	thread_t thread;

	SAY("answer", how);
	thread = thread_with(SELF, box, touch, (void *)HOLE);
	reply = take(box, THREAD_HANDLER, thread, task);
	answer_wrongly(how, box, reply);
	reply = take(task_box, TASK_HANDLER, thread, task);
	set_entry(thread, finish, (void *)7);
	answer(reply, EXC_RAISE_REPLY_ID, KERN_SUCCESS, 8);
	SAY("resumed", is_gone(thread), reached);
	drop_port(box);
}

/* Two tasks: nobody handles it, the task ends. */
static void
chain_ends(void)
{
	mach_port_t box = new_send(), task_box = new_send();
	task_t child = child_create(false);
	thread_t thread;

	OK(task_set_special_port(child, TASK_EXCEPTION_PORT, task_box));
	thread = thread_with(child, box, touch, (void *)HOLE);
	answer_wrongly(REFUSED, box, take(box, THREAD_HANDLER, thread, child));
	answer_wrongly(REFUSED, task_box, take(task_box, TASK_HANDLER, thread, child));
	SAY("ended", is_gone(child), is_gone(thread));
	child = child_create(false);
	thread = thread_with(child, MACH_PORT_NULL, touch, (void *)HOLE);
	SAY("ended", is_gone(child), is_gone(thread));
	drop_port(box), drop_port(task_box);
}

static void
chain(uint64_t seed)
{
	unsigned first = (unsigned)draw(&seed, ANSWERS);
	mach_port_t task_box = new_send();
	task_t task = own_task();

	chain_ends();
	OK(task_set_special_port(SELF, TASK_EXCEPTION_PORT, task_box));
	for (unsigned i = 0; i < ANSWERS; i++)
		chain_once((first + i) % ANSWERS, task_box, task);
	OK(task_set_special_port(SELF, TASK_EXCEPTION_PORT, MACH_PORT_NULL));
	drop_port(task_box);
}

/* --- an abort while it waits --- */

static void
abort_it(uint64_t seed)
{
	mach_port_t box = new_send(), first, second;
	task_t task = own_task();
	thread_t thread = thread_with(SELF, box, touch, (void *)HOLE);

	(void)seed;
	first = take(box, THREAD_HANDLER, thread, task);
	OK(thread_abort(thread));
	second = take(box, THREAD_HANDLER, thread, task);
	SAY("late", type_of(first) == MACH_PORT_TYPE_DEAD_NAME, first != second);
	set_entry(thread, finish, (void *)9);
	answer(second, EXC_RAISE_REPLY_ID, KERN_SUCCESS, 8);
	SAY("resumed", is_gone(thread), reached);
	thread = thread_with(SELF, box, touch, (void *)HOLE);
	first = take(box, THREAD_HANDLER, thread, task);
	OK(thread_terminate(thread));
	SAY("killed", is_gone(thread), type_of(first) == MACH_PORT_TYPE_DEAD_NAME);
	drop_port(first), drop_port(box);
}

int
main(int argc, char **argv)
{
	static const struct part parts[] = {
		{"message", message},
		{"chain", chain},
		{"abort", abort_it},
		{NULL, NULL},
	};

	observe(argc, argv, parts);
}
