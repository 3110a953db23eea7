/* Wide characters in a locale of the caller's (POSIX.1-2017). */
#define _GNU_SOURCE
#include <locale.h>
#include <wchar.h>
#include <wctype.h>

#define IN_LOCALE(type, function) \
	type function##_l(wint_t c, locale_t locale) \
	{ \
		locale_t before = uselocale(locale); \
		type result = function(c); \
\
		uselocale(before); \
		return result; \
	}

IN_LOCALE(int, iswalnum)
IN_LOCALE(int, iswalpha)
IN_LOCALE(int, iswblank)
IN_LOCALE(int, iswcntrl)
IN_LOCALE(int, iswdigit)
IN_LOCALE(int, iswgraph)
IN_LOCALE(int, iswlower)
IN_LOCALE(int, iswprint)
IN_LOCALE(int, iswpunct)
IN_LOCALE(int, iswspace)
IN_LOCALE(int, iswupper)
IN_LOCALE(int, iswxdigit)
IN_LOCALE(wint_t, towlower)
IN_LOCALE(wint_t, towupper)

wctype_t
wctype_l(const char *name, locale_t locale)
{
	(void)locale;
	return wctype(name);
}

int
iswctype_l(wint_t c, wctype_t class, locale_t locale)
{
	locale_t before = uselocale(locale);
	int result = iswctype(c, class);

	uselocale(before);
	return result;
}

wctrans_t
wctrans_l(const char *name, locale_t locale)
{
	(void)locale;
	return wctrans(name);
}

wint_t
towctrans_l(wint_t c, wctrans_t mapping, locale_t locale)
{
	locale_t before = uselocale(locale);
	wint_t result = towctrans(c, mapping);

	uselocale(before);
	return result;
}

int
wcscoll_l(const wchar_t *left, const wchar_t *right, locale_t locale)
{
	(void)locale;
	return wcscoll(left, right);
}

size_t
wcsxfrm_l(wchar_t *restrict to, const wchar_t *restrict from, size_t size, locale_t locale)
{
	(void)locale;
	return wcsxfrm(to, from, size);
}

int
wcscasecmp_l(const wchar_t *left, const wchar_t *right, locale_t locale)
{
	locale_t before = uselocale(locale);
	int result = wcscasecmp(left, right);

	uselocale(before);
	return result;
}

int
wcsncasecmp_l(const wchar_t *left, const wchar_t *right, size_t count, locale_t locale)
{
	locale_t before = uselocale(locale);
	int result = wcsncasecmp(left, right, count);

	uselocale(before);
	return result;
}
