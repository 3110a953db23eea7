/*
 * MACH.md section 3, copies of memory: what children inherit, what is shared, and that a snapshot stays one, whoever writes meanwhile.
 * What a child task would see is looked at through its task port; only writers run.
 */
#include "ipc_check.h"
#include "memory.h"
#include "threads.h"

#include <string.h>

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

/* A range of another task, whose contents are no more this task's. */
static void
another_tasks_memory_is_shared_or_copied(void)
{
	vm_address_t at = allocate(2), shared, copy, there;
	task_t child = child_of(SELF);

	*word(at) = 1;
	OK(poke(child, at, 10));
	OK(remap(SELF, child, at, 2, false, &shared));
	OK(remap(SELF, child, at, 2, true, &copy));
	EQUAL(*word(shared), 10);
	EQUAL(*word(copy), 10);
	*word(shared) = 11;
	OK(poke(child, at + PAGE, 12));
	EQUAL(peek(child, at), 11);
	EQUAL(*word(shared + PAGE), 12);
	EQUAL(*word(copy), 10);
	EQUAL(*word(copy + PAGE), 0);
	*word(copy) = 13;
	EQUAL(peek(child, at), 11);
	EQUAL(*word(at), 1);
	EQUAL(*word(at + PAGE), 0);
	OK(remap(child, SELF, at, 2, false, &there));	/* and the other way */
	OK(poke(child, there, 2));
	EQUAL(*word(at), 2);
	EQUAL(peek(child, at), 11);
	end_child(child);
	EQUAL(*word(shared), 11);
	EQUAL(*word(copy), 13);
	deallocate(shared, 2), deallocate(copy, 2), deallocate(at, 2);
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

/* vm_copy works in the task's memory, and copies what is there now. */
static void
copies_of_another_task_are_snapshots(void)
{
	vm_address_t at = allocate(4);
	task_t child = child_of(SELF);

	for (unsigned i = 0; i < 4; i++)
		OK(poke(child, at + i * PAGE, 10 + i));
	OK(vm_copy(child, at, 2 * PAGE, at + 2 * PAGE));
	OK(poke(child, at, 20));
	OK(poke(child, at + 3 * PAGE, 21));
	for (unsigned i = 0; i < 4; i++) {
		static const unsigned want[] = { 20, 11, 10, 21 };

		EQUAL(peek(child, at + i * PAGE), want[i]);
		EQUAL(*word(at + i * PAGE), 0);
	}
	end_child(child);
	deallocate(at, 4);
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

int
main(void)
{
	check_begin();
	RULE(children_inherit_as_told);
	RULE(generations_neither_leak_nor_slow_down);
	RULE(remapped_memory_is_shared_or_copied);
	RULE(another_tasks_memory_is_shared_or_copied);
	RULE(out_of_line_memory_is_a_snapshot);
	RULE(copies_of_another_task_are_snapshots);
	RULE(copies_may_overlap);
	RULE(threads_fault_while_others_copy);
	RULE(tasks_fault_while_others_copy);
	check_end();
}
