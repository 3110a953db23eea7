/*
 * Encodings, words, addresses and numbers of other kinds: iconv and wordexp against POSIX.1-2017's text, byte order, inet_addr, devices, random bytes.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <iconv.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/sysmacros.h>
#include <wordexp.h>

#include "check.h"

/* All of a text in one call. Returns what iconv returns; *size: bytes written. */
static size_t
convert(const char *to, const char *from, const char *text, size_t length, char *out, size_t *size)
{
	iconv_t conversion = iconv_open(to, from);
	char *in = (char *)text, *at = out;
	size_t left = length, room = *size, result;
	int error;

	CHECK(conversion != (iconv_t)-1);
	result = iconv(conversion, &in, &left, &at, &room);
	error = errno;
	*size -= room;
	EQUAL(iconv_close(conversion), 0);
	errno = error;
	return result;
}

static void
becomes(const char *to, const char *from, const char *text, size_t length, const char *wanted, size_t wanted_length)
{
	char out[64];
	size_t size = sizeof(out);

	EQUAL(convert(to, from, text, length, out, &size), 0);
	EQUAL(size, wanted_length);
	CHECK(memcmp(out, wanted, wanted_length) == 0);
}

#define BECOMES(to, from, text, wanted)	becomes(to, from, text, sizeof(text) - 1, wanted, sizeof(wanted) - 1)

static void
encodings(void)
{
	BECOMES("UTF-8", "ISO-8859-1", "caf\xe9", "caf\xc3\xa9");
	BECOMES("latin1", "utf-8", "caf\xc3\xa9", "caf\xe9");
	BECOMES("ASCII", "UTF-8", "plain", "plain");
	BECOMES("UTF-16LE", "UTF-8", "a\xe2\x82\xac\xf0\x9f\x98\x80", "a\0\xac\x20\x3d\xd8\x00\xde");
	BECOMES("UTF-16BE", "UTF-8", "\xf0\x9f\x98\x80", "\xd8\x3d\xde\x00");
	BECOMES("UTF-8", "UTF-16BE", "\xd8\x3d\xde\x00", "\xf0\x9f\x98\x80");
	BECOMES("UTF-8", "UTF-16", "\xfe\xff\x00\x41", "A");
	BECOMES("UTF-8", "UTF-16", "\xff\xfe\x41\x00", "A");
	BECOMES("UTF-16", "UTF-8", "A", "\xff\xfe\x41\x00");
	BECOMES("UTF-32BE", "UTF-8", "\xe2\x82\xac", "\0\0\x20\xac");
	BECOMES("UTF-8", "UTF-32", "\0\0\xfe\xff\0\0\0\x41", "A");
}

static void
encoding_errors(void)
{
	char out[8];
	size_t size = sizeof(out);

	CHECK(iconv_open("UTF-8", "EBCDIC-FR") == (iconv_t)-1 && errno == EINVAL);
	FAILS(convert("ASCII", "UTF-8", "\xc3\xa9", 2, out, &size), EILSEQ);
	size = sizeof(out);
	FAILS(convert("UTF-32LE", "UTF-8", "ab\xc3", 3, out, &size), EINVAL);	/* the character is not whole */
	EQUAL(size, 8);
	size = sizeof(out);
	FAILS(convert("UTF-8", "UTF-8", "a\xc0\x80", 3, out, &size), EILSEQ);
	EQUAL(size, 1);
	size = sizeof(out);
	FAILS(convert("UTF-8", "UTF-8", "\xed\xa0\x80", 3, out, &size), EILSEQ);
	size = 3;
	FAILS(convert("UTF-16LE", "UTF-8", "ab", 2, out, &size), E2BIG);
	EQUAL(size, 2);
	size = sizeof(out);
	EQUAL(convert("ASCII//TRANSLIT", "UTF-8", "a\xc3\xa9", 3, out, &size), 1);
	CHECK(size == 2 && memcmp(out, "a?", 2) == 0);
	size = sizeof(out);
	FAILS(convert("ASCII//IGNORE", "UTF-8", "a\xc3\xa9z", 4, out, &size), EILSEQ);	/* told, but all is converted */
	CHECK(size == 2 && memcmp(out, "az", 2) == 0);
	size = sizeof(out);
	FAILS(convert("UTF-8//IGNORE", "UTF-8", "a\xffz", 3, out, &size), EILSEQ);
	CHECK(size == 2 && memcmp(out, "az", 2) == 0);
	size = sizeof(out);
	EQUAL(convert("ASCII//TRANSLIT//IGNORE", "UTF-8", "a\xe4\xb8\xadz", 5, out, &size), 1);
	CHECK(size == 3 && memcmp(out, "a?z", 3) == 0);
}

/* Against the shell on the host: grade/unit/posix_wordexp_test.c. Here with this system's shell and files. */
static void
words(void)
{
	wordexp_t words;

	setenv("FOLDER", "/bin", 1);
	EQUAL(wordexp("$(echo a b) \"`echo c  d`\" $FOLDER/[cC]?t ${NONE:-x y} $((2*21)) ~", &words, 0), 0);
	EQUAL(words.we_wordc, 8);
	EQUAL(strcmp(words.we_wordv[1], "b"), 0);
	EQUAL(strcmp(words.we_wordv[2], "c d"), 0);
	EQUAL(strcmp(words.we_wordv[3], "/bin/cat"), 0);
	EQUAL(strcmp(words.we_wordv[6], "42"), 0);
	CHECK(words.we_wordv[7][0] == '/' && words.we_wordv[8] == NULL);
	wordfree(&words);
	EQUAL(wordexp("$(echo a)", &words, WRDE_NOCMD), WRDE_CMDSUB);
	EQUAL(wordexp("$NONE", &words, WRDE_UNDEF), WRDE_BADVAL);
	EQUAL(wordexp("a > b", &words, 0), WRDE_BADCHAR);
	EQUAL(wordexp("'a", &words, 0), WRDE_SYNTAX);
}

static void
addresses(void)
{
	struct in_addr address;

	EQUAL(htonl(0x01020304), 0x04030201);
	EQUAL(ntohs(htons(0x1234)), 0x1234);
	EQUAL(inet_addr("127.0.0.1"), htonl(INADDR_LOOPBACK));
	EQUAL(inet_addr("1.2.772"), htonl(0x01020304));
	EQUAL(inet_addr("0x7f.1"), htonl(INADDR_LOOPBACK));
	EQUAL(inet_addr("256.0.0.1"), INADDR_NONE);
	EQUAL(inet_addr("1.2.3.4.5"), INADDR_NONE);
	EQUAL(inet_addr("1.2.3."), INADDR_NONE);
	EQUAL(inet_addr("x"), INADDR_NONE);
	EQUAL(inet_aton("255.255.255.255", &address), 1);
	EQUAL(strcmp(inet_ntoa(address), "255.255.255.255"), 0);
	EQUAL(inet_aton("", &address), 0);
}

static void
random_bytes(void)
{
	unsigned char a[256] = {0}, b[257] = {0};
	unsigned zeros = 0;

	EQUAL(getrandom(a, sizeof(a), 0), sizeof(a));
	EQUAL(getentropy(b, 256), 0);
	CHECK(memcmp(a, b, 256) != 0);
	for (int i = 0; i < 256; i++)
		zeros += a[i] == 0;
	CHECK(zeros < 16);
	FAILS(getentropy(b, 257), EIO);
	memset(a, 0, sizeof(a));
	memset(b, 0, sizeof(b));
	arc4random_buf(a, sizeof(a));
	arc4random_buf(b, sizeof(b));
	CHECK(memcmp(a, b, 256) != 0);
	CHECK(memcmp(b + 248, "\0\0\0\0\0\0\0\0", 9) != 0);	/* to the end */
	EQUAL(arc4random_uniform(0), 0);
	EQUAL(arc4random_uniform(1), 0);
	for (int i = 0; i < 100; i++)
		CHECK(arc4random_uniform(3u << 30) < 3u << 30);
	FAILS(getrandom(a, 1, 0x100), EINVAL);
	EQUAL(makedev(5, 1), 0x501);
	EQUAL(major(makedev(136, 3)), 136);
	EQUAL(minor(makedev(136, 3)), 3);
}

int
main(void)
{
	encodings();
	encoding_errors();
	words();
	addresses();
	random_bytes();
	return check_report("text");
}
