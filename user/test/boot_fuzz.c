/*
 * Every trap with random and edge arguments, from several threads at once, and random messages.
 *
 * Victims are tasks with little to spend. Their threads call traps at random on what they find: names they were told, addresses in
 * and out of their memory, sizes at the edges. A victim may destroy itself in any way; the guardian, this task, replaces threads and
 * tasks that are gone, ends waits, and meanwhile does to the victim what a parent, a debugger or a server may do. The rule is that the
 * machine stays up, that the calls go on, and (grade/programs.py) that nothing is left behind.
 *
 * The command line may say fuzz-calls=N and fuzz-seed=N.
 */
#include "ipc_check.h"

#include <mach/device.h>
#include <mach/host_info.h>
#include <mach/task_info.h>
#include <mach/thread_status.h>
#include <mach/vm.h>
#include <string.h>

#include "mach/tls.h"

#define SELF	   mach_task_self()
#define HOST	   startup_info->host
#define PAGE	   VM_PAGE_SIZE
#define THREADS	   3u
#define STACK	   32768u
#define SCRATCH	   (16 * PAGE)
#define POOL	   32u
#define CALLS	   12000u
#define PATIENCE_S 20u		/* without any call: the machine stands still */
#define STUCK_MS   1500u	/* the victim does: its exceptions go to a port of its own, or it may have no more threads */
#define LABEL	   4712u

/* --- random numbers: xorshift64* --- */

static uint64_t
draw(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1dull;
}

static unsigned
below(uint64_t *state, unsigned bound)
{
	return (unsigned)((draw(state) >> 33) % bound);
}

/* --- the table of traps --- */

enum kind { KIND_NAME, KIND_ADDRESS, KIND_SIZE, KIND_POINTER, KIND_TIME, KIND_OTHER };

struct trap {
	const char *name;
	unsigned number, arguments;
	const char *type[7];
	uint64_t (*call)(const uint64_t *v);
};

#define ARG(T, i) ((T)(uintptr_t)v[i])
#define CALL(name) static uint64_t call_##name(const uint64_t *v)
#define TRAP0(n, R, name) CALL(name) { (void)v; return (uint64_t)name(); }
#define TRAP1(n, R, name, A, a) CALL(name) { return (uint64_t)name(ARG(A, 0)); }
#define TRAP2(n, R, name, A, a, B, b) CALL(name) { return (uint64_t)name(ARG(A, 0), ARG(B, 1)); }
#define TRAP3(n, R, name, A, a, B, b, C, c) CALL(name) { return (uint64_t)name(ARG(A, 0), ARG(B, 1), ARG(C, 2)); }
#define TRAP4(n, R, name, A, a, B, b, C, c, D, d)                                                  \
	CALL(name) { return (uint64_t)name(ARG(A, 0), ARG(B, 1), ARG(C, 2), ARG(D, 3)); }
#define TRAP5(n, R, name, A, a, B, b, C, c, D, d, E, e)                                            \
	CALL(name) { return (uint64_t)name(ARG(A, 0), ARG(B, 1), ARG(C, 2), ARG(D, 3), ARG(E, 4)); }
#define TRAP6(n, R, name, A, a, B, b, C, c, D, d, E, e, F, f)                                      \
	CALL(name) { return (uint64_t)name(ARG(A, 0), ARG(B, 1), ARG(C, 2), ARG(D, 3), ARG(E, 4), ARG(F, 5)); }
#define TRAP7(n, R, name, A, a, B, b, C, c, D, d, E, e, F, f, G, g)                                \
	CALL(name)                                                                                 \
	{                                                                                          \
		return (uint64_t)name(ARG(A, 0), ARG(B, 1), ARG(C, 2), ARG(D, 3), ARG(E, 4), ARG(F, 5), ARG(G, 6)); \
	}
#include <mach/traps.def>
#undef TRAP0
#undef TRAP1
#undef TRAP2
#undef TRAP3
#undef TRAP4
#undef TRAP5
#undef TRAP6
#undef TRAP7

#define TRAP0(n, R, name) {#name, n, 0, {0}, call_##name},
#define TRAP1(n, R, name, A, a) {#name, n, 1, {#A}, call_##name},
#define TRAP2(n, R, name, A, a, B, b) {#name, n, 2, {#A, #B}, call_##name},
#define TRAP3(n, R, name, A, a, B, b, C, c) {#name, n, 3, {#A, #B, #C}, call_##name},
#define TRAP4(n, R, name, A, a, B, b, C, c, D, d) {#name, n, 4, {#A, #B, #C, #D}, call_##name},
#define TRAP5(n, R, name, A, a, B, b, C, c, D, d, E, e) {#name, n, 5, {#A, #B, #C, #D, #E}, call_##name},
#define TRAP6(n, R, name, A, a, B, b, C, c, D, d, E, e, F, f) {#name, n, 6, {#A, #B, #C, #D, #E, #F}, call_##name},
#define TRAP7(n, R, name, A, a, B, b, C, c, D, d, E, e, F, f, G, g) {#name, n, 7, {#A, #B, #C, #D, #E, #F, #G}, call_##name},
static const struct trap traps[] = {
#include <mach/traps.def>
};
#undef TRAP0
#undef TRAP1
#undef TRAP2
#undef TRAP3
#undef TRAP4
#undef TRAP5
#undef TRAP6
#undef TRAP7

#define TRAPS (sizeof(traps) / sizeof(*traps))

static enum kind kinds[TRAPS][7];

static enum kind
kind_of(const char *type)
{
	static const char *const names[] = {"mach_port_t", "task_t", "thread_t", "host_t", "memory_object_t",
		"memory_object_control_t"};

	if (strchr(type, '*') != NULL)
		return KIND_POINTER;
	for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(type, names[i]) == 0)
			return KIND_NAME;
	if (strcmp(type, "vm_address_t") == 0 || strcmp(type, "phys_addr_t") == 0)
		return KIND_ADDRESS;
	if (strcmp(type, "vm_size_t") == 0 || strcmp(type, "vm_offset_t") == 0)
		return KIND_SIZE;
	return strcmp(type, "mach_msg_timeout_t") == 0 ? KIND_TIME : KIND_OTHER;
}

/* --- victims --- */

/* Seen by all: what the guardian counts. */
struct score {
	volatile uint32_t calls[THREADS];
	volatile uint32_t by_trap[TRAPS];
	volatile uint32_t succeeded[TRAPS];
};

static struct score *score;

struct fuzzer {
	uint64_t random;
	unsigned index;
	mach_port_t pool[POOL];
	char *scratch;
	struct message message;
};

static struct fuzzer fuzzers[THREADS];
static char stacks[THREADS][STACK] __attribute__((aligned(16)));

static mach_port_t
any_name(struct fuzzer *f)
{
	static const mach_port_t edges[] = {MACH_PORT_NULL, MACH_PORT_DEAD, MACH_PORT_TASK_SELF, MACH_PORT_HOST_SELF, 0xffffff00,
		0xff, 0x100, 0x80000000};
	unsigned how = below(&f->random, 16);

	if (how < 9)
		return f->pool[below(&f->random, POOL)];
	if (how < 12)
		return MACH_PORT_TASK_SELF;
	if (how < 14)
		return edges[below(&f->random, sizeof(edges) / sizeof(*edges))];
	return how == 14 ? (mach_port_t)MACH_PORT_MAKE(below(&f->random, 40), below(&f->random, 3)) : (mach_port_t)draw(&f->random);
}

static void
remember(struct fuzzer *f, mach_port_t name)
{
	f->pool[below(&f->random, POOL)] = name;
}

static uint64_t
any_address(struct fuzzer *f)
{
	static const uint64_t edges[] = {0, 1, 8, PAGE - 4, 0x600000000000, 0x7ffffffff000, 0x7ffffffffffc, 0x800000000000,
		0xffff000000000000, 0xffff800000000000, 0xffffffff80000000, ~0ull - 3, ~0ull};
	unsigned how = below(&f->random, 8);

	if (how < 3)
		return (uint64_t)f->scratch + below(&f->random, SCRATCH / 8) * 8;
	if (how < 5)
		return (uint64_t)f->scratch + below(&f->random, SCRATCH / PAGE) * PAGE;
	if (how == 5)
		return (uint64_t)f->scratch + below(&f->random, SCRATCH);
	return how == 6 ? edges[below(&f->random, sizeof(edges) / sizeof(*edges))] : draw(&f->random) >> below(&f->random, 63);
}

static uint64_t
any_size(struct fuzzer *f)
{
	static const uint64_t edges[] = {0, 1, PAGE - 1, PAGE, PAGE + 1, 1ull << 31, 1ull << 32, 1ull << 47, ~0ull - PAGE + 1, ~0ull};
	unsigned how = below(&f->random, 8);

	if (how < 6)
		return how < 3 ? (1 + below(&f->random, 4)) * PAGE : below(&f->random, 3 * PAGE);
	return how == 6 ? edges[below(&f->random, sizeof(edges) / sizeof(*edges))] : draw(&f->random) >> below(&f->random, 63);
}

static uint64_t
any_other(struct fuzzer *f)
{
	static const uint64_t edges[] = {0x7fffffff, 0x80000000, 0xffffffff, 1024, 1025, 65536, 255, 256};
	unsigned how = below(&f->random, 8);

	if (how < 5)
		return below(&f->random, how < 3 ? 8 : 80);
	if (how == 5)
		return 16 + below(&f->random, 6);		/* dispositions */
	return how == 6 ? edges[below(&f->random, sizeof(edges) / sizeof(*edges))] : draw(&f->random);
}

/* What a pointer points to: structures of names, numbers, addresses and sizes. */
static uint64_t
any_pointer(struct fuzzer *f)
{
	uint64_t at = (uint64_t)f->scratch + below(&f->random, SCRATCH / 8 - 16) * 8;
	uint32_t words[32];

	if (below(&f->random, 4) == 0)
		return any_address(f);
	for (unsigned i = 0; i < 32; i += 2) {
		uint64_t two = below(&f->random, 2) ? any_address(f) : any_size(f);

		words[i] = (uint32_t)two, words[i + 1] = (uint32_t)(two >> 32);
		if (below(&f->random, 2))
			words[i] = any_name(f), words[i + 1] = (uint32_t)any_other(f);
	}
	/* By the kernel: the scratch memory may be gone. */
	vm_write(SELF, at, (vm_address_t)words, sizeof(words));
	return at;
}

static uint64_t
any_argument(struct fuzzer *f, enum kind kind)
{
	switch (kind) {
	case KIND_NAME:
		return any_name(f);
	case KIND_ADDRESS:
		return any_address(f);
	case KIND_SIZE:
		return any_size(f);
	case KIND_POINTER:
		return any_pointer(f);
	case KIND_TIME:
		return below(&f->random, 4) == 0 ? any_other(f) : below(&f->random, 3);
	default:
		return any_other(f);
	}
}

/* --- messages --- */

static void
any_descriptor(struct fuzzer *f, unsigned i)
{
	struct message *m = &f->message;
	unsigned disposition = below(&f->random, 8) ? 16 + below(&f->random, 6) : (unsigned)any_other(f);

	switch (below(&f->random, 4)) {
	case 0:
		put_memory(m, i, (void *)any_address(f), (uint32_t)any_size(f), below(&f->random, 2));
		break;
	case 1:
		put_ports(m, i, (void *)any_pointer(f), below(&f->random, 8) ? below(&f->random, 6) : (uint32_t)any_other(f),
			disposition, below(&f->random, 2));
		break;
	default:
		put_port(m, i, any_name(f), disposition);
	}
	if (below(&f->random, 32) == 0)
		m->descriptors[i].port.type = (uint8_t)draw(&f->random);
}

static void
learn_from_message(struct fuzzer *f)
{
	const struct message *m = &f->message;

	remember(f, m->head.msgh_remote_port);
	for (unsigned i = 0; i < m->head.msgh_descriptor_count && i < MACH_MSG_DESCRIPTORS_MAX; i++)
		if (m->descriptors[i].port.type == MACH_MSG_PORT_DESCRIPTOR)
			remember(f, m->descriptors[i].port.name);
		else if (m->descriptors[i].port.type == MACH_MSG_OOL_DESCRIPTOR && below(&f->random, 8) != 0)
			vm_deallocate(SELF, m->descriptors[i].out_of_line.address, m->descriptors[i].out_of_line.size);
}

static void
any_message(struct fuzzer *f)
{
	struct message *m = &f->message;
	unsigned count = below(&f->random, 3) ? 0 : below(&f->random, 5);
	mach_msg_size_t size = sizeof(m->head) + count * sizeof(*m->descriptors) + below(&f->random, 4) * 4;
	mach_msg_option_t option = below(&f->random, 4) ? 1 + below(&f->random, 3) : (mach_msg_option_t)any_other(f);

	message_init(m, any_name(f), 17 + below(&f->random, 5), below(&f->random, 2) ? any_name(f) : 0,
		below(&f->random, 2) ? 20 + below(&f->random, 2) : 0, (int)any_other(f));
	for (unsigned i = 0; i < count; i++)
		any_descriptor(f, i);
	if (below(&f->random, 32) == 0)
		m->head.msgh_bits = (uint32_t)draw(&f->random);
	if (below(&f->random, 32) == 0)
		m->head.msgh_descriptor_count = (uint32_t)any_other(f);
	if (below(&f->random, 8) == 0)
		size = (mach_msg_size_t)any_size(f);
	if (below(&f->random, 8) != 0)
		option |= MACH_SEND_TIMEOUT | MACH_RCV_TIMEOUT;
	if (mach_msg_trap(&m->head, option, size, below(&f->random, 4) ? sizeof(*m) : (mach_msg_size_t)any_size(f), any_name(f),
		    below(&f->random, 3), below(&f->random, 32) ? 0 : any_name(f)) == MACH_MSG_SUCCESS &&
		(option & MACH_RCV_MSG) != 0)
		learn_from_message(f);
}

/* --- one call --- */

/* Traps that only end the game, or are loud: seldom, or with arguments that keep them quiet. */
static bool
passes(struct fuzzer *f, const struct trap *trap, uint64_t *v)
{
	switch (trap->number) {
	case TRAP_NUMBER_lab_exit:
	case TRAP_NUMBER_task_terminate:
	case TRAP_NUMBER_host_drain:
		return below(&f->random, 100) == 0;
	case TRAP_NUMBER_thread_terminate:
	case TRAP_NUMBER_vm_deallocate:
		return below(&f->random, 4) == 0;
	case TRAP_NUMBER_task_create:
		v[2] = 8;	/* a child that it were told of would outlive it, and nobody would know its name */
		return true;
	case TRAP_NUMBER_mach_print:
		v[1] = below(&f->random, 2) ? 0 : 1ull << 40;
		return true;
	default:
		return true;
	}
}

/* Names this task has, so that calls find something. */
static void
look_around(struct fuzzer *f)
{
	mach_port_t names[POOL];
	mach_port_type_t types[POOL];
	uint32_t count = POOL;

	if (mach_port_names(SELF, names, types, &count) != KERN_SUCCESS)
		return;
	for (unsigned i = 0; i < POOL && i < count; i++)
		remember(f, names[i]);
}

static void
any_call(struct fuzzer *f)
{
	unsigned which = below(&f->random, TRAPS);
	const struct trap *trap = &traps[which];
	uint64_t v[7], result;

	for (unsigned i = 0; i < trap->arguments; i++)
		v[i] = any_argument(f, kinds[which][i]);
	if (!passes(f, trap, v))
		return;
	result = trap->call(v);
	score->by_trap[which]++;
	if (result == KERN_SUCCESS)
		score->succeeded[which]++;
	if (trap->number == TRAP_NUMBER_mach_reply_port || trap->number == TRAP_NUMBER_mach_thread_self)
		remember(f, (mach_port_t)result);
}

static void
fuzz(void *argument)
{
	struct fuzzer *f = argument;
	mach_port_t name;

	for (unsigned i = 0;; i++) {
		score->calls[f->index]++;
		if (below(&f->random, 4) == 0)
			any_message(f);
		else
			any_call(f);
		if (i % 64 == 0)
			look_around(f);
		if (i % 32 == 1 && mach_port_allocate(SELF, below(&f->random, 4) ? MACH_PORT_RIGHT_RECEIVE : MACH_PORT_RIGHT_PORT_SET,
					   &name) == KERN_SUCCESS) {
			mach_port_insert_right(SELF, name, name, MACH_MSG_TYPE_MAKE_SEND);
			remember(f, name);
		}
		if (i % 256 == 2)
			vm_allocate(SELF, &(vm_address_t){(vm_address_t)f->scratch}, SCRATCH, 0);
	}
}

/* --- the guardian --- */

static struct {
	uint64_t random;
	uint32_t wanted;
	task_t victim;
	thread_t threads[THREADS];
	mach_port_t box;
	unsigned victims;
	char *scratch;
	volatile uint32_t turns;
	volatile bool ends;
	unsigned freed;			/* how often it was let go */
} guardian;

/* The number after `word` in the command line, or the other one. */
static uint64_t
from_command_line(const char *word, uint64_t otherwise)
{
	struct host_info info;
	const char *at;
	uint64_t value = 0;

	if (host_info(&info) != KERN_SUCCESS || (at = strstr(info.command_line, word)) == NULL)
		return otherwise;
	for (at += strlen(word); *at >= '0' && *at <= '9'; at++)
		value = value * 10 + (uint64_t)(*at - '0');
	return value;
}

static void
victim_thread(unsigned i)
{
	struct thread_state state;
	struct fuzzer *f = &fuzzers[i];

	if (guardian.threads[i] != MACH_PORT_NULL)
		drop_port(guardian.threads[i]);
	guardian.threads[i] = MACH_PORT_NULL;
	if (thread_create(guardian.victim, &guardian.threads[i]) != KERN_SUCCESS)
		return;
	f->random = draw(&guardian.random) | 1;
	vm_write(guardian.victim, (vm_address_t)&f->random, (vm_address_t)&f->random, sizeof(f->random));
	thread_state_call(&state, fuzz, f, (uint64_t)stacks[i] + STACK, 0);
	thread_set_state(guardian.threads[i], THREAD_STATE_GENERAL, &state, sizeof(state));
	thread_resume(guardian.threads[i]);
}

/* A poor task, with a send right to the guardian and its own ports. */
static void
victim_create(void)
{
	static const struct task_limits poor = {.port_names = 500, .threads = 16, .kernel_memory = 1 << 20, .memory = 4 << 20,
		.wired = 1 << 16, .tasks = 4};
	static const security_token_t token = {.label = LABEL};

	guardian.victims++;
	guardian.victim = child_create(false);
	OK(task_set_limits(HOST, guardian.victim, &poor));
	OK(task_set_security_token(HOST, guardian.victim, &token));
	for (int which = TASK_KERNEL_PORT + 1; which < TASK_SPECIAL_PORTS; which++)
		OK(task_set_special_port(guardian.victim, which, guardian.box));
	OK(task_set_special_port(guardian.victim, TASK_EXCEPTION_PORT, MACH_PORT_NULL));
	OK(mach_port_insert_right(guardian.victim, guardian.box, guardian.box, MACH_MSG_TYPE_COPY_SEND));
	for (unsigned i = 0; i < THREADS; i++)
		victim_thread(i);
}

static void
victim_end(void)
{
	task_terminate(guardian.victim);	/* it may have done that itself */
	child_wait(guardian.victim);
	for (unsigned i = 0; i < THREADS; i++) {
		if (guardian.threads[i] != MACH_PORT_NULL)
			drop_port(guardian.threads[i]);
		guardian.threads[i] = MACH_PORT_NULL;
	}
}

static void
empty_box(void)
{
	static struct message m;

	for (int i = 0; i < 64 && message_receive(&m, guardian.box, 0) == MACH_MSG_SUCCESS; i++)
		message_release(&m);
}

/* What a parent does to a child, at any moment. */
static void
interfere(void)
{
	uint64_t *random = &guardian.random;
	vm_address_t there = (vm_address_t)fuzzers[0].scratch + below(random, SCRATCH / PAGE) * PAGE, here = 0;
	vm_size_t size = (1 + below(random, 4)) * PAGE;
	struct vm_remap_args remap = {.target = SELF, .source = guardian.victim, .size = size, .source_address = there,
		.flags = VM_FLAGS_ANYWHERE, .copy = below(random, 2), .inheritance = VM_INHERIT_NONE};
	task_t copy = MACH_PORT_NULL;
	phys_addr_t physical;

	switch (below(random, 8)) {
	case 0:
		vm_wire(HOST, guardian.victim, there, size, below(random, 4));
		break;
	case 1:
		vm_allocate_contiguous(HOST, guardian.victim, &here, &physical, size);
		break;
	case 2:
		if (vm_read(guardian.victim, there, size, &here) == KERN_SUCCESS)
			vm_deallocate(SELF, here, size);
		break;
	case 3:
		vm_write(guardian.victim, there, (vm_address_t)guardian.scratch, size);
		break;
	case 4:
		if (vm_remap(&remap) == KERN_SUCCESS)
			vm_deallocate(SELF, remap.address, size);
		break;
	case 5:
		/* The fork of a task that runs; the victim's limit may refuse it. */
		if (task_create(guardian.victim, below(random, 4), &copy) == KERN_SUCCESS)
			child_end(copy);
		break;
	case 6:
		task_suspend(guardian.victim);
		vm_protect(guardian.victim, there, size, false, below(random, 8));
		break;
	default:
		vm_copy(guardian.victim, there, size, there + size);
	}
}

static void
tend(void)
{
	if (type_of(guardian.victim) == MACH_PORT_TYPE_DEAD_NAME) {
		victim_end();
		victim_create();
	}
	for (unsigned i = 0; i < THREADS; i++) {
		if (guardian.threads[i] == MACH_PORT_NULL || type_of(guardian.threads[i]) == MACH_PORT_TYPE_DEAD_NAME)
			victim_thread(i);
		thread_abort(guardian.threads[i]);
		while (thread_resume(guardian.threads[i]) == KERN_SUCCESS)
			continue;
	}
	interfere();
	while (task_resume(guardian.victim) == KERN_SUCCESS)
		continue;
	empty_box();
}

/*
 * Looking at a victim's memory, the guardian waits for its pagers, and these are the victim, which may wait for the guardian to let it go
 * on. So somebody stands behind the guardian.
 */
static void *
free_guardian(void *thread)
{
	uint32_t last = 0;

	while (!guardian.ends) {
		struct thread_info info = {0};

		clock_sleep(500);
		OK(thread_info((thread_t)(uintptr_t)thread, &info));
		if (guardian.turns == last && strcmp(info.wait, "pager") == 0) {
			OK(thread_abort((thread_t)(uintptr_t)thread));
			guardian.freed++;
		}
		last = guardian.turns;
	}
	return NULL;
}

/* What the victim's threads are at. */
static void
tell(void)
{
	struct task_info task = {0};

	task_info(guardian.victim, &task);
	print("  victim: %u threads, %lu bytes of the kernel's, suspended %u times\n", task.thread_count, (unsigned long)task.kernel_memory,
		task.suspend_count);
	for (unsigned i = 0; i < THREADS; i++) {
		struct thread_info info = {0};
		kern_return_t kr = thread_info(guardian.threads[i], &info);

		print("  thread %u: %s, state %u, priority %u, suspended %u times, waits for %s\n", i, kern_return_name(kr), info.state,
			info.current_priority, info.suspend_count, info.wait);
	}
}

static uint32_t
calls_made(void)
{
	uint32_t sum = 0;

	for (unsigned i = 0; i < THREADS; i++)
		sum += score->calls[i];
	return sum;
}

static void
no_call_stops_the_machine(void)
{
	uint32_t last = 0;
	uint64_t since = clock_now(), born = since, now;

	while (calls_made() < guardian.wanted) {
		clock_sleep(1);
		tend();
		guardian.turns++;
		now = clock_now();
		if (calls_made() != last) {
			last = calls_made();
			since = born = now;
		}
		CHECK(now - since < PATIENCE_S * 1000000000ull);
		if (now - since >= PATIENCE_S * 1000000000ull)
			break;
		if (now - born >= STUCK_MS * 1000000ull) {
			tell();
			victim_end();
			victim_create();
			born = clock_now();
		}
	}
}

static void
every_trap_was_called(void)
{
	unsigned good = 0;

	for (unsigned i = 0; i < TRAPS; i++) {
		if (score->by_trap[i] == 0 && traps[i].number != TRAP_NUMBER_lab_exit && traps[i].number != TRAP_NUMBER_host_drain &&
			traps[i].number != TRAP_NUMBER_task_terminate && traps[i].number != TRAP_NUMBER_thread_terminate)
			print("%s was not called\n", traps[i].name);
		good += score->succeeded[i] != 0;
	}
	CHECK(good > TRAPS / 3);
}

int
main(void)
{
	vm_address_t page = 0;
	cthread_t behind;
	uint64_t seed;

	check_begin();
	seed = from_command_line("fuzz-seed=", clock_now());
	guardian.random = seed | 1;
	guardian.wanted = (uint32_t)from_command_line("fuzz-calls=", CALLS);
	print("seed %lu\n", (unsigned long)seed);
	for (unsigned t = 0; t < TRAPS; t++)
		for (unsigned i = 0; i < traps[t].arguments; i++)
			kinds[t][i] = kind_of(traps[t].type[i]);
	OK(vm_allocate(SELF, &page, vm_page_round(sizeof(*score)), VM_FLAGS_ANYWHERE));
	OK(vm_inherit(SELF, page, vm_page_round(sizeof(*score)), VM_INHERIT_SHARE));
	score = (struct score *)page;
	for (unsigned i = 0; i < THREADS; i++) {
		vm_address_t scratch = 0;

		OK(vm_allocate(SELF, &scratch, SCRATCH, VM_FLAGS_ANYWHERE));
		fuzzers[i] = (struct fuzzer){.index = i, .scratch = (char *)scratch};
	}
	guardian.scratch = fuzzers[0].scratch;
	guardian.box = new_send();
	behind = start(free_guardian, (void *)(uintptr_t)mach_thread_self());
	victim_create();
	RULE(no_call_stops_the_machine);
	victim_end();
	guardian.ends = true;
	cthread_join(behind);
	RULE(every_trap_was_called);
	print("%u calls, %u victims; the guardian was let go %u times\n", calls_made(), guardian.victims, guardian.freed);
	check_end();
}
