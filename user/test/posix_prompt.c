/*
 * A signal reaches a process that only computes within 20 ms of guest time. Runs alone, with a clock that counts instructions.
 */
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

enum { ROUNDS = 40 };

static volatile uint64_t arrived;
static volatile uint64_t *sent;		/* shared with the child */
static volatile sig_atomic_t count;

static uint64_t
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void
note_time(int signal)
{
	(void)signal;
	arrived = now_us();
	count++;
}

/* The next one when the last has arrived. */
static void
send_signals(pid_t to)
{
	for (int i = 0; i < ROUNDS; i++) {
		usleep(3000 + (unsigned)i * 1373 % 9000);
		sent[0] = now_us();
		kill(to, SIGUSR1);
		while (sent[1] == (uint64_t)i)
			usleep(1000);
	}
}

int
main(void)
{
	struct sigaction action = { .sa_handler = note_time };
	uint64_t worst = 0;
	pid_t parent = getpid(), pid;

	sent = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	EQUAL(sigaction(SIGUSR1, &action, NULL), 0);
	pid = fork();
	if (pid == 0) {
		send_signals(parent);
		_exit(0);
	}
	for (int n = 0; n < ROUNDS; n++) {
		while (count <= n)
			continue;
		if (arrived - sent[0] > worst)
			worst = arrived - sent[0];
		sent[1] = (uint64_t)n + 1;
	}
	EQUAL(waitpid(pid, NULL, 0), pid);
	CHECK(worst > 0);
	EQUAL(worst <= 20000 ? 0 : worst, 0);
	return check_report("prompt");
}
