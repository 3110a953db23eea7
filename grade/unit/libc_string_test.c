// LIBC: lib/libc/string/*.c lib/libc/ctype/*.c
/*
 * Strings and classes of bytes against the host's library: random texts over a small alphabet, so that much repeats.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "libc_host.h"
#include "unit.h"

void *m_malloc(size_t size) { return malloc(size); }

void *m_memcpy(void *, const void *, size_t);
void *m_memmove(void *, const void *, size_t);
void *m_memset(void *, int, size_t);
int m_memcmp(const void *, const void *, size_t);
void *m_memchr(const void *, int, size_t);
void *m_memrchr(const void *, int, size_t);
void *m_memmem(const void *, size_t, const void *, size_t);
void *m_memccpy(void *, const void *, int, size_t);
size_t m_strlen(const char *), m_strnlen(const char *, size_t), m_strspn(const char *, const char *),
    m_strcspn(const char *, const char *), m_strlcpy(char *, const char *, size_t), m_strlcat(char *, const char *, size_t),
    m_strxfrm(char *, const char *, size_t);
int m_strcmp(const char *, const char *), m_strncmp(const char *, const char *, size_t), m_strcasecmp(const char *, const char *),
    m_strncasecmp(const char *, const char *, size_t), m_strcoll(const char *, const char *), m_strverscmp(const char *, const char *),
    m_ffs(int);
char *m_strchr(const char *, int), *m_strrchr(const char *, int), *m_strchrnul(const char *, int), *m_strstr(const char *, const char *),
    *m_strcasestr(const char *, const char *), *m_strpbrk(const char *, const char *), *m_strcpy(char *, const char *),
    *m_strncpy(char *, const char *, size_t), *m_strcat(char *, const char *), *m_strncat(char *, const char *, size_t),
    *m_stpcpy(char *, const char *), *m_stpncpy(char *, const char *, size_t), *m_strdup(const char *), *m_strndup(const char *, size_t),
    *m_strtok(char *, const char *), *m_strsep(char **, const char *), *m_strerror(int), *m_strsignal(int), *m_index(const char *, int);
const char *m_strerrorname_np(int), *m_strerrordesc_np(int), *m_sigabbrev_np(int), *m_sigdescr_np(int);

#define LENGTH 40

static int
sign(int value)
{
	return (value > 0) - (value < 0);
}

/* Returns a text in fresh memory of its exact size, so that reading past it is noticed. */
static char *
random_text(void)
{
	unsigned length = random_below(LENGTH), letters = 1 + random_below(4);
	char *text = malloc(length + 1);

	for (unsigned i = 0; i < length; i++)
		text[i] = random_below(20) == 0 ? "A\xe9\x80 "[random_below(4)] : 'a' + (char)random_below(letters);
	text[length] = 0;
	return text;
}

/* Names with numbers: few letters and many digits, of which many are zeros. */
static void
versions_agree(void)
{
	for (long i = cases(20000); i > 0; i--) {
		char text[2][8];

		for (int k = 0; k < 2; k++) {
			unsigned length = random_below(7);

			for (unsigned n = 0; n < length; n++)
				text[k][n] = "0001129a.b"[random_below(10)];
			text[k][length] = 0;
		}
		CHECK(sign(m_strverscmp(text[0], text[1])) == sign(strverscmp(text[0], text[1])));
	}
}

static void
searches_agree(void)
{
	for (long i = cases(4000); i > 0; i--) {
		char *text = random_text(), *part = random_text();
		size_t length = strlen(text);
		int c = part[0];

		part[random_below(strlen(part) + 1)] = 0;
		CHECK(m_strstr(text, part) == strstr(text, part));
		CHECK(m_strcasestr(text, part) == strcasestr(text, part));
		CHECK(m_memmem(text, length, part, strlen(part)) == memmem(text, length, part, strlen(part)));
		CHECK(m_strchr(text, c) == strchr(text, c));
		CHECK(m_index(text, c) == strchr(text, c));
		CHECK(m_strrchr(text, c) == strrchr(text, c));
		CHECK(m_strchrnul(text, c) == strchrnul(text, c));
		CHECK(m_memchr(text, c, length) == memchr(text, c, length));
		CHECK(m_memrchr(text, c, length) == memrchr(text, c, length));
		CHECK(m_strpbrk(text, part) == strpbrk(text, part));
		CHECK_EQ(m_strspn(text, part), strspn(text, part));
		CHECK_EQ(m_strcspn(text, part), strcspn(text, part));
		CHECK_EQ(m_strlen(text), length);
		CHECK_EQ(m_strnlen(text, c & 15), strnlen(text, c & 15));
		free(text);
		free(part);
	}
}

static void
comparisons_agree(void)
{
	for (long i = cases(4000); i > 0; i--) {
		char *left = random_text(), *right = random_text();
		size_t a = strlen(left), b = strlen(right), least = a < b ? a : b, most = random_below(LENGTH);

		CHECK_EQ(sign(m_strcmp(left, right)), sign(strcmp(left, right)));
		CHECK_EQ(sign(m_strcoll(left, right)), sign(strcmp(left, right)));
		CHECK_EQ(sign(m_strncmp(left, right, most)), sign(strncmp(left, right, most)));
		CHECK_EQ(sign(m_strcasecmp(left, right)), sign(strcasecmp(left, right)));
		CHECK_EQ(sign(m_strncasecmp(left, right, most)), sign(strncasecmp(left, right, most)));
		CHECK_EQ(sign(m_memcmp(left, right, least)), sign(memcmp(left, right, least)));
		free(left);
		free(right);
	}
}

static void
copies_agree(void)
{
	for (long i = cases(4000); i > 0; i--) {
		char ours[3 * LENGTH], theirs[3 * LENGTH], *from = random_text(), *more = random_text();
		size_t most = random_below(LENGTH);

		memset(ours, 'x', sizeof(ours));
		memset(theirs, 'x', sizeof(theirs));
		CHECK_EQ(m_stpncpy(ours, from, most) - ours, stpncpy(theirs, from, most) - theirs);
		CHECK(memcmp(ours, theirs, sizeof(ours)) == 0);
		m_strncpy(ours, more, most);
		strncpy(theirs, more, most);
		CHECK(memcmp(ours, theirs, sizeof(ours)) == 0);
		CHECK_EQ(m_stpcpy(ours, from) - ours, stpcpy(theirs, from) - theirs);
		m_strcat(ours, more);
		strcat(theirs, more);
		CHECK(memcmp(ours, theirs, sizeof(ours)) == 0);
		m_strcpy(ours, more);
		strcpy(theirs, more);
		m_strncat(ours, from, most);
		strncat(theirs, from, most);
		CHECK(memcmp(ours, theirs, sizeof(ours)) == 0);
		CHECK((m_memccpy(ours, from, 'b', strlen(from)) == NULL) == (memccpy(theirs, from, 'b', strlen(from)) == NULL));
		m_memmove(ours + most, ours, LENGTH);
		memmove(theirs + most, theirs, LENGTH);
		m_memmove(ours, ours + most / 2, LENGTH);
		memmove(theirs, theirs + most / 2, LENGTH);
		m_memset(ours + most, 7, most);
		memset(theirs + most, 7, most);
		CHECK(memcmp(ours, theirs, sizeof(ours)) == 0);
		CHECK_EQ(m_strlcpy(ours, from, most), strlen(from));
		CHECK(most == 0 || strlen(ours) == (strlen(from) < most ? strlen(from) : most - 1));
		CHECK_EQ(m_strxfrm(ours, from, sizeof(ours)), strlen(from));
		free(from);
		free(more);
	}
}

static void
copies_in_new_memory(void)
{
	char *copy = m_strdup("word"), *cut = m_strndup("word", 2);

	CHECK_STR(copy, "word");
	CHECK_STR(cut, "wo");
	free(copy);
	free(cut);
}

static void
tokens_agree(void)
{
	for (long i = cases(2000); i > 0; i--) {
		char *ours = random_text(), *theirs = strdup(ours), *a, *b, *rest_a = ours, *rest_b = theirs;

		do {
			a = m_strsep(&rest_a, "ab");
			b = strsep(&rest_b, "ab");
			CHECK(a == NULL ? b == NULL : b != NULL && a - ours == b - theirs);
		} while (a != NULL && b != NULL);
		a = m_strtok(ours, "cd");
		b = strtok(theirs, "cd");
		while (a != NULL && b != NULL) {
			CHECK_STR(a, b);
			a = m_strtok(NULL, "cd");
			b = strtok(NULL, "cd");
		}
		CHECK(a == NULL && b == NULL);
		free(ours);
		free(theirs);
	}
}

#define CLASSES(X) X(isalnum) X(isalpha) X(isblank) X(iscntrl) X(isdigit) X(isgraph) X(islower) X(isprint) X(ispunct) \
	X(isspace) X(isupper) X(isxdigit)
#define DECLARE(name) int m_##name(int);
CLASSES(DECLARE)
int m_tolower(int), m_toupper(int);

static void
classes_agree(void)
{
	for (int c = -1; c < 256; c++) {
#define COMPARE(name) CHECK_EQ(m_##name(c) != 0, name(c) != 0);
		CLASSES(COMPARE)
		CHECK_EQ(m_tolower(c), tolower(c));
		CHECK_EQ(m_toupper(c), toupper(c));
	}
}

static void
error_texts_agree(void)
{
	for (int error = -3; error < 140; error++)
		if (strncmp(m_strerror(error), "Unknown", 7) != 0 || error < 0)
			CHECK_STR(m_strerror(error), strerror(error));
	CHECK_STR(m_strerror(12345), "Unknown error 12345");
	for (int signal = 1; signal < 32; signal++)
		if (strncmp(m_strsignal(signal), "Unknown", 7) != 0)
			CHECK_STR(m_strsignal(signal), strsignal(signal));
	CHECK_STR(m_strsignal(34), "Real-time signal 0");
	CHECK_STR(m_strsignal(64), "Real-time signal 30");
	CHECK_STR(m_strsignal(0), "Unknown signal 0");
	CHECK_STR(m_strsignal(33), "Unknown signal 33");
	CHECK_STR(m_strsignal(65), "Unknown signal 65");
	CHECK_STR(m_strsignal(-2147483647 - 1), "Unknown signal -2147483648");
}

/* What both know is the same; the host knows more. */
static void
same_text(const char *ours, const char *theirs, int number)
{
	if (ours == NULL || theirs == NULL)
		CHECK(ours == NULL && (theirs == NULL || number > 0));
	else
		CHECK_STR(ours, theirs);
}

static void
numbers_have_names(void)
{
	for (int number = -3; number < 140; number++) {
		same_text(m_strerrorname_np(number), strerrorname_np(number), number);
		same_text(m_strerrordesc_np(number), strerrordesc_np(number), number);
		same_text(m_sigabbrev_np(number), sigabbrev_np(number), number);
		same_text(m_sigdescr_np(number), sigdescr_np(number), number);
	}
	CHECK_STR(m_strerrorname_np(0), "0");
	CHECK_STR(m_strerrorname_np(EAGAIN), "EAGAIN");
	CHECK_STR(m_sigabbrev_np(15), "TERM");
	CHECK(m_strerrorname_np(12345) == NULL && m_strerrordesc_np(12345) == NULL && m_strerrordesc_np(ENOTRECOVERABLE) != NULL);
	CHECK(m_sigabbrev_np(12345) == NULL && m_sigdescr_np(32) == NULL && m_sigdescr_np(31) != NULL);
}

static void
lowest_bits(void)
{
	for (int i = -300; i < 300; i++)
		CHECK_EQ(m_ffs(i), ffs(i));
}

int
main(void)
{
	TEST(searches_agree);
	TEST(versions_agree);
	TEST(comparisons_agree);
	TEST(copies_agree);
	TEST(copies_in_new_memory);
	TEST(tokens_agree);
	TEST(classes_agree);
	TEST(error_texts_agree);
	TEST(numbers_have_names);
	TEST(lowest_bits);
	return unit_done();
}
