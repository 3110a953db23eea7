/*
 * A signal reaches a process that only computes within 20 ms, at whatever phase of its time slice: each of them where a clock counts
 * instructions and nothing else runs; where the machine's CPUs have to wait for the host's, at least every other one.
 *
 *	posix_prompt [N [half]] [seed=S]	N signals
 */
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "check.h"
#include "random.h"

#define LATEST_US	20000u

static volatile uint64_t arrived;
static volatile uint64_t *sent;		/* shared with the child */
static volatile uint64_t count;

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

/* The next one when the last has arrived, some time later. */
static void
send_signals(pid_t to, uint64_t rounds)
{
	for (uint64_t i = 0; i < rounds; i++) {
		usleep(1 + random_below(3000));
		sent[0] = now_us();
		kill(to, SIGUSR1);
		while (sent[1] == i)
			usleep(1 + random_below(1000));
	}
}

int
main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = note_time };
	uint64_t worst = 0, late = 0, rounds, took;
	pid_t parent = getpid(), pid;

	seed_take(&argc, argv);
	rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : 200;
	sent = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	EQUAL(sigaction(SIGUSR1, &action, NULL), 0);
	pid = fork();
	if (pid == 0) {
		send_signals(parent, rounds);
		_exit(0);
	}
	for (uint64_t n = 0; n < rounds; n++) {
		while (count <= n)
			continue;
		took = arrived - sent[0];
		worst = took > worst ? took : worst;
		late += took > LATEST_US;
		sent[1] = n + 1;
	}
	EQUAL(waitpid(pid, NULL, 0), pid);
	CHECK(worst > 0);
	if (argc > 2)
		CHECK(late <= rounds / 2);
	else
		EQUAL(worst <= LATEST_US ? 0 : worst, 0);
	return check_report("prompt");
}
