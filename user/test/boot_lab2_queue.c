/*
 * Lab 2, exercise 2.3: full queues, who waits and in which order, time-outs, the port's death.
 */
#include "ipc_check.h"
#include "observe.h"

#include <mach/host_info.h>
#include <mach/task_info.h>

#define SELF	mach_task_self()
#define SENDERS	8

static struct message m;

struct sender {
	mach_port_t port;
	int id;
	volatile uint32_t result;
	cthread_t thread;
};

static struct sender senders[SENDERS];
static struct message buffers[SENDERS];
static volatile unsigned done;

static void *
send_blocking(void *argument)
{
	struct sender *s = argument;
	struct message *buffer = &buffers[s - senders];

	message_init(buffer, s->port, MACH_MSG_TYPE_COPY_SEND, 0, 0, s->id);
	s->result = (uint32_t)mach_msg(&buffer->head, MACH_SEND_MSG, sizeof(buffer->head), 0, 0, 0, 0);
	__atomic_fetch_add(&done, 1, __ATOMIC_SEQ_CST);
	return NULL;
}

/* Starts one and lets it come to its wait. Says what state it is in then. */
static void
block_one(unsigned i, mach_port_t port)
{
	struct thread_info before = {0}, after = {0};

	senders[i] = (struct sender){.port = port, .id = 100 + (int)i, .result = ~0u};
	senders[i].thread = start(send_blocking, &senders[i]);
	settle();
	thread_info(cthread_port(senders[i].thread), &before);
	clock_sleep(20);
	thread_info(cthread_port(senders[i].thread), &after);
	SAY("blocked", i, after.state == THREAD_STATE_WAITING, after.switches == before.switches);
}

/* Sends without waiting until that fails (40 times at most). */
static unsigned
fill(mach_port_t port, mach_msg_return_t *last)
{
	unsigned sent = 0;

	while (sent < 40 && (*last = send_word(port, (int)sent, 0)) == MACH_MSG_SUCCESS)
		sent++;
	return sent;
}

static mach_port_t
full_port(unsigned limit)
{
	mach_port_t port = new_send();
	mach_msg_return_t last;

	OK(mach_port_set_qlimit(SELF, port, limit));
	fill(port, &last);
	return port;
}

/* --- limits --- */

static void
limit_once(uint64_t *seed)
{
	unsigned limit = 2 + (unsigned)draw(seed, 8), taken = 1 + (unsigned)draw(seed, limit - 1), sent;
	mach_port_t port = new_send(), once = new_send_once(port);
	mach_msg_return_t last = 0;

	OK(mach_port_set_qlimit(SELF, port, limit));
	sent = fill(port, &last);
	SAY("filled", limit, sent, (uint32_t)last);
	for (unsigned i = 0; i < taken; i++)
		next_id(port);
	sent = fill(port, &last);
	SAY("again", taken, sent, (uint32_t)last);
	SAY("exempt", (uint32_t)send_once_word(once, 500, 0), status_of(port).mps_msgcount);
	next_id(port);
	OK(mach_port_set_qlimit(SELF, port, limit + 2));
	sent = fill(port, &last);
	SAY("raised", limit + 2, sent, (uint32_t)last);
	drop_port(port);
}

static void
limit(uint64_t seed)
{
	for (unsigned i = 0; i < 6; i++)
		limit_once(&seed);
}

/* --- order --- */

static void
order(uint64_t seed)
{
	unsigned slots = 1 + (unsigned)draw(&seed, 4), count = 3 + (unsigned)draw(&seed, SENDERS - 3);
	mach_port_t port = full_port(slots);

	done = 0;
	for (unsigned i = 0; i < count; i++)
		block_one(i, port);
	for (unsigned i = 0; i < slots + count; i++) {
		int id = next_id(port), newcomer = i < count ? send_word(port, 900, 0) : 0;

		settle();
		SAY("got", (uint32_t)id, (uint32_t)newcomer, done);
	}
	drop_port(port);
	for (unsigned i = 0; i < count; i++)
		cthread_join(senders[i].thread);
}

/* A higher limit lets as many go on as there are new slots. */
static void
raise(uint64_t seed)
{
	unsigned slots = 1 + (unsigned)draw(&seed, 4), more = 1 + (unsigned)draw(&seed, 3);
	mach_port_t port = full_port(slots);

	done = 0;
	for (unsigned i = 0; i < 5; i++)
		block_one(i, port);
	OK(mach_port_set_qlimit(SELF, port, slots + more));
	settle();
	SAY("raised", more, done);
	drop_port(port);
	for (unsigned i = 0; i < 5; i++)
		cthread_join(senders[i].thread);
}

/* --- time-outs --- */

static uint64_t
now(void)
{
	uint64_t ns = 0;

	clock_get_time(CLOCK_MONOTONIC_NS, &ns);
	return ns;
}

static void
timeout_once(mach_port_t port, unsigned ms)
{
	mach_port_t right = new_send();
	mach_msg_return_t result;
	uint64_t began;

	message_init(&m, port, MACH_MSG_TYPE_COPY_SEND, 0, 0, 77);
	put_port(&m, 0, right, MACH_MSG_TYPE_COPY_SEND);
	began = now();
	result = message_send(&m, sizeof(m.head) + sizeof(m.descriptors[0]), ms);
	SAY("timeout", ms, (uint32_t)result, (now() - began) / 1000, refs_of(right, MACH_PORT_RIGHT_SEND), status_of(port).mps_msgcount);
	drop_port(right);
}

static void
timeout(uint64_t seed)
{
	unsigned slots = 1 + (unsigned)draw(&seed, 4);
	mach_port_t port = full_port(slots);

	for (unsigned i = 0; i < 4; i++)
		timeout_once(port, i == 0 ? 0 : 5 + (unsigned)draw(&seed, 60));
	for (unsigned i = 0; i < slots; i++)
		SAY("got", (uint32_t)next_id(port));
	SAY("then", (uint32_t)next_id(port), (uint32_t)send_word(port, 5, 0), (uint32_t)next_id(port));
	drop_port(port);
}

/* --- the port dies --- */

static void
death(uint64_t seed)
{
	unsigned slots = 1 + (unsigned)draw(&seed, 4), count = 2 + (unsigned)draw(&seed, SENDERS - 2), tries = 100;
	mach_port_t port = full_port(slots), right = new_send();

	done = 0;
	for (unsigned i = 0; i < count; i++)
		block_one(i, port);
	drop_port(port);
	while (done < count && --tries > 0)
		clock_sleep(2);
	SAY("woken", count, done);
	for (unsigned i = 0; i < count; i++)
		SAY("sender", i, senders[i].result);
	SAY("after", (uint32_t)send_word(port, 1, 0));
	drop_port(right);
}

int
main(int argc, char **argv)
{
	static const struct part parts[] = {
		{"limit", limit},
		{"order", order},
		{"raise", raise},
		{"timeout", timeout},
		{"death", death},
		{NULL, NULL},
	};

	observe(argc, argv, parts);
}
