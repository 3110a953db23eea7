/* Wide characters from and to streams for who holds the lock, which is recursive: it is just taken again. */
#define _GNU_SOURCE
#include <wchar.h>

wint_t
fgetwc_unlocked(FILE *stream)
{
	return fgetwc(stream);
}

wint_t
getwc_unlocked(FILE *stream)
{
	return fgetwc(stream);
}

wint_t
getwchar_unlocked(void)
{
	return getwchar();
}

wchar_t *
fgetws_unlocked(wchar_t *restrict text, int size, FILE *restrict stream)
{
	return fgetws(text, size, stream);
}

wint_t
fputwc_unlocked(wchar_t wide, FILE *stream)
{
	return fputwc(wide, stream);
}

wint_t
putwc_unlocked(wchar_t wide, FILE *stream)
{
	return fputwc(wide, stream);
}

wint_t
putwchar_unlocked(wchar_t wide)
{
	return putwchar(wide);
}

int
fputws_unlocked(const wchar_t *restrict text, FILE *restrict stream)
{
	return fputws(text, stream);
}
