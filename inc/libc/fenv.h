/* Floating-point environment (C11 7.6); the numbers are the machine's (Arm ARM C5.2.8 FPCR, FPSR; Intel SDM vol. 1, 8.1.4, 10.2.3). */
#ifndef _FENV_H
#define _FENV_H

#include <bits/features.h>

#ifdef __aarch64__
#define FE_INVALID	1
#define FE_DIVBYZERO	2
#define FE_OVERFLOW	4
#define FE_UNDERFLOW	8
#define FE_INEXACT	16

#define FE_TONEAREST	0
#define FE_UPWARD	0x400000
#define FE_DOWNWARD	0x800000
#define FE_TOWARDZERO	0xc00000

typedef unsigned fexcept_t;

typedef struct {
	unsigned __control, __status;	/* FPCR, FPSR */
} fenv_t;
#else
#define FE_INVALID	1
#define FE_DIVBYZERO	4
#define FE_OVERFLOW	8
#define FE_UNDERFLOW	16
#define FE_INEXACT	32

#define FE_TONEAREST	0
#define FE_DOWNWARD	0x400
#define FE_UPWARD	0x800
#define FE_TOWARDZERO	0xc00

typedef unsigned short fexcept_t;

typedef struct {
	unsigned __x87[7];		/* as fnstenv stores it */
	unsigned __mxcsr;
} fenv_t;
#endif

#define FE_ALL_EXCEPT	(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW | FE_UNDERFLOW | FE_INEXACT)
#define FE_DFL_ENV	((const fenv_t *)-1)

int feclearexcept(int exceptions);
int fegetexceptflag(fexcept_t *flags, int exceptions);
int feraiseexcept(int exceptions);
int fesetexceptflag(const fexcept_t *flags, int exceptions);
int fetestexcept(int exceptions);
int fegetround(void);
int fesetround(int mode);
int fegetenv(fenv_t *environment);
int feholdexcept(fenv_t *environment);
int fesetenv(const fenv_t *environment);
int feupdateenv(const fenv_t *environment);
#ifdef _MACHR_GNU
/*
 * Exceptions that end in SIGFPE. Each returns those that were enabled before; -1: the machine cannot (on aarch64 a CPU need not be able
 * to). QEMU without hardware virtualisation traps only in x87 code, that is in long double.
 */
int feenableexcept(int exceptions);
int fedisableexcept(int exceptions);
int fegetexcept(void);
#endif

#endif
