/* The line discipline: input and reading. See ldisc.h. */
#include "ldisc.h"
#include "ldisc_local.h"
#include <string.h>

#define CONTROL(c)	((c) & 0x1f)
#define DELETE		0x7f

void
ldisc_init(struct ldisc *l)
{
	memset(l, 0, sizeof(*l));
	l->settings = (struct tty_settings){
		.iflag = TTY_ICRNL | TTY_IXON | TTY_IUTF8, .oflag = TTY_OPOST | TTY_ONLCR,
		.lflag = TTY_ISIG | TTY_ICANON | TTY_IEXTEN | TTY_ECHO | TTY_ECHOE | TTY_ECHOK | TTY_ECHOCTL | TTY_ECHOKE,
		.cflag = 0xbf,	/* 8 bits, receiver on, 38400: as termios spells it */
		.ispeed = 115200, .ospeed = 115200, .rows = 24, .columns = 80,
	};
	l->settings.cc[TTY_VINTR] = CONTROL('C');
	l->settings.cc[TTY_VQUIT] = CONTROL('\\');
	l->settings.cc[TTY_VERASE] = DELETE;
	l->settings.cc[TTY_VKILL] = CONTROL('U');
	l->settings.cc[TTY_VEOF] = CONTROL('D');
	l->settings.cc[TTY_VMIN] = 1;
	l->settings.cc[TTY_VSTART] = CONTROL('Q');
	l->settings.cc[TTY_VSTOP] = CONTROL('S');
	l->settings.cc[TTY_VSUSP] = CONTROL('Z');
	l->settings.cc[TTY_VREPRINT] = CONTROL('R');
	l->settings.cc[TTY_VWERASE] = CONTROL('W');
	l->settings.cc[TTY_VLNEXT] = CONTROL('V');
}

static bool
canonical(const struct ldisc *l)
{
	return ldisc_lflag(l, TTY_ICANON);
}

/* One place is kept for the end of the line. */
uint32_t
ldisc_room(const struct ldisc *l)
{
	uint32_t used = l->write - l->read;

	return used >= LDISC_SIZE - 1 ? 0 : LDISC_SIZE - 1 - used;
}

static uint32_t
signal_of(const struct ldisc *l, uint8_t byte)
{
	if (!ldisc_lflag(l, TTY_ISIG))
		return 0;
	return ldisc_is(l, byte, TTY_VINTR)   ? LDISC_INTR
	       : ldisc_is(l, byte, TTY_VQUIT) ? LDISC_QUIT
	       : ldisc_is(l, byte, TTY_VSUSP) ? LDISC_SUSP
					      : 0;
}

/* Input that found no place. */
static void
refuse(struct ldisc *l, struct ldisc_echo *echo)
{
	if ((l->settings.iflag & TTY_IMAXBEL) != 0)
		ldisc_echo_raw(echo, '\a');
}

static void
input_canonical(struct ldisc *l, uint8_t byte, bool literal, struct ldisc_echo *echo)
{
	bool ends = !literal && (byte == '\n' || ldisc_is(l, byte, TTY_VEOL) ||
	    (ldisc_lflag(l, TTY_IEXTEN) && ldisc_is(l, byte, TTY_VEOL2)));

	if (!literal && ldisc_edit(l, byte, echo))
		return;
	if (ldisc_room(l) == 0 && !(ends && l->write - l->read < LDISC_SIZE)) {
		refuse(l, echo);
		return;
	}
	if (l->write == l->ready)
		l->line_column = l->column;
	ldisc_echo_input(l, byte, echo);
	ldisc_store(l, ends ? byte | LDISC_END : byte);
	if (ends)
		l->ready = l->write;
}

static void
input_raw(struct ldisc *l, uint8_t byte, struct ldisc_echo *echo)
{
	if (ldisc_room(l) == 0) {
		refuse(l, echo);
		return;
	}
	ldisc_echo_input(l, byte, echo);
	ldisc_store(l, byte);
	l->ready = l->write;
}

/* Flow control of output (IXON). Returns true: the byte is used up. */
static bool
flow_control(struct ldisc *l, uint8_t byte, uint32_t *result)
{
	bool start = ldisc_is(l, byte, TTY_VSTART), stop = ldisc_is(l, byte, TTY_VSTOP);

	if ((l->settings.iflag & TTY_IXON) == 0)
		return false;
	if (l->stopped && (start || ((l->settings.iflag & TTY_IXANY) != 0 && !stop))) {
		l->stopped = false;
		*result = LDISC_STARTED;
	} else if (stop) {
		l->stopped = true;
	}
	return start || stop;
}

/* Asks the sender to stop when the ring fills up (IXOFF). */
static void
throttle(struct ldisc *l, struct ldisc_echo *echo)
{
	if ((l->settings.iflag & TTY_IXOFF) == 0 || l->throttled || ldisc_room(l) > LDISC_SIZE / 4)
		return;
	l->throttled = true;
	ldisc_echo_raw(echo, l->settings.cc[TTY_VSTOP]);
}

static uint32_t
typed_signal(struct ldisc *l, uint8_t byte, uint32_t signal, struct ldisc_echo *echo)
{
	ldisc_echo_input(l, byte, echo);
	if (!ldisc_lflag(l, TTY_NOFLSH))
		ldisc_flush(l);
	if (l->stopped && (l->settings.iflag & TTY_IXON) != 0) {
		l->stopped = false;
		signal |= LDISC_STARTED;
	}
	return signal;
}

/* Returns the byte as the program shall see it; -1: not at all. */
static int
translate(const struct ldisc *l, uint8_t byte)
{
	uint32_t iflag = l->settings.iflag;

	if (byte == '\r')
		return (iflag & TTY_IGNCR) != 0 ? -1 : (iflag & TTY_ICRNL) != 0 ? '\n' : '\r';
	if (byte == '\n' && (iflag & TTY_INLCR) != 0)
		return '\r';
	return byte;
}

uint32_t
ldisc_input(struct ldisc *l, uint8_t byte, struct ldisc_echo *echo)
{
	uint32_t result = 0, signal;
	bool literal = l->literal;
	int c = byte;

	if ((l->settings.iflag & TTY_ISTRIP) != 0)
		c = byte &= 0x7f;
	l->literal = false;
	if (!literal) {
		if (flow_control(l, byte, &result))
			return result;
		signal = signal_of(l, byte);
		if (signal != 0)
			return result | typed_signal(l, byte, signal, echo);
		c = translate(l, byte);
		if (c < 0)
			return result;
	}
	if (canonical(l))
		input_canonical(l, (uint8_t)c, literal, echo);
	else
		input_raw(l, (uint8_t)c, echo);
	throttle(l, echo);
	return result;
}

bool
ldisc_readable(const struct ldisc *l)
{
	uint32_t wanted = canonical(l) ? 1 : l->settings.cc[TTY_VMIN];

	if (wanted == 0 && l->settings.cc[TTY_VTIME] != 0)
		wanted = 1;
	return l->ready - l->read >= wanted;
}

uint32_t
ldisc_timer(const struct ldisc *l)
{
	if (canonical(l) || (l->settings.cc[TTY_VMIN] != 0 && l->ready == l->read))
		return 0;
	return l->settings.cc[TTY_VTIME] * 100u;
}

/*
 * In raw mode VEOL, if it is set, ends a read: a shell then leaves what was typed ahead for its programs in the line.
 */
static bool
ends_read(const struct ldisc *l, uint16_t entry)
{
	return canonical(l) ? (entry & LDISC_END) != 0 : ldisc_is(l, (uint8_t)entry, TTY_VEOL);
}

uint32_t
ldisc_read(struct ldisc *l, void *buffer, uint32_t size)
{
	uint8_t *to = buffer;
	uint32_t n = 0;
	uint16_t entry;

	while (n < size && l->read != l->ready) {
		entry = l->ring[l->read % LDISC_SIZE];
		if ((entry & LDISC_EOF) != 0) {
			/* an end of file ends the read before it, and is what the next one finds */
			l->read += n == 0;
			break;
		}
		to[n++] = (uint8_t)entry;
		l->read++;
		if (ends_read(l, entry))
			break;
	}
	return n;
}

uint32_t
ldisc_available(const struct ldisc *l)
{
	uint32_t n = 0;

	for (uint32_t i = l->read; i != l->ready; i++)
		n += (l->ring[i % LDISC_SIZE] & LDISC_EOF) == 0;
	return n;
}

void
ldisc_flush(struct ldisc *l)
{
	l->read = l->ready = l->write;
	l->literal = false;
	l->line_column = l->column;
}

uint8_t
ldisc_unthrottle(struct ldisc *l)
{
	if (!l->throttled || ldisc_room(l) < LDISC_SIZE / 2)
		return 0;
	l->throttled = false;
	return l->settings.cc[TTY_VSTART];
}

void
ldisc_set(struct ldisc *l, const struct tty_settings *settings)
{
	uint16_t rows = l->settings.rows, columns = l->settings.columns;

	l->settings = *settings;
	l->settings.rows = rows;
	l->settings.columns = columns;
	if ((settings->iflag & TTY_IXON) == 0)
		l->stopped = false;
	if (!canonical(l))
		l->ready = l->write;
}
