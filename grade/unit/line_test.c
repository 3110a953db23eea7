/*
 * The line editor against a model of a terminal: whatever keys come, in whatever pieces, the screen
 * must show prompt and text with the cursor in its place, and the text must be what a plain model
 * of the keys says.
 */
// SOURCES: lib/line/keys.c lib/line/edit.c lib/line/history.c lib/line/utf8.c lib/line/number.c
// CFLAGS: -Wno-unused-function
#include "line/line.h"
#include "line/number.h"
#include "line/utf8.h"
#include "unit.h"

#include <stdint.h>
#include <stdlib.h>

/* --- a terminal that wraps as the VT100 does: a row ends when one more character comes --- */

#define ROWS 400

static unsigned columns = 80;
static uint32_t screen[ROWS][200];
static unsigned row, column;
static int wrap_pending;
static size_t sent;			/* bytes to the screen */
static unsigned bells;

static void
screen_clear(void)
{
	memset(screen, 0, sizeof(screen));
	row = column = 0;
	wrap_pending = 0;
}

static void
screen_put(uint32_t c)
{
	if (wrap_pending) {
		row++;
		column = 0;
	}
	wrap_pending = 0;
	if (row >= ROWS)
		abort();
	screen[row][column] = c == ' ' ? 0 : c;
	if (column + 1 == columns)
		wrap_pending = 1;
	else
		column++;
}

static void
screen_erase(void)
{
	memset(&screen[row][column], 0, (columns - column) * sizeof(uint32_t));
	memset(&screen[row + 1], 0, sizeof(screen[0]) * (ROWS - row - 1));
}

static void
screen_sequence(unsigned number, char letter)
{
	unsigned n = number == 0 ? 1 : number;

	wrap_pending = 0;
	switch (letter) {
	case 'A': row = row < n ? 0 : row - n; break;
	case 'B': row += n; break;
	case 'C': column = column + n >= columns ? columns - 1 : column + n; break;
	case 'D': column = column < n ? 0 : column - n; break;
	case 'H': row = column = 0; break;
	case 'J':
		if (number == 2)
			memset(screen, 0, sizeof(screen));
		else
			screen_erase();
		break;
	default: abort();
	}
}

/* One character or sequence; returns the bytes it has. */
static size_t
screen_take(const char *bytes, size_t count)
{
	uint32_t code;
	unsigned number = 0;
	size_t i;

	switch (bytes[0]) {
	case '\r': column = 0; wrap_pending = 0; return 1;
	case '\n': row++; wrap_pending = 0; return 1;
	case '\b': column -= column > 0; wrap_pending = 0; return 1;
	case '\a': bells++; return 1;
	case '\x1b':
		if (count < 3 || bytes[1] != '[')
			abort();
		for (i = 2; bytes[i] >= '0' && bytes[i] <= '9'; i++)
			number = number * 10 + bytes[i] - '0';
		screen_sequence(number, bytes[i]);
		return i + 1;
	}
	i = utf8_length(bytes, count);
	if ((int)i <= 0 || (unsigned char)bytes[0] < ' ')
		abort();
	code = 0;
	memcpy(&code, bytes, i);
	screen_put(code);
	return i;
}

/* What was sent but not yet seen as whole characters. */
static char kept[8192];
static size_t kept_count;

static void
to_screen(void *context, const char *bytes, size_t count)
{
	(void)context;
	sent += count;
	memcpy(kept + kept_count, bytes, count);
	kept_count += count;
}

static void
screen_flush(void)
{
	for (size_t at = 0; at < kept_count;)
		at += screen_take(kept + at, kept_count - at);
	kept_count = 0;
}

static struct line line;

static enum line_event
feed(const char *bytes, size_t count)
{
	size_t used;
	enum line_event event = line_input(&line, bytes, count, &used);

	screen_flush();
	if (used != count)
		unit_complain(__FILE__, __LINE__, "all bytes are used");
	return event;
}

static enum line_event
type(const char *keys)
{
	return feed(keys, strlen(keys));
}

static void
start(void)
{
	line_init(&line, to_screen, NULL);
	line.columns = columns;
	screen_clear();
	line_begin(&line, "msh$ ");
	screen_flush();
}

/* Starts another line on a clean screen. */
static void
again(void)
{
	screen_clear();
	line_begin(&line, "msh$ ");
	screen_flush();
}

/* Whether the screen shows prompt and text, nothing else, with the cursor in its place. */
static int
screen_right(void)
{
	unsigned r = 0, c = 0, want_row = 0, want_column = 0;
	char all[LINE_LENGTH_MAX + 8];
	static uint32_t want[ROWS][200];

	memset(want, 0, sizeof(want));
	snprintf(all, sizeof(all), "msh$ %s", line.text);
	for (size_t i = 0; i <= strlen(all);) {
		int n = all[i] == 0 ? 1 : utf8_length(all + i, strlen(all + i));

		if (i == line.cursor + 5) {
			want_row = r;
			want_column = c;
		}
		if (all[i] != ' ')
			memcpy(&want[r][c], all + i, n);
		if (++c == columns) {
			c = 0;
			r++;
		}
		i += n;
	}
	return memcmp(want, screen, sizeof(want)) == 0 && row == want_row &&
	    column == want_column && !wrap_pending;
}

static void
typing_and_enter(void)
{
	start();
	CHECK_EQ(type("ls -l /"), LINE_MORE);
	CHECK(screen_right());
	CHECK_EQ(type("\r"), LINE_DONE);
	CHECK_STR(line.text, "ls -l /");
	CHECK_EQ(row, 1);
	CHECK_EQ(column, 0);
	again();
	CHECK_EQ(type("\n"), LINE_DONE);
	CHECK_STR(line.text, "");
}

static void
keys_edit(void)
{
	static const char *const cases[][2] = {
		{ "hexx\x7f\x7flp", "help" }, { "hexx\b\blp", "help" },
		{ "elp\x1b[D\x1b[D\x1b[Dh", "help" },
		{ "nonsense\x15help", "help" }, { "lp\x01he", "help" }, { "hp\x02""el", "help" },
		{ "lp\x1b[Hhe", "help" },
		{ "lp\x1b[1~he\x1b[4~!", "help!" }, { "lp\x1bOHhe\x05!", "help!" },
		{ "help me\x17you", "help you" },
		{ "help me  \x17\x17us", "us" }, { "helpxyz\x1b[D\x1b[D\x1b[D\x0b", "help" },
		{ "xhelp\x01\x04", "help" },
		{ "xhelp\x01\x1b[3~", "help" },
		{ "one two three\x1b[1;5D\x1b[1;5DX", "one Xtwo three" },
		{ "one two\x01\x1b[1;5CX", "oneX two" }, { "one two\x1b" "bX", "one Xtwo" },
		{ "a\tb", "a b" },
		{ "\x1b[A\x1b[B\x1b[5~\x1b[200~x\x1b[?1h\x1b[\x1bq\x1b", "x" },
		{ "ab\x1b[D\x06" "c", "abc" },
		{ "ab\x0c" "c", "abc" },
		{ "a\x01\x0e\x10\x14\x16\x19\x1a\x1c\x1d\x1e\x1f" "b", "ba" },
		{ "caf\xc3\xa9s\x1b[D\x7f" "e", "cafes" }, { "\xe2\x82\xac\x7f" "E", "E" },
		{ "e\xcc\x81\x7f" "E", "E" },
		{ "\x80\xff", "\xef\xbf\xbd\xef\xbf\xbd" }, { "\xc3" "a", "\xef\xbf\xbd" "a" },
		{ "\xe2\x82\r", "\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" }, 
		{ "\xc0\x80", "\xef\xbf\xbd\xef\xbf\xbd" },
	};

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		start();
		type(cases[i][0]);
		if (cases[i][0][strlen(cases[i][0]) - 1] != '\r')
			type("\r");
		CHECK_STR(line.text, cases[i][1]);
		/* The same, byte by byte. */
		start();
		for (const char *c = cases[i][0]; *c != 0 && *c != '\r'; c++)
			feed(c, 1);
		type("\r");
		CHECK_STR(line.text, cases[i][1]);
	}
}

static void
ends(void)
{
	start();
	CHECK_EQ(type("abc\x03"), LINE_INTERRUPTED);
	CHECK_STR(line.text, "");
	again();
	CHECK_EQ(type("\x04"), LINE_END);
	again();
	CHECK_EQ(type("a\x04"), LINE_MORE);
	CHECK_EQ(type("\x7f\x04"), LINE_END);
}

static void
rest_belongs_to_the_next_line(void)
{
	size_t used;

	start();
	CHECK_EQ(line_input(&line, "one\rtwo\r", 8, &used), LINE_DONE);
	CHECK_EQ(used, 4);
	CHECK_STR(line.text, "one");
	line_begin(&line, "msh$ ");
	CHECK_EQ(line_input(&line, "two\r", 4, &used), LINE_DONE);
	CHECK_STR(line.text, "two");
	screen_flush();
}

static void
history(void)
{
	start();
	line_remember(&line, "first");
	line_remember(&line, "second");
	line_remember(&line, "second");
	line_remember(&line, "");
	again();
	type("draft\x1b[A");
	CHECK_STR(line.text, "second");
	type("\x1b[A");
	CHECK_STR(line.text, "first");
	type("\x1b[A\x1b[A");
	CHECK_STR(line.text, "first");
	CHECK(screen_right());
	type("\x1b[B\x1b[B");
	CHECK_STR(line.text, "draft");
	type("\x1b[B");
	CHECK_STR(line.text, "draft");
	CHECK(screen_right());
	type("\x10\x10!\r");
	CHECK_STR(line.text, "first!");
	again();
	type("\x1b[A");
	CHECK_STR(line.text, "second");
}

static void
history_makes_room(void)
{
	char text[3000], got[3000];

	start();
	for (unsigned i = 0; i < 20; i++) {
		memset(text, 'a' + i, sizeof(text));
		text[sizeof(text) - 1 - i * 10] = 0;
		line_remember(&line, text);
		CHECK(line.history_used <= LINE_HISTORY_SIZE);
	}
	again();
	type("\x1b[A");
	CHECK_STR(line.text, text);
	memset(got, 'a' + 18, sizeof(got));
	got[sizeof(got) - 1 - 180] = 0;
	type("\x1b[A");
	CHECK_STR(line.text, got);
}

static void
paste(void)
{
	char text[LINE_LENGTH_MAX + 2];

	for (unsigned i = 0; i < LINE_LENGTH_MAX; i++)
		text[i] = 'a' + i % 26;
	text[LINE_LENGTH_MAX] = '\r';
	text[LINE_LENGTH_MAX + 1] = 0;
	start();
	sent = 0;
	CHECK_EQ(type(text), LINE_DONE);
	text[LINE_LENGTH_MAX] = 0;
	CHECK_STR(line.text, text);
	CHECK(sent < LINE_LENGTH_MAX + 16);
	/* Byte by byte it costs the same, but for the wraps. */
	start();
	sent = 0;
	for (unsigned i = 0; i < LINE_LENGTH_MAX; i++)
		feed(text + i, 1);
	CHECK(screen_right());
	CHECK(sent < LINE_LENGTH_MAX + LINE_LENGTH_MAX / columns * 2 + 16);
	CHECK_EQ(type("\r"), LINE_DONE);
	CHECK_STR(line.text, text);
}

static void
too_long_is_told(void)
{
	char text[LINE_LENGTH_MAX];

	memset(text, 'x', sizeof(text));
	start();
	feed(text, sizeof(text) - 1);
	bells = 0;
	CHECK_EQ(type("\xc3\xa9\xc3\xa9"), LINE_MORE);
	CHECK_EQ(line.length, sizeof(text) - 1);
	CHECK_EQ(bells, 1);
	CHECK_EQ(type("\r"), LINE_TOO_LONG);
	again();
	CHECK_EQ(type("ok\r"), LINE_DONE);
	CHECK_STR(line.text, "ok");
}

/* Keys without effect on the model's text but for what the model does too. */
struct model {
	char text[2000];
	size_t cursor;
};

static size_t
model_before(struct model *m)
{
	size_t at = m->cursor;

	while (at > 0)
		if (!utf8_continues(m->text[--at]))
			break;
	return at;
}

static size_t
model_after(struct model *m)
{
	size_t at = m->cursor;

	while (m->text[at] != 0)
		if (!utf8_continues(m->text[++at]))
			break;
	return at;
}

static void
model_cut(struct model *m, size_t from, size_t to)
{
	memmove(m->text + from, m->text + to, strlen(m->text + to) + 1);
	m->cursor = from;
}

static void
model_insert(struct model *m, const char *text)
{
	size_t n = strlen(text);

	memmove(m->text + m->cursor + n, m->text + m->cursor, strlen(m->text + m->cursor) + 1);
	memcpy(m->text + m->cursor, text, n);
	m->cursor += n;
}

static void
random_step(struct model *m)
{
	static const char *const texts[] = { "a", "word ", "\xc3\xa9", "\xe2\x82\xac", "0123456789",
	    " ", "\xf0\x90\x8d\x88x" };
	unsigned what = rand() % 16;
	const char *text;

	switch (what) {
	case 0: type("\x1b[D"); m->cursor = model_before(m); break;
	case 1: type("\x1b[C"); m->cursor = model_after(m); break;
	case 2: type("\x7f"); model_cut(m, model_before(m), m->cursor); break;
	case 3: type("\x1b[3~"); model_cut(m, m->cursor, model_after(m)); break;
	case 4: type("\x01"); m->cursor = 0; break;
	case 5: type("\x05"); m->cursor = strlen(m->text); break;
	case 6:
		if (rand() % 20 == 0) {
			type("\x15");
			model_cut(m, 0, m->cursor);
		}
		break;
	case 7:
		if (rand() % 20 == 0) {
			type("\x0b");
			m->text[m->cursor] = 0;
		}
		break;
	default:
		text = texts[rand() % 7];
		if (strlen(m->text) + 100 > sizeof(m->text))
			break;
		if (rand() % 2)
			type(text);
		else
			for (const char *c = text; *c != 0; c++)
				feed(c, 1);
		model_insert(m, text);
	}
}

static void
screen_follows(void)
{
	for (columns = 7; columns < 90; columns += 6) {
		struct model m = { "", 0 };

		srand(columns);
		start();
		for (unsigned i = 0; i < 2000; i++) {
			random_step(&m);
			REQUIRE(strcmp(m.text, line.text) == 0);
			REQUIRE(m.cursor == line.cursor);
			REQUIRE(screen_right());
			if (i % 100 == 99) {
				line_remember(&line, m.text);
				type("\x1b[A\x1b[A\x1b[B");
				REQUIRE(screen_right());
				type("\x1b[B\x1b[B");
				m.cursor = strlen(m.text);
				REQUIRE(screen_right());
			}
		}
		type("\x0c");
		REQUIRE(screen_right());
	}
	columns = 80;
}

/* Any bytes at all: nothing breaks, the invariants hold. */
static void
noise(void)
{
	columns = 80;
	start();
	srand(7);
	for (unsigned i = 0; i < 20000; i++) {
		char bytes[40];
		size_t count = 1 + rand() % sizeof(bytes), used, at;

		for (size_t j = 0; j < count; j++)
			bytes[j] = rand() % 3 ? rand() : "\x1b[;15~O\r\x10\x01"[rand() % 10];
		for (at = 0; at < count; at += used) {
			enum line_event event = line_input(&line, bytes + at, count - at, &used);

			REQUIRE(used > 0);
			if (event == LINE_DONE)
				line_remember(&line, line.text);
			if (event != LINE_MORE)
				line_begin(&line, "msh$ ");
			kept_count = 0;
			REQUIRE(line.cursor <= line.length && line.length <= LINE_LENGTH_MAX);
		}
		for (at = 0; at < line.length;) {
			int n = utf8_length(line.text + at, line.length - at);

			REQUIRE(n > 0);
			at += n;
		}
	}
}

static void
numbers(void)
{
	static const char *const bad[] = { "", "x", "-1", "+1", "1x", "0x", "0xg", " 1", "1 ",
	    "18446744073709551616",
		"0x10000000000000000", "99999999999999999999999", "1.0", "0x-1" };
	uint64_t value = 42;

	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK(!number_parse(bad[i], &value));
	CHECK_EQ(value, 42);
	CHECK(number_parse("0", &value) && value == 0);
	CHECK(number_parse("18446744073709551615", &value) && value == UINT64_MAX);
	CHECK(number_parse("0xffffffffffffffff", &value) && value == UINT64_MAX);
	CHECK(number_parse("0XdeadBEEF", &value) && value == 0xdeadbeef);
	CHECK(number_parse("007", &value) && value == 7);
}

int
main(void)
{
	TEST(typing_and_enter);
	TEST(keys_edit);
	TEST(ends);
	TEST(rest_belongs_to_the_next_line);
	TEST(history);
	TEST(history_makes_room);
	TEST(paste);
	TEST(too_long_is_told);
	TEST(screen_follows);
	TEST(noise);
	TEST(numbers);
	return unit_done();
}
