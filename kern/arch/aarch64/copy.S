/*
 * Moving bytes: user memory, and the kernel's own memcpy and memset (they take the place of the
 * portable ones in lib/libc/string).
 *
 * User copies: a fault that cannot be resolved continues at copy_fail or user_fail. For the string and
 * the word usercopy.c has checked the range and opened user memory to the kernel.
 */
#include "asm.h"

#define USER_END	0x7ffffffff000	/* VM_MAX_ADDRESS */

/*
 * Opening and closing user memory where the CPU has PAN: without it the instruction does not exist, so
 * no-operations stand here and cpu_init writes the instructions over them, as the list says. An
 * exception closes user memory by itself and its return restores it.
 */
#define PAN_OPEN	0xd500409f	/* msr pan, #0 */
#define PAN_CLOSE	0xd500419f	/* msr pan, #1 */

.macro	pan_patch instruction
771:	nop
	.pushsection .pan_patches, "a"
	.quad	771b, \instruction
	.popsection
.endm

/*
 * Copies x2 bytes from x1 to x0, any alignment; x0-x2 change, x3-x10 are used. Sixteen bytes an
 * instruction, first 64 at a time. Small messages are what it sees most: what is a multiple of 64
 * ends early.
 */
.macro	copy_bytes
	subs	x2, x2, #64
	b.lo	2f
1:	ldp	x3, x4, [x1], #16
	ldp	x5, x6, [x1], #16
	ldp	x7, x8, [x1], #16
	ldp	x9, x10, [x1], #16
	stp	x3, x4, [x0], #16
	stp	x5, x6, [x0], #16
	stp	x7, x8, [x0], #16
	stp	x9, x10, [x0], #16
	subs	x2, x2, #64
	b.hs	1b
2:	adds	x2, x2, #64
	b.eq	8f
	tbz	x2, #5, 3f
	ldp	x3, x4, [x1], #16
	ldp	x5, x6, [x1], #16
	stp	x3, x4, [x0], #16
	stp	x5, x6, [x0], #16
3:	tbz	x2, #4, 4f
	ldp	x3, x4, [x1], #16
	stp	x3, x4, [x0], #16
4:	tbz	x2, #3, 5f
	ldr	x3, [x1], #8
	str	x3, [x0], #8
5:	tst	x2, #7
	b.eq	8f
	tbz	x2, #2, 6f
	ldr	w3, [x1], #4
	str	w3, [x0], #4
6:	tbz	x2, #1, 7f
	ldrh	w3, [x1], #2
	strh	w3, [x0], #2
7:	tbz	x2, #0, 8f
	ldrb	w3, [x1]
	strb	w3, [x0]
8:
.endm

/* The same for a multiple of 8 bytes. */
.macro	copy_words
	subs	x2, x2, #64
	b.lo	2f
1:	ldp	x3, x4, [x1], #16
	ldp	x5, x6, [x1], #16
	ldp	x7, x8, [x1], #16
	ldp	x9, x10, [x1], #16
	stp	x3, x4, [x0], #16
	stp	x5, x6, [x0], #16
	stp	x7, x8, [x0], #16
	stp	x9, x10, [x0], #16
	subs	x2, x2, #64
	b.hs	1b
2:	tbz	x2, #5, 3f
	ldp	x3, x4, [x1], #16
	ldp	x5, x6, [x1], #16
	stp	x3, x4, [x0], #16
	stp	x5, x6, [x0], #16
3:	tbz	x2, #4, 4f
	ldp	x3, x4, [x1], #16
	stp	x3, x4, [x0], #16
4:	tbz	x2, #3, 8f
	ldr	x3, [x1]
	str	x3, [x0]
8:
.endm

/* user_bad unless [address, address + x2) lies in the user's half; x3 changes. */
.macro	range_check address
	mov	x3, #USER_END
	subs	x3, x3, x2
	ccmp	\address, x3, #2, hs	/* too long counts as "higher" */
	b.hi	user_bad
.endm

/*
 * bool copyin(void *to, uint64_t user_from, size_t bytes)
 * bool copyout(uint64_t user_to, const void *from, size_t bytes)
 * bool copyout_resident(the same, bytes a multiple of 8)
 */
function copyin
	range_check x1
	pan_patch PAN_OPEN
	copy_bytes
	pan_patch PAN_CLOSE
	mov	w0, #1
	ret
end copyin

function copyout
	range_check x0
	pan_patch PAN_OPEN
	copy_bytes
	pan_patch PAN_CLOSE
	mov	w0, #1
	ret
end copyout

function copyout_resident
	range_check x0
	pan_patch PAN_OPEN
	copy_words
	pan_patch PAN_CLOSE
	mov	w0, #1
	ret
end copyout_resident

	.type	copy_fail, %function
copy_fail:
	pan_patch PAN_CLOSE
user_bad:
	mov	w0, #0
	ret
end copy_fail

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

	fixup	copyin, copyout_resident, copy_fail, 1
	fixup	copyout_resident, copy_fail, copy_fail, 0
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
