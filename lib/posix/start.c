/*
 * The start of a POSIX program: from crt0 to main, and to exit with what main returned.
 */
#include <stdlib.h>
#include <unistd.h>

#include "mach/startup.h"
#include "posix.h"

char **environ;
_Thread_local int errno;

int main(int argc, char **argv, char **environment);

static void
run_main(int argc, char **argv)
{
	environ = startup_environment;
	fd_start();
	exit(main(argc, argv, environ));
}

_Noreturn void start_up(uint64_t *stack);

void
start_up(uint64_t *stack)
{
	startup_enter(stack, run_main);
}
