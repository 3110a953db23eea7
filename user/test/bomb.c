/*
 * bomb KIND [hold]: takes as much of one thing as it can get: ports, names, messages, threads, tasks, memory, regions, processes. Says how
 * much that was, and with `hold` keeps it until it is killed. That it is refused in the end, and that everybody else goes on, is what is tested.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mach/mach.h"

#define SELF	mach_task_self()
#define PAGE	VM_PAGE_SIZE
#define BODY	8000u
#define PROCESSES_MAX 4096u
#define SPARE	256u			/* ports given back in the end: for the words it still has to say */

static pid_t children[PROCESSES_MAX];
static unsigned child_count;

static bool
bomb_ports(void)
{
	mach_port_t name;

	return mach_port_allocate(SELF, MACH_PORT_RIGHT_RECEIVE, &name) == KERN_SUCCESS;
}

static bool
bomb_names(void)
{
	mach_port_t name;

	return mach_port_allocate(SELF, MACH_PORT_RIGHT_DEAD_NAME, &name) == KERN_SUCCESS;
}

/* To the port of the moment, until its queue is full; then to another. */
static bool
bomb_messages(void)
{
	static mach_port_t port;
	static struct {
		mach_msg_header_t head;
		char body[BODY];
	} m;

	for (int tries = 0; tries < 2; tries++) {
		m.head.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_MAKE_SEND, 0);
		m.head.msgh_remote_port = port;
		if (port != MACH_PORT_NULL && mach_msg(&m.head, MACH_SEND_MSG | MACH_SEND_TIMEOUT, sizeof(m), 0, MACH_PORT_NULL, 0,
			MACH_PORT_NULL) == MACH_MSG_SUCCESS)
			return true;
		if (mach_port_allocate(SELF, MACH_PORT_RIGHT_RECEIVE, &port) != KERN_SUCCESS)
			return false;
		mach_port_set_qlimit(SELF, port, MACH_PORT_QLIMIT_MAX);
	}
	return false;
}

static bool
bomb_threads(void)
{
	thread_t thread;

	return thread_create(SELF, &thread) == KERN_SUCCESS;
}

static bool
bomb_tasks(void)
{
	task_t task;

	return task_create(SELF, 0, &task) == KERN_SUCCESS;
}

/* Addresses are plenty, so each page is touched; the end is a fault that nobody can resolve. */
static bool
bomb_memory(void)
{
	vm_address_t at = 0;

	if (vm_allocate(SELF, &at, 1 << 20, VM_FLAGS_ANYWHERE) != KERN_SUCCESS)
		return false;
	memset((void *)at, 1, 1 << 20);
	return true;
}

static bool
bomb_regions(void)
{
	static unsigned turn;
	vm_address_t at = 0;

	return vm_allocate(SELF, &at, PAGE, VM_FLAGS_ANYWHERE) == KERN_SUCCESS &&
	    vm_protect(SELF, at, PAGE, false, turn++ % 2 ? VM_PROT_READ : VM_PROT_NONE) == KERN_SUCCESS;
}

static bool
bomb_processes(void)
{
	pid_t pid = child_count < PROCESSES_MAX ? fork() : -1;

	if (pid == 0)
		for (;;)
			pause();
	if (pid > 0)
		children[child_count++] = pid;
	return pid > 0;
}

static void
end_children(void)
{
	for (unsigned i = 0; i < child_count; i++)
		kill(children[i], SIGKILL);
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		continue;
}

static void
end(int number)
{
	end_children();
	_exit(128 + number);
}

int
main(int argc, char **argv)
{
	static const struct {
		const char *name;
		bool (*one_more)(void);
	} kinds[] = {
		{ "ports", bomb_ports }, { "names", bomb_names }, { "messages", bomb_messages }, { "threads", bomb_threads },
		{ "tasks", bomb_tasks }, { "memory", bomb_memory }, { "regions", bomb_regions }, { "processes", bomb_processes },
	};
	static mach_port_t spare[SPARE];
	unsigned long count = 0;

	signal(SIGTERM, end);
	for (unsigned i = 0; i < SPARE; i++)
		mach_port_allocate(SELF, MACH_PORT_RIGHT_RECEIVE, &spare[i]);
	for (unsigned i = 0; argc >= 2 && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(argv[1], kinds[i].name) != 0)
			continue;
		while (kinds[i].one_more())
			count++;
		for (unsigned s = 0; s < SPARE; s++)
			mach_port_destroy(SELF, spare[s]);
		printf("%s: refused after %lu\n", argv[1], count);
		fflush(stdout);
		while (argc > 2)
			pause();
		end_children();
		return 0;
	}
	fprintf(stderr, "usage: bomb ports|names|messages|threads|tasks|memory|regions|processes [hold]\n");
	return 2;
}
