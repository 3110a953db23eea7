/*
 * The start of a POSIX program: from crt0 to main, and to exit with what main returned.
 */
#include <stdlib.h>
#include <unistd.h>

#include "libc/misc/program_name.h"
#include "mach/startup.h"
#include "posix.h"
#include "signal/signals.h"

char **environ;

#undef errno
_Thread_local int errno;

int main(int argc, char **argv, char **environment);

static void
run_main(int argc, char **argv)
{
	environ = startup_environment;
	fd_start();
	signal_start();
	if (argc > 0)
		__program_name_set(argv[0]);
	exit(main(argc, argv, environ));
}

_Noreturn void start_up(uint64_t *stack);

void
start_up(uint64_t *stack)
{
	startup_enter(stack, run_main);
}
