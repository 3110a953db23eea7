/*
 * Lab 2, exercises 2.3, 2.5, 2.6: many threads at once. Meant for several CPUs and a disturbed order of events (kern/sync/jitter.h): what
 * comes out has to be the same in every order.
 */
#include "ipc_check.h"
#include "observe.h"

#include <mach/host_info.h>
#include <mach/task_info.h>

#define SELF		mach_task_self()
#define ROUNDS		3	/* of the tokens */
#define QUEUES		8
#define SENDERS		6
#define MESSAGES	64
#define RING		8
#define TOKENS		4
#define HOPS		300
#define PATIENCE_MS	3000	/* nobody has to wait so long for anything */

static struct message m;
static struct message buffers[RING];

/* --- senders at a narrow queue, some of them without much patience --- */

struct sender {
	mach_port_t port;
	uint64_t seed;
	uint64_t sent, got;		/* a bit for each message: what its sender was told, what arrived */
	unsigned number, next, backwards;
	uint32_t failed;		/* a result that it must not get */
};

static struct sender senders[SENDERS];

static void
send_one(struct sender *s, unsigned i)
{
	struct message *buffer = &buffers[s->number];
	bool timed = i < MESSAGES && draw(&s->seed, 3) == 0;
	mach_msg_return_t result;

	message_init(buffer, s->port, MACH_MSG_TYPE_COPY_SEND, 0, 0, (int)s->number);
	buffer->words[0] = i;
	result = mach_msg(&buffer->head, MACH_SEND_MSG | (timed ? MACH_SEND_TIMEOUT : 0), sizeof(buffer->head) + 8, 0, 0, 1, 0);
	if (result == MACH_MSG_SUCCESS)
		s->sent |= i < MESSAGES ? 1ull << i : 0;
	else if (result == MACH_SEND_TIMED_OUT && timed)
		mach_port_mod_refs(SELF, s->port, MACH_PORT_RIGHT_SEND, -1);	/* the message came back with it */
	else
		s->failed = (uint32_t)result;
}

static void *
send_all(void *argument)
{
	struct sender *s = argument;

	for (unsigned i = 0; i <= MESSAGES; i++)
		send_one(s, i);
	return NULL;
}

/* Returns true: it was its sender's last. */
static bool
note(const struct message *message)
{
	struct sender *s = &senders[(unsigned)message->head.msgh_id % SENDERS];
	unsigned i = message->words[0];

	s->got |= i < MESSAGES ? 1ull << i : 0;
	if (i < s->next)
		s->backwards++;
	s->next = i + 1;
	return i == MESSAGES;
}

/* Receives until all senders are through, or nothing comes. Returns how many are; the most messages that it saw in the queue. */
static unsigned
receive_all(mach_port_t port, unsigned count, uint64_t pace, unsigned *most)
{
	unsigned done = 0, queued;

	for (*most = 0; done < count;) {
		queued = status_of(port).mps_msgcount;
		*most = queued > *most ? queued : *most;
		if (message_receive(&m, port, PATIENCE_MS) != MACH_MSG_SUCCESS)
			break;
		done += note(&m);
		if (draw(&pace, 6) == 0)
			clock_sleep(1 + (unsigned)draw(&pace, 2));
	}
	return done;
}

/*
 * One sender alone does not go on by the help of another's message. Returns false: senders wait for ever.
 */
static bool
queue_round(uint64_t *seed, bool alone)
{
	unsigned count = alone ? 1 : 2 + (unsigned)draw(seed, SENDERS - 1), limit = alone ? 1 : 1 + (unsigned)draw(seed, 3);
	uint64_t pace = 1 + draw(seed, 1 << 30);
	unsigned most, done;
	cthread_t threads[SENDERS];
	mach_port_t port = new_send();

	OK(mach_port_set_qlimit(SELF, port, limit));
	for (unsigned i = 0; i < count; i++) {
		senders[i] = (struct sender){.port = port, .number = i, .seed = 1 + draw(seed, 1 << 30)};
		threads[i] = start(send_all, &senders[i]);
	}
	done = receive_all(port, count, pace, &most);
	SAY("queue", count, limit, most, done, status_of(port).mps_msgcount);
	for (unsigned i = 0; i < count; i++)
		SAY("sender", i, senders[i].sent, senders[i].got, senders[i].backwards, senders[i].failed);
	if (done != count)
		return false;
	for (unsigned i = 0; i < count; i++)
		cthread_join(threads[i]);
	drop_port(port);
	return true;
}

static void
queue(uint64_t seed)
{
	for (unsigned i = 0; i < QUEUES && queue_round(&seed, i % 2 == 0); i++)
		;
}

/* --- tokens that go round --- */

static mach_port_t stations[RING], home;
static cthread_t threads[RING];
static bool by_name;			/* threads give way to one of the others, or to anybody */

struct station {
	unsigned number;
	uint64_t seed;
};

static struct station ring[RING];

static void
give_way(struct station *station)
{
	cthread_t thread = by_name ? threads[draw(&station->seed, RING)] : NULL;

	thread_switch(thread != NULL ? cthread_port(thread) : MACH_PORT_NULL, SWITCH_OPTION_NONE, 0);
}

/* words: hops left, the token's number, its value. */
static void *
pass_on(void *argument)
{
	struct station *station = argument;
	struct message *token = &buffers[station->number];

	while (message_receive(token, stations[station->number], PATIENCE_MS) == MACH_MSG_SUCCESS && token->head.msgh_id != 0) {
		uint32_t hops = token->words[0], number = token->words[1], value = token->words[2] * 31 + station->number;
		mach_port_t to = hops > 1 ? stations[(station->number + 1) % RING] : home;

		if (draw(&station->seed, 2) == 0)
			give_way(station);
		message_init(token, to, MACH_MSG_TYPE_COPY_SEND, 0, 0, 1);
		token->words[0] = hops - 1;
		token->words[1] = number;
		token->words[2] = value;
		OK(message_send(token, sizeof(token->head) + 16, PATIENCE_MS));
	}
	return NULL;
}

static void
ring_start(uint64_t *seed)
{
	home = new_send();
	for (unsigned i = 0; i < RING; i++) {
		stations[i] = new_send();
		ring[i] = (struct station){.number = i, .seed = 1 + draw(seed, 1 << 30)};
		threads[i] = NULL;
	}
	for (unsigned i = 0; i < RING; i++)
		threads[i] = start(pass_on, &ring[i]);
}

static void
ring_end(void)
{
	for (unsigned i = 0; i < RING; i++)
		OK(send_word(stations[i], 0, 0));
	for (unsigned i = 0; i < RING; i++)
		cthread_join(threads[i]);
	for (unsigned i = 0; i < RING; i++)
		drop_port(stations[i]);
	drop_port(home);
}

/* Returns false: a token is lost. */
static bool
ring_round(uint64_t *seed)
{
	unsigned came = 0;

	ring_start(seed);
	for (uint32_t i = 0; i < TOKENS; i++) {
		message_init(&m, stations[i * 2], MACH_MSG_TYPE_COPY_SEND, 0, 0, 1);
		m.words[0] = HOPS + i;
		m.words[1] = i;
		m.words[2] = (uint32_t)draw(seed, 1 << 16);
		OK(message_send(&m, sizeof(m.head) + 16, PATIENCE_MS));
	}
	for (; came < TOKENS && message_receive(&m, home, PATIENCE_MS) == MACH_MSG_SUCCESS; came++)
		SAY("token", m.words[1], m.words[0], m.words[2]);
	SAY("ring", came);
	if (came == TOKENS)
		ring_end();
	return came == TOKENS;
}

static void
yields(uint64_t seed)
{
	by_name = false;
	for (unsigned i = 0; i < ROUNDS && ring_round(&seed); i++)
		;
}

static void
named(uint64_t seed)
{
	by_name = true;
	for (unsigned i = 0; i < ROUNDS && ring_round(&seed); i++)
		;
}

int
main(int argc, char **argv)
{
	static const struct part parts[] = {
		{"queue", queue},
		{"yields", yields},
		{"named", named},
		{NULL, NULL},
	};

	observe(argc, argv, parts);
}
