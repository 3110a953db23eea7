// LIBC: lib/libc/stdio/stream*.c lib/libc/stdio/f*.c lib/libc/stdio/scan*.c lib/libc/stdio/sscanf.c lib/libc/stdio/snprintf.c lib/libc/stdio/stdio_exit.c lib/libc/wchar/*.c lib/libc/misc/*locale*.c
// LIBC: lib/libc/float/*.c lib/libc/stdlib/strtol.c lib/libc/stdlib/integer_parse.c lib/libc/math/*.c lib/libc/math/x86_64/*.c
// LIBC: lib/libc/string/*.c lib/libc/ctype/*.c lib/libc/time/*.c lib/libc/stdlib/strtod.c lib/libc/stdio/open_memstream.c
/*
 * Formatted wide characters against the host's library, in a locale of UTF-8 and in the C locale.
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
M_FILE *m_fopen(const char *, const char *), *m_open_wmemstream(wchar_t **, size_t *);
int m_fflush(M_FILE *), m_fseek(M_FILE *, long, int), m_fputws(const wchar_t *, M_FILE *), m_setvbuf(M_FILE *, char *, int, size_t);
long m_ftell(M_FILE *);
wchar_t *m_wmempcpy(wchar_t *, const wchar_t *, size_t);
size_t m_wcsftime(wchar_t *, size_t, const wchar_t *, const struct tm *);
char *m_getenv(const char *name);
wint_t m_towctrans(wint_t, int), m_getwc(M_FILE *), m_putwc(wchar_t, M_FILE *), m_ungetwc(wint_t, M_FILE *);
int m_ferror(M_FILE *), m_fputc(int, M_FILE *), m_fgetc(M_FILE *);
int m_wctrans(const char *), m_swscanf(const wchar_t *, const wchar_t *, ...), m_snprintf(char *, size_t, const char *, ...);
char *m_setlocale(int, const char *);
wint_t m_btowc(int), m_towlower(wint_t), m_towupper(wint_t);
int m_wctob(wint_t), m_iswalpha(wint_t), m_iswprint(wint_t), m_iswspace(wint_t), m_iswupper(wint_t), m_iswlower(wint_t), m_iswcntrl(wint_t);
int m_iswpunct(wint_t), m_wcwidth(wchar_t);
size_t m_mbrtowc(wchar_t *, const char *, size_t, void *), m_wcrtomb(char *, wchar_t, void *);
size_t m_mbsrtowcs(wchar_t *, const char **, size_t, void *), m_wcsrtombs(char *, const wchar_t **, size_t, void *);
int m_sscanf(const char *, const char *, ...);

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

/* C11 7.21.6.2: with l, what is read are the characters of the bytes; widths count those. */
static void
bytes_are_scanned_into_wide_texts(void)
{
	static const struct {
		const char *input, *format;
		int result, count;		/* count: -1: not stored */
		const wchar_t *wanted;
	} cases[] = {
		{ "éa", "%lc%n", 1, 2, L"é" }, { "éab", "%2lc%n", 1, 3, L"éa" }, { "éab", "%2ls%n", 1, 3, L"éa" },
		{ "éab c", "%ls%n", 1, 4, L"éab" }, { "éèab", "%1l[é]%n", 1, 2, L"é" }, { "aè\u00aa!", "%l[a-è]%n", 1, 5, L"aè\u00aa" },
		{ "èé", "%l[^é]%n", 1, 2, L"è" }, { "èé", "%l[é]%n", 0, -1, L"" }, { "\xc3", "%lc%n", -1, -1, L"" }, { "\xc3", "%ls%n", -1, -1, L"" },
		{ "\xc3 a", "%ls%n", -1, -1, L"" }, { "日\u2003b", "%ls%n", 1, 7, L"日\u2003b" }, { "", "%ls%n", -1, -1, L"" },
	};

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		wchar_t word[8] = { 0 };
		int count = -1;

		m_errno = 0;
		CHECK_EQ(m_sscanf(cases[i].input, cases[i].format, word, &count), cases[i].result);
		CHECK_EQ(count, cases[i].count);
		if (cases[i].result == 1)
			CHECK(wcscmp(word, cases[i].wanted) == 0);
		CHECK_EQ(m_errno, cases[i].result == -1 && *cases[i].input != 0 ? EILSEQ : 0);
	}
}

/* What fails stores nothing. */
static void
failed_scans_leave_texts_alone(void)
{
	char bytes[8] = "keep";
	wchar_t word[8] = L"keep";

	CHECK_EQ(m_sscanf("", "%s", bytes), -1);
	CHECK_EQ(m_sscanf("abc", "%[0-9]", bytes), 0);
	CHECK_EQ(m_swscanf(L"é", L"%l[a-z]", word), 0);
	CHECK(strcmp(bytes, "keep") == 0 && wcscmp(word, L"keep") == 0);
}

/* What the format wants and does not get stays in the stream, whole. */
static void
unwanted_characters_stay(const char *locale)
{
	char path[] = "/tmp/libc_wide_XXXXXX";
	int fd = mkstemp(path);
	M_FILE *file;

	m_setlocale(LC_ALL, locale);
	CHECK_EQ(write(fd, "\xc3\xa8\xe3\x80\x80 \xe3\x80\x81\xe6\x97\xa5", 12), 12);
	close(fd);
	file = m_fopen(path, "r");
	if (*locale == 'C' && locale[1] == 0) {
		wchar_t format[2] = { (wchar_t)m_btowc(0xc2), 0 };

		CHECK_EQ(m_fwscanf(file, format), 0);
		CHECK(m_getwc(file) == m_btowc(0xc3) && m_getwc(file) == m_btowc(0xa8));
	} else {
		CHECK_EQ(m_fwscanf(file, L"é"), 0);
		CHECK_EQ(m_getwc(file), L'è');
		CHECK_EQ(m_fwscanf(file, L"\u2003日"), 0);
		CHECK(m_getwc(file) == 0x3001 && m_getwc(file) == L'日');
	}
	m_fclose(file);
	unlink(path);
}

static void
what_is_not_wanted_stays(void)
{
	unwanted_characters_stay("C");
	unwanted_characters_stay("C.UTF-8");
}

/* EILSEQ, also where the bytes end too early or would become a character with those of the next text. */
static void
broken_texts_are_refused(void)
{
	static const char *const broken[] = { "\xc3", "a\xff", "\xa9", "\xe6\x97", "\xc3 " };
	char path[] = "/tmp/libc_wide_XXXXXX", bytes[8];
	const char *from = "ab\xff";
	const wchar_t *wide_from = (const wchar_t[]){ 'a', 'b', 0xd800, 0 };
	wchar_t text[20];
	int fd = mkstemp(path);
	M_FILE *file = m_fopen(path, "w");

	for (unsigned i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		m_errno = 0;
		CHECK_EQ(m_swprintf(text, 20, L"%s", broken[i]), -1);
		CHECK_EQ(m_errno, EILSEQ);
		CHECK_EQ(m_fwprintf(file, L"%s", broken[i]), -1);
	}
	CHECK(m_swprintf(text, 20, L"%s%s", "\xc3", "\xa9") == -1 && m_swprintf(text, 20, L"%c", 0xe9) == -1);
	CHECK(m_fwprintf(file, L"%c%c", 0xc3, 0xa9) == -1);
	CHECK(m_swprintf(text, 20, L"%.1s|%.2s", "a\xff", (char[]){ 'b', 'c' }) == 4 && wcscmp(text, L"a|bc") == 0);
	CHECK(m_mbsrtowcs(text, &from, 20, NULL) == (size_t)-1 && *from == '\xff');
	CHECK(m_wcsrtombs(bytes, &wide_from, 8, NULL) == (size_t)-1 && *wide_from == 0xd800);
	wide_from -= 2;
	CHECK(m_wcsrtombs(bytes, &wide_from, 2, NULL) == 2 && *wide_from == 0xd800);
	m_fclose(file);
	CHECK_EQ(write(fd, "\xc3" "A\xff" "b\xe6\x97", 6), 6);
	file = m_fopen(path, "r");
	CHECK(m_getwc(file) == WEOF && m_errno == EILSEQ);
	CHECK_EQ(m_getwc(file), 'A');
	CHECK_EQ(m_getwc(file), WEOF);
	CHECK_EQ(m_getwc(file), 'b');
	m_errno = 0;
	CHECK(m_getwc(file) == WEOF && m_errno == EILSEQ);
	m_fclose(file);
	close(fd);
	unlink(path);
}

/* --- the C locale --- */

/* POSIX.1-2017 XBD 6.2: it has a character for each byte; what is not ASCII is in no class. */
static void
bytes_are_characters(void)
{
	char back[8];
	wchar_t wide;

	for (int byte = 0; byte < 256; byte++) {
		CHECK_EQ(m_mbrtowc(&wide, &(char){ (char)byte }, 1, NULL), byte != 0);
		CHECK(byte < 128 ? wide == byte : wide > 255);
		CHECK_EQ(m_btowc(byte), wide);
		CHECK_EQ(m_wctob(wide), byte);
		CHECK_EQ(m_wcrtomb(back, wide, NULL), 1);
		CHECK_EQ((unsigned char)back[0], byte);
		CHECK(byte < 128 || !m_iswprint(wide));
	}
	CHECK(m_btowc(EOF) == WEOF && m_wctob(WEOF) == EOF && m_wctob(L'é') == EOF);
	CHECK_EQ(m_wcrtomb(back, L'é', NULL), (size_t)-1);
	CHECK_EQ(m_errno, EILSEQ);
	for (wint_t c = 0; c < 0x3100; c++) {
		CHECK_EQ(!!m_iswalpha(c), !!iswalpha(c));
		CHECK_EQ(!!m_iswprint(c), !!iswprint(c));
		CHECK_EQ(!!m_iswspace(c), !!iswspace(c));
		CHECK_EQ(!!m_iswupper(c), !!iswupper(c));
		CHECK_EQ(!!m_iswlower(c), !!iswlower(c));
		CHECK_EQ(!!m_iswcntrl(c), !!iswcntrl(c));
		CHECK_EQ(!!m_iswpunct(c), !!iswpunct(c));
		CHECK_EQ(m_towlower(c), towlower(c));
		CHECK_EQ(m_towupper(c), towupper(c));
		CHECK_EQ(m_wcwidth((wchar_t)c), wcwidth((wchar_t)c));
	}
}

/* Wide texts need not be the locale's; a byte comes out as it went in. */
static void
wide_texts_hold_more(void)
{
	wchar_t text[40], word[20];
	char byte[20];
	int number = 0;

	CHECK(m_swprintf(text, 40, L"é%ls|%3d", L"日本", 7) == 7 && wcscmp(text, L"é日本|  7") == 0);
	CHECK(m_swprintf(text, 40, L"%5s|%-3.2s|%c", "\xe9x", "\xff\xfe\xfd", 0x80) == 11);
	CHECK(text[3] == (wchar_t)m_btowc(0xe9) && text[6] == (wchar_t)m_btowc(0xff) && text[8] == ' ' && text[10] == (wchar_t)m_btowc(0x80));
	CHECK(m_swscanf(L"grün 7", L"%ls %d", word, &number) == 2 && number == 7 && wcscmp(word, L"grün") == 0);
	CHECK(m_swscanf(text, L"%4s%n", byte, &number) == 1 && number == 7 && strcmp(byte, "\xe9x|\xff") == 0);
	CHECK_EQ(m_swscanf(L"é", L"%s", byte), -1);
	CHECK_EQ(m_snprintf(byte, sizeof(byte), "%ls", L"é"), -1);
	CHECK_EQ(m_errno, EILSEQ);
}

static void
streams_hold_bytes(void)
{
	char path[] = "/tmp/libc_wide_XXXXXX", bytes[40] = "";
	wchar_t word[40];
	M_FILE *file;
	int fd = mkstemp(path);

	file = m_fopen(path, "w");
	CHECK_EQ(m_fwprintf(file, L"%s|%d\n", "\xe9\xc3\xa9", 12), 7);
	CHECK_EQ(m_putwc((wchar_t)m_btowc(0xfe), file), m_btowc(0xfe));
	CHECK(!m_ferror(file));
	CHECK_EQ(m_fwprintf(file, L"é"), -1);
	CHECK(m_ferror(file));
	m_fclose(file);
	CHECK_EQ(read(fd, bytes, sizeof(bytes) - 1), 8);
	CHECK_STR(bytes, "\xe9\xc3\xa9|12\n\xfe");
	file = m_fopen(path, "r");
	CHECK(m_fwscanf(file, L"%2ls", word) == 1 && word[0] == (wchar_t)m_btowc(0xe9) && word[1] == (wchar_t)m_btowc(0xc3) && word[2] == 0);
	CHECK_EQ(m_fwscanf(file, L"%d", &(int){ 0 }), 0);
	CHECK_EQ(m_getwc(file), m_btowc(0xa9));
	CHECK(m_fwscanf(file, L"|%l[0-9]", word) == 1 && wcscmp(word, L"12") == 0);
	CHECK_EQ(m_getwc(file), L'\n');
	CHECK_EQ(m_getwc(file), m_btowc(0xfe));
	CHECK_EQ(m_getwc(file), WEOF);
	m_fclose(file);
	close(fd);
	unlink(path);
}

static void
locales_have_names(void)
{
	char *list;

	CHECK_STR(m_setlocale(LC_ALL, "C"), "C");
	CHECK_STR(m_setlocale(LC_CTYPE, "C.utf8"), "C.UTF-8");
	list = m_setlocale(LC_ALL, NULL);
	CHECK_STR(list, "LC_CTYPE=C.UTF-8;LC_NUMERIC=C;LC_TIME=C;LC_COLLATE=C;LC_MONETARY=C;LC_MESSAGES=C");
	list = strdup(list);
	CHECK_STR(m_setlocale(LC_ALL, "POSIX"), "C");
	CHECK_STR(m_setlocale(LC_ALL, list), list);
	CHECK_STR(m_setlocale(LC_CTYPE, NULL), "C.UTF-8");
	CHECK_STR(m_setlocale(LC_TIME, NULL), "C");
	CHECK(m_setlocale(LC_ALL, "LC_CTYPE=C") == NULL && m_setlocale(LC_ALL, "LC_CTYPE=a name that is much too long;") == NULL);
	CHECK(m_setlocale(LC_ALL, "en") == NULL && m_setlocale(-1, "C") == NULL && m_setlocale(LC_ALL + 1, NULL) == NULL);
	CHECK_STR(m_setlocale(LC_ALL, NULL), list);
	free(list);
	setenv("LANG", "C.UTF-8", 1);
	setenv("LC_ALL", "", 1);
	setenv("LC_TIME", "POSIX", 1);
	CHECK_STR(m_setlocale(LC_TIME, ""), "C");
	CHECK_STR(m_setlocale(LC_NUMERIC, ""), "C.UTF-8");
	setenv("LC_ALL", "C", 1);
	CHECK_STR(m_setlocale(LC_ALL, ""), "C");
	setenv("LC_ALL", "xx_YY", 1);
	CHECK(m_setlocale(LC_ALL, "") == NULL);
	CHECK_STR(m_setlocale(LC_ALL, NULL), "C");
	unsetenv("LC_ALL");
	unsetenv("LC_TIME");
	CHECK_STR(m_setlocale(LC_ALL, ""), "C.UTF-8");
	unsetenv("LANG");
	CHECK_STR(m_setlocale(LC_ALL, ""), "C");
}

static void
copies_end_where_they_should(void)
{
	wchar_t to[4] = { 0 };

	CHECK(m_wmempcpy(to, L"abc", 3) == to + 3 && to[0] == L'a' && to[2] == L'c' && to[3] == 0);
	CHECK(m_wmempcpy(to, L"x", 0) == to && to[0] == L'a');
}

/* In the C locale, too: the characters are not those of the locale's bytes. */
static void
texts_of_wide_characters_grow(void)
{
	wchar_t *ours = NULL, *theirs = NULL;
	size_t our_size = 77, their_size = 77;
	M_FILE *a = m_open_wmemstream(&ours, &our_size);
	FILE *b = open_wmemstream(&theirs, &their_size);

	REQUIRE(a != NULL && b != NULL);
	CHECK(m_fwide(a, 0) > 0 && ours[0] == 0 && our_size == 0);
	for (long i = cases(300); i > 0; i--) {
		unsigned what = random_below(4), n = random_below(400);

		switch (what) {
		case 0: CHECK_EQ(m_putwc(0x10000 + n, a), putwc(0x10000 + n, b)); break;
		case 1: CHECK_EQ(m_fputws(words[n % WORDS], a) < 0, fputws(words[n % WORDS], b) < 0); break;
		default: CHECK_EQ(m_fwprintf(a, L"%d é%ls.", n, words[n % WORDS]), fwprintf(b, L"%d é%ls.", n, words[n % WORDS])); break;
		}
		CHECK(m_fflush(a) == 0 && fflush(b) == 0);
		CHECK_EQ(our_size, their_size);
		CHECK(wmemcmp(ours, theirs, our_size + 1) == 0);
		CHECK_EQ(m_ftell(a), our_size);
	}
	CHECK(m_setvbuf(a, NULL, _IOFBF, 1000) != 0);
	CHECK(m_fputc('x', a) == EOF && m_ferror(a));
	CHECK(m_fclose(a) == 0 && fclose(b) == 0);
	free(ours);
	free(theirs);
}

/* Positions count characters; the size is the position, or what there is if that is less. */
static void
texts_of_wide_characters_are_overwritten(void)
{
	wchar_t *text;
	size_t size;
	M_FILE *a = m_open_wmemstream(&text, &size);

	CHECK(m_fputws(L"äbcdef", a) >= 0 && m_fseek(a, 2, SEEK_SET) == 0 && m_putwc(L'日', a) == L'日' && m_fflush(a) == 0);
	CHECK(size == 3 && m_ftell(a) == 3 && wcscmp(text, L"äb日def") == 0);
	CHECK(m_fseek(a, 0, SEEK_END) == 0 && m_ftell(a) == 6 && m_fflush(a) == 0 && size == 6);
	CHECK(m_fseek(a, 200, SEEK_SET) == 0 && m_fflush(a) == 0 && size == 6);
	CHECK(m_fwprintf(a, L"%ls", L"é!") == 2 && m_fflush(a) == 0 && size == 202);
	CHECK(text[199] == 0 && text[200] == L'é' && text[202] == 0);
	CHECK(m_fseek(a, -203, SEEK_CUR) == -1 && m_fseek(a, -202, SEEK_CUR) == 0);
	CHECK(m_fclose(a) == 0 && size == 0 && text[0] == L'ä');
	free(text);
}

int
main(void)
{
	TEST(texts_of_wide_characters_grow);
	TEST(texts_of_wide_characters_are_overwritten);
	TEST(copies_end_where_they_should);
	TEST(locales_have_names);
	TEST(bytes_are_characters);
	TEST(wide_texts_hold_more);
	TEST(streams_hold_bytes);
	m_setlocale(LC_ALL, "C.UTF-8");
	if (setlocale(LC_ALL, "C.UTF-8") == NULL)
		setlocale(LC_ALL, "en_US.UTF-8");
	setlocale(LC_NUMERIC, "C");
	TEST(texts_are_formatted_as_the_host_does);
	TEST(texts_are_scanned_as_the_host_does);
	TEST(streams_are_read_and_written);
	TEST(times_and_cases);
	TEST(bytes_are_scanned_into_wide_texts);
	TEST(failed_scans_leave_texts_alone);
	TEST(what_is_not_wanted_stays);
	TEST(broken_texts_are_refused);
	return unit_done();
}
