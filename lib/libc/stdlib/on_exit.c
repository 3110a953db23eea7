/* SunOS's atexit. */
#include <stdlib.h>

#include "exit.h"

int
on_exit(void (*function)(int status, void *argument), void *argument)
{
	return __exit_register((struct exit_function){ .told = function, .argument = argument });
}
