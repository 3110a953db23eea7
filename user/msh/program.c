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

#define JOBS_MAX	64
#define DEFAULT_UMASK	022
#define ENVIRONMENT_MAX	32768u
#define SCRIPT_LINE	256		/* bytes of a "#!" line that count */
#define SCRIPT_WORDS	65536u		/* bytes of the words for a script's interpreter */

enum {
	SIGHUP = 1, SIGINT, SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGKILL,
	SIGSEGV = 11, SIGPIPE = 13, SIGALRM, SIGTERM, SIGSYS = 31,
};

/* Programs in the background. */
static struct job {
	int32_t pid;			/* 0: free */
	char name[32];
} jobs[JOBS_MAX];
static unsigned job_count;

const char *
signal_text(int signal)
{
	static const char *const texts[] = {
		[SIGHUP] = "hung up", [SIGINT] = "interrupted", [SIGQUIT] = "quit",
		[SIGILL] = "illegal instruction", [SIGTRAP] = "breakpoint", [SIGABRT] = "aborted",
		[SIGBUS] = "bus error", [SIGFPE] = "arithmetic error", [SIGKILL] = "killed",
		[SIGSEGV] = "segmentation fault", [SIGPIPE] = "broken pipe", [SIGALRM] = "alarm",
		[SIGTERM] = "terminated", [SIGSYS] = "bad system call",
	};

	if (signal <= 0 || signal >= (int)(sizeof(texts) / sizeof(texts[0])))
		return NULL;
	return texts[signal];
}

/* The shell's status for a POSIX wait status. */
static int
status_of(int32_t result)
{
	return (result & 0x7f) != 0 ? STATUS_SIGNAL + (result & 0x7f) : result >> 8 & 0xff;
}

static void
tell_signal(const char *name, int32_t result)
{
	int signal = result & 0x7f;
	const char *text = signal_text(signal);

	if (signal == 0)
		return;
	if (text != NULL)
		complain("%s: %s", name, text);
	else
		complain("%s: ended by signal %d", name, signal);
}

/* --- the background --- */

static void
job_add(int32_t pid, const char *name, bool last)
{
	for (unsigned i = 0; i < JOBS_MAX; i++)
		if (jobs[i].pid == 0) {
			jobs[i].pid = pid;
			strlcpy(jobs[i].name, name, sizeof(jobs[i].name));
			job_count++;
			break;
		}
	if (last)
		shell.background = pid;
	if (last && shell.interactive)
		file_print(shell.fds[2], "[%d]\n", pid);
}

static void
job_ended(int32_t pid, int32_t result)
{
	for (unsigned i = 0; i < JOBS_MAX; i++)
		if (jobs[i].pid == pid) {
			jobs[i].pid = 0;
			job_count--;
			if (shell.interactive && (result & 0x7f) == 0)
				file_print(shell.fds[2], "[%d] %s: ended with status %d\n", pid,
				    jobs[i].name, status_of(result));
			else
				tell_signal(jobs[i].name, result);
			return;
		}
}

void
program_reap(void)
{
	struct proc_waited found;

	while (job_count > 0) {
		if (proc_wait(startup_info->proc, -1, PROC_WEXITED | PROC_WNOHANG, 0, &found) !=
				KERN_SUCCESS ||
			found.pid == 0)
			break;
		job_ended(found.pid, found.status);
	}
}

/* Waits for one that is there, as if it ran in front: ^C ends it. */
static int
wait_for_job(int32_t pid)
{
	struct proc_waited found;
	kern_return_t kr;

	terminal_lend(pid);
	kr = proc_wait(startup_info->proc, pid, PROC_WEXITED, 0, &found);
	if (kr != KERN_SUCCESS)
		return complain("wait: %d: %s", pid, error_text(kr));
	job_ended(pid, found.status);
	shell.interrupted = (found.status & 0x7f) == SIGINT;
	return status_of(found.status);
}

int
program_wait(int32_t wanted)
{
	int status = wanted == -1 ? 0 : STATUS_NOT_FOUND;

	for (unsigned i = 0; i < JOBS_MAX && !shell.interrupted; i++)
		if (jobs[i].pid != 0 && (wanted == -1 || wanted == jobs[i].pid))
			status = wait_for_job(jobs[i].pid);
	return wanted == -1 && !shell.interrupted ? 0 : status;
}

void
program_list(mach_port_t out)
{
	for (unsigned i = 0; i < JOBS_MAX; i++)
		if (jobs[i].pid != 0)
			file_print(out, "[%d] %s\n", jobs[i].pid, jobs[i].name);
}

int
program_kill(int32_t pid, int signal)
{
	return rescue_mode() ? ENOSYS : proc_kill(startup_info->proc, pid, signal);
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

/*
 * Waits for a program in front; those in the background that end meanwhile wait for program_reap.
 */
static int
wait_for(int32_t pid, const char *name)
{
	struct proc_waited found;
	kern_return_t kr = proc_wait(startup_info->proc, pid, PROC_WEXITED, 0, &found);

	if (kr != KERN_SUCCESS)
		return complain("%s: cannot wait: %s", name, error_text(kr));
	if ((found.status & 0x7f) == SIGINT) {
		if (!shell.interrupted)
			file_print(shell.fds[2], "\n");
		shell.interrupted = true;
	} else if ((found.status & 0x7f) != SIGPIPE) {
		tell_signal(name, found.status);
	}
	return status_of(found.status);
}

int
program_start(const struct program *program, int32_t *pid)
{
	int error;

	*pid = 0;
	if (rescue_mode())
		return rescue_run(program);
	if (!program->background && program->group == 0)
		terminal_lend(0);
	error = start(program, pid);
	if (error == EPERM && program->group != 0) {
		/* All of the group have ended already. */
		struct program alone = *program;

		alone.group = 0;
		error = start(&alone, pid);
	}
	if (error != 0)
		return tell_error(program->argv[0], error);
	if (!program->background && program->group == 0)
		terminal_lend(*pid);
	return 0;
}

int
program_finish(const struct started *started, unsigned count, bool background)
{
	int status = 0;

	for (unsigned i = 0; i < count; i++) {
		status = started[i].status;
		if (started[i].pid == 0)
			continue;
		if (background)
			job_add(started[i].pid, started[i].name, i + 1 == count);
		else
			status = wait_for(started[i].pid, started[i].name);
	}
	return status;
}
