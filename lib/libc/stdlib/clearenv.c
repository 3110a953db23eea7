#include <stdlib.h>
#include <unistd.h>

#include "environment.h"

int
clearenv(void)
{
	while (environ != NULL && *environ != NULL)
		__environment_remove(0);
	return 0;
}
