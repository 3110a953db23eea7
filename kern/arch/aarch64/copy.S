/*
 * Moving bytes: user memory, and the kernel's own memcpy and memset (they take the place of the
 * portable ones in lib/libc/string).
 *
 * User copies: usercopy.c has checked the ranges and opened user memory to the kernel. A fault that
 * cannot be resolved continues at user_fail.
 */
#include "asm.h"

/*
 * Copies x2 bytes from x1 to x0, any alignment; x0-x2 change, x3-x10 are used. Sixteen bytes an
 * instruction, first 64 at a time.
 */
.macro	copy_bytes
	cmp	x2, #64
	b.lo	2f
1:	ldp	x3, x4, [x1]
	ldp	x5, x6, [x1, #16]
	ldp	x7, x8, [x1, #32]
	ldp	x9, x10, [x1, #48]
	stp	x3, x4, [x0]
	stp	x5, x6, [x0, #16]
	stp	x7, x8, [x0, #32]
	stp	x9, x10, [x0, #48]
	add	x1, x1, #64
	add	x0, x0, #64
	sub	x2, x2, #64
	cmp	x2, #64
	b.hs	1b
2:	tbz	x2, #5, 3f
	ldp	x3, x4, [x1]
	ldp	x5, x6, [x1, #16]
	stp	x3, x4, [x0]
	stp	x5, x6, [x0, #16]
	add	x1, x1, #32
	add	x0, x0, #32
3:	tbz	x2, #4, 4f
	ldp	x3, x4, [x1]
	stp	x3, x4, [x0]
	add	x1, x1, #16
	add	x0, x0, #16
4:	tbz	x2, #3, 5f
	ldr	x3, [x1]
	str	x3, [x0]
	add	x1, x1, #8
	add	x0, x0, #8
5:	tbz	x2, #2, 6f
	ldr	w3, [x1]
	str	w3, [x0]
	add	x1, x1, #4
	add	x0, x0, #4
6:	tbz	x2, #1, 7f
	ldrh	w3, [x1]
	strh	w3, [x0]
	add	x1, x1, #2
	add	x0, x0, #2
7:	tbz	x2, #0, 8f
	ldrb	w3, [x1]
	strb	w3, [x0]
8:
.endm

/*
 * long user_copy(void *to, const void *from, size_t bytes): one of the two is user memory. Returns
 * 0, or -1: a fault.
 */
function user_copy
	copy_bytes
	mov	x0, #0
	ret
end user_copy

/*
 * long user_string(char *to, const char *from, size_t bytes): copies up to and with the 0, at most
 * `bytes`. Returns the length without the 0, or -1: a fault, or -2: no 0 in these bytes.
 */
function user_string
	mov	x3, #0
1:	cmp	x3, x2
	b.eq	2f
	ldrb	w4, [x1, x3]
	strb	w4, [x0, x3]
	add	x3, x3, #1
	cbnz	w4, 1b
	sub	x0, x3, #1
	ret
2:	mov	x0, #-2
	ret
end user_string

/*
 * long user_word(uint32_t *to, const uint32_t *from): returns 0, or -1: a fault, never resolved
 * here.
 */
function user_word
	ldr	w2, [x1]
	str	w2, [x0]
	mov	x0, #0
	ret
end user_word

	.type	user_fail, %function
user_fail:
	mov	x0, #-1
	ret
end user_fail

	fixup	user_copy, user_string, user_fail, 1
	fixup	user_string, user_word, user_fail, 1
	fixup	user_word, user_fail, user_fail, 0

/* void *memcpy(void *restrict to, const void *restrict from, size_t count) */
function memcpy
	mov	x11, x0
	copy_bytes
	mov	x0, x11
	ret
end memcpy

/*
 * void *memset(void *to, int byte, size_t count): zeros of 256 bytes and more go by whole cache
 * lines (DC ZVA) where these are 64 bytes.
 *
 *	x1 pattern	x2 bytes left	x3 to
 */
function memset
	mov	x3, x0
	and	x1, x1, #0xff
	orr	x1, x1, x1, lsl #8
	orr	x1, x1, x1, lsl #16
	orr	x1, x1, x1, lsl #32
	cbnz	x1, 2f
	cmp	x2, #256
	b.lo	2f
	mrs	x4, dczid_el0
	cmp	x4, #4				/* allowed, 4 << 4 bytes */
	b.ne	2f
	stp	xzr, xzr, [x3]			/* to the first line and maybe beyond */
	stp	xzr, xzr, [x3, #16]
	stp	xzr, xzr, [x3, #32]
	stp	xzr, xzr, [x3, #48]
	add	x4, x3, #63
	and	x4, x4, #~63
	sub	x5, x4, x3
	sub	x2, x2, x5
	mov	x3, x4
	cmp	x2, #256
	b.lo	2f
1:	dc	zva, x3
	add	x3, x3, #64
	dc	zva, x3
	add	x3, x3, #64
	dc	zva, x3
	add	x3, x3, #64
	dc	zva, x3
	add	x3, x3, #64
	sub	x2, x2, #256
	cmp	x2, #256
	b.hs	1b
2:	cmp	x2, #16
	b.lo	4f
3:	stp	x1, x1, [x3], #16
	sub	x2, x2, #16
	cmp	x2, #16
	b.hs	3b
4:	tbz	x2, #3, 5f
	str	x1, [x3], #8
5:	tbz	x2, #2, 6f
	str	w1, [x3], #4
6:	tbz	x2, #1, 7f
	strh	w1, [x3], #2
7:	tbz	x2, #0, 8f
	strb	w1, [x3]
8:	ret
end memset
