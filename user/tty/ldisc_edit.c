/* The line discipline: editing the line in canonical mode. See ldisc.h. */
#include "ldisc_local.h"

#define DELETE		0x7f

static uint8_t
last_byte(const struct ldisc *l)
{
	return (uint8_t)l->ring[(l->write - 1) % LDISC_SIZE];
}

/* Takes the last character, which may have several bytes, out of the line. Returns its first byte. */
static uint8_t
take_last(struct ldisc *l)
{
	uint8_t byte;

	do {
		byte = last_byte(l);
		l->write--;
	} while ((l->settings.iflag & TTY_IUTF8) != 0 && (byte & 0xc0) == 0x80 && l->write != l->ready);
	return byte;
}

/* Takes a character away, and from the screen. */
static void
erase(struct ldisc *l, struct ldisc_echo *echo)
{
	uint8_t byte = take_last(l);

	if (ldisc_lflag(l, TTY_ECHO | TTY_ECHOE))
		ldisc_echo_back(l, ldisc_line_end(l), byte != '\t', echo);
	else
		ldisc_echo_input(l, l->settings.cc[TTY_VERASE], echo);
}

static void
erase_word(struct ldisc *l, struct ldisc_echo *echo)
{
	while (l->write != l->ready && (last_byte(l) == ' ' || last_byte(l) == '\t'))
		erase(l, echo);
	while (l->write != l->ready && last_byte(l) != ' ' && last_byte(l) != '\t')
		erase(l, echo);
}

static void
kill_line(struct ldisc *l, struct ldisc_echo *echo)
{
	if (ldisc_lflag(l, TTY_ECHO | TTY_ECHOK | TTY_ECHOE | TTY_ECHOKE)) {
		while (l->write != l->ready)
			erase(l, echo);
		return;
	}
	l->write = l->ready;
	ldisc_echo_input(l, l->settings.cc[TTY_VKILL], echo);
	if (ldisc_lflag(l, TTY_ECHO | TTY_ECHOK))
		ldisc_echo_byte(l, '\n', echo);
	l->line_column = l->column;
}

static void
reprint(struct ldisc *l, struct ldisc_echo *echo)
{
	if (!ldisc_lflag(l, TTY_ECHO))
		return;
	ldisc_echo_byte(l, l->settings.cc[TTY_VREPRINT], echo);
	ldisc_echo_byte(l, '\n', echo);
	l->line_column = l->column;
	for (uint32_t i = l->ready; i != l->write; i++)
		ldisc_echo_byte(l, (uint8_t)l->ring[i % LDISC_SIZE], echo);
}

static void
end_of_file(struct ldisc *l)
{
	if (l->write == l->ready)
		ldisc_store(l, LDISC_EOF);
	else
		l->ring[(l->write - 1) % LDISC_SIZE] |= LDISC_END;
	l->ready = l->write;
	l->line_column = l->column;
}

/* The next byte is no special one; a mark shows that it is waited for. */
static void
begin_literal(struct ldisc *l, struct ldisc_echo *echo)
{
	l->literal = true;
	if (ldisc_lflag(l, TTY_ECHO | TTY_ECHOCTL)) {
		ldisc_echo_raw(echo, '^');
		ldisc_echo_raw(echo, '\b');
	}
}

void
ldisc_store(struct ldisc *l, uint16_t entry)
{
	l->ring[l->write++ % LDISC_SIZE] = entry;
}

/* The characters that POSIX does not know, and IEXTEN allows. */
static bool
edit_more(struct ldisc *l, uint8_t byte, struct ldisc_echo *echo)
{
	if (!ldisc_lflag(l, TTY_IEXTEN))
		return false;
	if (ldisc_is(l, byte, TTY_VWERASE))
		erase_word(l, echo);
	else if (ldisc_is(l, byte, TTY_VREPRINT))
		reprint(l, echo);
	else if (ldisc_is(l, byte, TTY_VLNEXT))
		begin_literal(l, echo);
	else
		return false;
	return true;
}

bool
ldisc_edit(struct ldisc *l, uint8_t byte, struct ldisc_echo *echo)
{
	if (ldisc_is(l, byte, TTY_VERASE) || (byte == '\b' && l->settings.cc[TTY_VERASE] == DELETE)) {
		if (l->write != l->ready)
			erase(l, echo);
	} else if (ldisc_is(l, byte, TTY_VKILL)) {
		kill_line(l, echo);
	} else if (ldisc_is(l, byte, TTY_VEOF)) {
		end_of_file(l);
	} else {
		return edit_more(l, byte, echo);
	}
	return true;
}
