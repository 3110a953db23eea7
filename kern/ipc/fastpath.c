/*
 * The RPC fast path.
 *
 *	client: mach_msg(SEND | RCV)                     server: mach_msg(SEND | RCV)
 *	   copy in, look up three names at once
 *	   give the message to the waiting server  ----->  (was waiting: takes the CPU over)
 *	   wait for the answer                             copy out, ... answers in the same way
 *
 * Taken when a call sends and receives, the message has no descriptors and is small, its rights are the common ones (COPY_SEND or
 * MOVE_SEND_ONCE to go, none or MAKE_SEND_ONCE to come back) and a receiver waits. Everything else, every error included, is left to the general
 * path before anything has changed; so the results are the same with `ipc_fastpath_enabled` off. What is saved is not a check but work that
 * cancels out: a right that would be made and consumed at once, a charge that would be given back, locks taken twice.
 */
#include "ipc/fastpath.h"

#include "arch/timer.h"
#include "arch/usercopy.h"
#include "init/panic.h"
#include "ipc/message.h"
#include "ipc/right.h"
#include "sched/cpu.h"
#include "sched/sched.h"
#include "task/task.h"
#include "task/thread.h"

bool ipc_fastpath_enabled = true;
uint64_t fastpath_taken;

/* The names of a call, looked up. */
struct fast_names {
	struct ipc_entry *destination;
	struct ipc_entry *source;	/* port or set where the answer is awaited */
	struct ipc_port *reply;		/* for a send-once right, or NULL */
};

/* Header shapes of the fast path: dispositions of both rights, no other bits. */
static bool
fast_header(const mach_msg_header_t *header)
{
	mach_msg_bits_t bits = header->msgh_bits;

	if (header->msgh_descriptor_count != 0)
		return false;
	if (bits == MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE))
		return true;
	return header->msgh_local_port == MACH_PORT_NULL &&
	    (bits == MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND_ONCE, 0) || bits == MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0));
}

/* The entry serves as destination: by COPY_SEND, or as a send-once right that nobody asked to hear about. */
static bool
fast_destination(const struct ipc_entry *entry, unsigned disposition)
{
	if (entry == NULL)
		return false;
	if (disposition == MACH_MSG_TYPE_COPY_SEND)
		return (entry->type & ENTRY_SEND) != 0;
	return entry->type == ENTRY_SEND_ONCE && entry->request == NULL;
}

static bool
fast_reply(struct ipc_space *space, const mach_msg_header_t *header, mach_port_t source_name, struct fast_names *names)
{
	struct ipc_entry *entry = names->source;

	names->reply = NULL;
	if (MACH_MSGH_BITS_LOCAL(header->msgh_bits) == 0)
		return true;
	if (header->msgh_local_port != source_name)
		entry = names_lookup(&space->names, header->msgh_local_port);
	if (entry == NULL || (entry->type & ENTRY_RECEIVE) == 0)
		return false;
	names->reply = entry->port;
	return true;
}

/* Returns false: something is not as the fast path wants it. Conditions: space locked. */
static bool
fast_lookup(struct ipc_space *space, const mach_msg_header_t *header, mach_port_t source_name, struct fast_names *names)
{
	names->destination = names_lookup(&space->names, header->msgh_remote_port);
	names->source = names_lookup(&space->names, source_name);
	return fast_destination(names->destination, MACH_MSGH_BITS_REMOTE(header->msgh_bits)) && names->source != NULL &&
	    (names->source->type & (ENTRY_RECEIVE | ENTRY_SET)) != 0 && fast_reply(space, header, source_name, names);
}

/*
 * Gives the message to a receiver that waits. Returns it, claimed, or NULL: none waits, or the port is dead or a kernel object, and nothing
 * has happened. Conditions: space locked, message filled in.
 */
static struct thread *
fast_give(struct ipc_space *space, struct fast_names *names, struct ipc_kmsg *message)
{
	struct ipc_port *port = names->destination->port;
	struct thread *receiver = NULL;

	port_lock(port);
	if (port->alive && port->kobject == KOBJECT_NONE)
		receiver = mqueue_offer(port, message);
	if (receiver != NULL && message->remote_kind == MACH_MSG_TYPE_PORT_SEND_ONCE)
		port->send_once_rights--;
	port_unlock(port);
	if (receiver == NULL)
		return NULL;
	if (message->remote_kind == MACH_MSG_TYPE_PORT_SEND_ONCE)
		names_free(&space->names, names->destination);
	if (names->reply != NULL) {
		port_lock(names->reply);
		names->reply->send_once_rights++;
		port_unlock(names->reply);
	}
	return receiver;
}

static void
fast_fill(struct ipc_kmsg *message, mach_msg_size_t size, const struct fast_names *names)
{
	message->header.msgh_size = size;
	message->remote_kind = names->destination->type == ENTRY_SEND_ONCE ? MACH_MSG_TYPE_PORT_SEND_ONCE : MACH_MSG_TYPE_PORT_SEND;
	message->reply = names->reply;
	message->reply_kind = names->reply != NULL ? MACH_MSG_TYPE_PORT_SEND_ONCE : 0;
}

/* The sending half. Returns the receiver, with the space still locked for the receiving half; or NULL, space unlocked, nothing happened. */
static struct thread *
fast_send(struct ipc_space *space, const struct message_call *call, struct ipc_kmsg *message, struct fast_names *names)
{
	struct thread *receiver;

	if (!copyin(&message->header, call->user, call->send_size) || !fast_header(&message->header))
		return NULL;
	spin_lock(&space->lock);
	if (fast_lookup(space, &message->header, call->name, names)) {
		fast_fill(message, call->send_size, names);
		receiver = fast_give(space, names, message);
		if (receiver != NULL)
			return receiver;
	}
	spin_unlock(&space->lock);
	return NULL;
}

bool
fastpath_try(const struct message_call *call, mach_msg_return_t *result)
{
	struct task *task = current_task();
	struct ipc_kmsg *message;
	struct fast_names names;
	struct thread *receiver;

	if (!ipc_fastpath_enabled || (call->option & ~(MACH_SEND_INTERRUPT | MACH_RCV_INTERRUPT)) != (MACH_SEND_MSG | MACH_RCV_MSG) ||
	    call->send_size < sizeof(mach_msg_header_t) || KMSG_RECEIVED_SIZE(call->send_size) > KMSG_SMALL_CAPACITY)
		return false;
	message = kmsg_alloc(call->send_size);
	if (message == NULL)
		return false;
	message->token = task->token;
	receiver = fast_send(task->space, call, message, &names);
	if (receiver == NULL) {
		message->reply = NULL;
		kmsg_free(message);
		return false;
	}
	fastpath_taken++;
	__atomic_add_fetch(&task->messages_sent, 1, __ATOMIC_RELAXED);
	*result = message_receive_entry(names.source, call, receiver);
	return true;
}
