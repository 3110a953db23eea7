/* Nobody counts how many threads were ready to run over the last minutes, so there is no average to tell. */
#define _DEFAULT_SOURCE
#include <stdlib.h>

int
getloadavg(double *averages, int count)
{
	(void)averages, (void)count;
	return -1;
}
