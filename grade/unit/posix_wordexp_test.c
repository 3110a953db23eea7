/*
 * wordexp against the shell: what /bin/sh makes of words; and what is an error.
 */
// SOURCES: lib/posix/words/words.c lib/posix/words/dollar.c lib/posix/words/arithmetic.c
// CFLAGS: -D_GNU_SOURCE -Dwordexp=own_wordexp -Dwordfree=own_wordfree -Ilib/posix/words
#include "unit.h"

#include <stdlib.h>
#include <unistd.h>
#include <wordexp.h>


/* Each word in brackets; "error N". */
static const char *
expand(const char *text, int flags)
{
	static char out[4000];
	wordexp_t words = { 0 };
	int error;
	size_t n = 0;

	unsetenv("NEW");
	error = wordexp(text, &words, flags);
	out[0] = 0;
	if (error != 0) {
		snprintf(out, sizeof(out), "error %d", error);
		return out;
	}
	for (size_t i = 0; i < words.we_wordc; i++)
		n += (size_t)snprintf(out + n, sizeof(out) - n, "[%s]", words.we_wordv[i]);
	CHECK(words.we_wordv[words.we_wordc] == NULL);
	wordfree(&words);
	return out;
}

/* The same from the shell. */
static const char *
shell(const char *text)
{
	static char out[4000];
	char command[1000];
	FILE *file;
	size_t n;

	snprintf(command, sizeof(command), "set -- %s\nfor w; do printf '[%%s]' \"$w\"; done", text);
	file = popen(command, "r");
	if (file == NULL)
		return "no shell";
	n = fread(out, 1, sizeof(out) - 1, file);
	out[n] = 0;
	CHECK_EQ(pclose(file), 0);
	return out;
}

static void
variables(void)
{
	setenv("A", "one two", 1);
	setenv("E", "", 1);
	setenv("P", "/usr/lib/x.c.o", 1);
	setenv("S", "/b?n", 1);
	setenv("C", ":a:b::c d:", 1);
	setenv("N", "7", 1);
	setenv("HOME", "/home dir", 1);
	setenv("B", "x\\y", 1);
	unsetenv("U");
	unsetenv("IFS");
}

static void
as_the_shell(void)
{
	static const char *const texts[] = {
		"a b  c", "\t a\t", "", "'a b' \"c d\" e\\ f", "a'b'\"c\"d", "'' \"\" x", "\"a'b\" 'a\"b'", "a\\\nb", "\"a\\$A\\x\\\"\\`\\\\\"",
		"$A", "\"$A\"", "x$A-y", "$E", "\"$E\"", "$E$E", "x\"\"", "$U", "${U}", "$A$A", "$N$N ${N}1", "'$A'", "$B \"$B\"",
		"${U:-d e}", "${E:-d}", "${E-d}", "${A:+x}", "${U+x}", "${E+x}", "${E:+x}", "${NEW:=v w}$NEW", "\"${NEW=v w}\"", "\"${U:-a b}\"",
		"${U:-\"a b\" c}", "${U:-'a b'}", "${U:-$A}", "${U:-${E:-deep}}", "${U-$(echo x)}", "${N:-no}", "${N:?no}",
		"${#A} ${#E} ${#U}", "${P%.*} ${P%%.*} ${P#*/} ${P##*/}", "${P%/*.c*}", "${P%x} ${P#x}", "${A%two}.", "\"${P##*/}\"", "${P%$U}",
		"/b?n", "$S", "\"$S\"", "/b\\?n", "'/b?n'", "/b[hi]n", "/b?n/.", "*.nothing", "\\*", "[", "${U:-/b?n}",
		"~ ~/x ~root/y a~ ~nobodyhere '~' \\~ \"~\"", "$(echo a b)", "\"$(echo a  b)\"", "`echo a\\`echo b\\``", "\"`echo \\\"x\\\"`\"",
		"$(printf 'x\\n\\n')y", "$(echo ')')", "$(echo \"(\" $(echo z))", "$(exit 3)", "x$(echo)y", "$(echo '*.nothing')",
		"$((1+2*3)) $(( (1+2) * 3 ))", "$((7/2-1)) $((7%4)) $((-7/2)) $((- -3))", "$((N)) $((N+1)) $(($N*2)) \"$((N+1))\"",
		"$((1<2)) $((2<=1)) $((1==1)) $((1!=1)) $((1&&0)) $((1||0)) $((5&3)) $((5|3)) $((5^3)) $((~0)) $((!4))",
		"$((1<<4)) $((-16>>2)) $((0x1f)) $((010)) $((1?2:3)) $((0?2:0?3:4)) $(( 2+3 == 5 && 4 > 3 ))", "a$((1))b",
		"$((0 ? 1/0 : 7)) $((1 ? 7 : 1/0)) $((0 && 1/0)) $((1 || 1/0)) $((1 ? 0 && 1%0 : 2)) $((0 && 1/0 || 5))",
		"$((0 && (1/0 || 1)))",
		"$", "a$", "$ x", "\"$\"", "$-x", "$#",
	};

	for (unsigned i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		char own[4000];

		snprintf(own, sizeof(own), "%s", expand(texts[i], 0));
		if (strcmp(texts[i], "$-x") == 0)
			continue;		/* flags of a shell */
		CHECK_STR(own, shell(texts[i]));
	}
}

static void
fields(void)
{
	static const char *const separators[] = { ":", ": ", "", " ", "/.", "x" };

	for (unsigned i = 0; i < sizeof(separators) / sizeof(separators[0]); i++) {
		char text[100], own[4000];

		setenv("IFS", separators[i], 1);
		snprintf(own, sizeof(own), "%s", expand("$C x$C\"$C\"y $P ${U:-a:b c}", 0));
		snprintf(text, sizeof(text), "; IFS='%s'; set -- $C x$C\"$C\"y $P ${U:-a:b c}", separators[i]);
		CHECK_STR(own, shell(text));
	}
	unsetenv("IFS");
}

static void
errors(void)
{
	static const struct {
		const char *text;
		int flags, error;
	} bad[] = {
		{ "a|b", 0, WRDE_BADCHAR }, { "a&b", 0, WRDE_BADCHAR }, { "a;b", 0, WRDE_BADCHAR }, { "a<b", 0, WRDE_BADCHAR },
		{ "a>b", 0, WRDE_BADCHAR }, { "a(b", 0, WRDE_BADCHAR }, { "b)", 0, WRDE_BADCHAR }, { "{", 0, WRDE_BADCHAR },
		{ "}", 0, WRDE_BADCHAR }, { "a\nb", 0, WRDE_BADCHAR }, { "$U", WRDE_UNDEF, WRDE_BADVAL }, { "${#U}", WRDE_UNDEF, WRDE_BADVAL },
		{ "\"${U}\"", WRDE_UNDEF, WRDE_BADVAL }, { "${U?no}", 0, WRDE_BADVAL }, { "${E:?}", 0, WRDE_BADVAL },
		{ "$(echo x)", WRDE_NOCMD, WRDE_CMDSUB }, { "`echo x`", WRDE_NOCMD, WRDE_CMDSUB }, { "\"${U:-$(x)}\"", WRDE_NOCMD, WRDE_CMDSUB },
		{ "'a", 0, WRDE_SYNTAX }, { "\"a", 0, WRDE_SYNTAX }, { "`a", 0, WRDE_SYNTAX }, { "$(a", 0, WRDE_SYNTAX }, { "${A", 0, WRDE_SYNTAX },
		{ "$((1", 0, WRDE_SYNTAX }, { "a\\", 0, WRDE_SYNTAX }, { "${}", 0, WRDE_SYNTAX }, { "${A!x}", 0, WRDE_SYNTAX },
		{ "$((1/0))", 0, WRDE_SYNTAX }, { "$((1 && 1/0))", 0, WRDE_SYNTAX }, { "$((0 || 1/0))", 0, WRDE_SYNTAX },
		{ "$((0 && 1+))", 0, WRDE_SYNTAX }, { "$((0 ? 1/0 : 1/0))", 0, WRDE_SYNTAX },
		{ "$((1+))", 0, WRDE_SYNTAX }, { "$((08))", 0, WRDE_SYNTAX }, { "\"${A\"", 0, WRDE_SYNTAX },
	};

	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char want[20];

		snprintf(want, sizeof(want), "error %d", bad[i].error);
		CHECK_STR(expand(bad[i].text, bad[i].flags), want);
	}
	CHECK_STR(expand("$((1+2)) '$(x)' \\`", WRDE_NOCMD), "[3][$(x)][`]");
	CHECK_STR(expand("${U:-x} ${U+y}", WRDE_UNDEF), "[x]");
	setenv("LOOP", "LOOP + 1", 1);
	CHECK_STR(expand("$((LOOP))", 0), "error 5");
}

static void
results(void)
{
	wordexp_t words = { .we_offs = 2 };

	CHECK_EQ(wordexp("a b", &words, WRDE_DOOFFS), 0);
	CHECK_EQ(words.we_wordc, 2);
	CHECK(words.we_wordv[0] == NULL && words.we_wordv[1] == NULL && words.we_wordv[4] == NULL);
	CHECK_STR(words.we_wordv[2], "a");
	CHECK_EQ(wordexp("c 'd e'", &words, WRDE_DOOFFS | WRDE_APPEND), 0);
	CHECK_EQ(words.we_wordc, 4);
	CHECK_STR(words.we_wordv[5], "d e");
	CHECK_EQ(wordexp("x|y", &words, WRDE_DOOFFS | WRDE_APPEND), WRDE_BADCHAR);
	CHECK_EQ(words.we_wordc, 4);
	CHECK_STR(words.we_wordv[5], "d e");
	CHECK_EQ(wordexp("f", &words, WRDE_REUSE), 0);
	CHECK_EQ(words.we_wordc, 1);
	CHECK_STR(words.we_wordv[0], "f");
	CHECK(words.we_wordv[1] == NULL);
	wordfree(&words);
}

/* Whatever the text, it comes to an end. */
static void
noise(void)
{
	srand(9);
	for (unsigned i = 0; i < 100000; i++) {
		char text[30];
		unsigned count = (unsigned)rand() % sizeof(text);

		for (unsigned j = 0; j < count; j++)
			text[j] = "aAEPNU$$$${}{}(())`:-+=?%#\"'\\ ~/_19"[rand() % 35];
		text[count] = 0;
		expand(text, WRDE_NOCMD);
	}
}

int
main(void)
{
	variables();
	TEST(as_the_shell);
	TEST(fields);
	TEST(errors);
	TEST(results);
	TEST(noise);
	return unit_done();
}
