/*
 * Messages of generated code: their parts, the check of their shape, and the release of what they
 * carry. See mig.h.
 *
 * A message that could not be sent still holds what was to be moved; a received one (or one that
 * came back, "pseudo-received") holds everything in it. Hence two kinds of release.
 */
#include "mach/mig_internal.h"
#include <string.h>

uint32_t
mig_string_size(const char *string, uint32_t max)
{
	return (uint32_t)strnlen(string, max) + 1;
}

uint32_t
mig_put(void *message, uint32_t offset, const void *data, uint64_t n)
{
	uint8_t *to = (uint8_t *)message + offset;
	uint32_t padded = (uint32_t)mig_pad(n);

	if (n != 0 && to != data)
		memmove(to, data, n);
	memset(to + n, 0, padded - n);
	return offset + padded;
}

struct mig_rest
mig_rest(const mach_msg_header_t *head, uint32_t size)
{
	const uint8_t *start = (const uint8_t *)head;

	return (struct mig_rest){ start + size, start + head->msgh_size };
}

const void *
mig_take(struct mig_rest *rest, uint32_t count, uint32_t max, uint32_t unit)
{
	const uint8_t *part = rest->at;
	uint64_t size;

	if (count > max)
		return NULL;
	size = mig_pad((uint64_t)count * unit);
	if (size > (uint64_t)(rest->end - rest->at))
		return NULL;
	rest->at += size;
	return part;
}

const char *
mig_take_string(struct mig_rest *rest, uint32_t count, uint32_t max)
{
	const char *string = mig_take(rest, count, max, 1);

	if (string == NULL || count == 0 || strnlen(string, count) != count - 1)
		return NULL;
	return string;
}

static bool
descriptor_matches(const mach_msg_descriptor_t *d, const struct mig_descriptor *wanted)
{
	if (d->port.type != wanted->type)
		return false;
	switch (d->port.type) {
	case MACH_MSG_PORT_DESCRIPTOR:
		return d->port.disposition == wanted->right;
	case MACH_MSG_OOL_DESCRIPTOR:
		return d->out_of_line.size % wanted->unit == 0 &&
		       d->out_of_line.size / wanted->unit <= wanted->max;
	default:
		return d->ool_ports.disposition == wanted->right &&
		       d->ool_ports.count <= wanted->max;
	}
}

bool
mig_matches(const mach_msg_header_t *head, const struct mig_shape *shape)
{
	const mach_msg_descriptor_t *d = (const mach_msg_descriptor_t *)(head + 1);
	bool complex = (head->msgh_bits & MACH_MSGH_BITS_COMPLEX) != 0;

	if (head->msgh_size < shape->size || head->msgh_descriptor_count != shape->count ||
		complex != (shape->count != 0))
		return false;
	for (uint32_t i = 0; i < shape->count; i++)
		if (!descriptor_matches(&d[i], &shape->descriptors[i]))
			return false;
	return true;
}

static void
right_release(mach_port_t name, uint32_t disposition)
{
	if (!MACH_PORT_VALID(name))
		return;
	if (disposition == MACH_MSG_TYPE_MOVE_RECEIVE)
		port_drop_receive(name);
	else if (disposition == MACH_MSG_TYPE_MOVE_SEND ||
		 disposition == MACH_MSG_TYPE_MOVE_SEND_ONCE)
		port_drop(name);
}

static void
descriptor_release(const mach_msg_descriptor_t *d, bool all)
{
	const mach_port_t *names;

	switch (d->port.type) {
	case MACH_MSG_PORT_DESCRIPTOR:
		right_release(d->port.name, d->port.disposition);
		break;
	case MACH_MSG_OOL_DESCRIPTOR:
		if (all || d->out_of_line.deallocate)
			mig_free((void *)(uintptr_t)d->out_of_line.address, d->out_of_line.size);
		break;
	case MACH_MSG_OOL_PORTS_DESCRIPTOR:
		names = (const mach_port_t *)(uintptr_t)d->ool_ports.address;
		for (uint32_t i = 0; names != NULL && i < d->ool_ports.count; i++)
			right_release(names[i], d->ool_ports.disposition);
		if (all || d->ool_ports.deallocate)
			mig_free((void *)(uintptr_t)d->ool_ports.address,
				d->ool_ports.count * sizeof(mach_port_t));
		break;
	}
}

static void
body_release(mach_msg_header_t *head, bool all)
{
	const mach_msg_descriptor_t *d = (const mach_msg_descriptor_t *)(head + 1);

	for (uint32_t i = 0; i < head->msgh_descriptor_count && i < MACH_MSG_DESCRIPTORS_MAX; i++)
		descriptor_release(&d[i], all);
	head->msgh_descriptor_count = 0;
}

void
mig_destroy_body(mach_msg_header_t *received)
{
	body_release(received, true);
}

void
mig_destroy(mach_msg_header_t *received)
{
	body_release(received, true);
	right_release(received->msgh_remote_port, MACH_MSGH_BITS_REMOTE(received->msgh_bits));
	received->msgh_remote_port = MACH_PORT_NULL;
}

/*
 * The rights that a reply would have made are made and given up: a port that only its receiver would have had is then one without
 * senders, and its notification comes as if the receiver had gone a moment later.
 */
static void
make_rights(mach_msg_header_t *head)
{
	mach_msg_descriptor_t *d = (mach_msg_descriptor_t *)(head + 1);

	for (uint32_t i = 0; i < head->msgh_descriptor_count; i++, d++)
		if (d->port.type == MACH_MSG_PORT_DESCRIPTOR && d->port.disposition == MACH_MSG_TYPE_MAKE_SEND &&
			mach_port_insert_right(mach_task_self(), d->port.name, d->port.name, MACH_MSG_TYPE_MAKE_SEND) == KERN_SUCCESS)
			d->port.disposition = MACH_MSG_TYPE_MOVE_SEND;
}

/* The kernel has taken all of a message that it did not send. */
static bool
is_consumed(mach_msg_return_t why)
{
	return why == MACH_SEND_INVALID_MEMORY || why == MACH_SEND_INVALID_RIGHT || why == MACH_SEND_INVALID_TYPE;
}

/* The kernel has taken all of it, and given everything back. */
static bool
came_back(mach_msg_return_t why)
{
	return why == MACH_SEND_TIMED_OUT || why == MACH_SEND_INTERRUPTED;
}

void
mig_unsent(mach_msg_header_t *head, mach_msg_return_t why)
{
	if (is_consumed(why))
		return;
	body_release(head, came_back(why));
	right_release(head->msgh_remote_port, MACH_MSGH_BITS_REMOTE(head->msgh_bits));
	right_release(head->msgh_local_port, MACH_MSGH_BITS_LOCAL(head->msgh_bits));
}

void
mig_reply_unsent(mach_msg_header_t *head, mach_msg_return_t why)
{
	if (!is_consumed(why))
		make_rights(head);
	mig_unsent(head, why);
}

void
mig_free(void *data, vm_size_t bytes)
{
	if (data != NULL && bytes != 0)
		vm_deallocate(mach_task_self(), (uintptr_t)data, bytes);
}

void
mig_free_ports(mach_port_t *ports, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		port_drop(ports[i]);
	mig_free(ports, count * sizeof(mach_port_t));
}
