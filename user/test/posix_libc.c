/*
 * The C library on the real machine: what host tests cannot see, because it differs by machine or needs the system.
 */
#include <assert.h>
#include <errno.h>
#include <math.h>
#include <regex.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "check.h"

static void
text_is(const char *got, const char *wanted, int line)
{
	if (strcmp(got, wanted) != 0)
		printf("libc: got \"%s\", wanted \"%s\"\n", got, wanted);
	check(strcmp(got, wanted) == 0, "texts are equal", __FILE__, line);
}

/* Registers that calls preserve come back, floating-point ones too. */
static void
jumps(void)
{
	jmp_buf place;
	volatile int turns = 0;
	volatile double kept = 1.25;
	int value = setjmp(place);

	CHECK(value == turns);
	if (turns < 3) {
		turns = turns + 1;
		longjmp(place, turns);
	}
	CHECK(kept == 1.25);
	if (setjmp(place) == 0)
		longjmp(place, 0);
}

static void
numbers(void)
{
	char text[200];
	long double third = 1.0L / 3;

	snprintf(text, sizeof(text), "%.3f %g %e %a", 2.0005, 0.1, 12345.678, 1.5);
	text_is(text, "2.001 0.1 1.234568e+04 0x1.8p+0", __LINE__);
	snprintf(text, sizeof(text), "%.36Le", third);
	CHECK(strtold(text, NULL) == third);
	snprintf(text, sizeof(text), "%La", third);
	CHECK(strtold(text, NULL) == third);
	CHECK(sqrtl(third * third) <= third * (1 + 1e-17L) && sqrtl(4) == 2 && sqrtl(2) * sqrtl(2) != 0);
	CHECK(strtod("0x1.fffffffffffff8p1022", NULL) == 0x1p1023);
	CHECK(strtold("1e-4940", NULL) > 0 && floorl(-2.5L) == -3 && fmodl(7.5L, 2) == 1.5L);
	CHECK(fabs(sin(1e22) + 0.8522008497671888) < 1e-15 && pow(2, 0.5) == sqrt(2) && exp(0) == 1);
	CHECK(snprintf(text, sizeof(text), "%2$s %1$d %3$Lg", 7, "x", 2.5L) == 7);
	text_is(text, "x 7 2.5", __LINE__);
}

static void
heap(void)
{
	char *blocks[100];

	for (int turn = 0; turn < 20; turn++) {
		for (int i = 0; i < 100; i++) {
			blocks[i] = malloc(i * i * 7 + 1);
			CHECK(blocks[i] != NULL);
			memset(blocks[i], i, i * i * 7 + 1);
		}
		for (int i = 0; i < 100; i++) {
			CHECK(blocks[i][i * i * 7] == (char)i);
			free(blocks[i]);
		}
	}
}

static void
files(void)
{
	FILE *file = fopen("/etc/motd", "r");
	char line[200];
	long length;

	CHECK(file != NULL && fgets(line, sizeof(line), file) != NULL);
	length = ftell(file);
	CHECK(length == (long)strlen(line));
	rewind(file);
	CHECK(fgetc(file) == (unsigned char)line[0] && ungetc('#', file) == '#' && fgetc(file) == '#');
	CHECK(fclose(file) == 0);
	CHECK(fopen("/no/such/file", "r") == NULL && errno == ENOENT);
}

static void
times(void)
{
	time_t now = time(NULL), zero = 0;
	struct tm *tm = gmtime(&zero);

	CHECK(tm->tm_year == 70 && tm->tm_wday == 4 && mktime(gmtime(&now)) == now);
	CHECK(clock() >= 0);
}

static void
patterns(void)
{
	regex_t regex;
	regmatch_t match[2];

	CHECK(regcomp(&regex, "(b+)c", REG_EXTENDED) == 0);
	CHECK(regexec(&regex, "abbbc", 2, match, 0) == 0 && match[0].rm_so == 1 && match[1].rm_eo == 4);
	regfree(&regex);
}

int
main(void)
{
	jumps();
	numbers();
	heap();
	files();
	times();
	patterns();
	return check_report("libc");
}
