/* A guest with nothing wrong. */
#include "guest.h"

int
behave(void)
{
	return 3;
}
