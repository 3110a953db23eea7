/*
 * _Noreturn void thread_finish(uint32_t *done, thread_t port)
 *
 *	x19 = done, x20 = port
 *
 * Trap numbers are those of <mach/traps.def>: gsync_wake 8, thread_terminate 81.
 *
 * Once *done is 1 the stack may vanish: from there on only registers are used.
 */
	.text
	.globl thread_finish
	.type thread_finish, %function
thread_finish:
	mov	x19, x0
	mov	w20, w1
	mov	w9, #1
	stlr	w9, [x19]
	mov	w1, #-1
	mov	x2, #0
	mov	x8, #8
	svc	#0
	mov	w0, w20
	mov	x8, #81
	svc	#0
	brk	#0
	.size thread_finish, . - thread_finish
	.section .note.GNU-stack, "", %progbits
