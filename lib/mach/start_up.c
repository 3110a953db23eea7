/* The start of servers and boot programs: crt0 comes here, from here to main(). See startup.h. */
#include "mach/startup.h"

int
main(int argc, char **argv);

static void
run_main(int argc, char **argv)
{
	main(argc, argv);
}

_Noreturn void
start_up(uint64_t *stack);

void
start_up(uint64_t *stack)
{
	startup_enter(stack, run_main);
}
