/*
 * Jumps between functions (C11 7.13, POSIX.1-2017 <setjmp.h>). The registers that calls preserve are saved, see
 * lib/libc/setjmp; 22 words are enough for both machines. setjmp does not save the signal mask.
 */
#ifndef _SETJMP_H
#define _SETJMP_H

#include <bits/features.h>

typedef unsigned long jmp_buf[22];

__attribute__((__returns_twice__)) int setjmp(jmp_buf place);
_Noreturn void longjmp(jmp_buf place, int value);
#define setjmp(place)	setjmp(place)

#ifdef _MACHR_XSI
__attribute__((__returns_twice__)) int _setjmp(jmp_buf place);
_Noreturn void _longjmp(jmp_buf place, int value);
#endif

#endif
