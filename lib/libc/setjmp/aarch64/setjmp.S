/*
 * int setjmp(jmp_buf place);			x0: place
 * void __longjmp(jmp_buf place, int value);	x0: place, w1: value
 *
 * place: x19-x30, sp, d8-d15 (what calls preserve: AAPCS64 6.1).
 */
	.text
	.globl	setjmp, _setjmp, __longjmp, __jmp_sp
	.type	setjmp, %function
	.type	__longjmp, %function
setjmp:
_setjmp:
	stp	x19, x20, [x0]
	stp	x21, x22, [x0, #16]
	stp	x23, x24, [x0, #32]
	stp	x25, x26, [x0, #48]
	stp	x27, x28, [x0, #64]
	stp	x29, x30, [x0, #80]
	mov	x2, sp
	str	x2, [x0, #96]
	stp	d8, d9, [x0, #104]
	stp	d10, d11, [x0, #120]
	stp	d12, d13, [x0, #136]
	stp	d14, d15, [x0, #152]
	mov	w0, #0
	ret
	.size	setjmp, . - setjmp

__longjmp:
	ldp	x19, x20, [x0]
	ldp	x21, x22, [x0, #16]
	ldp	x23, x24, [x0, #32]
	ldp	x25, x26, [x0, #48]
	ldp	x27, x28, [x0, #64]
	ldp	x29, x30, [x0, #80]
	ldr	x2, [x0, #96]
	mov	sp, x2
	ldp	d8, d9, [x0, #104]
	ldp	d10, d11, [x0, #120]
	ldp	d12, d13, [x0, #136]
	ldp	d14, d15, [x0, #152]
	cmp	w1, #0
	csinc	w0, w1, wzr, ne		/* a value of 0 becomes 1 */
	ret
	.size	__longjmp, . - __longjmp

	.section .rodata
__jmp_sp:				/* const unsigned char: the word with the stack pointer */
	.byte	12
	.section .note.GNU-stack, "", %progbits
