/*
 * Stand-ins for what msh asks the system for: they note what they are asked.
 */
#ifndef GRADE_UNIT_MSH_MOCK_H
#define GRADE_UNIT_MSH_MOCK_H

#include "shell.h"
#include "expand.h"
#include "vars.h"
#include "unit.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>


static char notes[20000];
static int open_files;
static unsigned mismatches;			/* between argv and the block of arguments */
static int allocations_left = -1;	/* -1: no limit */

static void
note(const char *format, ...)
{
	size_t used = strlen(notes);
	va_list args;

	va_start(args, format);
	vsnprintf(notes + used, sizeof(notes) - used, format, args);
	va_end(args);
}

void *
heap_alloc(size_t size)
{
	if (allocations_left == 0)
		return NULL;
	allocations_left -= allocations_left > 0;
	return malloc(size);
}

void
heap_free(void *block)
{
	free(block);
}

char *
heap_string(const char *string)
{
	char *copy = heap_alloc(strlen(string) + 1);

	return copy != NULL ? strcpy(copy, string) : NULL;
}

int
complain(const char *format, ...)
{
	char text[400];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	note("!%s!", text);
	return 1;
}

const char *
error_text(int error)
{
	return strerror(error);
}

/* A file "fN" gets port 100 + N; others do not exist. */
int
file_open(const char *path, uint32_t flags, mach_port_t *port)
{
	if (strcmp(path, "/dev/null") == 0)
		*port = 50;
	else if (path[0] == 'f')
		*port = 100 + (mach_port_t)atoi(path + 1);
	else
		return ENOENT;
	note("<%s %x>", path, flags);
	open_files++;
	return 0;
}

int
file_hold(mach_port_t port)
{
	open_files++;
	return 0;
}

void
file_close(mach_port_t port)
{
	open_files--;
}

/* A pipe has ports 201 and 202, the next one 203 and 204 ... */
static mach_port_t last_pipe;
static int pipes_left;

int
pipe_create(mach_port_t *reader, mach_port_t *writer)
{
	if (pipes_left-- == 0)
		return ENFILE;
	*reader = ++last_pipe;
	*writer = ++last_pipe;
	open_files += 2;
	return 0;
}

/* The working directory has b.c, a.c, d and .hidden, d has x.c and y, and / has d. */
int
directory_visit(const char *path, void (*visit)(const char *name))
{
	bool inside = strcmp(path, "d/") == 0 || strcmp(path, "/d/") == 0;

	if (strcmp(path, ".") == 0) {
		visit(".");
		visit("..");
		visit(".hidden");
		visit("b.c");
		visit("a.c");
	}
	if (strcmp(path, ".") == 0 || strcmp(path, "/") == 0)
		visit("d");
	if (inside) {
		visit("y");
		visit("x.c");
	}
	return 0;
}

bool
file_exists(const char *path)
{
	static const char *const paths[] = { "a.c", "b.c", ".hidden", "d", "d/", "d/x.c", "d/y", "/d", "/d/x.c", "/d/y", "." };

	for (unsigned i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		if (strcmp(paths[i], path) == 0)
			return true;
	return false;
}

/* Of descriptor 70, with the bytes noted. */
int
pipe_filled(const char *bytes, size_t count, mach_port_t *reader)
{
	if (pipes_left-- == 0)
		return ENFILE;
	note("<<%.*s>>", (int)count, bytes);
	*reader = 70;
	open_files++;
	return 0;
}

static int results[100];			/* by pid */
static int32_t last_pid;

/*
 * Notes words and redirected descriptors. The status: the number behind "status", 1 for false, else
 * 0. "missing" is none.
 */
int
program_start(struct program *program, int32_t *pid)
{
	const char *at = program->arguments;

	for (int i = 0; program->argv[i] != NULL; i++) {
		note("[%s]", program->argv[i]);
		if (at != program->argv[i])
			mismatches++;
		at += strlen(at) + 1;
	}
	if (at != program->arguments + program->arguments_size)
		mismatches++;
	for (unsigned i = 0; i < FDS; i++)
		if (program->fds[i] != shell.fds[i])
			note("%u=%u", i, program->fds[i]);
	if (program->group != 0)
		note("/%d", program->group);
	note(program->background ? "&" : ".");
	if (strcmp(program->argv[0], "env") == 0) {
		char text[200] = "";
		long size = var_environment(text, sizeof(text));

		for (long i = 0; i < size; i += (long)strlen(text + i) + 1)
			note("(%s)", text + i);
	}
	if (strcmp(program->argv[0], "interrupt") == 0)
		shell.interrupted = true;
	*pid = 0;
	if (strcmp(program->argv[0], "missing") == 0)
		return 127;
	*pid = ++last_pid;
	results[*pid] = strcmp(program->argv[0], "false") == 0 ? 1 : strcmp(program->argv[0], "status") == 0 ? atoi(program->argv[1]) : 0;
	return 0;
}

int
program_finish(const struct started *started, unsigned count, bool background)
{
	int status = 0;

	if (count > 1)
		note("wait %u", count);
	for (unsigned i = 0; i < count; i++)
		status = started[i].pid != 0 && !background ? results[started[i].pid] : started[i].status;
	return status;
}

static int
note_builtin(int argc, char **argv, mach_port_t out)
{
	note("{%s %d %u}", argv[0], argc, out);
	if (strcmp(argv[0], "exit") == 0)
		shell.exiting = true;
	return 0;
}

builtin
builtin_find(const char *name)
{
	return strcmp(name, "cd") == 0 || strcmp(name, "exit") == 0 ? note_builtin : NULL;
}

/* Runs a line in a fresh shell (but for variables); what was noted. */
static const char *
run(const char *line)
{
	notes[0] = 0;
	shell = (struct shell){ .interactive = true, .pid = 7, .fds = { 1, 2, 3 }, .status = 5 };
	open_files = 0;
	last_pipe = 200;
	pipes_left = 100;
	last_pid = 0;
	run_text(line, true);
	if (open_files != 0)
		note("(%d files left open)", open_files);
	return notes;
}

#endif
