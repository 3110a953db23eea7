/* The line discipline. See ldisc.h. */
#include "ldisc.h"
#include <string.h>

#define CONTROL(c)	((c) & 0x1f)
#define DELETE		0x7f

void
ldisc_init(struct ldisc *l)
{
	memset(l, 0, sizeof(*l));
	l->settings = (struct tty_settings){
		.iflag = TTY_ICRNL, .oflag = TTY_OPOST | TTY_ONLCR,
		.lflag = TTY_ISIG | TTY_ICANON | TTY_ECHO | TTY_ECHOE | TTY_ECHOK | TTY_ECHOCTL,
		.cflag = 0xbf,	/* 8 bits, receiver on, 38400: as termios spells it */
		.ispeed = 115200, .ospeed = 115200, .rows = 24, .columns = 80,
	};
	l->settings.cc[TTY_VINTR] = CONTROL('C');
	l->settings.cc[TTY_VQUIT] = CONTROL('\\');
	l->settings.cc[TTY_VERASE] = DELETE;
	l->settings.cc[TTY_VKILL] = CONTROL('U');
	l->settings.cc[TTY_VEOF] = CONTROL('D');
	l->settings.cc[TTY_VMIN] = 1;
	l->settings.cc[TTY_VSUSP] = CONTROL('Z');
}

static bool
canonical(const struct ldisc *l)
{
	return (l->settings.lflag & TTY_ICANON) != 0;
}

/* One place is kept for the end of the line. */
uint32_t
ldisc_room(const struct ldisc *l)
{
	uint32_t used = l->write - l->read;

	return used >= LDISC_SIZE - 1 ? 0 : LDISC_SIZE - 1 - used;
}

static void
echo_byte(struct ldisc_echo *echo, char c)
{
	if (echo->used < echo->size)
		echo->buffer[echo->used++] = c;
}

static bool
shown_as_control(const struct ldisc *l, uint8_t byte)
{
	return (byte < 0x20 || byte == DELETE) && byte != '\n' && byte != '\t' &&
	       (l->settings.lflag & TTY_ECHOCTL) != 0;
}

static void
echo_input(const struct ldisc *l, uint8_t byte, struct ldisc_echo *echo)
{
	if ((l->settings.lflag & TTY_ECHO) == 0 &&
		!(byte == '\n' && (l->settings.lflag & TTY_ECHONL) != 0))
		return;
	if (shown_as_control(l, byte)) {
		echo_byte(echo, '^');
		echo_byte(echo, (char)(byte ^ 0x40));
		return;
	}
	if (byte == '\n' && (l->settings.oflag & TTY_OPOST) != 0 &&
		(l->settings.oflag & TTY_ONLCR) != 0)
		echo_byte(echo, '\r');
	echo_byte(echo, (char)byte);
}

static void
store(struct ldisc *l, uint16_t entry)
{
	l->ring[l->write++ % LDISC_SIZE] = entry;
}

/* Takes the last byte of the edited line away. */
static void
erase(struct ldisc *l, struct ldisc_echo *echo)
{
	uint8_t byte;

	if (l->write == l->ready)
		return;
	byte = (uint8_t)l->ring[--l->write % LDISC_SIZE];
	if ((l->settings.lflag & TTY_ECHO) == 0 || (l->settings.lflag & TTY_ECHOE) == 0)
		return;
	for (int i = shown_as_control(l, byte) ? 2 : 1; i > 0; i--) {
		echo_byte(echo, '\b');
		echo_byte(echo, ' ');
		echo_byte(echo, '\b');
	}
}

static uint32_t
signal_of(const struct ldisc *l, uint8_t byte)
{
	const uint8_t *cc = l->settings.cc;

	if ((l->settings.lflag & TTY_ISIG) == 0 || byte == 0)
		return 0;
	return byte == cc[TTY_VINTR]   ? LDISC_INTR
	       : byte == cc[TTY_VQUIT] ? LDISC_QUIT
	       : byte == cc[TTY_VSUSP] ? LDISC_SUSP
				       : 0;
}

/* True: the byte was an editing character. */
static bool
edit(struct ldisc *l, uint8_t byte, struct ldisc_echo *echo)
{
	const uint8_t *cc = l->settings.cc;

	if (byte == 0)
		return false;
	if (byte == cc[TTY_VERASE] || (byte == '\b' && cc[TTY_VERASE] == DELETE)) {
		erase(l, echo);
	} else if (byte == cc[TTY_VKILL]) {
		while (l->write != l->ready)
			erase(l, echo);
	} else if (byte == cc[TTY_VEOF]) {
		if (l->write == l->ready)
			store(l, LDISC_EOF);
		else
			l->ring[(l->write - 1) % LDISC_SIZE] |= LDISC_END;
		l->ready = l->write;
	} else {
		return false;
	}
	return true;
}

static void
input_canonical(struct ldisc *l, uint8_t byte, struct ldisc_echo *echo)
{
	bool ends = byte == '\n' || (byte != 0 && byte == l->settings.cc[TTY_VEOL]);

	if (edit(l, byte, echo))
		return;
	if (ldisc_room(l) == 0 && !(ends && l->write - l->read < LDISC_SIZE))
		return;
	echo_input(l, byte, echo);
	store(l, ends ? byte | LDISC_END : byte);
	if (ends)
		l->ready = l->write;
}

uint32_t
ldisc_input(struct ldisc *l, uint8_t byte, struct ldisc_echo *echo)
{
	uint32_t signal = signal_of(l, byte);

	if (signal != 0) {
		echo_input(l, byte, echo);
		if ((l->settings.lflag & TTY_NOFLSH) == 0)
			ldisc_flush(l);
		return signal;
	}
	if (byte == '\r') {
		if ((l->settings.iflag & TTY_IGNCR) != 0)
			return 0;
		if ((l->settings.iflag & TTY_ICRNL) != 0)
			byte = '\n';
	} else if (byte == '\n' && (l->settings.iflag & TTY_INLCR) != 0) {
		byte = '\r';
	}
	if (canonical(l)) {
		input_canonical(l, byte, echo);
	} else if (ldisc_room(l) != 0) {
		echo_input(l, byte, echo);
		store(l, byte);
		l->ready = l->write;
	}
	return 0;
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
 * In raw mode VEOL, if it is set, ends a read: a shell then leaves what was typed ahead for its
 * programs in the line.
 */
static bool
ends_read(const struct ldisc *l, uint16_t entry)
{
	uint8_t end = l->settings.cc[TTY_VEOL];

	return canonical(l) ? (entry & LDISC_END) != 0 : end != 0 && (uint8_t)entry == end;
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

void
ldisc_flush(struct ldisc *l)
{
	l->read = l->ready = l->write;
}

void
ldisc_set(struct ldisc *l, const struct tty_settings *settings)
{
	l->settings = *settings;
	if (!canonical(l))
		l->ready = l->write;
}

uint32_t
ldisc_output(const struct ldisc *l, const void *data, uint32_t size, char *to, uint32_t room,
	uint32_t *taken)
{
	const uint8_t *from = data;
	bool add = (l->settings.oflag & TTY_OPOST) != 0 && (l->settings.oflag & TTY_ONLCR) != 0;
	uint32_t n = 0, i;

	for (i = 0; i < size && n + 2 <= room; i++) {
		if (from[i] == '\n' && add)
			to[n++] = '\r';
		to[n++] = (char)from[i];
	}
	*taken = i;
	return n;
}
