/* A memory object whose pager is this task. See object.h. */
#include "object.h"

/* --- messages from the kernel --- */

union object_message m;

int
next_message(mach_port_t port, mach_msg_timeout_t ms)
{
	mach_msg_return_t mr = message_receive(&m.any, port, ms);

	if (mr != MACH_MSG_SUCCESS)
		return mr;
	EQUAL(trailer_of(&m.any)->msgh_sender.label, 0);
	EQUAL(m.head.msgh_local_port, port);
	return m.head.msgh_id;
}

void
forget_message(void)
{
	message_release(&m.any);
}

/* --- the object --- */

mach_port_t object, control;

kern_return_t
map_port(mach_port_t port, vm_offset_t offset, uint64_t pages, bool copy, vm_prot_t protection,
    vm_address_t *address)
{
	struct vm_map_args args = {.target = SELF,
	    .flags = VM_FLAGS_ANYWHERE,
	    .size = pages * PAGE,
	    .object = port,
	    .copy = copy,
	    .offset = offset,
	    .cur_protection = protection,
	    .max_protection = VM_PROT_ALL,
	    .inheritance = VM_INHERIT_COPY};
	kern_return_t kr = vm_map(&args);

	*address = args.address;
	return kr;
}

vm_address_t
new_object(uint64_t pages, bool may_cache)
{
	vm_address_t at;

	object = new_send();
	OK(map_port(object, 0, pages, false, VM_PROT_DEFAULT, &at));
	EXPECT(object, MEMORY_OBJECT_INIT_ID);
	EQUAL(m.range.length, PAGE);
	control = m.range.control.name;
	CHECK(control != MACH_PORT_NULL);
	OK(memory_object_ready(control, may_cache, MEMORY_OBJECT_COPY_DELAY));
	return at;
}

void
end_object(vm_address_t at, uint64_t pages)
{
	OK(vm_deallocate(SELF, at, pages * PAGE));
	EXPECT(object, MEMORY_OBJECT_TERMINATE_ID);
	forget_message();
	NOTHING(object);
	EQUAL(type_of(control), MACH_PORT_TYPE_DEAD_NAME);
	drop_port(control);
	drop_port(object);
}

kern_return_t
supply(uint64_t index, uint64_t pages, uint64_t mark, vm_prot_t lock)
{
	vm_address_t data = 0;

	OK(vm_allocate(SELF, &data, pages * PAGE, VM_FLAGS_ANYWHERE));
	for (uint64_t i = 0; i < pages; i++)
		*(volatile uint64_t *)(data + i * PAGE) = mark + index + i;
	return memory_object_data_supply(control, index * PAGE, data, pages * PAGE, lock);
}

/* --- a client: touches an address in a thread of its own --- */

static void *
client_main(void *argument)
{
	struct client *client = argument;
	vm_address_t copy;

	if (client->write) {
		client->result = vm_write(SELF, client->address, (vm_address_t)&client->value, 8);
	} else {
		client->result = vm_read(SELF, client->address, 8, &copy);
		if (client->result == KERN_SUCCESS) {
			client->value = *(volatile uint64_t *)copy;
			OK(vm_deallocate(SELF, copy, 8));
		}
	}
	return NULL;
}

void
client_start(struct client *client, vm_address_t address, bool write, uint64_t value)
{
	*client = (struct client){ .address = address, .write = write, .value = value };
	client->thread = start(client_main, client);
}

kern_return_t
client_end(struct client *client)
{
	cthread_join(client->thread);
	return client->result;
}
