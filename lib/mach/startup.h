/*
 * What a task was started with. crt0 calls start_up() with the initial stack pointer; it finds
 * the System V layout there (argc, argv, environment, auxiliary vector), sets up the main
 * thread's TLS and calls main(). Returning from main ends the task.
 */
#ifndef LIB_MACH_STARTUP_H
#define LIB_MACH_STARTUP_H

#include <proto/startup.h>

#define AT_NULL		0
#define AT_PHDR		3
#define AT_PHENT	4
#define AT_PHNUM	5
#define AT_PAGESZ	6
#define AT_ENTRY	9
#define AT_RANDOM	25

/* The start-up page; never NULL (an empty one if the task was given none). */
extern const struct startup_page *startup_info;

/* The environment, NULL-terminated. */
extern char **startup_environment;

/* An entry of the auxiliary vector, 0 if absent. */
uint64_t
startup_auxv(uint64_t type);

/*
 * Purpose: the common beginning of every program's start file: reads the stack, finds the
 * start-up page, gives the calling thread its TLS and goes on in go_on(argc, argv) on the same
 * stack.
 */
_Noreturn void
startup_enter(uint64_t *stack, void (*go_on)(int argc, char **argv));

/* Ends the task. */
_Noreturn void
task_exit(void);

#endif
