/* Inside a jmp_buf, for those who look at it: see <arch>/setjmp.S. */
#ifndef LIBC_SETJMP_JMP_H
#define LIBC_SETJMP_JMP_H

#include <setjmp.h>

/* The word with the stack pointer behind those that setjmp's machine saves before it. */
extern const unsigned char __jmp_sp;
#define JMP_SP	__jmp_sp

/* The jump itself; longjmp (lib/posix) leaves signal handlers before. */
_Noreturn void __longjmp(jmp_buf place, int value);

#endif
