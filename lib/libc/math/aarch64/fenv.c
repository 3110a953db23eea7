/* The floating-point environment (C11 7.6): FPCR holds the rounding mode, FPSR the exceptions (Arm ARM C5.2.8, C5.2.10). */
#include <fenv.h>

#include "../fenv_traps.h"

#define TRAPS	8			/* how much further up in FPCR the exceptions stand that trap */

static unsigned
control_get(void)
{
	unsigned long value;

	__asm__ volatile("mrs %0, fpcr" : "=r"(value));
	return value;
}

static void
control_set(unsigned long value)
{
	__asm__ volatile("msr fpcr, %0" : : "r"(value));
}

static unsigned
status_get(void)
{
	unsigned long value;

	__asm__ volatile("mrs %0, fpsr" : "=r"(value));
	return value;
}

static void
status_set(unsigned long value)
{
	__asm__ volatile("msr fpsr, %0" : : "r"(value));
}

int
feclearexcept(int exceptions)
{
	status_set(status_get() & ~(exceptions & FE_ALL_EXCEPT));
	return 0;
}

int
feraiseexcept(int exceptions)
{
	status_set(status_get() | (exceptions & FE_ALL_EXCEPT));
	return 0;
}

int
fetestexcept(int exceptions)
{
	return status_get() & exceptions & FE_ALL_EXCEPT;
}

int
fegetround(void)
{
	return control_get() & FE_TOWARDZERO;
}

int
fesetround(int mode)
{
	if ((mode & ~FE_TOWARDZERO) != 0)
		return 1;
	control_set((control_get() & ~FE_TOWARDZERO) | mode);
	return 0;
}

int
fegetenv(fenv_t *environment)
{
	*environment = (fenv_t){ control_get(), status_get() };
	return 0;
}

int
fesetenv(const fenv_t *environment)
{
	fenv_t usual = { 0, 0 };

	if (environment == FE_DFL_ENV)
		environment = &usual;
	control_set(environment->__control);
	status_set(environment->__status);
	return 0;
}

/* Where exceptions cannot trap, the bits stay zero. */
int
__fe_traps(int on, int off)
{
	int before = control_get() >> TRAPS & FE_ALL_EXCEPT, wanted = (before & ~off) | on;

	if (wanted != before)
		control_set((control_get() & ~((unsigned)FE_ALL_EXCEPT << TRAPS)) | (unsigned)wanted << TRAPS);
	return (control_get() >> TRAPS & FE_ALL_EXCEPT) == (unsigned)wanted ? before : -1;
}
