// SOURCES: kern/init/format.c
// CFLAGS: -Ikern -Iinc -Wno-format -Wno-format-security
/*
 * The kernel's printf formats against the host's snprintf: every combination of flags, widths and precisions for edge values.
 */
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>

#include "init/printk.h"
#include "unit.h"

static void
compare(const char *format, long long value, int width)
{
	char ours[200], theirs[200];
	int a = ksnprintf(ours, sizeof(ours), format, width, value), b = snprintf(theirs, sizeof(theirs), format, width, value);

	CHECK_EQ(a, b);
	if (strcmp(ours, theirs) != 0)
		fprintf(stderr, "format %s, value %lld\n", format, value);
	CHECK_STR(ours, theirs);
}

static void
integers_match_the_host(void)
{
	static const long long values[] = { 0, 1, -1, 7, 8, 10, 255, -128, 65535, INT_MAX, INT_MIN, LLONG_MAX, LLONG_MIN };
	static const char *const flags[] = { "", "-", "0", "+", " ", "-+", "0+" };
	static const char *const precisions[] = { "", ".0", ".1", ".5", ".20" };
	static const char *const sizes[] = { "hh", "h", "", "l", "ll", "z", "j", "t" };
	static const char conversions[] = "diuxXo";

	for (unsigned f = 0; f < 7; f++)
		for (unsigned p = 0; p < 5; p++)
			for (unsigned s = 0; s < 8; s++)
				for (unsigned c = 0; c < 6; c++)
					for (unsigned v = 0; v < 13; v++)
						for (int width = 0; width < 24; width += 11) {
							char format[40];

							snprintf(format, sizeof(format), "<%%%s*%s%s%c>", flags[f], precisions[p],
							    sizes[s], conversions[c]);
							compare(format, values[v], width);
						}
}

static void
alternate_hex_matches(void)
{
	char ours[64], theirs[64];

	for (unsigned v = 0; v < 300; v += 17) {
		ksnprintf(ours, sizeof(ours), "%#x %#010x %-#8x|", v, v, v);
		snprintf(theirs, sizeof(theirs), "%#x %#010x %-#8x|", v, v, v);
		CHECK_STR(ours, theirs);
	}
}

static void
strings_and_characters(void)
{
	char text[64];

	ksnprintf(text, sizeof(text), "[%s][%5s][%-5s][%.2s][%*.*s]", "abc", "abc", "abc", "abc", 4, 1, "abc");
	CHECK_STR(text, "[abc][  abc][abc  ][ab][   a]");
	ksnprintf(text, sizeof(text), "%c%3c%-3c%%", 'x', 'y', 'z');
	CHECK_STR(text, "x  yz  %");
	ksnprintf(text, sizeof(text), "%s", (char *)NULL);
	CHECK_STR(text, "(null)");
	ksnprintf(text, sizeof(text), "%p", (void *)0xffff800000001234);
	CHECK_STR(text, "0xffff800000001234");
}

static void
output_is_cut_and_terminated(void)
{
	char text[8];

	memset(text, 'x', sizeof(text));
	CHECK_EQ(ksnprintf(text, 5, "%s", "abcdefgh"), 8);
	CHECK_STR(text, "abcd");
	CHECK_EQ(text[5], 'x');
	CHECK_EQ(ksnprintf(NULL, 0, "%d", 12345), 5);
	CHECK_EQ(ksnprintf(text, sizeof(text), "%"), 0);
}

int
main(void)
{
	TEST(integers_match_the_host);
	TEST(alternate_hex_matches);
	TEST(strings_and_characters);
	TEST(output_is_cut_and_terminated);
	return unit_done();
}
