/*
 * calc: a calculator of arbitrary precision in the manner of bc.
 *
 *	calc [-l] [-s SCALE] [FILE...]
 *
 * Numbers of any length with `scale` digits behind the point, + - * / % ^, comparisons, variables, arrays, functions with
 * parameters and auto variables, if/else, while, for, print, sqrt, length, scale, ibase and obase. Errors are told and the next line is read.
 */
#include <ctype.h>
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- numbers: sign and decimal digits, the least significant first --- */

typedef struct {
	int references;
	int sign;			/* -1 or 1 */
	size_t length, scale;		/* digits; of them behind the point */
	uint8_t digits[];
} number;

static sigjmp_buf top;
static long line = 1;
static const char *source_name = "(standard_in)";
static size_t live;			/* numbers that exist */

static void
fail(const char *format, ...)
{
	va_list arguments;

	fflush(stdout);
	fprintf(stderr, "%s %ld: ", source_name, line);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	siglongjmp(top, 1);
}

static number *
make(size_t length, size_t scale)
{
	number *n = calloc(1, sizeof(*n) + length + 1);

	if (n == NULL)
		fail("out of memory");
	n->references = n->sign = 1;
	n->length = length;
	n->scale = scale;
	live++;
	return n;
}

static number *
hold(number *n)
{
	n->references++;
	return n;
}

static void
drop(number *n)
{
	if (n != NULL && --n->references == 0) {
		live--;
		free(n);
	}
}

/* Takes leading zeros off. */
static number *
trim(number *n)
{
	while (n->length > n->scale && n->digits[n->length - 1] == 0)
		n->length--;
	return n;
}

static bool
is_zero(const number *n)
{
	for (size_t i = 0; i < n->length; i++)
		if (n->digits[i] != 0)
			return false;
	return true;
}

static number *
from_long(long value)
{
	char text[32];
	size_t length = (size_t)snprintf(text, sizeof(text), "%ld", labs(value));
	number *n = make(length, 0);

	for (size_t i = 0; i < length; i++)
		n->digits[i] = (uint8_t)(text[length - 1 - i] - '0');
	n->sign = value < 0 ? -1 : 1;
	return trim(n);
}

static long
to_long(const number *n)
{
	long value = 0;

	for (size_t i = n->length; i-- > n->scale;) {
		if (value > (INT64_MAX - 9) / 10)
			fail("number too large");
		value = value * 10 + n->digits[i];
	}
	return n->sign * value;
}

/* The digit of 10^place, counted from the point. */
static int
digit(const number *n, long place)
{
	long i = place + (long)n->scale;

	return i < 0 || i >= (long)n->length ? 0 : n->digits[i];
}

static size_t
max(size_t a, size_t b)
{
	return a > b ? a : b;
}

static size_t
min(size_t a, size_t b)
{
	return a < b ? a : b;
}

static int
compare_size(const number *a, const number *b)
{
	long high = (long)max(a->length - a->scale, b->length - b->scale), low = -(long)max(a->scale, b->scale);

	for (long i = high; i >= low; i--)
		if (digit(a, i) != digit(b, i))
			return digit(a, i) < digit(b, i) ? -1 : 1;
	return 0;
}

static int
compare(const number *a, const number *b)
{
	if (is_zero(a) && is_zero(b))
		return 0;
	if (a->sign != b->sign)
		return a->sign;
	return a->sign * compare_size(a, b);
}

static number *
add_sizes(const number *a, const number *b, bool subtract)
{
	size_t scale = max(a->scale, b->scale), whole = max(a->length - a->scale, b->length - b->scale) + 1;
	number *n = make(whole + scale, scale);
	int carry = 0;

	for (size_t i = 0; i < n->length; i++) {
		long place = (long)i - (long)scale;
		int sum = subtract ? digit(a, place) - digit(b, place) - carry : digit(a, place) + digit(b, place) + carry;

		carry = subtract ? sum < 0 : sum > 9;
		n->digits[i] = (uint8_t)(subtract ? sum + 10 * carry : sum - 10 * carry);
	}
	return trim(n);
}

static number *
add(const number *a, const number *b, int b_sign)
{
	number *n;

	if (a->sign == b_sign) {
		n = add_sizes(a, b, false);
		n->sign = a->sign;
	} else if (compare_size(a, b) >= 0) {
		n = add_sizes(a, b, true);
		n->sign = a->sign;
	} else {
		n = add_sizes(b, a, true);
		n->sign = b_sign;
	}
	if (is_zero(n))
		n->sign = 1;
	return n;
}

/* With another number of digits behind the point. */
static number *
rescale(const number *a, size_t scale)
{
	number *n = make(a->length - a->scale + scale, scale);

	for (size_t i = 0; i < n->length; i++)
		n->digits[i] = (uint8_t)digit(a, (long)i - (long)scale);
	n->sign = a->sign;
	if (is_zero(n))
		n->sign = 1;
	return n;
}

static number *
multiply_all(const number *a, const number *b)
{
	number *n = make(a->length + b->length + 1, a->scale + b->scale);
	uint64_t *sums = calloc(n->length + 1, sizeof(*sums)), carry = 0;

	if (sums == NULL)
		fail("out of memory");
	for (size_t i = 0; i < a->length; i++)
		for (size_t k = 0; k < b->length; k++)
			sums[i + k] += (uint64_t)a->digits[i] * b->digits[k];
	for (size_t i = 0; i < n->length; i++) {
		carry += sums[i];
		n->digits[i] = (uint8_t)(carry % 10);
		carry /= 10;
	}
	free(sums);
	n->sign = is_zero(n) ? 1 : a->sign * b->sign;
	return trim(n);
}

static number *
multiply(const number *a, const number *b, size_t scale)
{
	number *whole = multiply_all(a, b), *n;
	size_t want = min(a->scale + b->scale, max(scale, max(a->scale, b->scale)));

	n = rescale(whole, want);
	drop(whole);
	return n;
}

/* School division: one digit after the other, the remainder as an array that slides. */
static number *
divide(const number *a, const number *b, size_t scale)
{
	size_t digits = a->length - a->scale + b->scale + scale, size = b->length + 1;
	number *n;
	int *rest;

	if (is_zero(b))
		fail("Runtime error: Divide by zero");
	n = make(digits + 1, scale);
	rest = calloc(size + 1, sizeof(*rest));
	if (rest == NULL)
		fail("out of memory");
	for (size_t i = digits; i-- > 0;) {
		int count = 0;

		memmove(rest + 1, rest, size * sizeof(*rest));
		rest[0] = digit(a, (long)i - (long)scale - (long)b->scale);
		for (;;) {
			long k;

			for (k = (long)size; k >= 0; k--) {
				int other = k < (long)b->length ? b->digits[k] : 0;

				if (rest[k] != other) {
					k = rest[k] < other ? -2 : -3;
					break;
				}
			}
			if (k == -2)
				break;
			for (size_t m = 0, borrow = 0; m <= size; m++) {
				int left = rest[m] - (m < b->length ? b->digits[m] : 0) - (int)borrow;

				borrow = left < 0;
				rest[m] = left + 10 * (int)borrow;
			}
			count++;
		}
		n->digits[i] = (uint8_t)count;
	}
	free(rest);
	n->sign = is_zero(n) ? 1 : a->sign * b->sign;
	return trim(n);
}

static number *
modulo(const number *a, const number *b, size_t scale)
{
	number *quotient = divide(a, b, scale), *product = multiply_all(quotient, b);
	number *n = add(a, product, -product->sign), *fit;

	drop(quotient);
	drop(product);
	fit = rescale(n, max(scale + b->scale, a->scale));
	drop(n);
	return fit;
}

static number *
power(const number *a, long exponent, size_t scale)
{
	bool inverse = exponent < 0;
	number *n = from_long(1), *base = rescale(a, a->scale), *next;
	size_t want = inverse ? scale : min(a->scale * (size_t)labs(exponent), max(scale, a->scale));

	for (unsigned long e = (unsigned long)labs(exponent); e > 0; e >>= 1) {
		if (e & 1) {
			next = multiply_all(n, base);
			drop(n);
			n = next;
		}
		if (e > 1) {
			next = multiply_all(base, base);
			drop(base);
			base = next;
		}
	}
	drop(base);
	if (inverse) {
		number *one = from_long(1);

		next = divide(one, n, want);
		drop(one);
	} else {
		next = rescale(n, want);
	}
	drop(n);
	return next;
}

static number *
square_root(const number *a, size_t scale)
{
	size_t want = max(scale, a->scale), work = want + 2;
	number *x, *two = from_long(2), *end;

	if (a->sign < 0 && !is_zero(a))
		fail("Runtime error: Square root of a negative number");
	if (is_zero(a)) {
		drop(two);
		return rescale(a, want);
	}
	x = make((a->length - a->scale) / 2 + 2 + work, work);
	x->digits[x->length - 1] = 1;
	for (;;) {
		number *quotient = divide(a, x, work), *sum = add(x, quotient, quotient->sign), *next = divide(sum, two, work);
		int order = compare(next, x);

		drop(quotient);
		drop(sum);
		if (order >= 0) {
			drop(next);
			break;
		}
		drop(x);
		x = next;
	}
	drop(two);
	end = rescale(x, want);
	drop(x);
	return end;
}

/* --- output --- */

static size_t column;

static void
put(char c)
{
	if (column == 69) {
		fputs("\\\n", stdout);
		column = 0;
	}
	putchar(c);
	column++;
}

static void
print_decimal(const number *n)
{
	if (n->sign < 0)
		put('-');
	if (n->length == n->scale && n->scale == 0)
		put('0');
	for (size_t i = n->length; i-- > 0;) {
		if (i + 1 == n->scale)
			put('.');
		put((char)('0' + n->digits[i]));
	}
}

static void
print_digit(long value, long base)
{
	if (base <= 16) {
		put("0123456789ABCDEF"[value]);
	} else {
		char text[24];

		put(' ');
		snprintf(text, sizeof(text), "%0*ld", base <= 100 ? 2 : base <= 1000 ? 3 : 4, value);
		for (char *p = text; *p != 0; p++)
			put(*p);
	}
}

static void
print_based(const number *n, long base)
{
	number *whole = rescale(n, 0), *b = from_long(base), *next, *rest;
	long digits[4096];
	size_t count = 0;

	if (n->sign < 0)
		put('-');
	whole->sign = 1;
	while (!is_zero(whole) && count < sizeof(digits) / sizeof(digits[0])) {
		rest = modulo(whole, b, 0);
		digits[count++] = to_long(rest);
		drop(rest);
		next = divide(whole, b, 0);
		drop(whole);
		whole = next;
	}
	if (count == 0)
		print_digit(0, base);
	while (count > 0)
		print_digit(digits[--count], base);
	drop(whole);
	drop(b);
}

/* --- the text --- */

enum token {
	END = 256, NUMBER, NAME, STRING, LESS_EQUAL, GREATER_EQUAL, EQUAL, NOT_EQUAL, AND, OR, INCREMENT, DECREMENT, ASSIGN_OP,
	DEFINE, AUTO, RETURN, IF, ELSE, WHILE, FOR, BREAK, QUIT, PRINT, SQRT, LENGTH, SCALE, IBASE, OBASE, LAST
};

static const struct { const char *word; int token; } words[] = {
	{ "define", DEFINE }, { "auto", AUTO }, { "return", RETURN }, { "if", IF }, { "else", ELSE }, { "while", WHILE }, { "for", FOR },
	{ "break", BREAK }, { "quit", QUIT }, { "print", PRINT }, { "sqrt", SQRT }, { "length", LENGTH }, { "scale", SCALE },
	{ "ibase", IBASE }, { "obase", OBASE }, { "last", LAST },
};

static char *text;
static size_t text_length;
static const char *at, *token_begin;
static int token, assign_with;
static char word[64];
static char *string_value;
static number *number_value;
static number *scale_value, *last_value;
static long ibase = 10, obase = 10;

static size_t
current_scale(void)
{
	return (size_t)to_long(scale_value);
}

static void
read_number_token(void)
{
	const char *begin = at;
	size_t digits = 0, behind = 0;
	bool point = false;
	number *n;

	for (; isdigit((unsigned char)*at) || (*at >= 'A' && *at <= 'F') || (*at == '.' && !point); at++) {
		if (*at == '.')
			point = true;
		else {
			digits++;
			behind += point;
		}
	}
	n = make(digits, behind);
	for (const char *p = at; p-- > begin;)
		if (*p != '.') {
			int value = isdigit((unsigned char)*p) ? *p - '0' : *p - 'A' + 10;

			n->digits[n->length - digits--] = (uint8_t)(value > 9 ? 9 : value);
		}
	if (ibase != 10) {
		number *total = from_long(0), *base = from_long(ibase);

		for (const char *p = begin; p < at && *p != '.'; p++) {
			number *product = multiply_all(total, base), *one = from_long(isdigit((unsigned char)*p) ? *p - '0' : *p - 'A' + 10);

			drop(total);
			total = add(product, one, 1);
			drop(product);
			drop(one);
		}
		drop(base);
		drop(n);
		n = total;
	}
	drop(number_value);
	number_value = trim(n);
	token = NUMBER;
}

static void
read_name(void)
{
	size_t length = 0;

	while (islower((unsigned char)*at) || isdigit((unsigned char)*at) || *at == '_') {
		if (length + 1 < sizeof(word))
			word[length++] = *at;
		at++;
	}
	word[length] = 0;
	token = NAME;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i].word, word) == 0)
			token = words[i].token;
}

static void
read_string(void)
{
	const char *end = strchr(at, '"');

	if (end == NULL)
		fail("syntax error: missing \"");
	free(string_value);
	string_value = strndup(at, (size_t)(end - at));
	for (; at < end; at++)
		line += *at == '\n';
	at = end + 1;
	token = STRING;
}

static void
next(void)
{
	static const struct { char text[3]; int token; } pairs[] = {
		{ "<=", LESS_EQUAL }, { ">=", GREATER_EQUAL }, { "==", EQUAL }, { "!=", NOT_EQUAL }, { "&&", AND }, { "||", OR },
		{ "++", INCREMENT }, { "--", DECREMENT },
	};

	for (;;) {
		while (*at == ' ' || *at == '\t' || (*at == '\\' && at[1] == '\n')) {
			line += *at == '\\';
			at += *at == '\\' ? 2 : 1;
		}
		if (at[0] == '/' && at[1] == '*') {
			for (at += 2; *at != 0 && !(at[0] == '*' && at[1] == '/'); at++)
				line += *at == '\n';
			at += *at != 0 ? 2 : 0;
			continue;
		}
		if (*at == '#')
			while (*at != 0 && *at != '\n')
				at++;
		break;
	}
	token_begin = at;
	if (*at == 0) {
		token = END;
		return;
	}
	if (isdigit((unsigned char)*at) || (*at >= 'A' && *at <= 'F') || (*at == '.' && isdigit((unsigned char)at[1]))) {
		read_number_token();
		return;
	}
	if (islower((unsigned char)*at)) {
		read_name();
		return;
	}
	if (*at == '"') {
		at++;
		read_string();
		return;
	}
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		if (at[0] == pairs[i].text[0] && at[1] == pairs[i].text[1]) {
			token = pairs[i].token;
			at += 2;
			return;
		}
	if (strchr("+-*/%^", *at) != NULL && at[1] == '=') {
		token = ASSIGN_OP;
		assign_with = *at;
		at += 2;
		return;
	}
	if (*at == '\n')
		line++;
	token = (unsigned char)*at++;
}

static void
expect(int wanted)
{
	if (token != wanted)
		fail("syntax error: `%c' expected", wanted);
	next();
}

/* --- variables and functions --- */

struct variable {
	struct variable *next;
	char name[64];
	long index;			/* -1: no element of an array */
	number *value;
};

struct function {
	struct function *next;
	char name[64];
	char parameters[8][64], autos[8][64];
	int parameter_count, auto_count;
	char *body;
	long line;
};

static struct variable *buckets[64];
static struct function *functions;
static number *return_value;
static enum { RUN, BREAKING, RETURNING, QUITTING } state;
static int depth, loop_depth;

static number **
variable(const char *name, long index)
{
	unsigned hash = (unsigned)index;
	struct variable *v;

	for (const char *p = name; *p != 0; p++)
		hash = hash * 31 + (unsigned char)*p;
	for (v = buckets[hash % 64]; v != NULL; v = v->next)
		if (v->index == index && strcmp(v->name, name) == 0)
			return &v->value;
	v = calloc(1, sizeof(*v));
	if (v == NULL)
		fail("out of memory");
	strcpy(v->name, name);
	v->index = index;
	v->value = from_long(0);
	v->next = buckets[hash % 64];
	buckets[hash % 64] = v;
	return &v->value;
}

static void
store(number **to, number *value)
{
	number *old = *to;

	*to = value;
	drop(old);
}

static number *expression(void);
static void statement(bool run);

/* Every statement is parsed as it runs; what does not run is parsed for its end only. */
static number *
call(const char *name)
{
	struct function *f;
	number *arguments[8], *saved[16], *result;
	int count = 0;
	const char *return_at;
	long return_line;
	char here[64];

	strcpy(here, name);
	next();
	while (token != ')') {
		if (count == 8)
			fail("too many arguments");
		arguments[count++] = expression();
		if (token == ',')
			next();
		else if (token != ')')
			fail("syntax error in a call of %s", here);
	}
	for (f = functions; f != NULL && strcmp(f->name, here) != 0; f = f->next)
		;
	if (f == NULL)
		fail("Runtime error: Function %s not defined", here);
	if (count != f->parameter_count)
		fail("Runtime error: Parameter number mismatch");
	if (++depth > 500)
		fail("Runtime error: recursion too deep");
	for (int i = 0; i < count; i++) {
		saved[i] = hold(*variable(f->parameters[i], -1));
		store(variable(f->parameters[i], -1), arguments[i]);
	}
	for (int i = 0; i < f->auto_count; i++) {
		saved[count + i] = hold(*variable(f->autos[i], -1));
		store(variable(f->autos[i], -1), from_long(0));
	}
	return_at = at;
	return_line = line;
	at = f->body;
	line = f->line;
	next();
	while (token != '}' && state == RUN)
		statement(true);
	result = return_value != NULL ? return_value : from_long(0);
	return_value = NULL;
	if (state == RETURNING)
		state = RUN;
	at = return_at;
	line = return_line;
	for (int i = 0; i < f->auto_count; i++)
		store(variable(f->autos[i], -1), saved[count + i]);
	for (int i = 0; i < count; i++)
		store(variable(f->parameters[i], -1), saved[i]);
	depth--;
	next();
	return result;
}

/* --- expressions --- */

static bool was_assignment;

static number *
apply(int operator, number *a, number *b)
{
	number *n;

	switch (operator) {
	case '+':
		n = add(a, b, b->sign);
		break;
	case '-':
		n = add(a, b, -b->sign);
		break;
	case '*':
		n = multiply(a, b, current_scale());
		break;
	case '/':
		n = divide(a, b, current_scale());
		break;
	case '%':
		n = modulo(a, b, current_scale());
		break;
	default:
		n = power(a, to_long(b), current_scale());
	}
	drop(a);
	drop(b);
	return n;
}

/* The place of a name, which has been read: a variable, an element, or one of the special ones. */
static number **
place(const char *name)
{
	number *index;
	long i;

	if (token != '[')
		return variable(name, -1);
	next();
	index = expression();
	i = to_long(index);
	drop(index);
	expect(']');
	if (i < 0 || i > 65535)
		fail("Runtime error: Array %s subscript out of bounds.", name);
	return variable(name, i);
}

static number *
assign(number **to)
{
	number *value, *old;

	if (token == '=') {
		next();
		value = expression();
		store(to, hold(value));
		was_assignment = true;
		return value;
	}
	if (token == ASSIGN_OP) {
		int operator = assign_with;

		next();
		value = apply(operator, hold(*to), expression());
		store(to, hold(value));
		was_assignment = true;
		return value;
	}
	if (token == INCREMENT || token == DECREMENT) {
		number *one = from_long(1);

		old = hold(*to);
		store(to, apply(token == INCREMENT ? '+' : '-', hold(old), one));
		next();
		was_assignment = true;
		return old;
	}
	was_assignment = false;
	return hold(*to);
}

static number *
base_variable(long *base)
{
	number *copy = from_long(*base), *value;
	long wanted;

	next();
	value = assign(&copy);
	wanted = to_long(copy);
	drop(copy);
	*base = wanted < 2 ? 2 : wanted > 999 ? 999 : wanted;
	return value;
}

static number *
built_in(int which)
{
	number *argument, *result;

	next();
	if (which == SCALE && token != '(')
		return assign(&scale_value);
	expect('(');
	argument = expression();
	expect(')');
	was_assignment = false;
	if (which == SQRT)
		result = square_root(argument, current_scale());
	else if (which == LENGTH)
		result = from_long(argument->length == 0 ? 1 : (long)argument->length);
	else
		result = from_long((long)argument->scale);
	drop(argument);
	return result;
}

static number *
primary(void)
{
	char name[64];
	number *n;
	int kind = token;

	switch (kind) {
	case NUMBER:
		n = hold(number_value);
		next();
		was_assignment = false;
		return n;
	case '(':
		next();
		n = expression();
		expect(')');
		was_assignment = false;
		return n;
	case '-':
		next();
		n = primary();
		was_assignment = false;
		return apply('-', from_long(0), n);
	case NAME:
		strcpy(name, word);
		next();
		if (token == '(') {
			n = call(name);
			was_assignment = false;
			return n;
		}
		return assign(place(name));
	case INCREMENT:
	case DECREMENT:
		next();
		if (token != NAME)
			fail("syntax error: a variable is missing");
		strcpy(name, word);
		next();
		{
			number **to = place(name);

			store(to, apply(kind == INCREMENT ? '+' : '-', hold(*to), from_long(1)));
			was_assignment = true;
			return hold(*to);
		}
	case SQRT:
	case LENGTH:
	case SCALE:
		return built_in(kind);
	case IBASE:
		return base_variable(&ibase);
	case OBASE:
		return base_variable(&obase);
	case LAST:
		next();
		was_assignment = false;
		return hold(last_value);
	}
	fail(token == END || token == '\n' ? "syntax error" : "syntax error near `%.10s'", token_begin);
	return NULL;
}

static number *
binary(int level)
{
	static const char *const operators[] = { "+-", "*/%", "^" };
	number *left;

	if (level == 3)
		return primary();
	left = binary(level + 1);
	while (token < 256 && token > 0 && strchr(operators[level], token) != NULL) {
		int operator = token;

		next();
		left = apply(operator, left, binary(level == 2 ? level : level + 1));
		was_assignment = false;
	}
	return left;
}

static number *
relation(void)
{
	number *left = binary(0), *right;

	while (token == '<' || token == '>' || (token >= LESS_EQUAL && token <= NOT_EQUAL)) {
		int operator = token, order;

		next();
		right = binary(0);
		order = compare(left, right);
		drop(left);
		drop(right);
		left = from_long(operator == '<' ? order < 0 : operator == '>' ? order > 0 : operator == LESS_EQUAL ? order <= 0 :
		    operator == GREATER_EQUAL ? order >= 0 : operator == EQUAL ? order == 0 : order != 0);
		was_assignment = false;
	}
	return left;
}

static number *
expression(void)
{
	number *left = relation();

	while (token == AND || token == OR) {
		int operator = token;
		number *right;
		bool a = !is_zero(left), b;

		next();
		right = relation();
		b = !is_zero(right);
		drop(left);
		drop(right);
		left = from_long(operator == AND ? a && b : a || b);
		was_assignment = false;
	}
	return left;
}

/* --- statements --- */

static void
print_value(const number *n)
{
	if (obase == 10)
		print_decimal(n);
	else
		print_based(n, obase);
}

/* Passes over one statement. */
static void
skip(void)
{
	int braces = 0, parentheses = 0;

	for (;; next()) {
		if (token == END)
			fail("syntax error: unexpected end");
		parentheses += token == '(' ? 1 : token == ')' ? -1 : 0;
		if (token == '{')
			braces++;
		if (token == '}' && --braces <= 0) {
			next();
			return;
		}
		if (braces == 0 && parentheses == 0 && (token == ';' || token == '\n')) {
			next();
			return;
		}
	}
}

static void
print_items(void)
{
	do {
		next();
		if (token == STRING) {
			for (const char *p = string_value; *p != 0; p++) {
				if (*p == '\\' && p[1] != 0) {
					p++;
					putchar(*p == 'n' ? '\n' : *p == 't' ? '\t' : *p);
				} else {
					putchar(*p);
				}
			}
			next();
		} else {
			number *n = expression();

			column = 0;
			print_value(n);
			drop(n);
		}
	} while (token == ',');
}

static bool
condition(void)
{
	number *n = expression();
	bool holds = !is_zero(n);

	drop(n);
	return holds;
}

static void
newlines(void)
{
	while (token == '\n')
		next();
}

static void
conditional(void)
{
	bool holds;

	next();
	expect('(');
	holds = condition();
	expect(')');
	newlines();
	if (holds)
		statement(true);
	else
		skip();
	if (state != RUN)
		return;
	while (token == '\n' && strncmp(at + strspn(at, " \t\n"), "else", 4) == 0)
		next();
	if (token == ELSE) {
		next();
		newlines();
		if (holds)
			skip();
		else
			statement(true);
	}
}

static void
go_to(const char *where, long where_line)
{
	at = where;
	line = where_line;
	next();
}

static void
loop(bool is_for)
{
	const char *test, *step = NULL, *body;
	long test_line, body_line;

	next();
	if (token != '(')
		fail("syntax error: ( expected");
	if (is_for) {
		next();
		if (token != ';')
			drop(expression());
		if (token != ';')
			fail("syntax error: ; expected");
	}
	test = at;
	test_line = line;
	loop_depth++;
	for (;;) {
		bool holds = true;

		go_to(test, test_line);
		if (!is_for || token != ';')
			holds = condition();
		if (is_for) {
			int nested = 0;

			if (token != ';')
				fail("syntax error: ; expected");
			step = at;
			do {
				next();
				nested += token == '(' ? 1 : token == ')' ? -1 : 0;
			} while (nested >= 0 && token != END);
		}
		if (token != ')')
			fail("syntax error: ) expected");
		body = at;
		body_line = line;
		next();
		newlines();
		if (!holds || state != RUN)
			break;
		statement(true);
		if (state == BREAKING)
			state = RUN;
		else if (state == RUN) {
			if (is_for) {
				go_to(step, body_line);
				if (token != ')')
					drop(expression());
			}
			continue;
		} else
			break;
		go_to(body, body_line);
		newlines();
		break;
	}
	loop_depth--;
	if (state == RUN)
		skip();
}

static void
define(void)
{
	struct function *f = calloc(1, sizeof(*f));
	const char *begin;

	if (f == NULL)
		fail("out of memory");
	next();
	strcpy(f->name, word);
	next();
	expect('(');
	while (token == NAME && f->parameter_count < 8) {
		strcpy(f->parameters[f->parameter_count++], word);
		next();
		if (token == ',')
			next();
	}
	expect(')');
	newlines();
	if (token != '{')
		fail("syntax error: { expected");
	next();
	newlines();
	if (token == AUTO) {
		do {
			next();
			if (f->auto_count < 8)
				strcpy(f->autos[f->auto_count++], word);
			next();
		} while (token == ',');
	}
	begin = token_begin;
	f->line = line;
	for (int braces = 1; braces > 0; next()) {
		if (token == END)
			fail("syntax error: unexpected end");
		braces += token == '{' ? 1 : token == '}' ? -1 : 0;
		if (braces == 0) {
			f->body = strndup(begin, (size_t)(at - begin));
		}
	}
	f->next = functions;
	functions = f;
}

static void
simple(void)
{
	number *n;

	if (token == STRING) {
		fputs(string_value, stdout);
		next();
		return;
	}
	n = expression();
	if (!was_assignment) {
		column = 0;
		print_value(n);
		putchar('\n');
		store(&last_value, hold(n));
	}
	drop(n);
}

static void
statement(bool run)
{
	(void)run;
	switch (token) {
	case ';':
	case '\n':
		next();
		return;
	case '{':
		next();
		while (token != '}' && state == RUN) {
			if (token == END)
				fail("syntax error: unexpected end");
			statement(true);
		}
		if (state == RUN)
			next();
		return;
	case IF:
		conditional();
		return;
	case WHILE:
		loop(false);
		return;
	case FOR:
		loop(true);
		return;
	case DEFINE:
		define();
		return;
	case BREAK:
		if (loop_depth == 0)
			fail("syntax error: break outside of a loop");
		state = BREAKING;
		return;
	case RETURN:
		next();
		if (token != ';' && token != '\n' && token != '}')
			return_value = expression();
		state = RETURNING;
		return;
	case QUIT:
		state = QUITTING;
		return;
	case PRINT:
		print_items();
		break;
	default:
		simple();
	}
	if (token != ';' && token != '\n' && token != '}' && token != END)
		fail("syntax error near `%.10s'", token_begin);
}

static void
run(void)
{
	at = text;
	line = 1;
	if (sigsetjmp(top, 1) != 0) {
		/* Goes on with the next line. */
		depth = loop_depth = 0;
		state = RUN;
		if (at < text || at > text + text_length)
			at = text + text_length;
		while (*at != 0 && *at != '\n')
			at++;
	}
	for (next(); token != END && state == RUN;)
		statement(true);
}

static void
read_file(FILE *f)
{
	char block[1000];
	size_t n;

	text_length = 0;
	while ((n = fread(block, 1, sizeof(block), f)) > 0) {
		text = realloc(text, text_length + n + 1);
		if (text == NULL)
			abort();
		memcpy(text + text_length, block, n);
		text_length += n;
	}
	if (text == NULL)
		text = calloc(1, 1);
	text[text_length] = 0;
}

static void
interrupted(int signal)
{
	(void)signal;
	write(STDOUT_FILENO, "interrupt\n", 10);
	siglongjmp(top, 1);
}

int
main(int argc, char **argv)
{
	int option;

	scale_value = from_long(0);
	last_value = from_long(0);
	signal(SIGINT, interrupted);
	while ((option = getopt(argc, argv, "ls:")) != -1) {
		if (option == 'l')
			store(&scale_value, from_long(20));
		else if (option == 's')
			store(&scale_value, from_long(atol(optarg)));
		else
			return 2;
	}
	for (int i = optind; i < argc && state != QUITTING; i++) {
		FILE *f = fopen(argv[i], "r");

		if (f == NULL) {
			fprintf(stderr, "%s: %s: %s\n", argv[0], argv[i], strerror(errno));
			return 1;
		}
		source_name = argv[i];
		read_file(f);
		fclose(f);
		run();
	}
	if (optind == argc) {
		read_file(stdin);
		run();
	}
	fflush(stdout);
	return ferror(stdout) ? 1 : 0;
}
