/*
 * Line editing on the terminal (lib/line), and who has it: the shell or a program.
 *
 * While the shell edits, the terminal passes every key on at once and shows nothing itself; a read
 * ends behind a newline, so that what was typed ahead for a program stays in the terminal. While a
 * program runs it has the settings that were there before.
 */
#include "line/line.h"
#include "mach/mach.h"
#include "mach/startup.h"
#include "proc.h"
#include "shell.h"
#include "tty.h"
#include <proto/signal_page.h>
#include <errno.h>
#include <string.h>

#define MARK_SIZE	80		/* bytes */
#define SIGINT		2
#define SIGQUIT		3
#define SIGTSTP		20
#define SIGTTOU		22
#define ENDS_MAX	20		/* ends of file in a row until a terminal counts as gone */

static struct line line;
static struct tty_settings cooked, raw;
static bool has_settings;		/* it is a terminal of tty.defs */
static bool editing;			/* it has the settings `raw` */
static int32_t lent;			/* the group that was in front last */
static char typed[256];			/* read, not yet used */
static uint32_t typed_count, typed_used;

static void
to_terminal(void *context, const char *bytes, size_t count)
{
	(void)context;
	if (rescue_mode())
		console_write(rescue_console(), bytes, count);
	else
		file_write(shell.fds[2], bytes, count);
}

/* Mark and prompt go out in one piece, so that no other output comes between them. */
static void
to_terminal_marked(void *context, const char *bytes, size_t count)
{
	const char *mark = context;
	char text[MARK_SIZE + sizeof(line.out)];
	size_t n = strlcpy(text, mark, MARK_SIZE);

	memcpy(text + n, bytes, count);
	to_terminal(NULL, text, n + count);
}

/*
 * Keys are for the programs that run in front, and SIGTTOU would stop the shell when it takes the terminal back from them. What init starts has
 * no signal page; proc spares it.
 */
static void
ignore_keys(void)
{
	static const int keys[] = { SIGINT, SIGQUIT, SIGTSTP, SIGTTOU };
	struct signal_page *page = (struct signal_page *)startup_info->signal_page;

	for (unsigned i = 0; page != NULL && i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (page->actions[keys[i]].handler != SIGNAL_IGNORE)
			shell.keys_ignored |= SIGNAL_BIT(keys[i]);
		page->actions[keys[i]].handler = SIGNAL_IGNORE;
	}
}

static bool
apply(const struct tty_settings *settings)
{
	kern_return_t kr;

	do
		kr = tty_set_settings(shell.fds[0], TTY_SET_DRAIN, settings);
	while (kr == EINTR);
	return kr == KERN_SUCCESS;
}

/* Takes the settings for those that programs get. Who was started in the background is stopped here until it is in front, where they may be others. */
static bool
settle(void)
{
	kern_return_t kr;

	do {
		kr = tty_get_settings(shell.fds[0], &cooked);
		if (kr == KERN_SUCCESS)
			kr = tty_set_settings(shell.fds[0], TTY_SET_DRAIN, &cooked);
	} while (kr == EINTR);
	return kr == KERN_SUCCESS;
}

bool
terminal_start(void)
{
	line_init(&line, to_terminal, NULL);
	if (rescue_mode())
		return true;
	if (!settle())
		return false;
	has_settings = true;
	ignore_keys();
	raw = cooked;
	raw.iflag |= TTY_ICRNL;
	raw.lflag &= ~(TTY_ISIG | TTY_ICANON | TTY_ECHO);
	raw.cc[TTY_VMIN] = 1;
	raw.cc[TTY_VEOL] = '\n';
	if (cooked.columns >= 2)
		line.columns = cooked.columns;
	return true;
}

static void
begin_editing(void)
{
	if (has_settings && !editing)
		editing = apply(&raw);
}

void
terminal_lend(int32_t group, const struct tty_settings *settings)
{
	if (!has_settings)
		return;
	if (group > 0) {
		tty_set_foreground(shell.fds[0], group);	/* before the keys work: then they are for it */
		lent = group;
	}
	if (editing || settings != NULL)
		editing = !apply(settings != NULL ? settings : &cooked);
}

/* A shell that somebody has put into the background takes nothing: its next read stops it. */
static bool
may_take(int32_t group)
{
	int32_t now;

	return startup_info->signal_page == 0 || tty_get_foreground(shell.fds[0], &now) != KERN_SUCCESS || now == lent || now == group;
}

void
terminal_take(void)
{
	const struct signal_page *page = (const struct signal_page *)startup_info->signal_page;
	int32_t group = page != NULL ? page->group : startup_info->pid;

	if (has_settings && group > 0 && may_take(group))
		tty_set_foreground(shell.fds[0], group);
}

void
terminal_reset(void)
{
	if (has_settings)
		editing = !apply(&cooked);
}

bool
terminal_settings(struct tty_settings *settings)
{
	return has_settings && tty_get_settings(shell.fds[0], settings) == KERN_SUCCESS;
}

/* Makes sure that something typed is there. Returns false: the terminal is gone. */
static bool
fill(void)
{
	for (unsigned ends = 0; typed_used == typed_count; ends++) {
		typed_used = 0;
		if (file_read(shell.fds[0], typed, sizeof(typed), &typed_count) != 0 ||
		    ends == ENDS_MAX)
			return false;
	}
	return true;
}

static enum line_event
edit(bool *gone)
{
	enum line_event event = LINE_MORE;

	while (event == LINE_MORE) {
		size_t used;

		*gone = !fill();
		if (*gone)
			break;
		event = line_input(&line, typed + typed_used, typed_count - typed_used, &used);
		typed_used += (uint32_t)used;
	}
	return event;
}

enum line_event
terminal_line(const char *mark, const char *prompt, const char **result)
{
	char text[MARK_SIZE];
	enum line_event event;
	bool gone = false;

	begin_editing();
	strlcpy(text, mark, sizeof(text));
	line.output = to_terminal_marked;
	line.context = text;
	line_begin(&line, prompt);
	line.output = to_terminal;
	line.context = NULL;
	event = edit(&gone);
	if (event == LINE_DONE) {
		line_remember(&line, line.text);
		*result = line.text;
	} else if (event == LINE_INTERRUPTED) {
		shell.status = STATUS_SIGNAL + 2;
	} else if (event == LINE_TOO_LONG) {
		complain("the line is longer than %u bytes", LINE_LENGTH_MAX);
		shell.status = STATUS_SYNTAX;
	}
	return event;
}
