/*
 * The commands the shell does itself.
 */
#include "bootstrap.h"
#include "line/number.h"
#include "mach/mach.h"
#include "mach/startup.h"
#include "shell.h"
#include "vars.h"
#include <errno.h>
#include <string.h>

#define SIGTERM		15
#define SIGNALS		64

static int
usage(const char *text)
{
	complain("usage: %s", text);
	return STATUS_SYNTAX;
}

/* A number up to `most`; else an error is told. */
static bool
number(const char *command, const char *word, uint64_t most, uint64_t *value)
{
	if (number_parse(word, value) && *value <= most)
		return true;
	complain("%s: %.60s: not a number from 0 to %lu", command, word, (unsigned long)most);
	return false;
}

/* --- directories --- */

static int
change_directory(int argc, char **argv, mach_port_t out)
{
	const char *path = argc > 1 ? argv[1] : var_get("HOME", 4);
	int error;

	(void)out;
	if (argc > 2)
		return usage("cd [directory]");
	if (path == NULL || path[0] == 0)
		path = "/";
	error = directory_change(path);
	return error == 0 ? 0 : complain("cd: %.200s: %s", path, error_text(error));
}

static int
print_directory(int argc, char **argv, mach_port_t out)
{
	char path[PATH_SIZE];
	int error = directory_name(path);

	(void)argc, (void)argv;
	if (error != 0)
		return complain("pwd: %s", error_text(error));
	file_print(out, "%.500s\n", path);
	return 0;
}

/* --- the end --- */

static int
leave(int argc, char **argv, mach_port_t out)
{
	uint64_t status = (uint64_t)shell.status;

	(void)out;
	if (argc > 2)
		return usage("exit [status]");
	if (argc > 1 && !number("exit", argv[1], 255, &status))
		return STATUS_SYNTAX;
	if (shell.interactive && !program_may_leave())
		return 1;
	shell.exiting = true;
	return (int)status;
}

static int
shut_down(const char *name, uint32_t flags, int status)
{
	kern_return_t kr = rescue_mode() ? rescue_shutdown(flags, status)
		: bootstrap_shutdown(startup_info->bootstrap, flags, status);

	return complain("%s: %s", name, error_text(kr));
}

static int
power_off(int argc, char **argv, mach_port_t out)
{
	uint64_t status = 0;

	(void)out;
	if (argc > 2)
		return usage("poweroff [status]");
	if (argc > 1 && !number("poweroff", argv[1], 127, &status))
		return STATUS_SYNTAX;
	return shut_down(argv[0], HOST_POWEROFF, (int)status);
}

static int
reboot(int argc, char **argv, mach_port_t out)
{
	(void)out;
	return argc > 1 ? usage("reboot") : shut_down(argv[0], HOST_REBOOT, 0);
}

/* --- servers --- */

static int
list_units(int argc, char **argv, mach_port_t out)
{
	static const char *const states[] = { "stopped", "starting", "running", "failed" };
	struct bootstrap_unit_info unit;
	kern_return_t kr;

	(void)argv;
	if (argc > 1)
		return usage("units");
	for (uint32_t n = 0; (kr = bootstrap_status(startup_info->bootstrap, n, &unit)) == KERN_SUCCESS; n++)
		file_print(out, "%-10.31s %-9s %u restarts\n", unit.name, unit.state < 4 ? states[unit.state] : "?", unit.restarts);
	return kr == KERN_INVALID_ARGUMENT ? 0 : complain("units: %s", error_text(kr));
}

/* --- variables --- */

/* NAME or NAME=VALUE. */
static int
export_one(const char *word)
{
	size_t n = var_name_length(word, strlen(word));

	if (n == 0 || (word[n] != '=' && word[n] != 0))
		return complain("export: %.60s: not a name", word);
	if ((word[n] == '=' && !var_set(word, n, word + n + 1)) || !var_export(word, n))
		return complain("export: %s", error_text(ENOMEM));
	return 0;
}

static mach_port_t list_to;

static void
print_variable(const char *name, const char *value, bool exported)
{
	file_print(list_to, "%s%s=%.400s\n", exported ? "export " : "", name, value);
}

static int
export_variables(int argc, char **argv, mach_port_t out)
{
	int status = 0;

	list_to = out;
	if (argc == 1)
		var_for_each(print_variable);
	for (int i = 1; i < argc; i++)
		status |= export_one(argv[i]);
	return status;
}

static int
unset_variables(int argc, char **argv, mach_port_t out)
{
	(void)out;
	for (int i = 1; i < argc; i++)
		var_unset(argv[i], strlen(argv[i]));
	return 0;
}

static int
list_variables(int argc, char **argv, mach_port_t out)
{
	(void)argv;
	if (argc > 1)
		return usage("set (NAME=VALUE sets a variable)");
	list_to = out;
	var_for_each(print_variable);
	return 0;
}

/* --- programs --- */

static int
kill_one(const char *word, int signal)
{
	bool group = word[0] == '-';
	uint64_t pid;
	int error;

	if (!number("kill", word + group, INT32_MAX, &pid))
		return STATUS_SYNTAX;
	error = program_kill(group ? -(int32_t)pid : (int32_t)pid, signal);
	return error == 0 ? 0 : complain("kill: %.60s: %s", word, error_text(error));
}

static int
kill_programs(int argc, char **argv, mach_port_t out)
{
	uint64_t signal = SIGTERM;
	int first = 1, status = 0;

	(void)out;
	if (argc > 1 && argv[1][0] == '-') {
		if (!number("kill", argv[1] + 1, SIGNALS, &signal))
			return STATUS_SYNTAX;
		first = 2;
	}
	if (first == argc)
		return usage("kill [-signal] pid...");
	for (int i = first; i < argc; i++)
		status |= kill_one(argv[i], (int)signal);
	return status;
}

static int
wait_programs(int argc, char **argv, mach_port_t out)
{
	uint64_t pid;
	int status = 0;

	(void)out;
	if (argc == 1)
		return program_wait(-1);
	for (int i = 1; i < argc && !shell.interrupted; i++) {
		if (!number("wait", argv[i], INT32_MAX, &pid))
			return STATUS_SYNTAX;
		status = program_wait((int32_t)pid);
	}
	return status;
}

/* fg and bg: [pid]. */
static int
go_on(int argc, char **argv, int (*how)(int32_t pid))
{
	uint64_t pid = 0;

	if (argc > 2)
		return usage(how == program_front ? "fg [pid]" : "bg [pid]");
	if (!shell.interactive)
		return complain("%s: only in a shell that reads from a terminal", argv[0]);
	if (argc == 2 && !number(argv[0], argv[1], INT32_MAX, &pid))
		return STATUS_SYNTAX;
	if (argc == 2 && pid == 0)
		return usage(how == program_front ? "fg [pid]" : "bg [pid]");
	return how((int32_t)pid);
}

static int
to_front(int argc, char **argv, mach_port_t out)
{
	(void)out;
	return go_on(argc, argv, program_front);
}

static int
to_back(int argc, char **argv, mach_port_t out)
{
	(void)out;
	return go_on(argc, argv, program_back);
}

static int
list_programs(int argc, char **argv, mach_port_t out)
{
	(void)argc, (void)argv;
	program_list(out);
	return 0;
}

static int
do_nothing(int argc, char **argv, mach_port_t out)
{
	(void)argc, (void)argv, (void)out;
	return 0;
}

/* --- help, and the table --- */

static int
help(int argc, char **argv, mach_port_t out);

static const struct {
	const char *name, *usage, *text;
	builtin function;
} table[] = {
	{ "help", "", "this text", help },
	{ "cd", "[directory]", "changes the working directory", change_directory },
	{ "pwd", "", "prints it", print_directory },
	{ "set", "", "prints the variables; NAME=VALUE sets one", list_variables },
	{ "export", "[name[=value]...]", "lets programs see variables", export_variables },
	{ "unset", "name...", "forgets variables", unset_variables },
	{ "kill", "[-signal] pid...", "sends a signal, 15 if none is named", kill_programs },
	{ "jobs", "", "programs in the background, and those that ^Z stopped", list_programs },
	{ "fg", "[pid]", "one of them goes on in front: the last that was stopped, or started", to_front },
	{ "bg", "[pid]", "one that was stopped goes on in the background", to_back },
	{ "wait", "[pid...]", "waits until they end", wait_programs },
	{ "exit", "[status]", "leaves the shell", leave },
	{ "units", "", "the servers that init starts, and whether they run", list_units },
	{ "poweroff", "[status]", "switches the machine off", power_off },
	{ "reboot", "", "starts the machine again", reboot },
	{ ":", "", "does nothing", do_nothing },
};

#define COUNT (sizeof(table) / sizeof(table[0]))

static void
list_folders(mach_port_t out)
{
	const char *at = var_get("PATH", 4);
	char folder[PATH_SIZE];

	for (at = at != NULL ? at : "/bin"; *at != 0; at += *at == ':') {
		size_t n = 0;

		while (at[n] != 0 && at[n] != ':')
			n++;
		if (n > 0 && n < sizeof(folder)) {
			memcpy(folder, at, n);
			folder[n] = 0;
			file_print(out, "%.80s:\n", folder);
			directory_list(out, folder);
		}
		at += n;
	}
}

static const char *const syntax[] = {
	"Lists and pipelines:",
	"  A ; B     A && B     A || B     first A, then B; if A worked; if it did not",
	"  A | B     A | B | C             B reads what A writes",
	"  A &       A | B &     A && B &  in the background; `wait` waits",
	"  NAME=VALUE A                    a variable for A only",
	"Files instead of the terminal:",
	"  A < file    A > file    A >> file (adds)    A 2> errors    A > file 2>&1    A 2>&-",
	"  A <<WORD     lines up to WORD are what A reads ($ replaced unless WORD is quoted; <<- without tabs)",
	"Words:",
	"  'as it is'    \"text $NAME\"    ${NAME}    \\c    $? last status    $$ own pid    $! pid of A &    # comment",
	"  *.c   ?   [a-z]                 the names of files that fit",
	"Keys:",
	"  arrows (up and down: earlier lines)    Home ^A    End ^E    ^Left ^Right    ^U ^K ^W delete    ^L",
	"  ^C ends a program    ^Z stops it    ^D ends its input",
	"Not yet: if and loops",
};

static int
help(int argc, char **argv, mach_port_t out)
{
	(void)argc, (void)argv;
	file_print(out, "Commands of the shell itself:\n");
	for (size_t i = 0; i < COUNT; i++)
		file_print(out, "  %s %-*s %s\n", table[i].name, 25 - (int)strlen(table[i].name),
		    table[i].usage, table[i].text);
	for (size_t i = 0; i < sizeof(syntax) / sizeof(syntax[0]); i++)
		file_print(out, "%s\n", syntax[i]);
	file_print(out, "Programs, by name or path, in ");
	if (rescue_mode())
		rescue_list(out);
	else
		list_folders(out);
	return 0;
}

builtin
builtin_find(const char *name)
{
	for (size_t i = 0; i < COUNT; i++)
		if (strcmp(table[i].name, name) == 0)
			return table[i].function;
	return NULL;
}
