/*
 * json: reads JSON texts (RFC 8259) and prints them again, or parts of them.
 *
 *	json [-c] [-s] [-i N] [-q PATH] [FILE ...]
 *
 *	-c		in one line, without blanks
 *	-s		members in the order of their names
 *	-i N		N blanks for each level (2)
 *	-q PATH		only what PATH names: .name and [number] one after the other; .* and [*] stand for each
 *
 * Numbers are kept as they were written. Without files it reads standard input. Status 1: a text is wrong (the place is told) or a path names
 * nothing.
 */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEPTH_MAX 500

enum kind { NOTHING, TRUE, FALSE, NUMBER, STRING, ARRAY, OBJECT };

struct value {
	enum kind kind;
	char *text;			/* of a number as written, of a string decoded */
	size_t length;			/* bytes of text: a string may hold zeros */
	struct member *members;		/* of an array or object */
	size_t count, room;
};

struct member {
	struct value *name;		/* a string; NULL in an array */
	struct value *value;
	size_t place;			/* where it stood: sorting keeps the order of equal names */
};

static const char *program;
static bool compact, sorted;
static int indent = 2;
static size_t values;			/* that are alive: all must be given back */

static void *
grow(void *memory, size_t size)
{
	memory = realloc(memory, size);
	if (memory == NULL) {
		fprintf(stderr, "%s: out of memory\n", program);
		exit(2);
	}
	return memory;
}

static struct value *
value_new(enum kind kind)
{
	struct value *value = grow(NULL, sizeof(*value));

	*value = (struct value){ .kind = kind };
	values++;
	return value;
}

static void
value_free(struct value *value)
{
	if (value == NULL)
		return;
	for (size_t i = 0; i < value->count; i++) {
		value_free(value->members[i].name);
		value_free(value->members[i].value);
	}
	free(value->members);
	free(value->text);
	free(value);
	values--;
}

static void
add(struct value *to, struct value *name, struct value *value)
{
	if (to->count == to->room) {
		to->room = to->room == 0 ? 8 : 2 * to->room;
		to->members = grow(to->members, to->room * sizeof(to->members[0]));
	}
	to->members[to->count] = (struct member){ name, value, to->count };
	to->count++;
}

/* --- reading --- */

static struct {
	const char *name;
	FILE *file;
	int next;			/* the character that was looked at */
	long line, column;
	jmp_buf failed;
	struct value *open[DEPTH_MAX];	/* arrays and objects that are not finished, to be freed */
	int depth;
} in;

static void
fail(const char *format, ...)
{
	va_list arguments;

	fflush(stdout);
	fprintf(stderr, "%s:%ld:%ld: ", in.name, in.line, in.column);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	putc('\n', stderr);
	longjmp(in.failed, 1);
}

static int
advance(void)
{
	int c = in.next;

	if (c == '\n') {
		in.line++;
		in.column = 0;
	}
	in.next = getc(in.file);
	in.column++;
	return c;
}

static void
skip_blanks(void)
{
	while (in.next == ' ' || in.next == '\t' || in.next == '\n' || in.next == '\r')
		advance();
}

static const char *
seen(void)
{
	static char text[8];

	if (in.next == EOF)
		return "the end";
	snprintf(text, sizeof(text), isprint(in.next) ? "'%c'" : "\\x%02x", in.next);
	return text;
}

static void
expect(int c)
{
	if (in.next != c)
		fail("%s where '%c' should be", seen(), c);
	advance();
}

/* A text that grows. */
struct text {
	char *bytes;
	size_t used, room;
};

static struct text word;		/* the one being read */

static void
put(int c)
{
	if (word.used + 1 >= word.room) {
		word.room = word.room == 0 ? 64 : 2 * word.room;
		word.bytes = grow(word.bytes, word.room);
	}
	word.bytes[word.used++] = (char)c;
	word.bytes[word.used] = 0;
}

static void
put_utf8(unsigned long c)
{
	if (c < 0x80) {
		put((int)c);
		return;
	}
	if (c >= 0x10000) {
		put((int)(0xf0 | c >> 18));
		put((int)(0x80 | (c >> 12 & 0x3f)));
	} else if (c >= 0x800) {
		put((int)(0xe0 | c >> 12));
	} else {
		put((int)(0xc0 | c >> 6));
		put((int)(0x80 | (c & 0x3f)));
		return;
	}
	put((int)(0x80 | (c >> 6 & 0x3f)));
	put((int)(0x80 | (c & 0x3f)));
}

static unsigned long
read_hex(void)
{
	char digits[5] = "";

	for (int i = 0; i < 4; i++) {
		if (!isxdigit(in.next))
			fail("%s where a hexadecimal digit should be", seen());
		digits[i] = (char)advance();
	}
	return strtoul(digits, NULL, 16);
}

static void
read_escape(void)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *which;
	unsigned long c, low;

	if (in.next == 'u') {
		advance();
		c = read_hex();
		if (c >= 0xd800 && c < 0xdc00) {
			expect('\\');
			expect('u');
			low = read_hex();
			if (low < 0xdc00 || low > 0xdfff)
				fail("half of a surrogate pair");
			c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
		} else if (c >= 0xdc00 && c <= 0xdfff) {
			fail("half of a surrogate pair");
		}
		put_utf8(c);
		return;
	}
	which = in.next == EOF || in.next == 0 ? NULL : strchr(from, in.next);
	if (which == NULL)
		fail("%s after a backslash", seen());
	put(to[which - from]);
	advance();
}

static struct value *
word_value(enum kind kind)
{
	struct value *value = value_new(kind);

	value->text = grow(NULL, word.used + 1);
	memcpy(value->text, word.bytes, word.used);
	value->text[word.used] = 0;
	value->length = word.used;
	return value;
}

static struct value *
read_string(void)
{
	expect('"');
	word.used = 0;
	put(0);
	word.used = 0;
	while (in.next != '"') {
		if (in.next == EOF)
			fail("a string does not end");
		if (in.next < ' ')
			fail("%s in a string", seen());
		if (in.next == '\\') {
			advance();
			read_escape();
		} else {
			put(advance());
		}
	}
	advance();
	return word_value(STRING);
}

static void
read_digits(void)
{
	if (!isdigit(in.next))
		fail("%s where a digit should be", seen());
	while (isdigit(in.next))
		put(advance());
}

static struct value *
read_number(void)
{
	word.used = 0;
	if (in.next == '-')
		put(advance());
	if (in.next == '0')
		put(advance());
	else
		read_digits();
	if (in.next == '.') {
		put(advance());
		read_digits();
	}
	if (in.next == 'e' || in.next == 'E') {
		put(advance());
		if (in.next == '+' || in.next == '-')
			put(advance());
		read_digits();
	}
	return word_value(NUMBER);
}

static struct value *
read_word(void)
{
	static const char *const words[] = { [NOTHING] = "null", [TRUE] = "true", [FALSE] = "false" };

	word.used = 0;
	while (isalpha(in.next) && word.used < 10)
		put(advance());
	for (int i = NOTHING; i <= FALSE && word.used > 0; i++)
		if (strcmp(word.bytes, words[i]) == 0)
			return value_new((enum kind)i);
	if (word.used > 0)
		fail("'%s' is no value", word.bytes);
	fail("%s where a value should be", seen());
	return NULL;
}

static struct value *read_value(void);

static struct value *
read_list(enum kind kind, int last)
{
	struct value *list = value_new(kind), *name;

	if (in.depth == DEPTH_MAX) {
		value_free(list);
		fail("more than %d levels", DEPTH_MAX);
	}
	in.open[in.depth++] = list;
	advance();
	for (skip_blanks(); in.next != last; skip_blanks()) {
		if (list->count > 0) {
			expect(',');
			skip_blanks();
		}
		if (kind == OBJECT) {
			name = read_string();
			add(list, name, NULL);
			skip_blanks();
			expect(':');
			list->members[list->count - 1].value = read_value();
		} else {
			add(list, NULL, read_value());
		}
	}
	advance();
	in.depth--;
	return list;
}

static struct value *
read_value(void)
{
	skip_blanks();
	switch (in.next) {
	case '{':
		return read_list(OBJECT, '}');
	case '[':
		return read_list(ARRAY, ']');
	case '"':
		return read_string();
	}
	return in.next == '-' || isdigit(in.next) ? read_number() : read_word();
}

/* --- writing --- */

static void
write_string(const struct value *string)
{
	putchar('"');
	for (size_t i = 0; i < string->length; i++) {
		unsigned char c = (unsigned char)string->text[i];
		static const char plain[] = "\"\\\b\f\n\r\t", names[] = "\"\\bfnrt";
		const char *which = c == 0 ? NULL : strchr(plain, c);

		if (which != NULL)
			printf("\\%c", names[which - plain]);
		else if (c < ' ' || c == 127)
			printf("\\u%04x", c);
		else
			putchar(c);
	}
	putchar('"');
}

static void
new_line(int level)
{
	if (!compact)
		printf("\n%*s", level * indent, "");
}

static int
compare_members(const void *a, const void *b)
{
	const struct member *left = a, *right = b;
	int order = strcmp(left->name->text, right->name->text);

	return order != 0 ? order : left->place < right->place ? -1 : 1;
}

static void
write_value(const struct value *value, int level)
{
	static const char *const words[] = { [NOTHING] = "null", [TRUE] = "true", [FALSE] = "false" };
	bool object = value->kind == OBJECT;

	switch (value->kind) {
	case NUMBER:
		fputs(value->text, stdout);
		return;
	case STRING:
		write_string(value);
		return;
	case ARRAY: case OBJECT:
		break;
	default:
		fputs(words[value->kind], stdout);
		return;
	}
	putchar(object ? '{' : '[');
	if (object && sorted)
		qsort(value->members, value->count, sizeof(value->members[0]), compare_members);
	for (size_t i = 0; i < value->count; i++) {
		if (i > 0)
			putchar(',');
		new_line(level + 1);
		if (object) {
			write_string(value->members[i].name);
			fputs(compact ? ":" : ": ", stdout);
		}
		write_value(value->members[i].value, level + 1);
	}
	if (value->count > 0)
		new_line(level);
	putchar(object ? '}' : ']');
}

/* --- paths, and sums of what they name --- */

static struct {
	long found, numbers;
	double sum, least, greatest;
} totals;

static void
found(const struct value *value)
{
	double number;

	write_value(value, 0);
	putchar('\n');
	totals.found++;
	if (value->kind != NUMBER)
		return;
	number = strtod(value->text, NULL);
	totals.least = totals.numbers == 0 ? number : fmin(totals.least, number);
	totals.greatest = totals.numbers == 0 ? number : fmax(totals.greatest, number);
	totals.sum += number;
	totals.numbers++;
}

/* Whether a member is what a step of `length` bytes, .name or [number], asks for. */
static bool
matches(const struct value *in_value, size_t i, const char *step, size_t length)
{
	const struct value *name = in_value->members[i].name;

	if (step[0] == '.')
		return in_value->kind == OBJECT && ((length == 2 && step[1] == '*') ||
		    (name->length == length - 1 && memcmp(name->text, step + 1, length - 1) == 0));
	return in_value->kind == ARRAY && (step[1] == '*' || strtoul(step + 1, NULL, 10) == i);
}

/* Returns false: the path is none. */
static bool
follow(const struct value *value, const char *path)
{
	size_t length;

	if (*path == 0) {
		found(value);
		return true;
	}
	length = path[0] == '.' ? 1 + strcspn(path + 1, ".[") : strcspn(path, "]") + 1;
	if ((path[0] != '.' && path[0] != '[') || length < 2 || length > strlen(path) ||
	    (path[0] == '[' && !isdigit((unsigned char)path[1]) && strncmp(path, "[*]", 3) != 0)) {
		fprintf(stderr, "%s: '%s' is no path\n", program, path);
		return false;
	}
	for (size_t i = 0; i < value->count; i++)
		if (matches(value, i, path, length) && !follow(value->members[i].value, path + length))
			return false;
	return true;
}

/* --- the program --- */

/* All texts of a file. Returns false: one is wrong. */
static bool
read_file(const char *path)
{
	in.line = 1;
	in.column = 0;
	in.next = ' ';
	in.depth = 0;
	if (setjmp(in.failed) != 0) {
		/* The outermost holds those that are finished; the ones that are not stand beside it. */
		while (in.depth > 0)
			value_free(in.open[--in.depth]);
		return false;
	}
	for (skip_blanks(); in.next != EOF; skip_blanks()) {
		struct value *value = read_value();
		bool good = true;

		if (path == NULL) {
			write_value(value, 0);
			putchar('\n');
		} else {
			good = follow(value, path);
		}
		value_free(value);
		if (!good)
			return false;
	}
	return true;
}

static bool
open_and_read(const char *name, const char *path)
{
	bool good;

	in.name = name;
	in.file = fopen(name, "r");
	if (in.file == NULL) {
		fprintf(stderr, "%s: %s: %s\n", program, name, strerror(errno));
		return false;
	}
	good = read_file(path);
	fclose(in.file);
	return good;
}

int
main(int argc, char **argv)
{
	const char *path = NULL;
	bool good = true;
	int option;

	program = argv[0];
	while ((option = getopt(argc, argv, "csi:q:")) != -1)
		switch (option) {
		case 'c': compact = true; break;
		case 's': sorted = true; break;
		case 'i': indent = atoi(optarg) & 15; break;
		case 'q': path = optarg; break;
		default:
			fprintf(stderr, "usage: %s [-c] [-s] [-i blanks] [-q path] [file ...]\n", program);
			return 2;
		}
	if (optind == argc) {
		in.name = "standard input";
		in.file = stdin;
		good = read_file(path);
	}
	for (; optind < argc; optind++)
		good = open_and_read(argv[optind], path) && good;
	if (totals.numbers > 1)
		fprintf(stderr, "%ld numbers, sum %.15g, mean %.6f, from %g to %g\n", totals.numbers, totals.sum,
		    totals.sum / (double)totals.numbers, totals.least, totals.greatest);
	free(word.bytes);
	if (values != 0)
		fprintf(stderr, "%s: %zu values were not given back\n", program, values);
	if (fflush(stdout) == EOF)
		good = false;
	return good && (path == NULL || totals.found > 0) ? 0 : 1;
}
