/*
 * ed - a line editor after the POSIX one: a buffer of lines, addresses, regular expressions, global commands, undo.
 *
 *	ed [-s] [-p prompt] [file]
 *
 * Commands: a c d e E f g G(not) H h i j k l m n p P q Q r s t u v w = ! are those of POSIX but for G, V and !.
 */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <regex.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MARKS	26

struct line {
	char *text;
	bool global;		/* chosen by g or v and not yet dealt with */
	char mark;		/* letter, or 0 */
};

struct buffer {
	struct line *lines;	/* line n stands at n - 1 */
	int count, room;
};

static struct buffer text, saved;	/* saved: before the last command that changed something */
static int current, saved_current;
static bool changed, saved_changed, can_undo, silent, helpful, prompting, in_global, warned;
static const char *prompt = "*", *error_text = "";
static char *file_name, *command;	/* command: the rest of the line being read */
static char command_line[LINE_MAX];
static FILE *input_text;		/* commands come from here: stdin, or the list of a g command */
static regex_t pattern;
static bool have_pattern;
static char replacement[LINE_MAX];
static jmp_buf main_loop;
static volatile sig_atomic_t interrupted;

static _Noreturn void
fail(const char *why)
{
	error_text = why;
	longjmp(main_loop, 1);
}

static void *
checked(void *memory)
{
	if (memory == NULL)
		fail("Out of memory");
	return memory;
}

/* --- the buffer --- */

static void
insert_line(int after, const char *line, size_t length)
{
	char *copy = checked(strndup(line, length));

	if (text.count == text.room) {
		text.room = text.room ? text.room * 2 : 64;
		text.lines = checked(realloc(text.lines, text.room * sizeof(text.lines[0])));
	}
	memmove(&text.lines[after + 1], &text.lines[after], (text.count - after) * sizeof(text.lines[0]));
	text.lines[after] = (struct line){ .text = copy };
	text.count++;
}

static void
delete_lines(int from, int to)
{
	for (int i = from; i <= to; i++)
		free(text.lines[i - 1].text);
	memmove(&text.lines[from - 1], &text.lines[to], (text.count - to) * sizeof(text.lines[0]));
	text.count -= to - from + 1;
}

static void
free_buffer(struct buffer *b)
{
	for (int i = 0; i < b->count; i++)
		free(b->lines[i].text);
	free(b->lines);
	*b = (struct buffer){ 0 };
}

/* Keeps a copy for `u`; once for a whole global command. */
static void
change_begins(void)
{
	if (in_global && can_undo)
		return;
	free_buffer(&saved);
	saved.lines = checked(calloc(text.count + 1, sizeof(saved.lines[0])));
	saved.room = text.count + 1;
	for (; saved.count < text.count; saved.count++) {
		saved.lines[saved.count] = text.lines[saved.count];
		saved.lines[saved.count].text = checked(strdup(text.lines[saved.count].text));
	}
	saved_current = current;
	saved_changed = changed;
	can_undo = true;
}

static void
undo(void)
{
	struct buffer b = text;
	int line = current;
	bool was = changed;

	if (!can_undo)
		fail("Nothing to undo");
	text = saved, saved = b;
	current = saved_current, saved_current = line;
	changed = saved_changed, saved_changed = was;
}

/* --- input --- */

static bool
read_command(char *line, size_t size)
{
	size_t length;

	if (fgets(line, size, input_text) == NULL)
		return false;
	length = strlen(line);
	if (length > 0 && line[length - 1] == '\n')
		line[length - 1] = '\0';
	return true;
}

static void
skip_blanks(void)
{
	while (isblank((unsigned char)*command))
		command++;
}

/* The text up to an unescaped delimiter, which is skipped. `\delimiter` loses its backslash. */
static void
read_delimited(char delimiter, char *out, size_t size, bool keep)
{
	size_t length = 0;

	while (*command != '\0' && *command != delimiter) {
		if (*command == '\\' && command[1] == delimiter && !keep)
			command++;
		else if (*command == '\\' && command[1] != '\0' && length + 2 < size)
			out[length++] = *command++;
		if (length + 1 < size)
			out[length++] = *command;
		command++;
	}
	out[length] = '\0';
	if (*command == delimiter)
		command++;
}

static void
read_pattern(char delimiter)
{
	char source[LINE_MAX], why[100];
	int error;

	read_delimited(delimiter, source, sizeof(source), false);
	if (source[0] == '\0') {
		if (!have_pattern)
			fail("No previous pattern");
		return;
	}
	if (have_pattern)
		regfree(&pattern);
	have_pattern = false;
	error = regcomp(&pattern, source, 0);
	if (error != 0) {
		regerror(error, &pattern, why, sizeof(why));
		fail("Invalid pattern");
	}
	have_pattern = true;
}

static bool
matches(int line)
{
	return regexec(&pattern, text.lines[line - 1].text, 0, NULL, 0) == 0;
}

/* --- addresses --- */

static int
search(int direction)
{
	int line = current;

	for (int i = 0; i < text.count; i++) {
		line += direction;
		if (line > text.count)
			line = 1;
		if (line < 1)
			line = text.count;
		if (matches(line))
			return line;
	}
	fail("No match");
}

static int
marked_line(char letter)
{
	for (int i = 0; i < text.count; i++)
		if (text.lines[i].mark == letter)
			return i + 1;
	fail("Invalid address");
}

/* What an address begins with; -1: there is none. */
static int
address_base(void)
{
	char c = *command;

	if (isdigit((unsigned char)c))
		return strtol(command, &command, 10);
	if (c == '\0' || strchr(".$'/?", c) == NULL)
		return -1;
	command++;
	switch (c) {
	case '.':
		return current;
	case '$':
		return text.count;
	case '\'':
		if (!islower((unsigned char)*command))
			fail("Invalid mark character");
		return marked_line(*command++);
	default:
		read_pattern(c);
		return search(c == '/' ? 1 : -1);
	}
}

/* An address with its offsets: -1: none. */
static int
address(void)
{
	int line, step;
	char sign;

	skip_blanks();
	line = address_base();
	for (;;) {
		skip_blanks();
		sign = *command;
		if (sign != '+' && sign != '-' && !(line >= 0 && isdigit((unsigned char)sign)))
			break;
		if (line < 0)
			line = current;
		if (!isdigit((unsigned char)sign))
			command++;
		step = isdigit((unsigned char)*command) ? strtol(command, &command, 10) : 1;
		line += sign == '-' ? -step : step;
	}
	if (line > text.count || line < -1)
		fail("Invalid address");
	return line;
}

struct range {
	int from, to, given;
};

static struct range
addresses(void)
{
	struct range r = { current, current, 0 };
	int line = address();
	char separator;

	for (;;) {
		separator = *command;
		if (line >= 0) {
			r.from = r.given > 0 ? r.to : line;
			r.to = line;
			r.given++;
		}
		if (separator != ',' && separator != ';')
			break;
		command++;
		if (line < 0) {
			r.from = r.to = separator == ',' ? 1 : current;
			r.given = 1;
		}
		if (separator == ';')
			current = r.to;
		line = address();
		if (line < 0)
			line = r.given == 1 && r.from == r.to && separator == ',' ? text.count : separator == ';' ? text.count : r.to;
	}
	if (r.given == 1)
		r.from = r.to;
	if (r.given > 2)
		r.given = 2;
	if (r.from > r.to)
		fail("Invalid address");
	return r;
}

/* The addresses a command that needs lines gets without any. */
static void
lines_wanted(struct range *r, int from, int to)
{
	if (r->given == 0)
		r->from = from, r->to = to;
	if (r->from < 1 || r->to > text.count)
		fail("Invalid address");
}

/* --- printing --- */

static void
print_unambiguous(const char *s)
{
	static const char names[] = "\a\b\f\n\r\t\v\\", letters[] = "abfnrtv\\";
	int column = 0;

	for (; *s != '\0'; s++) {
		const char *special = strchr(names, *s);
		char piece[8];

		if (special != NULL)
			snprintf(piece, sizeof(piece), "\\%c", letters[special - names]);
		else if (*s == '$')
			strcpy(piece, "\\$");
		else if (isprint((unsigned char)*s))
			snprintf(piece, sizeof(piece), "%c", *s);
		else
			snprintf(piece, sizeof(piece), "\\%03o", (unsigned char)*s);
		if (column + strlen(piece) > 70) {
			printf("\\\n");
			column = 0;
		}
		column += printf("%s", piece);
	}
	printf("$\n");
}

static void
print_lines(int from, int to, char how)
{
	for (int i = from; i <= to && !interrupted; i++) {
		if (how == 'n')
			printf("%d\t", i);
		if (how == 'l')
			print_unambiguous(text.lines[i - 1].text);
		else
			printf("%s\n", text.lines[i - 1].text);
	}
	current = to;
}

/* --- files --- */

static void
read_file(const char *name, int after)
{
	FILE *file = fopen(name, "r");
	char *line = NULL;
	size_t room = 0, bytes = 0;
	ssize_t length;

	if (file == NULL) {
		fprintf(stderr, "%s: %s\n", name, strerror(errno));
		fail("Cannot open input file");
	}
	while ((length = getline(&line, &room, file)) > 0) {
		bytes += length;
		insert_line(after++, line, line[length - 1] == '\n' ? length - 1 : length);
	}
	free(line);
	fclose(file);
	current = after;
	if (!silent)
		printf("%zu\n", bytes);
}

static void
write_file(const char *name, int from, int to, const char *mode)
{
	FILE *file = fopen(name, mode);
	size_t bytes = 0;

	if (file == NULL) {
		fprintf(stderr, "%s: %s\n", name, strerror(errno));
		fail("Cannot open output file");
	}
	for (int i = from; i <= to; i++)
		bytes += fprintf(file, "%s\n", text.lines[i - 1].text);
	if (fclose(file) != 0)
		fail("Cannot write");
	if (!silent)
		printf("%zu\n", bytes);
	if (from <= 1 && to == text.count)
		changed = false;
}

/* The name after a command, else the remembered one. */
static const char *
name_argument(void)
{
	if (*command != '\0' && !isblank((unsigned char)*command))
		fail("Unexpected command suffix");
	skip_blanks();
	if (*command != '\0') {
		if (file_name == NULL)
			file_name = checked(strdup(command));
		return command;
	}
	if (file_name == NULL)
		fail("No current filename");
	return file_name;
}

/* --- commands that change the text --- */

static void
append_text(int after)
{
	char line[LINE_MAX];

	while (read_command(line, sizeof(line)) && strcmp(line, ".") != 0) {
		insert_line(after++, line, strlen(line));
		changed = true;
	}
	current = after;
}

static void
join(int from, int to)
{
	size_t length = 0;
	char *all, *end;

	for (int i = from; i <= to; i++)
		length += strlen(text.lines[i - 1].text);
	all = end = checked(malloc(length + 1));
	for (int i = from; i <= to; i++)
		end = stpcpy(end, text.lines[i - 1].text);
	delete_lines(from, to);
	insert_line(from - 1, all, length);
	free(all);
	current = from;
}

static void
copy_lines(int from, int to, int after)
{
	int count = to - from + 1;

	for (int i = 0; i < count; i++) {
		int source = from + i + (from + i > after ? i : 0);

		insert_line(after + i, text.lines[source - 1].text, strlen(text.lines[source - 1].text));
	}
	current = after + count;
}

static void
move_lines(int from, int to, int after)
{
	int count = to - from + 1;

	if (after >= from && after < to)
		fail("Invalid destination");
	copy_lines(from, to, after);
	if (after < from)
		delete_lines(from + count, to + count);
	else
		delete_lines(from, to), current -= count;
}

/* Puts what replaces a match into `out`: & is the match, \1 to \9 its parts. */
static void
expand(FILE *out, const char *line, const regmatch_t *match)
{
	for (const char *p = replacement; *p != '\0'; p++) {
		int part = -1;

		if (*p == '&')
			part = 0;
		else if (*p == '\\' && isdigit((unsigned char)p[1]))
			part = *++p - '0';
		else if (*p == '\\' && p[1] != '\0')
			p++;
		if (part < 0)
			putc(*p, out);
		else if (match[part].rm_so >= 0)
			fwrite(line + match[part].rm_so, 1, match[part].rm_eo - match[part].rm_so, out);
	}
}

/* Replaces the nth match in a line, or all from the nth on. False: there is none. */
static bool
substitute_line(int number, int nth, bool all)
{
	const char *line = text.lines[number - 1].text, *p = line;
	regmatch_t match[10];
	char *result;
	size_t length;
	FILE *out = open_memstream(&result, &length);
	bool done = false;
	int seen = 0;

	while (regexec(&pattern, p, 10, match, p == line ? 0 : REG_NOTBOL) == 0) {
		bool empty = match[0].rm_eo == match[0].rm_so;

		fwrite(p, 1, match[0].rm_so, out);
		if (++seen == nth || (all && seen > nth)) {
			expand(out, p, match);
			done = true;
		} else {
			fwrite(p + match[0].rm_so, 1, match[0].rm_eo - match[0].rm_so, out);
		}
		p += match[0].rm_eo;
		if (empty && *p != '\0')
			putc(*p++, out);
		if ((done && !all) || *p == '\0')
			break;
	}
	fputs(p, out);
	fclose(out);
	if (done) {
		free(text.lines[number - 1].text);
		text.lines[number - 1].text = result;
	} else {
		free(result);
	}
	return done;
}

static void
substitute(struct range r)
{
	char delimiter = *command++, how = 0, source[LINE_MAX];
	int nth = 1, last = 0;
	bool all = false;

	if (delimiter == '\0' || isspace((unsigned char)delimiter))
		fail("Invalid pattern delimiter");
	read_pattern(delimiter);
	read_delimited(delimiter, source, sizeof(source), false);
	if (strcmp(source, "%") != 0)
		strcpy(replacement, source);
	for (; *command != '\0'; command++) {
		if (isdigit((unsigned char)*command))
			nth = strtol(command, &command, 10), command--;
		else if (*command == 'g')
			all = true;
		else if (strchr("pnl", *command) != NULL)
			how = *command;
		else
			fail("Invalid command suffix");
	}
	change_begins();
	for (int i = r.from; i <= r.to; i++)
		if (substitute_line(i, nth, all))
			last = i;
	if (last == 0 && !in_global)
		fail("No match");
	if (last != 0) {
		current = last;
		changed = true;
		if (how)
			print_lines(last, last, how);
	}
}

static void execute(void);

static void
global_command(struct range r, bool inverted)
{
	char delimiter = *command++, list[LINE_MAX], line[LINE_MAX];
	FILE *outer = input_text;

	if (in_global)
		fail("Cannot nest global commands");
	read_pattern(delimiter);
	strcpy(list, *command == '\0' ? "p" : command);
	while (list[strlen(list) - 1] == '\\') {
		list[strlen(list) - 1] = '\n';
		if (!read_command(line, sizeof(line)))
			break;
		strncat(list, line, sizeof(list) - strlen(list) - 1);
	}
	for (int i = 1; i <= text.count; i++)
		text.lines[i - 1].global = i >= r.from && i <= r.to && matches(i) != inverted;
	in_global = true;
	can_undo = false;
	for (int i = 1; i <= text.count; i++) {
		if (!text.lines[i - 1].global)
			continue;
		text.lines[i - 1].global = false;
		current = i;
		input_text = fmemopen(list, strlen(list), "r");
		while (input_text != NULL && read_command(command_line, sizeof(command_line))) {
			command = command_line;
			execute();
		}
		fclose(input_text);
		input_text = outer;
		i = 0;
	}
	in_global = false;
}

/* --- the commands --- */

static void
quit(bool really)
{
	if (changed && !really && !warned) {
		warned = true;
		fail("Warning: buffer modified");
	}
	exit(0);
}

static void
edit_command(char c, struct range r)
{
	int after;

	change_begins();
	switch (c) {
	case 'a':
		append_text(r.to);
		return;
	case 'i':
		append_text(r.to > 0 ? r.to - 1 : 0);
		return;
	case 'c':
		lines_wanted(&r, current, current);
		delete_lines(r.from, r.to);
		append_text(r.from - 1);
		break;
	case 'd':
		lines_wanted(&r, current, current);
		delete_lines(r.from, r.to);
		current = r.from > text.count ? text.count : r.from;
		break;
	case 'j':
		lines_wanted(&r, current, current + 1);
		if (r.from < r.to)
			join(r.from, r.to);
		break;
	default:
		lines_wanted(&r, current, current);
		after = address();
		if (after < 0)
			after = current;
		if (c == 'm')
			move_lines(r.from, r.to, after);
		else
			copy_lines(r.from, r.to, after);
	}
	changed = true;
}

static void
file_command(char c, struct range r)
{
	const char *name;

	switch (c) {
	case 'e':
	case 'E':
		if (c == 'e' && changed && !warned) {
			warned = true;
			fail("Warning: buffer modified");
		}
		name = name_argument();
		free_buffer(&text);
		current = 0;
		read_file(name, 0);
		changed = can_undo = false;
		break;
	case 'r':
		name = name_argument();
		change_begins();
		read_file(name, r.given ? r.to : text.count);
		changed = true;
		break;
	case 'f':
		skip_blanks();
		if (*command != '\0') {
			free(file_name);
			file_name = checked(strdup(command));
		}
		printf("%s\n", file_name != NULL ? file_name : "");
		break;
	default:
		if (r.given == 0)
			r.from = text.count > 0, r.to = text.count;
		write_file(name_argument(), r.from, r.to, c == 'W' ? "a" : "w");
	}
}

static void
execute(void)
{
	struct range r = addresses();
	char c;

	skip_blanks();
	c = *command;
	if (c != '\0')
		command++;
	if (c != 'q' && c != 'e')
		warned = false;
	switch (c) {
	case '\0':
		lines_wanted(&r, current + 1, current + 1);
		print_lines(r.to, r.to, 'p');
		break;
	case 'p': case 'n': case 'l':
		lines_wanted(&r, current, current);
		print_lines(r.from, r.to, c);
		break;
	case 'a': case 'i': case 'c': case 'd': case 'j': case 'm': case 't':
		edit_command(c, r);
		break;
	case 'e': case 'E': case 'r': case 'f': case 'w': case 'W':
		file_command(c, r);
		break;
	case 's':
		lines_wanted(&r, current, current);
		substitute(r);
		break;
	case 'g': case 'v':
		lines_wanted(&r, 1, text.count);
		global_command(r, c == 'v');
		break;
	case 'k':
		lines_wanted(&r, current, current);
		for (int i = 0; i < text.count; i++)
			if (text.lines[i].mark == *command)
				text.lines[i].mark = 0;
		text.lines[r.to - 1].mark = *command;
		break;
	case '=':
		printf("%d\n", r.given ? r.to : text.count);
		break;
	case 'u':
		undo();
		break;
	case 'h':
		printf("%s\n", error_text);
		break;
	case 'H':
		helpful = !helpful;
		break;
	case 'P':
		prompting = !prompting;
		break;
	case 'q': case 'Q':
		quit(c == 'Q');
		break;
	default:
		fail("Unknown command");
	}
}

static void
on_interrupt(int signal)
{
	(void)signal;
	interrupted = 1;
}

int
main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = on_interrupt };
	volatile int status = 0;
	int option;

	while ((option = getopt(argc, argv, "sp:")) != -1) {
		if (option == 's')
			silent = true;
		else if (option == 'p')
			prompt = optarg, prompting = true;
		else
			return 2;
	}
	sigaction(SIGINT, &action, NULL);
	input_text = stdin;
	if (setjmp(main_loop) != 0) {
		status = 1;
		in_global = false;
		if (input_text != stdin)
			fclose(input_text);
		input_text = stdin;
		printf(helpful ? "?\n%s\n" : "?\n", error_text);
	} else if (optind < argc) {
		file_name = strdup(argv[optind]);
		read_file(file_name, 0);
	}
	for (;;) {
		if (prompting)
			printf("%s", prompt);
		fflush(stdout);
		if (!read_command(command_line, sizeof(command_line)))
			break;
		command = command_line;
		interrupted = 0;
		execute();
	}
	return status;
}
