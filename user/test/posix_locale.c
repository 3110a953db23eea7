/*
 * Locale objects and the functions that take one (POSIX.1-2017 newlocale ...): there are "C" and
 * "C.UTF-8". Holds on other systems, too.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <pthread.h>
#include <stdlib.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>
#include <wctype.h>

#include "check.h"

static locale_t c;

static void
making(void)
{
	locale_t other;

	errno = 0;
	CHECK(newlocale(LC_ALL_MASK, "nowhere_XX", (locale_t)0) == (locale_t)0 && errno == ENOENT);
	errno = 0;
	CHECK(newlocale(1 << 30, "C", (locale_t)0) == (locale_t)0 && errno == EINVAL);
	errno = 0;
	CHECK(newlocale(LC_ALL_MASK, NULL, (locale_t)0) == (locale_t)0 && errno == EINVAL);
	c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	CHECK(c != (locale_t)0);
	other = newlocale(LC_CTYPE_MASK | LC_TIME_MASK, "POSIX", (locale_t)0);
	CHECK(other != (locale_t)0);
	other = newlocale(LC_COLLATE_MASK, "C", other);
	CHECK(other != (locale_t)0);
	freelocale(other);
	other = duplocale(c);
	CHECK(other != (locale_t)0);
	freelocale(other);
	other = duplocale(LC_GLOBAL_LOCALE);
	CHECK(other != (locale_t)0);
	freelocale(other);
}

static void *
of_a_thread(void *unused)
{
	CHECK(uselocale((locale_t)0) == LC_GLOBAL_LOCALE);
	CHECK(uselocale(c) == LC_GLOBAL_LOCALE);
	CHECK(uselocale((locale_t)0) == c);
	return unused;
}

static void
using(void)
{
	pthread_t thread;

	CHECK(uselocale((locale_t)0) == LC_GLOBAL_LOCALE);
	CHECK(uselocale(c) == LC_GLOBAL_LOCALE);
	CHECK(uselocale((locale_t)0) == c);
	EQUAL(pthread_create(&thread, NULL, of_a_thread, NULL), 0);
	EQUAL(pthread_join(thread, NULL), 0);
	CHECK(uselocale(LC_GLOBAL_LOCALE) == c);
	CHECK(uselocale((locale_t)0) == LC_GLOBAL_LOCALE);
}

#define SAME(function)	EQUAL(!!function##_l(byte, c), !!function(byte))

static void
bytes(void)
{
	for (int byte = -1; byte < 128; byte++) {
		SAME(isalnum);
		SAME(isalpha);
		SAME(isblank);
		SAME(iscntrl);
		SAME(isdigit);
		SAME(isgraph);
		SAME(islower);
		SAME(isprint);
		SAME(ispunct);
		SAME(isspace);
		SAME(isupper);
		SAME(isxdigit);
		EQUAL(tolower_l(byte, c), tolower(byte));
		EQUAL(toupper_l(byte, c), toupper(byte));
	}
}

static void
wide(void)
{
	for (wint_t byte = 0; byte < 128; byte++) {
		SAME(iswalnum);
		SAME(iswalpha);
		SAME(iswblank);
		SAME(iswcntrl);
		SAME(iswdigit);
		SAME(iswgraph);
		SAME(iswlower);
		SAME(iswprint);
		SAME(iswpunct);
		SAME(iswspace);
		SAME(iswupper);
		SAME(iswxdigit);
		EQUAL(towlower_l(byte, c), towlower(byte));
		EQUAL(towupper_l(byte, c), towupper(byte));
		EQUAL(!!iswctype_l(byte, wctype_l("punct", c), c), !!iswpunct(byte));
		EQUAL(towctrans_l(byte, wctrans_l("toupper", c), c), towupper(byte));
	}
	EQUAL(wctype_l("nothing", c), 0);
	CHECK(wcscoll_l(L"a", L"b", c) < 0 && wcscoll_l(L"B", L"a", c) < 0 && wcscoll_l(L"x", L"x", c) == 0);
	EQUAL(wcscasecmp_l(L"ABc", L"abC", c), 0);
	CHECK(wcsncasecmp_l(L"ABx", L"aby", 2, c) == 0 && wcsncasecmp_l(L"ABx", L"aby", 3, c) < 0);
	EQUAL(wcsxfrm_l(NULL, L"abc", 0, c), 3);
}

/* What strerror has returned stays although others tell of errors (POSIX.1-2017: perror, strerror_r). */
static void
errors_stay(void)
{
	char *said = strerror(1729576), first[64], text[64];
	int out = dup(2);

	strcpy(first, said);
	EQUAL(strerror_r(-4, text, sizeof(text)), 0);
	EQUAL(strcmp(text, "Unknown error -4"), 0);
	EQUAL(strcmp(said, first), 0);
	EQUAL(close(2), 0);
	EQUAL(open("/dev/null", O_WRONLY), 2);
	errno = -5;
	perror("");
	EQUAL(dup2(out, 2), 2);
	EQUAL(close(out), 0);
	EQUAL(strcmp(said, first), 0);
}

static void
strings(void)
{
	struct tm tm = { .tm_mday = 3, .tm_mon = 1, .tm_year = 101, .tm_wday = 6 };
	char text[40];

	CHECK(strcoll_l("a", "b", c) < 0 && strcoll_l("B", "a", c) < 0 && strcoll_l("x", "x", c) == 0);
	EQUAL(strxfrm_l(text, "abc", sizeof(text), c), 3);
	EQUAL(strcmp(text, "abc"), 0);
	EQUAL(strcasecmp_l("ABc", "abC", c), 0);
	CHECK(strncasecmp_l("ABx", "aby", 2, c) == 0 && strncasecmp_l("ABx", "aby", 3, c) < 0);
	EQUAL(strcmp(strerror_l(ENOENT, c), strerror(ENOENT)), 0);
	errors_stay();
	EQUAL(strftime_l(text, sizeof(text), "%A %d %B %Y", &tm, c), 25);
	EQUAL(strcmp(text, "Saturday 03 February 2001"), 0);
	EQUAL(strcmp(nl_langinfo_l(DAY_2, c), "Monday"), 0);
	EQUAL(strcmp(nl_langinfo_l(RADIXCHAR, c), "."), 0);
	EQUAL(strcmp(nl_langinfo_l(ABMON_12, c), "Dec"), 0);
}

/* --- UTF-8 --- */

static int
letters(const char *text)
{
	wchar_t wide[16];
	int count = 0;
	size_t length = mbstowcs(wide, text, 16);

	for (size_t i = 0; i < length && length != (size_t)-1; i++)
		count += !!iswalpha((wint_t)wide[i]);
	return count;
}

static void *
of_bytes(void *utf8)
{
	CHECK(MB_CUR_MAX >= 4);
	CHECK(uselocale(c) == LC_GLOBAL_LOCALE);
	EQUAL(MB_CUR_MAX, 1);
	EQUAL(letters("a"), 1);
	EQUAL(!!iswalpha_l(0xe9, utf8), 1);
	EQUAL(!!iswalpha_l(0xe9, c), 0);
	return NULL;
}

/* The locale says what bytes are; a thread may have another than the process. */
static void
utf8(void)
{
	locale_t object = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	pthread_t thread;
	wchar_t wide;

	EQUAL(MB_CUR_MAX, 1);
	EQUAL(strcmp(nl_langinfo(CODESET), "UTF-8") != 0, 1);
	CHECK(object != (locale_t)0 && uselocale(object) == LC_GLOBAL_LOCALE);
	CHECK(MB_CUR_MAX >= 4);
	EQUAL(letters("gr\xc3\xbcn"), 4);
	EQUAL(towupper(0xfc), 0xdc);
	EQUAL(strcmp(nl_langinfo(CODESET), "UTF-8"), 0);
	EQUAL(strcmp(setlocale(LC_ALL, NULL), "C"), 0);
	uselocale(LC_GLOBAL_LOCALE);
	EQUAL(MB_CUR_MAX, 1);
	EQUAL(strcmp(nl_langinfo_l(CODESET, object), "UTF-8"), 0);

	errno = 0;
	CHECK(setlocale(LC_ALL, "xx_YY.none") == NULL && errno == ENOENT);
	CHECK(setlocale(LC_CTYPE, "C.UTF-8") != NULL);
	EQUAL(mbtowc(&wide, "\xe2\x82\xac", 3), 3);
	EQUAL(wide, 0x20ac);
	EQUAL(mbtowc(&wide, "\xe2", 1), -1);
	EQUAL(pthread_create(&thread, NULL, of_bytes, object), 0);
	EQUAL(pthread_join(thread, NULL), 0);
	CHECK(setlocale(LC_ALL, "C") != NULL);
	EQUAL(MB_CUR_MAX, 1);
	freelocale(object);
}

int
main(void)
{
	making();
	using();
	bytes();
	wide();
	strings();
	utf8();
	freelocale(c);
	return check_report("locale");
}
