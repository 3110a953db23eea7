/*
 * Lab 2, exercise 2.6: who runs next. Threads note in one list when they run; on one CPU the list tells the order.
 */
#include "ipc_check.h"
#include "observe.h"

#include <mach/host_info.h>

#define SELF		mach_task_self()
#define BYSTANDERS	4
#define SERVER		100
#define CLIENT		200

static mach_port_t service, answers;
static uint64_t noted[64];
static volatile unsigned notes;

static void
note(uint64_t who)
{
	if (notes < 64)
		noted[notes++] = who;
}

static void
say_notes(void)
{
	say("ran", noted, notes);
}

static uint64_t
now(void)
{
	uint64_t ns = 0;

	clock_get_time(CLOCK_MONOTONIC_NS, &ns);
	return ns;
}

static void *
bystander(void *number)
{
	note((uintptr_t)number);
	return NULL;
}

static void *
serve(void *argument)
{
	static struct message request;
	mach_msg_option_t option = MACH_RCV_MSG;

	(void)argument;
	while (mach_msg(&request.head, option, sizeof(request.head), sizeof(request), service, 0, 0) == MACH_MSG_SUCCESS) {
		note(SERVER);
		request.head.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND_ONCE, 0);
		request.head.msgh_local_port = MACH_PORT_NULL;
		option = MACH_SEND_MSG | MACH_RCV_MSG;
	}
	return NULL;
}

static mach_msg_return_t
call(void)
{
	static struct message m;

	message_init(&m, service, MACH_MSG_TYPE_COPY_SEND, answers, MACH_MSG_TYPE_MAKE_SEND_ONCE, 1);
	return mach_msg(&m.head, MACH_SEND_MSG | MACH_RCV_MSG, sizeof(m.head), sizeof(m), answers, 0, 0);
}

static cthread_t
server_start(void)
{
	cthread_t thread;

	service = new_send();
	answers = new_port();
	thread = start(serve, NULL);
	settle();
	OK(call());
	clock_sleep(15);		/* both wait or start a time slice afresh */
	notes = 0;
	return thread;
}

/* Threads that are ready to run and have not run. */
static void
bystanders_start(cthread_t *threads, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		threads[i] = start(bystander, (void *)(uintptr_t)i);
}

static void
bystanders_join(cthread_t *threads, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		cthread_join(threads[i]);
}

/* --- a call is answered before others get the CPU --- */

static void
rpc(uint64_t seed)
{
	unsigned count = 2 + (unsigned)draw(&seed, BYSTANDERS - 1), rounds = 2 + (unsigned)draw(&seed, 4);
	cthread_t threads[BYSTANDERS] = {NULL};

	server_start();
	bystanders_start(threads, count);
	for (unsigned i = 0; i < rounds; i++) {
		call();
		note(CLIENT);
	}
	bystanders_join(threads, count);
	SAY("rounds", count, rounds);
	say_notes();
}

/* --- thread_switch(thread) --- */

static void
named(uint64_t seed)
{
	unsigned count = 3 + (unsigned)draw(&seed, BYSTANDERS - 2), chosen = 1 + (unsigned)draw(&seed, count - 1);
	cthread_t threads[BYSTANDERS] = {NULL};

	clock_sleep(15);
	notes = 0;
	bystanders_start(threads, count);
	thread_switch(cthread_port(threads[chosen]), SWITCH_OPTION_NONE, 0);
	note(CLIENT);
	bystanders_join(threads, count);
	SAY("chosen", count, chosen);
	say_notes();
}

/* --- somebody better waits --- */

static void
set_priority(cthread_t thread, int priority)
{
	OK(thread_set_priority(MACH_PORT_NULL, thread != NULL ? cthread_port(thread) : mach_thread_self(), priority));
}

static void
refused(uint64_t seed)
{
	unsigned ours = 13 + (unsigned)draw(&seed, 4), others = ours + 1 + (unsigned)draw(&seed, 3);
	cthread_t server = server_start(), threads[BYSTANDERS] = {NULL};

	set_priority(server, (int)others + 1);
	clock_sleep(15);
	for (unsigned i = 0; i < 2; i++) {
		threads[i] = start(bystander, (void *)(uintptr_t)i);
		set_priority(threads[i], (int)others);
	}
	set_priority(NULL, (int)ours);
	notes = 0;
	call();
	note(CLIENT);
	set_priority(NULL, 12);
	bystanders_join(threads, 2);
	SAY("priorities", ours, others, others + 1);
	say_notes();
}

/* --- two who hand the CPU to each other do not keep it for ever --- */

static void *
flag(void *argument)
{
	*(volatile bool *)argument = true;
	return NULL;
}

static void
slice(uint64_t seed)
{
	static volatile bool ran;
	unsigned rounds = 0;
	cthread_t thread;
	uint64_t began;

	(void)seed;
	server_start();
	ran = false;
	thread = start(flag, (void *)&ran);
	began = now();
	while (!ran && now() - began < 300000000ull) {
		call();
		rounds++;
	}
	SAY("slice", ran, rounds, (now() - began) / 1000);
	cthread_join(thread);
}

int
main(int argc, char **argv)
{
	static const struct part parts[] = {
		{"rpc", rpc},
		{"named", named},
		{"refused", refused},
		{"slice", slice},
		{NULL, NULL},
	};

	observe(argc, argv, parts);
}
