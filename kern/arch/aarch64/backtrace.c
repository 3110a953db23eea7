/*
 * Walking frame records: x29 points to { caller's x29, return address }. Nothing is trusted: each
 * record must lie above the one before it, within a stack's size, and be readable, which the CPU's
 * own address translation tells without a fault.
 */
#include "arch/backtrace.h"

#include "arch/cpu.h"
#include "arch/pmap.h"
#include "arch/thread.h"

#define PAR_FAULT 1u

static bool
readable(uint64_t address)
{
	if (address < DIRECT_MAP_BASE || (address & 15) != 0)
		return false;
	__asm__ volatile("at s1e1r, %0" :: "r"(address));
	isb();
	return (sysreg_read(par_el1) & PAR_FAULT) == 0;
}

unsigned
backtrace_walk(uint64_t frame_pointer, unsigned max, void (*visit)(unsigned depth, uint64_t pc))
{
	/* LAB 1.8 begin [until then: return 0]: follow the frame records upwards.
	 * Hint: the picture in the hand-out. A damaged stack must end the walk, not the kernel: ask
	 * readable() first, and let every record lie above the one before, within KSTACK_SIZE of the first.
	 */
	uint64_t limit = frame_pointer + KSTACK_SIZE;
	unsigned depth;

	for (depth = 0; depth < max && readable(frame_pointer); depth++) {
		const uint64_t *record = (const uint64_t *)frame_pointer;

		if (record[1] == 0)
			break;
		visit(depth, record[1]);
		if (record[0] <= frame_pointer || record[0] >= limit)
			return depth + 1;
		frame_pointer = record[0];
	}
	return depth;
	/* LAB 1.8 end */
}
