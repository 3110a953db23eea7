/*
 * MACH.md section 3, memory: allocation, attributes, mappings, wiring, and much of it. What copies are: boot_vm_copy.c.
 */
#include "ipc_check.h"
#include "memory.h"
#include "threads.h"

#include <mach/device.h>
#include <mach/exception.h>
#include <string.h>

#define HIGH	0x0000700000000000ull	/* free room for fixed addresses */

static uint64_t
kernel_memory(void)
{
	struct task_info info;

	OK(task_info(SELF, &info));
	return info.kernel_memory;
}

/* --- allocation --- */

/* How many words of a page are not zero. */
static unsigned
words_set(vm_address_t page)
{
	unsigned set = 0;

	for (unsigned i = 0; i < PAGE / sizeof(uint64_t); i++)
		set += word(page)[i] != 0;
	return set;
}

static void
new_memory_is_zero_and_writable(void)
{
	vm_address_t at = allocate(50);
	struct vm_region_info info = region_at(at);

	for (unsigned i = 0; i < 50; i++)
		EQUAL(words_set(at + i * PAGE), 0);
	for (unsigned i = 0; i < 50; i++)
		memset((void *)(at + i * PAGE), (int)i + 1, PAGE);
	for (unsigned i = 0; i < 50; i++)
		EQUAL(*word(at + i * PAGE), (i + 1) * 0x0101010101010101ull);
	CHECK(info.address <= at && info.address + info.size >= at + 50 * PAGE);
	EQUAL(info.protection, VM_PROT_DEFAULT);
	EQUAL(info.max_protection, VM_PROT_ALL);
	EQUAL(info.inheritance, VM_INHERIT_COPY);
	EQUAL(info.object, VM_REGION_ANONYMOUS);
	EQUAL(info.shared, 0);
	deallocate(at, 50);
	EQUAL(peek(SELF, at), ~0ull);
	at = allocate(50);			/* frames that have just been full */
	for (unsigned i = 0; i < 50; i++)
		EQUAL(words_set(at + i * PAGE), 0);
	deallocate(at, 50);
}

static void
fixed_places_are_respected(void)
{
	vm_address_t at = HIGH, inside = HIGH + PAGE;

	OK(vm_allocate(SELF, &at, 4 * PAGE, VM_FLAGS_FIXED));
	EQUAL(at, HIGH);
	EQUAL(vm_allocate(SELF, &inside, PAGE, VM_FLAGS_FIXED), KERN_NO_SPACE);
	*word(HIGH + PAGE) = 7;
	*word(HIGH) = 8;
	OK(vm_allocate(SELF, &inside, PAGE, VM_FLAGS_FIXED | VM_FLAGS_OVERWRITE));
	EQUAL(*word(HIGH + PAGE), 0);
	EQUAL(*word(HIGH), 8);
	OK(vm_deallocate(SELF, HIGH - 16 * PAGE, 64 * PAGE));
	OK(vm_deallocate(SELF, HIGH, 64 * PAGE));
	EQUAL(peek(SELF, HIGH), ~0ull);
}

static void
impossible_arguments_are_refused(void)
{
	static const vm_size_t sizes[] = {~0ull, ~0ull - PAGE, 1ull << 63, 1ull << 47,
	    VM_MAX_ADDRESS};
	vm_address_t at;

	for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		at = 0;
		CHECK(vm_allocate(SELF, &at, sizes[i], VM_FLAGS_ANYWHERE) != KERN_SUCCESS);
		at = HIGH;
		CHECK(vm_allocate(SELF, &at, sizes[i], VM_FLAGS_FIXED) != KERN_SUCCESS);
		CHECK(vm_protect(SELF, HIGH, sizes[i], 0, VM_PROT_READ) != KERN_SUCCESS);
		CHECK(vm_inherit(SELF, HIGH, sizes[i], VM_INHERIT_NONE) != KERN_SUCCESS);
		CHECK(vm_read(SELF, HIGH, sizes[i], &at) != KERN_SUCCESS);
		CHECK(vm_write(SELF, HIGH, HIGH, sizes[i]) != KERN_SUCCESS);
		CHECK(vm_copy(SELF, HIGH, sizes[i], HIGH + PAGE) != KERN_SUCCESS);
	}
	EQUAL(vm_allocate(SELF, &at, 0, VM_FLAGS_ANYWHERE), KERN_INVALID_ARGUMENT);
	at = 0x1000;
	EQUAL(vm_allocate(SELF, &at, PAGE, VM_FLAGS_FIXED), KERN_INVALID_ADDRESS);
	at = 0xffff800000000000ull;
	EQUAL(vm_allocate(SELF, &at, PAGE, VM_FLAGS_FIXED), KERN_INVALID_ADDRESS);
	EQUAL(vm_allocate(SELF, &at, PAGE, 0xff), KERN_INVALID_ARGUMENT);
	EQUAL(vm_allocate(SELF, (vm_address_t *)8, PAGE, VM_FLAGS_ANYWHERE), KERN_INVALID_ADDRESS);
	EQUAL(vm_allocate(SELF, (vm_address_t *)0xffff800000000000ull, PAGE, VM_FLAGS_ANYWHERE),
	    KERN_INVALID_ADDRESS);
	EQUAL(vm_allocate(MACH_PORT_NULL, &at, PAGE, VM_FLAGS_ANYWHERE), KERN_INVALID_TASK);
	EQUAL(vm_protect(SELF, HIGH, PAGE, 0, 8), KERN_INVALID_ARGUMENT);
	EQUAL(vm_inherit(SELF, HIGH, PAGE, 3), KERN_INVALID_ARGUMENT);
	EQUAL(vm_deallocate(SELF, ~0ull - 10, PAGE), KERN_INVALID_ARGUMENT);
	OK(vm_deallocate(SELF, 0xffff800000000000ull, PAGE));
	EQUAL(vm_map((struct vm_map_args *)8), KERN_INVALID_ADDRESS);
	EQUAL(vm_remap((struct vm_remap_args *)8), KERN_INVALID_ADDRESS);
	EQUAL(vm_region(SELF, (struct vm_region_info *)8), KERN_INVALID_ADDRESS);
	EQUAL(vm_statistics((struct vm_statistics *)8), KERN_INVALID_ADDRESS);
}

static void
protection_stays_below_the_maximum(void)
{
	vm_address_t at = allocate(4), data;

	*word(at + PAGE) = 5;
	OK(vm_protect(SELF, at + PAGE, PAGE, 0, VM_PROT_READ));
	EQUAL(*word(at + PAGE), 5);
	EQUAL(poke(SELF, at + PAGE, 6), KERN_PROTECTION_FAILURE);
	OK(vm_protect(SELF, at + PAGE, PAGE, 0, VM_PROT_NONE));
	EQUAL(vm_read(SELF, at, 4 * PAGE, &data), KERN_PROTECTION_FAILURE);
	OK(vm_protect(SELF, at + PAGE, PAGE, 1, VM_PROT_READ));
	EQUAL(vm_protect(SELF, at, 4 * PAGE, 0, VM_PROT_DEFAULT), KERN_PROTECTION_FAILURE);
	OK(vm_protect(SELF, at, 4 * PAGE, 0, VM_PROT_READ));
	EQUAL(*word(at + PAGE), 5);
	OK(vm_protect(SELF, at, PAGE, 0, VM_PROT_DEFAULT));
	*word(at) = 1;
	deallocate(at, 4);
	EQUAL(vm_protect(SELF, at, PAGE, 0, VM_PROT_READ), KERN_INVALID_ADDRESS);
}

static void
regions_are_listed_in_order(void)
{
	struct vm_region_info info = { .address = HIGH };
	vm_address_t at = HIGH;

	OK(vm_allocate(SELF, &at, 8 * PAGE, VM_FLAGS_FIXED));
	OK(vm_protect(SELF, HIGH + 2 * PAGE, 2 * PAGE, 0, VM_PROT_READ));
	OK(vm_inherit(SELF, HIGH + 6 * PAGE, PAGE, VM_INHERIT_NONE));
	*word(HIGH + PAGE) = 1;
	for (unsigned i = 0; i < 5; i++) {
		static const unsigned pages[] = { 2, 2, 2, 1, 1 }, resident[] = { 1, 0, 0, 0, 0 };

		OK(vm_region(SELF, &info));
		EQUAL(info.size, pages[i] * PAGE);
		EQUAL(info.resident, resident[i]);
		EQUAL(info.protection, i == 1 ? VM_PROT_READ : VM_PROT_DEFAULT);
		EQUAL(info.inheritance, i == 3 ? VM_INHERIT_NONE : VM_INHERIT_COPY);
		info.address += info.size;
	}
	OK(vm_protect(SELF, HIGH, 8 * PAGE, 0, VM_PROT_DEFAULT));
	OK(vm_inherit(SELF, HIGH, 8 * PAGE, VM_INHERIT_COPY));
	EQUAL(region_at(HIGH).size, 8 * PAGE);
	OK(vm_deallocate(SELF, HIGH, 8 * PAGE));
	info.address = VM_MAX_ADDRESS;
	EQUAL(vm_region(SELF, &info), KERN_NO_SPACE);
}

static void
anonymous_mappings_have_their_attributes(void)
{
	struct vm_map_args args = {.target = SELF,
	    .flags = VM_FLAGS_ANYWHERE,
	    .size = 5000,
	    .mask = 0x1fffff,
	    .cur_protection = VM_PROT_READ,
	    .max_protection = VM_PROT_DEFAULT,
	    .inheritance = VM_INHERIT_NONE};
	struct vm_region_info info;

	OK(vm_map(&args));
	EQUAL(args.address & 0x1fffff, 0);
	info = region_at(args.address);
	EQUAL(info.size, 2 * PAGE);
	EQUAL(info.protection, VM_PROT_READ);
	EQUAL(info.max_protection, VM_PROT_DEFAULT);
	EQUAL(info.inheritance, VM_INHERIT_NONE);
	EQUAL(*word(args.address), 0);
	EQUAL(poke(SELF, args.address, 1), KERN_PROTECTION_FAILURE);
	OK(vm_deallocate(SELF, args.address, 5000));
	args.cur_protection = VM_PROT_ALL;
	EQUAL(vm_map(&args), KERN_INVALID_ARGUMENT);
	args.cur_protection = VM_PROT_READ;
	args.object = SELF;
	CHECK(vm_map(&args) != KERN_SUCCESS);
	args.object = 0x12345;
	CHECK(vm_map(&args) != KERN_SUCCESS);
	args.object = MACH_PORT_NULL;
	args.size = 0;
	EQUAL(vm_map(&args), KERN_INVALID_ARGUMENT);
}

/* --- privileged calls --- */

/* Whether the pages lie in memory as the call said, one frame behind the other: a pin tells where each is. */
static bool
is_contiguous(vm_address_t block, phys_addr_t physical, unsigned pages)
{
	phys_addr_t frames[8] = { 0 };
	uint32_t count = sizeof(frames) / sizeof(frames[0]);
	mach_port_t dma = MACH_PORT_NULL;
	unsigned behind = 0;

	OK(device_dma_create(startup_info->device, &dma));
	OK(device_dma_pin(dma, block, pages * PAGE, frames, &count));
	for (unsigned i = 0; i < pages; i++)
		behind += frames[i] == physical + i * PAGE;
	OK(device_dma_unpin(dma, block, pages * PAGE));
	OK(mach_port_deallocate(SELF, dma));
	return count == pages && behind == pages;
}

static void
wiring_needs_the_host_port(void)
{
	mach_port_t host = startup_info->host;
	vm_address_t at = allocate(4), block = 0;
	phys_addr_t physical = 1;
	uint64_t wired = statistics().wired;

	EQUAL(vm_wire(mach_host_self(), SELF, at, PAGE, VM_PROT_READ), KERN_INVALID_HOST);
	EQUAL(vm_allocate_contiguous(MACH_PORT_NULL, SELF, &block, &physical, PAGE),
	    KERN_INVALID_HOST);
	OK(vm_wire(host, SELF, at, 3 * PAGE, VM_PROT_READ | VM_PROT_WRITE));
	EQUAL(statistics().wired, wired + 3);
	EQUAL(region_at(at).wired, 1);
	*word(at) = 1;
	OK(vm_wire(host, SELF, at + PAGE, PAGE, VM_PROT_READ));
	EQUAL(vm_wire(host, SELF, at, 4 * PAGE, VM_PROT_NONE), KERN_INVALID_ARGUMENT);
	OK(vm_wire(host, SELF, at, 3 * PAGE, VM_PROT_NONE));
	EQUAL(statistics().wired, wired + 1);
	EQUAL(vm_wire(host, SELF, at, PAGE, VM_PROT_EXECUTE), KERN_PROTECTION_FAILURE);
	deallocate(at, 4);
	EQUAL(statistics().wired, wired);
	OK(vm_allocate_contiguous(host, SELF, &block, &physical, 5 * PAGE));
	EQUAL(physical % PAGE, 0);
	CHECK(is_contiguous(block, physical, 5));
	EQUAL(statistics().wired, wired + 5);
	for (unsigned i = 0; i < 5; i++) {
		EQUAL(*word(block + i * PAGE), 0);
		*word(block + i * PAGE) = i;
	}
	deallocate(block, 5);
	EQUAL(statistics().wired, wired);
	CHECK(vm_allocate_contiguous(host, SELF, &block, &physical, 1ull << 40) != KERN_SUCCESS);
}

/* --- quantity --- */

#define MANY	50000u	/* triples of pages: two regions, of which one may only be read, and a hole */
#define FEW	500u
#define BATCH	50u

enum { PROTECT, PLACE, FAULT, REGION, KINDS };

static const char *const kinds[KINDS] = { "vm_protect", "vm_map", "faults", "vm_region" };

/* What BATCH calls of each kind took, in the quickest batch. */
struct costs {
	uint64_t least[KINDS];
};

/* Makes a triple of the pages at `at`, the second of which is never touched before FAULT. */
static void
make_triple(vm_address_t at)
{
	OK(vm_protect(SELF, at, PAGE, 0, VM_PROT_READ));
	OK(vm_deallocate(SELF, at + 2 * PAGE, PAGE));
}

/* Behind all holes from HIGH on: each is too small. */
static void
find_place(vm_address_t end)
{
	struct vm_map_args args = {.target = SELF,
	    .flags = VM_FLAGS_ANYWHERE,
	    .address = HIGH,
	    .size = 2 * PAGE,
	    .inheritance = VM_INHERIT_COPY};

	OK(vm_map(&args));
	EQUAL(args.address, end);
	deallocate(args.address, 2);
}

static void
one_call(unsigned kind, vm_address_t triple, vm_address_t end)
{
	struct vm_region_info info = { .address = triple };

	switch (kind) {
	case PROTECT:
		OK(vm_protect(SELF, triple, PAGE, 0, VM_PROT_NONE));
		break;
	case PLACE:
		find_place(end);
		break;
	case FAULT:
		*word(triple + PAGE) = 1;
		break;
	case REGION:
		OK(vm_region(SELF, &info));
		EQUAL(info.size, PAGE);
		break;
	}
}

/* Calls of all kinds for FEW triples. */
static struct costs
measure(vm_address_t triples, vm_address_t end)
{
	struct costs costs;

	memset(&costs, 0xff, sizeof(costs));
	for (unsigned i = 0; i < FEW; i += BATCH)
		for (unsigned kind = 0; kind < KINDS; kind++) {
			uint64_t took = clock_now();

			for (unsigned j = i; j < i + BATCH; j++)
				one_call(kind, triples + 3 * j * PAGE, end);
			took = clock_now() - took;
			costs.least[kind] = took < costs.least[kind] ? took : costs.least[kind];
		}
	return costs;
}

static void
many_regions_are_found_quickly(void)
{
	uint64_t kernel = kernel_memory();
	vm_address_t at = HIGH, end = at + (3 * MANY - 1) * PAGE;
	struct costs few, many;

	OK(vm_allocate(SELF, &at, 3 * MANY * PAGE, VM_FLAGS_FIXED));
	OK(vm_deallocate(SELF, end, PAGE));
	for (unsigned i = 0; i < FEW; i++)
		make_triple(at + 3 * i * PAGE);
	few = measure(at, end);
	for (unsigned i = FEW; i < MANY; i++)
		make_triple(at + 3 * i * PAGE);
	many = measure(at + 3 * (MANY - FEW) * PAGE, end);
	for (unsigned kind = 0; kind < KINDS; kind++) {
		print("  %u %s: %lu us among %u regions, %lu us among %u\n", BATCH, kinds[kind], (unsigned long)(few.least[kind] / 1000),
		    2 * FEW, (unsigned long)(many.least[kind] / 1000), 2 * MANY);
		CHECK(many.least[kind] < 10 * few.least[kind]);
	}
	CHECK(kernel_memory() > kernel + MANY * 64);
	deallocate(at, 3 * MANY);
	EQUAL(kernel_memory(), kernel);
}

/* Pages that a thread fills in order. */
struct filling {
	vm_address_t at;
	uint64_t pages;
	volatile uint64_t done;
};

static void
fill(void *argument)
{
	struct filling *filling = argument;

	for (; filling->done < filling->pages; filling->done++)
		*word(filling->at + filling->done * PAGE) = filling->done;
	arrive((void *)1);
}

static union {
	struct message message;
	struct exception_raise_request raised;
} m;

/* The next exception of a thread whose handler is `box`. Returns the reply right; NULL: there was none. */
static mach_port_t
take_exception(mach_port_t box)
{
	mach_msg_return_t mr = message_receive(&m.message, box, 30000);

	EQUAL(mr, MACH_MSG_SUCCESS);
	if (mr != MACH_MSG_SUCCESS)
		return MACH_PORT_NULL;
	EQUAL(m.raised.exception, EXC_BAD_ACCESS);
	OK(mach_port_deallocate(SELF, m.raised.thread.name));
	OK(mach_port_deallocate(SELF, m.raised.task.name));
	return m.raised.header.msgh_remote_port;
}

static void
memory_ends_with_an_error(void)
{
	uint64_t before = statistics().free;
	struct filling filling = { .pages = before + 1000 };
	mach_port_t box = new_send(), reply;
	vm_address_t at = allocate(filling.pages);
	thread_t thread = thread_in(SELF, 0, fill, &filling);

	filling.at = at;
	memset(&m, 1, sizeof(m));		/* has its frames before there are none */
	OK(thread_set_exception_port(thread, box));
	OK(thread_resume(thread));
	reply = take_exception(box);
	EQUAL(m.raised.code, KERN_MEMORY_FAILURE);
	EQUAL(m.raised.subcode, at + filling.done * PAGE);
	print("  refused after %lu of %lu pages\n", (unsigned long)filling.done, (unsigned long)filling.pages);
	for (uint64_t i = 0; i < filling.done; i += 100)
		if (*word(at + i * PAGE) != i)
			EQUAL(*word(at + i * PAGE), i);
	while (filling.done < filling.pages && poke(SELF, at + filling.done * PAGE, 1) == KERN_SUCCESS)
		filling.done++;			/* this CPU may have a few frames in its cache */
	CHECK(filling.done < filling.pages);
	end_thread(thread);
	OK(mach_port_deallocate(SELF, reply));
	deallocate(at, filling.pages);
	drop_port(box);
	settle();
	CHECK(statistics().free + 64 >= before);
}

/* A thread that stores all the time, on another CPU if there is one, stores no more once that is forbidden, and goes on when it may. */
static void
what_is_forbidden_is_so_on_all_cpus(void)
{
	static struct message answer;
	mach_port_t box = new_send(), reply;
	vm_address_t at = allocate(1);
	thread_t thread = thread_in(SELF, 0, spin, (void *)at);

	OK(thread_set_exception_port(thread, box));
	OK(thread_resume(thread));
	for (unsigned round = 0; round < 10; round++) {
		CHECK(moves(word(at)));
		OK(vm_protect(SELF, at, PAGE, false, VM_PROT_READ));
		CHECK(stands(word(at)));
		reply = take_exception(box);
		if (reply == MACH_PORT_NULL)
			break;
		EQUAL(m.raised.subcode, at);
		OK(vm_protect(SELF, at, PAGE, false, VM_PROT_DEFAULT));
		message_init(&answer, reply, MACH_MSG_TYPE_MOVE_SEND_ONCE, 0, 0, EXC_RAISE_REPLY_ID);
		OK(message_send(&answer, sizeof(answer.head) + 8, 0));
	}
	end_thread(thread);
	drop_port(box);
	deallocate(at, 1);
}

int
main(void)
{
	check_begin();
	RULE(new_memory_is_zero_and_writable);
	RULE(fixed_places_are_respected);
	RULE(impossible_arguments_are_refused);
	RULE(protection_stays_below_the_maximum);
	RULE(regions_are_listed_in_order);
	RULE(anonymous_mappings_have_their_attributes);
	RULE(wiring_needs_the_host_port);
	RULE(many_regions_are_found_quickly);
	RULE(memory_ends_with_an_error);
	RULE(what_is_forbidden_is_so_on_all_cpus);
	check_end();
}
