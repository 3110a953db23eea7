// SOURCES: fs/pipe/pipe.c
/*
 * Pipes: what goes in comes out, once and in order, whole up to PIPE_ATOMIC bytes; waits end when they should.
 */
#include "unit.h"

#include "../../fs/pipe/pipe.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct test_wait {
	struct pipe_wait pipe;
	int over;			/* 0 not yet, 1 ended */
	int error;
	size_t got;
	uint8_t bytes[100000];
};

static bool deliver = true;

static bool
give(struct pipe *pipe, struct pipe_wait *read, size_t n)
{
	struct test_wait *wait = (struct test_wait *)read;

	wait->over = 1;
	wait->got = n;
	pipe_peek(pipe, wait->bytes, n);
	return deliver;
}

static void
finish(struct pipe_wait *write, int error)
{
	struct test_wait *wait = (struct test_wait *)write;

	wait->over = 1;
	wait->error = error;
}

static const struct pipe_user user = { give, finish };
static uint8_t ring[PIPE_SIZE], data[200000], out[200000];

static void
start(struct pipe *pipe)
{
	pipe_init(pipe, ring, &user);
	pipe->readers = pipe->writers = 1;
	deliver = true;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 7 + i / 256);
}

static struct test_wait *
wait_read(struct pipe *pipe, size_t size)
{
	struct test_wait *wait = calloc(1, sizeof(*wait));

	wait->pipe.size = size;
	pipe_wait_read(pipe, &wait->pipe);
	return wait;
}

static struct test_wait *
wait_write(struct pipe *pipe, const void *bytes, size_t size, size_t done)
{
	struct test_wait *wait = calloc(1, sizeof(*wait));

	wait->pipe.size = size;
	wait->pipe.data = bytes;
	wait->pipe.done = done;
	pipe_wait_write(pipe, &wait->pipe);
	return wait;
}

static void
bytes_come_out_in_order(void)
{
	struct pipe pipe;
	size_t done;

	start(&pipe);
	CHECK_EQ(pipe_read(&pipe, out, 10, &done), EAGAIN);
	for (int round = 0; round < 50; round++) {	/* around the ring's end */
		CHECK_EQ(pipe_write(&pipe, data, 5000, &done), 0);
		CHECK_EQ(done, 5000);
		CHECK_EQ(pipe_read(&pipe, out, 3000, &done), 0);
		CHECK_EQ(done, 3000);
		CHECK_EQ(pipe_read(&pipe, out + 3000, 3000, &done), 0);
		CHECK_EQ(done, 2000);
		CHECK(memcmp(out, data, 5000) == 0);
	}
	CHECK_EQ(pipe_read(&pipe, out, 0, &done), 0);
	CHECK_EQ(pipe_write(&pipe, data, 0, &done), 0);
}

static void
small_writes_go_in_whole(void)
{
	struct pipe pipe;
	size_t done;

	start(&pipe);
	CHECK_EQ(pipe_write(&pipe, data, PIPE_SIZE - 100, &done), 0);
	CHECK_EQ(pipe_write(&pipe, data, PIPE_ATOMIC, &done), EAGAIN);
	CHECK_EQ(done, 0);
	CHECK_EQ(pipe_write(&pipe, data, PIPE_ATOMIC + 1, &done), EAGAIN);
	CHECK_EQ(done, 100);
	CHECK_EQ(pipe_room(&pipe), 0);
	CHECK_EQ(pipe_write(&pipe, data, 1, &done), EAGAIN);
}

static void
ends_that_close(void)
{
	struct test_wait *read, *write;
	struct pipe pipe;
	size_t done;

	start(&pipe);
	read = wait_read(&pipe, 10);
	pipe_run(&pipe);
	CHECK_EQ(read->over, 0);
	pipe.writers = 0;
	pipe_run(&pipe);
	CHECK(read->over == 1 && read->got == 0);
	CHECK_EQ(pipe_read(&pipe, out, 1, &done), 0);
	CHECK_EQ(done, 0);
	pipe.writers = 1;
	CHECK_EQ(pipe_write(&pipe, data, 70000, &done), EAGAIN);
	CHECK_EQ(done, PIPE_SIZE);
	write = wait_write(&pipe, data, 70000, done);
	pipe_run(&pipe);
	CHECK_EQ(write->over, 0);
	pipe.readers = 0;
	pipe_run(&pipe);
	CHECK(write->over == 1 && write->error == EPIPE && write->pipe.done == PIPE_SIZE);
	CHECK_EQ(pipe_write(&pipe, data, 1, &done), EPIPE);
	free(read);
	free(write);
}

static void
waits_are_served_in_order(void)
{
	struct test_wait *first, *second, *writes[3];
	struct pipe pipe;
	size_t done;

	start(&pipe);
	first = wait_read(&pipe, 4);
	second = wait_read(&pipe, 100);
	CHECK_EQ(pipe_write(&pipe, data, 10, &done), 0);
	CHECK(first->got == 4 && memcmp(first->bytes, data, 4) == 0);
	CHECK(second->got == 6 && memcmp(second->bytes, data + 4, 6) == 0);
	CHECK_EQ(pipe_write(&pipe, data, PIPE_SIZE, &done), 0);
	writes[0] = wait_write(&pipe, data, 4000, 0);
	writes[1] = wait_write(&pipe, data, 10, 0);
	writes[2] = wait_write(&pipe, data, 80000, 0);
	CHECK_EQ(pipe_read(&pipe, out, 3999, &done), 0);
	CHECK(!writes[0]->over && !writes[1]->over);
	CHECK_EQ(pipe_write(&pipe, data, 1, &done), EAGAIN);	/* no newcomer overtakes */
	CHECK_EQ(pipe_read(&pipe, out, 1, &done), 0);
	CHECK(writes[0]->over && !writes[1]->over);
	CHECK_EQ(pipe_read(&pipe, out, 20, &done), 0);
	CHECK(writes[1]->over && writes[2]->pipe.done == 10);
	CHECK(pipe_wait_remove(&pipe, &writes[2]->pipe));
	CHECK(!pipe_wait_remove(&pipe, &writes[2]->pipe));
	for (int i = 0; i < 3; i++)
		free(writes[i]);
	free(first);
	free(second);
}

static void
bytes_nobody_got_stay(void)
{
	struct test_wait *read;
	struct pipe pipe;
	size_t done;

	start(&pipe);
	read = wait_read(&pipe, 5);
	deliver = false;
	CHECK_EQ(pipe_write(&pipe, data, 8, &done), 0);
	CHECK(read->over);
	CHECK_EQ(pipe_read(&pipe, out, 100, &done), 0);
	CHECK(done == 8 && memcmp(out, data, 8) == 0);
	free(read);
}

/* Random transfers; what was written is a known sequence, and so must be what is read. */
static void
any_mix_keeps_the_sequence(void)
{
	struct test_wait *read = NULL, *write = NULL;
	uint64_t in = 0, seen = 0;
	struct pipe pipe;
	size_t done, size;
	int error;

	start(&pipe);
	srand(1);
	for (int round = 0; round < 20000; round++) {
		if (rand() % 2 && !write) {
			size = (size_t)rand() % 9000 + 1;
			for (size_t i = 0; i < size; i++)
				data[i] = (uint8_t)((in + i) * 31 >> 3);
			error = pipe_write(&pipe, data, size, &done);
			if (error == EAGAIN)
				write = wait_write(&pipe, data, size, done);
			in += size;
		}
		if (rand() % 2 && !read) {
			size = (size_t)rand() % 9000 + 1;
			read = wait_read(&pipe, size);
			pipe_run(&pipe);
		}
		if (read && read->over) {
			for (size_t i = 0; i < read->got; i++, seen++)
				if (read->bytes[i] != (uint8_t)(seen * 31 >> 3))
					CHECK(!"sequence");
			free(read);
			read = NULL;
		}
		if (write && write->over) {
			free(write);
			write = NULL;
		}
		CHECK(pipe_used(&pipe) <= PIPE_SIZE);
	}
	CHECK(seen > 10000000);
	free(read);
	free(write);
}

int
main(void)
{
	TEST(bytes_come_out_in_order);
	TEST(small_writes_go_in_whole);
	TEST(ends_that_close);
	TEST(waits_are_served_in_order);
	TEST(bytes_nobody_got_stay);
	TEST(any_mix_keeps_the_sequence);
	return unit_done();
}
