// SOURCES: grade/unit/vfs_host.c fs/interrupts.c
// CFLAGS: -pthread -Ifs
/*
 * Interrupts that overtake their requests: who is about to wait learns of one that was sent after its request, and of no other.
 */
#include "unit.h"
#include "../../fs/interrupts.h"
#include "../../fs/files.h"

#define KEPT 64u

static uint64_t serial;			/* of whatever file a port is now */

uint64_t
files_serial(mach_port_t port)
{
	return serial + port;
}

static struct mig_request
request(mach_port_t port, uint32_t label, uint32_t seqno)
{
	return (struct mig_request){ .port = port, .sender = { .label = label }, .seqno = seqno };
}

static void
interrupt(mach_port_t port, uint32_t label, uint32_t seqno)
{
	struct mig_request rq = request(port, label, seqno);

	interrupts_note(&rq);
}

static bool
missed(mach_port_t port, uint32_t label, uint32_t seqno)
{
	struct mig_request rq = request(port, label, seqno);

	return interrupts_missed(&rq);
}

static void
only_what_was_sent_before_is_interrupted(void)
{
	CHECK(!missed(10, 1, 5));
	interrupt(10, 1, 6);
	CHECK(missed(10, 1, 5));
	CHECK(!missed(10, 1, 6) && !missed(10, 1, 7));
	CHECK(!missed(10, 2, 5));
	CHECK(!missed(11, 1, 5));
}

/* Two of them may be handled in any order, and numbers begin again. */
static void
the_last_one_counts(void)
{
	interrupt(20, 1, 9);
	interrupt(20, 1, 3);
	CHECK(missed(20, 1, 8));
	interrupt(20, 1, UINT32_MAX);
	CHECK(missed(20, 1, 8));
	interrupt(21, 1, 1);
	CHECK(missed(21, 1, UINT32_MAX));
	CHECK(!missed(21, 1, 2));
}

static void
a_name_that_is_another_files_now_is_not_mistaken(void)
{
	interrupt(30, 1, 9);
	serial += 1000;
	CHECK(!missed(30, 1, 2));
	interrupt(30, 1, 3);
	CHECK(missed(30, 1, 2));
	CHECK(!missed(30, 1, 5));
}

static void
the_oldest_is_forgotten(void)
{
	for (uint32_t i = 0; i < KEPT; i++)
		interrupt(100 + i, 7, 50);
	for (uint32_t i = 0; i < KEPT; i++)
		CHECK(missed(100 + i, 7, 40));
	interrupt(100, 7, 60);			/* one that is there already takes nobody's place */
	CHECK(missed(101, 7, 40));
	interrupt(99, 7, 50);
	CHECK(missed(99, 7, 40));
	CHECK(!missed(100, 7, 40));
}

int
main(void)
{
	TEST(only_what_was_sent_before_is_interrupted);
	TEST(the_last_one_counts);
	TEST(a_name_that_is_another_files_now_is_not_mistaken);
	TEST(the_oldest_is_forgotten);
	return unit_done();
}
