/* A machine that is switched off in the middle, with a status of its own. */
#include "guest.h"

int
behave(void)
{
	machine_poweroff(7);
}
