/*
 * From a path to a program that proc can start. See process.h.
 *
 * exec may be called in a signal handler or the child of a fork, so nothing here uses malloc: strings go into memory of their own.
 */
#include "process.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "fs.h"
#include "io.h"
#include "mach/mig.h"
#include "posix/memory.h"
#include "posix/signal/signals.h"

#define SCRIPT_LINE	256		/* bytes of a "#!" line that count */
#define SCRIPTS_DEEP	4		/* scripts whose interpreters are scripts */
#define ARGUMENTS_SIZE	(256u * 1024)	/* ELF_STRINGS_MAX of lib/mach: bytes of all strings */

void
program_keep(struct program_kept *keep)
{
	keep->kept = (struct startup_kept){ .root = root_directory(), .cwd = working_directory(), .umask = umask_bits(),
		.signals_blocked = signal_self()->mask };
	for (int i = 1; i <= (int)SIGNALS; i++)
		if (signal_page->actions[i].handler == SIGNAL_IGNORE)
			keep->kept.signals_ignored |= SIGNAL_BIT(i);
	keep->fd_count = fd_kept(keep->fds, STARTUP_FDS_MAX);
}

/* --- strings --- */

static size_t
list_size(char *const *list)
{
	size_t size = 0;

	for (unsigned i = 0; list != NULL && list[i] != NULL && size <= ARGUMENTS_SIZE; i++)
		size += strlen(list[i]) + 1;
	return size;
}

static uint32_t
put_list(char *to, char *const *list)
{
	char *at = to;

	for (unsigned i = 0; list != NULL && list[i] != NULL; i++)
		at = stpcpy(at, list[i]) + 1;
	return (uint32_t)(at - to);
}

static int
pack(struct program_strings *strings, char *const *argv, char *const *environment)
{
	size_t size = list_size(argv) + list_size(environment);

	if (size > ARGUMENTS_SIZE)
		return E2BIG;
	strings->size = (size + 4096) & ~(size_t)4095;
	strings->text = memory_map(strings->size);
	if (strings->text == NULL)
		return ENOMEM;
	strings->arguments = put_list(strings->text, argv);
	strings->environment = put_list(strings->text + strings->arguments, environment);
	return 0;
}

/* --- scripts --- */

/* The interpreter's path and its one argument, if there is one: "#! path argument". */
static char *
first_word(char *line, char **argument)
{
	char *word = line + 2 + strspn(line + 2, " \t"), *end = word + strcspn(word, " \t"), *rest = end + strspn(end, " \t");
	size_t length = strlen(rest);

	while (length > 0 && strchr(" \t\r", rest[length - 1]) != NULL)
		rest[--length] = 0;
	*end = 0;
	*argument = length > 0 && rest != end ? rest : NULL;
	return word;
}

/* The script's first line; ENOEXEC: it is no script, or the interpreter's path is longer than what counts. */
static int
read_line(mach_port_t file, char line[SCRIPT_LINE])
{
	uint32_t count = SCRIPT_LINE - 1;
	const char *path;

	if (io_read(file, 0, SCRIPT_LINE - 1, line, &count) != KERN_SUCCESS || count < 3 || line[0] != '#' || line[1] != '!')
		return ENOEXEC;
	line[count] = 0;
	path = line + 2 + strspn(line + 2, " \t");
	if (count == SCRIPT_LINE - 1 && path[strcspn(path, " \t\n")] == 0)
		return ENOEXEC;
	line[strcspn(line, "\n")] = 0;
	return 0;
}

static int open_and_run(int at, const char *path, char *const *argv, char *const *environment, program_start start, void *context,
	int depth);

/* argv becomes: interpreter, its argument, the script's path, what followed the script's argv[0]. */
static int
run_script(mach_port_t file, const char *path, char *const *argv, char *const *environment, program_start start, void *context, int depth)
{
	char line[SCRIPT_LINE], *argument, *interpreter, **changed;
	size_t count = 0, size;
	int error = read_line(file, line), n = 0;

	if (error != 0)
		return error;
	if (depth == SCRIPTS_DEEP)
		return ELOOP;
	interpreter = first_word(line, &argument);
	if (*interpreter == 0)
		return ENOEXEC;
	while (argv != NULL && argv[count] != NULL)
		count++;
	size = ((count + 4) * sizeof(*changed) + 4095) & ~(size_t)4095;
	changed = memory_map(size);
	if (changed == NULL)
		return ENOMEM;
	changed[n++] = interpreter;
	if (argument != NULL)
		changed[n++] = argument;
	changed[n++] = (char *)(uintptr_t)path;
	for (size_t i = 1; i < count; i++)
		changed[n++] = argv[i];
	error = open_and_run(AT_FDCWD, interpreter, changed, environment, start, context, depth + 1);
	memory_unmap(changed, size);
	return error;
}

static int
run_program(mach_port_t file, const char *name, char *const *argv, char *const *environment, program_start start, void *context)
{
	struct program_strings strings;
	int error = pack(&strings, argv, environment);

	if (error != 0)
		return error;
	error = start(context, file, name, &strings);
	memory_unmap(strings.text, strings.size);
	return error;
}

static int
run_file(mach_port_t file, const char *path, char *const *argv, char *const *environment, program_start start, void *context, int depth)
{
	int error = run_program(file, path, argv, environment, start, context);

	return error == ENOEXEC ? run_script(file, path, argv, environment, start, context, depth) : error;
}

/* A program may be executed without being read: then only proc reads it. */
static int
open_program(int at, const char *path, mach_port_t *file, struct io_stat *info, bool *readable)
{
	int result = PATH_CALL(at, path, base, fs_open(base, path, IO_O_RDONLY, 0, file, info));

	*readable = result == 0;
	if (result < 0 && errno == EACCES)
		result = PATH_CALL(at, path, base, fs_open(base, path, IO_O_SEARCH, 0, file, info));
	return result;
}

/* What is no program, and cannot be read, might be a script: its interpreter could not read it either. */
static int
open_and_run(int at, const char *path, char *const *argv, char *const *environment, program_start start, void *context, int depth)
{
	struct io_stat info;
	mach_port_t file;
	bool readable;
	int saved = errno, error;

	if (open_program(at, path, &file, &info, &readable) < 0) {
		error = errno;
	} else {
		error = (info.mode & IO_S_IFMT) == IO_S_IFREG ? run_file(file, path, argv, environment, start, context, depth) : EACCES;
		if (error == ENOEXEC && !readable)
			error = EACCES;
		port_drop(file);
	}
	errno = saved;
	return error;
}

int
program_run(int at, const char *path, char *const *argv, char *const *environment, program_start start, void *context)
{
	return path[0] == 0 ? ENOENT : open_and_run(at, path, argv, environment, start, context, 0);
}

/* An interpreter could not be told where the script is: ENOEXEC. */
int
program_run_open(int fd, char *const *argv, char *const *environment, program_start start, void *context)
{
	mach_port_t file = fd_port(fd);

	return file == MACH_PORT_NULL ? EBADF : run_program(file, argv[0] != NULL ? argv[0] : "", argv, environment, start, context);
}

/* --- along PATH --- */

/* A file that may be executed but is no program: a script of the shell's. */
static int
run_or_shell(const char *path, char *const *argv, char *const *environment, program_start start, void *context)
{
	size_t count = 0, size;
	char **changed;
	int error = program_run(AT_FDCWD, path, argv, environment, start, context);

	if (error != ENOEXEC)
		return error;
	while (argv[count] != NULL)
		count++;
	size = ((count + 3) * sizeof(*changed) + 4095) & ~(size_t)4095;
	changed = memory_map(size);
	if (changed == NULL)
		return ENOMEM;
	changed[0] = argv[0] != NULL ? argv[0] : (char *)(uintptr_t)"sh";
	changed[1] = (char *)(uintptr_t)path;
	for (size_t i = 1; i < count; i++)
		changed[i + 1] = argv[i];
	error = program_run(AT_FDCWD, "/bin/sh", changed, environment, start, context);
	memory_unmap(changed, size);
	return error == ENOENT ? ENOEXEC : error;
}

static const char *
search_path(void)
{
	for (char **e = environ; e != NULL && *e != NULL; e++)
		if (strncmp(*e, "PATH=", 5) == 0)
			return *e + 5;
	return "/bin:/usr/bin";
}

int
program_search(const char *file, char *const *argv, char *const *environment, program_start start, void *context)
{
	const char *at = search_path();
	int error = ENOENT, kept = ENOENT;

	if (strchr(file, '/') != NULL)
		return run_or_shell(file, argv, environment, start, context);
	if (strlen(file) > NAME_MAX)
		return ENAMETOOLONG;
	while (file[0] != 0) {
		size_t n = strcspn(at, ":");
		char path[1024];

		if (n + strlen(file) + 2 <= sizeof(path)) {
			memcpy(path, at, n);
			strcpy(path + n, n > 0 ? "/" : "");
			strcat(path, file);
			error = run_or_shell(path, argv, environment, start, context);
			if (error == EACCES)
				kept = EACCES;
			else if (error != ENOENT && error != ENOTDIR)
				return error;
		}
		if (at[n] == 0)
			break;
		at += n + 1;
	}
	return kept;
}
