/*
 * Lab 2, exercise 2.2: what becomes of send rights that travel in messages, and that do not because the message is wrong.
 */
#include "ipc_check.h"
#include "observe.h"

#define SELF	mach_task_self()
#define MOST	12

static struct message m, r;

static bool
has_senders(mach_port_t port)
{
	return status_of(port).mps_srights != 0;
}

/* A receive right with that many references of a send right. */
static mach_port_t
port_with(unsigned references)
{
	mach_port_t port = new_port();

	while (references-- > 0)
		OK(mach_port_insert_right(SELF, port, port, MACH_MSG_TYPE_MAKE_SEND));
	return port;
}

/* --- references, step by step --- */

static mach_msg_return_t
send_right(mach_port_t box, mach_port_t port, unsigned disposition)
{
	message_init(&m, box, MACH_MSG_TYPE_COPY_SEND, 0, 0, 1);
	put_port(&m, 0, port, disposition);
	return message_send(&m, sizeof(m.head) + sizeof(m.descriptors[0]), 0);
}

static kern_return_t
step(unsigned kind, mach_port_t box, mach_port_t port)
{
	switch (kind) {
	case 0: return send_right(box, port, MACH_MSG_TYPE_MAKE_SEND);
	case 1:
	case 2: return send_right(box, port, MACH_MSG_TYPE_COPY_SEND);
	case 3:
	case 4: return send_right(box, port, MACH_MSG_TYPE_MOVE_SEND);
	case 5:
	case 6: return message_receive(&r, box, 0);
	default: return mach_port_deallocate(SELF, port);
	}
}

static void
count(uint64_t seed)
{
	mach_port_t box = new_send(), port = new_port();

	OK(mach_port_set_qlimit(SELF, box, 300));
	for (unsigned i = 0; i < 300; i++) {
		unsigned kind = (unsigned)draw(&seed, 8);
		kern_return_t result = step(kind, box, port);

		SAY("step", kind, (uint32_t)result, refs_of(port, MACH_PORT_RIGHT_SEND), has_senders(port),
			status_of(port).mps_mscount);
	}
	while (message_receive(&r, box, 0) == MACH_MSG_SUCCESS)
		continue;
	for (unsigned i = refs_of(port, MACH_PORT_RIGHT_SEND); i > 0; i--)
		OK(mach_port_deallocate(SELF, port));
	SAY("drained", refs_of(port, MACH_PORT_RIGHT_SEND), has_senders(port));
	drop_port(box), drop_port(port);
}

/* --- the header's two rights: both or none --- */

struct header {
	mach_port_t remote, local;
	unsigned remote_disposition, local_disposition;
};

static struct header
header_of(unsigned kind, mach_port_t p, mach_port_t q, mach_port_t stale, mach_port_t set)
{
	enum { MOVE = MACH_MSG_TYPE_MOVE_SEND, COPY = MACH_MSG_TYPE_COPY_SEND };

	switch (kind) {
	case 0: return (struct header){p, stale, MOVE, MOVE};
	case 1: return (struct header){stale, q, COPY, MOVE};
	case 2: return (struct header){p, p, MOVE, MOVE};
	case 3: return (struct header){p, p, COPY, MOVE};
	case 4: return (struct header){p, p, MOVE, COPY};
	case 5: return (struct header){p, set, MOVE, COPY};
	case 6: return (struct header){p, q, MOVE, MOVE};
	default: return (struct header){p, q, COPY, COPY};
	}
}

static void
header_once(unsigned kind, unsigned references)
{
	mach_port_t p = port_with(references), q = port_with(references), stale = new_port(), set = new_set();
	struct header h = header_of(kind, p, q, stale, set);
	mach_msg_return_t result;

	drop_port(stale);
	message_init(&m, h.remote, h.remote_disposition, h.local, h.local_disposition, 7);
	result = message_send(&m, sizeof(m.head), 0);
	SAY("header", kind, references, (uint32_t)result, refs_of(p, MACH_PORT_RIGHT_SEND), refs_of(q, MACH_PORT_RIGHT_SEND),
		status_of(p).mps_msgcount);
	if (status_of(p).mps_msgcount > 0 && message_receive(&r, p, 0) == MACH_MSG_SUCCESS)
		message_release(&r);
	/* Without the references there must be no right left anywhere. */
	for (unsigned i = refs_of(p, MACH_PORT_RIGHT_SEND); i > 0; i--)
		OK(mach_port_deallocate(SELF, p));
	for (unsigned i = refs_of(q, MACH_PORT_RIGHT_SEND); i > 0; i--)
		OK(mach_port_deallocate(SELF, q));
	SAY("left", has_senders(p), has_senders(q));
	drop_port(p), drop_port(q), drop_port(set);
}

static void
header(uint64_t seed)
{
	for (unsigned i = 0; i < 24; i++)
		header_once(i % 8, 1 + (unsigned)draw(&seed, 3));
}

/* --- a body that goes wrong in the middle --- */

static void
undo_once(bool array, unsigned wrong, unsigned total)
{
	mach_port_t box = new_send(), reply = new_port(), ports[MOST];
	mach_msg_return_t result;

	for (unsigned i = 0; i < total; i++)
		ports[i] = port_with(i != wrong);
	message_init(&m, box, MACH_MSG_TYPE_COPY_SEND, reply, MACH_MSG_TYPE_MAKE_SEND_ONCE, 7);
	if (array)
		put_ports(&m, 0, ports, total, MACH_MSG_TYPE_MOVE_SEND, false);
	else
		for (unsigned i = 0; i < total; i++)
			put_port(&m, i, ports[i], MACH_MSG_TYPE_MOVE_SEND);
	result = message_send(&m, sizeof(m.head) + m.head.msgh_descriptor_count * sizeof(m.descriptors[0]), 0);
	SAY("undo", array, wrong, total, (uint32_t)result, status_of(box).mps_msgcount, (uint32_t)next_id(reply));
	for (unsigned i = 0; i < total; i++) {
		SAY("right", i, refs_of(ports[i], MACH_PORT_RIGHT_SEND), has_senders(ports[i]));
		drop_port(ports[i]);
	}
	drop_port(box), drop_port(reply);
}

static void
undo(uint64_t seed)
{
	for (unsigned i = 0; i < 6; i++) {
		unsigned wrong = (unsigned)draw(&seed, 8), more = (unsigned)draw(&seed, 3);

		undo_once(i % 2 == 0, wrong, wrong + 1 + more);
	}
}

int
main(int argc, char **argv)
{
	static const struct part parts[] = {
		{"count", count},
		{"header", header},
		{"undo", undo},
		{NULL, NULL},
	};

	observe(argc, argv, parts);
}
