/*
 * The start of a POSIX program: from crt0 to its constructors, to main, and to exit with what main returned. Its destructors run behind all functions
 * that atexit was told of.
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

/* conf/user.ld: constructors and destructors, those with priorities in their order. */
extern void (*const __init_array_start[])(int, char **, char **), (*const __init_array_end[])(int, char **, char **);
extern void (*const __fini_array_start[])(void), (*const __fini_array_end[])(void);

static void
destruct(void)
{
	for (void (*const *f)(void) = __fini_array_end; f > __fini_array_start;)
		(*--f)();
}

static void
construct(int argc, char **argv)
{
	if (&__fini_array_start[0] < &__fini_array_end[0])
		atexit(destruct);
	for (void (*const *f)(int, char **, char **) = __init_array_start; f < __init_array_end; f++)
		(*f)(argc, argv, environ);
}

static void
run_main(int argc, char **argv)
{
	environ = startup_environment;
	fd_start();
	signal_start();
	if (argc > 0)
		__program_name_set(argv[0]);
	construct(argc, argv);
	exit(main(argc, argv, environ));
}

_Noreturn void start_up(uint64_t *stack);

void
start_up(uint64_t *stack)
{
	startup_enter(stack, run_main);
}
