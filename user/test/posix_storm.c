/*
 * Processes and signals by the thousand: nothing is lost, nothing is left behind, and the system goes on.
 *
 *	posix_storm		all parts, a small number of times each
 *	posix_storm PART N	one part: lives N | stops N | rains N | jumps N | pipe N
 *	posix_storm bomb	processes that only fork, up to their limit; does not end by itself
 *	posix_storm signals	processes that only send signals to each other; does not end by itself
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "check.h"
#include "children.h"
#include "mach/mach.h"
#include "random.h"
#include <mach/task_info.h>

#define SELF	"/test/posix_storm"

static uint32_t
own_names(void)
{
	struct task_info info;

	return task_info(mach_task_self(), &info) == KERN_SUCCESS ? info.port_names : 0;
}

static void *
shared_memory(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	CHECK(memory != MAP_FAILED);
	return memory;
}

/* --- fork, exec, wait --- */

static int
live_once(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		execl(SELF, "x", "exit7", (char *)NULL);
		_exit(1);
	}
	return pid < 0 ? -1 : end_of(pid);
}

static void
lives(int rounds)
{
	uint32_t names;

	EQUAL(live_once(), 7 << 8);
	names = own_names();
	for (int i = 0; i < rounds; i++)
		if (live_once() != 7 << 8) {
			CHECK(!"fork, exec and wait");
			break;
		}
	EQUAL(own_names(), names);
	FAILS(waitpid(-1, NULL, WNOHANG), ECHILD);
}

/* --- fork bombs --- */

static void
limit_processes(unsigned count)
{
	struct rlimit limit = { count, count };

	EQUAL(setrlimit(RLIMIT_NPROC, &limit), 0);
}

/* Every process forks until it may not any more. */
_Noreturn static void
bomb(void)
{
	for (;;)
		if (fork() < 0)
			usleep(1000);
}

/* A bomb goes off in a group of its own and is put out; whatever signals are sent while processes begin, none escapes. */
static void
bombs(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		setpgid(0, 0);
		limit_processes(60);
		bomb();
	}
	setpgid(pid, pid);
	usleep(300000);
	EQUAL(kill(pid, 0), 0);
	while (kill(-pid, SIGKILL) == 0)
		usleep(2000);
	EQUAL(errno, ESRCH);
	EQUAL(WTERMSIG(end_of(pid)), SIGKILL);
	FAILS(kill(-pid, 0), ESRCH);
	EQUAL(live_once(), 7 << 8);
}

/* A process that forks all the time is stopped with its group: none of its children goes on, none comes. */
static void
stops(int rounds)
{
	volatile uint32_t *lives = shared_memory(sizeof(*lives));

	for (int i = 0; i < rounds; i++) {
		uint32_t seen = *lives, still;
		pid_t pid = fork(), other;
		int status;

		if (pid == 0) {
			setpgid(0, 0);
			for (;;) {
				other = fork();
				__atomic_add_fetch(lives, 1, __ATOMIC_SEQ_CST);
				if (other == 0)
					_exit(0);
				end_of(other);
			}
		}
		while (*lives < seen + 4)
			usleep(1000);
		usleep(random_below(5000));
		EQUAL(kill(-pid, SIGSTOP), 0);
		EQUAL(waitpid(pid, &status, WUNTRACED), pid);
		CHECK(WIFSTOPPED(status));
		still = *lives;
		EQUAL(live_once(), 7 << 8);	/* takes longer than the fork that may have been under way */
		EQUAL(*lives, still);
		EQUAL(kill(-pid, SIGCONT), 0);
		while (*lives < still + 4)
			usleep(1000);
		EQUAL(kill(-pid, SIGKILL), 0);
		EQUAL(end_of(pid), SIGKILL);
	}
	munmap((void *)(uintptr_t)lives, sizeof(*lives));
}

/* --- children of those that are sent signals --- */

static volatile sig_atomic_t signals_seen;

static void
note(int signal)
{
	(void)signal;
	signals_seen++;
}

/* A child waits for the signal, unless its parent had it before. */
_Noreturn static void
until_seen(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigemptyset(&set);
	alarm(20);
	while (signals_seen == 0)
		sigsuspend(&set);
	_exit(0);
}

/* Has children, one after the other, until it sees the signal. Ends with 0 if each saw it. */
_Noreturn static void
have_children(volatile uint32_t *lives)
{
	pid_t children[64];
	int count = 0, bad = 0;

	while (signals_seen == 0 && count < 63) {
		children[count] = fork();
		if (children[count] == 0)
			until_seen();
		bad += children[count] < 0;
		count++;
		__atomic_add_fetch(lives, 1, __ATOMIC_SEQ_CST);
	}
	while (signals_seen == 0)
		usleep(1000);
	while (count-- > 0)
		bad += end_of(children[count]) != 0;
	_exit(bad != 0);
}

/* A group is sent one signal while a member forks: whose fork came before it gets it, whose came after knows of it from its parent. */
static void
all_see_it(int rounds)
{
	volatile uint32_t *lives = shared_memory(sizeof(*lives));

	for (int i = 0; i < rounds; i++) {
		uint32_t seen = *lives, wanted = seen + 1 + random_below(4);
		pid_t pid = fork();

		if (pid == 0) {
			setpgid(0, 0);
			signals_seen = 0;
			signal(SIGUSR1, note);
			have_children(lives);
		}
		CHECK(pid > 0);
		if (pid < 0)
			break;
		while (*lives < wanted)
			usleep(100);
		usleep(random_below(1000));
		EQUAL(kill(-pid, SIGUSR1), 0);
		EQUAL(end_of(pid), 0);
	}
	munmap((void *)(uintptr_t)lives, sizeof(*lives));
}

/* Signals for the group rain without a pause: forks and new programs come to their end all the same. */
static void
rains(int rounds)
{
	pid_t pid = fork(), rain;
	int bad = 0;

	if (pid == 0) {
		setpgid(0, 0);
		signal(SIGUSR1, note);
		rain = fork();
		if (rain < 0)
			_exit(2);
		if (rain == 0)
			for (;;) {
				kill(0, SIGCONT);
				kill(0, SIGUSR1);
			}
		for (int i = 0; i < rounds; i++) {
			pid_t child = fork();

			if (child == 0) {
				signal(SIGUSR1, SIG_IGN);	/* the program will have no handler */
				execl(SELF, "x", "exit7", (char *)NULL);
				_exit(3);
			}
			bad += child < 0 || end_of(child) != 7 << 8;
		}
		kill(rain, SIGKILL);
		_exit(bad != 0);
	}
	EQUAL(end_of(pid), 0);
}

/* --- signal storms without end --- */

_Noreturn static void
send_for_ever(void)
{
	for (;;) {
		kill(0, SIGUSR1);
		kill(0, SIGUSR2);
	}
}

static int
signal_storm(void)
{
	setpgid(0, 0);
	signal(SIGUSR1, note);
	signal(SIGUSR2, note);
	for (int i = 0; i < 4; i++)
		if (fork() == 0)
			send_for_ever();
	send_for_ever();
}

/* --- jumps out of anything --- */

static sigjmp_buf place;
static int ends[2];
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;

static void
jump(int signal)
{
	(void)signal;
	siglongjmp(place, 1);
}

static void
wait_in_read(void)
{
	char byte;

	read(ends[0], &byte, 1);
}

static void
work_in_malloc(void)
{
	static void *volatile blocks[32];

	for (unsigned i = 0;; i++) {
		void *block = blocks[i % 32];

		blocks[i % 32] = NULL;		/* first: the jump may come out of free */
		free(block);
		blocks[i % 32] = malloc(random_below(5000));
	}
}

/* Nobody knows who has the mutex after the jump: both begin anew. */
static void
wait_for_condition(void)
{
	pthread_mutex_init(&mutex, NULL);
	pthread_cond_init(&condition, NULL);
	pthread_mutex_lock(&mutex);
	for (;;)
		pthread_cond_wait(&condition, &mutex);
}

static void
ask_proc(void)
{
	for (;;)
		getuid();
}

/* Timers run out at any instruction of `work`, which would go on for ever. */
static void
jumps_out_of(void (*work)(void), int rounds)
{
	static volatile int done;

	done = 0;
	sigsetjmp(place, 1);
	if (done++ < rounds) {
		ualarm(1 + random_below(400), 0);
		work();
	}
	EQUAL(done, rounds + 1);
}

static void
jumps(int rounds)
{
	static void (*const works[])(void) = { wait_in_read, work_in_malloc, wait_for_condition, ask_proc };
	uint32_t names;

	EQUAL(pipe(ends), 0);
	signal(SIGALRM, jump);
	for (unsigned i = 0; i < sizeof(works) / sizeof(works[0]); i++) {
		jumps_out_of(works[i], 20);
		names = own_names();
		jumps_out_of(works[i], rounds);
		CHECK(own_names() <= names + 2);	/* a reply port, or the one it waits at */
	}
	signal(SIGALRM, SIG_DFL);
	close(ends[0]);
	close(ends[1]);
}

/* --- SIGKILL in the middle of a pipe --- */

#define WRITERS		4
#define READERS		2
#define RECORD		4096		/* PIPE_BUF */
#define RECORDS_MAX	65536

struct board {
	volatile int stop;
	volatile uint32_t written[WRITERS];	/* records that a writer is through with, numbered through all its lives */
	volatile uint32_t read, torn, twice;
	volatile uint8_t seen[WRITERS][RECORDS_MAX];
};

static struct board *board;

/* Begins with the number that a killed one before it may or may not have written: that one is left out. */
_Noreturn static void
writer(int number)
{
	uint32_t record[RECORD / 4];

	close(ends[0]);
	for (uint32_t n = board->written[number] + 1; !board->stop && n < RECORDS_MAX; n++) {
		for (unsigned i = 0; i < RECORD / 4; i++)
			record[i] = (uint32_t)number << 24 | n;
		board->written[number] = n;
		if (write(ends[1], record, RECORD) != RECORD)
			_exit(1);
	}
	_exit(0);
}

static void
check_record(const uint32_t *record)
{
	uint32_t number = record[0] >> 24, n = record[0] & 0xffffff;

	for (unsigned i = 1; i < RECORD / 4; i++)
		if (record[i] != record[0]) {
			board->torn++;
			return;
		}
	if (number >= WRITERS || n >= RECORDS_MAX || __atomic_exchange_n(&board->seen[number][n], 1, __ATOMIC_RELAXED) != 0)
		board->twice++;
	__atomic_add_fetch(&board->read, 1, __ATOMIC_RELAXED);
}

_Noreturn static void
reader(void)
{
	uint32_t record[RECORD / 4];
	ssize_t n;

	close(ends[1]);
	while ((n = read(ends[0], record, RECORD)) > 0)
		if (n == RECORD)
			check_record(record);
		else
			board->torn++;
	_exit(n == 0 ? 0 : 1);
}

static pid_t
start_writer(int number)
{
	pid_t pid = fork();

	if (pid == 0)
		writer(number);
	CHECK(pid > 0);
	return pid;
}

/* What a writer was through with before its last record has been read once; the last of each life may be missing. */
static uint32_t
missing(void)
{
	uint32_t count = 0;

	for (int w = 0; w < WRITERS; w++)
		for (uint32_t n = 1; n <= board->written[w]; n++)
			count += board->seen[w][n] == 0;
	return count;
}

static void
pipe_kills(int rounds)
{
	pid_t writers[WRITERS], readers[READERS];

	board = shared_memory(sizeof(*board));
	EQUAL(pipe(ends), 0);
	for (int i = 0; i < READERS; i++)
		if ((readers[i] = fork()) == 0)
			reader();
	for (int i = 0; i < WRITERS; i++)
		writers[i] = start_writer(i);
	close(ends[0]);
	for (int i = 0; i < rounds; i++) {
		int victim = (int)random_below(WRITERS), status;

		usleep(random_below(4000));
		EQUAL(kill(writers[victim], SIGKILL), 0);
		status = end_of(writers[victim]);
		CHECK(status == SIGKILL || status == 0);
		writers[victim] = start_writer(victim);
	}
	board->stop = 1;
	close(ends[1]);
	for (int i = 0; i < WRITERS; i++)
		EQUAL(end_of(writers[i]), 0);
	for (int i = 0; i < READERS; i++)
		EQUAL(end_of(readers[i]), 0);
	EQUAL(board->torn, 0);
	EQUAL(board->twice, 0);
	CHECK(board->read > 0);
	CHECK(missing() <= (uint32_t)rounds);
	munmap(board, sizeof(*board));
}

/* The readers are killed: writers that wait for room get SIGPIPE, or EPIPE. */
static void
pipe_ends(void)
{
	pid_t first, second, reader;
	char block[8192] = "";

	EQUAL(pipe(ends), 0);
	reader = fork();
	if (reader == 0) {
		close(ends[1]);
		for (;;)
			pause();
	}
	first = fork();
	if (first == 0) {
		close(ends[0]);
		while (write(ends[1], block, sizeof(block)) > 0)
			continue;
		_exit(1);
	}
	second = fork();
	if (second == 0) {
		close(ends[0]);
		signal(SIGPIPE, SIG_IGN);
		while (write(ends[1], block, sizeof(block)) > 0)
			continue;
		_exit(errno == EPIPE ? 32 : 1);
	}
	close(ends[0]);
	close(ends[1]);
	usleep(20000);
	EQUAL(kill(reader, SIGKILL), 0);
	EQUAL(end_of(reader), SIGKILL);
	EQUAL(end_of(first), SIGPIPE);
	EQUAL(end_of(second), 32 << 8);
}

int
main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "exit7") == 0)
		return 7;
	seed_take(&argc, argv);
	if (argc > 1 && strcmp(argv[1], "bomb") == 0) {
		limit_processes(100);
		bomb();
	}
	if (argc > 1 && strcmp(argv[1], "signals") == 0)
		return signal_storm();
	if (argc > 2) {
		int rounds = atoi(argv[2]);

		strcmp(argv[1], "lives") == 0 ? lives(rounds) : strcmp(argv[1], "jumps") == 0 ? jumps(rounds) :
			strcmp(argv[1], "stops") == 0 ? stops(rounds) : strcmp(argv[1], "rains") == 0 ?
			(all_see_it(rounds), rains(rounds)) : pipe_kills(rounds);
		return check_report("storm");
	}
	lives(100);
	bombs();
	stops(40);
	all_see_it(40);
	rains(20);
	jumps(150);
	pipe_kills(60);
	pipe_ends();
	return check_report("storm");
}
