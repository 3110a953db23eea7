/* The terminal's line discipline. */
// SOURCES: user/tty/ldisc.c user/tty/ldisc_edit.c user/tty/ldisc_echo.c
#include "unit.h"
#include "../../user/tty/ldisc.h"

static struct ldisc l;
static char shown[65536];
static uint32_t shown_size, signals;

static void
start(void)
{
	ldisc_init(&l);
	shown_size = signals = 0;
}

static void
type_bytes(const char *bytes, size_t n)
{
	struct ldisc_echo echo = { shown, sizeof(shown) - 1, shown_size };

	for (size_t i = 0; i < n; i++)
		signals |= ldisc_input(&l, (uint8_t)bytes[i], &echo);
	shown_size = echo.used;
	shown[shown_size] = 0;
}

static void
type(const char *text)
{
	type_bytes(text, strlen(text));
}

static const char *
read_text(uint32_t size)
{
	static char buffer[LDISC_SIZE + 1];

	buffer[ldisc_read(&l, buffer, size)] = 0;
	return buffer;
}

static void
a_line_is_read_when_it_ends(void)
{
	start();
	type("hel");
	CHECK(!ldisc_readable(&l));
	type("lo\r");
	CHECK(ldisc_readable(&l));
	CHECK_STR(read_text(100), "hello\n");
	CHECK_STR(shown, "hello\r\n");
	CHECK(!ldisc_readable(&l));
}

static void
a_read_gets_one_line_or_a_part(void)
{
	start();
	type("one\ntwo\n");
	CHECK_STR(read_text(100), "one\n");
	CHECK_STR(read_text(2), "tw");
	CHECK_STR(read_text(100), "o\n");
}

static void
erase_and_kill(void)
{
	start();
	type("abx\177c\n");
	CHECK_STR(read_text(100), "abc\n");
	CHECK_STR(shown, "abx\b \bc\r\n");
	start();
	type("\177abc\025de\b\n");
	CHECK_STR(read_text(100), "d\n");
	start();
	type("a\001\177\177b\n");
	CHECK_STR(shown, "a^A\b \b\b \b\b \bb\r\n");
	CHECK_STR(read_text(100), "b\n");
}

static void
erase_stops_at_the_line_before(void)
{
	start();
	type("one\n\177\177two\n");
	CHECK_STR(read_text(100), "one\n");
	CHECK_STR(read_text(100), "two\n");
}

static void
end_of_file(void)
{
	char c;

	start();
	type("\004");
	CHECK(ldisc_readable(&l));
	CHECK_EQ(ldisc_read(&l, &c, 1), 0);
	CHECK(!ldisc_readable(&l));
	type("ab\004");
	CHECK_STR(read_text(100), "ab");
	CHECK(!ldisc_readable(&l));
	type("x\n\004y\n");
	CHECK_STR(read_text(100), "x\n");
	CHECK_EQ(ldisc_read(&l, &c, 1), 0);
	CHECK_STR(read_text(100), "y\n");
	CHECK_STR(shown, "abx\r\ny\r\n");
}

static void
signals_flush_the_line(void)
{
	start();
	type("abc\003");
	CHECK_EQ(signals, LDISC_INTR);
	CHECK_STR(shown, "abc^C");
	type("d\n");
	CHECK_STR(read_text(100), "d\n");
	type("\032\034");
	CHECK_EQ(signals, LDISC_INTR | LDISC_SUSP | LDISC_QUIT);
	start();
	l.settings.lflag &= ~TTY_ISIG;
	type("\003\n");
	CHECK_EQ(signals, 0);
	CHECK_STR(read_text(100), "\003\n");
}

static void
raw_mode(void)
{
	struct tty_settings s;

	start();
	type("half");
	s = l.settings;
	s.lflag &= ~(TTY_ICANON | TTY_ECHO);
	ldisc_set(&l, &s);
	CHECK_STR(read_text(100), "half");
	type("\177\004\n\r");
	CHECK_STR(read_text(2), "\177\004");
	CHECK_STR(read_text(100), "\n\n");
	s.iflag = 0;
	s.cc[TTY_VMIN] = 3;
	ldisc_set(&l, &s);
	type("a\r");
	CHECK(!ldisc_readable(&l));
	type("b");
	CHECK(ldisc_readable(&l));
	CHECK_STR(read_text(100), "a\rb");
	s.cc[TTY_VMIN] = 0;
	ldisc_set(&l, &s);
	CHECK(ldisc_readable(&l));
	CHECK_STR(read_text(100), "");
	CHECK_STR(shown, "half");
}

static void
timers(void)
{
	struct tty_settings s;

	start();
	CHECK_EQ(ldisc_timer(&l), 0);
	s = l.settings;
	s.lflag = 0;
	s.cc[TTY_VMIN] = 0;
	s.cc[TTY_VTIME] = 5;
	ldisc_set(&l, &s);
	CHECK(!ldisc_readable(&l));
	CHECK_EQ(ldisc_timer(&l), 500);
	s.cc[TTY_VMIN] = 3;
	ldisc_set(&l, &s);
	CHECK_EQ(ldisc_timer(&l), 0);		/* counts from the first byte on */
	type("a");
	CHECK(!ldisc_readable(&l));
	CHECK_EQ(ldisc_timer(&l), 500);
	CHECK_STR(read_text(10), "a");
}

static void
a_pasted_text_arrives_whole(void)
{
	static char text[8192];
	char line[128];

	start();
	for (int i = 0; i < 8192; i++)
		text[i] = i % 64 == 63 ? '\n' : (char)('a' + i / 64 % 26);
	type_bytes(text, sizeof(text));
	for (int i = 0; i < 128; i++) {
		CHECK_EQ(ldisc_read(&l, line, sizeof(line)), 64);
		CHECK_EQ(memcmp(line, text + i * 64, 64), 0);
	}
	start();
	memset(text, 'x', sizeof(text));
	type_bytes(text, sizeof(text));
	type("\n");
	CHECK_EQ(strlen(read_text(LDISC_SIZE)), 8193);
}

static void
the_longest_line_still_ends(void)
{
	start();
	for (uint32_t i = 0; i < LDISC_SIZE + 100; i++)
		type_bytes("x", 1);
	CHECK_EQ(ldisc_room(&l), 0);
	CHECK(!ldisc_readable(&l));
	type("\n");
	CHECK(ldisc_readable(&l));
	CHECK_EQ(strlen(read_text(LDISC_SIZE)), LDISC_SIZE);
	CHECK_EQ(ldisc_room(&l), LDISC_SIZE - 1);
}

static void
room_is_never_overrun(void)
{
	start();
	l.settings.lflag &= ~TTY_ICANON;
	for (uint32_t i = 0; i < 3 * LDISC_SIZE; i++)
		type_bytes("x", 1);
	CHECK_EQ(ldisc_room(&l), 0);
	CHECK_EQ(strlen(read_text(LDISC_SIZE)), LDISC_SIZE - 1);
	for (uint32_t i = 0; i < 3 * LDISC_SIZE; i++) {
		type_bytes("y", 1);
		CHECK_STR(read_text(1), "y");
	}
}

static const char *
output_text(const char *text)
{
	static char out[400];
	uint32_t taken;

	out[ldisc_output(&l, text, (uint32_t)strlen(text), out, sizeof(out), &taken)] = 0;
	CHECK_EQ(taken, strlen(text));
	return out;
}

static void
output_is_translated(void)
{
	char out[24];
	uint32_t taken;

	start();
	CHECK_STR(output_text("a\nb"), "a\r\nb");
	CHECK_EQ(ldisc_output(&l, "\n\n\n\n\n\n\n\n\n\n\n\n", 12, out, sizeof(out), &taken), 18);
	CHECK_EQ(taken, 9);
	l.settings.oflag = TTY_OPOST | TTY_OCRNL;
	CHECK_STR(output_text("a\rb"), "a\nb");
	l.column = 0;
	l.settings.oflag = TTY_OPOST | TTY_ONOCR;
	CHECK_STR(output_text("\ra\r\r"), "a\r");
	l.settings.oflag = TTY_OPOST | TTY_ONLCR | TTY_XTABS;
	CHECK_STR(output_text("\tab\tc\n\t"), "        ab      c\r\n        ");
	l.settings.oflag = TTY_ONLCR;
	CHECK_STR(output_text("\n\t"), "\n\t");
}

static void
wide_characters_disappear(void)
{
	start();
	output_text("> ");
	type("a\tb\177\177c\n");
	CHECK_STR(read_text(100), "ac\n");
	CHECK_STR(shown, "a\tb\b \b\b\b\b\b\bc\r\n");
	start();
	type("a\303\244\177b\n");		/* one character of two bytes */
	CHECK_STR(read_text(100), "ab\n");
	CHECK_STR(shown, "a\303\244\b \bb\r\n");
	start();
	l.settings.iflag &= ~TTY_IUTF8;
	type("\303\244\177\n");
	CHECK_STR(read_text(100), "\303\n");
}

static void
words_and_lines(void)
{
	start();
	type("one two  \027x\n");
	CHECK_STR(read_text(100), "one x\n");
	start();
	type("ab\022c\n");
	CHECK_STR(read_text(100), "abc\n");
	CHECK_STR(shown, "ab^R\r\nabc\r\n");
	start();
	l.settings.lflag &= ~TTY_ECHOKE;
	type("ab\025c\n");
	CHECK_STR(read_text(100), "c\n");
	CHECK_STR(shown, "ab^U\r\nc\r\n");
	start();
	l.settings.lflag &= ~TTY_IEXTEN;
	type("a b\027\026\n");
	CHECK_STR(read_text(100), "a b\027\026\n");
	start();
	l.settings.cc[TTY_VEOL] = ';';
	l.settings.cc[TTY_VEOL2] = '!';
	type("a;b!c\n");
	CHECK_STR(read_text(100), "a;");
	CHECK_STR(read_text(100), "b!");
	CHECK_STR(read_text(100), "c\n");
}

static void
literal_bytes(void)
{
	start();
	type("a\026\003\026\004\026\177b\n");
	CHECK_EQ(signals, 0);
	CHECK_STR(read_text(100), "a\003\004\177b\n");
	CHECK_STR(shown, "a^\b^C^\b^D^\b^?b\r\n");
}

static void
output_stops_and_starts(void)
{
	start();
	type("\023");
	CHECK(l.stopped);
	type("abc");
	CHECK(l.stopped);
	type("\021");
	CHECK(!l.stopped);
	CHECK_EQ(signals, LDISC_STARTED);
	type("\n");
	CHECK_STR(read_text(100), "abc\n");
	type("\023");
	signals = 0;
	type("\003");
	CHECK(!l.stopped);
	CHECK_EQ(signals, LDISC_INTR | LDISC_STARTED);
	start();
	l.settings.iflag |= TTY_IXANY;
	type("\023x");
	CHECK(!l.stopped);
	type("\n");
	CHECK_STR(read_text(100), "x\n");
	start();
	l.settings.iflag &= ~TTY_IXON;
	type("\023\n");
	CHECK(!l.stopped);
	CHECK_STR(read_text(100), "\023\n");
}

static void
a_fast_sender_is_stopped(void)
{
	uint32_t typed = 0;

	start();
	l.settings.iflag |= TTY_IXOFF;
	l.settings.lflag &= ~(TTY_ICANON | TTY_ECHO);
	while (shown_size == 0 && typed++ < LDISC_SIZE)
		type("x");
	CHECK_STR(shown, "\023");
	CHECK(typed > LDISC_SIZE / 2 && typed < LDISC_SIZE);
	CHECK_EQ(ldisc_unthrottle(&l), 0);
	CHECK_EQ(ldisc_available(&l), typed);
	read_text(LDISC_SIZE);
	CHECK_EQ(ldisc_unthrottle(&l), 021);
	CHECK_EQ(ldisc_unthrottle(&l), 0);
}

static void
other_input_flags(void)
{
	start();
	l.settings.iflag = TTY_ISTRIP | TTY_IGNCR;
	type("\341b\r\n");
	CHECK_STR(read_text(100), "ab\n");
	start();
	l.settings.iflag = TTY_INLCR;
	l.settings.lflag &= ~TTY_ICANON;
	type("\n");
	CHECK_STR(read_text(100), "\r");
	start();
	l.settings.lflag &= ~TTY_ECHO;
	l.settings.lflag |= TTY_ECHONL;
	type("ab\n");
	CHECK_STR(shown, "\r\n");
}

int
main(void)
{
	TEST(a_line_is_read_when_it_ends);
	TEST(a_read_gets_one_line_or_a_part);
	TEST(erase_and_kill);
	TEST(erase_stops_at_the_line_before);
	TEST(end_of_file);
	TEST(signals_flush_the_line);
	TEST(raw_mode);
	TEST(timers);
	TEST(a_pasted_text_arrives_whole);
	TEST(the_longest_line_still_ends);
	TEST(room_is_never_overrun);
	TEST(output_is_translated);
	TEST(wide_characters_disappear);
	TEST(words_and_lines);
	TEST(literal_bytes);
	TEST(output_stops_and_starts);
	TEST(a_fast_sender_is_stopped);
	TEST(other_input_flags);
	return unit_done();
}
