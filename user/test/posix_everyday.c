/*
 * What many programs call and no other test does: the rest of stdio, numbers, messages, and small calls of POSIX, in the system. Each
 * against the text of C11 or POSIX.1-2017.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <err.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libintl.h>
#include <limits.h>
#include <locale.h>
#include <math.h>
#include <regex.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <syslog.h>
#include <time.h>
#include <wchar.h>

#include "signals.h"

#define TEXT(got, wanted)	text_is(got, wanted, #got, __LINE__)

static void
text_is(const char *got, const char *wanted, const char *what, int line)
{
	if (got == NULL || strcmp(got, wanted) != 0)
		printf("%s is \"%s\", not \"%s\"\n", what, got != NULL ? got : "(null)", wanted);
	check(got != NULL && strcmp(got, wanted) == 0, what, __FILE__, line);
}

/* What a child writes to a descriptor, and how it ends. */
static char written[512];

static int
output_of(void (*function)(void), int fd)
{
	int ends[2];
	ssize_t n, size = 0;
	pid_t pid;

	EQUAL(pipe(ends), 0);
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		dup2(ends[1], fd);
		close(ends[0]);
		close(ends[1]);
		function();
		exit(50);
	}
	close(ends[1]);
	while ((n = read(ends[0], written + size, sizeof(written) - 1 - (size_t)size)) > 0)
		size += n;
	written[size] = 0;
	close(ends[0]);
	return WEXITSTATUS(end_of(pid));
}

/* --- stdio --- */

static void
puts_twice(void)
{
	if (puts("one") < 0 || puts("") < 0)
		exit(1);
}

static void
full_device(void)
{
	if (freopen("/dev/full", "w", stdout) == NULL)
		exit(1);
	setbuf(stdout, NULL);
	exit(puts("x") == EOF && errno == ENOSPC && ferror(stdout) ? 51 : 1);
}

static void
lines(void)
{
	EQUAL(output_of(puts_twice, 1), 50);
	TEXT(written, "one\n\n");
	EQUAL(output_of(full_device, 2), 51);
}

/* A file without a name that is there for reading and writing. */
static void
temporary_files(void)
{
	struct stat status;
	FILE *file = tmpfile(), *other = tmpfile();
	char text[8];

	CHECK(file != NULL && other != NULL);
	EQUAL(fstat(fileno(file), &status), 0);
	EQUAL(status.st_nlink, 0);
	EQUAL(fcntl(fileno(file), F_GETFL) & O_ACCMODE, O_RDWR);
	CHECK(fputs("hello", file) >= 0);
	rewind(file);
	TEXT(fgets(text, sizeof(text), file), "hello");
	EQUAL(fgetc(other), EOF);
	EQUAL(fclose(file) | fclose(other), 0);
}

static void
positions(void)
{
	FILE *file = tmpfile();
	fpos_t place;
	int ends[2];

	CHECK(fputs("0123456789", file) >= 0);
	EQUAL(ftello(file), 10);
	EQUAL(fseeko(file, 3, SEEK_SET), 0);
	EQUAL(fgetpos(file, &place), 0);
	EQUAL(fgetc(file), '3');
	EQUAL(fseeko(file, 2, SEEK_CUR), 0);
	EQUAL(ftello(file), 6);
	EQUAL(fgetc(file), '6');
	EQUAL(fsetpos(file, &place), 0);
	EQUAL(fgetc(file), '3');
	EQUAL(ungetc('x', file), 'x');
	EQUAL(ftello(file), 3);
	EQUAL(fseeko(file, -1, SEEK_END), 0);		/* takes back what was pushed */
	EQUAL(fgetc(file), '9');
	EQUAL(fgetc(file), EOF);
	EQUAL(fsetpos(file, &place), 0);
	EQUAL(feof(file), 0);
	FAILS(fseeko(file, -1, SEEK_SET), EINVAL);
	FAILS(fseeko(file, 0, 99), EINVAL);
	EQUAL(fseeko(file, (off_t)5 << 32, SEEK_SET), 0);
	EQUAL(ftello(file), (off_t)5 << 32);
	EQUAL(fclose(file), 0);
	EQUAL(pipe(ends), 0);
	file = fdopen(ends[0], "r");
	FAILS(fseeko(file, 0, SEEK_SET), ESPIPE);
	FAILS(ftello(file), ESPIPE);
	EQUAL(fclose(file) | close(ends[1]), 0);
}

static int
print_to(char **text, const char *format, ...)
{
	va_list arguments;
	int n;

	va_start(arguments, format);
	n = vasprintf(text, format, arguments);
	va_end(arguments);
	return n;
}

static void
allocated_texts(void)
{
	char *text = NULL;

	EQUAL(asprintf(&text, "%s %d", "nine", 9), 6);
	TEXT(text, "nine 9");
	free(text);
	EQUAL(asprintf(&text, "%s", ""), 0);
	TEXT(text, "");
	free(text);
	EQUAL(asprintf(&text, "%20000d", 7), 20000);
	CHECK(strlen(text) == 20000 && text[19999] == '7');
	free(text);
	EQUAL(print_to(&text, "%c%5.2f", 'x', 1.5), 6);
	TEXT(text, "x 1.50");
	free(text);
}

/* --- numbers --- */

static void
numbers(void)
{
	char *end, text[] = "  -0x1fz";

	EQUAL(strtoll(text, &end, 16), -31);
	TEXT(end, "z");
	EQUAL(strtoll("0777", NULL, 0), 511);
	EQUAL(strtoll("zz", NULL, 36), 35 * 36 + 35);
	errno = 0;
	EQUAL(strtoll("9223372036854775807", NULL, 10), LLONG_MAX);
	EQUAL(errno, 0);
	EQUAL(strtoll("9223372036854775808", NULL, 10), LLONG_MAX);
	EQUAL(errno, ERANGE);
	errno = 0;
	EQUAL(strtoll("-9223372036854775809", NULL, 10), LLONG_MIN);
	EQUAL(errno, ERANGE);
	EQUAL(strtoll("none", &end, 10), 0);
	TEXT(end, "none");
	errno = 0;
	CHECK(strtoull("18446744073709551615", NULL, 10) == ULLONG_MAX && errno == 0);
	CHECK(strtoull("18446744073709551616", NULL, 10) == ULLONG_MAX && errno == ERANGE);
	CHECK(strtoull("-1", NULL, 10) == ULLONG_MAX);
	CHECK(strtoumax("12;", &end, 10) == 12 && *end == ';');
	errno = 0;
	CHECK(strtoumax("99999999999999999999", NULL, 10) == UINTMAX_MAX && errno == ERANGE);
	CHECK(atof(" 1.5e2x") == 150.0 && atof("none") == 0.0 && isinf(atof("-inf")) && isnan(atof("nan")));
	EQUAL(llabs(-5000000000), 5000000000);
	EQUAL(llabs(LLONG_MAX), LLONG_MAX);
	EQUAL(abs(-7), 7);
}

static void
words(void)
{
	char text[] = ",,one,two;;three", other[] = "a b", *rest, *other_rest;

	TEXT(strtok_r(text, ",", &rest), "one");
	TEXT(strtok_r(other, " ", &other_rest), "a");		/* in turn with another one */
	TEXT(strtok_r(NULL, ",;", &rest), "two");
	TEXT(strtok_r(NULL, " ", &other_rest), "b");
	TEXT(strtok_r(NULL, ";", &rest), "three");
	CHECK(strtok_r(NULL, ";", &rest) == NULL && strtok_r(NULL, " ", &other_rest) == NULL);
}

static void
wide_characters(void)
{
	wchar_t copy[8];
	char text[MB_LEN_MAX + 1] = "";

	CHECK(setlocale(LC_CTYPE, "C.UTF-8") != NULL);
	EQUAL(wctomb(NULL, L'x'), 0);				/* no states */
	EQUAL(wctomb(text, L'\u20ac'), 3);
	TEXT(text, "\xe2\x82\xac");
	EQUAL(wctomb(text, (wchar_t)0xd800), -1);
	CHECK(setlocale(LC_CTYPE, "C") != NULL);
	CHECK(wmemcpy(copy, L"abcdefg", 8) == copy && wcscmp(copy, L"abcdefg") == 0);
	CHECK(wmemmove(copy + 1, copy, 3) == copy + 1 && wcscmp(copy, L"aabcefg") == 0);
	CHECK(wmemset(copy, L'x', 2) == copy && wcsncmp(copy, L"xxbc", 4) == 0);
	CHECK(wmemchr(copy, L'c', 8) == copy + 3 && wmemchr(copy, L'z', 8) == NULL);
	CHECK(wmemcmp(L"a", L"b", 1) < 0 && wmemcmp(L"b", L"a", 1) > 0 && wmemcmp(L"a", L"b", 0) == 0);
	CHECK(wcschr(copy, L'g') == copy + 6 && wcsrchr(copy, L'x') == copy + 1 && wcsstr(copy, L"ef") == copy + 4);
	CHECK(wcsspn(copy, L"x") == 2 && wcscspn(copy, L"fg") == 5 && wcspbrk(copy, L"gf") == copy + 5);
}

static void
formats_of_a_place(void)
{
	const struct lconv *c = localeconv();

	TEXT(c->decimal_point, ".");
	TEXT(c->thousands_sep, "");
	TEXT(c->grouping, "");
	TEXT(c->int_curr_symbol, "");
	EQUAL(c->frac_digits, CHAR_MAX);
	EQUAL(c->p_sign_posn, CHAR_MAX);
}

/* --- messages --- */

static void
warns(void)
{
	errno = ENOENT;
	warn("file %d", 1);
	warnx("just %s", "this");
	errno = EACCES;
	warn(NULL);
	errno = EPERM;
	err(7, "the %s", "end");
}

static void
ends_plainly(void)
{
	errno = EPERM;
	errx(8, "no errno");
}

static void
messages(void)
{
	char wanted[256], longest[64], tiny[4];
	regex_t expression;
	size_t size;

	EQUAL(output_of(warns, 2), 7);
	snprintf(wanted, sizeof(wanted), "%s: file 1: %s\n%s: just this\n%s: %s\n%s: the end: %s\n", "posix_everyday", strerror(ENOENT),
		"posix_everyday", "posix_everyday", strerror(EACCES), "posix_everyday", strerror(EPERM));
	TEXT(written, wanted);
	EQUAL(output_of(ends_plainly, 2), 8);
	TEXT(written, "posix_everyday: no errno\n");
	EQUAL(regcomp(&expression, "(", REG_EXTENDED), REG_EPAREN);
	size = regerror(REG_EPAREN, &expression, longest, sizeof(longest));
	CHECK(longest[0] != 0);
	EQUAL(size, strlen(longest) + 1);
	EQUAL(regerror(REG_EPAREN, NULL, tiny, sizeof(tiny)), size);	/* what it would take */
	CHECK(strncmp(tiny, longest, 3) == 0 && tiny[3] == 0);
	EQUAL(regerror(REG_EPAREN, NULL, NULL, 0), size);
	/* No catalogue: the text itself. */
	TEXT(bindtextdomain("everyday", "/tmp"), "/tmp");
	TEXT(textdomain("everyday"), "everyday");
	TEXT(textdomain(NULL), "everyday");
	TEXT(textdomain(""), "messages");
	TEXT(dcgettext("everyday", "text", LC_MESSAGES), "text");
	TEXT(dcngettext("everyday", "one", "more", 1, LC_MESSAGES), "one");
	TEXT(dcngettext("everyday", "one", "more", 2, LC_MESSAGES), "more");
}

static void
logs(void)
{
	openlog("everyday", LOG_PERROR | LOG_NDELAY, LOG_USER);
	setlogmask(LOG_UPTO(LOG_WARNING));
	syslog(LOG_INFO, "not this");
	syslog(LOG_ERR, "number %d", 5);
	closelog();
}

static void
the_log(void)
{
	EQUAL(output_of(logs, 2), 50);
	CHECK(strstr(written, "everyday") != NULL && strstr(written, "number 5") != NULL && strstr(written, "not this") == NULL);
}

/* Nothing can be loaded, and dlerror says so, once. */
static void
no_libraries(void)
{
	CHECK(dlopen("libm.so", RTLD_NOW) == NULL && dlerror() != NULL && dlerror() == NULL);
	CHECK(dlsym(RTLD_DEFAULT, "printf") == NULL && dlerror() != NULL && dlerror() == NULL);
	CHECK(dlclose(NULL) != 0 && dlerror() != NULL && dlerror() == NULL);
}

/* --- time, memory, signals --- */

/* The clock shows the time that was asked for, at least. */
static void
sleep_until(clockid_t clock)
{
	struct timespec until, now;

	EQUAL(clock_gettime(clock, &until), 0);
	until.tv_sec += (until.tv_nsec + 20000000) / 1000000000;
	until.tv_nsec = (until.tv_nsec + 20000000) % 1000000000;
	EQUAL(clock_nanosleep(clock, TIMER_ABSTIME, &until, NULL), 0);
	EQUAL(clock_gettime(clock, &now), 0);
	CHECK(now.tv_sec > until.tv_sec || (now.tv_sec == until.tv_sec && now.tv_nsec >= until.tv_nsec));
}

static void
the_time(void)
{
	struct timespec before, wait = { 0, 20000000 }, after, past = { 1, 0 };
	struct timeval now;
	time_t seconds = time(NULL);

	EQUAL(gettimeofday(&now, NULL), 0);
	CHECK(now.tv_sec - seconds >= 0 && now.tv_sec - seconds < 100 && now.tv_usec >= 0 && now.tv_usec < 1000000);
	CHECK(difftime(100, 40) == 60.0 && difftime(40, 100) == -60.0);
	EQUAL(clock_gettime(CLOCK_MONOTONIC, &before), 0);
	EQUAL(clock_nanosleep(CLOCK_MONOTONIC, 0, &wait, NULL), 0);
	EQUAL(clock_gettime(CLOCK_MONOTONIC, &after), 0);
	CHECK((after.tv_sec - before.tv_sec) * 1000000000 + after.tv_nsec - before.tv_nsec >= 20000000);
	EQUAL(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &past, NULL), 0);
	EQUAL(clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &past, NULL), 0);
	sleep_until(CLOCK_REALTIME);
	sleep_until(CLOCK_MONOTONIC);
	wait.tv_nsec = 1000000000;
	EQUAL(clock_nanosleep(CLOCK_MONOTONIC, 0, &wait, NULL), EINVAL);	/* returned, not in errno */
	EQUAL(clock_nanosleep(99, 0, &past, NULL), EINVAL);
}

static void
aligned_memory(void)
{
	void *memory = NULL;

	for (size_t align = sizeof(void *); align <= 65536; align *= 2) {
		EQUAL(posix_memalign(&memory, align, 100), 0);
		CHECK(memory != NULL && (uintptr_t)memory % align == 0);
		memset(memory, 1, 100);
		free(memory);
	}
	memory = &memory;
	EQUAL(posix_memalign(&memory, 3, 100), EINVAL);
	EQUAL(posix_memalign(&memory, sizeof(void *) / 2, 100), EINVAL);
	EQUAL(posix_memalign(&memory, 16, SIZE_MAX / 2), ENOMEM);
	CHECK(memory == &memory);
}

static int
waits_for_signal(void)
{
	signal(SIGUSR1, SIG_DFL);
	setpgid(0, 0);
	while (pause() < 0)
		continue;
	return 0;
}

static void
groups_and_real_time(void)
{
	pid_t pid = child(waits_for_signal);
	int status;

	setpgid(pid, pid);
	EQUAL(killpg(pid, 0), 0);
	EQUAL(killpg(pid, SIGUSR1), 0);
	status = end_of(pid);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGUSR1);
	FAILS(killpg(pid, 0), ESRCH);
	FAILS(killpg(getpgrp(), 12345), EINVAL);
	CHECK(SIGRTMAX - SIGRTMIN + 1 >= 8);			/* _POSIX_RTSIG_MAX */
	on(SIGRTMAX, note, 0);
	EQUAL(raise(SIGRTMAX), 0);
	EQUAL(count, 1);
	FAILS(kill(getpid(), SIGRTMAX + 1), EINVAL);
}

/* X/Open's older calls. */
static void
older_signals(void)
{
	CHECK(sigset(SIGUSR1, note) == SIG_DFL);
	count = 0;
	EQUAL(sighold(SIGUSR1), 0);
	EQUAL(blocked(SIGUSR1), 1);
	EQUAL(raise(SIGUSR1), 0);
	EQUAL(count, 0);
	EQUAL(sigrelse(SIGUSR1), 0);
	EQUAL(count, 1);
	EQUAL(blocked(SIGUSR1), 0);
	CHECK(sigset(SIGUSR1, SIG_IGN) == note);
	EQUAL(raise(SIGUSR1), 0);
	EQUAL(count, 1);
	EQUAL(sigignore(SIGUSR2), 0);
	EQUAL(raise(SIGUSR2), 0);
	CHECK(sigset(SIGUSR1, SIG_DFL) == SIG_IGN);
	FAILS(sighold(999), EINVAL);
	FAILS(sigrelse(0), EINVAL);
	FAILS(sigignore(SIGKILL), EINVAL);
	CHECK(sigset(SIGSTOP, note) == SIG_ERR && errno == EINVAL);
}

int
main(void)
{
	lines();
	temporary_files();
	positions();
	allocated_texts();
	numbers();
	words();
	wide_characters();
	formats_of_a_place();
	messages();
	the_log();
	no_libraries();
	the_time();
	aligned_memory();
	groups_and_real_time();
	older_signals();
	return check_report("everyday");
}
