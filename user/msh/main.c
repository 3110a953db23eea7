/*
 * msh, the shell.
 *
 *	msh			lines from descriptor 0, a terminal or not
 *	msh -c LINE		one line
 *	msh FILE		lines from a file
 *
 * For machines: with nonce=XYZ on the kernel's command line, "\x1eXYZ rc=N\n" stands before each
 * prompt, N being the last status.
 */
#include "mach/mach.h"
#include "mach/print.h"
#include "mach/startup.h"
#include "parse.h"
#include "proc.h"
#include "shell.h"
#include "vars.h"
#include <proto/signal_page.h>
#include <string.h>

#define PROMPT	"msh$ "

/* --- start --- */

static void
take_environment(void)
{
	for (char **e = startup_environment; e != NULL && *e != NULL; e++) {
		size_t n = var_name_length(*e, strlen(*e));

		if (n > 0 && (*e)[n] == '=' && var_set(*e, n, *e + n + 1))
			var_export(*e, n);
	}
	if (var_get("PATH", 4) == NULL && var_set("PATH", 4, "/bin"))
		var_export("PATH", 4);
}

static void
take_startup(void)
{
	const struct startup_page *page = startup_info;

	shell.root = page->root;
	shell.cwd = page->cwd != MACH_PORT_NULL ? page->cwd : page->root;
	shell.pid = page->signal_page == 0 ? page->pid : ((const struct signal_page *)page->signal_page)->pid;
	for (uint32_t i = 0; i < page->fd_count && i < FDS; i++)
		shell.fds[i] = page->fds[i].port;
}

_Noreturn static void
leave(int status)
{
	if (startup_info->proc != MACH_PORT_NULL)
		proc_exit(startup_info->proc, (status & 0xff) << 8);
	task_exit();
}

/* --- a terminal --- */

/* The value of nonce= on the kernel's command line; "": there is none. */
static void
find_nonce(char *nonce, size_t size)
{
	static const char key[] = "nonce=";
	struct host_info info;
	size_t n = 0;

	nonce[0] = 0;
	if (host_info(&info) != KERN_SUCCESS)
		return;
	info.command_line[sizeof(info.command_line) - 1] = 0;
	for (const char *at = info.command_line; *at != 0; at++) {
		if (at != info.command_line && at[-1] != ' ')
			continue;
		if (strncmp(at, key, sizeof(key) - 1) != 0)
			continue;
		for (at += sizeof(key) - 1; at[n] != 0 && at[n] != ' ' && n + 1 < size; n++)
			nonce[n] = at[n];
		nonce[n] = 0;
		return;
	}
}

static void
interact(void)
{
	char nonce[40], mark[64] = "";

	find_nonce(nonce, sizeof(nonce));
	shell.interactive = true;
	terminal_lend(startup_info->pid);	/* it is this session's before the first program asks */
	while (!shell.exiting) {
		const char *line;

		program_reap();
		if (nonce[0] != 0)
			print_to(mark, sizeof(mark), "\x1e%s rc=%d%s", nonce, shell.status,
			    rescue_mode() ? "\r\n" : "\n");
		line = terminal_line(mark, PROMPT);
		if (line == NULL)
			leave(1);
		if (line[0] != 0)
			run_line(line);
	}
}

/* --- a file --- */

static char script_line[LINE_MAX + 2];

/*
 * Runs the complete lines of what is in script_line, `used` bytes; returns the bytes of the rest.
 */
static size_t
run_complete_lines(size_t used)
{
	char *at = script_line, *end;

	while (!shell.exiting) {
		end = memchr(at, '\n', used - (size_t)(at - script_line));
		if (end == NULL)
			break;
		*end = 0;
		run_line(at);
		at = end + 1;
	}
	used -= (size_t)(at - script_line);
	memmove(script_line, at, used);
	return used;
}

static void
run_file(mach_port_t file)
{
	size_t used = 0;
	uint32_t count;
	int error;

	while (!shell.exiting) {
		if (used >= LINE_MAX) {
			shell.status = complain("a line is longer than %u bytes", LINE_MAX);
			return;
		}
		count = (uint32_t)(LINE_MAX + 1 - used);
		error = file_read(file, script_line + used, count, &count);
		if (error != 0 || count == 0)
			break;
		used = run_complete_lines(used + count);
	}
	script_line[used] = 0;
	if (!shell.exiting)
		run_line(script_line);
}

static void
run_named(const char *path)
{
	mach_port_t file;
	int error = file_open(path, IO_O_RDONLY, &file);

	if (error == 0) {
		run_file(file);
	} else {
		complain("%.200s: %s", path, error_text(error));
		shell.status = STATUS_NOT_FOUND;
	}
}

int
main(int argc, char **argv)
{
	take_startup();
	take_environment();
	if (argc > 2 && strcmp(argv[1], "-c") == 0)
		run_line(argv[2]);
	else if (argc > 1)
		run_named(argv[1]);
	else if (terminal_start())
		interact();
	else
		run_file(shell.fds[0]);
	leave(shell.status);
}
