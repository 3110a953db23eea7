#include "fuzzer.h"

#include <mach/device.h>
#include <mach/host_info.h>
#include <mach/task_info.h>
#include <mach/thread_status.h>
#include <mach/vm.h>
#include <string.h>

#define SELF	mach_task_self()
#define PAGE	VM_PAGE_SIZE

/* --- the table of traps --- */

enum kind { KIND_NAME, KIND_ADDRESS, KIND_SIZE, KIND_POINTER, KIND_TIME, KIND_OTHER, KIND_PLACE, KIND_KEY /* and the key */ };

struct trap {
	const char *name;
	unsigned number, arguments;
	const char *type[7], *argument[7];
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

#define TRAP0(n, R, name) {#name, n, 0, {0}, {0}, call_##name},
#define TRAP1(n, R, name, A, a) {#name, n, 1, {#A}, {#a}, call_##name},
#define TRAP2(n, R, name, A, a, B, b) {#name, n, 2, {#A, #B}, {#a, #b}, call_##name},
#define TRAP3(n, R, name, A, a, B, b, C, c) {#name, n, 3, {#A, #B, #C}, {#a, #b, #c}, call_##name},
#define TRAP4(n, R, name, A, a, B, b, C, c, D, d) {#name, n, 4, {#A, #B, #C, #D}, {#a, #b, #c, #d}, call_##name},
#define TRAP5(n, R, name, A, a, B, b, C, c, D, d, E, e)                                                  \
	{#name, n, 5, {#A, #B, #C, #D, #E}, {#a, #b, #c, #d, #e}, call_##name},
#define TRAP6(n, R, name, A, a, B, b, C, c, D, d, E, e, F, f)                                                  \
	{#name, n, 6, {#A, #B, #C, #D, #E, #F}, {#a, #b, #c, #d, #e, #f}, call_##name},
#define TRAP7(n, R, name, A, a, B, b, C, c, D, d, E, e, F, f, G, g)                                                  \
	{#name, n, 7, {#A, #B, #C, #D, #E, #F, #G}, {#a, #b, #c, #d, #e, #f, #g}, call_##name},
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
kind_of(const char *type, const char *argument)
{
	static const char *const keys[FUZZER_KEYS] = {"host", "master", "dma", "console"};
	static const char *const names[] = {"mach_port_t", "task_t", "thread_t", "host_t", "memory_object_t",
		"memory_object_control_t"};

	if (strchr(type, '*') != NULL)
		return KIND_POINTER;
	for (unsigned i = 0; i < FUZZER_KEYS; i++)
		if (strcmp(argument, keys[i]) == 0)
			return KIND_KEY + i;
	for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(type, names[i]) == 0)
			return KIND_NAME;
	if (strcmp(type, "phys_addr_t") == 0)
		return KIND_PLACE;
	if (strcmp(type, "vm_address_t") == 0)
		return KIND_ADDRESS;
	if (strcmp(type, "vm_size_t") == 0 || strcmp(type, "vm_offset_t") == 0)
		return KIND_SIZE;
	return strcmp(type, "mach_msg_timeout_t") == 0 ? KIND_TIME : KIND_OTHER;
}

/* --- arguments --- */

/* Seen by all tasks. */
struct score {
	volatile uint32_t calls[FUZZERS];
	volatile uint32_t by_trap[TRAPS];
	volatile uint32_t succeeded[TRAPS];
	volatile uint32_t opened[TRAPS];	/* with a key */
	volatile uint32_t messages[FUZZER_MESSAGES];
};

static struct score *score;

struct fuzzer fuzzers[FUZZERS];
phys_addr_t fuzzer_places[FUZZER_PLACES];

static mach_port_t
any_name(struct fuzzer *f)
{
	static const mach_port_t edges[] = {MACH_PORT_NULL, MACH_PORT_DEAD, MACH_PORT_TASK_SELF, MACH_PORT_HOST_SELF, 0xffffff00,
		0xff, 0x100, 0x80000000};
	unsigned how = below(&f->random, 16);

	if (how < 9)
		return f->pool[below(&f->random, FUZZER_POOL)];
	if (how < 12)
		return MACH_PORT_TASK_SELF;
	if (how < 14)
		return edges[below(&f->random, sizeof(edges) / sizeof(*edges))];
	return how == 14 ? (mach_port_t)MACH_PORT_MAKE(below(&f->random, 40), below(&f->random, 3)) : (mach_port_t)draw(&f->random);
}

static void
remember(struct fuzzer *f, mach_port_t name)
{
	f->pool[below(&f->random, FUZZER_POOL)] = name;
}

static uint64_t
any_address(struct fuzzer *f)
{
	static const uint64_t edges[] = {0, 1, 8, PAGE - 4, 0x600000000000, 0x7ffffffff000, 0x7ffffffffffc, 0x800000000000,
		0xffff000000000000, 0xffff800000000000, 0xffffffff80000000, ~0ull - 3, ~0ull};
	unsigned how = below(&f->random, 8);

	if (f->device != 0 && below(&f->random, 16) == 0)
		return f->device + below(&f->random, PAGE);
	if (how < 3)
		return (uint64_t)f->scratch + below(&f->random, FUZZER_SCRATCH / 8) * 8;
	if (how < 5)
		return (uint64_t)f->scratch + below(&f->random, FUZZER_SCRATCH / PAGE) * PAGE;
	if (how == 5)
		return (uint64_t)f->scratch + below(&f->random, FUZZER_SCRATCH);
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
	uint64_t at = (uint64_t)f->scratch + below(&f->random, FUZZER_SCRATCH / 8 - 16) * 8;
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

static bool
is_key(const struct fuzzer *f, enum kind kind, uint64_t v)
{
	return kind >= KIND_KEY && f->keys[kind - KIND_KEY] != MACH_PORT_NULL && f->keys[kind - KIND_KEY] == v;
}

static uint64_t
any_argument(struct fuzzer *f, enum kind kind)
{
	if (kind >= KIND_KEY)
		return f->keys[kind - KIND_KEY] != MACH_PORT_NULL && below(&f->random, 4) != 0 ? f->keys[kind - KIND_KEY] : any_name(f);
	switch (kind) {
	case KIND_NAME:
		return any_name(f);
	case KIND_ADDRESS:
		return any_address(f);
	case KIND_SIZE:
		return any_size(f);
	case KIND_POINTER:
		return any_pointer(f);
	case KIND_PLACE:
		return below(&f->random, 2) ? fuzzer_places[below(&f->random, FUZZER_PLACES)] : any_address(f);
	case KIND_TIME:
		return below(&f->random, 4) == 0 ? any_other(f) : below(&f->random, 3);
	default:
		return any_other(f);
	}
}

/* --- messages --- */

/* One that nothing is wrong with, so that some messages with many get through. */
static void
good_descriptor(struct fuzzer *f, unsigned i)
{
	if (below(&f->random, 4) == 0)
		put_memory(&f->message, i, f->scratch + below(&f->random, FUZZER_SCRATCH / 2), below(&f->random, FUZZER_SCRATCH / 2), false);
	else
		put_port(&f->message, i, below(&f->random, 2) ? MACH_PORT_TASK_SELF : MACH_PORT_DEAD, MACH_MSG_TYPE_COPY_SEND);
}

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

/* None, some, or up to one more than there may be. Returns how many. */
static unsigned
any_descriptors(struct fuzzer *f)
{
	unsigned how = below(&f->random, 6), wild = below(&f->random, 3);
	unsigned count = how < 3 ? 0 : how == 3 ? below(&f->random, 5) : below(&f->random, MACH_MSG_DESCRIPTORS_MAX + 2);

	for (unsigned i = 0; i < count && i < MACH_MSG_DESCRIPTORS_MAX; i++)
		if (below(&f->random, 4) < wild)
			any_descriptor(f, i);
		else
			good_descriptor(f, i);
	return count;
}

/* Bytes of a body: a word or so, or up to one more than there may be. */
static mach_msg_size_t
any_body(struct fuzzer *f)
{
	unsigned how = below(&f->random, 8);

	if (how < 4)
		return below(&f->random, 4) * 4;
	if (how < 6)
		return below(&f->random, 512);
	return how == 6 ? below(&f->random, MACH_MSG_BODY_MAX + 2) : MACH_MSG_BODY_MAX + 1 - below(&f->random, 5);
}

static void
count_message(mach_msg_return_t result, unsigned descriptors, mach_msg_size_t body)
{
	bool sent = result == MACH_MSG_SUCCESS || (result & 0xf000) == (MACH_RCV_TIMED_OUT & 0xf000);

	score->messages[FUZZER_MANY] += sent && descriptors > 4;
	score->messages[FUZZER_LONG] += sent && body > MACH_MSG_BODY_MAX / 2;
	score->messages[FUZZER_TOO_MANY] += result == MACH_SEND_TOO_LARGE && descriptors > MACH_MSG_DESCRIPTORS_MAX;
	score->messages[FUZZER_TOO_LONG] += result == MACH_SEND_TOO_LARGE && body > MACH_MSG_BODY_MAX;
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
	unsigned count;
	mach_msg_size_t body = any_body(f), size;
	mach_msg_option_t option = below(&f->random, 4) ? 1 + below(&f->random, 3) : (mach_msg_option_t)any_other(f);
	mach_msg_return_t result;

	message_init(m, any_name(f), below(&f->random, 2) ? MACH_MSG_TYPE_COPY_SEND : 17 + below(&f->random, 5),
		below(&f->random, 2) ? any_name(f) : 0, below(&f->random, 2) ? 20 + below(&f->random, 2) : 0, (int)any_other(f));
	count = any_descriptors(f);
	if (count != 0) {
		m->head.msgh_bits |= MACH_MSGH_BITS_COMPLEX;
		m->head.msgh_descriptor_count = count;
	}
	size = sizeof(m->head) + count * sizeof(*m->descriptors) + body;
	if (below(&f->random, 32) == 0)
		m->head.msgh_bits = (uint32_t)draw(&f->random);
	if (below(&f->random, 32) == 0)
		m->head.msgh_descriptor_count = (uint32_t)any_other(f);
	if (below(&f->random, 8) == 0)
		size = (mach_msg_size_t)any_size(f);
	if (below(&f->random, 8) != 0)
		option |= MACH_SEND_TIMEOUT | MACH_RCV_TIMEOUT;
	result = mach_msg_trap(&m->head, option, size, below(&f->random, 4) ? sizeof(*m) : (mach_msg_size_t)any_size(f), any_name(f),
		below(&f->random, 3), below(&f->random, 32) ? 0 : any_name(f));
	if ((option & MACH_SEND_MSG) != 0 && size == sizeof(m->head) + count * sizeof(*m->descriptors) + body)
		count_message(result, count, body);
	if (result == MACH_MSG_SUCCESS && (option & MACH_RCV_MSG) != 0)
		learn_from_message(f);
}

/* --- one call --- */

/*
 * Traps that only end the game, or are loud: seldom, or with arguments that keep them quiet. With the keys some would end the machine,
 * or its peace for all: these get at least one argument that they refuse after they have looked at the key.
 */
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
	case TRAP_NUMBER_console_write:
		v[2] = below(&f->random, 2) ? 0 : 1ull << 40;
		return true;
	case TRAP_NUMBER_host_reboot:
		v[1] |= 0x100;	/* neither off nor on again */
		return true;
	case TRAP_NUMBER_host_monitor:
		v[1] = 8;	/* it would wait for somebody to type */
		return true;
	case TRAP_NUMBER_thread_set_priority:
		if (v[2] < MACH_PRIORITY_USER)
			v[2] += MACH_PRIORITY_USER;	/* a better one would keep the guardian from its CPU for ever */
		return true;
	case TRAP_NUMBER_device_dma_alloc:
		v[1] %= 5 * PAGE;	/* no limit holds for these */
		return true;
	default:
		return true;
	}
}

/* Names this task has, so that calls find something. */
static void
look_around(struct fuzzer *f)
{
	mach_port_t names[FUZZER_POOL];
	mach_port_type_t types[FUZZER_POOL];
	uint32_t count = FUZZER_POOL;

	if (mach_port_names(SELF, names, types, &count) != KERN_SUCCESS)
		return;
	for (unsigned i = 0; i < FUZZER_POOL && i < count; i++)
		remember(f, names[i]);
}

static bool
is_place(phys_addr_t base)
{
	for (unsigned i = 0; i < FUZZER_PLACES; i++)
		if (fuzzer_places[i] == base)
			return true;
	return false;
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
	for (unsigned i = 0; i < trap->arguments; i++)
		score->opened[which] += is_key(f, kinds[which][i], v[i]);
	if (trap->number == TRAP_NUMBER_device_map && result == KERN_SUCCESS && is_place(v[1]))
		vm_write(SELF, (vm_address_t)&f->device, v[3], sizeof(f->device));
	if (trap->number == TRAP_NUMBER_mach_reply_port || trap->number == TRAP_NUMBER_mach_thread_self)
		remember(f, (mach_port_t)result);
}

void
fuzzer_main(void *argument)
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
			vm_allocate(SELF, &(vm_address_t){(vm_address_t)f->scratch}, FUZZER_SCRATCH, 0);
	}
}

/* --- all of them --- */

void
fuzzers_prepare(void)
{
	vm_address_t page = 0;

	for (unsigned t = 0; t < TRAPS; t++)
		for (unsigned i = 0; i < traps[t].arguments; i++)
			kinds[t][i] = kind_of(traps[t].type[i], traps[t].argument[i]);
	OK(vm_allocate(SELF, &page, vm_page_round(sizeof(*score)), VM_FLAGS_ANYWHERE));
	OK(vm_inherit(SELF, page, vm_page_round(sizeof(*score)), VM_INHERIT_SHARE));
	score = (struct score *)page;
	for (unsigned i = 0; i < FUZZERS; i++) {
		vm_address_t scratch = 0;

		OK(vm_allocate(SELF, &scratch, FUZZER_SCRATCH, VM_FLAGS_ANYWHERE));
		fuzzers[i] = (struct fuzzer){.index = i, .scratch = (char *)scratch};
	}
}

uint32_t
fuzzers_calls(void)
{
	uint32_t sum = 0;

	for (unsigned i = 0; i < FUZZERS; i++)
		sum += score->calls[i];
	return sum;
}

/* Traps that end the game, or nearly, are seldom called. */
static bool
is_seldom(unsigned number)
{
	return number == TRAP_NUMBER_lab_exit || number == TRAP_NUMBER_host_drain || number == TRAP_NUMBER_task_terminate ||
	       number == TRAP_NUMBER_thread_terminate;
}

unsigned
fuzzers_report(unsigned *missed)
{
	unsigned good = 0;

	*missed = 0;
	for (unsigned i = 0; i < TRAPS; i++) {
		if (score->by_trap[i] == 0 && !is_seldom(traps[i].number)) {
			print("%s was not called\n", traps[i].name);
			++*missed;
		}
		good += score->succeeded[i] != 0;
	}
	return good * 100 / TRAPS;
}

uint32_t
fuzzers_messages(enum fuzzer_message kind)
{
	return score->messages[kind];
}

unsigned
fuzzers_locked(void)
{
	unsigned locked = 0;

	for (unsigned t = 0; t < TRAPS; t++)
		for (unsigned i = 0; i < traps[t].arguments; i++)
			if (kinds[t][i] >= KIND_KEY && score->opened[t] == 0) {
				print("%s was never called with its key\n", traps[t].name);
				locked++;
			}
	return locked;
}
