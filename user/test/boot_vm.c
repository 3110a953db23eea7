/*
 * MACH.md section 3, memory: allocation, attributes, inheritance, sharing, snapshots, wiring. What
 * a child task would see is looked at through its task port, so no child ever runs.
 */
#include "ipc_check.h"
#include "threads.h"

#include <mach/exception.h>
#include <mach/vm.h>
#include <string.h>

#define SELF	mach_task_self()
#define PAGE	VM_PAGE_SIZE
#define HIGH	0x0000700000000000ull	/* free room for fixed addresses */

static vm_address_t
allocate(uint64_t pages)
{
	vm_address_t address = 12345;

	OK(vm_allocate(SELF, &address, pages * PAGE, VM_FLAGS_ANYWHERE));
	return address;
}

static void
deallocate(vm_address_t address, uint64_t pages)
{
	OK(vm_deallocate(SELF, address, pages * PAGE));
}

static volatile uint64_t *
word(vm_address_t address)
{
	return (volatile uint64_t *)address;
}

/* One word of another task's memory; all ones when it cannot be read. */
static uint64_t
peek(task_t task, vm_address_t address)
{
	vm_address_t copy = 0;
	uint64_t value = ~0ull;

	if (vm_read(task, address, 8, &copy) == KERN_SUCCESS) {
		value = *word(copy);
		OK(vm_deallocate(SELF, copy, 8));
	}
	return value;
}

static kern_return_t
poke(task_t task, vm_address_t address, uint64_t value)
{
	return vm_write(task, address, (vm_address_t)&value, 8);
}

static task_t
child_of(task_t parent)
{
	task_t child = MACH_PORT_NULL;

	OK(task_create(parent, TASK_INHERIT_MEMORY, &child));
	return child;
}

static void
end_child(task_t child)
{
	OK(task_terminate(child));
	port_drop(child);
}

static struct vm_statistics
statistics(void)
{
	struct vm_statistics now = { 0 };

	OK(vm_statistics(&now));
	return now;
}

static struct vm_region_info
region_at(vm_address_t address)
{
	struct vm_region_info info = { .address = address };

	OK(vm_region(SELF, &info));
	return info;
}

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

/* --- inheritance --- */

static void
children_inherit_as_told(void)
{
	vm_address_t at = allocate(3), other;
	task_t child;

	OK(vm_inherit(SELF, at, PAGE, VM_INHERIT_SHARE));
	OK(vm_inherit(SELF, at + 2 * PAGE, PAGE, VM_INHERIT_NONE));
	for (unsigned i = 0; i < 3; i++)
		*word(at + i * PAGE) = 10 + i;
	other = allocate(1);			/* shares nothing with the page above that is shared */
	*word(other) = 13;
	child = child_of(SELF);
	*word(other) = 33;			/* the parent first, before the child has done anything */
	EQUAL(peek(child, other), 13);
	EQUAL(peek(child, at), 10);
	EQUAL(peek(child, at + PAGE), 11);
	EQUAL(peek(child, at + 2 * PAGE), ~0ull);
	OK(poke(child, at, 20));
	OK(poke(child, at + PAGE, 21));
	EQUAL(*word(at), 20);
	EQUAL(*word(at + PAGE), 11);
	*word(at) = 30;
	*word(at + PAGE) = 31;
	EQUAL(peek(child, at), 30);
	EQUAL(peek(child, at + PAGE), 21);
	end_child(child);
	deallocate(at, 3), deallocate(other, 1);
}

#define GENERATIONS	10000u

/* So many children of children, of which each writes and dies; replaces the task. Returns how long it took. */
static uint64_t
descend(task_t *parent, vm_address_t at, unsigned generations)
{
	uint64_t since = clock_now();

	for (unsigned generation = 0; generation < generations; generation++) {
		task_t child = child_of(*parent);

		OK(poke(child, at + (generation % 16) * PAGE, generation));
		OK(poke(*parent, at + 3 * PAGE, generation));
		if (*parent != SELF)
			end_child(*parent);
		*parent = child;
	}
	return clock_now() - since;
}

/* Old and young lines take turns, and of each the quickest of many counts, short as they are: a busy host makes many slow, of both. */
static void
generations_neither_leak_nor_slow_down(void)
{
	vm_address_t at = allocate(16);
	uint64_t young = ~0ull, old = ~0ull, time, before;
	task_t parent = SELF, other;

	for (unsigned i = 0; i < 16; i++)
		*word(at + i * PAGE) = i;
	descend(&parent, at, 50);
	settle();
	before = statistics().anonymous;
	descend(&parent, at, GENERATIONS);
	for (unsigned i = 0; i < 100; i++) {
		other = SELF;
		time = descend(&other, at, 5);
		young = time < young ? time : young;
		end_child(other);
		time = descend(&parent, at, 5);
		old = time < old ? time : old;
	}
	CHECK(old < 2 * young);
	settle();
	CHECK(statistics().anonymous <= before + 4);
	end_child(parent);
	deallocate(at, 16);
}

/* --- sharing and snapshots --- */

static kern_return_t
remap(task_t target, task_t source, vm_address_t from, uint64_t pages, bool copy, vm_address_t *to)
{
	struct vm_remap_args args = {.target = target,
	    .flags = VM_FLAGS_ANYWHERE,
	    .size = pages * PAGE,
	    .source = source,
	    .copy = copy,
	    .source_address = from,
	    .inheritance = VM_INHERIT_COPY};
	kern_return_t kr = vm_remap(&args);

	*to = args.address;
	return kr;
}

static void
remapped_memory_is_shared_or_copied(void)
{
	vm_address_t at = allocate(2), other, copy;
	task_t child;

	*word(at) = 1;
	OK(remap(SELF, SELF, at, 2, false, &other));
	OK(remap(SELF, SELF, at, 2, true, &copy));
	*word(at) = 2;
	EQUAL(*word(other), 2);
	EQUAL(*word(copy), 1);
	*word(other + PAGE) = 3;
	EQUAL(*word(at + PAGE), 3);
	EQUAL(*word(copy + PAGE), 0);
	child = child_of(SELF);
	*word(at) = 4;
	EQUAL(peek(child, other), 2);
	EQUAL(*word(other), 4);
	end_child(child);
	CHECK(region_at(other).shared != 0);
	deallocate(at, 2);
	EQUAL(*word(other), 4);
	EQUAL(remap(SELF, SELF, at, 2, false, &other), KERN_INVALID_ADDRESS);
	EQUAL(remap(SELF, SELF, at, 2, true, &other), KERN_INVALID_ADDRESS);
	deallocate(region_at(copy).address, 2);
}

static void
out_of_line_memory_is_a_snapshot(void)
{
	mach_port_t port = new_send();
	vm_address_t at = allocate(8);
	static struct message m;
	const mach_msg_ool_descriptor_t *d = &m.descriptors[0].out_of_line;

	for (unsigned i = 0; i < 8; i++)
		*word(at + i * PAGE) = *word(at + i * PAGE + PAGE - 8) = 100 + i;
	message_init(&m, port, MACH_MSG_TYPE_COPY_SEND, MACH_PORT_NULL, 0, 1);
	put_memory(&m, 0, (void *)(at + PAGE - 8), 4 * PAGE + 16, false);
	EQUAL(message_send(&m, sizeof(m.head) + 16, 0), MACH_MSG_SUCCESS);
	for (unsigned i = 0; i < 8; i++)
		*word(at + i * PAGE) = *word(at + i * PAGE + PAGE - 8) = 200 + i;
	EQUAL(message_receive(&m, port, 0), MACH_MSG_SUCCESS);
	EQUAL(d->size, 4 * PAGE + 16);
	EQUAL(d->address % PAGE, PAGE - 8);
	EQUAL(*word(d->address), 100);
	for (unsigned i = 0; i < 4; i++)
		EQUAL(*word(d->address + 8 + i * PAGE), 101 + i);
	EQUAL(*word(vm_page_trunc(d->address)), 0);
	EQUAL(*word(d->address + 8 + 4 * PAGE + 8), 0);
	message_release(&m);
	/* Moved: gone here, the same there. */
	message_init(&m, port, MACH_MSG_TYPE_COPY_SEND, MACH_PORT_NULL, 0, 1);
	put_memory(&m, 0, (void *)at, 8 * PAGE, true);
	EQUAL(message_send(&m, sizeof(m.head) + 16, 0), MACH_MSG_SUCCESS);
	EQUAL(peek(SELF, at), ~0ull);
	EQUAL(message_receive(&m, port, 0), MACH_MSG_SUCCESS);
	EQUAL(*word(d->address + 5 * PAGE), 205);
	message_release(&m);
	drop_port(port);
}

static void
copies_may_overlap(void)
{
	vm_address_t at = allocate(4);

	for (unsigned i = 0; i < 4 * PAGE; i += 8)
		*word(at + i) = i;
	OK(vm_copy(SELF, at, 3 * PAGE, at + PAGE / 2));
	for (unsigned i = 0; i < 3 * PAGE; i += 8)
		if (*word(at + PAGE / 2 + i) != i)
			EQUAL(*word(at + PAGE / 2 + i), i);
	EQUAL(*word(at + 3 * PAGE + PAGE / 2), 3 * PAGE + PAGE / 2);
	EQUAL(vm_copy(SELF, at, 3 * PAGE, at + 2 * PAGE), KERN_INVALID_ADDRESS);
	deallocate(at, 4);
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

#define MANY 50000u	/* each is a region of its own, and so is the one behind it */

#define BATCH 50u

/* Makes two regions more of each page from `first` on, `count` times. Returns the least time that BATCH of these calls took. */
static uint64_t
split(unsigned first, unsigned count)
{
	uint64_t least = UINT64_MAX;

	for (unsigned i = first; i < first + count; i += BATCH) {
		uint64_t took = clock_now();

		for (unsigned j = i; j < i + BATCH; j++)
			OK(vm_protect(SELF, HIGH + 2 * j * PAGE, PAGE, 0, VM_PROT_READ));
		took = clock_now() - took;
		least = took < least ? took : least;
	}
	return least;
}

static void
many_regions_are_found_quickly(void)
{
	vm_address_t at = HIGH;
	uint64_t few, many, kernel = kernel_memory();

	OK(vm_allocate(SELF, &at, 2 * MANY * PAGE, VM_FLAGS_FIXED));
	few = split(0, 10 * BATCH);
	split(10 * BATCH, MANY - 20 * BATCH);
	many = split(MANY - 10 * BATCH, 10 * BATCH);
	print("  %u calls: %lu us, with %u regions %lu us\n", BATCH, (unsigned long)(few / 1000), 2 * MANY, (unsigned long)(many / 1000));
	CHECK(many < 10 * few);
	CHECK(kernel_memory() > kernel + MANY * 64);
	OK(vm_deallocate(SELF, HIGH, 2 * MANY * PAGE));
	EQUAL(kernel_memory(), kernel);
}

static void
memory_ends_with_an_error(void)
{
	uint64_t pages = statistics().free + 1000, before, done = 0;
	vm_address_t at = allocate(pages);
	kern_return_t kr = KERN_SUCCESS;

	before = statistics().free;
	while (done < pages && (kr = poke(SELF, at + done * PAGE, done)) == KERN_SUCCESS)
		done++;
	CHECK(kr != KERN_SUCCESS);
	print("  refused after %lu of %lu pages: %s\n", (unsigned long)done, (unsigned long)pages,
	    kern_return_name(kr));
	for (uint64_t i = 0; i < done; i += 100)
		if (*word(at + i * PAGE) != i)
			EQUAL(*word(at + i * PAGE), i);
	deallocate(at, pages);
	settle();
	CHECK(statistics().free + 64 >= before);
}

/* --- several threads: each counts up its own word of every page of the arena --- */

#define COLD	240u		/* pages, which take their time to copy, before those that are written */
#define PAGES	16u
#define WRITERS	4u
#define ROUNDS	200u
#define PERIOD	(1000 * MS)	/* fewer rounds if they take longer: x86_64 CPUs wait for each other in each */
#define LEAST	20u
#define LOOKS	20u

static vm_address_t arena;

/* Behind the arena. What a writer has stored it posts here, where nothing is copied. */
struct control {
	uint64_t stop, errors;
	uint64_t posted[PAGES][WRITERS];
};

static struct control *
control(void)
{
	return (struct control *)(arena + (COLD + PAGES) * PAGE);
}

static volatile uint64_t *
word_of(vm_address_t pages, unsigned page, unsigned writer)
{
	return word(pages + (COLD + page) * PAGE) + writer;
}

static void
make_arena(void)
{
	_Static_assert(sizeof(struct control) <= PAGE, "one page");
	arena = allocate(COLD + PAGES + 1);
	for (unsigned i = 0; i < COLD; i++)
		*word(arena + i * PAGE) = 1;
}

/* What was posted before is seen by all, whatever page the word is in by now. */
static bool
is_old(unsigned page, unsigned writer)
{
	uint64_t posted = __atomic_load_n(&control()->posted[page][writer], __ATOMIC_ACQUIRE);

	return *word_of(arena, page, writer) < posted;
}

/* Nobody but its writer changes a word. */
static void
count_up(unsigned me)
{
	uint64_t last[PAGES] = { 0 }, seed = me + 1;

	while (__atomic_load_n(&control()->stop, __ATOMIC_RELAXED) == 0) {
		unsigned page = (seed >> 33) % PAGES, wrong = 0;
		volatile uint64_t *mine = word_of(arena, page, me);

		seed = seed * 6364136223846793005ull + 1442695040888963407ull;
		for (unsigned w = 0; w < WRITERS; w++)
			wrong += is_old(page, w);
		wrong += *mine != last[page];
		if (wrong != 0)
			__atomic_add_fetch(&control()->errors, wrong, __ATOMIC_RELAXED);
		*mine = ++last[page];
		__atomic_store_n(&control()->posted[page][me], last[page], __ATOMIC_RELEASE);
	}
}

static void *
writer(void *argument)
{
	count_up((unsigned)(uintptr_t)argument);
	return NULL;
}

static void
writer_in_child(void *argument)
{
	count_up((unsigned)(uintptr_t)argument);
	task_terminate(mach_task_self());
}

/*
 * How many words of a copy are older than in the one before (seen), newer than in the arena, or
 * change although nobody writes there.
 */
static unsigned
words_wrong(vm_address_t copy, uint64_t (*seen)[WRITERS])
{
	unsigned wrong = 0;

	for (unsigned i = 0; i < PAGES; i++)
		for (unsigned w = 0; w < WRITERS; w++) {
			uint64_t value = *word_of(copy, i, w);

			wrong += value < seen[i][w] || value > *word_of(arena, i, w);
			seen[i][w] = value;
		}
	for (unsigned look = 0; look < LOOKS; look++)
		for (unsigned i = 0; i < PAGES; i++)
			for (unsigned w = 0; w < WRITERS; w++)
				wrong += *word_of(copy, i, w) != seen[i][w];
	return wrong;
}

static void
copy_and_look(task_t task, uint64_t (*seen)[WRITERS])
{
	vm_address_t copy;

	OK(vm_read(task, arena, (COLD + PAGES) * PAGE, &copy));
	EQUAL(words_wrong(copy, seen), 0);
	deallocate(copy, COLD + PAGES);
}

/* A child's memory is a copy, too. */
static void
fork_and_look(uint64_t (*seen)[WRITERS])
{
	task_t child = child_of(SELF);
	uint64_t first[PAGES][WRITERS];

	copy_and_look(child, seen);
	memcpy(first, seen, sizeof(first));
	copy_and_look(child, seen);
	CHECK(memcmp(first, seen, sizeof(first)) == 0);
	end_child(child);
}

static bool
goes_on(unsigned round, uint64_t since)
{
	if (__atomic_load_n(&control()->errors, __ATOMIC_RELAXED) != 0)
		return false;
	return round < LEAST || (round < ROUNDS && clock_now() - since < PERIOD);
}

static void
threads_fault_while_others_copy(void)
{
	uint64_t seen[PAGES][WRITERS] = { 0 }, since = clock_now();
	cthread_t threads[WRITERS - 1];

	make_arena();
	OK(vm_inherit(SELF, (vm_address_t)control(), PAGE, VM_INHERIT_NONE));
	for (unsigned i = 0; i < WRITERS - 1; i++)
		threads[i] = start(writer, (void *)(uintptr_t)i);
	for (unsigned round = 0; goes_on(round, since); round++) {
		copy_and_look(SELF, seen);
		if (round % 10 == 9)
			fork_and_look(seen);
	}
	control()->stop = 1;
	for (unsigned i = 0; i < WRITERS - 1; i++)
		cthread_join(threads[i]);
	EQUAL(control()->errors, 0);
	deallocate(arena, COLD + PAGES + 1);
}

/* The same in memory that tasks share, where a copy is taken from under the feet of both. */
static void
tasks_fault_while_others_copy(void)
{
	uint64_t seen[PAGES][WRITERS] = { 0 }, since = clock_now();
	cthread_t threads[WRITERS - 2];
	task_t child;

	make_arena();
	OK(vm_inherit(SELF, arena, (COLD + PAGES + 1) * PAGE, VM_INHERIT_SHARE));
	child = child_create(false);
	child_run(child, writer_in_child, (void *)(uintptr_t)(WRITERS - 1));
	for (unsigned i = 0; i < WRITERS - 2; i++)
		threads[i] = start(writer, (void *)(uintptr_t)i);
	for (unsigned round = 0; goes_on(round, since); round++)
		copy_and_look(SELF, seen);
	control()->stop = 1;
	for (unsigned i = 0; i < WRITERS - 2; i++)
		cthread_join(threads[i]);
	child_wait(child);
	EQUAL(control()->errors, 0);
	deallocate(arena, COLD + PAGES + 1);
}

/* A thread that stores all the time, on another CPU if there is one, stores no more once that is forbidden, and goes on when it may. */
static void
what_is_forbidden_is_so_on_all_cpus(void)
{
	static union {
		struct message message;
		struct exception_raise_request raised;
	} m;
	static struct message reply;
	mach_port_t box = new_send();
	vm_address_t at = allocate(1);
	thread_t thread = thread_in(SELF, 0, spin, (void *)at);
	mach_msg_return_t mr;

	OK(thread_set_exception_port(thread, box));
	OK(thread_resume(thread));
	for (unsigned round = 0; round < 10; round++) {
		CHECK(moves(word(at)));
		OK(vm_protect(SELF, at, PAGE, false, VM_PROT_READ));
		CHECK(stands(word(at)));
		mr = message_receive(&m.message, box, 3000);
		EQUAL(mr, MACH_MSG_SUCCESS);
		if (mr != MACH_MSG_SUCCESS)
			break;
		EQUAL(m.raised.subcode, at);
		OK(mach_port_deallocate(SELF, m.raised.thread.name));
		OK(mach_port_deallocate(SELF, m.raised.task.name));
		OK(vm_protect(SELF, at, PAGE, false, VM_PROT_DEFAULT));
		message_init(&reply, m.raised.header.msgh_remote_port, MACH_MSG_TYPE_MOVE_SEND_ONCE, 0, 0, EXC_RAISE_REPLY_ID);
		OK(message_send(&reply, sizeof(reply.head) + 8, 0));
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
	RULE(children_inherit_as_told);
	RULE(generations_neither_leak_nor_slow_down);
	RULE(remapped_memory_is_shared_or_copied);
	RULE(out_of_line_memory_is_a_snapshot);
	RULE(copies_may_overlap);
	RULE(anonymous_mappings_have_their_attributes);
	RULE(wiring_needs_the_host_port);
	RULE(many_regions_are_found_quickly);
	RULE(memory_ends_with_an_error);
	RULE(threads_fault_while_others_copy);
	RULE(tasks_fault_while_others_copy);
	RULE(what_is_forbidden_is_so_on_all_cpus);
	check_end();
}
