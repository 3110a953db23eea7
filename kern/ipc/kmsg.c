/*
 * Message buffers: where they come from, what kernel senders put into them, and their end.
 */
#include "ipc/kmsg.h"

#include "init/panic.h"
#include "init/string.h"
#include "ipc/mqueue.h"
#include "ipc/port.h"
#include "mm/kalloc.h"
#include "vm/vm.h"

struct kmsg_cache kmsg_caches[CPU_MAX];

void
ipc_drain(void)
{
	struct ipc_kmsg *message;

	while ((message = kmsg_cache_pop()) != NULL)
		kfree(message);
}

static struct ipc_kmsg *
buffer_alloc(uint32_t capacity)
{
	struct ipc_kmsg *message = NULL;

	if (capacity <= KMSG_SMALL_CAPACITY) {
		capacity = KMSG_SMALL_CAPACITY;
		message = kmsg_cache_pop();
	}
	if (message == NULL)
		message = kalloc_raw(offsetof(struct ipc_kmsg, header) + capacity, KALLOC_MESSAGE);
	if (message == NULL)
		return NULL;
	message->capacity = capacity;
	message->flags = capacity == KMSG_SMALL_CAPACITY ? KMSG_SMALL : 0;
	return message;
}

struct ipc_kmsg *
kmsg_alloc(mach_msg_size_t size)
{
	struct ipc_kmsg *message = buffer_alloc(KMSG_RECEIVED_SIZE(size));

	if (message == NULL)
		return NULL;
	message->remote = message->reply = NULL;
	message->remote_kind = message->reply_kind = 0;
	message->taken = 0;
	message->charged = (uint32_t)(offsetof(struct ipc_kmsg, header) + message->capacity);
	message->notices_after = 0;
	return message;
}

static void
reusable_free(struct ipc_kmsg *message)
{
	uint32_t busy = KMSG_BUSY;

	if (!__atomic_compare_exchange_n(
		    &message->state, &busy, KMSG_IDLE, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		kfree(message);
}

void
kmsg_free_block(struct ipc_kmsg *message)
{
	if (message->flags & KMSG_STATIC)
		return;
	if (message->flags & KMSG_REUSABLE)
		reusable_free(message);
	else
		kfree(message);
}

/* --- the end of what a message holds --- */

static void
release_ports(struct ipc_port **ports, mach_msg_descriptor_t *descriptor, struct ipc_chores *chores)
{
	uint32_t i;

	if (ports == NULL)
		return;
	for (i = 0; i < descriptor->ool_ports.count; i++)
		port_release_right(ports[i], descriptor->ool_ports.disposition, chores);
	kfree(ports);
}

static void
release_descriptor(mach_msg_descriptor_t *descriptor, struct ipc_chores *chores)
{
	void *held = *kmsg_pointer(descriptor);

	switch (descriptor->port.type) {
	case MACH_MSG_PORT_DESCRIPTOR:
		port_release_right(held, descriptor->port.disposition, chores);
		break;
	case MACH_MSG_OOL_DESCRIPTOR:
		if (held != NULL)
			vm_map_copy_discard(held);
		break;
	default: release_ports(held, descriptor, chores); break;
	}
}

void
kmsg_clean(struct ipc_kmsg *message, struct ipc_chores *chores)
{
	unsigned i;

	for (i = 0; i < message->taken; i++)
		release_descriptor(&kmsg_descriptors(message)[i], chores);
	message->taken = 0;
	if (message->remote != NULL)
		port_release_right(message->remote, message->remote_kind, chores);
	port_release_right(message->reply, message->reply_kind, chores);
	message->remote = message->reply = NULL;
	kmsg_free(message);
}

void
kmsg_destroy(struct ipc_kmsg *message)
{
	struct ipc_chores chores;

	chores_init(&chores);
	kmsg_clean(message, &chores);
	chores_do(&chores);
}

/* --- messages of the kernel --- */

struct ipc_kmsg *
kmsg_create(mach_msg_id_t id, unsigned descriptors, unsigned body_bytes)
{
	mach_msg_size_t size = sizeof(mach_msg_header_t) +
			       descriptors * sizeof(mach_msg_descriptor_t) + body_bytes;
	struct ipc_kmsg *message = kmsg_alloc(size);

	if (message == NULL)
		return NULL;
	memset(&message->header, 0, size);
	message->header.msgh_bits = descriptors > 0 ? MACH_MSGH_BITS_COMPLEX : 0;
	message->header.msgh_size = size;
	message->header.msgh_id = id;
	message->header.msgh_descriptor_count = descriptors;
	message->token = (security_token_t){0, 0, 0};
	return message;
}

void *
kmsg_body(struct ipc_kmsg *message)
{
	return kmsg_descriptors(message) + message->header.msgh_descriptor_count;
}

const mach_msg_header_t *
kmsg_header(const struct ipc_kmsg *message)
{
	return &message->header;
}

unsigned
kmsg_body_size(const struct ipc_kmsg *message)
{
	return message->header.msgh_size - sizeof(mach_msg_header_t) -
	       message->header.msgh_descriptor_count * sizeof(mach_msg_descriptor_t);
}

/* Descriptors are filled in order, so that `taken` says which hold something. */
static mach_msg_descriptor_t *
next_descriptor(struct ipc_kmsg *message, unsigned index)
{
	assert(index == message->taken && index < message->header.msgh_descriptor_count);
	message->taken++;
	return &kmsg_descriptors(message)[index];
}

void
kmsg_set_port(
	struct ipc_kmsg *message, unsigned index, struct ipc_port *right, unsigned disposition)
{
	mach_msg_descriptor_t *descriptor = next_descriptor(message, index);

	descriptor->port.type = MACH_MSG_PORT_DESCRIPTOR;
	descriptor->port.disposition = (uint8_t)disposition;
	*kmsg_pointer(descriptor) = right;
}

void
kmsg_set_memory(struct ipc_kmsg *message, unsigned index, struct vm_map_copy *copy)
{
	mach_msg_descriptor_t *descriptor = next_descriptor(message, index);

	descriptor->out_of_line.type = MACH_MSG_OOL_DESCRIPTOR;
	descriptor->out_of_line.size = (uint32_t)vm_map_copy_size(copy);
	*kmsg_pointer(descriptor) = copy;
}

void
kmsg_send(struct ipc_kmsg *message, struct ipc_port *destination, unsigned kind,
	struct ipc_port *reply)
{
	struct ipc_chores chores;

	chores_init(&chores);
	message->reply = reply;
	message->reply_kind = reply != NULL ? MACH_MSG_TYPE_PORT_SEND_ONCE : 0;
	if (!ipc_port_valid(destination)) {
		kmsg_discard(message, &chores);
	} else {
		message->remote = destination;
		message->remote_kind = (uint8_t)kind;
		mqueue_send_kernel(message, &chores);
	}
	chores_do(&chores);
}

/* --- messages that their sender owns --- */

struct ipc_kmsg *
kmsg_create_reusable(mach_msg_id_t id, unsigned body_bytes)
{
	struct ipc_kmsg *message = kmsg_create(id, 0, body_bytes);

	if (message == NULL)
		return NULL;
	message->flags = KMSG_REUSABLE;
	message->charged = 0;
	message->state = KMSG_IDLE;
	return message;
}

bool
kmsg_send_reusable(struct ipc_kmsg *message, struct ipc_port *send_right)
{
	struct ipc_port *port = port_copy_send(send_right);
	uint32_t idle = KMSG_IDLE;

	if (!ipc_port_valid(port))
		return true;
	if (!__atomic_compare_exchange_n(
		    &message->state, &idle, KMSG_BUSY, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
		port_release_send(port);
		return false;
	}
	message->header.msgh_bits = 0;
	message->flags = KMSG_REUSABLE;
	kmsg_send(message, port, MACH_MSG_TYPE_PORT_SEND, NULL);
	return true;
}

void
kmsg_free_reusable(struct ipc_kmsg *message)
{
	if (__atomic_exchange_n(&message->state, KMSG_ABANDONED, __ATOMIC_ACQ_REL) == KMSG_IDLE)
		kfree(message);
}
