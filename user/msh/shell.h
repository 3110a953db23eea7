/*
 * What the files of msh share. One thread, one shell.
 *
 *	main.c -> run.c -> builtin.c			commands the shell does itself
 *	                -> program.c -> proc | rescue.c	programs
 *	                -> jobs.c			waiting for them, in front or in the background
 *	everything -> files.c (descriptors, paths), terminal.c (line editing)
 */
#ifndef MSH_SHELL_H
#define MSH_SHELL_H

#include "line/line.h"
#include <proto/types.h>

#define FDS		10		/* descriptors 0 to 9 can be redirected */
#define PATH_SIZE	1024		/* bytes, as in the protocols */

#define STATUS_SYNTAX		2
#define STATUS_NOT_EXECUTABLE	126
#define STATUS_NOT_FOUND	127
#define STATUS_SIGNAL		128	/* + the signal */

struct shell {
	int status;			/* of the last command */
	int32_t pid;
	int32_t background;		/* pid of the last program in the background, 0: none yet */
	int output_error;		/* of file_print, since a command of the shell itself began; 0: none */
	bool exiting;
	bool interactive;
	bool interrupted;		/* ^C ended a program, or ^Z stopped it: the rest of the line is dropped */
	uint64_t keys_ignored;		/* signals of keys that are for programs only: bit n - 1 is signal n */
	mach_port_t fds[FDS];		/* the shell's own descriptors */
	mach_port_t complaints;		/* descriptor 2 of the command that is being started, or the shell's own */
	mach_port_t root, cwd;
};

extern struct shell shell;

/* --- files.c. Errors are errno values --- */

/* Prints to a descriptor's port; what cannot be written is dropped, and noted in shell.output_error. */
void
file_print(mach_port_t port, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Writes all of it. Returns 0 or an error. */
int
file_write(mach_port_t port, const char *bytes, size_t count);

/* Reads at most `size` bytes; *count 0: end of file. */
int
file_read(mach_port_t port, char *bytes, uint32_t size, uint32_t *count);

/* Opens a file; flags are IO_O_*. The port is the caller's. */
int
file_open(const char *path, uint32_t flags, mach_port_t *port);

/* A new pipe; the ports are the caller's. */
int
pipe_create(mach_port_t *reader, mach_port_t *writer);

/* A pipe that holds these bytes, and has no writer. E2BIG: it does not take so many. */
int
pipe_filled(const char *bytes, size_t count, mach_port_t *reader);

/* One more holder of a port, who closes it too. */
int
file_hold(mach_port_t port);

void
file_close(mach_port_t port);

/* Makes a directory the working directory. */
int
directory_change(const char *path);

/* The path of the working directory. */
int
directory_name(char *path);

bool
file_exists(const char *path);

/* Calls visit for every name in a directory, in no order. Returns 0 or an error. */
int
directory_visit(const char *path, void (*visit)(const char *name));

/* Prints the names in a directory, some to a row. */
int
directory_list(mach_port_t out, const char *path);

/* "msh: ..." with a newline on descriptor 2, the command's if it has one of its own. Returns status 1. */
int
complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* What an error of a server means, for people. */
const char *
error_text(int error);

/* --- program.c --- */

/* A program that shall run. */
struct program {
	char **argv;
	const char *arguments;		/* the same, one after the other, each ended by a 0 */
	uint32_t arguments_size;	/* bytes */
	mach_port_t fds[FDS];
	bool background;
	int32_t group;			/* in a shell for people: to join; 0: a new one */
};

/* A command of a pipeline. */
struct started {
	int32_t pid;			/* 0: no program runs, and status is known */
	int32_t group;			/* its process group; 0: the shell's own */
	int status;
	char name[32];
};

/*
 * Starts a program. program->group becomes 0 if nobody of that group is left, and the program leads a new one. Returns 0; else there is none, and
 * it is the status; errors are told. As task 1 it has run to its end then.
 */
int
program_start(struct program *program, int32_t *pid);

/* Sends a signal. Returns 0 or an error. */
int
program_kill(int32_t pid, int signal);

/* A group that is stopped goes on. Of a shell for people. */
void
program_continue(int32_t group);

/* --- jobs.c --- */

/*
 * Waits for the programs of a pipeline until they end or stop, or leaves them in the background. Returns the status of the last one, or 128 + the
 * signal that stopped one.
 */
int
program_finish(const struct started *started, unsigned count, bool background);

/* Looks after programs in the background that have ended or stopped, without waiting. */
void
program_reap(void);

/*
 * Waits for one program in the background (-1: for all). Returns its status, or 127 if there is
 * none.
 */
int
program_wait(int32_t pid);

/* Prints the programs in the background. */
void
program_list(mach_port_t out);

/* The pipeline of a program in the background goes on, in front or where it is; 0: the latest, stopped ones first. Return a status. */
int
program_front(int32_t pid);

int
program_back(int32_t pid);

/* Whether the shell may end: not when programs are stopped, unless that was told before. */
bool
program_may_leave(void);

/* "terminated", or NULL for a signal without a name of its own here. */
const char *
signal_text(int signal);

/* --- rescue.c: without a process server, as task 1 or init's last resort --- */

/* Looks for the privileged ports: who has them, and is no process, has the machine for itself. */
void
rescue_init(void);

bool
rescue_mode(void);

/* The console, in rescue mode: there is no terminal. */
mach_port_t
rescue_console(void);

/* Stops the machine as bootstrap_shutdown does. Returns the error. */
kern_return_t
rescue_shutdown(uint32_t flags, int status);

/* Runs a program of the boot archive to its end. Returns its status; errors are told. */
int
rescue_run(const struct program *program);

/* Prints the programs there are. */
void
rescue_list(mach_port_t out);

/* --- run.c --- */

/*
 * Runs the lines of a text; shell.status is the status. `all`: no more will follow, and what does not end is an error; else the last line may
 * not be complete. Errors are told; they end a shell for machines. Returns what was not run: a line that has begun, or "".
 */
const char *
run_text(const char *text, bool all);

/* --- builtin.c --- */

typedef int (*builtin)(int argc, char **argv, mach_port_t out);

/* NULL: the name is no command of the shell itself. */
builtin
builtin_find(const char *name);

/* --- terminal.c --- */

/* Whether descriptor 0 is a terminal (or the console), which is then made ready. */
bool
terminal_start(void);

/*
 * Reads a line with editing; `mark` (less than 80 bytes) stands before the prompt. Returns LINE_DONE: *text is the line; LINE_MORE: the terminal
 * is gone; LINE_END; LINE_INTERRUPTED, LINE_TOO_LONG: shell.status is set, and errors are told.
 */
enum line_event
terminal_line(const char *mark, const char *prompt, const char **text);

/*
 * A program runs in front: until the next terminal_line the terminal works as programs expect (settings NULL), or as it was when the program
 * stopped. group: who gets ^C; 0: not known yet.
 */
void
terminal_lend(int32_t group, const struct tty_settings *settings);

/* The shell is in front again. */
void
terminal_take(void);

/* As programs expect it: for who has ended without leaving it so, and when the shell ends. */
void
terminal_reset(void);

/* How a program has left the terminal. Returns false: it is none. */
bool
terminal_settings(struct tty_settings *settings);

#endif
