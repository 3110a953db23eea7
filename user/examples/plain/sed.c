/*
 * sed: a stream editor.
 *
 *	sed [-n] [-E] [-s] [-e SCRIPT]... [-f FILE]... [SCRIPT] [FILE...]
 *
 * Commands { } = a b c d D g G h H i l n N p P q r s t w x y and comments, with addresses N, $, /RE/, FIRST~STEP, ADDR,+N and !.
 */
#define _POSIX_C_SOURCE 200809L
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <regex.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GROUPS 10

struct text {
	char *bytes;
	size_t length, room;
};

enum address_kind { NONE, LINE, LAST, PATTERN, STEP, PLUS };

struct address {
	enum address_kind kind;
	unsigned long first, step;
	regex_t *pattern;
};

struct output {
	struct output *next;
	char *name;
	FILE *file;
};

struct command {
	struct address from, to;
	bool not, inside, range_done;
	unsigned long range_end;
	char name;
	struct text text;		/* a c i, file of r, label of b t : */
	size_t target;			/* of b t, the matching brace of { */
	regex_t *pattern;
	struct text replacement;
	unsigned occurrence;
	bool global, print;
	struct output *output;
	unsigned char map[256];
};

static const char *program;
static bool quiet, extended, separate;
static struct command *commands;
static size_t command_count, command_room;
static struct output *outputs;
static struct text script;
static const char *at;			/* in the script */
static struct text pattern_space, hold_space;
static unsigned long line_number;
static int exit_status;
static regex_t *last_pattern;

static void
die(const char *format, ...)
{
	va_list arguments;

	fflush(stdout);
	fprintf(stderr, "%s: ", program);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	exit(1);
}

static void *
grow(void *block, size_t size)
{
	block = realloc(block, size);
	if (block == NULL)
		die("out of memory");
	return block;
}

static void
text_add(struct text *t, const char *bytes, size_t length)
{
	if (t->length + length + 1 > t->room) {
		t->room = (t->length + length + 1) * 2;
		t->bytes = grow(t->bytes, t->room);
	}
	memcpy(t->bytes + t->length, bytes, length);
	t->length += length;
	t->bytes[t->length] = 0;
}

static void
text_put(struct text *t, char c)
{
	text_add(t, &c, 1);
}

static void
text_clear(struct text *t)
{
	t->length = 0;
	text_add(t, "", 0);
}

/* --- the script --- */

static void
skip_blanks(void)
{
	while (*at == ' ' || *at == '\t')
		at++;
}

/* Up to an unescaped delimiter, which is taken; \n becomes a newline, an escaped delimiter itself. */
static void
read_delimited(struct text *t, char delimiter, bool pattern)
{
	bool bracket = false;

	text_clear(t);
	for (; *at != delimiter || bracket; at++) {
		if (*at == 0 || (*at == '\n' && pattern))
			die("unterminated '%c'", delimiter);
		if (pattern && bracket && *at == ']')
			bracket = false;
		else if (pattern && !bracket && *at == '[') {
			bracket = true;
			text_put(t, *at++);
			if (*at == '^')
				text_put(t, *at++);
			if (*at == ']')
				text_put(t, *at++);
			at--;
			continue;
		}
		if (*at == '\\' && !bracket) {
			at++;
			if (*at == delimiter)
				text_put(t, *at);
			else if (*at == 'n' && pattern)
				text_put(t, '\n');
			else if (*at == 't' && pattern)
				text_put(t, '\t');
			else if (*at == 0)
				die("trailing backslash");
			else {
				text_put(t, '\\');
				text_put(t, *at);
			}
			continue;
		}
		text_put(t, *at);
	}
	at++;
}

static regex_t *
compile(const char *text, bool ignore_case)
{
	regex_t *r;
	int error;
	char message[100];

	if (text[0] == 0)
		return NULL;
	r = grow(NULL, sizeof(*r));
	error = regcomp(r, text, (extended ? REG_EXTENDED : 0) | (ignore_case ? REG_ICASE : 0));
	if (error != 0) {
		regerror(error, r, message, sizeof(message));
		die("bad pattern '%s'", text);
	}
	return r;
}

static unsigned long
read_number(void)
{
	char *end;
	unsigned long n = strtoul(at, &end, 10);

	at = end;
	return n;
}

static bool
read_address(struct address *a)
{
	static struct text t;

	if (isdigit((unsigned char)*at)) {
		a->kind = LINE;
		a->first = read_number();
		if (*at == '~') {
			at++;
			a->kind = STEP;
			a->step = read_number();
		}
	} else if (*at == '$') {
		at++;
		a->kind = LAST;
	} else if (*at == '/' || *at == '\\') {
		bool ignore_case;

		if (*at == '\\')
			at++;
		at++;
		read_delimited(&t, at[-1], true);
		ignore_case = *at == 'I';
		at += ignore_case;
		a->kind = PATTERN;
		a->pattern = compile(t.bytes, ignore_case);
	} else {
		return false;
	}
	return true;
}

static struct output *
find_output(const char *name)
{
	struct output *o;

	for (o = outputs; o != NULL; o = o->next)
		if (strcmp(o->name, name) == 0)
			return o;
	o = grow(NULL, sizeof(*o));
	o->name = strdup(name);
	if (strcmp(name, "/dev/stdout") == 0)
		o->file = stdout;
	else
		o->file = fopen(name, "w");
	if (o->file == NULL)
		die("couldn't open file %s: %s", name, strerror(errno));
	o->next = outputs;
	return outputs = o;
}

static void
read_word(struct text *t, bool to_end)
{
	skip_blanks();
	text_clear(t);
	while (*at != 0 && *at != '\n' && (to_end || (*at != ';' && *at != '}' && !isspace((unsigned char)*at))))
		text_put(t, *at++);
}

static void
read_substitution(struct command *c)
{
	static struct text t;
	char delimiter = *at++;
	bool ignore_case = false;

	read_delimited(&t, delimiter, true);
	read_delimited(&c->replacement, delimiter, false);
	c->occurrence = 1;
	for (;; at++) {
		if (*at == 'g')
			c->global = true;
		else if (*at == 'p')
			c->print = true;
		else if (*at == 'I' || *at == 'i')
			ignore_case = true;
		else if (isdigit((unsigned char)*at)) {
			c->occurrence = (unsigned)read_number();
			if (c->occurrence == 0)
				die("number option to `s' command may not be zero");
			at--;
		} else if (*at == 'w') {
			struct text name = { 0 };

			at++;
			read_word(&name, true);
			c->output = find_output(name.bytes);
			break;
		} else
			break;
	}
	c->pattern = compile(t.bytes, ignore_case);
}

static void
read_map(struct command *c)
{
	static struct text from, to;
	char delimiter = *at++;
	size_t i, k;

	read_delimited(&from, delimiter, true);
	read_delimited(&to, delimiter, true);
	for (i = 0; i < 256; i++)
		c->map[i] = (unsigned char)i;
	for (i = k = 0; from.bytes[i] != 0 && to.bytes[k] != 0; i++, k++)
		c->map[(unsigned char)from.bytes[i]] = (unsigned char)to.bytes[k];
	if (from.bytes[i] != to.bytes[k])
		die("strings for `y' command are different lengths");
}

/* The text of a, c and i: after a backslash and a newline, or on the same line. */
static void
read_text(struct text *t)
{
	skip_blanks();
	text_clear(t);
	if (*at == '\\') {
		at++;
		skip_blanks();
		if (*at == '\n')
			at++;
	}
	while (*at != 0 && *at != '\n') {
		if (*at == '\\' && at[1] != 0)
			at++;
		text_put(t, *at++);
	}
	text_put(t, '\n');
}

static void
read_command(struct command *c)
{
	if (read_address(&c->from)) {
		skip_blanks();
		if (*at == ',') {
			at++;
			skip_blanks();
			if (*at == '+') {
				at++;
				c->to.kind = PLUS;
				c->to.first = read_number();
			} else if (!read_address(&c->to))
				die("unexpected `,'");
		}
	}
	skip_blanks();
	while (*at == '!') {
		c->not = true;
		at++;
		skip_blanks();
	}
	c->name = *at;
	if (*at == 0)
		die("missing command");
	at++;
	switch (c->name) {
	case '{': case '}': case '=': case 'd': case 'D': case 'g': case 'G': case 'h': case 'H': case 'l': case 'n': case 'N': case 'p':
	case 'P': case 'x':
		break;
	case 'q':
		skip_blanks();
		if (isdigit((unsigned char)*at))
			c->target = read_number();
		break;
	case 'a': case 'c': case 'i':
		read_text(&c->text);
		break;
	case ':': case 'b': case 't':
		read_word(&c->text, c->name == ':');
		break;
	case 'r':
		read_word(&c->text, true);
		break;
	case 'w':
		read_word(&c->text, true);
		c->output = find_output(c->text.bytes);
		break;
	case 's':
		read_substitution(c);
		break;
	case 'y':
		read_map(c);
		break;
	default:
		die("unknown command: `%c'", c->name);
	}
}

static void
read_script(void)
{
	at = script.bytes;
	for (;;) {
		while (isspace((unsigned char)*at) || *at == ';')
			at++;
		if (*at == '#') {
			while (*at != 0 && *at != '\n')
				at++;
			continue;
		}
		if (*at == 0)
			return;
		if (command_count == command_room) {
			command_room = command_room * 2 + 16;
			commands = grow(commands, command_room * sizeof(*commands));
		}
		memset(&commands[command_count], 0, sizeof(*commands));
		read_command(&commands[command_count++]);
	}
}

static void
resolve(void)
{
	size_t open[50], depth = 0;

	for (size_t i = 0; i < command_count; i++) {
		struct command *c = &commands[i];

		if (c->name == '{') {
			if (depth == 50)
				die("too many {");
			open[depth++] = i;
		} else if (c->name == '}') {
			if (depth == 0)
				die("unexpected `}'");
			commands[open[--depth]].target = i;
		} else if ((c->name == 'b' || c->name == 't') && c->text.length > 0) {
			size_t k;

			for (k = 0; k < command_count; k++)
				if (commands[k].name == ':' && strcmp(commands[k].text.bytes, c->text.bytes) == 0)
					break;
			if (k == command_count)
				die("can't find label for jump to `%s'", c->text.bytes);
			c->target = k;
		} else if (c->name == 'b' || c->name == 't') {
			c->target = command_count;
		}
	}
	if (depth > 0)
		die("unmatched `{'");
}

/* --- input --- */

static char **names;
static FILE *input;
static char *next_line;
static size_t next_room;
static ssize_t next_length = -1;

/* Reads one line ahead, so that the last one is known. */
static void
read_ahead(void)
{
	for (;;) {
		if (input == NULL) {
			if (*names == NULL) {
				next_length = -1;
				return;
			}
			input = strcmp(*names, "-") == 0 ? stdin : fopen(*names, "r");
			if (input == NULL) {
				fprintf(stderr, "%s: can't read %s: %s\n", program, *names, strerror(errno));
				exit_status = 2;
				names++;
				continue;
			}
			names++;
		}
		next_length = getline(&next_line, &next_room, input);
		if (next_length >= 0)
			return;
		if (input != stdin)
			fclose(input);
		input = NULL;
	}
}

static bool
next_input(bool append)
{
	if (next_length < 0)
		return false;
	if (append)
		text_put(&pattern_space, '\n');
	else
		text_clear(&pattern_space);
	if (next_length > 0 && next_line[next_length - 1] == '\n')
		next_length--;
	text_add(&pattern_space, next_line, (size_t)next_length);
	line_number++;
	read_ahead();
	return true;
}

static bool
is_last(void)
{
	return next_length < 0;
}

/* --- running --- */

static bool
matches(regex_t *r, const char *text, regmatch_t groups[GROUPS], int flags)
{
	if (r == NULL)
		r = last_pattern;
	if (r == NULL)
		die("no previous regular expression");
	last_pattern = r;
	return regexec(r, text, GROUPS, groups, flags) == 0;
}

static bool
address_matches(struct address *a)
{
	regmatch_t groups[GROUPS];

	switch (a->kind) {
	case NONE:
		return true;
	case LINE:
		return line_number == a->first;
	case LAST:
		return is_last();
	case STEP:
		return a->step == 0 ? line_number == a->first : line_number >= a->first && (line_number - a->first) % a->step == 0;
	case PATTERN:
		return matches(a->pattern, pattern_space.bytes, groups, 0);
	case PLUS:
		break;
	}
	return false;
}

static bool
selected(struct command *c)
{
	if (c->to.kind == NONE)
		return address_matches(&c->from) != c->not;
	if (c->inside) {
		bool end = c->to.kind == PLUS || c->to.kind == LINE ? line_number >= c->range_end : address_matches(&c->to);

		if (c->to.kind == LINE && line_number > c->range_end) {
			c->inside = false;
			return c->not;
		}
		c->inside = !end;
		return !c->not;
	}
	if (!address_matches(&c->from))
		return c->not;
	c->range_end = c->to.kind == PLUS ? line_number + c->to.first : c->to.first;
	c->inside = !((c->to.kind == LINE || c->to.kind == PLUS) && c->range_end <= line_number);
	return !c->not;
}

static void
add_replacement(struct text *out, const struct command *c, const char *from, const regmatch_t groups[GROUPS])
{
	for (const char *p = c->replacement.bytes; *p != 0; p++) {
		int group = -1;

		if (*p == '&')
			group = 0;
		else if (*p == '\\' && isdigit((unsigned char)p[1]))
			group = *++p - '0';
		else if (*p == '\\') {
			p++;
			text_put(out, *p == 'n' ? '\n' : *p == 't' ? '\t' : *p);
			continue;
		}
		if (group < 0)
			text_put(out, *p);
		else if (groups[group].rm_so >= 0)
			text_add(out, from + groups[group].rm_so, (size_t)(groups[group].rm_eo - groups[group].rm_so));
	}
}

static bool
substitute(struct command *c)
{
	static struct text out;
	const char *from = pattern_space.bytes;
	regmatch_t groups[GROUPS];
	unsigned seen = 0;
	bool done = false;

	text_clear(&out);
	while (matches(c->pattern, from, groups, from == pattern_space.bytes ? 0 : REG_NOTBOL)) {
		text_add(&out, from, (size_t)groups[0].rm_so);
		seen++;
		if (seen >= c->occurrence && (c->global || !done)) {
			add_replacement(&out, c, from, groups);
			done = true;
		} else {
			text_add(&out, from + groups[0].rm_so, (size_t)(groups[0].rm_eo - groups[0].rm_so));
		}
		from += groups[0].rm_eo;
		if (groups[0].rm_so == groups[0].rm_eo) {
			if (*from == 0)
				break;
			text_put(&out, *from++);
		}
		if (done && !c->global)
			break;
		if (*from == 0)
			break;
	}
	if (!done)
		return false;
	text_add(&out, from, strlen(from));
	text_clear(&pattern_space);
	text_add(&pattern_space, out.bytes, out.length);
	return true;
}

static void
print(const struct text *t, FILE *to)
{
	fwrite(t->bytes, 1, t->length, to);
	putc('\n', to);
}

static void
print_visibly(const struct text *t)
{
	static const char letters[] = "abfnrtv\\", meaning[] = "\a\b\f\n\r\t\v\\";
	unsigned column = 0;
	char piece[8];

	for (size_t i = 0; i < t->length; i++) {
		unsigned char c = (unsigned char)t->bytes[i];
		const char *known = c != 0 ? strchr(meaning, c) : NULL;

		if (known != NULL)
			snprintf(piece, sizeof(piece), "\\%c", letters[known - meaning]);
		else if (isprint(c))
			snprintf(piece, sizeof(piece), "%c", c);
		else
			snprintf(piece, sizeof(piece), "\\%03o", c);
		if (column + strlen(piece) > 69) {
			fputs("\\\n", stdout);
			column = 0;
		}
		fputs(piece, stdout);
		column += (unsigned)strlen(piece);
	}
	puts("$");
}

static struct text appended;		/* what a and r have put off to the end of the cycle */

static void
flush_appended(void)
{
	fwrite(appended.bytes, 1, appended.length, stdout);
	text_clear(&appended);
}

static void
append_file(const char *name)
{
	FILE *f = fopen(name, "r");
	char block[512];
	size_t n;

	if (f == NULL)
		return;
	while ((n = fread(block, 1, sizeof(block), f)) > 0)
		text_add(&appended, block, n);
	fclose(f);
}

enum outcome { GO_ON, END_CYCLE, DELETE, RESTART, QUIT };

/* What moves lines between the two spaces. */
static void
hold(int name)
{
	struct text swap = pattern_space;

	switch (name) {
	case 'g':
		text_clear(&pattern_space);
		text_add(&pattern_space, hold_space.bytes, hold_space.length);
		break;
	case 'G':
		text_put(&pattern_space, '\n');
		text_add(&pattern_space, hold_space.bytes, hold_space.length);
		break;
	case 'h':
		text_clear(&hold_space);
		text_add(&hold_space, pattern_space.bytes, pattern_space.length);
		break;
	case 'H':
		text_put(&hold_space, '\n');
		text_add(&hold_space, pattern_space.bytes, pattern_space.length);
		break;
	case 'x':
		pattern_space = hold_space;
		hold_space = swap;
		break;
	}
}

static enum outcome
run_one(struct command *c, size_t *next, bool *replaced)
{
	char *newline;

	switch (c->name) {
	case '=':
		printf("%lu\n", line_number);
		break;
	case 'a':
		text_add(&appended, c->text.bytes, c->text.length);
		break;
	case 'i':
		fputs(c->text.bytes, stdout);
		break;
	case 'c':
		if (c->to.kind == NONE || !c->inside || c->not)
			fputs(c->text.bytes, stdout);
		return DELETE;
	case 'b':
		*next = c->target;
		break;
	case 't':
		if (*replaced)
			*next = c->target;
		*replaced = false;
		break;
	case 'd':
		return DELETE;
	case 'D':
		newline = strchr(pattern_space.bytes, '\n');
		if (newline == NULL)
			return DELETE;
		pattern_space.length -= (size_t)(newline + 1 - pattern_space.bytes);
		memmove(pattern_space.bytes, newline + 1, pattern_space.length + 1);
		return RESTART;
	case 'g': case 'G': case 'h': case 'H': case 'x':
		hold(c->name);
		break;
	case 'l':
		print_visibly(&pattern_space);
		break;
	case 'n':
		if (is_last())
			return quiet ? QUIT : END_CYCLE;
		if (!quiet)
			print(&pattern_space, stdout);
		flush_appended();
		next_input(false);
		break;
	case 'N':
		if (is_last())
			return END_CYCLE;
		flush_appended();
		next_input(true);
		break;
	case 'p':
		print(&pattern_space, stdout);
		break;
	case 'P':
		fwrite(pattern_space.bytes, 1, strcspn(pattern_space.bytes, "\n"), stdout);
		putchar('\n');
		break;
	case 'q':
		exit_status = (int)c->target;
		return QUIT;
	case 'r':
		append_file(c->text.bytes);
		break;
	case 's':
		if (substitute(c)) {
			*replaced = true;
			if (c->print)
				print(&pattern_space, stdout);
			if (c->output != NULL)
				print(&pattern_space, c->output->file);
		}
		break;
	case 'w':
		print(&pattern_space, c->output->file);
		break;
	case 'y':
		for (size_t i = 0; i < pattern_space.length; i++)
			pattern_space.bytes[i] = (char)c->map[(unsigned char)pattern_space.bytes[i]];
		break;
	}
	return GO_ON;
}

static enum outcome
run_cycle(void)
{
	bool replaced = false;
	size_t i = 0;

	while (i < command_count) {
		struct command *c = &commands[i++];
		enum outcome outcome;

		if (!selected(c)) {
			if (c->name == '{')
				i = c->target;
			continue;
		}
		outcome = run_one(c, &i, &replaced);
		if (outcome != GO_ON)
			return outcome;
	}
	return END_CYCLE;
}

static void
run(void)
{
	enum outcome outcome = END_CYCLE;

	read_ahead();
	while (outcome == RESTART || next_input(false)) {
		outcome = run_cycle();
		if (!quiet && (outcome == END_CYCLE || outcome == QUIT))
			print(&pattern_space, stdout);
		flush_appended();
		if (outcome == QUIT)
			break;
	}
}

static void
add_script_file(const char *name)
{
	FILE *f = strcmp(name, "-") == 0 ? stdin : fopen(name, "r");
	int c;

	if (f == NULL)
		die("couldn't open file %s: %s", name, strerror(errno));
	while ((c = getc(f)) != EOF)
		text_put(&script, (char)c);
	if (f != stdin)
		fclose(f);
	text_put(&script, '\n');
}

static void
usage(void)
{
	fprintf(stderr, "usage: %s [-nEs] [-e script] [-f file] [script] [file...]\n", program);
	exit(1);
}

int
main(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "quiet", no_argument, NULL, 'n' }, { "regexp-extended", no_argument, NULL, 'E' }, { "expression", required_argument, NULL, 'e' },
		{ "file", required_argument, NULL, 'f' }, { NULL, 0, NULL, 0 },
	};
	static char *standard_input[] = { "-", NULL };
	bool given = false;
	int option;

	program = argv[0];
	text_clear(&script);
	text_clear(&pattern_space);
	text_clear(&hold_space);
	text_clear(&appended);
	while ((option = getopt_long(argc, argv, "nEse:f:", longs, NULL)) != -1)
		switch (option) {
		case 'n':
			quiet = true;
			break;
		case 'E':
			extended = true;
			break;
		case 's':
			separate = true;
			break;
		case 'e':
			text_add(&script, optarg, strlen(optarg));
			text_put(&script, '\n');
			given = true;
			break;
		case 'f':
			add_script_file(optarg);
			given = true;
			break;
		default:
			usage();
		}
	if (!given) {
		if (optind == argc)
			usage();
		text_add(&script, argv[optind], strlen(argv[optind]));
		optind++;
	}
	read_script();
	resolve();
	names = optind < argc ? argv + optind : standard_input;
	run();
	for (struct output *o = outputs; o != NULL; o = o->next)
		if (fflush(o->file) != 0)
			die("couldn't write: %s", strerror(errno));
	return exit_status;
}
