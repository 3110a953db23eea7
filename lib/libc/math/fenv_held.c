/* What the floating-point environment's functions make of each other (C11 7.6.2.2, 7.6.2.4, 7.6.4.2, 7.6.4.4). */
#include <fenv.h>

#include "fenv_traps.h"

int
fegetexceptflag(fexcept_t *flags, int exceptions)
{
	*flags = fetestexcept(exceptions);
	return 0;
}

int
fesetexceptflag(const fexcept_t *flags, int exceptions)
{
	feclearexcept(exceptions);
	return feraiseexcept(*flags & exceptions);
}

int
feholdexcept(fenv_t *environment)
{
	fegetenv(environment);
	__fe_traps(0, FE_ALL_EXCEPT);
	return feclearexcept(FE_ALL_EXCEPT);
}

int
feupdateenv(const fenv_t *environment)
{
	int raised = fetestexcept(FE_ALL_EXCEPT);

	fesetenv(environment);
	return feraiseexcept(raised);
}
