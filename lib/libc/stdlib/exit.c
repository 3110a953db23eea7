/* exit: functions registered with atexit in reverse order, then streams, then the process. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define ATEXIT_MAX 32			/* C11 7.22.4.2: at least 32 */

static void (*functions[ATEXIT_MAX])(void);
static unsigned count;

int
atexit(void (*function)(void))
{
	if (count == ATEXIT_MAX)
		return -1;
	functions[count++] = function;
	return 0;
}

void
exit(int status)
{
	while (count > 0)
		functions[--count]();
	fflush(NULL);
	_exit(status);
}
