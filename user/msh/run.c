/*
 * Running lines: lists, pipelines, redirections, variables; what a command's name stands for.
 */
#include "expand.h"
#include "mach/print.h"
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
redirect_here(struct descriptors *d, const struct redirection *r)
{
	mach_port_t reader;
	int error;

	if (!here_expand(&target, r))
		return complain("the here-document is longer than %u bytes", EXPANDED_MAX);
	error = pipe_filled(target.text, target.used, &reader);
	if (error != 0)
		return complain("the here-document: %s", error_text(error));
	replace(d, r->fd, reader, true);
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
	if (r->kind == TOKEN_HERE || r->kind == TOKEN_HERE_TABS)
		return redirect_here(d, r);
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

typedef bool (*variable_setter)(const char *name, size_t length, const char *value);

static int
assign(const struct raw_word *word, variable_setter set)
{
	size_t n = assignment(word);
	struct raw_word value = { word->text + n + 1, word->length - (uint32_t)n - 1 };

	expand_begin(&target, shell.status, shell.pid, shell.background);
	if (!expand_word(&target, &value, false))
		return complain("%.*s: the value is too long", (int)n, word->text);
	if (!set(word->text, n, target.text))
		return complain("%.*s: %s", (int)n, word->text, error_text(ENOMEM));
	return 0;
}

/* The assignments that a command begins with. */
static int
assign_all(const struct command *c, uint32_t count, variable_setter set)
{
	for (uint32_t i = 0; i < count; i++)
		if (assign(&script.words[c->first_word + i], set) != 0)
			return 1;
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
			if (words.no_memory)
				complain("the names of files: %s", error_text(ENOMEM));
			else
				complain("the command's words are longer than %u bytes", EXPANDED_MAX);
			return -1;
		}
	count = expand_argv(&words, arguments, ARGUMENTS_MAX + 1);
	if (count < 0)
		complain("more than %u words", ARGUMENTS_MAX);
	return count;
}

/* Text that a shell takes for the word. Returns where it ends, NULL: no room. */
static char *
quote(char *to, const char *end, const char *word)
{
	if (to == NULL || to + 3 > end)
		return NULL;
	*to++ = '\'';
	for (; *word != 0; word++) {
		if (to + 6 > end)
			return NULL;
		if (*word == '\'') {
			memcpy(to, "'\\''", 4);
			to += 4;
		} else {
			*to++ = *word;
		}
	}
	*to++ = '\'';
	return to;
}

/* --- a shell beside this one, which it cannot change this one from --- */

/* "/bin/msh" "-c" and the text it shall run. */
static char shell_block[2 * EXPANDED_MAX];

#define SHELL_TEXT	12

/* Ends the text at `to`, NULL: there is no room; makes it a program. Returns false: it is too long. */
static bool
shell_make(char *to, struct program *program)
{
	static char *argv[] = { shell_block, shell_block + 9, shell_block + SHELL_TEXT, NULL };

	if (to == NULL || to >= shell_block + SHELL_TEXT + LINE_MAX)
		return false;
	*to++ = 0;
	memcpy(shell_block, "/bin/msh\0-c", SHELL_TEXT);
	program->argv = argv;
	program->arguments = shell_block;
	program->arguments_size = (uint32_t)(to - shell_block);
	return true;
}

/* The words of a command of the shell itself. Returns where they end, NULL: no room. */
static char *
shell_words(int argc)
{
	char *to = shell_block + SHELL_TEXT;
	const char *end = shell_block + sizeof(shell_block) - 1;

	for (int i = 0; i < argc; i++) {
		if (i > 0 && to != NULL && to < end)
			*to++ = ' ';
		to = quote(to, end, arguments[i]);
	}
	return to;
}

static char *variables_end;

/* Only the exported ones come along by themselves. */
static void
add_variable(const char *name, const char *value, bool exported)
{
	const char *end = shell_block + sizeof(shell_block) - 1;
	size_t length = strlen(name);

	if (exported || variables_end == NULL)
		return;
	if (variables_end + length + 2 > end) {
		variables_end = NULL;
		return;
	}
	memcpy(variables_end, name, length);
	variables_end[length] = '=';
	variables_end = quote(variables_end + length + 1, end, value);
	if (variables_end != NULL)
		*variables_end++ = ';';
}

/* Adds some text. Returns where it ends, NULL: no room. */
static char *
copy(char *to, const char *text, const char *text_end)
{
	size_t length = (size_t)(text_end - text);

	if (to == NULL || to + length + 1 > shell_block + sizeof(shell_block))
		return NULL;
	memcpy(to, text, length);
	return to + length;
}

/* A list as it was written, behind the variables it may ask for; the bodies of its here-documents stand behind its newline. */
static char *
shell_list(const struct command *first, const struct command *last)
{
	uint32_t end = last->first_redirection + last->redirections;
	bool newline = false;
	char *to;

	variables_end = shell_block + SHELL_TEXT;
	var_for_each(add_variable);
	to = copy(variables_end, first->begin, last->end);
	for (uint32_t i = first->first_redirection; i < end; i++) {
		const struct redirection *r = &script.redirections[i];

		if (r->end == NULL || r->target.text < last->end)
			continue;
		if (!newline)
			to = copy(to, "\n", "\n" + 1);
		newline = true;
		to = copy(to, r->target.text, r->end);
	}
	return to;
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

/* --- pipelines --- */

/* The commands of a pipeline, in order, as far as they have been started. */
static struct started started[COMMANDS_MAX];

/* What is common to the commands of a pipeline. */
struct pipeline {
	bool several, background;
	int32_t group;			/* of the first program; 0: none is started yet */
};

/* A command that could not write what it had to say has failed. */
static int
run_builtin(builtin function, int argc, mach_port_t out)
{
	int status;

	shell.output_error = 0;
	status = function(argc, arguments, out);
	if (shell.output_error != 0)
		status = complain("%.60s: output: %s", arguments[0], error_text(shell.output_error));
	return status;
}

/* Returns the status, or 0 with s->pid set: a program runs. */
static int
run_expanded(int argc, struct descriptors *d, struct pipeline *p, struct started *s)
{
	builtin function = builtin_find(arguments[0]);
	struct program program = {
		.argv = arguments, .arguments = words.text, .arguments_size = words.used,
		    .background = p->background, .group = p->group,
	};
	int status;

	print_to(s->name, sizeof(s->name), "%s", arguments[0]);
	if (function != NULL && !p->several && !p->background)
		return run_builtin(function, argc, d->fds[1]);
	if (function != NULL && !shell_make(shell_words(argc), &program))
		return complain("%.30s: its words are too long", arguments[0]);
	if (p->background)
		detach_input(d);
	memcpy(program.fds, d->fds, sizeof(program.fds));
	status = program_start(&program, &s->pid);
	if (program.group == 0)
		p->group = s->pid;
	if (shell.interactive)
		s->group = p->group;
	return status;
}

/* The same; what the shell has to say of the command goes where the command's errors go. */
static int
run_words(int argc, struct descriptors *d, struct pipeline *p, struct started *s)
{
	int status;

	shell.complaints = d->fds[2];
	status = run_expanded(argc, d, p, s);
	shell.complaints = shell.fds[2];
	return status;
}

static int
run_command(const struct command *c, struct descriptors *d, struct pipeline *p, struct started *s)
{
	uint32_t first = 0;
	int argc, status;

	while (first < c->words && assignment(&script.words[c->first_word + first]) != 0)
		first++;
	argc = expand_command(c, first);
	if (argc < 0)
		return 1;
	if (argc == 0) {
		/* In a pipeline the variables would be another shell's. */
		status = p->several ? 0 : assign_all(c, first, var_set);
		return status != 0 ? status : redirect_all(d, c);
	}
	status = assign_all(c, first, var_set_aside);
	if (status == 0)
		status = redirect_all(d, c);
	if (status == 0)
		status = run_words(argc, d, p, s);
	var_restore();
	return status;
}

/*
 * One command of a pipeline. *input: what it reads, MACH_PORT_NULL: the shell's own; then what the next one reads. Returns false: there is no
 * pipe for the next one, which cannot run then.
 */
static bool
run_stage(const struct command *c, struct pipeline *p, mach_port_t *input, struct started *s)
{
	mach_port_t reader = MACH_PORT_NULL, writer;
	struct descriptors d;
	int status = 0, error;

	*s = (struct started){ 0 };
	descriptors_begin(&d);
	if (*input != MACH_PORT_NULL)
		replace(&d, 0, *input, true);
	if (c->next == TOKEN_PIPE) {
		error = pipe_create(&reader, &writer);
		if (error != 0)
			status = complain("|: %s", error_text(error));
		else
			replace(&d, 1, writer, true);
	}
	if (status == 0)
		status = run_command(c, &d, p, s);
	s->status = status;
	descriptors_end(&d);
	*input = reader;
	return c->next != TOKEN_PIPE || reader != MACH_PORT_NULL;
}

/* Returns the status of the last command. A pipeline in the background has none. */
static int
run_pipeline(const struct command *c, uint32_t count)
{
	struct pipeline p = { .several = count > 1, .background = c[count - 1].next == TOKEN_BACKGROUND };
	mach_port_t input = MACH_PORT_NULL;
	uint32_t done = 0;
	bool more = true;

	for (; done < count && more; done++)
		more = run_stage(&c[done], &p, &input, &started[done]);
	return program_finish(started, done, p.background);
}

/* --- lists --- */

/* The last command of the pipelines that && and || hold together from c on. */
static const struct command *
list_last(const struct command *c, bool *several)
{
	for (*several = false; c->next == TOKEN_PIPE || c->next == TOKEN_AND || c->next == TOKEN_OR; c++)
		*several |= c->next != TOKEN_PIPE;
	return c;
}

/* Pipelines with && and || in the background: a shell runs them. */
static int
run_beside(const struct command *first, const struct command *last)
{
	size_t length = (size_t)(last->end - first->begin);
	struct program program = { .background = true };
	struct descriptors d;

	started[0] = (struct started){ 0 };
	if (!shell_make(shell_list(first, last), &program))
		return complain("&: the list and the variables are too long");
	print_to(started[0].name, sizeof(started[0].name), "%.*s", (int)(length < 31 ? length : 31), first->begin);
	descriptors_begin(&d);
	detach_input(&d);
	memcpy(program.fds, d.fds, sizeof(program.fds));
	started[0].status = program_start(&program, &started[0].pid);
	if (shell.interactive)
		started[0].group = started[0].pid;
	descriptors_end(&d);
	return program_finish(started, 1, true);
}

static void
run_in_turn(const struct command *c, const struct command *last)
{
	bool skip = false;

	while (c <= last && !shell.exiting && !shell.interrupted) {
		uint32_t count = 1;

		while (c[count - 1].next == TOKEN_PIPE)
			count++;
		if (!skip)
			shell.status = run_pipeline(c, count);
		c += count;
		skip = c[-1].next == TOKEN_AND ? shell.status != 0 : shell.status == 0;
	}
}

static void
run_list(void)
{
	const struct command *c = script.commands, *end = c + script.command_count;

	while (c < end && !shell.exiting && !shell.interrupted) {
		bool several;
		const struct command *last = list_last(c, &several);

		if (last->next == TOKEN_BACKGROUND && several)
			shell.status = run_beside(c, last);
		else
			run_in_turn(c, last);
		c = last + 1;
	}
}

const char *
run_text(const char *text, bool all)
{
	do {
		shell.interrupted = false;
		switch (parse(&script, &text, all)) {
		case PARSE_MORE:
			return text;
		case PARSE_WRONG:
			complain("%s", script.error);
			shell.status = STATUS_SYNTAX;
			shell.exiting = !shell.interactive;
			return text + strlen(text);
		case PARSE_LINE:
			break;
		}
		if (script.command_count > 0)
			run_list();
		else if (shell.interactive)
			shell.status = 0;
	} while (*text != 0 && !shell.exiting);
	return text;
}
