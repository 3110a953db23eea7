/*
 * The context switch: stacks and the registers that C functions preserve.
 */
	.text
	.code64

/*
 * struct thread *context_switch(struct thread *prev (rdi), struct thread *next (rsi));
 *
 * arch.stack_pointer is the first word of a thread. Returns, on next's stack, the thread that ran
 * before.
 */
	.globl	context_switch
	.type	context_switch, @function
context_switch:
	/* LAB 2.4 begin: save on the stack what struct first_context (thread.c) pictures, and in (%rdi)
	 * where it is; then the reverse, from where (%rsi) says. ret goes where next once called from;
	 * prev, which is still in rdi, is the result.
	 * Which registers does C expect to survive a call? The others need not be saved.
	 */
	pushq	%rbp
	pushq	%rbx
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movq	%rsp, (%rdi)
	movq	(%rsi), %rsp
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbx
	popq	%rbp
	movq	%rdi, %rax
	ret
	/* LAB 2.4 end */

/* Where a new thread begins (arch_thread_init): rbx = entry, r12 = its argument, rbp = 0. */
	.globl	thread_begin
	.type	thread_begin, @function
thread_begin:
	movq	%r12, %rdi
	call	*%rbx
	ud2

	.section .note.GNU-stack, "", @progbits
