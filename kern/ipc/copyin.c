/*
 * Copy in: a user's message becomes a kernel message that holds rights and memory (message.h).
 */
#include "arch/usercopy.h"
#include "init/panic.h"
#include "ipc/kobject.h"
#include "ipc/message.h"
#include "ipc/right.h"
#include "mm/kalloc.h"
#include "sched/cpu.h"
#include "task/task.h"
#include "task/thread.h"
#include "vm/vm.h"

#define HEADER_BITS                                                                                \
	(MACH_MSGH_BITS_COMPLEX | MACH_MSGH_BITS_REMOTE_MASK | MACH_MSGH_BITS_LOCAL_MASK)

/* --- shape --- */

static bool
send_disposition(unsigned disposition)
{
	return disposition >= MACH_MSG_TYPE_MOVE_SEND &&
	       disposition <= MACH_MSG_TYPE_MAKE_SEND_ONCE;
}

/* Rights the body would carry; a count beyond the limit stops it. */
static unsigned
count_rights(const mach_msg_header_t *header)
{
	const mach_msg_descriptor_t *descriptor = (const mach_msg_descriptor_t *)(header + 1);
	unsigned i, rights = 0;

	for (i = 0; i < header->msgh_descriptor_count && rights <= MACH_MSG_RIGHTS_MAX;
		i++, descriptor++) {
		if (descriptor->port.type == MACH_MSG_PORT_DESCRIPTOR)
			rights++;
		else if (descriptor->port.type == MACH_MSG_OOL_PORTS_DESCRIPTOR)
			rights += descriptor->ool_ports.count <= MACH_MSG_RIGHTS_MAX
					  ? descriptor->ool_ports.count
					  : MACH_MSG_RIGHTS_MAX + 1;
	}
	return rights;
}

static mach_msg_return_t
check_descriptors(const mach_msg_header_t *header, mach_msg_size_t size)
{
	mach_msg_size_t descriptors = header->msgh_descriptor_count;

	if (descriptors > MACH_MSG_DESCRIPTORS_MAX)
		return MACH_SEND_TOO_LARGE;
	descriptors = sizeof *header + descriptors * sizeof(mach_msg_descriptor_t);
	if (size < descriptors)
		return MACH_SEND_MSG_TOO_SMALL;
	if (size - descriptors > MACH_MSG_BODY_MAX || count_rights(header) > MACH_MSG_RIGHTS_MAX)
		return MACH_SEND_TOO_LARGE;
	return MACH_MSG_SUCCESS;
}

mach_msg_return_t
copyin_check(const mach_msg_header_t *header, mach_msg_size_t size)
{
	mach_msg_bits_t bits = header->msgh_bits;
	unsigned local = MACH_MSGH_BITS_LOCAL(bits);

	if ((bits & ~HEADER_BITS) != 0 || !send_disposition(MACH_MSGH_BITS_REMOTE(bits)))
		return MACH_SEND_INVALID_HEADER;
	if (local == 0 ? header->msgh_local_port != MACH_PORT_NULL : !send_disposition(local))
		return MACH_SEND_INVALID_HEADER;
	if ((bits & MACH_MSGH_BITS_COMPLEX) == 0 && header->msgh_descriptor_count != 0)
		return MACH_SEND_INVALID_HEADER;
	return check_descriptors(header, size);
}

/* --- header rights --- */

/* One of the two rights of a header while it is looked at. */
struct header_right {
	mach_port_t name;
	unsigned disposition;
	struct ipc_entry *entry; /* NULL: none is needed */
	struct ipc_port
		*port; /* what a constant name stands for, a send right; later what was taken */
};

static void
resolve_constant(struct header_right *right)
{
	right->port = NULL;
	if (right->name >= MACH_PORT_NAME_RESERVED && right->name != MACH_PORT_DEAD &&
		(right->disposition == MACH_MSG_TYPE_COPY_SEND ||
			right->disposition == MACH_MSG_TYPE_MOVE_SEND))
		right->port = kobject_constant(right->name);
}

/* Whether the right can be taken. Conditions: space locked. */
static bool
header_right_possible(struct ipc_space *space, struct header_right *right)
{
	right->entry = NULL;
	if (right->port != NULL)
		return true;
	right->entry = space_lookup(space, right->name);
	return right->entry != NULL && right_copyin_possible(right->entry, right->disposition);
}

static bool
destination_possible(struct ipc_space *space, struct header_right *right)
{
	return header_right_possible(space, right) &&
	       (right->entry == NULL ? right->port != IPC_PORT_DEAD
				     : (right->entry->type & ENTRY_PORT_RIGHTS) != 0);
}

/*
 * A right for the reply that can be taken after the destination's was. Conditions: the destination
 * is possible.
 */
static bool
reply_possible(
	struct ipc_space *space, const struct header_right *destination, struct header_right *reply)
{
	bool both_move;

	if (reply->disposition == 0 || !MACH_PORT_VALID(reply->name)) {
		reply->entry = NULL;
		reply->port = reply->name == MACH_PORT_DEAD ? IPC_PORT_DEAD : NULL;
		return true;
	}
	if (!header_right_possible(space, reply))
		return false;
	if (reply->entry == NULL || reply->entry != destination->entry)
		return true;
	both_move = destination->disposition == reply->disposition &&
		    (reply->disposition == MACH_MSG_TYPE_MOVE_SEND ||
			    reply->disposition == MACH_MSG_TYPE_MOVE_SEND_ONCE);
	return !both_move ||
	       (reply->disposition == MACH_MSG_TYPE_MOVE_SEND && reply->entry->urefs >= 2);
}

/*
 * Looks at the port itself: alive, for messages, and its holder able to pay. It pays from when the message is queued: until then the sender
 * may be long about the rest of it.
 */
static mach_msg_return_t
check_destination(struct ipc_port *port, struct ipc_kmsg *message)
{
	mach_msg_return_t result = MACH_MSG_SUCCESS;

	port_lock(port);
	if (!port->alive || !kobject_accepts_messages(port)) {
		result = MACH_SEND_INVALID_DEST;
	} else if (!port_could_pay(port, message->charged)) {
		if (message->remote_kind == MACH_MSG_TYPE_PORT_SEND)
			result = MACH_SEND_NO_BUFFER;
		message->flags |= KMSG_OVER_BUDGET;
	}
	port_unlock(port);
	return result;
}

static void
take_right(struct ipc_space *space, struct header_right *right, struct ipc_chores *chores)
{
	if (right->entry != NULL)
		right_copyin(space, right->entry, right->disposition, &right->port, chores);
}

/* Both or none. Conditions: space locked, constants resolved. */
static mach_msg_return_t
take_header_rights(struct ipc_space *space, struct header_right *destination,
	struct header_right *reply, struct ipc_kmsg *message, struct ipc_chores *chores)
{
	/* LAB 2.2 begin [until then: given header_rights.c]: look at both and at the port, then take both.
	 * Hint: one name may stand for both rights; taking the one may end the entry of the other.
	 * What reply_possible found may be out of date for the destination: the port may have died
	 * between the two looks.
	 */
	mach_msg_return_t result;

	if (!destination_possible(space, destination))
		return MACH_SEND_INVALID_DEST;
	if (!reply_possible(space, destination, reply))
		return MACH_SEND_INVALID_REPLY;
	/*
	 * With one name for both, the second look may have found that the port has died since the
	 * first.
	 */
	if (destination->entry != NULL && (destination->entry->type & ENTRY_PORT_RIGHTS) == 0)
		return MACH_SEND_INVALID_DEST;
	result = check_destination(
		destination->entry != NULL ? destination->entry->port : destination->port, message);
	if (result != MACH_MSG_SUCCESS)
		return result;
	/* With one name for both, what leaves the entry in place goes first. */
	if (destination->disposition == MACH_MSG_TYPE_MOVE_SEND) {
		take_right(space, reply, chores);
		take_right(space, destination, chores);
	} else {
		take_right(space, destination, chores);
		take_right(space, reply, chores);
	}
	/* LAB 2.2 end */
	message->remote = destination->port;
	message->reply = reply->port;
	return MACH_MSG_SUCCESS;
}

static mach_msg_return_t
copyin_rights(struct ipc_kmsg *message, struct ipc_chores *chores)
{
	const mach_msg_header_t *header = &message->header;
	struct ipc_space *space = current_task()->space;
	struct header_right destination = {.name = header->msgh_remote_port,
		.disposition = MACH_MSGH_BITS_REMOTE(header->msgh_bits)};
	struct header_right reply = {.name = header->msgh_local_port,
		.disposition = MACH_MSGH_BITS_LOCAL(header->msgh_bits)};
	mach_msg_return_t result;

	message->remote_kind = (uint8_t)right_kind(destination.disposition);
	message->reply_kind = (uint8_t)right_kind(reply.disposition);
	if (message->remote_kind == MACH_MSG_TYPE_PORT_SEND_ONCE)
		message->flags |= KMSG_EXEMPT;
	resolve_constant(&destination);
	resolve_constant(&reply);
	spin_lock(&space->lock);
	result = take_header_rights(space, &destination, &reply, message, chores);
	space->task->messages_sent += result == MACH_MSG_SUCCESS;
	spin_unlock(&space->lock);
	if (result == MACH_MSG_SUCCESS)
		return result;
	if (destination.entry == NULL)
		port_release_right(destination.port, MACH_MSG_TYPE_PORT_SEND, chores);
	if (reply.entry == NULL)
		port_release_right(reply.port, MACH_MSG_TYPE_PORT_SEND, chores);
	return result;
}

mach_msg_return_t
copyin_header(
	uint64_t user, mach_msg_size_t size, struct ipc_kmsg **made, struct ipc_chores *chores)
{
	security_token_t token = current_task()->trailer.msgh_sender;
	mach_msg_return_t result;
	struct ipc_kmsg *message;

	if (size < sizeof(mach_msg_header_t))
		return MACH_SEND_MSG_TOO_SMALL;
	if (size > MACH_MSG_SIZE_MAX)
		return MACH_SEND_TOO_LARGE;
	message = kmsg_alloc(size);
	if (message == NULL)
		return MACH_SEND_NO_BUFFER;
	message->token = token;
	result = copyin(&message->header, user, size) ? copyin_check(&message->header, size)
						      : MACH_SEND_INVALID_DATA;
	if (result == MACH_MSG_SUCCESS) {
		message->header.msgh_size = size;
		result = copyin_rights(message, chores);
	}
	if (result == MACH_MSG_SUCCESS)
		*made = message;
	else
		kmsg_free(message);
	return result;
}

/* --- body --- */

/* One right of the body; NULL and DEAD pass. Returns INVALID_RIGHT: nothing was taken. */
static mach_msg_return_t
copyin_right(struct ipc_kmsg *message, mach_port_t name, unsigned disposition,
	struct ipc_port **port, struct ipc_chores *chores)
{
	struct header_right right = {.name = name, .disposition = disposition};
	struct ipc_space *space = current_task()->space;
	bool possible;

	*port = name == MACH_PORT_DEAD ? IPC_PORT_DEAD : NULL;
	if (!MACH_PORT_VALID(name))
		return MACH_MSG_SUCCESS;
	resolve_constant(&right);
	spin_lock(&space->lock);
	possible = header_right_possible(space, &right);
	if (possible)
		take_right(space, &right, chores);
	spin_unlock(&space->lock);
	if (!possible)
		return MACH_SEND_INVALID_RIGHT;
	*port = right.port;
	if (disposition == MACH_MSG_TYPE_MOVE_RECEIVE && !transit_begin(*port, message->remote)) {
		port_orphan(*port, chores);
		*port = IPC_PORT_DEAD;
	}
	return MACH_MSG_SUCCESS;
}

static mach_msg_return_t
copyin_port(
	struct ipc_kmsg *message, mach_msg_port_descriptor_t *descriptor, struct ipc_chores *chores)
{
	unsigned kind = right_kind(descriptor->disposition);
	mach_msg_return_t result;
	struct ipc_port *port;

	if (kind == 0)
		return MACH_SEND_INVALID_TYPE;
	result = copyin_right(message, descriptor->name, descriptor->disposition, &port, chores);
	if (result != MACH_MSG_SUCCESS)
		return result;
	descriptor->disposition = (uint8_t)kind;
	*kmsg_pointer((mach_msg_descriptor_t *)descriptor) = port;
	return MACH_MSG_SUCCESS;
}

static mach_msg_return_t
copyin_memory(mach_msg_ool_descriptor_t *descriptor)
{
	struct vm_map_copy *copy = NULL;

	if (descriptor->size != 0 &&
		vm_map_copyin(current_task()->map, descriptor->address, descriptor->size,
			descriptor->deallocate != 0, &copy) != KERN_SUCCESS)
		return MACH_SEND_INVALID_MEMORY;
	*kmsg_pointer((mach_msg_descriptor_t *)descriptor) = copy;
	return MACH_MSG_SUCCESS;
}

/* The rights of an array, into a heap block of pointers. On failure those taken are released. */
static mach_msg_return_t
copyin_array(struct ipc_kmsg *message, const mach_msg_ool_ports_descriptor_t *descriptor,
	const mach_port_t *names, struct ipc_port **ports, struct ipc_chores *chores)
{
	mach_msg_return_t result = MACH_MSG_SUCCESS;
	uint32_t i;

	for (i = 0; i < descriptor->count; i++) {
		result =
			copyin_right(message, names[i], descriptor->disposition, &ports[i], chores);
		if (result != MACH_MSG_SUCCESS)
			break;
	}
	/* LAB 2.2 begin [until then: (void)i]: when one right could not be taken, those before it are
	 * released: the message is not going to be sent.
	 */
	if (result != MACH_MSG_SUCCESS)
		while (i-- > 0)
			port_release_right(ports[i], right_kind(descriptor->disposition), chores);
	/* LAB 2.2 end */
	return result;
}

static mach_msg_return_t
copyin_ports(struct ipc_kmsg *message, mach_msg_ool_ports_descriptor_t *descriptor,
	struct ipc_chores *chores)
{
	mach_port_t names[MACH_MSG_RIGHTS_MAX];
	struct ipc_port **ports = NULL;
	mach_msg_return_t result;

	if (right_kind(descriptor->disposition) == 0)
		return MACH_SEND_INVALID_TYPE;
	if (descriptor->count != 0) {
		if (!copyin(names, descriptor->address, descriptor->count * sizeof names[0]))
			return MACH_SEND_INVALID_MEMORY;
		ports = kalloc(descriptor->count * sizeof *ports, KALLOC_MESSAGE);
		if (ports == NULL)
			return MACH_SEND_INVALID_MEMORY;
		result = copyin_array(message, descriptor, names, ports, chores);
		if (result != MACH_MSG_SUCCESS) {
			kfree(ports);
			return result;
		}
		if (descriptor->deallocate)
			vm_map_deallocate(current_task()->map, descriptor->address,
				descriptor->count * sizeof names[0]);
	}
	descriptor->disposition = (uint8_t)right_kind(descriptor->disposition);
	*kmsg_pointer((mach_msg_descriptor_t *)descriptor) = ports;
	return MACH_MSG_SUCCESS;
}

static mach_msg_return_t
copyin_descriptor(
	struct ipc_kmsg *message, mach_msg_descriptor_t *descriptor, struct ipc_chores *chores)
{
	switch (descriptor->port.type) {
	case MACH_MSG_PORT_DESCRIPTOR: return copyin_port(message, &descriptor->port, chores);
	case MACH_MSG_OOL_DESCRIPTOR: return copyin_memory(&descriptor->out_of_line);
	case MACH_MSG_OOL_PORTS_DESCRIPTOR:
		return copyin_ports(message, &descriptor->ool_ports, chores);
	default: return MACH_SEND_INVALID_TYPE;
	}
}

mach_msg_return_t
copyin_body(struct ipc_kmsg *message, struct ipc_chores *chores)
{
	mach_msg_return_t result;

	while (message->taken < message->header.msgh_descriptor_count) {
		result = copyin_descriptor(
			message, &kmsg_descriptors(message)[message->taken], chores);
		if (result != MACH_MSG_SUCCESS) {
			kmsg_discard(message, chores);
			return result;
		}
		message->taken++;
	}
	if (message->taken == 0)
		message->header.msgh_bits &= ~MACH_MSGH_BITS_COMPLEX;
	return MACH_MSG_SUCCESS;
}
