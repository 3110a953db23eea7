/* GNU's names for what fenv_traps.h does. */
#define _GNU_SOURCE
#include <fenv.h>

#include "fenv_traps.h"

int
feenableexcept(int exceptions)
{
	return __fe_traps(exceptions & FE_ALL_EXCEPT, 0);
}

int
fedisableexcept(int exceptions)
{
	return __fe_traps(0, exceptions & FE_ALL_EXCEPT);
}

int
fegetexcept(void)
{
	return __fe_traps(0, 0);
}
