/*
 * Lab 2, exercise 2.8: when no-senders and dead-name notifications come, how often, and what they say.
 */
#include "ipc_check.h"
#include "observe.h"

#include <mach/notify.h>

#define SELF	mach_task_self()

static struct message m;

/* Says which notifications have come: their ids, what they carry, and the sender's label. */
static void
say_news(mach_port_t box)
{
	while (message_receive(&m, box, 0) == MACH_MSG_SUCCESS)
		SAY("news", (uint32_t)m.head.msgh_id, m.words[0], trailer_of(&m)->msgh_sender.label);
}

/* Registers a fresh send-once right. What was registered before comes back and is dropped. */
static kern_return_t
request(mach_port_t name, int id, unsigned sync, mach_port_t box, bool *replaced)
{
	mach_port_t previous = MACH_PORT_NULL;
	kern_return_t kr;

	kr = mach_port_request_notification(SELF, name, id, sync, box, MACH_MSG_TYPE_MAKE_SEND_ONCE, &previous);
	*replaced = previous != MACH_PORT_NULL;
	if (*replaced)
		mach_port_deallocate(SELF, previous);	/* brings a send-once notification, id 71 */
	return kr;
}

/* --- no senders --- */

static kern_return_t
senders_step(unsigned kind, mach_port_t port, mach_port_t box, mach_port_t carrier, uint64_t *seed)
{
	bool replaced = false;
	unsigned sync;
	kern_return_t kr;

	switch (kind) {
	case 0:
	case 1: return mach_port_insert_right(SELF, port, port, MACH_MSG_TYPE_MAKE_SEND);
	case 2:
	case 3:
	case 4: return mach_port_deallocate(SELF, port);
	case 5:
		message_init(&m, carrier, MACH_MSG_TYPE_COPY_SEND, 0, 0, 1);
		put_port(&m, 0, port, MACH_MSG_TYPE_MOVE_SEND);
		return message_send(&m, sizeof(m.head) + sizeof(m.descriptors[0]), 0);
	case 6:
		kr = message_receive(&m, carrier, 0);
		if (kr == MACH_MSG_SUCCESS)
			message_release(&m);
		return kr;
	default:
		sync = (unsigned)draw(seed, 3);
		kr = request(port, MACH_NOTIFY_NO_SENDERS, status_of(port).mps_mscount + sync, box, &replaced);
		SAY("registered", sync, replaced);
		return kr;
	}
}

static void
senders(uint64_t seed)
{
	mach_port_t port = new_port(), box = new_port(), carrier = new_send();

	OK(mach_port_set_qlimit(SELF, carrier, 100));
	OK(mach_port_set_qlimit(SELF, box, 100));
	for (unsigned i = 0; i < 120; i++) {
		unsigned kind = (unsigned)draw(&seed, 9);
		kern_return_t result = senders_step(kind, port, box, carrier, &seed);

		SAY("step", kind, (uint32_t)result, status_of(port).mps_mscount);
		say_news(box);
	}
	drop_port(port), drop_port(box), drop_port(carrier);
}

/* --- dead names --- */

static mach_port_t
port_with(unsigned references)
{
	mach_port_t port = new_port();

	while (references-- > 0)
		OK(mach_port_insert_right(SELF, port, port, MACH_MSG_TYPE_MAKE_SEND));
	return port;
}

static void
kill(mach_port_t port)
{
	OK(mach_port_mod_refs(SELF, port, MACH_PORT_RIGHT_RECEIVE, -1));
}

/* Some request, some twice, some lose the name before the port dies. */
static void
dead_once(unsigned kind, unsigned references, mach_port_t box)
{
	mach_port_t port = port_with(references);
	bool replaced = false, again = false;
	kern_return_t kr = KERN_SUCCESS, late = KERN_SUCCESS;

	SAY("case", kind, references, port);
	if (kind != 3)
		kr = request(port, MACH_NOTIFY_DEAD_NAME, 0, box, &replaced);
	if (kind == 1)
		request(port, MACH_NOTIFY_DEAD_NAME, 0, box, &again);
	SAY("registered", (uint32_t)kr, replaced, again);
	say_news(box);
	if (kind == 2)
		drop_port(port);	/* the name goes, and with it the request */
	else
		kill(port);
	say_news(box);
	SAY("dead", type_of(port) == MACH_PORT_TYPE_DEAD_NAME, refs_of(port, MACH_PORT_RIGHT_DEAD_NAME));
	if (kind == 3) {
		kr = request(port, MACH_NOTIFY_DEAD_NAME, 0, box, &replaced);
		late = request(port, MACH_NOTIFY_DEAD_NAME, 1, box, &again);
		SAY("late", (uint32_t)kr, (uint32_t)late, refs_of(port, MACH_PORT_RIGHT_DEAD_NAME));
		say_news(box);
	}
	if (kind != 2)
		drop_port(port);
}

static void
dead(uint64_t seed)
{
	mach_port_t box = new_port();

	OK(mach_port_set_qlimit(SELF, box, 100));
	for (unsigned i = 0; i < 12; i++)
		dead_once(i % 4, 1 + (unsigned)draw(&seed, 5), box);
	drop_port(box);
}

int
main(int argc, char **argv)
{
	static const struct part parts[] = {
		{"senders", senders},
		{"dead", dead},
		{NULL, NULL},
	};

	observe(argc, argv, parts);
}
