/* Ending without atexit functions and streams (C11 7.22.4.3, 7.22.4.7). */
#include <stdlib.h>
#include <unistd.h>

#define FUNCTIONS_MAX 32		/* C11 7.22.4.3: at least 32 */

static void (*functions[FUNCTIONS_MAX])(void);
static unsigned count;

int
at_quick_exit(void (*function)(void))
{
	if (count == FUNCTIONS_MAX)
		return -1;
	functions[count++] = function;
	return 0;
}

void
quick_exit(int status)
{
	while (count > 0)
		functions[--count]();
	_exit(status);
}
