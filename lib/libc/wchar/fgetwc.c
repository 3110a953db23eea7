/* Wide characters from and to streams (C11 7.29.3), as bytes of the locale. */
#include <errno.h>
#include <limits.h>
#include <wchar.h>

#include "../stdio/stream.h"

int
fwide(FILE *stream, int mode)
{
	__stream_lock(stream);
	if (stream->wide == 0 && mode != 0)
		stream->wide = mode > 0 ? 1 : -1;
	__stream_unlock(stream);
	return stream->wide;
}

/* EILSEQ: the bytes are no character, and are taken but for the one that is not a part of what they began. */
wint_t
fgetwc(FILE *stream)
{
	mbstate_t state = { 0, 0, 0 };
	bool first = true;
	wchar_t wide = 0;
	size_t n = (size_t)-2;
	int c = EOF;

	__stream_lock(stream);
	fwide(stream, 1);
	while (n == (size_t)-2 && (c = stream_get(stream)) != EOF) {
		char byte = c;

		n = mbrtowc(&wide, &byte, 1, &state);
		if (n == (size_t)-1 && !first)
			ungetc(c, stream);
		first = false;
	}
	if (n == (size_t)-1 || (c == EOF && state.__left != 0)) {
		stream->error = true;
		errno = EILSEQ;
		n = (size_t)-1;
	}
	__stream_unlock(stream);
	return n <= 1 ? (wint_t)wide : WEOF;
}

wint_t
getwc(FILE *stream)
{
	return fgetwc(stream);
}

wint_t
getwchar(void)
{
	return fgetwc(stdin);
}

wint_t
ungetwc(wint_t wide, FILE *stream)
{
	char bytes[MB_LEN_MAX];
	size_t n = wide == WEOF ? (size_t)-1 : wcrtomb(bytes, wide, NULL);

	if (n == (size_t)-1)
		return WEOF;
	__stream_lock(stream);
	fwide(stream, 1);
	while (n > 0 && wide != WEOF)
		if (ungetc((unsigned char)bytes[--n], stream) == EOF)
			wide = WEOF;
	__stream_unlock(stream);
	return wide;
}

wchar_t *
fgetws(wchar_t *restrict text, int size, FILE *restrict stream)
{
	wchar_t *to = text;
	wint_t wide = 0;

	if (size <= 0)
		return NULL;
	__stream_lock(stream);
	while (--size > 0 && wide != '\n' && (wide = fgetwc(stream)) != WEOF)
		*to++ = wide;
	*to = 0;
	if (wide == WEOF && (to == text || ferror(stream)))
		text = NULL;
	__stream_unlock(stream);
	return text;
}

bool
__stream_put_wide(FILE *stream, wchar_t wide)
{
	char bytes[MB_LEN_MAX];
	size_t n;

	if (stream->whole_wide)
		return __stream_write(stream, &wide, sizeof(wide)) == sizeof(wide);
	n = wcrtomb(bytes, wide, NULL);
	return n != (size_t)-1 && __stream_write(stream, bytes, n) == n;
}

wint_t
fputwc(wchar_t wide, FILE *stream)
{
	bool done;

	__stream_lock(stream);
	fwide(stream, 1);
	done = __stream_put_wide(stream, wide);
	if (!done)
		stream->error = true;
	__stream_unlock(stream);
	return done ? (wint_t)wide : WEOF;
}

wint_t
putwc(wchar_t wide, FILE *stream)
{
	return fputwc(wide, stream);
}

wint_t
putwchar(wchar_t wide)
{
	return fputwc(wide, stdout);
}

int
fputws(const wchar_t *restrict text, FILE *restrict stream)
{
	int result = 0;

	__stream_lock(stream);
	for (; *text != 0 && result == 0; text++)
		if (fputwc(*text, stream) == WEOF)
			result = -1;
	__stream_unlock(stream);
	return result;
}
