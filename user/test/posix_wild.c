/*
 * Wild requests to the process server: right calls with wrong arguments, and messages of random bytes. The rule is that proc goes on, and that
 * everybody else is left alone.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mach/mach.h"
#include "mach/startup.h"
#include "proc.h"
#include "wild.h"
#include <proto/signal_page.h>

#define FIRST_ID	4000
#define IDS		50

static mach_port_t
some_port(void)
{
	const mach_port_t ports[] = { startup_info->proc, startup_info->root, startup_info->fds[1].port, mach_task_self(), MACH_PORT_NULL,
		startup_info->bootstrap, MACH_PORT_DEAD };

	return ports[below(sizeof(ports) / sizeof(ports[0]))];
}

/* --- right calls, wrong arguments --- */

static void
start_something(mach_port_t proc, bool exec)
{
	static uint8_t text[300000];
	struct startup_kept kept;
	struct startup_fd fds[STARTUP_FDS_MAX];
	uint32_t size = below(3) == 0 ? below(sizeof(text)) : below(64), count = below(STARTUP_FDS_MAX + 1);
	int32_t pid;

	fill(&kept, sizeof(kept));
	fill(fds, sizeof(fds));
	for (uint32_t i = 0; i < count; i++)
		if (below(2) == 0)
			fds[i].port = some_port();
	kept.root = some_port();
	text[size > 0 ? size - 1 : 0] = (uint8_t)below(2);
	if (exec)
		proc_exec(proc, some_port(), "wild", text, size, text, below(64), &kept, fds, count);
	else
		proc_spawn(proc, some_port(), "wild", text, size, text, below(64), &kept, fds, count, (uint32_t)number(), number(), &pid);
}

static void
one_call(void)
{
	mach_port_t proc = startup_info->proc, own;
	union {
		struct proc_waited waited;
		struct proc_info info;
		struct proc_ids ids;
		struct proc_limit limit[2];
		struct proc_timer timer[2];
		struct proc_start start;
		struct proc_usage usage;
		struct proc_identity identity;
		struct signal_info signal;
		uint32_t groups[PROC_GROUPS_MAX];
	} u;
	int32_t a = number(), b = number();
	uint32_t count = PROC_GROUPS_MAX;

	fill(&u, sizeof(u));
	switch (below(25)) {
	case 0: start_something(proc, false); break;
	case 1: start_something(proc, true); break;
	case 2: proc_wait(proc, a, (uint32_t)b & 0x100000fu, (uint32_t)number(), &u.waited); break;
	case 3: proc_kill(proc, a, b); break;
	case 4: proc_next(proc, a, &u.info); break;
	case 5: proc_adopt(proc, some_port(), "wild", &own, &a); break;
	case 6: proc_signal_group(proc, a, b); break;
	case 7: proc_fork(proc, &u.start, (uint32_t)number(), &a); break;
	case 8: proc_wait_interrupt(proc, (uint32_t)a); break;
	case 9: proc_set_group(proc, a, b); break;
	case 10: proc_set_session(proc, &a); break;
	case 11: proc_set_ids(proc, &u.ids); break;
	case 12: proc_get_groups(proc, u.groups, &count); break;
	case 13: proc_set_groups(proc, u.groups, below(PROC_GROUPS_MAX + 1)); break;
	case 14: proc_limit(proc, (uint32_t)a, (uint32_t)b, &u.limit[0], &u.limit[1]); break;
	case 15: proc_children_usage(proc, &u.usage); break;
	case 16: proc_identify(proc, (uint32_t)a, &u.identity); break;
	case 17: proc_queue_signal(proc, below(2) ? getpid() : a, number(), b, number(), draw()); break;
	case 18: proc_signal_take(proc, (uint32_t)a, draw(), &u.signal); break;
	case 19: proc_timer_set(proc, a, (uint32_t)b, &u.timer[0], &u.timer[1]); break;
	case 20: proc_timer_create(proc, a, (uint32_t)b, draw(), &a); break;
	case 21: proc_timer_delete(proc, a); break;
	case 22: proc_timer_overrun(proc, a, &count); break;
	case 23: proc_nice(proc, (uint32_t)a & 3, b, (uint32_t)number() & 3, number(), &a); break;
	case 24: proc_exit(some_port(), a); break;
	}
}

/* The signal page is the process's to write. */
static void
spoil_page(void)
{
	struct signal_page *page = (struct signal_page *)startup_info->signal_page;

	switch (below(4)) {
	case 0: page->slot_count = (uint32_t)number(); break;
	case 1: fill(&page->slots[below(SIGNAL_SLOTS)], sizeof(page->slots[0])); break;
	case 2: page->slots[below(SIGNAL_SLOTS)].thread = some_port(); break;
	case 3: fill(&page->actions[below(SIGNALS + 1)], sizeof(page->actions[0])); break;
	}
}

/* --- victims --- */

_Noreturn static void
victim(unsigned calls)
{
	for (unsigned i = 0; i < calls; i++) {
		if (below(10) == 0)
			spoil_page();
		else if (below(3) == 0)
			wild_message(startup_info->proc, FIRST_ID + (int32_t)below(IDS), startup_info->root);
		else
			one_call();
	}
	_exit(0);
}

/* A file as large as the machine's memory, nearly all of it a hole. */
static void
huge_program(const char *first)
{
	char *argv[] = { "x", NULL }, *none[] = { NULL };
	int fd = open("/huge", O_WRONLY | O_CREAT | O_TRUNC, 0755);
	pid_t pid;

	CHECK(fd >= 0);
	EQUAL(write(fd, first, 4), 4);
	EQUAL(ftruncate(fd, 160 << 20), 0);
	close(fd);
	for (int i = 0; i < 8; i++)
		CHECK(posix_spawn(&pid, "/huge", NULL, NULL, argv, none) != 0);
	EQUAL(unlink("/huge"), 0);
}

static void
proc_goes_on(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		execl("/bin/echo", "echo", "still here", (char *)NULL);
		_exit(1);
	}
	EQUAL(waitpid(pid, &status, 0), pid);
	EQUAL(status, 0);
	FAILS(waitpid(-1, NULL, WNOHANG), ECHILD);
}

int
main(int argc, char **argv)
{
	wild_victims(argc > 1 ? (unsigned)atoi(argv[1]) : 40, 120, victim);
	huge_program("\177ELF");
	huge_program("none");
	proc_goes_on();
	return check_report("wild");
}
