// LIBC: lib/libc/float/*.c lib/libc/stdlib/strtod.c lib/libc/stdlib/strtol.c lib/libc/stdlib/integer_parse.c lib/libc/stdio/scan*.c
// LIBC: lib/libc/stdio/sscanf.c lib/libc/math/frexp.c lib/libc/math/scalbn.c lib/libc/math/fabs.c lib/libc/string/*.c lib/libc/ctype/*.c
// LIBC: lib/libc/wchar/*.c lib/libc/misc/*locale*.c lib/libc/stdio/stream*.c lib/libc/stdio/fgetc.c lib/libc/stdio/format*.c
// LIBC: lib/libc/stdio/snprintf.c
// CFLAGS: -Wno-format -Wno-format-security -Wno-format-extra-args -Wno-format-truncation -Wno-format-overflow
/*
 * scanf against the host's: chosen pairs of a text and a format, and formats drawn directive by directive with texts that fit them more
 * or less. What is returned and every byte of what is stored is compared.
 *
 * Where the host leaves the standard it is not compared: it stores a number from an item that only begins as one ("1e", "1e+", "0x"), calls such
 * an item the end of the input if it stands there, and stores fewer characters than %5c wants.
 */
#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "libc_files.h"
#include "unit.h"

int m_sscanf(const char *, const char *, ...);

struct stored {
	long a, b, c;
	double d;
	char s[40], t[40];
};

static void
compare_scan(const char *text, const char *format)
{
	struct stored x = { 0 }, y = { 0 };
	void *p[6] = { &x.a, &x.s, &x.b, &x.t, &x.c, &x.d }, *q[6] = { &y.a, &y.s, &y.b, &y.t, &y.c, &y.d };
	int a = m_sscanf(text, format, p[0], p[1], p[2], p[3], p[4], p[5]), b = sscanf(text, format, q[0], q[1], q[2], q[3], q[4], q[5]);

	if (a != b || memcmp(&x, &y, sizeof(x)) != 0)
		fprintf(stderr, "sscanf of '%s' by '%s': %ld %ld %ld %s %s\n", text, format, x.a, x.b, x.c, x.s, x.t);
	CHECK_EQ(a, b);
	CHECK(memcmp(&x, &y, sizeof(x)) == 0);
}

static void
texts_are_scanned_alike(void)
{
	static const char *const pairs[][2] = { { "12 word 34 more 56", "%d %s %d %s %d" }, { "12,abc", "%d,%[a-c]" },
		{ "", "%d" }, { "  ", "%d" }, { "x", "%d" }, { "-0x1F zz 077", "%i %s %i" }, { "99999999999999999999", "%ld" },
		{ "12345", "%2d%2s%d" }, { "abc]def", "%*3c%[]]%n" }, { "a-b", "%*c%[-]%n" }, { "50%", "%d%%%n" }, { "50 %", "%d%%%n" },
		{ "3.25e2x", "%lf%s" }, { "0x1p4", "%lf" }, { "nan inf", "%lf %s" }, { "hello", "%3s%s" },
		{ "key=value", "%*[^=]=%s" }, { "12 34", "%*d%ld" }, { "abc", "abd%d" }, { "abc", "abc%d" }, { "300", "%hhd" },
		{ "70000", "%hd" }, { "+5", "%u" }, { "-5", "%u" }, { "a b", "%c%c" }, { "  a", " %c" },
		{ "7 x", "%d%*c%s" }, { "12:34:56", "%ld:%*2d%n:%ld" }, { "0b1", "%i" }, { "1.5.6", "%lf" }, { "-.5", "%lf" }, { ".", "%lf" },
		{ "2026-11-22", "%d-%*d-%d" }, { "^x", "%[^]x]%s" }, { "0x12345678", "%p" }, { "z", "%[a-y]" }, { "deadbeef", "%4lx%s" },
		{ "(nil) x", "%p %s" }, { "(NIL)", "%*p%n" }, { "(nix", "%p%s" }, { "(nil)", "%d" }, { "(nil)5", "%4p%d" },
		{ "(nil)5", "%5p%s" },
		{ "0XEP4", "%*d%n" }, { "0xEp4 x", "%*lf%s" }, { "0x.Fp-3,x", "%*f,%s" } };

	for (unsigned i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		compare_scan(pairs[i][0], pairs[i][1]);
}

/* What may stand behind "nan" is strtod's, which the host's scanf leaves out. */
static void
not_a_number_has_a_tail(void)
{
	double x = 0, y = 0;
	int n = 0;

	CHECK_EQ(m_sscanf("nan(12_a)NAN()5", "%lf%lf%d", &x, &y, &n), 3);
	CHECK(isnan(x) && isnan(y));
	CHECK_EQ(n, 5);
	CHECK_EQ(m_sscanf("nan(1-2)", "%lf", &x), 0);
	CHECK_EQ(m_sscanf("nan(12", "%lf", &x), 0);
	CHECK_EQ(m_sscanf("nan(12)", "%4lf", &x), 0);
	CHECK_EQ(m_sscanf("nan(12)", "%3lf(%d", &x, &n), 2);
	CHECK_EQ(n, 12);
}

static void
scanning_allocates(void)
{
	char *word = NULL, *set = NULL;

	CHECK_EQ(m_sscanf("alpha beta", "%ms %m[a-d]", &word, &set), 2);
	CHECK_STR(word, "alpha");
	CHECK_STR(set, "b");
	free(word);
	free(set);
}

/* --- drawn formats and texts --- */

#define DIRECTIVES	5
#define TEXT_MAX	127			/* one item may be all of it, in wide characters: 512 bytes with the end */

static struct drawn {
	int count;
	struct {
		size_t begin, end;		/* in the format */
		int arguments;			/* that it and those before it use */
		char conversion;
		unsigned width;			/* 0: none */
	} directive[DIRECTIVES];
	char format[300], text[600];
} drawn;

typedef char slots[DIRECTIVES + 1][(TEXT_MAX + 1) * sizeof(wchar_t)] __attribute__((aligned(16)));

static slots ours, theirs;

static char
one_of(const char *set)
{
	return set[random_below((unsigned)strlen(set))];
}

__attribute__((format(printf, 2, 3))) static void
add(char *to, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsprintf(to + strlen(to), format, arguments);
	va_end(arguments);
}

static void
add_space(char *to)
{
	for (unsigned n = random_below(3); n > 0; n--)
		add(to, "%c", one_of(" \t\n\v\f\r"));
}

static void
add_integer(char *to)
{
	static const char *const forms[] = { "%ld", "%+ld", "%lo", "%#lo", "%lx", "%lX", "%#lx", "%#lX", "00%ld" };
	int shift = (int)random_below(64);

	add(to, forms[random_below(sizeof(forms) / sizeof(forms[0]))], random_below(3) ? random_bits() >> shift : -(random_bits() >> shift));
}

static void
add_float(char *to)
{
	static const char *const words[] = { "inf", "-INF", "infinity", "+Infinity", "nan", "-NaN", "infinite", "0x.8p1", ".5e-3", "7." };
	double value = ldexp((double)(int64_t)random_bits(), random_below(3) ? -(int)random_below(64) : (int)random_below(2200) - 1140);

	switch (random_below(5)) {
	case 0:
		add(to, "%s", words[random_below(sizeof(words) / sizeof(words[0]))]);
		break;
	case 1:
		add_integer(to);
		break;
	case 2:
		add(to, "%.*a", (int)random_below(14), value);
		break;
	case 3:
		add(to, "%.*e", (int)random_below(20), value);
		break;
	default:
		add(to, "%.*g", (int)random_below(20), value);
	}
}

static void
add_word(char *to, const char *of)
{
	for (unsigned n = random_below(12); n > 0; n--)
		add(to, "%c", one_of(of));
}

/* Sets in which a range goes upward; another is the implementation's own. */
static void
add_set(char *format)
{
	static const char *const sets[] = { "]", "]x", "^]", "^]0-9", "-", "a-", "-+0-9", "^-a", "0-9.eE", "^ \t\n", "^,:", "%", "a-fA-F0-9" };
	char from = one_of("0123abc"), to = one_of(from < 'a' ? "456789xyz" : "xyz");

	add(format, "[");
	if (random_below(3))
		add(format, "%s", sets[random_below(sizeof(sets) / sizeof(sets[0]))]);
	else
		add(format, "%s%c-%c%c", random_below(2) ? "^" : "", from, to, one_of("+- .x"));
	add(format, "]");
}

/* The size of what is stored, and the conversion. */
static void
add_conversion(struct drawn *d, char conversion)
{
	static const char *const integers[] = { "", "", "hh", "h", "l", "ll", "j", "z", "t" }, *const floats[] = { "", "l", "L" };

	if (strchr("diouxXn", conversion) != NULL)
		add(d->format, "%s", integers[random_below(9)]);
	else if (strchr("aAeEfFgG", conversion) != NULL)
		add(d->format, "%s", floats[random_below(3)]);
	else if (conversion != 'p' && random_below(4) == 0)
		add(d->format, "l");
	if (conversion == '[')
		add_set(d->format);
	else
		add(d->format, "%c", conversion);
}

static void
add_item(char *text, char conversion, unsigned width)
{
	if (strchr("diouxXp", conversion) != NULL)
		add_integer(text);
	else if (strchr("aAeEfFgG", conversion) != NULL)
		add_float(text);
	else if (conversion == 's')
		add_word(text, "ab0.+-xyz");
	else if (conversion == '[')
		add_word(text, "0123456789abcdefx].-+%");
	else if (conversion == 'c')
		for (unsigned i = 0; i < width + (width == 0); i++)
			add(text, "%c", one_of("a 0.\n-"));
}

static void
add_directive(struct drawn *d)
{
	static const char conversions[] = "diouxXpaAeEfFgGs[cnds[cif";
	char conversion = one_of(conversions);
	bool suppressed = conversion != 'n' && random_below(5) == 0;
	unsigned width = conversion == 'n' || random_below(3) ? 0 : 1 + random_below(random_below(2) ? 5 : 30);
	int arguments = d->count > 0 ? d->directive[d->count - 1].arguments : 0;

	d->directive[d->count].begin = strlen(d->format);
	add(d->format, suppressed ? "%%*" : "%%");
	if (width != 0)
		add(d->format, "%u", width);
	add_conversion(d, conversion);
	if (strchr("[cn", conversion) == NULL)
		add_space(d->text);
	add_item(d->text, conversion, width);
	d->directive[d->count].end = strlen(d->format);
	d->directive[d->count].arguments = arguments + !suppressed;
	d->directive[d->count].conversion = conversion;
	d->directive[d->count++].width = width;
}

/* White space, or what must come as it is. */
static void
add_ordinary(struct drawn *d)
{
	char literal = one_of("xe0:,.-]");

	switch (random_below(4)) {
	case 0:
		add(d->format, "%c", one_of(" \t\n"));
		add_space(d->text);
		break;
	case 1:
		add(d->format, "%c", literal);
		add(d->text, "%c", literal);
		break;
	case 2:
		add(d->format, "%%%%");
		add_space(d->text);
		add(d->text, "%%");
	}
}

/* Another character, one more, one less, or an early end. */
static void
harm(char *text)
{
	size_t length = strlen(text), at = random_below((unsigned)length + 1);
	char c = one_of("0123456789abcdefinptxyINFEXP+-. \t\n%:,]");

	switch (random_below(4)) {
	case 0:
		text[at] = at < length ? c : 0;
		break;
	case 1:
		memmove(text + at + 1, text + at, length - at + 1);
		text[at] = c;
		break;
	case 2:
		memmove(text + at, text + at + (at < length), length - at + (at == length));
		break;
	case 3:
		text[at] = 0;
	}
}

static void
draw(struct drawn *d)
{
	memset(d, 0, sizeof(*d));
	for (unsigned n = 1 + random_below(DIRECTIVES); n > 0; n--) {
		add_ordinary(d);
		add_directive(d);
	}
	add_ordinary(d);
	for (unsigned n = random_below(2) * random_below(4); n > 0; n--)
		harm(d->text);
	d->text[TEXT_MAX] = 0;
}

#define SCAN(function, text, format, to) (memset(to, 0xa5, sizeof(slots)), function(text, format, to[0], to[1], to[2], to[3], to[4], to[5]))

/* How far the host gets in the text with the first bytes of the format, which use as many arguments; -1: not behind them. */
static int
host_reaches(const struct drawn *d, size_t bytes, int arguments)
{
	static slots scratch;
	char format[sizeof(d->format) + 2];
	int reached;

	sprintf(format, "%.*s%%n", (int)bytes, d->format);
	SCAN(sscanf, d->text, format, scratch);
	memcpy(&reached, scratch[arguments], sizeof(reached));
	return reached == (int)0xa5a5a5a5 ? -1 : reached;
}

/* Does text[from, to) only begin as a number? With a width the host counts "0x" as one character. */
static bool
only_begins(const char *text, int from, int to, bool is_float, bool has_width)
{
	int last = to > from ? tolower(text[to - 1]) : 0;

	if (is_float && has_width && last == '0' && tolower(text[to]) == 'x')
		return true;
	if (is_float && last == '.' && to - from > 1 && tolower(text[to - 2]) == 'x')
		return true;
	return to - from > 1 && (is_float ? strchr("xpe+-", last) != NULL : last == 'x');
}

/* The host rounds a hexadecimal number below the smallest normal one wrongly where the bits that go are few: -0x1.fa7d93p-127 as a float. */
static bool
rounds_wrongly(const char *item)
{
	long double exact = strtold(item, NULL);

	return strtof(item, NULL) != (float)exact || strtod(item, NULL) != (double)exact;
}

/* Has the host stored what the standard calls a matching failure, or called it the end? */
static bool
host_leaves_the_standard(const struct drawn *d, int got, int want)
{
	static slots scratch;
	char longer[sizeof(d->text)];

	for (int i = 0, from, to = 0; i < d->count && to >= 0; i++) {
		char conversion = d->directive[i].conversion;

		from = host_reaches(d, d->directive[i].begin, i > 0 ? d->directive[i - 1].arguments : 0);
		to = host_reaches(d, d->directive[i].end, d->directive[i].arguments);
		if (to >= 0 && (conversion == 'c' ? (unsigned)(to - from) < d->directive[i].width : strchr("s[n", conversion) == NULL &&
		    only_begins(d->text, from, to, strchr("aAeEfFgG", conversion) != NULL, d->directive[i].width != 0)))
			return true;
		if (to >= 0 && strchr("aAeEfFgG", conversion) != NULL && rounds_wrongly(d->text + from))
			return true;
	}
	sprintf(longer, "%s ", d->text);
	return want == EOF && got == 0 && SCAN(sscanf, longer, d->format, scratch) == 0;
}

/* A text as C writes it. */
static void
show(const char *text)
{
	for (; *text != 0; text++)
		fprintf(stderr, isprint((unsigned char)*text) ? "%c" : "\\%03o", *text);
}

static void
complain(int got, int want)
{
	fprintf(stderr, "sscanf of '");
	show(drawn.text);
	fprintf(stderr, "' by '");
	show(drawn.format);
	fprintf(stderr, "': %d, not %d", got, want);
	for (size_t i = 0; i < sizeof(ours); i++)
		if (((char *)ours)[i] != ((char *)theirs)[i]) {
			fprintf(stderr, "; byte %zu of argument %zu is %#x, not %#x", i % sizeof(ours[0]), i / sizeof(ours[0]),
			    ((unsigned char *)ours)[i], ((unsigned char *)theirs)[i]);
			break;
		}
	fputc('\n', stderr);
	CHECK(false);
}

static void
drawn_texts_are_scanned_alike(void)
{
	for (long i = cases(600000); i > 0; i--) {
		int a, b;

		draw(&drawn);
		a = SCAN(m_sscanf, drawn.text, drawn.format, ours);
		b = SCAN(sscanf, drawn.text, drawn.format, theirs);
		if ((a != b || memcmp(ours, theirs, sizeof(ours)) != 0) && !host_leaves_the_standard(&drawn, a, b))
			complain(a, b);
	}
}

int
main(void)
{
	TEST(texts_are_scanned_alike);
	TEST(not_a_number_has_a_tail);
	TEST(scanning_allocates);
	TEST(drawn_texts_are_scanned_alike);
	return unit_done();
}
