/*
 * Jumps between functions (C11 7.13, POSIX.1-2017 <setjmp.h>). The registers that calls preserve are saved, see
 * lib/libc/setjmp; 22 words are enough for both machines. setjmp does not save the signal mask; sigsetjmp does if it is asked to.
 */
#ifndef _SETJMP_H
#define _SETJMP_H

#include <bits/features.h>

typedef unsigned long jmp_buf[22];

__attribute__((__returns_twice__)) int setjmp(jmp_buf place);
_Noreturn void longjmp(jmp_buf place, int value);
#define setjmp(place)	setjmp(place)

#if _MACHR_POSIX
typedef unsigned long sigjmp_buf[24];	/* a jmp_buf, whether there is a mask, the mask */

unsigned long *__sigjmp_save(sigjmp_buf place, int save);
_Noreturn void siglongjmp(sigjmp_buf place, int value);
#define sigsetjmp(place, save)	setjmp(__sigjmp_save(place, save))
#endif

#ifdef _MACHR_XSI
__attribute__((__returns_twice__)) int _setjmp(jmp_buf place);
_Noreturn void _longjmp(jmp_buf place, int value);
#endif

#endif
