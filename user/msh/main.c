/*
 * msh, the shell.
 *
 *	msh			lines from descriptor 0, a terminal or not
 *	msh -c TEXT		the lines of a text
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

#define PROMPT		"msh$ "
#define PROMPT_MORE	"> "		/* the line goes on */

/* What has been read and was not run yet: the beginning of a line, with its here-documents. */
static char text[LINE_MAX + 2];
static size_t used;			/* bytes */

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
	shell.complaints = shell.fds[2];
}

_Noreturn static void
leave(int status)
{
	terminal_reset();
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

/* Nobody types the rest of a line any more. */
static void
end_line(void)
{
	if (used > 0) {
		run_text(text, true);
	} else {
		complain("`exit` leaves the shell, `poweroff` switches the machine off");
		shell.status = 0;
	}
}

static void
add_line(const char *line)
{
	size_t length = strlen(line);
	const char *rest;

	if (used == 0 && length == 0) {
		shell.status = 0;
		return;
	}
	if (used + length + 1 > LINE_MAX) {
		shell.status = complain("a line is longer than %u bytes", LINE_MAX);
		used = 0;
		return;
	}
	memcpy(text + used, line, length);
	used += length + 1;
	text[used - 1] = '\n';
	text[used] = 0;
	rest = run_text(text, false);
	used = strlen(rest);
	memmove(text, rest, used + 1);
}

static void
interact(void)
{
	char nonce[40], mark[64] = "";
	const char *line = "";

	find_nonce(nonce, sizeof(nonce));
	shell.interactive = true;
	terminal_take();		/* it is this session's before the first program asks */
	while (!shell.exiting) {
		enum line_event event;

		program_reap();
		if (nonce[0] != 0)
			print_to(mark, sizeof(mark), "\x1e%s rc=%d%s", nonce, shell.status,
			    rescue_mode() ? "\r\n" : "\n");
		event = terminal_line(used == 0 ? mark : "", used == 0 ? PROMPT : PROMPT_MORE, &line);
		if (event == LINE_MORE)
			leave(1);
		if (event == LINE_DONE) {
			add_line(line);
			continue;
		}
		if (event == LINE_END)
			end_line();
		used = 0;
	}
}

/* --- a file --- */

/* Reads some more of it; text knows no 0. Returns false: there is nothing more. */
static bool
read_some(mach_port_t file)
{
	uint32_t count = (uint32_t)(LINE_MAX - used);
	char *to = text + used;

	if (file_read(file, to, count, &count) != 0 || count == 0)
		return false;
	for (const char *from = to; from < text + used + count; from++)
		if (*from != 0)
			*to++ = *from;
	*to = 0;
	used = (size_t)(to - text);
	return true;
}

static void
run_file(mach_port_t file)
{
	while (read_some(file)) {
		const char *rest = run_text(text, false);

		if (shell.exiting)
			return;
		used = strlen(rest);
		if (used == LINE_MAX) {
			shell.status = complain("a line is longer than %u bytes", LINE_MAX);
			return;
		}
		memmove(text, rest, used + 1);
	}
	run_text(text, true);
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
	rescue_init();
	take_startup();
	take_environment();
	if (argc > 2 && strcmp(argv[1], "-c") == 0)
		run_text(argv[2], true);
	else if (argc > 1)
		run_named(argv[1]);
	else if (terminal_start())
		interact();
	else
		run_file(shell.fds[0]);
	leave(shell.status);
}
