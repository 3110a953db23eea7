/*
 * The numbers that jitter=SEED draws (jitter.h).
 */
#include "sync/jitter.h"

#include "init/cmdline.h"
#include "init/panic.h"
#include "sched/cpu.h"

#define SHORTEST	8	/* a slice is halved fewer times than that */

/* xorshift64; 0 for ever when it is off. */
static uint64_t
draw(void)
{
	uint64_t x = cpu_self()->jitter;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return cpu_self()->jitter = x;
}

void
jitter_init(void)
{
	uint64_t seed = cmdline_number("jitter", 0);

	for (unsigned i = 0; i < CPU_MAX && seed != 0; i++)
		cpus[i].jitter = (seed << 8 | (i + 1)) * 0x9e3779b97f4a7c15ull;
}

uint64_t
jitter_slice(uint64_t ns)
{
	return ns >> (draw() >> 32) % SHORTEST;
}

#ifdef DEBUG

#define DELAYS	8	/* one place in so many is held up */
#define CHANCES	4	/* one choice in so many goes the other way */
#define POLLS	16	/* the longest delay; each poll lets another CPU run under -icount */

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
