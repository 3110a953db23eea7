/*
 * The floating-point environment (C11 7.6). There are two: SSE's MXCSR for float and double, x87's control and status words for long double
 * (Intel SDM vol. 1, 8.1.3 - 8.1.5, 10.2.3). Both get the same rounding mode and the same traps; exceptions are those of either.
 */
#include <fenv.h>

#include "../fenv_traps.h"

#define X87_STATUS	1		/* words of fnstenv's 7 */
#define MXCSR_USUAL	0x1f80		/* all exceptions masked, nearest */
#define MXCSR_MASK	7		/* how much further up the exceptions stand that do not trap */
#define MXCSR_ROUND	3		/* how much further up its rounding mode stands */

static unsigned
mxcsr_get(void)
{
	unsigned value;

	__asm__ volatile("stmxcsr %0" : "=m"(value));
	return value;
}

static void
mxcsr_set(unsigned value)
{
	__asm__ volatile("ldmxcsr %0" : : "m"(value));
}

/* fnstenv masks all exceptions, hence fldenv behind it. */
static void
x87_get(unsigned *environment)
{
	__asm__ volatile("fnstenv (%0); fldenv (%0)" : : "r"(environment) : "memory");
}

static void
x87_set(const unsigned *environment)
{
	__asm__ volatile("fldenv (%0)" : : "r"(environment) : "memory");
}

static unsigned
x87_status(void)
{
	unsigned short status;

	__asm__ volatile("fnstsw %0" : "=m"(status));
	return status;
}

int
feclearexcept(int exceptions)
{
	unsigned environment[7];

	exceptions &= FE_ALL_EXCEPT;
	x87_get(environment);
	environment[X87_STATUS] &= ~(unsigned)exceptions;
	x87_set(environment);
	mxcsr_set(mxcsr_get() & ~(unsigned)exceptions);
	return 0;
}

int
feraiseexcept(int exceptions)
{
	mxcsr_set(mxcsr_get() | (exceptions & FE_ALL_EXCEPT));
	return 0;
}

int
fetestexcept(int exceptions)
{
	return (mxcsr_get() | x87_status()) & exceptions & FE_ALL_EXCEPT;
}

int
fegetround(void)
{
	return mxcsr_get() >> MXCSR_ROUND & FE_TOWARDZERO;
}

int
fesetround(int mode)
{
	unsigned short control;

	if ((mode & ~FE_TOWARDZERO) != 0)
		return 1;
	__asm__ volatile("fnstcw %0" : "=m"(control));
	control = (control & ~FE_TOWARDZERO) | mode;
	__asm__ volatile("fldcw %0" : : "m"(control));
	mxcsr_set((mxcsr_get() & ~(FE_TOWARDZERO << MXCSR_ROUND)) | mode << MXCSR_ROUND);
	return 0;
}

int
fegetenv(fenv_t *environment)
{
	x87_get(environment->__x87);
	environment->__mxcsr = mxcsr_get();
	return 0;
}

int
fesetenv(const fenv_t *environment)
{
	static const fenv_t usual = { { 0xffff037f, 0xffff0000, 0xffffffff, 0, 0, 0, 0 }, MXCSR_USUAL };

	if (environment == FE_DFL_ENV)
		environment = &usual;
	x87_set(environment->__x87);
	mxcsr_set(environment->__mxcsr);
	return 0;
}

int
__fe_traps(int on, int off)
{
	int before = ~(mxcsr_get() >> MXCSR_MASK) & FE_ALL_EXCEPT, masked = ((~before & FE_ALL_EXCEPT) | off) & ~on;
	unsigned short control;

	if (on == 0 && off == 0)
		return before;
	__asm__ volatile("fnstcw %0" : "=m"(control));
	control = (control & ~FE_ALL_EXCEPT) | masked;
	__asm__ volatile("fldcw %0" : : "m"(control));
	mxcsr_set((mxcsr_get() & ~((unsigned)FE_ALL_EXCEPT << MXCSR_MASK)) | (unsigned)masked << MXCSR_MASK);
	return before;
}
