/*
 * Entry of a program: _Noreturn void _start(void), rsp at argc (16-aligned), all else undefined.
 * Calls _Noreturn void start_up(uint64_t *stack) with an empty frame chain.
 */
	.section .text._start, "ax"
	.globl _start
	.type _start, @function
_start:
	xor	%ebp, %ebp
	mov	%rsp, %rdi
	and	$-16, %rsp
	call	start_up
	ud2
	.size _start, . - _start
	.section .note.GNU-stack, "", @progbits
