/*
 * mk: brings files up to date by rules, like a small make.
 *
 *	mk [-f FILE] [-n] [-k] [-s] [-p] [NAME=VALUE ...] [target ...]
 *
 * A file of rules (mkfile) holds
 *
 *	NAME = value			a variable; NAME += more; NAME ?= unless it is set
 *	target ...: source ...		a rule; the lines behind it that begin with a tab are its commands
 *	%.x: %.y			a rule for every name of that form that has no commands of its own
 *	include FILE			another file of rules
 *	# ...				a comment; a backslash at its end joins a line with the next one
 *
 * $(NAME) and ${NAME} stand for a variable, or the environment's; $@ for the target, $< for the first source, $^ for all, $* for what % stood
 * for, $$ for a dollar. $(wildcard PATTERN), $(sort WORDS), $(words WORDS) and $(NAME:.a=.b) are functions. Commands are run by the shell; one
 * that begins with @ is not shown, one that begins with - may fail. -n shows only, -k goes on with what does not depend on a failure, -s shows
 * nothing, -p prints the variables and rules.
 */
#include <ctype.h>
#include <errno.h>
#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct words {
	char **word;
	size_t count, room;
};

struct variable {
	struct variable *next;
	char *name, *value;
	bool fixed;			/* from the command line: the file does not change it */
};

struct rule {
	struct rule *next;
	struct words targets, sources, commands;
	bool pattern;
};

enum state { NEW, BUSY, DONE, FAILED };

struct target {
	struct target *next;
	char *name;
	enum state state;
	bool changed;			/* it was made, or would have been */
};

static const char *program;
static bool show_only, keep_going, silent;
static struct variable *variables;
static struct rule *rules, **rules_end = &rules;
static struct target *targets;
static int depth;			/* of expansions and includes: they may go in circles */

#define DEPTH_MAX 60

/* --- memory, words --- */

static void *
need(void *memory)
{
	if (memory == NULL) {
		fprintf(stderr, "%s: out of memory\n", program);
		exit(2);
	}
	return memory;
}

static char *
copy(const char *from, size_t length)
{
	char *to = need(malloc(length + 1));

	memcpy(to, from, length);
	to[length] = 0;
	return to;
}

static void
words_add(struct words *words, char *word)
{
	if (words->count == words->room) {
		words->room = words->room == 0 ? 8 : words->room * 2;
		words->word = need(realloc(words->word, words->room * sizeof(char *)));
	}
	words->word[words->count++] = word;
}

static void
words_split(struct words *words, const char *text)
{
	while (*(text += strspn(text, " \t")) != 0) {
		size_t length = strcspn(text, " \t");

		words_add(words, copy(text, length));
		text += length;
	}
}

static void
words_free(struct words *words)
{
	for (size_t i = 0; i < words->count; i++)
		free(words->word[i]);
	free(words->word);
	*words = (struct words){ 0 };
}

static void
words_print(FILE *to, const struct words *words)
{
	for (size_t i = 0; i < words->count; i++)
		fprintf(to, "%s%s", i > 0 ? " " : "", words->word[i]);
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* --- variables and expansion --- */

static struct variable *
variable_find(const char *name, size_t length)
{
	struct variable *v = variables;

	while (v != NULL && (strncmp(v->name, name, length) != 0 || v->name[length] != 0))
		v = v->next;
	return v;
}

/* how: '=', '+' or '?'. */
static void
variable_set(const char *name, size_t length, const char *value, int how, bool fixed)
{
	struct variable *v = variable_find(name, length);
	char *joined;

	if (v == NULL) {
		v = need(calloc(1, sizeof(*v)));
		v->name = copy(name, length);
		v->value = copy("", 0);
		v->next = variables;
		variables = v;
	} else if (how == '?' || (v->fixed && !fixed)) {
		return;
	}
	v->fixed = v->fixed || fixed;
	joined = need(malloc(strlen(v->value) + strlen(value) + 2));
	sprintf(joined, "%s%s%s", how == '+' ? v->value : "", how == '+' && v->value[0] != 0 ? " " : "", value);
	free(v->value);
	v->value = joined;
}

/* What $@ and its like stand for. */
struct context {
	const char *target, *stem;
	const struct words *sources;
};

static void expand_to(FILE *out, const char *text, const struct context *context);

static char *
expand(const char *text, const struct context *context)
{
	char *result = NULL;
	size_t size;
	FILE *out = need(open_memstream(&result, &size));

	if (++depth > DEPTH_MAX) {
		fprintf(stderr, "%s: a variable stands for itself\n", program);
		exit(2);
	}
	expand_to(out, text, context);
	depth--;
	fclose(out);
	return need(result);
}

static void
put_words(FILE *out, struct words *words)
{
	words_print(out, words);
	words_free(words);
}

/* $(NAME:.a=.b) */
static void
put_replaced(FILE *out, const char *value, const char *from, const char *to)
{
	struct words words = { 0 };
	size_t n = strlen(from);

	words_split(&words, value);
	for (size_t i = 0; i < words.count; i++) {
		size_t length = strlen(words.word[i]);
		bool ends = length >= n && strcmp(words.word[i] + length - n, from) == 0;

		fprintf(out, "%s%.*s%s", i > 0 ? " " : "", (int)(ends ? length - n : length), words.word[i], ends ? to : "");
	}
	words_free(&words);
}

/* Returns false: it is no function. */
static bool
put_function(FILE *out, const char *text)
{
	struct words words = { 0 };
	glob_t found;

	if (strncmp(text, "wildcard ", 9) == 0) {
		words_split(&words, text + 9);
		for (size_t i = 0, shown = 0; i < words.count; i++) {
			if (glob(words.word[i], 0, NULL, &found) != 0)
				continue;
			for (size_t k = 0; k < found.gl_pathc; k++)
				fprintf(out, "%s%s", shown++ > 0 ? " " : "", found.gl_pathv[k]);
			globfree(&found);
		}
		words_free(&words);
	} else if (strncmp(text, "sort ", 5) == 0) {
		words_split(&words, text + 5);
		if (words.count > 0)
			qsort(words.word, words.count, sizeof(char *), by_name);
		put_words(out, &words);
	} else if (strncmp(text, "words ", 6) == 0) {
		words_split(&words, text + 6);
		fprintf(out, "%zu", words.count);
		words_free(&words);
	} else {
		return false;
	}
	return true;
}

/* What stands between the brackets, expanded. */
static void
put_reference(FILE *out, char *text, const struct context *context)
{
	char *colon = strchr(text, ':'), *equals = colon != NULL ? strchr(colon, '=') : NULL;
	struct variable *v;
	const char *value;
	char *expanded;

	if (put_function(out, text))
		return;
	if (equals != NULL)
		*colon = *equals = 0;
	v = variable_find(text, strlen(text));
	value = v != NULL ? v->value : getenv(text);
	expanded = expand(value != NULL ? value : "", context);
	if (equals != NULL)
		put_replaced(out, expanded, colon + 1, equals + 1);
	else
		fputs(expanded, out);
	free(expanded);
}

/* The length of a reference that begins with a bracket, with both brackets; 0: it does not end. */
static size_t
reference_length(const char *text)
{
	int level = 0, open = text[0], close = open == '(' ? ')' : '}';

	for (const char *at = text; *at != 0; at++) {
		level += (*at == open) - (*at == close);
		if (level == 0)
			return (size_t)(at - text) + 1;
	}
	return 0;
}

static void
put_automatic(FILE *out, int which, const struct context *context)
{
	if (context == NULL)
		return;
	if (which == '@')
		fputs(context->target, out);
	else if (which == '*')
		fputs(context->stem, out);
	else if (which == '^')
		words_print(out, context->sources);
	else if (context->sources->count > 0)
		fputs(context->sources->word[0], out);
}

static void
expand_to(FILE *out, const char *text, const struct context *context)
{
	for (; *text != 0; text++) {
		size_t length;

		if (*text != '$' || text[1] == 0) {
			putc(*text, out);
			continue;
		}
		text++;
		if (*text == '$') {
			putc('$', out);
		} else if (strchr("@<^*", *text) != NULL) {
			put_automatic(out, *text, context);
		} else if ((*text == '(' || *text == '{') && (length = reference_length(text)) > 0) {
			char *raw = copy(text + 1, length - 2), *inner = expand(raw, context);

			put_reference(out, inner, context);
			free(raw);
			free(inner);
			text += length - 1;
		} else {
			char name[2] = { *text, 0 };

			put_reference(out, name, context);
		}
	}
}

/* --- reading --- */

static void
rule_add(const char *head, const char *colon)
{
	struct rule *rule = need(calloc(1, sizeof(*rule)));
	char *left = copy(head, (size_t)(colon - head)), *expanded = expand(left, NULL);

	words_split(&rule->targets, expanded);
	free(left);
	free(expanded);
	expanded = expand(colon + 1, NULL);
	words_split(&rule->sources, expanded);
	free(expanded);
	rule->pattern = rule->targets.count > 0 && strchr(rule->targets.word[0], '%') != NULL;
	*rules_end = rule;
	rules_end = &rule->next;
}

/* A line NAME = value. Returns false: it is none. */
static bool
take_assignment(const char *line, bool fixed)
{
	size_t length = strcspn(line, " \t=+?:");
	const char *at = line + length + strspn(line + length, " \t");
	int how = *at;

	if (length == 0 || (how != '=' && ((how != '+' && how != '?' && how != ':') || at[1] != '=')))
		return false;
	at += how == '=' ? 1 : 2;
	at += strspn(at, " \t");
	if (how == ':') {
		char *now = expand(at, NULL);

		variable_set(line, length, now, '=', fixed);
		free(now);
	} else {
		variable_set(line, length, at, how, fixed);
	}
	return true;
}

static bool read_rules(const char *path);

/* Returns false: it means nothing. */
static bool
take_line(char *line, struct rule **last)
{
	char *comment = line, *colon;

	if (line[0] == '\t' && *last != NULL) {
		words_add(&(*last)->commands, copy(line + 1, strlen(line + 1)));
		return true;
	}
	while ((comment = strchr(comment, '#')) != NULL && comment > line && comment[-1] == '\\')
		comment++;
	if (comment != NULL)
		*comment = 0;
	for (size_t n = strlen(line); n > 0 && isspace((unsigned char)line[n - 1]);)
		line[--n] = 0;
	if (line[0] == 0)
		return true;
	*last = NULL;
	if (strncmp(line, "include ", 8) == 0) {
		char *path = expand(line + 8, NULL);
		bool good = read_rules(path);

		free(path);
		return good;
	}
	if (take_assignment(line, false))
		return true;
	colon = strchr(line, ':');
	if (colon == NULL || colon == line)
		return false;
	rule_add(line, colon);
	for (*last = rules; (*last)->next != NULL;)
		*last = (*last)->next;
	return true;
}

static bool
read_rules(const char *path)
{
	FILE *file = fopen(path, "r");
	struct rule *last = NULL;
	char *line = NULL, *joined = NULL;
	size_t room = 0, used = 0;
	long number = 0, first = 0;
	ssize_t length;
	bool good = true;

	if (file == NULL || ++depth > DEPTH_MAX) {
		fprintf(stderr, "%s: %s: %s\n", program, path, file == NULL ? strerror(errno) : "includes itself");
		return false;
	}
	while (good && (length = getline(&line, &room, file)) > 0) {
		bool more;

		number++;
		if (used == 0)
			first = number;
		if (line[length - 1] == '\n')
			line[--length] = 0;
		more = length > 0 && line[length - 1] == '\\';
		joined = need(realloc(joined, used + (size_t)length + 2));
		memcpy(joined + used, line, (size_t)length + 1);
		used += (size_t)length;
		if (more) {
			joined[used - 1] = ' ';
			continue;
		}
		good = take_line(joined, &last);
		if (!good)
			fprintf(stderr, "%s:%ld: not understood: %s\n", path, first, joined);
		used = 0;
	}
	depth--;
	free(line);
	free(joined);
	fclose(file);
	return good;
}

/* --- making --- */

/* The length of what % stands for if the name has the pattern's form; -1: it has not. */
static long
stem_of(const char *pattern, const char *name, const char **stem)
{
	const char *percent = strchr(pattern, '%');
	size_t before, behind, length = strlen(name);

	if (percent == NULL)
		return -1;
	before = (size_t)(percent - pattern);
	behind = strlen(percent + 1);
	if (length <= before + behind || strncmp(pattern, name, before) != 0 || strcmp(percent + 1, name + length - behind) != 0)
		return -1;
	*stem = name + before;
	return (long)(length - before - behind);
}

static bool
has_word(const struct words *words, const char *name)
{
	for (size_t i = 0; i < words->count; i++)
		if (strcmp(words->word[i], name) == 0)
			return true;
	return false;
}

static struct target *
target_get(const char *name)
{
	struct target *t = targets;

	while (t != NULL && strcmp(t->name, name) != 0)
		t = t->next;
	if (t != NULL)
		return t;
	t = need(calloc(1, sizeof(*t)));
	t->name = copy(name, strlen(name));
	t->next = targets;
	targets = t;
	return t;
}

/* A recipe: the commands, what they depend on, and what % stood for. */
struct recipe {
	const struct rule *rule;	/* with commands; NULL: there are none */
	struct words sources;
	char *stem;
	bool known;			/* some rule names it */
};

static void
take_pattern(struct recipe *recipe, const struct rule *rule, const char *stem, size_t length)
{
	recipe->rule = rule;
	recipe->known = true;
	recipe->stem = copy(stem, length);
	for (size_t i = 0; i < rule->sources.count; i++) {
		const char *source = rule->sources.word[i], *percent = strchr(source, '%');
		char *name = need(malloc(strlen(source) + length + 1));

		if (percent == NULL)
			strcpy(name, source);
		else
			sprintf(name, "%.*s%.*s%s", (int)(percent - source), source, (int)length, stem, percent + 1);
		words_add(&recipe->sources, name);
	}
}

static struct recipe
recipe_of(const char *name)
{
	struct recipe recipe = { 0 };
	const char *stem;

	for (const struct rule *rule = rules; rule != NULL; rule = rule->next) {
		if (rule->pattern || !has_word(&rule->targets, name))
			continue;
		recipe.known = true;
		if (rule->commands.count > 0)
			recipe.rule = rule;
		for (size_t i = 0; i < rule->sources.count; i++)
			words_add(&recipe.sources, copy(rule->sources.word[i], strlen(rule->sources.word[i])));
	}
	for (const struct rule *rule = rules; rule != NULL && recipe.rule == NULL; rule = rule->next) {
		long length = rule->pattern ? stem_of(rule->targets.word[0], name, &stem) : -1;

		if (length >= 0)
			take_pattern(&recipe, rule, stem, (size_t)length);
	}
	if (recipe.stem == NULL)
		recipe.stem = copy("", 0);
	return recipe;
}

static bool
exists(const char *name)
{
	struct stat status;

	return stat(name, &status) == 0;
}

static bool
is_newer(const char *a, const char *b)
{
	struct stat left, right;

	if (stat(a, &left) != 0 || stat(b, &right) != 0)
		return false;
	return left.st_mtim.tv_sec != right.st_mtim.tv_sec ? left.st_mtim.tv_sec > right.st_mtim.tv_sec
		: left.st_mtim.tv_nsec > right.st_mtim.tv_nsec;
}

static bool
run_command(const char *raw, const struct context *context)
{
	char *line = expand(raw, context), *at = line;
	bool quiet = silent, may_fail = false, good = true;
	int status;

	for (; *at == '@' || *at == '-' || *at == ' '; at++) {
		quiet = quiet || *at == '@';
		may_fail = may_fail || *at == '-';
	}
	if (!quiet || show_only)
		printf("%s\n", at);
	fflush(stdout);
	if (!show_only && *at != 0) {
		status = system(at);
		good = status == 0;
		if (!good && WIFSIGNALED(status))
			fprintf(stderr, "%s: %s: signal %d%s\n", program, context->target, WTERMSIG(status), may_fail ? " (ignored)" : "");
		else if (!good)
			fprintf(stderr, "%s: %s: status %d%s\n", program, context->target, WEXITSTATUS(status), may_fail ? " (ignored)" : "");
	}
	free(line);
	return good || may_fail;
}

static bool make(const char *name, const char *for_whom);

/* Returns false: it could not be made. *changed: it was, or was missing. */
static bool
bring_up(const char *name, const char *for_whom, bool *changed)
{
	struct recipe recipe = recipe_of(name);
	struct context context = { name, recipe.stem, &recipe.sources };
	bool good = true, needed = !exists(name);

	if (!recipe.known && needed) {
		fprintf(stderr, "%s: no rule for %s%s%s\n", program, name, for_whom != NULL ? ", which is needed for " : "",
		    for_whom != NULL ? for_whom : "");
		good = false;
	}
	for (size_t i = 0; i < recipe.sources.count && (good || keep_going); i++) {
		const char *source = recipe.sources.word[i];

		good = make(source, name) && good;
		needed = needed || target_get(source)->changed || is_newer(source, name);
	}
	if (good && needed && recipe.rule != NULL)
		for (size_t i = 0; i < recipe.rule->commands.count && good; i++)
			good = run_command(recipe.rule->commands.word[i], &context);
	*changed = needed && recipe.known;
	words_free(&recipe.sources);
	free(recipe.stem);
	return good;
}

static bool
make(const char *name, const char *for_whom)
{
	struct target *target = target_get(name);

	if (target->state == BUSY) {
		fprintf(stderr, "%s: %s depends on itself\n", program, name);
		return false;
	}
	if (target->state == NEW) {
		target->state = BUSY;
		target->state = bring_up(name, for_whom, &target->changed) ? DONE : FAILED;
	}
	return target->state == DONE;
}

static void
print_all(void)
{
	for (const struct variable *v = variables; v != NULL; v = v->next)
		printf("%s = %s\n", v->name, v->value);
	for (const struct rule *rule = rules; rule != NULL; rule = rule->next) {
		words_print(stdout, &rule->targets);
		printf(": ");
		words_print(stdout, &rule->sources);
		putchar('\n');
		for (size_t i = 0; i < rule->commands.count; i++)
			printf("\t%s\n", rule->commands.word[i]);
	}
}

/* The first target that is no pattern, for a call without targets. */
static const char *
first_target(void)
{
	for (const struct rule *rule = rules; rule != NULL; rule = rule->next)
		if (!rule->pattern && rule->targets.count > 0 && rule->targets.word[0][0] != '.')
			return rule->targets.word[0];
	return NULL;
}

int
main(int argc, char **argv)
{
	const char *path = "mkfile", *first;
	bool print = false, good = true, named = false;
	int option;

	program = argv[0];
	while ((option = getopt(argc, argv, "f:nksp")) != -1)
		switch (option) {
		case 'f': path = optarg; break;
		case 'n': show_only = true; break;
		case 'k': keep_going = true; break;
		case 's': silent = true; break;
		case 'p': print = true; break;
		default:
			fprintf(stderr, "usage: %s [-f file] [-n] [-k] [-s] [-p] [name=value ...] [target ...]\n", program);
			return 2;
		}
	for (int i = optind; i < argc; i++)
		if (strchr(argv[i], '=') != NULL)
			take_assignment(argv[i], true);
	if (!read_rules(path))
		return 2;
	if (print) {
		print_all();
		return 0;
	}
	for (int i = optind; i < argc && (good || keep_going); i++)
		if (strchr(argv[i], '=') == NULL) {
			named = true;
			good = make(argv[i], NULL) && good;
			if (good && !target_get(argv[i])->changed)
				printf("%s is up to date\n", argv[i]);
		}
	first = first_target();
	if (!named && first == NULL) {
		fprintf(stderr, "%s: %s: nothing to make\n", program, path);
		return 2;
	}
	if (!named) {
		good = make(first, NULL);
		if (good && !target_get(first)->changed)
			printf("%s is up to date\n", first);
	}
	return good ? 0 : 1;
}
