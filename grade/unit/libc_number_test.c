// LIBC: lib/libc/float/*.c lib/libc/stdlib/strtod.c lib/libc/stdlib/ecvt.c lib/libc/stdlib/strtol.c lib/libc/stdlib/integer_parse.c lib/libc/stdio/format*.c
// LIBC: lib/libc/stdio/snprintf.c lib/libc/stdio/scan*.c lib/libc/math/frexp.c lib/libc/math/scalbn.c
// LIBC: lib/libc/math/fabs.c lib/libc/string/*.c lib/libc/ctype/*.c lib/libc/wchar/*.c lib/libc/misc/*locale*.c
// LIBC: lib/libc/stdio/stream*.c lib/libc/stdio/fgetc.c
// CFLAGS: -Wno-format -Wno-format-security -Wno-format-extra-args -Wno-format-truncation -Wno-format-overflow
/*
 * Numbers from and to text against the host's library: strtod and printf are compared bit by bit and byte by byte.
 * Where the host leaves the standard (%#g of 999999.5) it is not compared. scanf: libc_scan_test.c.
 */
#include <float.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stddef.h>

#include "libc_files.h"
#include "unit.h"

double m_strtod(const char *, char **);
float m_strtof(const char *, char **);
long double m_strtold(const char *, char **);
long m_strtol(const char *, char **, int);
unsigned long m_strtoul(const char *, char **, int);
int m_snprintf(char *, size_t, const char *, ...);
int m_vsnprintf(char *, size_t, const char *, va_list);

char *m_ecvt(double, int, int *, int *), *m_fcvt(double, int, int *, int *), *m_gcvt(double, int, char *);
int m_ecvt_r(double, int, int *, int *, char *, size_t), m_fcvt_r(double, int, int *, int *, char *, size_t);

#define ROOM 20000

static char ours[ROOM], theirs[ROOM];

static double
random_double(void)
{
	uint64_t bits = random_bits();
	double value;

	if (random_below(3) == 0)
		return (double)(int64_t)(random_bits() >> random_below(63)) / 1000;
	if (random_below(20) == 0)
		bits &= ~(0x7ffull << 52);
	memcpy(&value, &bits, sizeof(value));
	return value;
}

static long double
random_long_double(void)
{
	return ldexpl((long double)random_bits(), (int)random_below(32700) - 16440);
}

static int
same(long double a, long double b)
{
	return (isnan(a) && isnan(b)) || (a == b && signbit(a) == signbit(b));
}

/* There the host's strtof rounds hexadecimal numbers wrongly at times: -0x1.fa7d93p-127. */
static int
below_normal(float f)
{
	return fabsf(f) < FLT_MIN;
}

static void
compare_strto(const char *text)
{
	char *a, *b;
	double d;
	long double l;
	float f;
	int bad;

	m_errno = errno = 0;
	d = m_strtod(text, &a);
	bad = !same(d, strtod(text, &b)) || a != b || m_errno != errno;
	m_errno = errno = 0;
	f = m_strtof(text, &a);
	bad |= (!same(f, strtof(text, &b)) && !(below_normal(f) && f == (float)strtold(text, NULL))) || a != b || m_errno != errno;
	m_errno = errno = 0;
	l = m_strtold(text, &a);
	bad |= !same(l, strtold(text, &b)) || a != b || m_errno != errno;
	if (bad)
		fprintf(stderr, "strtod of '%s'\n", text);
	CHECK(!bad);
}

static void
special_texts_become_numbers(void)
{
	static const char *const texts[] = { "", " ", "+", "-.", ".", "e5", ".e5", "0x", "0x.", "0xp1", "0x1p", "0x1p+", "1e", "1e+",
		"1e+x", "inf", "-INFINITY", "infinit", "nan", "nan(", "nan(12_a)", "nan(-)", "-0", "0x0p0", "00012.5e1", " \t\n 7", "1e400",
		"-1e400", "1e-400", "4.9406564584124654e-324", "2.4703282292062327e-324", "2.4703282292062328e-324",
		"2.2250738585072011e-308", "1.7976931348623157e308", "1.7976931348623158e308", "1.7976931348623159e308",
		"9007199254740993", "9007199254740992.99999999999999999999", "9007199254740993.00000000000000000000000000001",
		"1e99999999999999999999", "1e-99999999999999999999", "0e99999999999999999999", "0x1.fffffffffffff8p1023",
		"0x1.fffffffffffff7p1023", "0x1.00000000000008p0", "0x1.000000000000080000000000000000000000000001p0", "0x1p-1074",
		"0x1p-1075", "0x1.8p-1075", "0x123456789abcdefp-1100", "3.4028235677973366e38", "1.1754943508222875e-38", "7e-46", "1e4932",
		"1.2e4932", "3.6e-4951", "1.8e-4951", "0x1p16384", "0x1p-16446", "123456789012345678901234567890", "1.", ".5", "5.e2" };

	for (unsigned i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		compare_strto(texts[i]);
}

static void
random_texts_become_numbers(void)
{
	char text[1300];

	for (long i = cases(30000); i > 0; i--) {
		switch (random_below(5)) {
		case 0:
			sprintf(text, "%.*g", (int)random_below(25), random_double());
			break;
		case 1:
			sprintf(text, "%lu.%lue%d", random_bits() >> random_below(64), random_bits(), (int)random_below(700) - 350);
			break;
		case 2:
			sprintf(text, "%.*La", (int)random_below(25), random_long_double());
			break;
		case 3:
			sprintf(text, "%.*Le", (int)random_below(40), random_long_double());
			break;
		case 4:
			sprintf(text, "%lu%lu%lue%d", random_bits(), random_bits(), random_bits(), (int)random_below(40) - 80);
			break;
		}
		compare_strto(text);
	}
}

/* Numbers exactly between two neighbours, and a little beside. */
static void
halves_are_rounded_to_even(void)
{
	static char text[1300];

	for (long i = cases(1500); i > 0; i--) {
		double value = fabs(random_double());
		long double half;

		if (!isfinite(value) || value > 1e300 || value == 0)
			continue;
		half = ((long double)value + (long double)nextafter(value, INFINITY)) / 2;
		sprintf(text, "%.1100Le", half);
		*strchr(text, 'e') = 0;
		sprintf(text + strlen(text), "e%d", (int)floor(log10(value)));
		compare_strto(text);
		strchr(text, 'e')[-1] = '1';
		compare_strto(text);
	}
}

static void
compare_format(const char *format, ...)
{
	va_list arguments, again;
	int a, b;

	va_start(arguments, format);
	va_copy(again, arguments);
	a = m_vsnprintf(ours, ROOM, format, arguments);
	b = vsnprintf(theirs, ROOM, format, again);
	va_end(again);
	va_end(arguments);
	if (a != b || strcmp(ours, theirs) != 0)
		fprintf(stderr, "format %s\n", format);
	CHECK_EQ(a, b);
	CHECK_STR(ours, theirs);
}

static void
random_format(char *format, const char *size, const char *conversions)
{
	char *start = format;

	*format++ = '%';
	for (unsigned flags = random_bits() & random_bits(), i = 0; i < 5; i++)
		if (flags >> i & 1)
			*format++ = "-+ #0"[i];
	if (random_below(2))
		format += sprintf(format, "%u", random_below(40));
	if (random_below(2))
		format += random_below(20) ? sprintf(format, ".%u", random_below(25)) : sprintf(format, ".%u", random_below(1200));
	sprintf(format, "%s%c|", size, conversions[random_below(strlen(conversions))]);
	if (strpbrk(format, "gG") != NULL && strchr(start, '#') != NULL)
		*strchr(start, '#') = ' ';
}

static void
floats_are_printed_alike(void)
{
	static const double special[] = { 0.0, -0.0, 1, 0.5, 1.5, 2.5, 0.1, 9.5, 9.9999995, 0.00001, 0.0001, 123456, 1e15, 1e16, 1e17,
		1e22, 1e100, DBL_MAX, DBL_MIN, 4.9e-324, 0.125, 1048576.0625, 99999.95, 999999.5, INFINITY, -INFINITY, NAN };
	char format[40];

	for (long i = cases(60000); i > 0; i--) {
		double value = random_below(4) == 0 ? special[random_below(sizeof(special) / sizeof(special[0]))] : random_double();

		random_format(format, "", "eEfFgGaA");
		compare_format(format, value);
	}
	for (long i = cases(10000); i > 0; i--) {
		random_format(format, "L", "eEgGaA");
		compare_format(format, random_long_double());
	}
	compare_format("%Lf %.0Lf %Le", LDBL_MAX, LDBL_MAX, LDBL_MIN);
	compare_format("%.*e|%*.*f|%-*g|", 3, 2.5, 12, 2, 3.14159, 10, 0.5);
	compare_format("%#g %#.3G %#.0g %#g", 1.0, 1e10, 3.0, 0.0001);
	m_snprintf(ours, ROOM, "%#g", 999999.5);
	CHECK_STR(ours, "1.00000e+06");
	compare_format("%.17000Lf", LDBL_MIN / 4);
}

/* A significand of ones, up to 63 of them: rounding carries through it. */
static void
carries_are_printed_alike(void)
{
	char format[40];

	for (int i = 0; i < 63; i++) {
		long double value = ldexpl(1.0L - ldexpl(1, -1 - i), (int)random_below(200) - 100);

		for (int precision = 0; precision < 16; precision++) {
			sprintf(format, "%%.%dLa|%%#.%dLA|%%.%da", precision, precision, precision);
			compare_format(format, value, -value, (double)value);
		}
	}
}

static void
doubles_survive_the_round_trip(void)
{
	for (long i = cases(15000); i > 0; i--) {
		double value = random_double();

		m_snprintf(ours, ROOM, "%.17g", value);
		CHECK(same(m_strtod(ours, NULL), value));
		m_snprintf(ours, ROOM, "%a", value);
		CHECK(same(m_strtod(ours, NULL), value));
	}
}

static void
integers_are_printed_alike(void)
{
	static const char *const sizes[] = { "hh", "h", "", "l", "ll", "j", "z", "t" };
	char format[40];

	for (long i = cases(50000); i > 0; i--) {
		long value = random_below(5) == 0 ? 0 : random_bits() >> random_below(64);

		random_format(format, sizes[random_below(8)], "diouxX");
		compare_format(format, random_below(2) ? value : -value);
	}
}

static void
other_conversions_agree(void)
{
	int a = 0, b = 0;

	compare_format("[%s][%10s][%-10s][%.2s][%*.*s]", "abc", "abc", "abc", "abc", 6, 1, "abc");
	compare_format("%c%3c%-3c%%|%p|%20p|%-20p|%p", 'x', 'y', 'z', (void *)0x1234, (void *)0x1234, (void *)0x1234, NULL);
	compare_format("%2$s %1$s %2$*3$s %1$.*4$s %5$f", "one", "two", 8, 2, 2.5);
	compare_format("%3$ld %1$d %2$Lf", 1, 2.5L, 3L);
	compare_format("%s %.3s %.6s", NULL, NULL, NULL);
	compare_format("%ls|%.3ls|%8ls|%lc|%lc", L"wide", L"cut off", L"ab", L'x', 0);
	compare_format("%'d %zu %jd %td %qd", 5, (size_t)6, (intmax_t)7, (ptrdiff_t)8, 9LL);
	m_snprintf(ours, ROOM, "abc%nde", &a);
	snprintf(theirs, ROOM, "abc%nde", &b);
	CHECK_EQ(a, 3);
	CHECK_EQ(a, b);
	errno = m_errno = ENOENT;
	compare_format("%m");
	CHECK_EQ(m_snprintf(ours, 4, "%d", 123456), 6);
	CHECK_STR(ours, "123");
	CHECK_EQ(m_snprintf(NULL, 0, "%2147483647d", 1), INT_MAX);
	CHECK_EQ(m_snprintf(NULL, 0, "%2147483647d ", 1), -1);
	CHECK_EQ(m_errno, EOVERFLOW);
}

static void
integers_are_read_alike(void)
{
	static const char digits[] = "0011223456789abcxXzZ+- ";

	for (long i = cases(100000); i > 0; i--) {
		char text[40], *a, *b;
		int length = random_below(24), base = random_below(20) == 0 ? (int)random_below(50) : (int[]){ 0, 8, 10, 16, 36, 2 }[random_below(6)];
		long x;
		unsigned long y;

		for (int k = 0; k < length; k++)
			text[k] = digits[random_below(sizeof(digits) - 1)];
		text[length] = 0;
		a = b = NULL;
		m_errno = errno = 0;
		x = m_strtol(text, &a, base);
		CHECK_EQ(x, strtol(text, &b, base));
		CHECK(a == b || base == 1 || base > 36);
		CHECK_EQ(m_errno, errno);
		m_errno = errno = 0;
		y = m_strtoul(text, &a, base);
		CHECK_EQ(y, strtoul(text, &b, base));
		CHECK_EQ(m_errno, errno);
	}
}

/* The digits of a text of printf's: all before an 'e', without the point, or without the zeros that a number below 1 begins with. */
static void
digits_of(char *to, const char *text, int fraction)
{
	text += *text == '-';
	if (fraction)
		while (*text == '0' || *text == '.')
			text++;
	for (; *text != 0 && *text != 'e'; text++)
		if (*text != '.')
			*to++ = *text;
	*to = 0;
}

static void
compare_ecvt(double value, int count)
{
	char text[ROOM], *digits;
	int point, negative;

	sprintf(text, "%.*e", count - 1, value);
	digits_of(theirs, text, 0);
	digits = m_ecvt(value, count, &point, &negative);
	CHECK_STR(digits, theirs);
	CHECK_EQ(point, atoi(strchr(text, 'e') + 1) + 1);
	CHECK_EQ(negative, signbit(value) != 0);
	CHECK_EQ(m_ecvt_r(value, count, &point, &negative, ours, (size_t)count), -1);
	CHECK_EQ(m_ecvt_r(value, count, &point, &negative, ours, (size_t)count + 1), 0);
	CHECK_STR(ours, theirs);
	m_gcvt(value, count, ours);
	sprintf(theirs, "%.*g", count < 17 ? count : 17, value);
	CHECK_STR(ours, theirs);
}

/* What has only zeros behind the point is not compared. */
static void
compare_fcvt(double value, int count)
{
	char text[ROOM];
	int point, negative;

	sprintf(text, "%.*f", count, value);
	digits_of(theirs, text, 1);
	if (theirs[0] == 0)
		return;
	CHECK_STR(m_fcvt(value, count, &point, &negative), theirs);
	CHECK_EQ(point, (int)strlen(theirs) - count);
	CHECK_EQ(negative, signbit(value) != 0);
	CHECK_EQ(m_fcvt_r(value, count, &point, &negative, ours, sizeof(ours)), 0);
	CHECK_STR(ours, theirs);
}

/* As glibc: at least one digit stays, and there are zeros up to the point. */
static void
digits_left_of_the_point(void)
{
	static const struct {
		double value;
		int count;
		const char *digits;
	} wanted[] = {
		{ 12345.678, -2, "12300" }, { 12345.678, -5, "10000" }, { 12345.678, -100, "10000" }, { 99999, -2, "100000" }, { 1234567890123, -4, "1234567890000" },
		{ 5, -1, "5" }, { 50, -3, "50" }, { 95, -1, "100" }, { 96, -2, "100" }, { 550, -2, "600" }, { 450, -2, "400" }, { 49, -2, "50" },
		{ 0, -2, "0" }, { 0.001, -2, "0" }, { 0.5, -1, "0" }, { 0.75, -1, "1" }, { 1e300, INT_MIN, NULL },
	};
	int point, negative, theirs_point, theirs_negative;

	for (unsigned i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		const char *digits = fcvt(wanted[i].value, wanted[i].count, &theirs_point, &theirs_negative);

		if (wanted[i].digits != NULL) {
			CHECK_STR(digits, wanted[i].digits);
			CHECK_STR(m_fcvt(wanted[i].value, wanted[i].count, &point, &negative), wanted[i].digits);
			CHECK_EQ(point, theirs_point);
		}
		digits = m_fcvt(-wanted[i].value, wanted[i].count, &point, &negative);
		CHECK_EQ(strlen(digits), point);
		CHECK(negative);
	}
	m_fcvt(1e300, INT_MIN, &point, &negative);
	CHECK_EQ(point, 301);
}

static void
numbers_become_digits(void)
{
	static const double special[] = { 0.5, 1.5, 2.5, 0.05, 0.125, 9.995, 99.5, 0.95, 999.96, 1e300, 5e-324, -1.0 };
	int point, negative;

	for (unsigned i = 0; i < sizeof(special) / sizeof(special[0]); i++)
		for (int count = 1; count < 25; count++) {
			compare_ecvt(special[i], count);
			compare_fcvt(special[i], count - 1);
		}
	for (long i = cases(15000); i > 0; i--) {
		double value = random_double();

		if (!isfinite(value) || value == 0)
			continue;
		compare_ecvt(value, 1 + (int)random_below(30));
		compare_fcvt(value, (int)random_below(30));
	}
	CHECK_STR(m_ecvt(-0.0, 3, &point, &negative), "000");
	CHECK(point == 1 && negative);
	CHECK_STR(m_fcvt(0, 2, &point, &negative), "000");
	CHECK_EQ(point, 1);
	CHECK_STR(m_fcvt(0.0001, 2, &point, &negative), "");
	CHECK_EQ(point, -2);
	CHECK_STR(m_fcvt(0.4, 0, &point, &negative), "0");
	CHECK_STR(m_fcvt(-INFINITY, 2, &point, &negative), "inf");
	CHECK(negative);
	CHECK_EQ(strlen(m_fcvt(1.7e308, 100000, &point, &negative)), 909);
	CHECK_STR(m_gcvt(0.1, 40, ours), "0.10000000000000001");
	CHECK_EQ(strlen(m_ecvt(7, 100000, &point, &negative)), 600);
}

int
main(void)
{
	TEST(numbers_become_digits);
	TEST(digits_left_of_the_point);
	TEST(special_texts_become_numbers);
	TEST(random_texts_become_numbers);
	TEST(halves_are_rounded_to_even);
	TEST(floats_are_printed_alike);
	TEST(carries_are_printed_alike);
	TEST(doubles_survive_the_round_trip);
	TEST(integers_are_printed_alike);
	TEST(other_conversions_agree);
	TEST(integers_are_read_alike);
	return unit_done();
}
