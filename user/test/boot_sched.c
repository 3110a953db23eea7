/*
 * MACH.md section 3, scheduling: priorities, the quantum, thread_switch; registers of all kinds survive any interleaving. Threads made
 * here have no thread-local data.
 */
#include "ipc_check.h"
#include "threads.h"

#include <mach/host_info.h>
#include <mach/trap_numbers.h>
#include <string.h>

#include "trap.h"

#define SELF  mach_task_self()
#define SLOTS THREAD_SLOTS

static thread_t
thread_at(unsigned slot, int priority, void (*function)(void *), void *argument)
{
	thread_t thread = thread_in(SELF, slot, function, argument);

	OK(thread_set_priority(MACH_PORT_NULL, thread, priority));
	return thread;
}

/* --- who runs --- */

struct count {
	volatile uint64_t turns;
	char apart[120];
};

static struct count counts[SLOTS];

/* More spinning threads of one level than there are CPUs: each gets its share within some quanta. */
static void
equal_priorities_take_turns(void)
{
	thread_t threads[SLOTS];

	for (unsigned i = 0; i < SLOTS; i++) {
		counts[i].turns = 0;
		threads[i] = thread_at(i, MACH_PRIORITY_USER + 2, spin, (void *)&counts[i].turns);
		OK(thread_resume(threads[i]));
	}
	for (unsigned i = 0; i < SLOTS; i++) {
		for (unsigned tries = 0; counts[i].turns == 0 && tries < 1000; tries++)
			clock_sleep(10);
		CHECK(counts[i].turns > 0);
	}
	for (unsigned i = 0; i < SLOTS; i++)
		end_thread(threads[i]);
}

/*
 * Somebody better wakes up several times in each slice. Whoever is overtaken goes on with the rest of its slice, not with a new one, or
 * those behind it would never have a turn (but for a host that is late: grade/programs.py, sched-overtaken).
 */
static void
overtaken_threads_keep_their_slice(void)
{
	thread_t threads[SLOTS];

	for (unsigned i = 0; i < SLOTS; i++) {
		counts[i].turns = 0;
		threads[i] = thread_at(i, MACH_PRIORITY_USER + 2, spin, (void *)&counts[i].turns);
		OK(thread_resume(threads[i]));
	}
	for (unsigned i = 0; i < SLOTS * 6; i++)
		clock_sleep(3);
	for (unsigned i = 0; i < SLOTS; i++)
		CHECK(counts[i].turns > 0);
	for (unsigned i = 0; i < SLOTS; i++)
		end_thread(threads[i]);
}

/*
 * One thread more than there are CPUs: two share one. A slice is 10 ms long, so they are switched to each other at most that often; with
 * jitter=SEED slices of random length are shorter on average. That they are not longer is seen only where no host is busy: grade/programs.py, sched-slices.
 */
static void
slices_have_their_length(void)
{
	struct host_info info;
	thread_t threads[SLOTS];
	uint64_t since, slices, seen = 0;
	unsigned count;
	bool jitter;

	OK(host_info(&info));
	count = info.cpus + 1;
	jitter = strstr(info.command_line, "jitter=") != NULL;
	for (unsigned i = 0; i < count; i++) {
		threads[i] = thread_at(i, MACH_PRIORITY_USER, spin, (void *)&counts[i].turns);
		OK(thread_resume(threads[i]));
	}
	since = clock_now();
	clock_sleep(300);
	for (unsigned i = 0; i < count; i++)
		seen += info_of(threads[i]).switches;
	slices = (clock_now() - since) / (10 * MS);
	if (!jitter)
		CHECK(seen <= slices + 6 * info.cpus);
	if (strstr(info.command_line, "rule=") != NULL)
		CHECK(seen + 6 * info.cpus >= slices && (!jitter || seen > 2 * slices));
	for (unsigned i = 0; i < count; i++)
		end_thread(threads[i]);
}

static void
compute_and_pause(void *argument)
{
	volatile uint64_t *count = argument;

	for (;;) {
		uint64_t since = clock_now();

		while (clock_now() - since < MS)
			(*count)++;
		clock_sleep(1);
	}
}

/*
 * A task whose slices are of 1 ms beside a thread that has the usual ones, and is what the function says: for how long each had the CPU. Seen only where
 * no host is busy and there is one CPU: grade/programs.py, sched-quantum.
 */
static void
share_a_cpu(task_t task, void (*function)(void *), uint64_t *little, uint64_t *much)
{
	thread_t threads[2];

	threads[0] = thread_in(task, 0, spin, (void *)&counts[0].turns);
	threads[1] = thread_in(SELF, 1, function, (void *)&counts[1].turns);
	for (unsigned i = 0; i < 2; i++)
		OK(thread_resume(threads[i]));
	clock_sleep(300);
	*little = info_of(threads[0]).user_time;
	*much = info_of(threads[1]).user_time;
	for (unsigned i = 0; i < 2; i++)
		end_thread(threads[i]);
}

/* The one that shares is a grandchild, which has inherited them. */
static void
tasks_have_slices_of_their_own(void)
{
	struct task_limits limits = { .quantum = TASK_QUANTUM_MIN - 1 };
	task_t child = child_create(false), grandchild;
	struct host_info info;
	uint64_t little, much;
	bool exact;

	OK(host_info(&info));
	exact = strstr(info.command_line, "rule=") != NULL;
	EQUAL(task_set_limits(startup_info->host, child, &limits), KERN_INVALID_ARGUMENT);
	limits.quantum = TASK_QUANTUM_MAX + 1;
	EQUAL(task_set_limits(startup_info->host, child, &limits), KERN_INVALID_ARGUMENT);
	limits.quantum = 1000;
	OK(task_set_limits(startup_info->host, child, &limits));
	OK(task_create(child, TASK_INHERIT_MEMORY, &grandchild));
	share_a_cpu(grandchild, spin, &little, &much);
	CHECK(!exact || (little > 0 && much > 7 * little && much < 14 * little));
	share_a_cpu(grandchild, compute_and_pause, &little, &much);
	CHECK(!exact || (little > 0 && little < 4 * much));
	OK(task_terminate(grandchild));
	CHECK(is_gone(grandchild));
	child_end(child);
}

static uint32_t bell;
static volatile uint32_t step;
static thread_t sleeper;

static void
ring(void *argument)
{
	(void)argument;
	waits_for(sleeper, "gsync");
	step = 1;
	bell = 1;
	gsync_wake(&bell, 1, 0);
	step = 2;
	thread_terminate(mach_thread_self());
}

/*
 * Whoever makes a better thread runnable on its own CPU is overtaken before its trap returns. The other CPUs have threads to run that are as
 * good as the one that is overtaken, so that none of them takes it meanwhile.
 */
static void
the_better_thread_runs_at_once(void)
{
	thread_t thread;

	sleeper = mach_thread_self();
	crowd_begin(1, MACH_PRIORITY_USER + 4);
	for (unsigned i = 0; i < 10; i++) {
		bell = step = 0;
		thread = thread_at(0, MACH_PRIORITY_USER + 4, ring, NULL);
		OK(thread_resume(thread));
		OK(gsync_wait(&bell, 0, 0, 0));
		EQUAL(step, 1);
		CHECK(is_gone(thread));
		EQUAL(step, 2);
	}
	crowd_end();
	OK(mach_port_deallocate(SELF, sleeper));
}

/* Strict levels: on CPUs that are all taken by better threads a worse one gets nothing. */
static void
worse_threads_wait(void)
{
	thread_t worse = thread_at(0, MACH_PRIORITY_WORST, spin, (void *)&counts[0].turns);

	crowd_begin(1, MACH_PRIORITY_USER + 4);
	clock_sleep(20);		/* each has a CPU by now */
	counts[0].turns = 0;
	OK(thread_resume(worse));
	clock_sleep(60);
	EQUAL(counts[0].turns, 0);
	crowd_end();
	CHECK(moves(&counts[0].turns));
	end_thread(worse);
}

/* Nobody else wakes up meanwhile: the change alone has to limit the slice of the one that runs. */
static void
who_becomes_as_good_takes_turns(void)
{
	thread_t thread = thread_at(0, MACH_PRIORITY_WORST, spin, (void *)&counts[0].turns);
	uint64_t since;

	counts[0].turns = 0;
	clock_sleep(1);
	OK(thread_resume(thread));
	OK(thread_set_priority(MACH_PORT_NULL, thread, MACH_PRIORITY_USER));
	since = clock_now();
	while (counts[0].turns == 0 && clock_now() - since < 2000 * MS)
		continue;
	CHECK(counts[0].turns > 0);
	end_thread(thread);
}

/* --- who is waited for --- */

#define PIECES	640		/* the kernel lets others run after every 32 of them, with the map locked */
#define ROUNDS	60
#define RESCUE_MS 10000

static vm_address_t pieces;
static volatile uint32_t rescued, rescuer_goes_on;
static volatile uint64_t round_began;

/* Has this task's map locked most of the time. */
static void
lock_map(void *argument)
{
	volatile uint64_t *count = argument;

	for (;;) {
		vm_inherit(SELF, pieces, PIECES * VM_PAGE_SIZE, VM_INHERIT_COPY);
		(*count)++;
	}
}

/* Ends the test's wait, if nothing else does: without a crowd everybody gets a CPU. */
static void *
rescue(void *unused)
{
	while (rescuer_goes_on && (int64_t)(clock_now() - round_began) < RESCUE_MS * (int64_t)MS)
		clock_sleep(20);
	if (rescuer_goes_on) {
		rescued = 1;
		crowd_end();
	}
	return unused;
}

/*
 * Two threads that lock the map, and a crowd that takes all CPUs: `what` is done to the two in rounds, each time after they had some of the CPUs for a
 * moment and then the crowd became better.
 */
static void
among_a_crowd(void (*what)(thread_t *threads))
{
	thread_t threads[2];
	cthread_t rescuer;

	OK(vm_allocate(SELF, &pieces, PIECES * VM_PAGE_SIZE, VM_FLAGS_ANYWHERE));
	for (unsigned i = 0; i < PIECES; i += 2)
		OK(vm_protect(SELF, pieces + i * VM_PAGE_SIZE, VM_PAGE_SIZE, 0, VM_PROT_READ));
	rescued = 0;
	rescuer_goes_on = 1;
	round_began = clock_now();
	crowd_begin(2, MACH_PRIORITY_WORST);
	rescuer = start(rescue, NULL);
	for (unsigned i = 0; i < 2; i++) {
		counts[i].turns = 0;
		threads[i] = thread_at(i, MACH_PRIORITY_WORST, lock_map, (void *)&counts[i].turns);
		OK(thread_resume(threads[i]));
	}
	for (unsigned round = 0; round < ROUNDS && !rescued; round++) {
		for (unsigned i = 0; i < 2; i++)
			CHECK(moves(&counts[i].turns));
		round_began = clock_now();
		crowd_set_priority(MACH_PRIORITY_USER + 4);
		what(threads);
		if (!rescued)
			crowd_set_priority(MACH_PRIORITY_WORST);
	}
	rescuer_goes_on = 0;
	cthread_join(rescuer);
	EQUAL(rescued, 0);
	if (!rescued)
		crowd_set_priority(MACH_PRIORITY_USER + 4);
	for (unsigned i = 0; i < 2; i++)
		end_thread(threads[i]);		/* although the crowd computes */
	if (!rescued)
		crowd_end();
	OK(vm_deallocate(SELF, pieces, PIECES * VM_PAGE_SIZE));
}

static void
use_the_map(thread_t *threads)
{
	vm_address_t page;

	OK(vm_allocate(SELF, &page, VM_PAGE_SIZE, VM_FLAGS_ANYWHERE));
	OK(vm_deallocate(SELF, page, VM_PAGE_SIZE));
	for (unsigned i = 0; i < 2; i++)
		EQUAL(info_of(threads[i]).current_priority, MACH_PRIORITY_WORST);
}

static void
who_has_the_map_runs_as_well_as_who_waits_for_it(void)
{
	among_a_crowd(use_the_map);
}

/* One of them may wait for the map, which the other has: that one has to run, too. */
static void
stop_and_look(thread_t *threads)
{
	static unsigned first;
	struct thread_state state;
	uint32_t size;

	first ^= 1;
	for (unsigned i = 0; i < 2; i++) {
		thread_t thread = threads[i ^ first];

		size = sizeof(state);
		OK(thread_suspend(thread));
		OK(thread_abort(thread));
		OK(thread_get_state(thread, THREAD_STATE_GENERAL, &state, &size));
		EQUAL(info_of(thread).current_priority, MACH_PRIORITY_WORST);
		OK(thread_resume(thread));
	}
}

static void
who_has_to_stop_runs_as_well_as_who_waits_for_it(void)
{
	among_a_crowd(stop_and_look);
}

static task_t ending;

/* Has the map of the task that ends locked most of the time. */
static void
lock_its_map(void *unused)
{
	(void)unused;
	while (vm_inherit(ending, pieces, PIECES * VM_PAGE_SIZE, VM_INHERIT_COPY) == KERN_SUCCESS)
		continue;
	thread_terminate(mach_thread_self());
}

static void
ends_beside_a_crowd(bool let_go)
{
	thread_t thread, locker;

	ending = child_create(false);
	OK(vm_allocate(ending, &pieces, PIECES * VM_PAGE_SIZE, VM_FLAGS_ANYWHERE));
	for (unsigned i = 0; i < PIECES; i += 2)
		OK(vm_protect(ending, pieces + i * VM_PAGE_SIZE, VM_PAGE_SIZE, 0, VM_PROT_READ));
	thread = thread_in(ending, 0, spin, (void *)&counts[0].turns);
	OK(thread_set_priority(MACH_PORT_NULL, thread, MACH_PRIORITY_WORST));
	OK(thread_resume(thread));
	for (unsigned tries = 0; info_of(thread).user_time == 0 && tries < 1000; tries++)
		clock_sleep(5);
	OK(thread_suspend(thread));
	for (unsigned tries = 0; info_of(thread).state != THREAD_STATE_STOPPED && tries < 1000; tries++)
		clock_sleep(5);
	locker = thread_at(1, MACH_PRIORITY_WORST, lock_its_map, NULL);
	OK(thread_resume(locker));
	clock_sleep(20);
	crowd_begin(2, MACH_PRIORITY_USER);
	OK(task_terminate(ending));
	if (let_go)
		thread_resume(thread);		/* unless it has ended already */
	CHECK(is_gone(ending));
	crowd_end();
	CHECK(is_gone(locker));
	CHECK(is_gone(thread));
}

/*
 * A task that was stopped and is told to end frees a map of many entries beside a crowd, though somebody uses that map, and whether or not it is let go
 * before it had a CPU.
 */
static void
who_has_to_end_runs_as_well_as_others(void)
{
	thread_t self = mach_thread_self();

	OK(thread_set_priority(startup_info->host, self, MACH_PRIORITY_BEST));
	for (unsigned i = 0; i < 6; i++)
		ends_beside_a_crowd(i % 2 != 0);
	OK(thread_set_priority(startup_info->host, self, MACH_PRIORITY_USER));
	OK(mach_port_deallocate(SELF, self));
}

static uint32_t gates[2];
static volatile uint64_t stamp;

static void
note(void *argument)
{
	uintptr_t slot = (uintptr_t)argument;

	gsync_wait(&gates[slot], 0, 0, 0);
	counts[slot].turns = ++stamp;
	thread_terminate(mach_thread_self());
}

/* Makes it runnable on this CPU. */
static void
open_gate(unsigned slot)
{
	gates[slot] = 1;
	OK(gsync_wake(&gates[slot], 1, 0));
}

/*
 * thread_switch to a thread of the same CPU lets it run before one that waited longer; other CPUs are taken. Unless the time slice ends just
 * then, which a busy host makes likely (both may even have ended before the switch is asked for): hence several tries. Without the hand-off
 * the one that waited longer is always first.
 */
static void
thread_switch_runs_the_named_thread(void)
{
	unsigned overtook = 0;

	crowd_begin(2, MACH_PRIORITY_USER + 4);
	for (unsigned i = 0; i < 40 && overtook < 4; i++) {
		thread_t other, thread;
		kern_return_t kr;

		gates[0] = gates[1] = 0;
		counts[0].turns = 0;
		thread = thread_run(0, note, (void *)0);
		other = thread_run(1, note, (void *)1);
		CHECK(waits_for(thread, "gsync") && waits_for(other, "gsync"));
		clock_sleep(1);			/* a slice of its own */
		open_gate(1);
		open_gate(0);
		kr = thread_switch(thread, SWITCH_OPTION_NONE, 0);
		CHECK(kr == KERN_SUCCESS || (kr == KERN_INVALID_ARGUMENT && counts[0].turns != 0));
		CHECK(is_gone(thread));
		CHECK(is_gone(other));
		overtook += counts[0].turns < counts[1].turns;
	}
	crowd_end();
	CHECK(overtook >= 4);
}

/* --- registers --- */

typedef uint32_t vector __attribute__((vector_size(16)));

#define LANES  8u
#define STEPS  60000u
#define BURSTS 12u
#define MIXERS 4u
#define FRESH  64u	/* pages */
#define CALLS  200u

/* Many vectors in registers at once; what they end as depends on the start only. */
static uint32_t
mix(uint32_t start, unsigned bursts, bool yields)
{
	vector v[LANES];
	uint32_t sum = 0;

	for (unsigned i = 0; i < LANES; i++)
		v[i] = (vector){start + i, start ^ i, start * 3 + i, i};
	for (unsigned burst = 0; burst < bursts; burst++) {
		vector a = v[0], b = v[1], c = v[2], d = v[3], e = v[4], f = v[5], g = v[6], h = v[7];

		for (unsigned step = 0; step < STEPS; step++) {
			a += b ^ h, b += c << 1, c ^= d + a, d += e;
			e ^= f >> 3, f += g ^ a, g += h, h ^= e + d;
		}
		v[0] = a, v[1] = b, v[2] = c, v[3] = d, v[4] = e, v[5] = f, v[6] = g, v[7] = h;
		if (yields)
			thread_switch(MACH_PORT_NULL, burst % 3 == 0 ? SWITCH_OPTION_WAIT : SWITCH_OPTION_NONE, 1);
	}
	for (unsigned i = 0; i < LANES; i++)
		sum = sum * 31 + v[i][0] + v[i][1] * 3 + v[i][2] * 5 + v[i][3] * 7;
	return sum;
}

static volatile uint32_t mixed[MIXERS];

static void
mix_here(void *argument)
{
	uint32_t slot = (uint32_t)(uintptr_t)argument;

	mixed[slot] = mix(slot + 17, BURSTS, slot % 2);
	thread_terminate(mach_thread_self());
}

/* They take turns in the middle of their calculations, not only where they give up the CPU: slices are short. */
static void
float_registers_survive_any_interleaving(void)
{
	struct task_limits limits = {.quantum = TASK_QUANTUM_DEFAULT / 10};
	thread_t threads[MIXERS];
	mach_port_t port = new_send();

	OK(task_set_limits(startup_info->host, SELF, &limits));
	for (unsigned i = 0; i < MIXERS; i++) {
		mixed[i] = 0;
		threads[i] = thread_at(i, MACH_PRIORITY_USER, mix_here, (void *)(uintptr_t)i);
		OK(thread_resume(threads[i]));
	}
	/* Meanwhile: messages to itself, held and aborted threads, children with registers of their own. */
	for (unsigned i = 0; i < 100; i++) {
		thread_t thread = threads[i % MIXERS];

		if (thread_suspend(thread) == KERN_SUCCESS) {
			thread_abort(thread);
			thread_resume(thread);
		}
		OK(send_word(port, 1, i));
		EQUAL(next_id(port), 1);
		clock_sleep(1);
	}
	for (unsigned i = 0; i < MIXERS; i++) {
		CHECK(is_gone(threads[i]));
		EQUAL(mixed[i], mix(i + 17, BURSTS, false));
	}
	limits.quantum = TASK_QUANTUM_DEFAULT;
	OK(task_set_limits(startup_info->host, SELF, &limits));
	drop_port(port);
}

/* Vectors that stay in registers while each step touches a page. */
static uint32_t
mix_over(vm_address_t pages)
{
	vector a = {1, 2, 3, 4}, b = {5, 6, 7, 8}, c = a ^ b, d = b << 3;

	for (unsigned i = 0; i < FRESH; i++) {
		a += b ^ d, b += c << 1, c ^= d + a, d += a;
		*(volatile char *)(pages + i * VM_PAGE_SIZE) = 1;
	}
	a += b + c + d;
	return a[0] + a[1] * 3 + a[2] * 5 + a[3] * 7;
}

/* The kernel may clear pages with registers that are the program's. */
static void
float_registers_survive_page_faults(void)
{
	vm_address_t pages = 0;
	uint32_t first;

	OK(vm_allocate(SELF, &pages, FRESH * VM_PAGE_SIZE, VM_FLAGS_ANYWHERE));
	first = mix_over(pages);
	EQUAL(first, mix_over(pages));
	for (unsigned i = 0; i < FRESH; i++)
		EQUAL(*(uint64_t *)(pages + i * VM_PAGE_SIZE), 1);
	OK(vm_deallocate(SELF, pages, FRESH * VM_PAGE_SIZE));
}

/* --- and each step is a call, or answers one --- */

struct party {
	mach_port_t to, from;		/* to: NULL answers; from: NULL neither calls nor answers */
	uint32_t start;
	volatile uint32_t sum;
};

/* The trap itself, which leaves the vectors where they are: a function that was called might not. */
static uint32_t
mix_over_calls(const struct party *party)
{
	struct {
		mach_msg_header_t head;
		mach_msg_trailer_t trailer;
	} m = {.head.msgh_remote_port = party->to};
	mach_msg_option_t option = party->to != MACH_PORT_NULL ? MACH_SEND_MSG | MACH_RCV_MSG : MACH_RCV_MSG;
	vector a = {party->start, 2, 3, 4}, b = a << 5, c = a ^ b, d = b + a;
	uint32_t wrong = 0;

	for (unsigned i = 0; i < CALLS; i++) {
		a += b ^ d, b += c << 1, c ^= d + a, d += a;
		if (party->from == MACH_PORT_NULL)
			continue;
		m.head.msgh_bits = party->to != MACH_PORT_NULL ? MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE) :
							       MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND_ONCE, 0);
		m.head.msgh_local_port = party->to != MACH_PORT_NULL ? party->from : MACH_PORT_NULL;
		if (party->to != MACH_PORT_NULL)
			m.head.msgh_remote_port = party->to;
		wrong |= trap_message(TRAP_NUMBER_mach_msg_trap, &m, option, sizeof(m.head), sizeof(m), party->from, 0, 0);
		option = MACH_SEND_MSG | MACH_RCV_MSG;
	}
	a += b + c + d;
	if (party->to == MACH_PORT_NULL && party->from != MACH_PORT_NULL) {
		m.head.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND_ONCE, 0);
		m.head.msgh_local_port = MACH_PORT_NULL;
		wrong |= trap_message(TRAP_NUMBER_mach_msg_trap, &m, MACH_SEND_MSG, sizeof(m.head), 0, 0, 0, 0);
	}
	return wrong + a[0] + a[1] * 3 + a[2] * 5 + a[3] * 7;
}

static void
mix_as_party(void *argument)
{
	struct party *party = argument;

	party->sum = mix_over_calls(party);
	thread_terminate(mach_thread_self());
}

/* On the fast path of mach_msg threads change places in another way, on one CPU always. */
static void
float_registers_survive_calls(void)
{
	mach_port_t port = new_send(), box = new_port();
	struct party server = {.from = port, .start = 5}, client = {.to = port, .from = box, .start = 77};
	thread_t threads[2];

	threads[0] = thread_run(0, mix_as_party, &server);
	CHECK(waits_for(threads[0], "receive"));
	threads[1] = thread_run(1, mix_as_party, &client);
	for (unsigned i = 0; i < 2; i++)
		CHECK(is_gone(threads[i]));
	EQUAL(server.sum, mix_over_calls(&(struct party){.start = 5}));
	EQUAL(client.sum, mix_over_calls(&(struct party){.start = 77}));
	drop_port(port), drop_port(box);
}

static void
mix_in_child(void *argument)
{
	*(volatile uint32_t *)argument = mix(99, BURSTS, true);
	task_terminate(mach_task_self());
}

static void
float_registers_of_tasks_do_not_mix(void)
{
	vm_address_t page = 0;
	task_t child;

	OK(vm_allocate(SELF, &page, VM_PAGE_SIZE, VM_FLAGS_ANYWHERE));
	OK(vm_inherit(SELF, page, VM_PAGE_SIZE, VM_INHERIT_SHARE));
	child = child_create(false);
	child_run(child, mix_in_child, (void *)page);
	EQUAL(mix(7, BURSTS, true), mix(7, BURSTS, false));
	child_wait(child);
	EQUAL(*(volatile uint32_t *)page, mix(99, BURSTS, false));
	OK(vm_deallocate(SELF, page, VM_PAGE_SIZE));
}

/* All registers of a new thread are zero, but for those that say how to calculate. */
static void
new_thread_is_empty(void)
{
	struct thread_float_state floats;
	struct thread_state state;
	uint32_t size = sizeof(floats), sum = 0;
	thread_t thread = MACH_PORT_NULL;

	OK(thread_create(SELF, &thread));
	OK(thread_get_state(thread, THREAD_STATE_FLOAT, &floats, &size));
	for (unsigned i = 160; i < 400; i++)	/* vector registers in both layouts */
		sum += ((uint8_t *)&floats)[i];
	EQUAL(sum, 0);
	size = sizeof(state);
	OK(thread_get_state(thread, THREAD_STATE_GENERAL, &state, &size));
	for (unsigned i = 0; i < 15 * sizeof(uint64_t); i++)	/* general registers in both layouts */
		sum += ((uint8_t *)&state)[i];
	EQUAL(sum, 0);
	end_thread(thread);
}

/* Nor of those whose stack and memory in the kernel it got. */
static void
a_new_thread_has_no_registers_of_others(void)
{
	for (unsigned i = 0; i < 8; i++) {
		thread_t thread = thread_at(i % 2, MACH_PRIORITY_USER, mix_here, (void *)1);

		OK(thread_resume(thread));
		CHECK(is_gone(thread));
		new_thread_is_empty();
	}
}

int
main(void)
{
	check_begin();
	RULE(equal_priorities_take_turns);
	RULE(overtaken_threads_keep_their_slice);
	RULE(slices_have_their_length);
	RULE(tasks_have_slices_of_their_own);
	RULE(the_better_thread_runs_at_once);
	RULE(worse_threads_wait);
	RULE(who_becomes_as_good_takes_turns);
	RULE(who_has_the_map_runs_as_well_as_who_waits_for_it);
	RULE(who_has_to_stop_runs_as_well_as_who_waits_for_it);
	RULE(who_has_to_end_runs_as_well_as_others);
	RULE(thread_switch_runs_the_named_thread);
	RULE(float_registers_survive_any_interleaving);
	RULE(float_registers_survive_page_faults);
	RULE(float_registers_survive_calls);
	RULE(float_registers_of_tasks_do_not_mix);
	RULE(a_new_thread_has_no_registers_of_others);
	check_end();
}
