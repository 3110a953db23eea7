/* A machine that starts again: a triple fault, or a PSCI reset. */
#include "guest.h"

int
behave(void)
{
	machine_reset();
}
