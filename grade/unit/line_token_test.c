/* The tokenizer: words, quotes, operators, comments, errors. */
// SOURCES: lib/line/token.c
#include "line/token.h"
#include "unit.h"

#include <stdlib.h>

static const char *const operator_names[] = { "", "", "N", ";", "&", "&&", "||", "|", "<", ">", ">>",
    "<&", ">&", "<<", "<<-" };

/* The tokens of a line in one string: words unquoted in [], operators with their descriptor. */
static const char *
cut(const char *text)
{
	static char out[600];
	const char *at = text;
	struct token token;
	size_t n = 0;

	out[0] = 0;
	for (;;) {
		char word[200];

		token_next(&at, &token);
		if (token.kind == TOKEN_END)
			return out;
		if (token.kind == TOKEN_ERROR) {
			snprintf(out + n, sizeof(out) - n, "%s", token_error(&token));
			return out;
		}
		if (token.kind == TOKEN_WORD) {
			word_copy(&token, word, sizeof(word));
			n += snprintf(out + n, sizeof(out) - n, "[%s]", word);
		} else {
			if (token.number >= 0)
				n += snprintf(out + n, sizeof(out) - n, "%d", token.number);
			n += snprintf(out + n, sizeof(out) - n, "%s", operator_names[token.kind]);
		}
	}
}

static void
words_and_quotes(void)
{
	CHECK_STR(cut(""), "");
	CHECK_STR(cut(" \t "), "");
	CHECK_STR(cut("a  bc\td"), "[a][bc][d]");
	CHECK_STR(cut("'a b' \"c d\" e\\ f"), "[a b][c d][e f]");
	CHECK_STR(cut("a'b'\"c\"d"), "[abcd]");
	CHECK_STR(cut("'' \"\" x"), "[][][x]");
	CHECK_STR(cut("'a\"b' \"c'd\""), "[a\"b][c'd]");
	CHECK_STR(cut("'a\\b' \"a\\b\" \"\\\"\\\\\\$\" \\'"), "[a\\b][a\\b][\"\\$][']");
	CHECK_STR(cut("a\\|b '|&;<>'"), "[a|b][|&;<>]");
	CHECK_STR(cut("x\\"), "[x\\]");
}

static void
comments(void)
{
	CHECK_STR(cut("# all of it"), "");
	CHECK_STR(cut("a # b"), "[a]");
	CHECK_STR(cut("a#b '# c' ;#d"), "[a#b][# c];");
}

static void
quotes_left_open(void)
{
	CHECK_STR(cut("a 'b c"), "[a]missing '");
	CHECK_STR(cut("a \"b c\\\""), "[a]missing \"");
	CHECK_STR(cut("\"x\\"), "missing \"");
}

static void
operators(void)
{
	CHECK_STR(cut("a|b&&c||d;e&"), "[a]|[b]&&[c]||[d];[e]&");
	CHECK_STR(cut("a<b>c>>d"), "[a]<[b]>[c]>>[d]");
	CHECK_STR(cut("a 2>b 2>>c 0<d 2>&1 <&3"), "[a]2>[b]2>>[c]0<[d]2>&[1]<&[3]");
	CHECK_STR(cut("a2>b 22>c"), "[a2]>[b][22]>[c]");
	CHECK_STR(cut("&&&|||"), "&&&|||");
}

static void
newlines(void)
{
	CHECK_STR(cut("a\nb # c\nd;\n\n"), "[a]N[b]N[d];NN");
	CHECK_STR(cut("a\\\nb \\\n c\\\n"), "[ab][c]");
	CHECK_STR(cut("'a\\\nb' \"c\\\nd\""), "[a\\\nb][cd]");
	CHECK_STR(cut("a <<b <<-c 3<<d <<<e"), "[a]<<[b]<<-[c]3<<[d]<<<[e]");
}

static void
quoting_is_told(void)
{
	const char *text = "a\"b$\"'c'\\d";
	static const enum word_quoting want[] = { WORD_PLAIN, WORD_DOUBLE, WORD_DOUBLE,
	    WORD_LITERAL, WORD_LITERAL };
	struct word word;

	word_begin(&word, text, strlen(text));
	for (unsigned i = 0; i < 5; i++) {
		CHECK_EQ(word_next(&word), "ab$cd"[i]);
		CHECK_EQ(word.quoting, want[i]);
	}
	CHECK_EQ(word_next(&word), -1);
	CHECK_EQ(word_next(&word), -1);
	CHECK(word.quoted);
}

static void
small_buffers(void)
{
	struct token token;
	const char *at = "abc";
	char buffer[4];

	token_next(&at, &token);
	CHECK_EQ(word_copy(&token, buffer, 4), 3);
	CHECK_EQ(word_copy(&token, buffer, 3), -1);
	CHECK_EQ(word_copy(&token, buffer, 0), -1);
}

/* Whatever the line, it comes to an end within it. */
static void
noise(void)
{
	srand(3);
	for (unsigned i = 0; i < 20000; i++) {
		char text[40];
		const char *at = text;
		struct token token;
		unsigned count = rand() % sizeof(text);

		for (unsigned j = 0; j < count; j++)
			text[j] = rand() % 2 ? "'\"\\|&;<>#$ 12\t"[rand() % 14] : 1 + rand() % 255;
		text[count] = 0;
		for (unsigned j = 0;; j++) {
			REQUIRE(j < sizeof(text));
			token_next(&at, &token);
			REQUIRE(token.text + token.length <= text + count);
			if (token.kind == TOKEN_END || token.kind == TOKEN_ERROR)
				break;
			REQUIRE(token.length > 0);
		}
	}
}

int
main(void)
{
	TEST(words_and_quotes);
	TEST(comments);
	TEST(quotes_left_open);
	TEST(operators);
	TEST(newlines);
	TEST(quoting_is_told);
	TEST(small_buffers);
	TEST(noise);
	return unit_done();
}
