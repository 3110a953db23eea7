/*
 * A memory object whose pager is this task: client threads of it fault on the mapped object and the main thread answers, so that each step
 * can be looked at.
 */
#ifndef USER_TEST_OBJECT_H
#define USER_TEST_OBJECT_H

#include "ipc_check.h"
#include "memory.h"

#include <mach/memory_object.h>

#define WAIT_MS	2000

/* --- messages from the kernel --- */

/* The one received last. */
extern union object_message {
	mach_msg_header_t head;
	struct memory_object_message range;
	struct memory_object_data_return returned;
	struct message any;
} m;

/* The next message's id, or the error. Checks that the kernel sent it. */
int next_message(mach_port_t port, mach_msg_timeout_t ms);
void forget_message(void);

#define EXPECT(port, id)	EQUAL(next_message(port, WAIT_MS), id)
#define NOTHING(port)		EQUAL(next_message(port, 0), MACH_RCV_TIMED_OUT)

/* --- the object --- */

extern mach_port_t object, control;

kern_return_t map_port(mach_port_t port, vm_offset_t offset, uint64_t pages, bool copy, vm_prot_t protection, vm_address_t *address);

/* A fresh object, mapped shared, its pager ready; and its end. */
vm_address_t new_object(uint64_t pages, bool may_cache);
void end_object(vm_address_t at, uint64_t pages);

/* Pages whose words say where they are. */
kern_return_t supply(uint64_t index, uint64_t pages, uint64_t mark, vm_prot_t lock);

/* --- a client: touches an address in a thread of its own --- */

struct client {
	vm_address_t address;
	bool write;
	uint64_t value;			/* read, or to be written */
	kern_return_t result;
	cthread_t thread;
};

/* By vm_read and vm_write, so that a fault that fails is a return code, which client_end gives. */
void client_start(struct client *client, vm_address_t address, bool write, uint64_t value);
kern_return_t client_end(struct client *client);

#endif
