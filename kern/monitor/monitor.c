/*
 * The monitor's loop: prompt, line, words, command.
 *
 * There is one monitor at a time; who comes second goes on at once. A panic takes everything over
 * and never gives it back.
 */
#include "monitor/monitor.h"

#include "init/cmdline.h"
#include "init/console.h"
#include "init/panic.h"
#include "init/printk.h"
#include "init/string.h"
#include "line/line.h"
#include "line/number.h"
#include "line/token.h"
#include "monitor/command.h"

#define PROMPT	"kmsh> "

static struct line editor;
static char words[LINE_LENGTH_MAX + 1];	/* the words of a command, each with its 0 */
static bool busy;			/* somebody is in the monitor */
static bool leaving;

/* --- what commands use --- */

int
complain(const char *format, ...)
{
	char text[200];
	va_list arguments;

	va_start(arguments, format);
	kvsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	printk("kmsh: %s\n", text);
	return STATUS_FAILED;
}

bool
argument_number(const char *word, const char *what, uint64_t most, uint64_t *value)
{
	if (!number_parse(word, value)) {
		complain("%.40s: not a number (%s)", word, what);
		return false;
	}
	if (*value > most) {
		complain("%.40s: too large (%s)", word, what);
		return false;
	}
	return true;
}

void
monitor_leave(void)
{
	leaving = true;
}

/* --- one line --- */

static int
run_words(int argc, char **argv)
{
	const struct command *command;

	if (argc == 0)
		return 0;
	command = command_find(argv[0]);
	if (command == NULL) {
		complain("%.60s: unknown command; `help` lists them", argv[0]);
		return STATUS_UNKNOWN;
	}
	if (argc - 1 < command->least || argc - 1 > command->most) {
		complain("%s: %s; usage: %s %s", argv[0],
		    argc - 1 < command->least ? "something is missing" : "too many arguments",
		    command->name, command->usage);
		return STATUS_USAGE;
	}
	return command->run(argc, argv);
}

/*
 * Collects the words of one command from *at on, up to the operator in *token. Returns their
 * number, or -1: error, which was printed.
 */
static int
take_words(const char **at, struct token *token, char **argv)
{
	char *to = words;
	int argc = 0;

	for (;;) {
		token_next(at, token);
		if (token->kind == TOKEN_ERROR) {
			complain("%s", token_error(token));
			return -1;
		}
		if (token->kind != TOKEN_WORD)
			break;
		if (argc == ARGUMENTS_MAX) {
			complain("more than %d words", ARGUMENTS_MAX);
			return -1;
		}
		argv[argc++] = to;
		to += word_copy(token, to, words + sizeof(words) - to) + 1;
	}
	argv[argc] = NULL;
	return argc;
}

/* Whether the command after this operator runs. */
static bool
goes_on(enum token_kind operator, int status)
{
	return operator == TOKEN_SEMICOLON || (operator == TOKEN_AND && status == 0) ||
	    (operator == TOKEN_OR && status != 0);
}

static int
run_line(const char *text)
{
	char *argv[ARGUMENTS_MAX + 1];
	int status = 0;
	bool run = true;
	struct token token;

	do {
		int argc = take_words(&text, &token, argv);

		if (argc < 0)
			return STATUS_USAGE;
		if (token.kind != TOKEN_END && token.kind != TOKEN_SEMICOLON &&
		    token.kind != TOKEN_AND && token.kind != TOKEN_OR) {
			complain("%.2s: the kernel monitor has no files, pipes or jobs",
			    token.text);
			return STATUS_USAGE;
		}
		if (run && argc > 0)
			status = run_words(argc, argv);
		if (!run && token.kind != TOKEN_SEMICOLON)
			continue;
		run = goes_on(token.kind, status);
	} while (token.kind != TOKEN_END && !leaving);
	return status;
}

void
monitor_print_threads(void)
{
	static char *const lines[][3] = { { "threads" }, { "backtrace", "all" }, { "memory" } };

	if (command_find("threads") == NULL)	/* layer 1 */
		return;
	for (unsigned i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		run_words(lines[i][1] == NULL ? 1 : 2, (char **)lines[i]);
}

/* --- the loop --- */

static void
editor_output(void *context, const char *bytes, size_t count)
{
	(void)context;
	console_write_raw(bytes, count);
}

static int
put_text(char *to, int at, const char *text)
{
	while (*text != 0)
		to[at++] = *text++;
	return at;
}

static int
put_decimal(char *to, int at, unsigned value)
{
	if (value >= 10)
		at = put_decimal(to, at, value / 10);
	to[at] = '0' + value % 10;
	return at + 1;
}

/*
 * Before each prompt a driver gets a mark that no command prints, in one piece with the prompt. It is made without printk: it has to
 * come out while printk is still an exercise.
 */
static void
prompt_output(void *context, const char *bytes, size_t count)
{
	const int *status = context;
	char nonce[40], text[64 + sizeof(editor.out)];
	int length = 0;

	if (cmdline_value("nonce", nonce, sizeof(nonce))) {
		length = put_text(text, put_text(text, 0, "\x1e"), nonce);
		length = put_text(text, length, " rc=");
		length = put_text(text, put_decimal(text, length, (unsigned)*status), "\r\n");
	}
	memcpy(text + length, bytes, count);
	console_write_raw(text, length + count);
}

/* Returns the event that ended the line; LINE_MORE: the reading thread is to go. */
static enum line_event
read_line(int status)
{
	enum line_event event = LINE_MORE;

	editor.output = prompt_output;
	editor.context = &status;
	line_begin(&editor, PROMPT);
	editor.output = editor_output;
	editor.context = NULL;
	while (event == LINE_MORE) {
		int c = console_getchar();
		char byte = c;
		size_t used;

		if (c < 0)
			break;
		event = line_input(&editor, &byte, 1, &used);
	}
	return event;
}

static int
obey_line(enum line_event event)
{
	switch (event) {
	case LINE_DONE:
		line_remember(&editor, editor.text);
		return run_line(editor.text);
	case LINE_TOO_LONG:
		complain("the line is longer than %u bytes", LINE_LENGTH_MAX);
		return STATUS_USAGE;
	default:
		return 0;
	}
}

static void
monitor_loop(const char *reason, int status)
{
	enum line_event event;

	leaving = false;
	line_init(&editor, editor_output, NULL);
	printk("\nkernel monitor (%s): `help` lists the commands, `continue` goes on\n", reason);
	while (!leaving) {
		event = read_line(status);
		if (event == LINE_MORE)
			break;
		status = obey_line(event);
	}
}

void
monitor_enter(const char *reason)
{
	console_monitor_takes(true);
	if (!__atomic_exchange_n(&busy, true, __ATOMIC_ACQUIRE)) {
		monitor_loop(reason, 0);
		__atomic_store_n(&busy, false, __ATOMIC_RELEASE);
	}
	console_monitor_takes(false);
}

void
monitor_panic(void)
{
	busy = true;
	for (;;)
		monitor_loop("panic", 0);
}

static _Noreturn void
monitor_unwind(void **to)
{
	__builtin_longjmp(to, 1);
}

/* A stack that a command ran into the ground is left for the place where the loop began. */
void
monitor_stand_still(int status)
{
	static void *loop[5];
	static volatile int given;
	static bool there;

	given = status;
	if (there)
		monitor_unwind(loop);
	there = true;
	busy = true;
	(void)__builtin_setjmp(loop);
	for (;;)
		monitor_loop("the machine stands still", given);
}
