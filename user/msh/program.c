/*
 * Programs: found along PATH, started and waited for through proc.
 */
#include "mach/mach.h"
#include "mach/print.h"
#include "mach/startup.h"
#include "fs.h"
#include "io.h"
#include "proc.h"
#include "shell.h"
#include "vars.h"
#include <proto/signal_page.h>
#include <errno.h>
#include <string.h>

#define DEFAULT_UMASK	022
#define SIGCONT		18
#define ENVIRONMENT_MAX	32768u
#define SCRIPT_LINE	256		/* bytes of a "#!" line that count */
#define SCRIPT_WORDS	65536u		/* bytes of the words for a script's interpreter */

int
program_kill(int32_t pid, int signal)
{
	return rescue_mode() ? ENOSYS : proc_kill(startup_info->proc, pid, signal);
}

void
program_continue(int32_t group)
{
	if (shell.interactive && !rescue_mode())
		proc_kill(startup_info->proc, -group, SIGCONT);
}

/* --- starting --- */

/* What programs inherit besides ports. The console's shell, which init started, begins it all. */
static struct startup_kept
kept_for_programs(void)
{
	const struct signal_page *page = (const struct signal_page *)startup_info->signal_page;
	struct startup_kept kept = {.root = shell.root, .cwd = shell.cwd, .umask = DEFAULT_UMASK};

	if (page == NULL)
		return kept;
	kept.umask = startup_info->umask;
	kept.signals_blocked = page->slots[0].mask;
	for (int i = 1; i <= (int)SIGNALS; i++)
		if (page->actions[i].handler == SIGNAL_IGNORE)
			kept.signals_ignored |= SIGNAL_BIT(i);
	kept.signals_ignored &= ~shell.keys_ignored;
	return kept;
}

static int spawn(const struct program *program, const char *path, int32_t *pid);

/* The first line of a script, "#! interpreter argument": 0, or ENOEXEC: it is no script. */
static int
script_line(const char *path, char line[SCRIPT_LINE])
{
	mach_port_t file;
	struct io_stat info;
	uint32_t count = SCRIPT_LINE - 1;
	int error = fs_open(path[0] == '/' ? shell.root : shell.cwd, path, IO_O_RDONLY, 0, &file, &info);

	if (error != KERN_SUCCESS)
		return error;
	error = io_read(file, 0, SCRIPT_LINE - 1, line, &count);
	port_drop(file);
	if (error != KERN_SUCCESS || count < 3 || line[0] != '#' || line[1] != '!')
		return ENOEXEC;
	line[count] = '\0';
	line[strcspn(line, "\n")] = '\0';
	return 0;
}

/* Appends a word with its 0 to `size` of SCRIPT_WORDS bytes; they become more than that if it does not fit. */
static uint32_t
put_word(char *words, uint32_t size, const char *word, uint32_t length)
{
	if (size + length <= SCRIPT_WORDS)
		memcpy(words + size, word, length);
	return size + length;
}

/*
 * Starts what a script names to run it: its words are the interpreter, that one's argument if the line has one, the script's path, and the words
 * behind the script's name. An interpreter that is a script itself is none: spawn() comes here once.
 */
static int
spawn_script(const struct program *script, const char *path, int32_t *pid)
{
	static char words[SCRIPT_WORDS];
	static bool inside;
	struct program program = *script;
	char line[SCRIPT_LINE], *interpreter, *argument, *end;
	uint32_t size, name = (uint32_t)strlen(script->arguments) + 1;
	int error = inside ? ENOEXEC : script_line(path, line);

	if (error != 0)
		return error;
	interpreter = line + 2 + strspn(line + 2, " \t");
	end = interpreter + strcspn(interpreter, " \t\r");
	argument = end + strspn(end, " \t\r");
	*end = '\0';
	for (end = argument + strlen(argument); end > argument && strchr(" \t\r", end[-1]) != NULL; end--)
		end[-1] = '\0';
	if (*interpreter == '\0')
		return ENOEXEC;
	size = put_word(words, 0, interpreter, (uint32_t)strlen(interpreter) + 1);
	if (*argument != '\0')
		size = put_word(words, size, argument, (uint32_t)strlen(argument) + 1);
	size = put_word(words, size, path, (uint32_t)strlen(path) + 1);
	size = put_word(words, size, script->arguments + name, script->arguments_size - name);
	if (size > SCRIPT_WORDS)
		return E2BIG;
	program.arguments = words;
	program.arguments_size = size;
	inside = true;
	error = spawn(&program, interpreter, pid);
	inside = false;
	return error;
}

/* A program may be executed without being read. */
static int
open_program(const char *path, mach_port_t *file, struct io_stat *info)
{
	mach_port_t base = path[0] == '/' ? shell.root : shell.cwd;
	int error = fs_open(base, path, IO_O_RDONLY, 0, file, info);

	return error == EACCES ? fs_open(base, path, IO_O_SEARCH, 0, file, info) : error;
}

/* A shell for people gives every pipeline a process group of its own; in other shells they share its. */
static int
spawn(const struct program *program, const char *path, int32_t *pid)
{
	static char environment[ENVIRONMENT_MAX];
	long size = var_environment(environment, sizeof(environment));
	struct startup_kept kept = kept_for_programs();
	struct startup_fd fds[FDS] = { 0 };
	mach_port_t file;
	struct io_stat info;
	int error;

	if (size < 0)
		return E2BIG;
	for (unsigned i = 0; i < FDS; i++)
		fds[i].port = program->fds[i];
	error = open_program(path, &file, &info);
	if (error != KERN_SUCCESS)
		return error;
	error = (info.mode & IO_S_IFMT) != IO_S_IFREG
		? EACCES
		: proc_spawn(startup_info->proc, file, path, program->arguments,
			program->arguments_size, environment, (uint32_t)size, &kept, fds, FDS,
			shell.interactive ? PROC_SET_GROUP : 0, program->group, pid);
	port_drop(file);
	return error == ENOEXEC ? spawn_script(program, path, pid) : error;
}

/* Errors after which the next folder of PATH is tried; the worst of them is kept. */
static bool
try_next(int error, int *kept)
{
	if (error == EACCES)
		*kept = EACCES;
	return error == ENOENT || error == ENOTDIR || error == EACCES;
}

/* Tries NAME in every folder of PATH. */
static int
spawn_along_path(const struct program *program, int32_t *pid)
{
	const char *at = var_get("PATH", 4);
	int error = ENOENT, kept = ENOENT;

	for (at = at != NULL ? at : "/bin"; *at != 0; at += *at == ':') {
		char path[PATH_SIZE];
		int n = 0, length;

		while (at[n] != 0 && at[n] != ':')
			n++;
		length = print_to(path, sizeof(path), "%.*s/%s", n, at, program->argv[0]);
		if (length >= (int)sizeof(path))
			return ENAMETOOLONG;
		error = spawn(program, n > 0 ? path : path + 1, pid);
		if (!try_next(error, &kept))
			return error;
		at += n;
	}
	return kept;
}

static int
start(const struct program *program, int32_t *pid)
{
	const char *name = program->argv[0];

	if (name[0] == 0)
		return ENOENT;
	if (strlen(name) >= PATH_SIZE)
		return ENAMETOOLONG;
	if (strchr(name, '/') != NULL)
		return spawn(program, name, pid);
	return spawn_along_path(program, pid);
}

static int
tell_error(const char *name, int error)
{
	if (error == ENOENT || error == ENOTDIR || error == ENAMETOOLONG) {
		complain("%.200s: %s", name, error == ENOENT ? "not found" : error_text(error));
		return STATUS_NOT_FOUND;
	}
	complain("%.200s: %s", name,
	    error == ENOEXEC ? "not a program of this machine" : error_text(error));
	return error == EACCES || error == ENOEXEC || error == EISDIR ? STATUS_NOT_EXECUTABLE : 1;
}

int
program_start(struct program *program, int32_t *pid)
{
	int error;

	*pid = 0;
	if (rescue_mode())
		return rescue_run(program);
	if (!program->background && program->group == 0)
		terminal_lend(0, NULL);
	error = start(program, pid);
	if (error == EPERM && program->group != 0) {
		program->group = 0;		/* all of it have ended already */
		error = start(program, pid);
	}
	if (error != 0)
		return tell_error(program->argv[0], error);
	if (!program->background && program->group == 0) {
		terminal_lend(*pid, NULL);
		program_continue(*pid);		/* it may have used the terminal before it was in front, and been stopped */
	}
	return 0;
}
