/*
 * The generated protocol code, both sides back to back over a small model of mach_msg
 * (mig_model.h), honest and hostile.
 */
// SOURCES: lib/mach/mig_client.c lib/mach/mig_message.c lib/mach/mig_server.c
// SOURCES: lib/mach/mach_msg.c lib/mach/port.c
// DEFS: grade/unit/mig_test.defs
// CFLAGS: -I.
#include "unit.h"
#include "mig_model.h"
#include "sample.h"
#include "sample_server.h"

/* --- the server --- */

static kern_return_t answer;		/* what the server's functions return */
static uint32_t calls;			/* of the server's functions */
static bool too_much;			/* results over the protocol's limits */
static bool late;			/* answers come through NAME_reply */
static bool makes;			/* a port of the server's is answered, whose only right the reply would make */

kern_return_t
sample_plain_s(struct mig_request *rq, int8_t small, uint64_t large,
	const struct sample_point *point, const uint16_t *triple, uint64_t *sum,
	struct sample_point *mirrored, uint16_t *back)
{
	calls++;
	CHECK_EQ(rq->port, server_port);
	CHECK_EQ(rq->sender.uid, 1000);
	*sum = large + (uint64_t)small;
	*mirrored = (struct sample_point){ (int16_t)-point->x, -point->y };
	for (int i = 0; i < 3; i++)
		back[i] = triple[2 - i];
	return answer;
}

kern_return_t
sample_inline_s(struct mig_request *rq, const char *name, const void *bytes, uint32_t bytes_count,
	const uint32_t *words, uint32_t words_count, char *greeting, void *reversed,
	uint32_t *reversed_count, uint32_t *doubled, uint32_t *doubled_count)
{
	uint8_t turned[64];
	uint32_t twice[10];

	calls++;
	for (uint32_t i = 0; i < bytes_count; i++)
		turned[i] = ((const uint8_t *)bytes)[bytes_count - 1 - i];
	for (uint32_t i = 0; i < words_count; i++)
		twice[i] = 2 * words[i];
	if (late && answer == KERN_SUCCESS) {
		CHECK_EQ(sample_inline_reply(
				 rq->reply_port, 0, name, turned, bytes_count, twice, words_count),
			0);
		return MIG_NO_REPLY;
	}
	CHECK_EQ(*reversed_count, 64);
	CHECK_EQ(*doubled_count, 10);
	memcpy(reversed, turned, bytes_count);
	memcpy(doubled, twice, words_count * sizeof(uint32_t));
	strcpy(greeting, name);
	*reversed_count = too_much ? 65 : bytes_count;
	*doubled_count = words_count;
	return answer;
}

static mach_port_t *
copy_ports(const mach_port_t *from, uint32_t count)
{
	mach_port_t *to = memory_new(count * sizeof(mach_port_t));

	memcpy(to, from, count * sizeof(mach_port_t));
	return to;
}

kern_return_t
sample_rights_s(struct mig_request *rq, mach_port_t kept, mach_port_t moved, mach_port_t once,
	mach_port_t *many, uint32_t many_count, uint64_t *memory, uint32_t memory_count,
	mach_port_t *port, uint32_t *port_type, mach_port_t *receive, mach_port_t **copies,
	uint32_t *copies_count, uint64_t **data, uint32_t *data_count)
{
	calls++;
	if (answer != KERN_SUCCESS)
		return answer;
	port_drop(once);
	if (late) {
		if (too_much)
			model_resize(memory, 101 * sizeof(uint64_t));
		CHECK_EQ(sample_rights_reply(rq->reply_port, 0, kept, MACH_MSG_TYPE_MOVE_SEND,
				 moved, copy_ports(many, many_count), many_count, memory,
				 too_much ? 101 : memory_count),
			fail_reply);
		mig_free(many, many_count * sizeof(mach_port_t));
		return MIG_NO_REPLY;
	}
	CHECK_EQ(*port_type, MACH_MSG_TYPE_MOVE_SEND);
	*port = kept;
	if (makes) {
		port_drop(kept);
		*port = server_port;
		*port_type = MACH_MSG_TYPE_MAKE_SEND;
	}
	*receive = moved;
	*copies = many;
	*copies_count = many_count;
	*data = memory;
	*data_count = memory_count;
	if (too_much) {
		*data_count = 101;
		model_resize(memory, 101 * sizeof(uint64_t));
	}
	return KERN_SUCCESS;
}

kern_return_t
sample_tell_s(struct mig_request *rq, uint32_t value, mach_port_t port, const char *text)
{
	calls++;
	CHECK_EQ(rq->reply_port, MACH_PORT_NULL);
	if (answer == KERN_SUCCESS) {
		CHECK_EQ(value, 7);
		CHECK_STR(text, "hello");
		port_drop(port);
	}
	return answer;
}

kern_return_t
sample_nothing_s(struct mig_request *rq)
{
	(void)rq;
	calls++;
	return answer;
}

kern_return_t
sample_raw_s(
	struct mig_request *rq, void *data, uint32_t data_count, void **copy, uint32_t *copy_count)
{
	(void)rq;
	calls++;
	*copy = data;
	*copy_count = data_count;
	return answer;
}

static void
serve(mach_msg_header_t *request)
{
	static const mig_server_t servers[] = { sample_server, NULL };
	_Alignas(8) static uint8_t room[MIG_BUFFER_SIZE];
	struct mig_request rq;

	mig_request_init(&rq, request, room);
	mig_dispatch(&rq, servers);
	mig_send_reply(&rq);
}

/* --- honest clients --- */

static void
prepare(kern_return_t result)
{
	model_start(serve);
	answer = result;
	calls = 0;
	too_much = late = makes = false;
}

static void
finish(void)
{
	mig_reply_port_drop();
	CHECK_EQ(model_leaks(), 0);
}

static void
scalars_structs_and_fixed_arrays(void)
{
	struct sample_point point = { 3, -4 }, mirrored;
	uint16_t triple[3] = { 1, 2, 3 }, back[3];
	uint64_t sum;

	prepare(KERN_SUCCESS);
	CHECK_EQ(sample_plain(server_port, -1, 1ull << 40, &point, triple, &sum, &mirrored, back),
		0);
	CHECK_EQ(sum, (1ull << 40) - 1);
	CHECK_EQ(mirrored.x, -3);
	CHECK_EQ(mirrored.y, 4);
	CHECK_EQ(back[0], 3);
	CHECK_EQ(sample_nothing(server_port), 0);
	answer = 42;
	CHECK_EQ(sample_plain(server_port, 0, 0, &point, triple, &sum, &mirrored, back), 42);
	CHECK_EQ(sample_nothing(server_port), 42);
	finish();
}

static void
call_inline(uint32_t n, uint32_t m)
{
	uint8_t bytes[64], reversed[64];
	uint32_t words[10], doubled[10], reversed_count = 64, doubled_count = 10;
	char greeting[32];

	for (uint32_t i = 0; i < n; i++)
		bytes[i] = (uint8_t)i;
	for (uint32_t i = 0; i < m; i++)
		words[i] = i;
	CHECK_EQ(sample_inline(server_port, "name", bytes, n, words, m, greeting, reversed,
			 &reversed_count, doubled, &doubled_count),
		0);
	CHECK_STR(greeting, "name");
	CHECK_EQ(reversed_count, n);
	CHECK_EQ(doubled_count, m);
	for (uint32_t i = 0; i < n; i++)
		CHECK_EQ(reversed[i], n - 1 - i);
	for (uint32_t i = 0; i < m; i++)
		CHECK_EQ(doubled[i], 2 * i);
}

static void
inline_arrays_of_all_lengths(void)
{
	prepare(KERN_SUCCESS);
	for (int pass = 0; pass < 2; pass++, late = true)
		for (uint32_t n = 0; n <= 64; n++)
			call_inline(n, n % 11);
	finish();
}

static void
messages_are_as_short_as_the_data(void)
{
	prepare(KERN_SUCCESS);
	call_inline(1, 0);
	CHECK_EQ(last_request_size, 24 + 16 + 8 + 8);		/* three counts, "name", one byte */
	call_inline(0, 0);
	CHECK_EQ(last_request_size, 24 + 16 + 8);
	finish();
}

static void
too_long_arguments_are_not_sent(void)
{
	uint8_t bytes[65] = { 0 }, reversed[64];
	uint32_t words[11] = { 0 }, doubled[10], reversed_count = 64, doubled_count = 10;
	char greeting[32];

	prepare(KERN_SUCCESS);
	CHECK_EQ(sample_inline(server_port, "", bytes, 65, words, 0, greeting, reversed,
			 &reversed_count, doubled, &doubled_count),
		MIG_ARRAY_TOO_LARGE);
	CHECK_EQ(sample_inline(server_port, "", bytes, 0, words, 11, greeting, reversed,
			 &reversed_count, doubled, &doubled_count),
		MIG_ARRAY_TOO_LARGE);
	CHECK_EQ(sample_inline(server_port, "this name has thirty-two letters", bytes, 0, words, 0,
			 greeting, reversed, &reversed_count, doubled, &doubled_count),
		MIG_ARRAY_TOO_LARGE);
	CHECK_EQ(calls, 0);
	CHECK_EQ(sample_inline(server_port, "this name has thirty-one letters" + 1, bytes, 9, words,
			 0, greeting, reversed, &(uint32_t){8}, doubled, &doubled_count),
		MIG_ARRAY_TOO_LARGE); /* the caller's room */
	CHECK_EQ(calls, 1);
	finish();
}

static kern_return_t
call_rights(void)
{
	mach_port_t kept = model_send_right(), receive = model_receive_right(),
		    once = model_receive_right();
	mach_port_t many[3] = { kept, MACH_PORT_NULL, kept }, port, back, *copies;
	uint64_t memory[5] = { 1, 2, 3, 4, 5 }, *data;
	uint32_t copies_count, data_count;
	kern_return_t kr = sample_rights(server_port, kept, receive, once, many, 3, memory, 5,
		&port, &back, &copies, &copies_count, &data, &data_count);

	if (kr == KERN_SUCCESS) {
		CHECK_EQ(port, kept);
		CHECK_EQ(back, receive);
		CHECK_EQ(copies_count, 3);
		CHECK_EQ(copies[2], kept);
		CHECK_EQ(data_count, 5);
		CHECK_EQ(data[4], 5);
		port_drop(port);
		port_drop_receive(back);
		mig_free_ports(copies, copies_count);
		mig_free(data, data_count * sizeof(uint64_t));
	}
	port_drop(kept);
	port_drop_receive(once);
	return kr;
}

static void
rights_and_memory_travel_both_ways(void)
{
	prepare(KERN_SUCCESS);
	CHECK_EQ(call_rights(), 0);
	late = true;
	CHECK_EQ(call_rights(), 0);
	finish();
}

static void
a_failing_function_keeps_nothing(void)
{
	prepare(KERN_NO_SPACE);
	CHECK_EQ(call_rights(), KERN_NO_SPACE);
	CHECK_EQ(calls, 1);
	finish();
}

static void
results_over_the_limit_are_released(void)
{
	prepare(KERN_SUCCESS);
	too_much = true;
	CHECK_EQ(call_rights(), MIG_ARRAY_TOO_LARGE);
	late = true;
	CHECK_EQ(call_rights(), MIG_ARRAY_TOO_LARGE);
	finish();
}

static void
failing_sends_release_what_was_moved(void)
{
	static const mach_msg_return_t errors[] = {MACH_SEND_INVALID_DEST, MACH_SEND_NO_BUFFER,
		MACH_SEND_TIMED_OUT, MACH_SEND_INVALID_MEMORY, MACH_SEND_INVALID_REPLY};

	for (unsigned i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		prepare(KERN_SUCCESS);
		fail_send = errors[i];
		CHECK_EQ(call_rights(), errors[i]);
		CHECK_EQ(calls, 0);
		fail_send = 0;
		CHECK_EQ(call_rights(), 0);
		finish();
	}
}

static void
failing_replies_are_released(void)
{
	prepare(KERN_SUCCESS);
	fail_reply = MACH_SEND_INVALID_DEST;
	CHECK_EQ(call_rights(), MIG_SERVER_DIED);
	fail_reply = MACH_SEND_NO_BUFFER;
	late = true;
	CHECK_EQ(call_rights(), MIG_SERVER_DIED);
	finish();
}

/* A port of which the reply would have made the only right has had one, whatever becomes of the reply: no-senders comes. */
static void
rights_of_failing_replies_are_made(void)
{
	static const mach_msg_return_t errors[] = { MACH_SEND_INVALID_DEST, MACH_SEND_NO_BUFFER };

	for (unsigned i = 0; i < 2; i++) {
		prepare(KERN_SUCCESS);
		makes = true;
		fail_reply = errors[i];
		CHECK_EQ(call_rights(), MIG_SERVER_DIED);
		CHECK_EQ(rights_made, 1);
		finish();
	}
	prepare(KERN_SUCCESS);
	makes = too_much = true;
	CHECK_EQ(call_rights(), MIG_ARRAY_TOO_LARGE);
	CHECK_EQ(rights_made, 1);
	finish();
}

static void
requests_with_dead_reply_ports_are_not_served(void)
{
	static const mach_port_t nobody[] = { MACH_PORT_NULL, MACH_PORT_DEAD };
	mach_msg_header_t *request;

	for (unsigned i = 0; i < 2; i++) {
		prepare(KERN_SUCCESS);
		request = model_message(sizeof(*request));
		request->msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_PORT_SEND_ONCE, 0);
		request->msgh_remote_port = nobody[i];
		request->msgh_id = 9005;
		serve(request);
		CHECK_EQ(calls, 0);
		model_free(request);
		finish();
	}
}

static void
interrupted_calls_go_on(void)
{
	prepare(KERN_SUCCESS);
	interrupt_sends = 2;
	interrupt_receives = 2;
	CHECK_EQ(sample_nothing(server_port), 0);
	CHECK_EQ(calls, 1);
	finish();
}

static void
lost_reply_ports_are_replaced(void)
{
	prepare(KERN_SUCCESS);
	fail_receive = MACH_RCV_TIMED_OUT;
	CHECK_EQ(sample_nothing(server_port), MACH_RCV_TIMED_OUT);
	fail_receive = 0;
	CHECK_EQ(sample_nothing(server_port), 0);
	CHECK_EQ(reply_ports_made, 2);
	finish();
}

static void
messages_without_reply(void)
{
	prepare(KERN_SUCCESS);
	CHECK_EQ(sample_tell(server_port, 7, model_send_right(), "hello"), 0);
	answer = KERN_FAILURE;
	CHECK_EQ(sample_tell(server_port, 7, model_send_right(), "hello"), 0);
	CHECK_EQ(calls, 2);
	fail_send = MACH_SEND_INVALID_DEST;
	CHECK_EQ(sample_tell(server_port, 7, model_send_right(), "hello"), MACH_SEND_INVALID_DEST);
	finish();
}

static void
empty_and_raw_memory(void)
{
	void *copy;
	uint32_t count;

	prepare(KERN_SUCCESS);
	CHECK_EQ(sample_raw(server_port, "abc", 3, &copy, &count), 0);
	CHECK_EQ(count, 3);
	CHECK_EQ(memcmp(copy, "abc", 3), 0);
	mig_free(copy, count);
	CHECK_EQ(sample_raw(server_port, NULL, 0, &copy, &count), 0);
	CHECK_EQ(count, 0);
	finish();
}

/* --- hostile clients and servers --- */

static uint32_t seed = 1;

static uint32_t
any(uint32_t n)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % n;
}

/*
 * A descriptor as a kernel lets it through: any type and right, with what it says really behind
 * it.
 */
static void
any_descriptor(mach_msg_descriptor_t *d)
{
	static const uint8_t rights[] = {
		MACH_MSG_TYPE_MOVE_RECEIVE, MACH_MSG_TYPE_MOVE_SEND, MACH_MSG_TYPE_MOVE_SEND_ONCE};
	uint8_t right = rights[any(3)];
	uint32_t n = any(8);
	mach_port_t *names;

	switch (any(3)) {
	case 0:
		mig_put_port(&d->port, model_right(right), right);
		break;
	case 1:
		n = any(1000);
		mig_put_ool(&d->out_of_line, memory_new(n), n, true);
		break;
	default:
		names = memory_new(n * sizeof(mach_port_t));
		for (uint32_t i = 0; i < n; i++)
			names[i] = model_right(right);
		mig_put_ports(&d->ool_ports, names, n, right, true);
	}
}

/*
 * Overwrites what follows the descriptors with small numbers, so that counts are often nearly
 * right.
 */
static void
scribble(mach_msg_header_t *head)
{
	uint32_t *body =
		(uint32_t *)((mach_msg_descriptor_t *)(head + 1) + head->msgh_descriptor_count);
	uint32_t *end = (uint32_t *)((uint8_t *)head + head->msgh_size);

	for (; body < end; body++)
		*body = any(4) != 0 ? any(12) : any(2) != 0 ? 0 : seed;
}

static mach_msg_header_t *
any_message(mach_msg_id_t id, uint32_t remote)
{
	uint32_t count = any(3) != 0 ? any(6) : any(16);
	uint32_t size = 24 + count * 16 + any(2) * 8 * any(40) + any(2) * any(4) * 4;
	mach_msg_header_t *head = model_message(size);

	head->msgh_bits = remote | (count != 0 || any(8) == 0 ? MACH_MSGH_BITS_COMPLEX : 0);
	head->msgh_id = id;
	head->msgh_descriptor_count = count;
	head->msgh_remote_port = remote != 0 ? model_right((uint8_t)remote) : MACH_PORT_NULL;
	head->msgh_local_port = server_port;
	for (uint32_t i = 0; i < count; i++)
		any_descriptor((mach_msg_descriptor_t *)(head + 1) + i);
	scribble(head);
	return head;
}

static void
random_requests_neither_crash_nor_leak(void)
{
	static const uint32_t remotes[] = {MACH_MSG_TYPE_MOVE_SEND_ONCE,
		MACH_MSG_TYPE_MOVE_SEND_ONCE, MACH_MSG_TYPE_MOVE_SEND, 0};

	for (int i = 0; i < 60000 && unit_bad == 0; i++) {
		prepare(any(2) != 0 ? KERN_FAILURE : KERN_SUCCESS);
		quiet = true;
		mach_msg_header_t *head =
			any_message(9000 + (mach_msg_id_t)any(8), remotes[any(4)]);

		answer = KERN_FAILURE;
		serve(head);
		model_free(head);
		CHECK_EQ(model_leaks(), 0);
	}
}

static mach_msg_header_t *
forge(mach_msg_id_t id)
{
	return any_message(id, any(8) == 0 ? MACH_MSG_TYPE_MOVE_SEND : 0);
}

/* Nothing of a reply the client did not accept may remain; what it accepted is dropped by it. */
static void
random_replies_neither_crash_nor_leak(void)
{
	for (int i = 0; i < 40000 && unit_bad == 0; i++) {
		struct sample_point point = { 0, 0 };
		uint8_t bytes[64];
		uint32_t words[10], a = 64, b = 10;
		char text[32];
		uint16_t triple[3] = { 0 };
		uint64_t sum;
		void *copy;

		prepare(KERN_SUCCESS);
		forge_reply = forge;
		switch (any(5)) {
		case 0:
			sample_plain(server_port, 0, 0, &point, triple, &sum, &point, triple);
			break;
		case 1:
			if (sample_inline(server_port, "", bytes, 0, words, 0, text, bytes, &a,
				    words, &b) == 0)
				CHECK(strlen(text) < 32 && a <= 64 && b <= 10);
			break;
		case 2:
			call_rights();
			break;
		case 3:
			if (sample_raw(server_port, NULL, 0, &copy, &a) == 0)
				mig_free(copy, a);
			break;
		default:
			sample_nothing(server_port);
		}
		finish();
	}
}

/* Every way to cut an honest request short, or to lengthen it. */
static void
cut_requests_are_refused(void)
{
	prepare(KERN_SUCCESS);
	call_inline(20, 5);
	for (uint32_t size = 24; size < last_request_size + 64; size += 4) {
		mach_msg_header_t *head = model_message(size);
		uint32_t kept = size < last_request_size ? size : last_request_size;

		memcpy(head, last_request, kept);
		memset((uint8_t *)head + kept, 0, size - kept);
		head->msgh_size = size;
		head->msgh_bits = MACH_MSG_TYPE_MOVE_SEND_ONCE;
		head->msgh_remote_port = model_right(MACH_MSG_TYPE_MOVE_SEND_ONCE);
		calls = 0;
		quiet = true;
		serve(head);
		CHECK_EQ(calls, size == last_request_size);
		CHECK_EQ(last_error, size == last_request_size ? 0 : MIG_BAD_ARGUMENTS);
		model_free(head);
	}
	quiet = false;
	finish();
}

static void
a_string_ends_where_it_says(void)
{
	static const char bad[][8] = { "abcdefgh", "ab\0defg" };
	struct mig_rest rest;

	for (int i = 0; i < 2; i++) {
		rest = (struct mig_rest){ (const uint8_t *)bad[i], (const uint8_t *)bad[i] + 8 };
		CHECK(mig_take_string(&rest, 8, 32) == NULL);
	}
	rest = (struct mig_rest){ (const uint8_t *)"abcdefg", (const uint8_t *)"" };
	rest.end = rest.at + 8;
	CHECK(mig_take_string(&rest, 8, 32) != NULL);
	CHECK(mig_take_string(&rest, 0, 32) == NULL);
}

static void
unknown_ids_are_refused(void)
{
	prepare(KERN_SUCCESS);
	quiet = true;
	mach_msg_header_t *head = any_message(9002, MACH_MSG_TYPE_MOVE_SEND_ONCE);

	serve(head);
	CHECK_EQ(last_error, MIG_BAD_ID);
	model_free(head);
	CHECK_EQ(model_leaks(), 0);
}

int
main(void)
{
	TEST(scalars_structs_and_fixed_arrays);
	TEST(inline_arrays_of_all_lengths);
	TEST(messages_are_as_short_as_the_data);
	TEST(too_long_arguments_are_not_sent);
	TEST(rights_and_memory_travel_both_ways);
	TEST(a_failing_function_keeps_nothing);
	TEST(results_over_the_limit_are_released);
	TEST(failing_sends_release_what_was_moved);
	TEST(failing_replies_are_released);
	TEST(rights_of_failing_replies_are_made);
	TEST(requests_with_dead_reply_ports_are_not_served);
	TEST(interrupted_calls_go_on);
	TEST(lost_reply_ports_are_replaced);
	TEST(messages_without_reply);
	TEST(empty_and_raw_memory);
	TEST(a_string_ends_where_it_says);
	TEST(cut_requests_are_refused);
	TEST(unknown_ids_are_refused);
	TEST(random_requests_neither_crash_nor_leak);
	TEST(random_replies_neither_crash_nor_leak);
	return unit_done();
}
