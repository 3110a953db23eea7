/*
 * Checks of formatted output and of the plain string functions.
 */
#include "monitor/selftest.h"

#include "init/printk.h"
#include "init/string.h"

static void
expect(const char *want, const char *format, ...)
{
	char got[80];
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = kvsnprintf(got, sizeof(got), format, arguments);
	va_end(arguments);
	printk("format %s|%s|%d\n", format, got, length);
	selftest_check(strcmp(got, want) == 0, "%s gives \"%s\" instead of \"%s\"", format, got,
	    want);
	selftest_check(length == (int)strlen(want), "%s has length %d instead of %d", format,
	    length, (int)strlen(want));
}

static void
formats(uint64_t seed)
{
	char small[4];
	int length;

	expect("-7 7 7", "%d %i %u", -7, 7, 7u);
	expect("   42|42   |00042|+42", "%5d|%-5d|%05d|%+d", 42, 42, 42, 42);
	expect("ff FF 0xff 17", "%x %X %#x %o", 255u, 255u, 255u, 15u);
	expect("-9223372036854775808", "%ld", INT64_MIN);
	expect("18446744073709551615", "%lu", UINT64_MAX);
	expect("-1 255", "%hhd %hhu", -1, 255);
	expect("abc|  abc|abc  |ab", "%s|%5s|%-5s|%.2s", "abc", "abc", "abc", "abc");
	expect("x 50%", "%c %d%%", 'x', 50);
	expect("   7|007", "%*d|%.*d", 4, 7, 3, 7);
	expect("0x0000000000000001", "%#018lx", 1ul);
	length = ksnprintf(small, sizeof(small), "%s", "abcdef");
	selftest_check(length == 6 && strcmp(small, "abc") == 0,
	    "a text that does not fit is cut, its length is told");
	printk("seed %lu %#lx\n", (unsigned long)seed, (unsigned long)seed);
}

/* memmove in both directions, at every distance and odd lengths, against a byte loop. */
static void
strings(uint64_t seed)
{
	unsigned char got[96], want[96];

	for (unsigned round = 0; round < 500; round++) {
		unsigned from = selftest_random(&seed, 32), to = selftest_random(&seed, 32),
		    n = selftest_random(&seed, 64);

		for (unsigned i = 0; i < sizeof(got); i++)
			got[i] = want[i] = selftest_random(&seed, 256);
		for (unsigned i = 0; i < n; i++)
			want[to + i] = got[from + i];
		memmove(got + to, got + from, n);
		if (!selftest_check(memcmp(got, want, sizeof(got)) == 0, "memmove(%u, %u, %u)", to,
		    from, n))
			return;
	}
	printk("500 moves\n");
}

const struct selftest selftests_text[] = {
	{ "printk", "formatted output", formats },
	{ "string", "moving bytes", strings },
	{ NULL, NULL, NULL },
};
