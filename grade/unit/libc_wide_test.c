// LIBC: lib/libc/stdio/stream*.c lib/libc/stdio/f*.c lib/libc/stdio/scan*.c lib/libc/stdio/stdio_exit.c lib/libc/wchar/*.c
// LIBC: lib/libc/float/*.c lib/libc/stdlib/strtol.c lib/libc/stdlib/integer_parse.c lib/libc/math/*.c lib/libc/math/x86_64/*.c
// LIBC: lib/libc/string/*.c lib/libc/ctype/*.c lib/libc/time/*.c lib/libc/stdlib/strtod.c
/*
 * Formatted wide characters against the host's library, in a UTF-8 locale.
 */
#define _GNU_SOURCE
#include <locale.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <wchar.h>
#include <wctype.h>

#include "libc_files.h"
#include "unit.h"

typedef struct stream M_FILE;

int m_swprintf(wchar_t *, size_t, const wchar_t *, ...), m_swscanf(const wchar_t *, const wchar_t *, ...);
int m_fwprintf(M_FILE *, const wchar_t *, ...), m_fwscanf(M_FILE *, const wchar_t *, ...), m_fclose(M_FILE *), m_fwide(M_FILE *, int);
M_FILE *m_fopen(const char *, const char *);
size_t m_wcsftime(wchar_t *, size_t, const wchar_t *, const struct tm *);
char *m_getenv(const char *name);
wint_t m_towctrans(wint_t, int), m_getwc(M_FILE *), m_putwc(wchar_t, M_FILE *), m_ungetwc(wint_t, M_FILE *);
int m_fputc(int, M_FILE *), m_fgetc(M_FILE *);
int m_wctrans(const char *);

char *
m_getenv(const char *name)
{
	return getenv(name);
}

static const wchar_t *const words[] = { L"", L"abc", L"ä", L"grün", L"日本語", L"x😀y", L"longer than the rest of them" };
static const char *const texts[] = { "", "abc", "ä", "grün", "日本語", "x😀y", "longer than the rest of them" };
#define WORDS (sizeof(words) / sizeof(words[0]))

static void
texts_are_formatted_as_the_host_does(void)
{
	wchar_t format[32], ours[200], theirs[200];

	for (long i = cases(20000); i > 0; i--) {
		unsigned word = random_below(WORDS), size = random_below(60) + 1;
		int width = (int)random_below(12), precision = (int)random_below(8), n, m;
		const wchar_t *kind = (const wchar_t *[]){ L"ls", L"s", L"d", L"lc", L"g" }[random_below(5)];

		swprintf(format, 32, L"<é%%%ls%d.%d%ls|%%%%>", random_below(2) ? L"-" : L"", width, precision, kind);
		if (kind[0] == 'd' || kind[0] == 'g') {
			if (kind[0] == 'd') {
				n = m_swprintf(ours, size, format, (int)random_state);
				m = swprintf(theirs, size, format, (int)random_state);
			} else {
				n = m_swprintf(ours, size, format, (double)word * 1.7);
				m = swprintf(theirs, size, format, (double)word * 1.7);
			}
		} else if (kind[1] == 'c') {
			n = m_swprintf(ours, size, L"%*lc", width, (wint_t)words[word][0] | (words[word][0] == 0) * L'é');
			m = swprintf(theirs, size, L"%*lc", width, (wint_t)words[word][0] | (words[word][0] == 0) * L'é');
		} else {
			const void *argument = kind[0] == 's' ? (const void *)texts[word] : words[word];

			n = m_swprintf(ours, size, format, argument);
			m = swprintf(theirs, size, format, argument);
		}
		if (n != m || (m >= 0 && wcscmp(ours, theirs) != 0))
			fprintf(stderr, "%ls, word %u, size %u: \"%ls\", not \"%ls\"\n", format, word, size, ours, theirs);
		CHECK_EQ(n, m);
		CHECK(m < 0 || wcscmp(ours, theirs) == 0);
	}
	CHECK_EQ(m_swprintf(ours, 200, L"é%n!", &(int){ 0 }), 2);
}

static void
texts_are_scanned_as_the_host_does(void)
{
	static const wchar_t *const inputs[] = { L"12 34", L"grün 7", L"日本語 x", L"  ä=5", L"0x1f,é", L"", L"1.5e3é" };
	static const wchar_t *const formats[] = { L"%d %d", L"%ls %d", L"%3ls%d", L"%2ls%ls", L"%lc=%d", L"%i,%lc", L"%f%ls", L"%*lc%ls" };

	for (unsigned i = 0; i < 7; i++)
		for (unsigned k = 0; k < 8; k++) {
			union { wchar_t text[40]; int number; float real; } a[2], b[2];
			int n, m;

			memset(a, 0, sizeof(a));
			memset(b, 0, sizeof(b));
			n = m_swscanf(inputs[i], formats[k], &a[0], &a[1]);
			m = swscanf(inputs[i], formats[k], &b[0], &b[1]);
			CHECK_EQ(n, m);
			if (memcmp(a, b, sizeof(a)) != 0)
				fprintf(stderr, "swscanf(%ls, %ls)\n", inputs[i], formats[k]);
			CHECK(memcmp(a, b, sizeof(a)) == 0);
		}
	int at = 0;
	wchar_t word[8];

	CHECK(m_swscanf(L"äöü!", L"%3ls%n", word, &at) == 1 && at == 3 && wcscmp(word, L"äöü") == 0);
}

/* C11 7.21.2: the first function that reads or writes gives a stream its orientation, once and for all. */
static void
first_function_decides(const char *path)
{
	M_FILE *file = m_fopen(path, "w");

	m_fputc('a', file);
	CHECK(m_fwide(file, 0) < 0 && m_fwide(file, 1) < 0);
	m_fclose(file);
	file = m_fopen(path, "w");
	CHECK(m_putwc(L'b', file) == L'b' && m_fwide(file, -1) > 0);
	m_fclose(file);
	file = m_fopen(path, "r");
	CHECK(m_getwc(file) == L'b' && m_fwide(file, 0) > 0);
	m_fclose(file);
	file = m_fopen(path, "r");
	CHECK(m_fgetc(file) == 'b' && m_fwide(file, 0) < 0);
	m_fclose(file);
	file = m_fopen(path, "r");
	CHECK(m_ungetwc(L'c', file) == L'c' && m_fwide(file, 0) > 0);
	m_fclose(file);
}

static void
streams_are_read_and_written(void)
{
	char path[] = "/tmp/libc_wide_XXXXXX", bytes[40] = "";
	wchar_t word[40];
	M_FILE *file;
	int fd = mkstemp(path), number = 0;

	file = m_fopen(path, "w");
	CHECK_EQ(m_fwide(file, 0), 0);
	CHECK_EQ(m_fwprintf(file, L"grün %d 日%ls\n", 12, L"本"), 11);
	CHECK(m_fwide(file, 0) > 0);
	m_fclose(file);
	CHECK_EQ(read(fd, bytes, sizeof(bytes) - 1), (long)strlen("grün 12 日本\n"));
	CHECK_STR(bytes, "grün 12 日本\n");
	file = m_fopen(path, "r");
	CHECK(m_fwscanf(file, L"%3ls%*lc %d", word, &number) == 2 && number == 12 && wcscmp(word, L"grü") == 0);
	CHECK_EQ(m_getwc(file), L' ');
	CHECK(m_fwscanf(file, L"%1ls", word) == 1 && word[0] == L'日' && m_getwc(file) == L'本');
	m_fclose(file);
	close(fd);
	first_function_decides(path);
	unlink(path);
}

static void
times_and_cases(void)
{
	struct tm tm = { .tm_year = 124, .tm_mon = 1, .tm_mday = 29, .tm_hour = 13, .tm_wday = 4, .tm_yday = 59 };
	wchar_t ours[80], theirs[80];

	for (size_t size = 0; size < 40; size++) {
		size_t n = m_wcsftime(ours, size, L"é %A %d %B %Y日 %H:%M", &tm), m = wcsftime(theirs, size, L"é %A %d %B %Y日 %H:%M", &tm);

		CHECK_EQ(n, m);
		CHECK(n == 0 || wcscmp(ours, theirs) == 0);
	}
	CHECK(m_towctrans(L'Ä', m_wctrans("tolower")) == L'ä' && m_towctrans('q', m_wctrans("toupper")) == 'Q');
	CHECK_EQ(m_wctrans("sideways"), 0);
	CHECK_EQ(m_errno, EINVAL);
}

int
main(void)
{
	if (setlocale(LC_ALL, "C.UTF-8") == NULL)
		setlocale(LC_ALL, "en_US.UTF-8");
	setlocale(LC_NUMERIC, "C");
	TEST(texts_are_formatted_as_the_host_does);
	TEST(texts_are_scanned_as_the_host_does);
	TEST(streams_are_read_and_written);
	TEST(times_and_cases);
	return unit_done();
}
