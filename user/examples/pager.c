/*
 * A tiny external pager: memory whose contents a program makes up when they are first looked at.
 *
 * The memory object is a table of squares, 512 numbers to a page. Nobody fills it. Main maps it and reads; each page that
 * is not there yet makes the kernel send a message to the object's port, and the pager's thread answers:
 *
 *	main			kernel				pager
 *	vm_map(object)		-- init -------------------->	memory_object_ready
 *	reads a page		-- data_request, offset ---->	memory_object_data_supply
 *	writes, then unmaps	-- data_return, the page --->	looks at what was written
 *				-- terminate --------------->	ends
 *
 * <mach/memory_object.h> has the messages, boot_pager.c in the system's tests all their rules.
 */
#include <inttypes.h>
#include <mach/mach.h>
#include <mach/memory_object.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define PAGES		8
#define PAGE_NUMBERS	(VM_PAGE_SIZE / sizeof(uint64_t))

/* Room for any message the kernel sends to a pager. */
union message {
	mach_msg_header_t header;
	struct memory_object_message range;
	struct memory_object_data_return returned;
};

static void
must(kern_return_t kr, const char *what)
{
	if (kr != KERN_SUCCESS) {
		fprintf(stderr, "pager: %s: %s\n", what, kern_return_name(kr));
		exit(1);
	}
}

/* --- the pager --- */

/* Makes the page and gives it away: the memory moves into the object. */
static void
data_request(const struct memory_object_message *m)
{
	uint64_t index = m->offset / sizeof(uint64_t);
	vm_address_t page = 0;

	printf("pager: page %d is asked for\n", (int)(m->offset / VM_PAGE_SIZE));
	must(vm_allocate(mach_task_self(), &page, m->length, VM_FLAGS_ANYWHERE), "vm_allocate");
	for (uint64_t i = 0; i < m->length / sizeof(uint64_t); i++)
		((uint64_t *)page)[i] = (index + i) * (index + i);
	must(memory_object_data_supply(m->control.name, m->offset, page, m->length, VM_PROT_NONE),
		"memory_object_data_supply");
}

/* A page that was written comes back before the kernel forgets it. A pager of files would write it to a disk. */
static void
data_return(const struct memory_object_data_return *m)
{
	uint64_t index = m->offset / sizeof(uint64_t);
	const uint64_t *numbers = (const uint64_t *)m->data.address;

	for (uint64_t i = 0; i < m->data.size / sizeof(uint64_t); i++)
		if (numbers[i] != (index + i) * (index + i))
			printf("pager: somebody made number %" PRIu64 " into %" PRIu64 "\n", index + i, numbers[i]);
	must(vm_deallocate(mach_task_self(), m->data.address, m->data.size), "vm_deallocate");
}

/* Every message brings a send right to the control port, which is given back once the message is dealt with. */
static void *
pager(void *argument)
{
	mach_port_t object = *(mach_port_t *)argument;
	union message m;

	for (;;) {
		must(mach_msg(&m.header, MACH_RCV_MSG, 0, sizeof(m), object, MACH_MSG_TIMEOUT_NONE, MACH_PORT_NULL),
			"mach_msg");
		switch (m.header.msgh_id) {
		case MEMORY_OBJECT_INIT_ID:
			printf("pager: the object is in use\n");
			must(memory_object_ready(m.range.control.name, false, MEMORY_OBJECT_COPY_DELAY),
				"memory_object_ready");
			break;
		case MEMORY_OBJECT_DATA_REQUEST_ID:
			data_request(&m.range);
			break;
		case MEMORY_OBJECT_DATA_RETURN_ID:
			data_return(&m.returned);
			break;
		case MEMORY_OBJECT_TERMINATE_ID:
			printf("pager: the object is no longer in use\n");
			return NULL;
		}
		port_drop(m.range.control.name);
	}
}

/* --- whoever uses the memory --- */

static volatile uint64_t *
map_squares(mach_port_t object)
{
	struct vm_map_args args = {
		.target = mach_task_self(),
		.flags = VM_FLAGS_ANYWHERE,
		.size = PAGES * VM_PAGE_SIZE,
		.object = object,
		.cur_protection = VM_PROT_DEFAULT,
		.max_protection = VM_PROT_DEFAULT,
		.inheritance = VM_INHERIT_NONE,
	};

	must(vm_map(&args), "vm_map");
	return (volatile uint64_t *)args.address;
}

static void
show(volatile uint64_t *squares, uint64_t number)
{
	uint64_t square = squares[number];

	printf("main: %" PRIu64 " * %" PRIu64 " = %" PRIu64 "\n", number, number, square);
}

int
main(void)
{
	volatile uint64_t *squares;
	mach_port_t object;
	pthread_t thread;

	must(port_create(true, &object), "port_create");
	if (pthread_create(&thread, NULL, pager, &object) != 0) {
		fprintf(stderr, "pager: no thread\n");
		return 1;
	}
	squares = map_squares(object);
	show(squares, 12);
	show(squares, 13);
	show(squares, 5 * PAGE_NUMBERS + 1);
	squares[14] = 200;
	show(squares, 14);
	must(vm_deallocate(mach_task_self(), (vm_address_t)squares, PAGES * VM_PAGE_SIZE), "vm_deallocate");
	pthread_join(thread, NULL);
	return 0;
}
