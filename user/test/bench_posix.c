/*
 * Measures what POSIX calls cost. Portable: `make bench-posix` runs the same source here and on Linux, as a static program on one CPU of the
 * same QEMU. For each operation a line `bench NAME NS SWITCHES OPERATIONS`: nanoseconds of CLOCK_MONOTONIC for one, which under -icount are
 * instructions; switches of address space for 1000 of them (- where the system does not tell); how many were done since the line before.
 *
 *	bench_posix [SCRATCH-DIRECTORY]		(default: where it was started)
 *
 * Each operation is measured three times, and the least counts: while a disk writes and every CPU is idle, the clock of -icount jumps to the next
 * timer, be it a day away.
 *
 * The program starts itself for the exec rows; argv[0] must be its path.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAGES		256			/* touched by mmap_touch */
#define PAGE		4096
#define PIECE		4096			/* bytes of a write to the pipe */
#define PIECES		256			/* of pipe_mb: 1 MB */
#define FILE_SIZE	(64 * 1024)
#define TRIES		3

#if __has_include(<mach/host_info.h>)
#include "mach/mach.h"
#include <mach/host_info.h>
#endif

extern char **environ;

static const char *program;
static int file;			/* FILE_SIZE bytes, all of them read before */
static char buffer[PIECE];
static int there[2], back[2];		/* two pipes */
static volatile sig_atomic_t caught;

struct bench {
	const char *name;
	unsigned rounds;
	int (*once)(void);		/* 0, or -1 with errno */
	int (*before)(void);		/* or NULL */
	int (*after)(void);
};

/* --- calls without another process --- */

static int
one_getpid(void)
{
	return getppid() < 0;		/* not getpid: some libraries keep that */
}

static int
one_open_close(void)
{
	int fd = open(program, O_RDONLY);

	return fd < 0 ? -1 : close(fd);
}

static int
one_stat(void)
{
	struct stat status;

	return stat(program, &status);
}

static int
one_read_1(void)
{
	return pread(file, buffer, 1, 100) == 1 ? 0 : -1;
}

static int
one_read_4k(void)
{
	return pread(file, buffer, PIECE, 8192) == PIECE ? 0 : -1;
}

static int
one_write_4k(void)
{
	return pwrite(file, buffer, PIECE, 8192) == PIECE ? 0 : -1;
}

static int
one_create_unlink(void)
{
	int fd = open("bench.new", O_CREAT | O_EXCL | O_WRONLY, 0600);

	return fd < 0 || close(fd) != 0 ? -1 : unlink("bench.new");
}

static int
one_mmap_touch(void)
{
	char *at = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED)
		return -1;
	for (unsigned i = 0; i < PAGES; i++)
		at[i * PAGE] = 1;
	return munmap(at, PAGES * PAGE);
}

static void
catch(int signal)
{
	(void)signal;
	caught++;
}

static int
catch_signals(void)
{
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	action.sa_handler = catch;
	return sigaction(SIGUSR1, &action, NULL);
}

static int
one_signal(void)
{
	int before = caught;

	return kill(getpid(), SIGUSR1) != 0 || caught == before ? -1 : 0;
}

/* --- with another process --- */

static int
ended(pid_t pid)
{
	int status;

	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	errno = ECHILD;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -1;
}

static int
one_fork_exit(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return ended(pid);
}

static int
one_fork_exec(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		execl(program, program, "exit", (char *)NULL);
		_exit(127);
	}
	return ended(pid);
}

static int
one_spawn(void)
{
	char *arguments[] = {(char *)program, "exit", NULL};
	pid_t pid;
	int error = posix_spawn(&pid, program, NULL, NULL, arguments, environ);

	if (error != 0) {
		errno = error;
		return -1;
	}
	return ended(pid);
}

/* A child that sends back every byte it gets. */
static pid_t partner;

static int
start_echo(void)
{
	char c;

	if (pipe(there) != 0 || pipe(back) != 0 || (partner = fork()) < 0)
		return -1;
	if (partner != 0)
		return close(there[0]) != 0 || close(back[1]) != 0 ? -1 : 0;
	close(there[1]);
	close(back[0]);
	while (read(there[0], &c, 1) == 1 && write(back[1], &c, 1) == 1)
		continue;
	_exit(0);
}

static int
stop_echo(void)
{
	close(there[1]);
	close(back[0]);
	return ended(partner);
}

static int
one_round_trip(void)
{
	char c = 'x';

	return write(there[1], &c, 1) == 1 && read(back[0], &c, 1) == 1 ? 0 : -1;
}

/* A child that reads everything. */
static int
start_sink(void)
{
	if (pipe(there) != 0 || (partner = fork()) < 0)
		return -1;
	if (partner != 0)
		return close(there[0]);
	close(there[1]);
	while (read(there[0], buffer, PIECE) > 0)
		continue;
	_exit(0);
}

static int
stop_sink(void)
{
	close(there[1]);
	return ended(partner);
}

static int
one_megabyte(void)
{
	for (unsigned i = 0; i < PIECES; i++)
		if (write(there[1], buffer, PIECE) != PIECE)
			return -1;
	return 0;
}

/* --- switches: another process that gives the CPU back at once --- */

static int
start_yielder(void)
{
	partner = fork();
	if (partner == 0)
		for (;;)
			sched_yield();
	return partner < 0 ? -1 : 0;
}

/* There and back again. */
static int
one_yield(void)
{
	return sched_yield();
}

static int
stop_yielder(void)
{
	return kill(partner, SIGKILL) == 0 && waitpid(partner, NULL, 0) == partner ? 0 : -1;
}

/* Address-space switches so far, of the whole machine; -1: not known. */
static long long
space_switches(void)
{
#if __has_include(<mach/host_info.h>)
	struct host_info host;

	if (host_info(&host) == 0)
		return (long long)host.space_switches;
#endif
	return -1;
}

static const struct bench benches[] = {
	{"getppid", 2000, one_getpid, NULL, NULL},
	{"read_1", 500, one_read_1, NULL, NULL},
	{"read_4k", 500, one_read_4k, NULL, NULL},
	{"write_4k", 200, one_write_4k, NULL, NULL},
	{"open_close", 200, one_open_close, NULL, NULL},
	{"stat_path", 200, one_stat, NULL, NULL},
	{"create_unlink", 100, one_create_unlink, NULL, NULL},
	{"mmap_touch_256", 20, one_mmap_touch, NULL, NULL},
	{"signal_self", 200, one_signal, catch_signals, NULL},
	{"switch_twice", 500, one_yield, start_yielder, stop_yielder},
	{"pipe_rtt", 500, one_round_trip, start_echo, stop_echo},
	{"pipe_mb", 10, one_megabyte, start_sink, stop_sink},
	{"fork_exit_wait", 50, one_fork_exit, NULL, NULL},
	{"fork_exec_wait", 50, one_fork_exec, NULL, NULL},
	{"spawn_wait", 50, one_spawn, NULL, NULL},
};

static long long
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static int
repeat(const struct bench *bench, unsigned rounds)
{
	while (rounds-- > 0)
		if (bench->once() != 0)
			return -1;
	return 0;
}

/* Returns the time of one operation, or -1 with errno; *switches: of 1000 of them, in the shortest try. */
static long long
measure(const struct bench *bench, long long *switches)
{
	long long began, took, best = LLONG_MAX, before;

	if (bench->before != NULL && bench->before() != 0)
		return -1;
	if (repeat(bench, bench->rounds / 10 + 1) != 0)		/* warm up */
		return -1;
	for (int i = 0; i < TRIES; i++) {
		before = space_switches();
		began = now();
		if (repeat(bench, bench->rounds) != 0)
			return -1;
		took = (now() - began) / bench->rounds;
		if (took >= best)
			continue;
		best = took;
		*switches = before < 0 ? -1 : (space_switches() - before) * 1000 / bench->rounds;
	}
	return bench->after != NULL && bench->after() != 0 ? -1 : best;
}

static int
make_file(void)
{
	file = open("bench.data", O_CREAT | O_TRUNC | O_RDWR, 0600);
	for (unsigned done = 0; file >= 0 && done < FILE_SIZE; done += PIECE)
		if (write(file, buffer, PIECE) != PIECE)
			return -1;
	return file < 0 ? -1 : 0;
}

int
main(int argc, char **argv)
{
	int failed = 0;

	program = argv[0];
	if (argc > 1 && strcmp(argv[1], "exit") == 0)
		return 0;
	if (argc > 1 && chdir(argv[1]) != 0) {
		perror(argv[1]);
		return 2;
	}
	if (make_file() != 0)
		printf("bench.data: %s\n", strerror(errno));
	for (const struct bench *b = benches; b < benches + sizeof(benches) / sizeof(benches[0]); b++) {
		long long switches = -1, ns = measure(b, &switches);
		unsigned operations = TRIES * b->rounds + b->rounds / 10 + 1;

		if (ns >= 0 && switches >= 0)
			printf("bench %s %lld %lld %u\n", b->name, ns, switches, operations);
		else if (ns >= 0)
			printf("bench %s %lld - %u\n", b->name, ns, operations);
		else
			printf("%s: %s\n", b->name, strerror(errno));
		failed |= ns < 0;
		fflush(stdout);
	}
	close(file);
	unlink("bench.data");
	printf("bench done %d\n", failed);
	return failed;
}
