/*
 * How long a time slice is. jitter=SEED on the command line: time slices of random length, from the whole quantum down to 1/128 of
 * it, so that threads of one level interrupt each other in other places with every seed. Without it each slice is a quantum long.
 */
#include "init/cmdline.h"
#include "sched/cpu.h"
#include "sched/sched.h"

void
sched_draw_slice(struct cpu *cpu)
{
	uint64_t x = cpu->jitter;

	if (x == 0)
		return;
	x ^= x << 13;		/* xorshift64 */
	x ^= x >> 7;
	x ^= x << 17;
	cpu->jitter = x;
	cpu->slice = SCHED_QUANTUM_NS >> (x >> 32) % 8;
}

void
sched_jitter_init(struct cpu *cpu)
{
	uint64_t seed = cmdline_number("jitter", 0);

	cpu->slice = SCHED_QUANTUM_NS;
	cpu->jitter = seed != 0 ? (seed << 8 | (cpu->number + 1)) * 0x9e3779b97f4a7c15ull : 0;
	sched_draw_slice(cpu);
}
