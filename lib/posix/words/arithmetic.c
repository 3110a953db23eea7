/*
 * Arithmetic expansion (POSIX.1-2017 XCU 2.6.4): the operators of C on long, but for assignments; numbers in base 8, 10 and 16, names of variables.
 * Overflow wraps.
 */
#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "words.h"

#define NESTED_MAX	200		/* parentheses, and variables whose values are expressions */
#define NAME_MAX_	64

struct expression {
	const char *at;
	unsigned nested;
	unsigned skipped;		/* above 0: in what is read but not evaluated, as C does it with ?: && || */
	bool wrong;
};

static long conditional(struct expression *e);

static const char *
skip(struct expression *e)
{
	while (isspace((unsigned char)*e->at))
		e->at++;
	return e->at;
}

static long
wrong(struct expression *e)
{
	e->wrong = true;
	return 0;
}

/* A name: its value is an expression itself, nothing counts as 0. */
static long
variable(struct expression *e)
{
	struct expression value = { .nested = e->nested + 1, .skipped = e->skipped };
	char name[NAME_MAX_];
	size_t length = 0;
	long result;

	while (isalnum((unsigned char)e->at[length]) || e->at[length] == '_')
		length++;
	if (length >= sizeof(name) || value.nested > NESTED_MAX)
		return wrong(e);
	memcpy(name, e->at, length);
	name[length] = 0;
	e->at += length;
	value.at = getenv(name);
	if (value.at == NULL || *skip(&value) == 0)
		return 0;
	result = conditional(&value);
	return value.wrong || *skip(&value) != 0 ? wrong(e) : result;
}

static long
primary(struct expression *e)
{
	const char *at = skip(e);
	char *end;
	long value;

	if (*at == '(') {
		if (++e->nested > NESTED_MAX)
			return wrong(e);
		e->at++;
		value = conditional(e);
		e->nested--;
		if (*skip(e) != ')')
			return wrong(e);
		e->at++;
		return value;
	}
	if (isdigit((unsigned char)*at)) {
		value = (long)strtoul(at, &end, 0);
		e->at = end;
		return isalnum((unsigned char)*end) || *end == '_' ? wrong(e) : value;
	}
	return isalpha((unsigned char)*at) || *at == '_' ? variable(e) : wrong(e);
}

static long
unary(struct expression *e)
{
	char operator = *skip(e);
	long value;

	if (operator == 0 || strchr("+-~!", operator) == NULL)
		return primary(e);
	if (++e->nested > NESTED_MAX)
		return wrong(e);
	e->at++;
	value = unary(e);
	e->nested--;
	switch (operator) {
	case '-': return (long)-(unsigned long)value;
	case '~': return ~value;
	case '!': return !value;
	default: return value;
	}
}

/* The longer ones first; those of one level bind alike, higher ones more tightly. */
static const struct operator {
	char text[3];
	int level;
} operators[] = {
	{ "||", 1 }, { "&&", 2 }, { "==", 6 }, { "!=", 6 }, { "<=", 7 }, { ">=", 7 }, { "<<", 8 }, { ">>", 8 },
	{ "|", 3 }, { "^", 4 }, { "&", 5 }, { "<", 7 }, { ">", 7 }, { "+", 9 }, { "-", 9 }, { "*", 10 }, { "/", 10 }, { "%", 10 },
};

static const struct operator *
operator_at(struct expression *e)
{
	const char *at = skip(e);

	for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++)
		if (strncmp(at, operators[i].text, strlen(operators[i].text)) == 0)
			return &operators[i];
	return NULL;
}

static long
divide(struct expression *e, char operator, long a, long b)
{
	if (b == 0)
		return e->skipped > 0 ? 0 : wrong(e);
	if (b == -1)
		return operator == '/' ? (long)-(unsigned long)a : 0;
	return operator == '/' ? a / b : a % b;
}

static long
apply(struct expression *e, const char *operator, long a, long b)
{
	unsigned long x = (unsigned long)a, y = (unsigned long)b;

	switch (operator[0]) {
	case '+': return (long)(x + y);
	case '-': return (long)(x - y);
	case '*': return (long)(x * y);
	case '/':
	case '%': return divide(e, operator[0], a, b);
	case '=': return a == b;
	case '!': return a != b;
	case '^': return a ^ b;
	case '|': return operator[1] != 0 ? a || b : (a | b);
	case '&': return operator[1] != 0 ? a && b : (a & b);
	case '<': return operator[1] == '<' ? (long)(x << (y & 63)) : operator[1] == '=' ? a <= b : a < b;
	default: return operator[1] == '>' ? a >> (y & 63) : operator[1] == '=' ? a >= b : a > b;
	}
}

/* Whether the left side of || or && says all. */
static bool
decides(const struct operator *o, long left)
{
	return strcmp(o->text, "||") == 0 ? left != 0 : strcmp(o->text, "&&") == 0 && left == 0;
}

static long
binary(struct expression *e, int level)
{
	long value = unary(e), right;
	const struct operator *o;

	while (!e->wrong && (o = operator_at(e)) != NULL && o->level >= level) {
		bool skip_right = decides(o, value);

		e->at += strlen(o->text);
		e->skipped += skip_right;
		right = binary(e, o->level + 1);
		e->skipped -= skip_right;
		value = apply(e, o->text, value, right);
	}
	return value;
}

static long
conditional(struct expression *e)
{
	long value = binary(e, 1), yes, no;

	if (e->wrong || *skip(e) != '?')
		return value;
	if (++e->nested > NESTED_MAX)
		return wrong(e);
	e->at++;
	e->skipped += value == 0;
	yes = conditional(e);
	e->skipped -= value == 0;
	if (*skip(e) != ':')
		return wrong(e);
	e->at++;
	e->skipped += value != 0;
	no = conditional(e);
	e->skipped -= value != 0;
	e->nested--;
	return value ? yes : no;
}

bool
__words_arithmetic(const char *expression, long *value)
{
	struct expression e = { .at = expression };

	*value = 0;
	if (*skip(&e) == 0)
		return true;
	*value = conditional(&e);
	return !e.wrong && *skip(&e) == 0;
}
