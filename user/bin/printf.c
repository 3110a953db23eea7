/*
 * printf: prints its arguments as the format says (POSIX.1-2017 printf), as often as it takes to use them up.
 *
 *	printf FORMAT [ARGUMENT...]
 *
 * Conversions: d i o u x X, e E f F g G a A, c, s, b (a text with escapes, of which \c ends all output), %. A missing argument is "" or 0; one that begins
 * with a quote is the number of the character behind it. What is no number is told, and the status is then 1.
 */
#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SPEC_SIZE	64

static char **argument;
static int left, status;

static const char *
next(void)
{
	if (left == 0)
		return "";
	left--;
	return *argument++;
}

/* All has been said; a stream that failed once may have nothing left that could fail again. */
static _Noreturn void
finish(void)
{
	if (fflush(stdout) == EOF || ferror(stdout))
		err(1, "output");
	exit(status);
}

/* Octal digits behind a backslash, at most `most`. */
static const char *
octal(const char *at, int most)
{
	int value = 0;

	for (; most > 0 && *at >= '0' && *at <= '7'; most--)
		value = value * 8 + (*at++ - '0');
	putchar(value);
	return at;
}

/* Prints what stands behind a backslash; text: as of %b. Returns behind it. */
static const char *
escape(const char *at, bool text)
{
	static const char letters[] = "abfnrtv\\\"'", bytes[] = "\a\b\f\n\r\t\v\\\"'";
	const char *found = *at != 0 ? strchr(letters, *at) : NULL;

	if (found != NULL) {
		putchar(bytes[found - letters]);
		return at + 1;
	}
	if (text && *at == 'c')
		finish();
	if (*at >= '0' && *at <= '7')
		return octal(at + (text && *at == '0'), 3);
	putchar('\\');
	if (*at != 0)
		putchar(*at++);
	return at;
}

static void
check(const char *text, const char *end)
{
	if (end == text || *end != 0)
		warnx("%s: not a number", text);
	else if (errno != 0)
		warn("%s", text);
	else
		return;
	status = 1;
}

/* 'x: the number of x. */
static bool
is_quoted(const char *text)
{
	return (*text == '\'' || *text == '"') && text[1] != 0;
}

static intmax_t
whole(const char *text, bool is_signed)
{
	char *end;
	intmax_t value;

	if (*text == 0)
		return 0;
	if (is_quoted(text))
		return (unsigned char)text[1];
	errno = 0;
	value = is_signed || *text == '-' ? strtoimax(text, &end, 0) : (intmax_t)strtoumax(text, &end, 0);
	check(text, end);
	return value;
}

static long double
real(const char *text)
{
	char *end;
	long double value;

	if (*text == 0)
		return 0;
	if (is_quoted(text))
		return (unsigned char)text[1];
	errno = 0;
	value = strtold(text, &end);
	check(text, end);
	return value;
}

static void
print_escaped(const char *spec, const char *text)
{
	if (strcmp(spec, "%s") != 0)
		warnx("%%b takes no width");
	while (*text != 0)
		if (*text == '\\')
			text = escape(text + 1, true);
		else
			putchar(*text++);
}

/* One argument; spec is the conversion without a length, room for one behind its letter. */
static void
convert(char *spec, size_t length, char letter)
{
	if (strchr("di", letter) != NULL || strchr("ouxX", letter) != NULL) {
		memcpy(spec + length - 1, (char[]){ 'j', letter, 0 }, 3);
		printf(spec, whole(next(), strchr("di", letter) != NULL));
	} else if (strchr("eEfFgGaA", letter) != NULL) {
		memcpy(spec + length - 1, (char[]){ 'L', letter, 0 }, 3);
		printf(spec, real(next()));
	} else if (letter == 'c') {
		const char *text = next();

		if (*text != 0)
			printf(spec, *text);
	} else if (letter == 's') {
		printf(spec, next());
	} else {
		spec[length - 1] = 's';
		print_escaped(spec, next());
	}
}

/* A number, or * for an argument, as text. Returns behind it. */
static const char *
width(const char *at, char *spec, size_t *n)
{
	char digits[24];
	size_t size;

	if (*at == '*') {
		snprintf(digits, sizeof(digits), "%d", (int)whole(next(), true));
		at++;
		size = strlen(digits);
	} else {
		size = strspn(at, "0123456789");
		if (size > 9)
			errx(1, "a width is too large");
		memcpy(digits, at, size);
		at += size;
	}
	memcpy(spec + *n, digits, size);
	*n += size;
	return at;
}

/* At a %. Returns behind the conversion. */
static const char *
conversion(const char *at)
{
	char spec[SPEC_SIZE] = "%";
	size_t n = 1;

	for (at++; *at != 0 && strchr("-+ #0'", *at) != NULL; at++)
		if (n < 8)
			spec[n++] = *at;
	at = width(at, spec, &n);
	if (*at == '.') {
		size_t dot = n++;

		spec[dot] = *at++;
		at = width(at, spec, &n);
		if (spec[dot + 1] == '-')
			n = dot;		/* C11 7.21.6.1: as if there were none */
	}
	at += strspn(at, "hlLjzt");
	if (*at == 0 || strchr("diouxXeEfFgGaAcsb", *at) == NULL)
		errx(1, "%%%c: no such conversion", *at != 0 ? *at : ' ');
	spec[n++] = *at;
	spec[n] = 0;
	convert(spec, n, *at);
	return at + 1;
}

static void
print(const char *format)
{
	while (*format != 0)
		if (*format == '\\')
			format = escape(format + 1, false);
		else if (*format == '%' && format[1] != '%')
			format = conversion(format);
		else {
			format += *format == '%';
			putchar(*format++);
		}
}

int
main(int argc, char **argv)
{
	int before;

	if (argc > 1 && strcmp(argv[1], "--") == 0) {
		argc--;
		argv++;
	}
	if (argc < 2)
		errx(1, "usage: printf format [argument...]");
	argument = argv + 2;
	left = argc - 2;
	do {
		before = left;
		print(argv[1]);
	} while (left > 0 && left < before);
	finish();
}
