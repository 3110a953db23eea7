/*
 * Running a line: lists, redirections, variables; what a command's name stands for.
 */
#include "expand.h"
#include "shell.h"
#include "vars.h"
#include <errno.h>
#include <string.h>

struct shell shell;

static struct script script;
static struct expansion words, target;
static char *arguments[ARGUMENTS_MAX + 1];

/* --- redirections --- */

/* The descriptors of one command, and which of them it opened itself. */
struct descriptors {
	mach_port_t fds[FDS];
	bool opened[FDS];
};

static void
descriptors_begin(struct descriptors *d)
{
	memcpy(d->fds, shell.fds, sizeof(d->fds));
	memset(d->opened, 0, sizeof(d->opened));
}

static void
descriptors_end(struct descriptors *d)
{
	for (unsigned i = 0; i < FDS; i++)
		if (d->opened[i])
			file_close(d->fds[i]);
}

static void
replace(struct descriptors *d, int fd, mach_port_t port, bool opened)
{
	if (d->opened[fd])
		file_close(d->fds[fd]);
	d->fds[fd] = port;
	d->opened[fd] = opened;
}

/* >&N and <&N: N is a digit, or - to close. */
static int
duplicate(struct descriptors *d, int fd, const char *word)
{
	int from = word[0] - '0';

	if (strcmp(word, "-") == 0) {
		replace(d, fd, MACH_PORT_NULL, false);
		return 0;
	}
	if (from < 0 || from >= FDS || word[1] != 0 || d->fds[from] == MACH_PORT_NULL)
		return complain("%.60s: %s", word, error_text(EBADF));
	if (from == fd)
		return 0;
	if (file_hold(d->fds[from]) != 0)
		return complain("%.60s: %s", word, error_text(EBADF));
	replace(d, fd, d->fds[from], true);
	return 0;
}

static int
redirect(struct descriptors *d, const struct redirection *r)
{
	static const uint32_t flags[] = {
		[TOKEN_READ] = IO_O_RDONLY, [TOKEN_WRITE] = IO_O_WRONLY | IO_O_CREAT | IO_O_TRUNC,
		[TOKEN_APPEND] = IO_O_WRONLY | IO_O_CREAT | IO_O_APPEND,
	};
	mach_port_t port;
	int error;

	expand_begin(&target, shell.status, shell.pid, shell.background);
	if (!expand_word(&target, &r->target, false))
		return complain("%s", error_text(ENAMETOOLONG));
	if (r->kind == TOKEN_SAME_READ || r->kind == TOKEN_SAME_WRITE)
		return duplicate(d, r->fd, target.text);
	error = file_open(target.text, flags[r->kind], &port);
	if (error != 0)
		return complain("%.200s: %s", target.text, error_text(error));
	replace(d, r->fd, port, true);
	return 0;
}

static int
redirect_all(struct descriptors *d, const struct command *c)
{
	for (uint32_t i = 0; i < c->redirections; i++)
		if (redirect(d, &script.redirections[c->first_redirection + i]) != 0)
			return 1;
	return 0;
}

/* --- one command --- */

/* Bytes of NAME in a word NAME=..., 0: it is none. */
static size_t
assignment(const struct raw_word *word)
{
	size_t n = var_name_length(word->text, word->length);

	return n > 0 && n < word->length && word->text[n] == '=' ? n : 0;
}

static int
assign(const struct raw_word *word)
{
	size_t n = assignment(word);
	struct raw_word value = { word->text + n + 1, word->length - (uint32_t)n - 1 };

	expand_begin(&target, shell.status, shell.pid, shell.background);
	if (!expand_word(&target, &value, false))
		return complain("%.*s: the value is too long", (int)n, word->text);
	if (!var_set(word->text, n, target.text))
		return complain("%.*s: %s", (int)n, word->text, error_text(ENOMEM));
	return 0;
}

/* Fills `words` and `arguments`. Returns their number, or -1: error, which was told. */
static int
expand_command(const struct command *c, uint32_t first)
{
	int count;

	expand_begin(&words, shell.status, shell.pid, shell.background);
	for (uint32_t i = first; i < c->words; i++)
		if (!expand_word(&words, &script.words[c->first_word + i], true)) {
			complain("the command's words are longer than %u bytes", EXPANDED_MAX);
			return -1;
		}
	count = expand_argv(&words, arguments, ARGUMENTS_MAX + 1);
	if (count < 0)
		complain("more than %u words", ARGUMENTS_MAX);
	return count;
}

static int
run_builtin(builtin function, int argc, const struct command *c, const struct descriptors *d)
{
	if (c->next == TOKEN_BACKGROUND)
		return complain("%s: a command of the shell itself cannot run in the background",
		    arguments[0]);
	return function(argc, arguments, d->fds[1]);
}

/* A program in the background must not take what is typed for the shell. */
static void
detach_input(struct descriptors *d)
{
	mach_port_t nothing = MACH_PORT_NULL;

	if (d->fds[0] == shell.fds[0] && !d->opened[0]) {
		bool opened = file_open("/dev/null", IO_O_RDONLY, &nothing) == 0;

		replace(d, 0, opened ? nothing : MACH_PORT_NULL, opened);
	}
}

static int
run_words(int argc, const struct command *c, struct descriptors *d)
{
	builtin function = builtin_find(arguments[0]);
	struct program program = {
		.argv = arguments, .arguments = words.text, .arguments_size = words.used,
		    .background = c->next == TOKEN_BACKGROUND,
	};

	if (function != NULL)
		return run_builtin(function, argc, c, d);
	if (program.background)
		detach_input(d);
	memcpy(program.fds, d->fds, sizeof(program.fds));
	return program_run(&program);
}

static int
run_command(const struct command *c)
{
	struct descriptors d;
	uint32_t first = 0;
	int argc, status;

	while (first < c->words && assignment(&script.words[c->first_word + first]) != 0)
		first++;
	if (first < c->words && first > 0)
		return complain("a variable for one command only: use `export NAME=VALUE` first");
	for (uint32_t i = 0; i < first; i++)
		if (assign(&script.words[c->first_word + i]) != 0)
			return 1;
	argc = expand_command(c, first);
	if (argc < 0)
		return 1;
	descriptors_begin(&d);
	status = redirect_all(&d, c);
	if (status == 0 && argc > 0)
		status = run_words(argc, c, &d);
	descriptors_end(&d);
	return status;
}

/* --- lists --- */

/* What cannot be done is refused before anything runs. */
static bool
possible(void)
{
	for (uint32_t i = 0; i < script.command_count; i++) {
		const struct command *c = &script.commands[i];

		if (c->next == TOKEN_PIPE) {
			complain("|: this system has no pipes");
			return false;
		}
		if (c->next == TOKEN_BACKGROUND && i > 0 && (c[-1].next == TOKEN_AND ||
		    c[-1].next == TOKEN_OR)) {
			complain("&: only a single command can run in the background");
			return false;
		}
	}
	return true;
}

static void
run_list(void)
{
	bool skip = false;

	for (uint32_t i = 0; i < script.command_count && !shell.exiting &&
	    !shell.interrupted; i++) {
		const struct command *c = &script.commands[i];

		if (!skip)
			shell.status = run_command(c);
		if (c->next == TOKEN_AND)
			skip = shell.status != 0;
		else if (c->next == TOKEN_OR)
			skip = shell.status == 0;
		else
			skip = false;
	}
}

void
run_line(const char *line)
{
	shell.interrupted = false;
	if (!parse(&script, line)) {
		complain("%s", script.error);
		shell.status = STATUS_SYNTAX;
	} else if (script.command_count > 0) {
		if (possible())
			run_list();
		else
			shell.status = STATUS_SYNTAX;
	} else if (shell.interactive) {
		shell.status = 0;
	}
}
