/*
 * Messages to pagers. Each carries a send right to the control port, so a pager needs no table from
 * offsets to controls.
 */
#include "mm/page.h"
#include "vm/copy.h"
#include "vm/pager.h"
#include <mach/memory_object.h>

struct range_body {
	vm_offset_t offset;
	vm_size_t length;
	uint32_t access, pad;
};

struct return_body {
	vm_offset_t offset;
	uint32_t dirty, pad;
};

_Static_assert(sizeof(struct range_body) == sizeof(struct memory_object_message) -
						offsetof(struct memory_object_message, offset) -
						sizeof(mach_msg_trailer_t),
    "the body of memory_object_message");
_Static_assert(sizeof(struct return_body) ==
		   sizeof(struct memory_object_data_return) -
		       offsetof(struct memory_object_data_return, offset) -
		       sizeof(mach_msg_trailer_t),
    "the body of memory_object_data_return");

static void
range_fill(struct pager *pager, struct ipc_kmsg *message, vm_offset_t offset, vm_size_t length,
    vm_prot_t access)
{
	*(struct range_body *)kmsg_body(message) = (struct range_body){ offset, length, access, 0 };
	kmsg_set_port(message, 0, port_make_send(pager->control), MACH_MSG_TYPE_PORT_SEND);
}

static struct ipc_kmsg *
range_message(struct pager *pager, mach_msg_id_t id, vm_offset_t offset, vm_size_t length,
    vm_prot_t access)
{
	struct ipc_kmsg *message = kmsg_create(id, 1, sizeof(struct range_body));

	if (message != NULL)
		range_fill(pager, message, offset, length, access);
	return message;
}

bool
pager_send(struct pager *pager, mach_msg_id_t id, vm_offset_t offset, vm_size_t length,
    vm_prot_t access)
{
	struct ipc_kmsg *message = range_message(pager, id, offset, length, access);

	if (message == NULL)
		return false;
	kmsg_send(message, port_copy_send(pager->port), MACH_MSG_TYPE_PORT_SEND, NULL);
	return true;
}

struct ipc_kmsg *
pager_terminate_create(void)
{
	return kmsg_create(MEMORY_OBJECT_TERMINATE_ID, 1, sizeof(struct range_body));
}

void
pager_send_terminate(struct pager *pager)
{
	struct ipc_kmsg *message = pager->farewell;

	pager->farewell = NULL;
	range_fill(pager, message, 0, 0, VM_PROT_NONE);
	kmsg_send(message, port_copy_send(pager->port), MACH_MSG_TYPE_PORT_SEND, NULL);
}

bool
pager_send_completed(struct pager *pager, vm_offset_t offset, vm_size_t length,
    struct ipc_port *reply)
{
	struct ipc_kmsg *message =
	    range_message(pager, MEMORY_OBJECT_LOCK_COMPLETED_ID, offset, length, VM_PROT_NONE);

	if (message == NULL) {
		port_release_send(reply);
		return false;
	}
	kmsg_send(message, reply, MACH_MSG_TYPE_PORT_SEND, NULL);
	return true;
}

struct ipc_kmsg *
pager_return_create(void)
{
	return kmsg_create(MEMORY_OBJECT_DATA_RETURN_ID, 2, sizeof(struct return_body));
}

void
pager_return_send(struct pager *pager, struct ipc_kmsg *message, vm_offset_t offset,
    struct vm_map_copy *copy, bool dirty)
{
	*(struct return_body *)kmsg_body(message) = (struct return_body){ offset, dirty, 0 };
	kmsg_set_port(message, 0, port_make_send(pager->control), MACH_MSG_TYPE_PORT_SEND);
	kmsg_set_memory(message, 1, copy);
	kmsg_send(message, port_copy_send(pager->port), MACH_MSG_TYPE_PORT_SEND, NULL);
}
