/*
 * Exception vectors. All run in EL1 on SP_EL1, interrupts masked by the CPU.
 *
 * From user mode SP_EL1 stands at the top of the thread's kernel stack, so the frame lands where
 * arch/thread.h wants it. A system call has its number in x8 and its arguments in x0-x7, which are
 * the first words of the frame: trap_dispatch gets a pointer to it.
 *
 *	from user:	save all -> C -> trap_return_to_user() -> restore all
 *	from the kernel: check the stack -> save all -> C -> restore all (faults in user copies,
 *			interrupts while idle or in the window)
 */
#include "asm.h"

#define ESR_EC_SHIFT	26
#define ESR_EC_SVC	0x15

/* Saves x0-x29 in three parts; then x30, sp (given register's value), pc, cpsr through x9-x11. */
.macro	save_first
	sub	sp, sp, #FRAME_SIZE
	stp	x0, x1, [sp, #FRAME_X(0)]
	stp	x2, x3, [sp, #FRAME_X(2)]
	stp	x4, x5, [sp, #FRAME_X(4)]
	stp	x6, x7, [sp, #FRAME_X(6)]
	stp	x8, x9, [sp, #FRAME_X(8)]
.endm

.macro	save_scratch
	stp	x10, x11, [sp, #FRAME_X(10)]
	stp	x12, x13, [sp, #FRAME_X(12)]
	stp	x14, x15, [sp, #FRAME_X(14)]
	stp	x16, x17, [sp, #FRAME_X(16)]
.endm

.macro	save_preserved
	stp	x18, x19, [sp, #FRAME_X(18)]
	stp	x20, x21, [sp, #FRAME_X(20)]
	stp	x22, x23, [sp, #FRAME_X(22)]
	stp	x24, x25, [sp, #FRAME_X(24)]
	stp	x26, x27, [sp, #FRAME_X(26)]
	stp	x28, x29, [sp, #FRAME_X(28)]
.endm

.macro	save_general
	save_first
	save_scratch
	save_preserved
.endm

.macro	save_special
	mrs	x10, elr_el1
	mrs	x11, spsr_el1
	stp	x30, x9, [sp, #FRAME_LR_SP]
	stp	x10, x11, [sp, #FRAME_PC_CPSR]
.endm

.macro	save_user
	save_general
	mrs	x9, sp_el0
	save_special
.endm

.macro	restore_general
	ldp	x0, x1, [sp, #FRAME_X(0)]
	ldp	x2, x3, [sp, #FRAME_X(2)]
	ldp	x4, x5, [sp, #FRAME_X(4)]
	ldp	x6, x7, [sp, #FRAME_X(6)]
	ldp	x8, x9, [sp, #FRAME_X(8)]
	ldp	x10, x11, [sp, #FRAME_X(10)]
	ldp	x12, x13, [sp, #FRAME_X(12)]
	ldp	x14, x15, [sp, #FRAME_X(14)]
	ldp	x16, x17, [sp, #FRAME_X(16)]
	ldp	x18, x19, [sp, #FRAME_X(18)]
	ldp	x20, x21, [sp, #FRAME_X(20)]
	ldp	x22, x23, [sp, #FRAME_X(22)]
	ldp	x24, x25, [sp, #FRAME_X(24)]
	ldp	x26, x27, [sp, #FRAME_X(26)]
	ldp	x28, x29, [sp, #FRAME_X(28)]
	add	sp, sp, #FRAME_SIZE
.endm

/* The cpsr without CPSR_STATE_SET, as the upper half is not the processor's. */
.macro	restore_special
	ldr	x10, [sp, #FRAME_PC_CPSR]
	ldr	w11, [sp, #FRAME_PC_CPSR + 8]
	ldp	x30, x9, [sp, #FRAME_LR_SP]
	msr	elr_el1, x10
	msr	spsr_el1, x11
.endm

.macro	vector
	.balign	128
.endm

/* A vector that must not be taken: x1 says which. */
.macro	unexpected number
	vector
	save_general
	mov	x1, #\number
	b	vector_unexpected
.endm

	.section .text
	.balign	2048
	.globl	vectors
vectors:
	unexpected 0				/* current EL, SP_EL0 */
	unexpected 1
	unexpected 2
	unexpected 3

	vector					/* kernel: fault */
	msr	tpidrro_el0, x0			/* user mode cannot write it; cleared below */
	b	kernel_fault
	vector					/* kernel: interrupt */
	b	kernel_interrupt
	unexpected 6
	unexpected 7				/* kernel: SError */

	vector					/* user: system call or fault */
	save_first
	mrs	x9, esr_el1
	lsr	x9, x9, #ESR_EC_SHIFT
	cmp	x9, #ESR_EC_SVC
	ccmp	x8, #TRAP_MACH_MSG, #0, eq
	b.eq	user_message
	cmp	x9, #ESR_EC_SVC
	b.eq	user_call
	b	user_fault
	vector					/* user: interrupt */
	b	user_interrupt
	unexpected 10
	unexpected 11				/* user: SError */

	unexpected 12				/* user in AArch32 */
	unexpected 13
	unexpected 14
	unexpected 15

	.type	user_call, %function
user_call:
	save_scratch
	save_preserved
	mrs	x9, sp_el0
	save_special
	mov	x29, xzr
	mov	x0, x8
	mov	x1, sp
	bl	trap_dispatch
	b	user_result
end user_call

/*
 * mach_msg has a way of its own: trap_fast_message(x0-x4 as they came). It comes back only to have the
 * call made in the general way, and preserves no register (conf/kernel.mk).
 * The user's x10-x17 are not saved: they come back as they were at some earlier entry (lib/mach).
 */
	.type	user_message, %function
user_message:
	save_preserved
	mrs	x9, sp_el0
	save_special
	mov	x29, xzr
	cbnz	w6, 1f
	bl	trap_fast_message
1:	mov	x0, #TRAP_MACH_MSG
	mov	x1, sp
	bl	trap_dispatch
	b	user_result
end user_message

	.type	user_fault, %function
user_fault:
	save_scratch
	save_preserved
	mrs	x9, sp_el0
	save_special
	mov	x0, sp
	mov	x29, xzr
	bl	trap_from_user
	b	user_return
end user_fault

	.type	user_interrupt, %function
user_interrupt:
	save_user
	mov	x29, xzr
	bl	irq_handle
	b	user_return
end user_interrupt

/*
 * void user_enter(struct trap_frame *frame): drops the kernel stack down to the frame and goes to
 * user mode.
 */
function user_enter
	mov	sp, x0
	mov	x29, xzr
	b	user_return
end user_enter

/* The result of a system call, unless thread_set_state has set x0. */
	.type	user_result, %function
user_result:
	ldr	x9, [sp, #FRAME_PC_CPSR + 8]
	tbnz	x9, #CPSR_STATE_SET_BIT, user_return
	str	x0, [sp, #FRAME_X(0)]
end user_result

	.globl	user_return
	.type	user_return, %function
user_return:
	bl	trap_return_to_user
	.globl	user_resume
user_resume:
	restore_special
	msr	sp_el0, x9
	restore_general
	eret
end user_return

/*
 * A fault in the kernel, x0 in TPIDRRO_EL0. If the frame cannot be written below sp (asked with an
 * address translation), the stack has run into its guard page: report that on this CPU's emergency
 * stack.
 */
	.type	kernel_fault, %function
kernel_fault:
	sub	x0, sp, #FRAME_SIZE
	tst	x0, #15
	b.ne	stack_bad
	at	s1e1w, x0
	isb
	mrs	x0, par_el1
	tbnz	x0, #0, stack_bad
	mrs	x0, tpidrro_el0
	msr	tpidrro_el0, xzr
	save_general
	add	x9, sp, #FRAME_SIZE
	save_special
	mov	x0, sp
	bl	trap_from_kernel
	restore_special
	restore_general
	eret
end kernel_fault

	.type	stack_bad, %function
stack_bad:
	mov	x0, sp
	msr	sp_el0, x0
	mrs	x0, tpidr_el1
	cbz	x0, 1f
	ldr	w0, [x0, #CPU_NUMBER]
1:	add	x0, x0, #1
	lsl	x0, x0, #EMERGENCY_STACK_SHIFT
	mov	sp, x0
	adrp	x0, emergency_stacks
	add	x0, x0, :lo12:emergency_stacks
	add	sp, sp, x0
	mrs	x0, tpidrro_el0
	msr	tpidrro_el0, xzr
	save_user
	mov	x0, sp
	bl	trap_stack_overflow
end stack_bad

	.type	kernel_interrupt, %function
kernel_interrupt:
	save_general
	add	x9, sp, #FRAME_SIZE
	save_special
	bl	irq_handle
	restore_special
	restore_general
	eret
end kernel_interrupt

	.type	vector_unexpected, %function
vector_unexpected:
	mrs	x9, sp_el0
	save_special
	mov	x0, sp
	bl	trap_unexpected
end vector_unexpected

	.bss
	.balign	16
	.globl	emergency_stacks
emergency_stacks:
	.skip	8 << EMERGENCY_STACK_SHIFT	/* CPU_MAX */
