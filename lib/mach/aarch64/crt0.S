/*
 * Entry of a program: _Noreturn void _start(void), sp at argc (16-aligned), all else undefined.
 * Calls _Noreturn void start_up(uint64_t *stack) with an empty frame chain.
 */
	.section .text._start, "ax"
	.globl _start
	.type _start, %function
_start:
	mov	x29, #0
	mov	x30, #0
	mov	x0, sp
	b	start_up
	.size _start, . - _start
	.section .note.GNU-stack, "", %progbits
