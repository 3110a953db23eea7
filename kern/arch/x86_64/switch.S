/*
 * The context switch: stacks and the registers that C functions preserve.
 */
	.text
	.code64

/*
 * struct thread *switch_stacks(struct thread *prev (rdi), struct thread *next (rsi));
 *
 * arch.stack_pointer is the first word of a thread. Returns, on next's stack, the thread that ran
 * before. switch_load is the second half alone, for arch_thread_leave.
 */
	.globl	switch_stacks
	.type	switch_stacks, @function
switch_stacks:
	pushq	%rbp
	pushq	%rbx
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movq	%rsp, (%rdi)
	.globl	switch_load
switch_load:
	movq	(%rsi), %rsp
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbx
	popq	%rbp
	movq	%rdi, %rax
	ret

/* Where a new thread begins (arch_thread_init): rbx = entry, r12 = its argument, rbp = 0. */
	.globl	switch_start
	.type	switch_start, @function
switch_start:
	movq	%r12, %rdi
	call	*%rbx
	ud2

	.section .note.GNU-stack, "", @progbits
