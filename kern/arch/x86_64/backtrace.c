/*
 * Stack walks. A frame is the saved rbp and the return address above it; entries from user mode
 * start with rbp = 0.
 */
#include "arch/backtrace.h"

#include "arch/pmap.h"
#include "x86.h"

struct frame {
	const struct frame *next;
	uint64_t return_address;
};

/*
 * The walk must not fault, whatever the frame pointer: stacks are in the kernel image or in KVA,
 * and mapped.
 */
static bool
is_stack(uint64_t address)
{
	if (address % 8 != 0 || address < KVA_BASE)
		return false;
	return pmap_mapped(address) && pmap_mapped(address + sizeof(struct frame) - 1);
}

unsigned
backtrace_walk(uint64_t frame_pointer, unsigned max, void (*visit)(unsigned depth, uint64_t pc))
{
	/* LAB 1.8 begin [until then: return 0]: follow the saved frame pointers upwards.
	 * Hint: struct frame above. A damaged stack must end the walk, not the kernel: ask is_stack() first,
	 * accept only return addresses in the kernel image, and let every frame lie above the one before.
	 */
	const struct frame *frame = (const struct frame *)frame_pointer;
	unsigned depth = 0;

	while (depth < max && is_stack((uint64_t)frame) && frame->return_address >= KERNEL_BASE) {
		visit(depth++, frame->return_address);
		if (frame->next <= frame)	/* stacks grow down: callers are above */
			break;
		frame = frame->next;
	}
	return depth;
	/* LAB 1.8 end */
}
