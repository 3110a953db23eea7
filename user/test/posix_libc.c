/*
 * The C library on the real machine: what host tests cannot see, because it differs by machine or needs the system.
 */
#define _GNU_SOURCE
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <fenv.h>
#include <float.h>
#include <ftw.h>
#include <locale.h>
#include <math.h>
#include <regex.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

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
	CHECK(strtod_l("0.1", NULL, uselocale((locale_t)0)) == 0.1 && strtof_l("0.1", NULL, NULL) == 0.1f && strtold_l("0.1", NULL, NULL) == 0.1L);
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

/* Rounding modes and exceptions are the machine's. */
static void
floating_environment(void)
{
	volatile double one = 1, three = 3, zero = 0, up, down, quotient;
	volatile float small = 0x1p-149f;
	fenv_t held;

	CHECK(fegetround() == FE_TONEAREST && fesetround(FE_UPWARD) == 0 && fegetround() == FE_UPWARD);
	up = one / three;
	CHECK(fesetround(FE_DOWNWARD) == 0);
	down = one / three;
	CHECK(up == nextafter(down, 1) && fesetround(12345) != 0 && fegetround() == FE_DOWNWARD);
	CHECK(fesetround(FE_TONEAREST) == 0 && feclearexcept(FE_ALL_EXCEPT) == 0);
	quotient = one / zero;
	CHECK(isinf(quotient) && fetestexcept(FE_ALL_EXCEPT) == FE_DIVBYZERO);
	CHECK(feholdexcept(&held) == 0 && fetestexcept(FE_ALL_EXCEPT) == 0);
	small /= 3;
	CHECK((fetestexcept(FE_ALL_EXCEPT) & FE_UNDERFLOW) != 0 && feupdateenv(&held) == 0);
	CHECK((fetestexcept(FE_DIVBYZERO | FE_UNDERFLOW)) == (FE_DIVBYZERO | FE_UNDERFLOW) && fesetenv(FE_DFL_ENV) == 0);
	CHECK(fetestexcept(FE_ALL_EXCEPT) == 0);
	CHECK(fma(0x1p-1074, 0.5, 0x1p-1074) == 0x1p-1073 && fma(1 + 0x1p-52, 1 + 0x1p-52, -1 - 0x1p-51) == 0x1p-104);
	CHECK(fmal(1 + 0x1p-60L, 1, -1) == 0x1p-60L && nextafterl(1, 2) - 1 == LDBL_EPSILON && remainderl(5, 3) == -1);
	CHECK(tgamma(5) == 24 && fabs(erf(1) - 0.8427007929497149) < 1e-15 && erfl(0) == 0 && fabs(lgamma(0.5) - 0.5723649429247001) < 1e-15);
}

static char visited[200];

static int
visit(const char *path, const struct stat *status, int type, struct FTW *where)
{
	size_t used = strlen(visited);

	(void)status;
	snprintf(visited + used, sizeof(visited) - used, "%c%d%s ", "FDdnLDl"[type], where->level, path + where->base);
	return 0;
}

static int
stop_at_file(const char *path, const struct stat *status, int type)
{
	return type == FTW_F && status->st_size == 5 && strstr(path, "file") != NULL ? 77 : 0;
}

/* A tree is walked in both orders, without following a link back into it. */
static void
walks(void)
{
	FILE *file;
	char before[100], after[100];

	CHECK(mkdir("/tmp/walk", 0755) == 0 && mkdir("/tmp/walk/a", 0755) == 0);
	CHECK((file = fopen("/tmp/walk/a/file", "w")) != NULL && fputs("12345", file) >= 0 && fclose(file) == 0);
	CHECK(symlink("..", "/tmp/walk/a/up") == 0);
	CHECK(getcwd(before, sizeof(before)) != NULL);
	CHECK(nftw("/tmp/walk", visit, 1, FTW_PHYS | FTW_DEPTH | FTW_CHDIR) == 0);
	text_is(strstr(visited, "F2file ") != NULL && strstr(visited, "L2up ") != NULL ? strstr(visited, "D1") : visited, "D1a D0walk ", __LINE__);
	CHECK(getcwd(after, sizeof(after)) != NULL);
	text_is(after, before, __LINE__);
	visited[0] = 0;
	CHECK(nftw("/tmp/walk/", visit, 5, 0) == 0 && strncmp(visited, "D0walk D1a ", 11) == 0 && strstr(visited, "up") == NULL);
	CHECK(ftw("/tmp/walk", stop_at_file, 5) == 77);
	CHECK(nftw("/tmp/nowhere", visit, 5, 0) == -1 && errno == ENOENT);
	CHECK(unlink("/tmp/walk/a/up") == 0 && unlink("/tmp/walk/a/file") == 0 && rmdir("/tmp/walk/a") == 0 && rmdir("/tmp/walk") == 0);
}

static void
names_and_priorities(void)
{
	char name[20];

	CHECK(getlogin_r(name, sizeof(name)) == 0 && getlogin_r(name, 2) == ERANGE);
	text_is(getlogin(), name, __LINE__);
	CHECK(getpriority(PRIO_PROCESS, 0) == 0 && getpriority(12, 0) == -1 && errno == EINVAL);
	CHECK(setpriority(PRIO_PROCESS, 0, 0) == 0 && setpriority(PRIO_PROCESS, 99999, 5) == -1 && errno == ESRCH);
	CHECK(clock_settime(CLOCK_MONOTONIC, &(struct timespec){ 0, 0 }) == -1 && errno == EINVAL);
	CHECK(clock_settime(CLOCK_REALTIME, &(struct timespec){ 0, 0 }) == -1 && errno == EPERM);
}

/* Each name is new; the letters in front stay. */
static void
temporary_names(void)
{
	char one[] = "/tmp/nameXXXXXX", two[] = "/tmp/nameXXXXXX", folder[] = "/tmp/nameXXXXXX", wrong[] = "/tmp/nameXXXXX", none[] = "/none/XXXXXX";
	char suffix[] = "/tmp/nameXXXXXX.c";
	int fd = mkostemp(one, O_CLOEXEC);

	CHECK(fd >= 0 && (fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0 && strncmp(one, "/tmp/name", 9) == 0);
	CHECK(mktemp(two) == two && strncmp(two, "/tmp/name", 9) == 0 && strcmp(one, two) != 0 && access(two, F_OK) == -1);
	CHECK(mkdtemp(folder) == folder && rmdir(folder) == 0);
	CHECK(mktemp(wrong) == wrong && wrong[0] == 0 && errno == EINVAL);
	CHECK(mkstemp(none) == -1 && errno == ENOENT);
	CHECK(close(fd) == 0 && unlink(one) == 0);
	fd = mkostemps(suffix, 2, O_CLOEXEC);
	CHECK(fd >= 0 && (fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0 && strncmp(suffix, "/tmp/name", 9) == 0);
	text_is(suffix + 15, ".c", __LINE__);
	CHECK(close(fd) == 0 && unlink(suffix) == 0);
	CHECK(mkostemps(wrong, 4, 0) == -1 && errno == EINVAL);
}

/* TMPDIR, then the folder asked for, then /tmp: the first that is there. */
static void
names_in_folders(void)
{
	static const struct {
		const char *variable, *folder, *prefix, *begins;
	} cases[] = {
		{ "/none", "/tmp/names", "abcdefgh", "/tmp/names/abcde" }, { "/tmp/names", "/tmp", NULL, "/tmp/names/" },
		{ "/none", "/none", "x", "/tmp/x" }, { "", NULL, "", "/tmp/" },
	};

	EQUAL(mkdir("/tmp/names", 0700), 0);
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *name;

		EQUAL(setenv("TMPDIR", cases[i].variable, 1), 0);
		name = tempnam(cases[i].folder, cases[i].prefix);
		CHECK(name != NULL && strncmp(name, cases[i].begins, strlen(cases[i].begins)) == 0);
		CHECK(strlen(name) == strlen(cases[i].begins) + 6 && access(name, F_OK) == -1);
		free(name);
	}
	EQUAL(unsetenv("TMPDIR"), 0);
	EQUAL(rmdir("/tmp/names"), 0);
}

int
main(void)
{
	temporary_names();
	names_in_folders();
	jumps();
	numbers();
	heap();
	files();
	times();
	patterns();
	floating_environment();
	walks();
	names_and_priorities();
	return check_report("libc");
}
