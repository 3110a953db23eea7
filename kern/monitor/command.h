/*
 * Inside kern/monitor: what a command is, and what commands share.
 *
 * A command is a function of its words that prints and returns a status; the table entry tells how
 * many arguments it takes. Groups of commands are arrays that end with a NULL name; table.c lists
 * the groups. Of two commands with one name the first counts: a group of a higher layer stands
 * before the one whose command it extends.
 */
#ifndef MONITOR_COMMAND_H
#define MONITOR_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct command {
	const char *name;
	const char *usage;		/* its arguments */
	const char *help;		/* one line */
	int least, most;		/* arguments it takes */
	/* argv[0] is the name; argv[argc] is NULL. Returns the status */
	int (*run)(int argc, char **argv);
};

#define STATUS_FAILED		1
#define STATUS_USAGE		2
#define STATUS_UNKNOWN		127

#define ARGUMENTS_MAX		32

extern const struct command *const command_groups[];	/* ends with NULL */

/* NULL: there is none of that name. */
const struct command *command_find(const char *name);

/* Prints "kmsh: ..." with a newline. Returns STATUS_FAILED. */
int complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A number from 0 to `most`. Returns false: it is none; an error that names it is printed. */
bool argument_number(const char *word, const char *what, uint64_t most, uint64_t *value);

/* The command line's parts of the monitor, for `continue`. */
void monitor_leave(void);

/* --- shared by commands of more than one layer --- */

struct pmap;

/* Prints the walk and what the address is mapped to in the pmap. Returns the status. */
int translate_in(struct pmap *pmap, const char *word);

/* `memory`: prints frames and heap. */
int memory_print(void);

/*
 * `memory -q`: drains this CPU's caches of frames and heap; prints `key value` lines of frames and
 * heap.
 */
void memory_drain(void);
void memory_print_terse(void);

struct thread;

/* Layer 2: what a thread is, for lists of CPUs. */
void thread_describe(const struct thread *thread, char *buffer, size_t size);

#endif
