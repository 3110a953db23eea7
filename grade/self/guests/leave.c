/* A machine that is switched off in the middle with the status of success. */
#include "guest.h"

int
behave(void)
{
	machine_poweroff(0);
}
