/*
 * Raising exceptions.
 *
 * The reply right goes to a kernel-object port made for this one exception (KOBJECT_REPLY). Whatever comes through it, the answer, an answer
 * of the wrong form, or the send-once notification because the right was destroyed, ends up in reply_deliver exactly once.
 */
#include "task/exception.h"

#include <mach/kern_return.h>

#include "init/panic.h"
#include "init/printk.h"
#include "ipc/ipc.h"
#include "ipc/port.h"
#include "mm/kalloc.h"
#include "sched/cpu.h"
#include "task/task.h"
#include "task/thread.h"

struct exception_wait {
	refcount_t refs;		/* the waiting thread's, and those of messages being delivered */
	struct spinlock lock;
	bool answered, handled;
	struct waitq queue;
};

enum verdict { NOT_HANDLED, HANDLED, ABORTED };

static void
wait_take(void *object)
{
	refcount_take(&((struct exception_wait *)object)->refs);
}

static void
wait_drop(void *object)
{
	if (refcount_drop(&((struct exception_wait *)object)->refs))
		kfree(object);
}

static void
reply_deliver(void *object, struct ipc_kmsg *message)
{
	struct exception_wait *wait = object;
	const mach_msg_header_t *header = kmsg_header(message);
	bool handled = false;

	/* The code, with or without the padding behind it. */
	if (header->msgh_id == EXC_RAISE_REPLY_ID && (header->msgh_bits & MACH_MSGH_BITS_COMPLEX) == 0 &&
	    kmsg_body_size(message) >= sizeof(int32_t) && kmsg_body_size(message) <= 2 * sizeof(int32_t))
		handled = ((const struct exception_raise_reply *)header)->ret_code == KERN_SUCCESS;
	kmsg_destroy(message);
	spin_lock(&wait->lock);
	if (!wait->answered) {
		wait->answered = true;
		wait->handled = handled;
		waitq_wake_all(&wait->queue);
	}
	spin_unlock(&wait->lock);
}

static const struct kobject_ops reply_ops = {
	.name = "exception reply",
	.take = wait_take,
	.drop = wait_drop,
	.deliver = reply_deliver,
};

void
exception_init(void)
{
	kobject_register(KOBJECT_REPLY, &reply_ops);
}

/* LAB 2.7 begin [until then: given ask_handler.c]: the exception becomes a message to the handler, and the thread waits for the answer.
 *
 * make_message: an EXC_RAISE_ID message with two rights, send rights to the thread and to its task, and 16 bytes of body: exception, code,
 * subcode (inc/mach/exception.h). await_reply: until `answered`; an abort ends the wait, and a late answer must then find nobody.
 * ask_handler: makes the port for this one reply (reply_ops above), sends, waits. Whatever was made is given up again on every way out,
 * and so is the handler's right, unless the message took it along.
 * Hint: kmsg_create, kmsg_set_port, kmsg_body, kmsg_send; port_make_send, port_make_send_once, port_release_send; kobject_port_create and _destroy.
 */
static struct ipc_kmsg *
make_message(int exception, int code, uint64_t subcode)
{
	struct thread *thread = current_thread();
	struct ipc_kmsg *message = kmsg_create(EXC_RAISE_ID, 2, 16);
	struct { int32_t exception, code; uint64_t subcode; } *body;

	if (message == NULL)
		return NULL;
	kmsg_set_port(message, 0, port_make_send(thread->self_port), MACH_MSG_TYPE_PORT_SEND);
	kmsg_set_port(message, 1, port_make_send(thread->task->self_port), MACH_MSG_TYPE_PORT_SEND);
	body = kmsg_body(message);
	body->exception = exception;
	body->code = code;
	body->subcode = subcode;
	return message;
}

static enum verdict
await_reply(struct exception_wait *wait)
{
	enum verdict verdict;

	spin_lock(&wait->lock);
	while (!wait->answered)
		if (waitq_wait(&wait->queue, &wait->lock, WAIT_FOREVER, WAIT_INTERRUPTIBLE, "exception handler", NULL) == WAIT_ABORTED)
			break;
	verdict = !wait->answered ? ABORTED : wait->handled ? HANDLED : NOT_HANDLED;
	wait->answered = true;
	spin_unlock(&wait->lock);
	return verdict;
}

/* Consumes the send right. */
static enum verdict
ask_handler(struct ipc_port *handler, int exception, int code, uint64_t subcode)
{
	struct exception_wait *wait;
	struct ipc_port *reply;
	struct ipc_kmsg *message;
	enum verdict verdict = NOT_HANDLED;

	if (!ipc_port_valid(handler))
		return NOT_HANDLED;
	wait = port_is_flooded(handler) ? NULL : kalloc(sizeof(*wait), KALLOC_MISC);
	if (wait == NULL)
		goto release_handler;
	refcount_set(&wait->refs, 1);
	spin_init(&wait->lock, "exception", RANK_EXCEPTION);
	waitq_init(&wait->queue);
	reply = kobject_port_create(KOBJECT_REPLY, wait);
	if (reply == NULL)
		goto drop_wait;
	message = make_message(exception, code, subcode);
	if (message == NULL)
		goto destroy_reply;
	kmsg_send(message, handler, MACH_MSG_TYPE_PORT_SEND, port_make_send_once(reply));
	handler = NULL;
	verdict = await_reply(wait);
destroy_reply:
	kobject_port_destroy(reply);
drop_wait:
	wait_drop(wait);
release_handler:
	port_release_send(handler);
	return verdict;
}
/* LAB 2.7 end */

/* A copy of an exception port; both kinds are guarded by the task's lock. */
static struct ipc_port *
copy_handler(struct task *task, struct ipc_port **slot)
{
	struct ipc_port *port;

	spin_lock(&task->lock);
	port = port_copy_send(*slot);
	spin_unlock(&task->lock);
	return port;
}

void
exception_raise(int exception, int code, uint64_t subcode)
{
	struct thread *thread = current_thread();
	struct task *task = thread->task;
	enum verdict verdict;

	/* LAB 2.7 begin [until then: verdict = NOT_HANDLED]: ask the thread's handler first (exception_port), then the task's
	 * (special[TASK_EXCEPTION_PORT]).
	 */
	verdict = ask_handler(copy_handler(task, &thread->exception_port), exception, code, subcode);
	if (verdict == NOT_HANDLED)
		verdict = ask_handler(copy_handler(task, &task->special[TASK_EXCEPTION_PORT]), exception, code, subcode);
	/* LAB 2.7 end */
	if (verdict != NOT_HANDLED || thread_should_die(thread))
		return;
	printk("task %u (%s): unhandled exception %d, code %d, address %#lx: terminated\n",
	    task->id, task->name, exception, code, (unsigned long)subcode);
	task->exit_status = 128 + exception;
	task_terminate_async(task);
}
