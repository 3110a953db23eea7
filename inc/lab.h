/*
 * The course's marks, known to every file (the compiler is told to include this). See labs/README.md.
 */
#ifndef LAB_H
#define LAB_H

#ifndef __ASSEMBLER__

/* A function a grader stops at: it is called, never inlined. */
#define LAB_PROBE __attribute__((noinline, noclone))

/*
 * Stands where an exercise is not solved. Says so on the console; then, in the kernel, the machine stands still but for the monitor, which
 * gives status 125; a program ends with that status. Never returns.
 */
_Noreturn void lab_todo(const char *exercise);

#elif __has_include("lab_asm.h")
#include "lab_asm.h"			/* LAB_TODO "1.3": the same in the kernel's assembly */
#endif

#endif
