/*
 * A child that has inherited every right of its parent's, which is the superuser, and is another user's then: none of them lets it act as
 * its parent, or on it.
 */
#define _GNU_SOURCE
#include <pthread.h>

#include "children.h"
#include "posix/posix.h"
#include "rights.h"

static int
has_inherited(void)
{
	EQUAL(setgid(101), 0);
	EQUAL(setuid(1001), 0);
	no_right_is_anothers();
	no_more_than_reading(fd_port(public_file));
	no_more_than_own_files(startup_info->root);
	no_more_than_own_files(working_directory());
	FAILS(open("/dev/vda", O_RDONLY), EACCES);
	FAILS(setuid(0), EPERM);
	return checks_failed != 0;
}

static void *
wait_for_byte(void *unused)
{
	char byte;

	(void)unused;
	EQUAL(read(ends[0], &byte, 1), 1);
	return NULL;
}

/* The child is made while the other thread has hardly begun, and once more when it waits. */
static void
inherited(void)
{
	struct pollfd polled = { .events = POLLIN };
	pthread_t thread;

	open_everything();
	EQUAL(pthread_create(&thread, NULL, wait_for_byte, NULL), 0);
	EQUAL(in_child(has_inherited), 0);
	polled.fd = ends[0];
	EQUAL(poll(&polled, 1, 1), 0);
	EQUAL(in_child(has_inherited), 0);
	EQUAL(write(ends[1], "x", 1), 1);
	EQUAL(pthread_join(thread, NULL), 0);
	close(public_file);
	close(ends[0]);
	close(ends[1]);
	close(terminal);
	close(slave);
}

int
main(void)
{
	rights_files();
	inherited();
	unlink(PRIVATE);
	unlink(PUBLIC);
	return check_report("inherit");
}
