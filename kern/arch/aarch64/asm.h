/*
 * Numbers that assembly and C share. thread.c, cpu.c and smp.c assert that they fit the C
 * structures.
 */
#ifndef AARCH64_ASM_H
#define AARCH64_ASM_H

/* struct trap_frame: x0-x30, sp, pc, cpsr */
#define FRAME_SIZE		272
#define FRAME_X(n)		(8 * (n))
#define FRAME_LR_SP		FRAME_X(30)
#define FRAME_SP		FRAME_X(31)
#define FRAME_PC_CPSR		FRAME_X(32)

/* struct switch_frame */
#define SWITCH_FRAME_SIZE	96

/* The top bit of the saved cpsr: CPSR_STATE_SET */
#define CPSR_STATE_SET_BIT	63

/* The trap that has an entry of its own. */
#define TRAP_MACH_MSG		5

/* struct cpu */
#define CPU_NUMBER		8

/* What a kernel stack overflow is reported on, one for each CPU. */
#define EMERGENCY_STACK_SHIFT	13

/* struct secondary_start */
#define START_TABLE		0
#define START_STACK		8
#define START_CPU		16

/* Virtual = physical + this, for all that is in the direct map: the kernel too. */
#define DIRECT_MAP_OFFSET	0xffff800000000000

#ifdef __ASSEMBLER__

.macro	function name
	.text
	.balign	16
	.globl	\name
	.type	\name, %function
\name:
.endm

.macro	end name
	.size	\name, . - \name
.endm

/*
 * A kernel fault with its pc in [start, end) continues at `target` instead of being a kernel bug.
 * blocks: whether a fault on a user address may first be resolved by vm_fault, which may block.
 */
.macro	fixup start, end, target, blocks
	.pushsection .fixups, "a"
	.balign	8
	.quad	\start, \end, \target, \blocks
	.popsection
.endm

#endif
#endif
