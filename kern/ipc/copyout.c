/*
 * Copy out: a kernel message becomes the receiver's (message.h).
 *
 * Rights and memory are given to the receiver first, under names and addresses written over the
 * descriptors; then header, descriptors, body and trailer go to the user's buffer in one copy. If
 * that copy fails the receiver could never learn the names, so they are taken back.
 */
#include <mach/notify.h>

#include "arch/usercopy.h"
#include "ipc/kobject.h"
#include "ipc/copyout.h"
#include "ipc/right.h"
#include "mm/kalloc.h"
#include "sched/cpu.h"
#include "task/task.h"
#include "task/thread.h"
#include "trap/handlers.h"
#include "vm/vm.h"

/* --- one right --- */

kern_return_t
space_copyout(
	struct ipc_space *space, struct ipc_port *port, unsigned disposition, mach_port_t *name)
{
	kern_return_t result = KERN_SUCCESS;
	struct ipc_chores chores;

	*name = port == IPC_PORT_DEAD ? MACH_PORT_DEAD : MACH_PORT_NULL;
	if (!ipc_port_valid(port))
		return KERN_SUCCESS;
	chores_init(&chores);
	if (disposition == MACH_MSG_TYPE_PORT_RECEIVE)
		transit_end(port);
	spin_lock(&space->lock);
	if (!port_lives(port)) {
		*name = MACH_PORT_DEAD;
		spin_unlock(&space->lock);
		port_release_right(port, disposition, &chores);
	} else {
		result = right_copyout(space, port, disposition, name, &chores);
		spin_unlock(&space->lock);
		if (result != KERN_SUCCESS) {
			*name = MACH_PORT_NULL;
			port_release_right(port, disposition, &chores);
		}
	}
	chores_do(&chores);
	return result;
}

void
space_release_name(mach_port_t name)
{
	if (MACH_PORT_VALID(name))
		trap_mach_port_deallocate(MACH_PORT_TASK_SELF, name);
}

kern_return_t
space_give_send(struct ipc_port *right, uint64_t user_name)
{
	mach_port_t name;
	kern_return_t result = space_copyout(current_task()->space, right, MACH_MSG_TYPE_PORT_SEND, &name);

	if (result != KERN_SUCCESS || copyout(user_name, &name, sizeof name))
		return result;
	space_release_name(name);
	return KERN_INVALID_ADDRESS;
}

kern_return_t
space_copyin_send(struct ipc_space *space, mach_port_t name, struct ipc_port **port)
{
	kern_return_t result = KERN_SUCCESS;
	struct ipc_entry *entry;

	*port = NULL;
	if (name == MACH_PORT_NULL)
		return KERN_SUCCESS;
	if (name >= MACH_PORT_NAME_RESERVED) {
		*port = kobject_constant(name);
		return *port != NULL ? KERN_SUCCESS : KERN_INVALID_NAME;
	}
	spin_lock(&space->lock);
	entry = space_lookup(space, name);
	if (entry == NULL)
		result = KERN_INVALID_NAME;
	else if ((entry->type & ENTRY_SEND) == 0)
		result = KERN_INVALID_RIGHT;
	else
		*port = port_copy_send(entry->port);
	spin_unlock(&space->lock);
	return result;
}

/* --- descriptors: each returns false when something is lost --- */

static bool
copyout_port(mach_msg_port_descriptor_t *descriptor, struct ipc_port *port)
{
	unsigned disposition = descriptor->disposition;
	mach_port_t name;
	bool whole;

	whole = space_copyout(current_task()->space, port, disposition, &name) == KERN_SUCCESS;
	*descriptor = (mach_msg_port_descriptor_t){.name = name,
		.disposition = (uint8_t)disposition,
		.type = MACH_MSG_PORT_DESCRIPTOR};
	return whole;
}

static bool
copyout_memory(mach_msg_ool_descriptor_t *descriptor, struct vm_map_copy *copy)
{
	vm_address_t address = 0;

	if (copy != NULL && vm_map_copyout(current_task()->map, copy, &address) != KERN_SUCCESS) {
		vm_map_copy_discard(copy);
		address = 0;
		descriptor->size = 0;
	}
	descriptor->address = address;
	return copy == NULL || address != 0;
}

/* New memory for the names of an array. Returns 0: none. */
static vm_address_t
array_memory(uint32_t count)
{
	vm_address_t address = 0;

	if (vm_map_allocate(current_task()->map, &address, count * sizeof(mach_port_t), 0,
		    VM_FLAGS_ANYWHERE) != KERN_SUCCESS)
		return 0;
	return address;
}

static bool
copyout_ports(mach_msg_ool_ports_descriptor_t *descriptor, struct ipc_port **ports,
	struct ipc_chores *chores)
{
	mach_port_t names[MACH_MSG_RIGHTS_MAX];
	uint32_t i, count = descriptor->count;
	bool whole = true;

	descriptor->address = 0;
	if (count == 0)
		return true;
	descriptor->address = array_memory(count);
	if (descriptor->address == 0) {
		for (i = 0; i < count; i++)
			port_release_right(ports[i], descriptor->disposition, chores);
		descriptor->count = 0;
		kfree(ports);
		return false;
	}
	for (i = 0; i < count; i++)
		whole &= space_copyout(current_task()->space, ports[i], descriptor->disposition,
				 &names[i]) == KERN_SUCCESS;
	kfree(ports);
	/* The memory is new; that a page cannot be had for it shows when the receiver looks. */
	return copyout(descriptor->address, names, count * sizeof names[0]) && whole;
}

static bool
copyout_descriptor(mach_msg_descriptor_t *descriptor, struct ipc_chores *chores)
{
	void *held = *kmsg_pointer(descriptor);

	switch (descriptor->port.type) {
	case MACH_MSG_PORT_DESCRIPTOR: return copyout_port(&descriptor->port, held);
	case MACH_MSG_OOL_DESCRIPTOR: return copyout_memory(&descriptor->out_of_line, held);
	default: return copyout_ports(&descriptor->ool_ports, held, chores);
	}
}

static bool
copyout_body(struct ipc_kmsg *message, struct ipc_chores *chores)
{
	bool whole = true;
	unsigned i;

	for (i = 0; i < message->taken; i++)
		whole &= copyout_descriptor(&kmsg_descriptors(message)[i], chores);
	message->taken = 0;
	return whole;
}

/* --- the user's buffer cannot be written: what was given is taken back --- */

static void
revoke_right(mach_port_t name, unsigned kind, struct ipc_chores *chores)
{
	struct ipc_space *space = current_task()->space;
	struct ipc_entry *entry;

	spin_lock(&space->lock);
	entry = space_lookup(space, name);
	if (entry != NULL && kind == MACH_MSG_TYPE_PORT_RECEIVE)
		right_delta(space, entry, MACH_PORT_RIGHT_RECEIVE, -1, chores);
	else if (entry != NULL)
		right_deallocate(space, entry, chores);
	spin_unlock(&space->lock);
}

static void
revoke_ports(const mach_msg_ool_ports_descriptor_t *descriptor, struct ipc_chores *chores)
{
	mach_port_t names[MACH_MSG_RIGHTS_MAX];
	uint32_t i;

	if (descriptor->count == 0)
		return;
	if (copyin(names, descriptor->address, descriptor->count * sizeof names[0]))
		for (i = 0; i < descriptor->count; i++)
			revoke_right(names[i], descriptor->disposition, chores);
	vm_map_deallocate(
		current_task()->map, descriptor->address, descriptor->count * sizeof names[0]);
}

static void
revoke(struct ipc_kmsg *message, struct ipc_chores *chores)
{
	const mach_msg_descriptor_t *descriptor = kmsg_descriptors(message);
	unsigned i;

	revoke_right(message->header.msgh_remote_port,
		MACH_MSGH_BITS_REMOTE(message->header.msgh_bits), chores);
	for (i = 0; i < message->header.msgh_descriptor_count; i++, descriptor++)
		if (descriptor->port.type == MACH_MSG_PORT_DESCRIPTOR)
			revoke_right(descriptor->port.name, descriptor->port.disposition, chores);
		else if (descriptor->port.type == MACH_MSG_OOL_PORTS_DESCRIPTOR)
			revoke_ports(&descriptor->ool_ports, chores);
		else if (descriptor->out_of_line.size != 0)
			vm_map_deallocate(current_task()->map, descriptor->out_of_line.address,
				descriptor->out_of_line.size);
}

/* --- what a receiver gets --- */

/* Returns false: the reply right found no room and is lost. */
static bool
copyout_reply(struct ipc_kmsg *message)
{
	struct ipc_port *reply = message->reply;

	if (copyout_reply_quickly(message))
		return true;
	message->reply = NULL;
	return space_copyout(current_task()->space, reply, message->reply_kind,
		       &message->header.msgh_remote_port) == KERN_SUCCESS;
}

/* Too large, or no room for the reply right: the header tells what it was, everything else goes. */
static mach_msg_return_t
copyout_header_only(struct ipc_kmsg *message, mach_msg_return_t result, mach_port_t local,
	uint64_t user, struct ipc_chores *chores)
{
	mach_msg_header_t header = message->header;

	header.msgh_bits = (header.msgh_bits & MACH_MSGH_BITS_COMPLEX) |
			   MACH_MSGH_BITS(0, message->remote_kind);
	header.msgh_remote_port = MACH_PORT_NULL;
	header.msgh_local_port = local;
	kmsg_discard(message, chores);
	return copyout(user, &header, sizeof header) ? result : MACH_RCV_INVALID_DATA;
}

static mach_msg_return_t
copyout_send_once_notice(const struct receiver *receiver, uint64_t user)
{
	struct {
		mach_msg_header_t header;
		mach_msg_trailer_t trailer;
	} notice = {
		.header = {.msgh_bits = MACH_MSGH_BITS(0, MACH_MSG_TYPE_PORT_SEND_ONCE),
			.msgh_size = sizeof(mach_msg_header_t),
			.msgh_local_port = receiver->name,
			.msgh_id = MACH_NOTIFY_SEND_ONCE},
		.trailer = {.msgh_trailer_size = sizeof(mach_msg_trailer_t),
			.msgh_seqno = receiver->seqno},
	};
	size_t size = receiver->result == MACH_RCV_TOO_LARGE ? sizeof notice.header : sizeof notice;

	return copyout(user, &notice, size) ? receiver->result : MACH_RCV_INVALID_DATA;
}

/* RCV_LARGE: the message stays; its size is what the receiver wants to know. */
static mach_msg_return_t
copyout_size(const struct receiver *receiver, uint64_t user)
{
	mach_msg_header_t header = {.msgh_size = receiver->left_size,
		.msgh_id = receiver->left_id,
		.msgh_local_port = receiver->name};

	return copyout(user, &header, sizeof header) ? receiver->result : MACH_RCV_INVALID_DATA;
}

static mach_msg_return_t
copyout_whole(const struct receiver *receiver, uint64_t user, struct ipc_chores *chores)
{
	struct ipc_kmsg *message = receiver->message;
	mach_msg_return_t result;
	bool whole = true;

	if (!copyout_reply(message))
		return copyout_header_only(
			message, MACH_RCV_HEADER_ERROR, receiver->name, user, chores);
	header_swap(message, receiver->name);
	if (message->taken != 0)
		whole = copyout_body(message, chores);
	result = copyout_bytes(message, receiver->seqno, user);
	if (result != MACH_MSG_SUCCESS)
		revoke(message, chores);
	kmsg_free(message);
	return result == MACH_MSG_SUCCESS && !whole ? MACH_RCV_BODY_ERROR : result;
}

__attribute__((noinline)) mach_msg_return_t
copyout_unusual(struct receiver *receiver, uint64_t user, mach_msg_return_t result)
{
	struct ipc_chores chores;

	chores_init(&chores);
	if (result == MACH_MSG_SUCCESS) {
		result = copyout_received(receiver, user, &chores);
	} else {
		revoke(receiver->message, &chores);
		kmsg_free(receiver->message);
	}
	chores_do(&chores);
	return result;
}

mach_msg_return_t
copyout_quick(struct receiver *receiver, uint64_t user)
{
	return copyout_inline(receiver, user);
}

mach_msg_return_t
copyout_received(struct receiver *receiver, uint64_t user, struct ipc_chores *chores)
{
	if (receiver->message == NULL && receiver->result == MACH_RCV_TOO_LARGE && receiver_leaves(receiver))
		return copyout_size(receiver, user);
	if (receiver->message == NULL)
		return copyout_send_once_notice(receiver, user);
	if (receiver->result == MACH_RCV_TOO_LARGE)
		return copyout_header_only(
			receiver->message, MACH_RCV_TOO_LARGE, receiver->name, user, chores);
	return copyout_whole(receiver, user, chores);
}

/* --- back to the sender --- */

void
copyout_pseudo(struct ipc_kmsg *message, uint64_t user, struct ipc_chores *chores)
{
	mach_msg_header_t *header = &message->header;
	struct ipc_space *space = current_task()->space;

	spin_lock(&space->lock);
	space->task->messages_sent--; /* it was counted when its rights were taken */
	spin_unlock(&space->lock);
	space_copyout(space, message->remote, message->remote_kind, &header->msgh_remote_port);
	space_copyout(space, message->reply, message->reply_kind, &header->msgh_local_port);
	message->remote = message->reply = NULL;
	header->msgh_bits = (header->msgh_bits & MACH_MSGH_BITS_COMPLEX) |
			    MACH_MSGH_BITS(message->remote_kind, message->reply_kind);
	copyout_body(message, chores);
	copyout(user, header, header->msgh_size);
	kmsg_free(message);
}
