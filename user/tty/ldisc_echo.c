/* The line discipline: output, echo, and columns. See ldisc.h. */
#include "ldisc_local.h"

#define DELETE		0x7f
#define TAB		8u		/* columns */

static bool
is_control(uint8_t byte)
{
	return byte < 0x20 || byte == DELETE;
}

/* A byte in the middle of a character of several. */
static bool
is_continuation(const struct ldisc *l, uint8_t byte)
{
	return (l->settings.iflag & TTY_IUTF8) != 0 && (byte & 0xc0) == 0x80;
}

static uint32_t
column_after(const struct ldisc *l, uint32_t column, uint8_t byte)
{
	switch (byte) {
	case '\b':
		return column > 0 ? column - 1 : 0;
	case '\t':
		return (column | (TAB - 1)) + 1;
	case '\r':
		return 0;
	}
	return is_control(byte) || is_continuation(l, byte) ? column : column + 1;
}

static uint32_t
put_newline(struct ldisc *l, char *to)
{
	uint32_t n = 0;

	if ((l->settings.oflag & TTY_ONLCR) != 0)
		to[n++] = '\r';
	if ((l->settings.oflag & (TTY_ONLCR | TTY_ONLRET)) != 0)
		l->column = 0;
	to[n++] = '\n';
	return n;
}

static uint32_t
put_tab(struct ldisc *l, char *to)
{
	uint32_t end = column_after(l, l->column, '\t'), n = 0;

	while (l->column < end) {
		to[n++] = ' ';
		l->column++;
	}
	return n;
}

uint32_t
ldisc_put(struct ldisc *l, uint8_t byte, char to[LDISC_OUTPUT_MAX])
{
	uint32_t oflag = l->settings.oflag;

	if ((oflag & TTY_OPOST) != 0) {
		if (byte == '\r' && (oflag & TTY_ONOCR) != 0 && l->column == 0)
			return 0;
		if (byte == '\r' && (oflag & TTY_OCRNL) != 0)
			byte = '\n';
		if (byte == '\n')
			return put_newline(l, to);
		if (byte == '\t' && (oflag & TTY_TABDLY) == TTY_XTABS)
			return put_tab(l, to);
	}
	to[0] = (char)byte;
	l->column = column_after(l, l->column, byte);
	return 1;
}

uint32_t
ldisc_output(struct ldisc *l, const void *data, uint32_t size, char *to, uint32_t room, uint32_t *taken)
{
	const uint8_t *from = data;
	uint32_t n = 0, i;

	for (i = 0; i < size && n + LDISC_OUTPUT_MAX <= room; i++)
		n += ldisc_put(l, from[i], to + n);
	*taken = i;
	return n;
}

void
ldisc_echo_raw(struct ldisc_echo *echo, uint8_t byte)
{
	if (echo->used < echo->size)
		echo->buffer[echo->used++] = (char)byte;
}

static void
echo_output(struct ldisc *l, uint8_t byte, struct ldisc_echo *echo)
{
	char bytes[LDISC_OUTPUT_MAX];
	uint32_t n = ldisc_put(l, byte, bytes);

	for (uint32_t i = 0; i < n; i++)
		ldisc_echo_raw(echo, (uint8_t)bytes[i]);
}

static bool
shown_as_control(const struct ldisc *l, uint8_t byte)
{
	return is_control(byte) && byte != '\n' && byte != '\t' && ldisc_lflag(l, TTY_ECHOCTL);
}

void
ldisc_echo_byte(struct ldisc *l, uint8_t byte, struct ldisc_echo *echo)
{
	if (shown_as_control(l, byte)) {
		echo_output(l, '^', echo);
		echo_output(l, byte ^ 0x40, echo);
	} else {
		echo_output(l, byte, echo);
	}
}

void
ldisc_echo_input(struct ldisc *l, uint8_t byte, struct ldisc_echo *echo)
{
	if (ldisc_lflag(l, TTY_ECHO) || (byte == '\n' && ldisc_lflag(l, TTY_ICANON | TTY_ECHONL)))
		ldisc_echo_byte(l, byte, echo);
}

void
ldisc_echo_back(struct ldisc *l, uint32_t column, bool blank, struct ldisc_echo *echo)
{
	for (; l->column > column; l->column--) {
		ldisc_echo_raw(echo, '\b');
		if (blank) {
			ldisc_echo_raw(echo, ' ');
			ldisc_echo_raw(echo, '\b');
		}
	}
}

uint32_t
ldisc_line_end(const struct ldisc *l)
{
	uint32_t column = l->line_column;

	for (uint32_t i = l->ready; i != l->write; i++) {
		uint8_t byte = (uint8_t)l->ring[i % LDISC_SIZE];

		column = shown_as_control(l, byte) ? column + 2 : column_after(l, column, byte);
	}
	return column;
}
