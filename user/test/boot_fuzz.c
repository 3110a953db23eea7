/*
 * Every trap with random and edge arguments, from several threads at once, and random messages (fuzzer.h).
 *
 * Victims are tasks with little to spend. Their threads call traps at random on what they find: names they were told, addresses in
 * and out of their memory, sizes at the edges. A victim may destroy itself in any way; the guardian, this task, replaces threads and
 * tasks that are gone, ends waits, and meanwhile does to the victim what a parent, a debugger or a server may do. The rule is that the
 * machine stays up, that the calls go on, and (grade/programs.py) that nothing is left behind.
 *
 * Every second victim has keys: the host port, the console, the device-master port and a dma port. What it must not do with them stands in
 * lib_fuzzer.c (passes): end the machine, stop it in the monitor, write nonsense on the console, run before the guardian, take all memory.
 * Limits that it sets itself last until the guardian looks.
 *
 * The command line may say fuzz-calls=N and fuzz-seed=N.
 */
#include "fuzzer.h"

#include <mach/device.h>
#include <mach/host_info.h>
#include <mach/task_info.h>
#include <mach/thread_status.h>
#include <mach/vm.h>
#include <string.h>

#include "mach/tls.h"
#include "virtio/virtio.h"

#define SELF	   mach_task_self()
#define HOST	   startup_info->host
#define MASTER	   startup_info->device
#define PAGE	   VM_PAGE_SIZE
#define STACK	   32768u
#define CALLS	   12000u
#define PATIENCE_S 20u		/* without any call: the machine stands still */
#define STUCK_MS   1500u	/* the victim does: its exceptions go to a port of its own, or it may have no more threads */
#define LABEL	   4712u
#define LIVES	   6u		/* of victims, at least: what is left of the calls for each */

static const struct task_limits poor = {.port_names = 500, .threads = 16, .kernel_memory = 1 << 20, .memory = 4 << 20, .wired = 1 << 16,
	.tasks = 4};

static char stacks[FUZZERS][STACK] __attribute__((aligned(16)));

static struct {
	uint64_t random;
	uint32_t wanted;
	task_t victim;
	thread_t threads[FUZZERS];
	mach_port_t box, dma;
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
	thread_state_call(&state, fuzzer_main, f, (uint64_t)stacks[i] + STACK, 0);
	thread_set_state(guardian.threads[i], THREAD_STATE_GENERAL, &state, sizeof(state));
	thread_resume(guardian.threads[i]);
}

/* What the next victim has of the keys. They go into fuzzers[] here, which it gets a copy of. */
static void
cut_keys(bool cut)
{
	const mach_port_t keys[FUZZER_KEYS] = {HOST, MASTER, guardian.dma, startup_info->console};

	for (unsigned i = 0; i < FUZZERS; i++)
		for (unsigned key = 0; key < FUZZER_KEYS; key++)
			fuzzers[i].keys[key] = cut ? keys[key] : MACH_PORT_NULL;
}

static void
hand_out_keys(void)
{
	for (unsigned key = 0; key < FUZZER_KEYS; key++) {
		mach_port_t name = fuzzers[0].keys[key];

		if (name != MACH_PORT_NULL)
			OK(mach_port_insert_right(guardian.victim, name, name, MACH_MSG_TYPE_COPY_SEND));
	}
}

/* A poor task, with a send right to the guardian and its own ports. */
static void
victim_create(void)
{
	static const security_token_t token = {.label = LABEL};

	OK(device_dma_create(MASTER, &guardian.dma));
	cut_keys(guardian.victims++ % 2 != 0);
	guardian.victim = child_create(false);
	hand_out_keys();
	OK(task_set_limits(HOST, guardian.victim, &poor));
	OK(task_set_security_token(HOST, guardian.victim, &token));
	for (int which = TASK_KERNEL_PORT + 1; which < TASK_SPECIAL_PORTS; which++)
		OK(task_set_special_port(guardian.victim, which, guardian.box));
	OK(task_set_special_port(guardian.victim, TASK_EXCEPTION_PORT, MACH_PORT_NULL));
	OK(mach_port_insert_right(guardian.victim, guardian.box, guardian.box, MACH_MSG_TYPE_COPY_SEND));
	for (unsigned i = 0; i < FUZZERS; i++)
		victim_thread(i);
}

static void
victim_end(void)
{
	task_terminate(guardian.victim);	/* it may have done that itself */
	child_wait(guardian.victim);
	OK(mach_port_deallocate(SELF, guardian.dma));	/* the last right, and so the end of its memory */
	for (unsigned i = 0; i < FUZZERS; i++) {
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
	vm_address_t there = (vm_address_t)fuzzers[0].scratch + below(random, FUZZER_SCRATCH / PAGE) * PAGE, here = 0;
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
		if (task_create(guardian.victim, below(random, 4), &copy) == KERN_SUCCESS) {
			task_terminate(copy);		/* it is part of the victim, and may have gone with it */
			child_wait(copy);
		}
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
	for (unsigned i = 0; i < FUZZERS; i++) {
		if (guardian.threads[i] == MACH_PORT_NULL || type_of(guardian.threads[i]) == MACH_PORT_TYPE_DEAD_NAME)
			victim_thread(i);
		thread_abort(guardian.threads[i]);
		while (thread_resume(guardian.threads[i]) == KERN_SUCCESS)
			continue;
	}
	interfere();
	task_set_limits(HOST, guardian.victim, &poor);
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
	for (unsigned i = 0; i < FUZZERS; i++) {
		struct thread_info info = {0};
		kern_return_t kr = thread_info(guardian.threads[i], &info);

		print("  thread %u: %s, state %u, priority %u, suspended %u times, waits for %s\n", i, kern_return_name(kr), info.state,
			info.current_priority, info.suspend_count, info.wait);
	}
}

static void
no_call_stops_the_machine(void)
{
	uint32_t last = 0;
	uint64_t since = clock_now(), born = since, now;

	while (fuzzers_calls() < guardian.wanted) {
		clock_sleep(1);
		tend();
		guardian.turns++;
		now = clock_now();
		if (fuzzers_calls() != last) {
			last = fuzzers_calls();
			since = born = now;
		}
		CHECK(now - since < PATIENCE_S * 1000000000ull);
		if (now - since >= PATIENCE_S * 1000000000ull)
			break;
		if (now - born >= STUCK_MS * 1000000ull)
			tell();
		if (now - born >= STUCK_MS * 1000000ull || fuzzers_calls() > guardian.victims * (guardian.wanted / LIVES)) {
			victim_end();
			victim_create();
			born = clock_now();
		}
	}
}

/* Privileged traps with the ports they want, too: behind their first line. */
static void
every_key_was_tried(void)
{
	EQUAL(fuzzers_locked(), 0);
}

static void
every_trap_was_called(void)
{
	unsigned missed;

	CHECK(fuzzers_report(&missed) > 33);
	EQUAL(missed, 0);
}

static void
messages_went_to_the_limits(void)
{
	static const char *const kinds[FUZZER_MESSAGES] = {"with many descriptors", "that were long", "with too many descriptors",
		"that were too long"};

	for (unsigned i = 0; i < FUZZER_MESSAGES; i++) {
		print("  %u messages %s\n", fuzzers_messages(i), kinds[i]);
		CHECK(fuzzers_messages(i) > 0);
	}
}

static void
find_places(void)
{
	struct device_info info;

	fuzzer_places[0] = fuzzer_places[1] = 1ull << 39;
	fuzzer_places[2] = 1ull << 40;
	for (uint32_t i = 0; device_info(MASTER, i, &info) == KERN_SUCCESS; i++) {
		struct virtio_device device = {.bus = &virtio_mmio_bus};
		vm_address_t at;

		if (info.kind != DEVICE_VIRTIO_MMIO || device_map(MASTER, info.base, info.size, &at) != KERN_SUCCESS)
			continue;
		device.registers = (volatile uint8_t *)at;
		if (virtio_probe(&device) == VIRTIO_ID_NONE)
			fuzzer_places[0] = info.base;
		OK(vm_deallocate(SELF, at, info.size));
	}
}

int
main(void)
{
	cthread_t behind;
	uint64_t seed;

	check_begin();
	seed = from_command_line("fuzz-seed=", clock_now());
	guardian.random = seed | 1;
	guardian.wanted = (uint32_t)from_command_line("fuzz-calls=", CALLS);
	print("seed %lu\n", (unsigned long)seed);
	find_places();
	/* The rings of the trace are made once and stay: in the first run, whatever a victim with the host port does. */
	OK(host_trace(HOST, HOST_TRACE_ON));
	OK(host_trace(HOST, HOST_TRACE_OFF));
	fuzzers_prepare();
	guardian.scratch = fuzzers[0].scratch;
	guardian.box = new_send();
	behind = start(free_guardian, (void *)(uintptr_t)mach_thread_self());
	victim_create();
	RULE(no_call_stops_the_machine);
	victim_end();
	guardian.ends = true;
	cthread_join(behind);
	host_set_default_pager(HOST, MACH_PORT_NULL);
	OK(host_trace(HOST, HOST_TRACE_OFF));
	RULE(every_trap_was_called);
	RULE(every_key_was_tried);
	RULE(messages_went_to_the_limits);
	print("%u calls, %u victims; the guardian was let go %u times\n", fuzzers_calls(), guardian.victims, guardian.freed);
	check_end();
}
