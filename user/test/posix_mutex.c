/*
 * The mutex that servers and the C library use (lib/mach/sync.c): who waits for it gets it.
 */
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "mach/cthread.h"

#define HOLD_LOOPS	200000		/* a hog has it for a good part of a time slice, also of the host's */
#define HOG_ROUNDS	20000u		/* in all: then something is wrong */
#define PEER_ROUNDS	41u		/* of one that waits each time */
#define FAIR_ROUNDS	50u		/* of the hogs, while it waits once */

static struct mutex wanted;
static volatile unsigned hog_rounds;
static volatile int hogs_stop;

static void *
hog(void *unused)
{
	while (!hogs_stop && hog_rounds < HOG_ROUNDS) {
		mutex_lock(&wanted);
		for (volatile int i = 0; i < HOLD_LOOPS; i++)
			continue;
		hog_rounds++;
		mutex_unlock(&wanted);
	}
	return unused;
}

static int
compare_rounds(const void *a, const void *b)
{
	unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;

	return (x > y) - (x < y);
}

/*
 * Who waits for it gets it, though others take it again as soon as they have given it up. The upper quartile: a busy host may stop this CPU while the
 * others go on, just before it waits.
 */
static void
nobody_waits_for_ever(void)
{
	unsigned waited[PEER_ROUNDS];
	pthread_t hogs[2];

	for (int i = 0; i < 2; i++)
		EQUAL(pthread_create(&hogs[i], NULL, hog, NULL), 0);
	while (hog_rounds == 0)
		sched_yield();
	for (unsigned i = 0; i < PEER_ROUNDS; i++) {
		unsigned before = hog_rounds;

		mutex_lock(&wanted);
		waited[i] = hog_rounds - before;
		mutex_unlock(&wanted);
	}
	qsort(waited, PEER_ROUNDS, sizeof(waited[0]), compare_rounds);
	CHECK(waited[PEER_ROUNDS * 3 / 4] < FAIR_ROUNDS);
	CHECK(hog_rounds < HOG_ROUNDS);
	hogs_stop = 1;
	for (int i = 0; i < 2; i++)
		EQUAL(pthread_join(hogs[i], NULL), 0);
}

/* --- a mutex that is kept for one that was woken --- */

static struct mutex kept;
static volatile thread_t late_port;
static volatile unsigned takes, late_took, next_took;

static void *
come_late(void *unused)
{
	late_port = mach_thread_self();
	mutex_lock(&kept);
	late_took = ++takes;
	mutex_unlock(&kept);
	return unused;
}

static void *
come_next(void *unused)
{
	mutex_lock(&kept);
	next_took = ++takes;
	mutex_unlock(&kept);
	return unused;
}

/* Whom it is kept for may be a long time coming: its CPU, or the whole machine, was stopped. */
static void
kept_for_who_comes_late(void)
{
	struct thread_info info = { .wait = "" };
	pthread_t late, next;

	mutex_lock(&kept);
	EQUAL(pthread_create(&late, NULL, come_late, NULL), 0);
	while (late_port == MACH_PORT_NULL || thread_info(late_port, &info) != KERN_SUCCESS || strcmp(info.wait, "gsync") != 0)
		sched_yield();
	kept.losses = 1;			/* as if it had been woken in vain */
	EQUAL(thread_suspend(late_port), KERN_SUCCESS);
	mutex_unlock(&kept);
	EQUAL(pthread_create(&next, NULL, come_next, NULL), 0);
	usleep(40000);
	EQUAL(takes, 0);
	EQUAL(thread_resume(late_port), KERN_SUCCESS);
	EQUAL(pthread_join(late, NULL), 0);
	EQUAL(pthread_join(next, NULL), 0);
	EQUAL(late_took, 1);
	EQUAL(next_took, 2);
	EQUAL(mach_port_deallocate(mach_task_self(), late_port), KERN_SUCCESS);
}

/* Nobody is left whom it was kept for. */
static void
kept_for_nobody(void)
{
	kept = (struct mutex){ 3, 1 };
	mutex_lock(&kept);
	mutex_unlock(&kept);
	EQUAL(kept.losses, 0);
}

int
main(void)
{
	nobody_waits_for_ever();
	kept_for_who_comes_late();
	kept_for_nobody();
	return check_report("mutex");
}
