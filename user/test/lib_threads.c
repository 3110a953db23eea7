#include "threads.h"

#include "ipc_check.h"

#include <mach/host_info.h>
#include <string.h>

#include "mach/tls.h"

#define PATIENCE_MS	30000	/* a busy host may run this machine in slices */

static char stacks[THREAD_SLOTS][THREAD_STACK] __attribute__((aligned(16)));

volatile uint32_t reached;

void
set_entry(thread_t thread, unsigned slot, void (*function)(void *), void *argument)
{
	struct thread_state state;

	thread_state_call(&state, function, argument, (uint64_t)stacks[slot] + THREAD_STACK, 0);
	OK(thread_set_state(thread, THREAD_STATE_GENERAL, &state, sizeof(state)));
}

thread_t
thread_in(task_t task, unsigned slot, void (*function)(void *), void *argument)
{
	thread_t thread = MACH_PORT_NULL;

	OK(thread_create(task, &thread));
	set_entry(thread, slot, function, argument);
	return thread;
}

thread_t
thread_run(unsigned slot, void (*function)(void *), void *argument)
{
	thread_t thread = thread_in(mach_task_self(), slot, function, argument);

	OK(thread_resume(thread));
	return thread;
}

void
spin(void *argument)
{
	volatile uint64_t *count = argument;

	for (;;)
		(*count)++;
}

void
arrive(void *argument)
{
	reached = (uint32_t)(uintptr_t)argument;
	thread_terminate(mach_thread_self());
}

bool
is_gone(thread_t thread)
{
	unsigned tries = PATIENCE_MS / 5;

	while (type_of(thread) != MACH_PORT_TYPE_DEAD_NAME && --tries > 0)
		clock_sleep(5);
	drop_port(thread);
	return tries > 0;
}

void
end_thread(thread_t thread)
{
	OK(thread_terminate(thread));
	CHECK(is_gone(thread));
}

struct thread_info
info_of(thread_t thread)
{
	struct thread_info info = {0};

	OK(thread_info(thread, &info));
	return info;
}

bool
waits_for(thread_t thread, const char *what)
{
	struct thread_info info;

	for (unsigned tries = 0; tries < PATIENCE_MS && thread_info(thread, &info) == KERN_SUCCESS; tries++) {
		if (info.state == THREAD_STATE_WAITING && strcmp(info.wait, what) == 0)
			return true;
		clock_sleep(1);
	}
	return false;
}

void
await(volatile uint32_t *word, uint32_t value)
{
	for (unsigned tries = 0; *word != value && tries < PATIENCE_MS / 5; tries++)
		clock_sleep(5);
	EQUAL(*word, value);
}

bool
moves(volatile uint64_t *count)
{
	uint64_t before = *count;

	for (unsigned tries = 0; *count == before && tries < 400; tries++)
		clock_sleep(5);
	return *count != before;
}

bool
stands(volatile uint64_t *count)
{
	uint64_t before = *count;

	clock_sleep(25);
	return *count == before;
}

unsigned
host_cpus(void)
{
	struct host_info info = {0};

	OK(host_info(&info));
	return info.cpus;
}

/* --- a crowd --- */

static struct {
	thread_t thread;
	volatile uint64_t count;
} crowd[THREAD_SLOTS];
static unsigned crowd_size;

void
crowd_begin(unsigned slot, int priority)
{
	crowd_size = host_cpus();
	for (unsigned i = 0; i < crowd_size; i++) {
		crowd[i].thread = thread_in(mach_task_self(), slot + i, spin, (void *)&crowd[i].count);
		OK(thread_set_priority(MACH_PORT_NULL, crowd[i].thread, priority));
		OK(thread_resume(crowd[i].thread));
	}
	for (unsigned i = 0; i < crowd_size; i++)
		CHECK(moves(&crowd[i].count));
}

void
crowd_set_priority(int priority)
{
	for (unsigned i = 0; i < crowd_size; i++)
		OK(thread_set_priority(MACH_PORT_NULL, crowd[i].thread, priority));
}

void
crowd_end(void)
{
	for (unsigned i = 0; i < crowd_size; i++)
		end_thread(crowd[i].thread);
}
