/*
 * jitter=SEED: a sequence of numbers for each CPU says where it is held up. What a CPU draws depends on its own steps alone.
 */
#include "sync/jitter.h"

#ifdef DEBUG

#include "init/cmdline.h"
#include "init/panic.h"
#include "sched/cpu.h"

#define DELAYS	8	/* one place in so many is held up */
#define CHANCES	4	/* one choice in so many goes the other way */
#define POLLS	16	/* the longest delay; each poll lets another CPU run under -icount */

static struct {
	uint64_t state;		/* 0: off */
} draws[CPU_MAX];

/* xorshift, as in the checks of the monitor; 0 for ever when it is off. */
static uint64_t
draw(void)
{
	uint64_t *state = &draws[cpu_self()->number].state, x = *state;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return *state = x;
}

void
jitter_init(void)
{
	uint64_t seed = cmdline_number("jitter", 0);

	for (unsigned i = 0; i < CPU_MAX && seed != 0; i++)
		draws[i].state = seed * 0x9e3779b97f4a7c15 + i + 1;
}

void
jitter_delay(void)
{
	uint64_t x = draw();

	if (x == 0 || panic_active || x % DELAYS != 0)
		return;
	for (uint64_t polls = 1 + (x >> 32) % POLLS; polls > 0; polls--)
		cpu_spin_poll();
}

bool
jitter_chance(void)
{
	uint64_t x = draw();

	return x != 0 && !panic_active && (x >> 16) % CHANCES == 0;
}

#endif
