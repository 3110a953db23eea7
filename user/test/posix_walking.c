/*
 * Relative names in one thread while another changes the directory: each begins at the one directory or the other.
 */
#include <pthread.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "sockets.h"

#define ROUNDS	2000

static volatile bool walking;

static void *
walk(void *unused)
{
	for (int i = 0; i < ROUNDS; i++)
		EQUAL(chdir(i % 2 ? "/tmp" : "/bin"), 0);
	walking = false;
	return unused;
}

static void
while_walking(void (*look)(int fd), int fd)
{
	pthread_t walker;

	walking = true;
	EQUAL(pthread_create(&walker, NULL, walk, NULL), 0);
	while (walking)
		look(fd);
	EQUAL(pthread_join(walker, NULL), 0);
	EQUAL(chdir("/"), 0);
}

static void
connects(int fd)
{
	FAILS(connect_to(fd, "posix_walking_nowhere"), ENOENT);
}

static void
looks(int fd)
{
	struct stat status;

	(void)fd;
	FAILS(stat("posix_walking_nowhere", &status), ENOENT);
}

int
main(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	while_walking(connects, fd);
	while_walking(looks, fd);
	EQUAL(close(fd), 0);
	return check_report("walking");
}
