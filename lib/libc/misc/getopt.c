/*
 * getopt, getopt_long. Operands between options are moved behind them, as GNU does, unless the options start with '+'
 * or POSIXLY_CORRECT is set; with '-' they are returned as arguments of option 1 in any case. optind = 0 starts anew.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <stdbool.h>
#include <string.h>

char *optarg;
int optind = 1, opterr = 1, optopt;

static const char *rest;		/* letters of the current argument not looked at yet */
static int operands, operands_end;	/* [operands, operands_end): passed over, before the next option */

struct parse {
	int count;
	char **arguments;
	const char *options;
	const struct option *longs;
	int *index;
	bool quiet, missing_is_colon, stop, in_order, single;
};

/* Moves arguments[from, to) in front of the operands that were passed over. */
static void
move_operands(char **arguments, int from, int to)
{
	for (; from < to; from++, operands++) {
		char *option = arguments[from];

		for (int i = from; i > operands; i--)
			arguments[i] = arguments[i - 1];
		arguments[operands] = option;
	}
	operands_end = to;
}

/* There may be fewer arguments than were counted (POSIX.1-2017 getopt). */
static bool
at_end(const struct parse *p)
{
	return optind >= p->count || p->arguments[optind] == NULL;
}

static bool
is_operand(const char *argument)
{
	return argument[0] != '-' || argument[1] == 0;
}

static int
missing(const struct parse *p)
{
	return p->missing_is_colon ? ':' : '?';
}

static int
short_option(const struct parse *p)
{
	char letter = *rest++;
	const char *known = letter == ':' || letter == ';' ? NULL : strchr(p->options, letter);

	if (*rest == 0)
		optind++;
	if (known == NULL) {
		optopt = (unsigned char)letter;
		if (!p->quiet)
			fprintf(stderr, "%s: invalid option -- '%c'\n", p->arguments[0], letter);
		return '?';
	}
	if (known[1] != ':')
		return (unsigned char)letter;
	if (*rest != 0) {
		optarg = (char *)rest;
		optind++;
	} else if (known[2] == ':') {
		optarg = NULL;
	} else if (!at_end(p)) {
		optarg = p->arguments[optind++];
	} else {
		optopt = (unsigned char)letter;
		if (!p->quiet)
			fprintf(stderr, "%s: option requires an argument -- '%c'\n", p->arguments[0], letter);
		rest = "";
		return missing(p);
	}
	rest = "";
	return (unsigned char)letter;
}

/* The index of the option that a name, perhaps shortened, means; -1: none, -2: several. */
static int
long_find(const struct parse *p, const char *name, size_t length)
{
	int found = -1;

	for (int i = 0; p->longs[i].name != NULL; i++) {
		const struct option *o = &p->longs[i];

		if (strncmp(o->name, name, length) != 0)
			continue;
		if (o->name[length] == 0)
			return i;
		if (found >= 0 && (p->longs[found].has_arg != o->has_arg || p->longs[found].flag != o->flag ||
		    p->longs[found].val != o->val))
			found = -2;
		else if (found == -1)
			found = i;
	}
	return found;
}

static int
long_bad(const struct parse *p, const char *dashes, const char *name, size_t length, bool several)
{
	if (!p->quiet && several)
		fprintf(stderr, "%s: option '%s%.*s' is ambiguous\n", p->arguments[0], dashes, (int)length, name);
	else if (!p->quiet)
		fprintf(stderr, "%s: unrecognized option '%s%.*s'\n", p->arguments[0], dashes, (int)length, name);
	optopt = 0;
	return '?';
}

static int
long_argument(const struct parse *p, const struct option *o, const char *dashes, char *value)
{
	optarg = value;
	if (value != NULL && o->has_arg == no_argument) {
		if (!p->quiet)
			fprintf(stderr, "%s: option '%s%s' doesn't allow an argument\n", p->arguments[0], dashes, o->name);
		optopt = o->val;
		return '?';
	}
	if (value == NULL && o->has_arg == required_argument) {
		if (at_end(p)) {
			if (!p->quiet)
				fprintf(stderr, "%s: option '%s%s' requires an argument\n", p->arguments[0], dashes,
				    o->name);
			optopt = o->val;
			return missing(p);
		}
		optarg = p->arguments[optind++];
	}
	if (o->flag == NULL)
		return o->val;
	*o->flag = o->val;
	return 0;
}

static int
long_option(const struct parse *p, int dash_count)
{
	const char *name = p->arguments[optind] + dash_count, *dashes = dash_count == 2 ? "--" : "-";
	size_t length = strcspn(name, "=");
	int found = long_find(p, name, length);

	if (found < 0 && dash_count == 1 && strchr(p->options, *name) != NULL) {
		rest = name;
		return short_option(p);
	}
	optind++;
	if (found < 0)
		return long_bad(p, dashes, name, length, found == -2);
	if (p->index != NULL)
		*p->index = found;
	return long_argument(p, &p->longs[found], dashes, name[length] == '=' ? (char *)name + length + 1 : NULL);
}

/* The next argument with options. Returns -1 at the end, 1 for an operand in order, 0 for an option. */
static int
next_argument(const struct parse *p)
{
	if (operands_end < optind)
		move_operands(p->arguments, operands_end, optind);
	if (!p->in_order && !p->stop)
		while (!at_end(p) && is_operand(p->arguments[optind]))
			optind++;
	operands_end = optind;
	if (!at_end(p) && strcmp(p->arguments[optind], "--") == 0) {
		optind++;
		move_operands(p->arguments, operands_end, optind);
		optind = operands;
		return -1;
	}
	if (at_end(p) || (p->stop && is_operand(p->arguments[optind]))) {
		optind = operands;
		return -1;
	}
	if (is_operand(p->arguments[optind])) {
		optarg = p->arguments[optind++];
		return 1;
	}
	return 0;
}

static int
parse_next(struct parse *p)
{
	int kind;

	optarg = NULL;
	if (optind == 0 || rest == NULL) {
		optind = optind == 0 ? 1 : optind;
		operands = operands_end = optind;
		rest = "";
	}
	if (operands_end > optind)		/* the program went back, to read these or others once more */
		operands = operands_end = optind;
	p->in_order = *p->options == '-';
	p->stop = *p->options == '+' || (!p->in_order && getenv("POSIXLY_CORRECT") != NULL);
	p->options += *p->options == '+' || *p->options == '-';
	p->missing_is_colon = *p->options == ':';
	p->quiet = p->missing_is_colon || !opterr;
	if (*rest != 0)
		return short_option(p);
	kind = next_argument(p);
	if (kind != 0)
		return kind;
	if (p->longs != NULL && p->arguments[optind][1] == '-')
		return long_option(p, 2);
	/* One letter alone is a short option if there is one. */
	if (p->longs != NULL && p->single && (p->arguments[optind][2] != 0 || strchr(p->options, p->arguments[optind][1]) == NULL))
		return long_option(p, 1);
	rest = p->arguments[optind] + 1;
	return short_option(p);
}

int
getopt(int count, char *const *arguments, const char *options)
{
	struct parse p = { .count = count, .arguments = (char **)arguments, .options = options };

	return parse_next(&p);
}

int
getopt_long(int count, char *const *arguments, const char *options, const struct option *longs, int *index)
{
	struct parse p = { .count = count, .arguments = (char **)arguments, .options = options, .longs = longs,
		.index = index };

	return parse_next(&p);
}

int
getopt_long_only(int count, char *const *arguments, const char *options, const struct option *longs, int *index)
{
	struct parse p = { .count = count, .arguments = (char **)arguments, .options = options, .longs = longs,
		.index = index, .single = true };

	return parse_next(&p);
}
