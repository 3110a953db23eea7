/*
 * What can go wrong once the fast path of mach_msg has chosen a receiver (kern/ipc/fastpath.c): buffers that are not
 * there, waits that somebody ends, sets, messages too long for a kernel stack. The rules hold without it, too (slow-*).
 */
#include "ipc_check.h"

#include <mach/notify.h>
#include <string.h>

#define SELF	mach_task_self()
#define PAGE	VM_PAGE_SIZE
#define HEADER	((uint32_t)sizeof(mach_msg_header_t))
#define RPC	(MACH_SEND_MSG | MACH_RCV_MSG)

/* --- a server that sends back what it gets --- */

struct server {
	mach_port_t port;		/* where requests arrive */
	mach_port_t from;		/* where it receives: that, or a set */
	struct message *buffer;
	cthread_t thread;
	mach_msg_return_t result;	/* of the receive that ended it */
};

static void *
echo(void *argument)
{
	struct server *server = argument;
	struct message *m = server->buffer;
	mach_msg_option_t option = MACH_RCV_MSG;
	uint32_t size = 0;

	while ((server->result = mach_msg(&m->head, option, size, sizeof(*m), server->from, 0, 0)) == MACH_MSG_SUCCESS) {
		size = m->head.msgh_size;
		option = MACH_RCV_MSG;
		if (m->head.msgh_remote_port == MACH_PORT_NULL)
			continue;
		m->head.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND_ONCE, 0);
		m->head.msgh_local_port = MACH_PORT_NULL;
		option = RPC;
	}
	return NULL;
}

/* Lets it wait for its first request. */
static void
server_start(struct server *server, struct message *buffer, bool set)
{
	server->port = new_send();
	server->from = set ? new_set() : server->port;
	if (set)
		OK(mach_port_move_member(SELF, server->port, server->from));
	server->buffer = buffer;
	server->thread = start(echo, server);
	settle();
}

static void
server_stop(struct server *server)
{
	drop_port(server->from);
	cthread_join(server->thread);
	if (server->from != server->port)
		drop_port(server->port);
}

static struct message served;
static mach_port_t reply;

/* A call with `size` bytes of known content from and to a buffer. */
static mach_msg_return_t
call(const struct server *server, struct message *m, uint32_t size)
{
	m->head = (mach_msg_header_t){ .msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE),
		.msgh_remote_port = server->port, .msgh_local_port = reply, .msgh_id = 77 };
	return mach_msg(&m->head, RPC, size, sizeof(*m), reply, 0, 0);
}

static void
fill(void *bytes, uint32_t size, uint32_t with)
{
	for (uint32_t i = 0; i < size; i++)
		((uint8_t *)bytes)[i] = (uint8_t)(i * 7 + with);
}

static bool
filled(const void *bytes, uint32_t size, uint32_t with)
{
	for (uint32_t i = 0; i < size; i++)
		if (((const uint8_t *)bytes)[i] != (uint8_t)(i * 7 + with))
			return false;
	return true;
}

/* Pages of which the third one was never touched, and a buffer with `bytes` before it. */
static struct message *
buffer_across(vm_address_t *pages, uint32_t bytes)
{
	*pages = 0;
	OK(vm_allocate(SELF, pages, 6 * PAGE, VM_FLAGS_ANYWHERE));
	*(volatile char *)*pages = 1;
	*(volatile char *)(*pages + PAGE) = 1;
	return (struct message *)(*pages + 2 * PAGE - bytes);
}

/* --- rules --- */

static void
answers_of_any_length_arrive_whole(void)
{
	static const uint32_t sizes[] = { 24, 25, 31, 32, 64, 1000, 1023, 1024, 1025, 1032, 4096, 8215, 8216 };
	static struct message m;
	struct server server;

	server_start(&server, &served, false);
	for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		uint32_t body = sizes[i] - HEADER;

		memset(m.words, 0xee, sizeof(m.words));
		fill(m.words, body, i);
		EQUAL(call(&server, &m, sizes[i]), MACH_MSG_SUCCESS);
		EQUAL(m.head.msgh_size, sizes[i]);
		EQUAL(m.head.msgh_id, 77);
		EQUAL(m.head.msgh_bits, MACH_MSGH_BITS(0, MACH_MSG_TYPE_PORT_SEND_ONCE));
		EQUAL(m.head.msgh_remote_port, MACH_PORT_NULL);
		EQUAL(m.head.msgh_local_port, reply);
		CHECK(filled(m.words, body, i));
		for (uint32_t pad = body; pad % 8 != 0; pad++)
			EQUAL(((uint8_t *)m.words)[pad], 0);
		EQUAL(trailer_of(&m)->msgh_trailer_type, 0);
		EQUAL(trailer_of(&m)->msgh_trailer_size, sizeof(mach_msg_trailer_t));
	}
	server_stop(&server);
}

static void
an_answer_waits_for_pages_of_its_buffer(void)
{
	struct server server;
	struct message *m;
	vm_address_t pages;

	server_start(&server, &served, false);
	for (uint32_t size = 200; size <= 8000; size += 2600) {
		m = buffer_across(&pages, size);
		fill(m->words, size - HEADER, size);
		EQUAL(call(&server, m, size), MACH_MSG_SUCCESS);	/* its trailer is on the untouched page */
		CHECK(filled(m->words, size - HEADER, size));
		EQUAL(trailer_of(m)->msgh_trailer_size, sizeof(mach_msg_trailer_t));
		OK(vm_deallocate(SELF, pages, 6 * PAGE));
	}
	server_stop(&server);
}

static void
an_answer_that_cannot_be_written_is_lost(void)
{
	unsigned names = name_count();
	struct server server;
	struct message *m;
	vm_address_t pages;

	server_start(&server, &served, false);
	m = buffer_across(&pages, 64);
	OK(vm_protect(SELF, pages + 2 * PAGE, PAGE, 0, VM_PROT_READ));
	EQUAL(call(&server, m, 64), MACH_RCV_INVALID_DATA);
	OK(vm_deallocate(SELF, pages, 6 * PAGE));
	server_stop(&server);
	EQUAL(name_count(), names);
}

/* The last page a user may have, what is beyond it, what is no address, what is the kernel's. */
static void
nothing_beyond_the_users_memory_is_touched(void)
{
	static const vm_address_t beyond[] = {
		VM_MAX_ADDRESS - 32, VM_MAX_ADDRESS, VM_MAX_ADDRESS + PAGE - 32, 1ull << 47, 1ull << 63, -(vm_address_t)PAGE, -(vm_address_t)32};
	vm_address_t last = VM_MAX_ADDRESS - PAGE;
	static struct message m;
	struct server server;

	server_start(&server, &served, false);
	OK(vm_allocate(SELF, &last, PAGE, 0));
	for (unsigned i = 0; i < sizeof(beyond) / sizeof(beyond[0]); i++) {
		mach_msg_header_t *header = (mach_msg_header_t *)beyond[i];

		EQUAL(mach_msg(header, RPC, 64, sizeof(m), reply, 0, 0), MACH_SEND_INVALID_DATA);
		EQUAL(mach_msg(header, MACH_SEND_MSG, 64, 0, 0, 0, 0), MACH_SEND_INVALID_DATA);
	}
	/* The request is in there, its answer has a trailer as well. */
	EQUAL(call(&server, (struct message *)(VM_MAX_ADDRESS - 64), 64), MACH_RCV_INVALID_DATA);
	EQUAL(call(&server, &m, 64), MACH_MSG_SUCCESS);
	OK(vm_deallocate(SELF, last, PAGE));
	server_stop(&server);
}

static void
a_request_that_cannot_be_written_gives_its_reply_right_back(void)
{
	static struct message m;
	unsigned names = name_count();
	struct server server;
	vm_address_t pages;

	server_start(&server, buffer_across(&pages, 80), false);
	EQUAL(call(&server, &m, 64), MACH_MSG_SUCCESS);		/* now it waits on the fast path, the page is resident */
	OK(vm_protect(SELF, pages + 2 * PAGE, PAGE, 0, VM_PROT_READ));
	EQUAL(call(&server, &m, 64), MACH_MSG_SUCCESS);
	EQUAL(m.head.msgh_id, MACH_NOTIFY_SEND_ONCE);
	cthread_join(server.thread);
	EQUAL(server.result, MACH_RCV_INVALID_DATA);
	drop_port(server.port);
	OK(vm_deallocate(SELF, pages, 6 * PAGE));
	EQUAL(name_count(), names);
}

static void
a_servers_set_answers_calls_to_its_members(void)
{
	static struct message m;
	struct server server;

	server_start(&server, &served, true);
	for (unsigned i = 0; i < 20; i++)
		EQUAL(call(&server, &m, 100), MACH_MSG_SUCCESS);
	server_stop(&server);
	EQUAL(server.result, MACH_RCV_PORT_DIED);
}

static void
a_wait_that_was_aborted_leaves_the_port_free_to_die(void)
{
	static struct message m;
	struct server server;

	server_start(&server, &served, false);
	EQUAL(call(&server, &m, 64), MACH_MSG_SUCCESS);
	for (unsigned i = 0; i < 10; i++) {
		OK(thread_abort(cthread_port(server.thread)));	/* the library goes on waiting */
		if (i % 2 == 0)
			settle();
		EQUAL(call(&server, &m, 64), MACH_MSG_SUCCESS);
	}
	OK(thread_abort(cthread_port(server.thread)));
	server_stop(&server);
	CHECK(server.result == MACH_RCV_PORT_DIED || server.result == MACH_RCV_INVALID_NAME);
}

static void
the_sequence_counts_on_both_paths(void)
{
	static struct message m;
	struct server server;
	mach_port_seqno_t first;

	server_start(&server, &served, false);
	EQUAL(call(&server, &m, 64), MACH_MSG_SUCCESS);
	first = trailer_of(&m)->msgh_seqno;
	for (unsigned i = 1; i < 10; i++) {
		if (i % 3 == 0) {		/* a message in between, in the general way */
			OK(send_word(server.port, 5, 1));
			settle();
		}
		EQUAL(call(&server, &m, 64), MACH_MSG_SUCCESS);
		EQUAL(trailer_of(&m)->msgh_seqno, first + i);
	}
	EQUAL(status_of(server.port).mps_seqno, 13);
	server_stop(&server);
}

int
main(void)
{
	check_begin();
	reply = mach_reply_port();
	RULE(answers_of_any_length_arrive_whole);
	RULE(an_answer_waits_for_pages_of_its_buffer);
	RULE(an_answer_that_cannot_be_written_is_lost);
	RULE(nothing_beyond_the_users_memory_is_touched);
	RULE(a_request_that_cannot_be_written_gives_its_reply_right_back);
	RULE(a_servers_set_answers_calls_to_its_members);
	RULE(a_wait_that_was_aborted_leaves_the_port_free_to_die);
	RULE(the_sequence_counts_on_both_paths);
	check_end();
}
