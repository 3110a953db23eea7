/*
 * lisp - a small Lisp: integers, floating point, strings, symbols, lists, closures, macros, errors that can be caught.
 *
 *	lisp [-t] [file ...]		without files, standard input; -t traces collections
 *
 * Memory is a fixed number of cells, swept by mark and sweep. What C code holds across an evaluation it pushes on the root stack.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CELLS	20000
#define ROOTS	20000
#define DEPTH	2000

enum type { T_FREE, T_NIL, T_INT, T_REAL, T_STRING, T_SYMBOL, T_PAIR, T_PRIMITIVE, T_CLOSURE, T_MACRO };

typedef struct cell cell;
typedef cell *(*primitive)(cell *arguments);

struct cell {
	enum type type;
	char marked;
	union {
		int64_t integer;
		double real;
		char *text;			/* string, symbol */
		struct { cell *car, *cdr; };
		struct { cell *code, *env; };	/* closure, macro: (parameters . body) */
		struct { primitive function; const char *name; };
		cell *next;			/* free */
	};
};

static cell *heap, *free_list, *roots[ROOTS], *symbols, *global;
static cell nil_cell = { .type = T_NIL }, *const nil = &nil_cell;
static cell *sym_t, *sym_quote, *sym_quasi, *sym_unquote, *sym_splice;
static cell *sym_if, *sym_define, *sym_set, *sym_lambda, *sym_macro, *sym_let, *sym_while, *sym_progn, *sym_catch, *sym_and, *sym_or;
static int root_count, depth, trace, collections;

static jmp_buf *handler;
static char message[200];

static void
fail(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(message, sizeof(message), format, ap);
	va_end(ap);
	longjmp(*handler, 1);
}

/* --- cells --- */

static void
mark(cell *c)
{
	while (!c->marked && c->type != T_NIL) {
		c->marked = 1;
		if (c->type == T_PAIR) {
			mark(c->car);
			c = c->cdr;
		} else if (c->type == T_CLOSURE || c->type == T_MACRO) {
			mark(c->code);
			c = c->env;
		}
	}
}

static void
collect(void)
{
	int freed = 0;

	mark(symbols);
	mark(global);
	for (int i = 0; i < root_count; i++)
		mark(roots[i]);
	for (cell *c = heap; c < heap + CELLS; c++) {
		if (!c->marked && c->type != T_FREE) {
			if (c->type == T_STRING || c->type == T_SYMBOL)
				free(c->text);
			c->type = T_FREE;
			c->next = free_list;
			free_list = c;
			freed++;
		}
		c->marked = 0;
	}
	collections++;
	if (trace)
		fprintf(stderr, "; collection %d: %d cells freed\n", collections, freed);
}

static void
push(cell *c)
{
	if (root_count == ROOTS)
		fail("too deep");
	roots[root_count++] = c;
}

static cell *
new_cell(enum type type)
{
	cell *c;

	if (free_list == NULL)
		collect();
	if (free_list == NULL)
		fail("out of memory");
	c = free_list;
	free_list = c->next;
	c->type = type;
	return c;
}

static cell *
cons(cell *car, cell *cdr)
{
	cell *c;

	push(car);
	push(cdr);
	c = new_cell(T_PAIR);
	root_count -= 2;
	c->car = car;
	c->cdr = cdr;
	return c;
}

static cell *
integer(int64_t value)
{
	cell *c = new_cell(T_INT);

	c->integer = value;
	return c;
}

static cell *
real(double value)
{
	cell *c = new_cell(T_REAL);

	c->real = value;
	return c;
}

static cell *
string(const char *text, size_t length)
{
	cell *c = new_cell(T_STRING);

	c->text = strndup(text, length);
	return c;
}

static cell *
symbol(const char *name)
{
	cell *c;

	for (c = symbols; c != nil; c = c->cdr)
		if (strcmp(c->car->text, name) == 0)
			return c->car;
	c = new_cell(T_SYMBOL);
	c->text = strdup(name);
	symbols = cons(c, symbols);
	return c;
}

static cell *
truth(int value)
{
	return value ? sym_t : nil;
}

static cell *
car(cell *c)
{
	if (c->type != T_PAIR && c != nil)
		fail("car of something that is not a list");
	return c == nil ? nil : c->car;
}

static cell *
cdr(cell *c)
{
	if (c->type != T_PAIR && c != nil)
		fail("cdr of something that is not a list");
	return c == nil ? nil : c->cdr;
}

static int
is_symbol(const cell *c, const char *name)
{
	return c->type == T_SYMBOL && strcmp(c->text, name) == 0;
}

/* --- reading --- */

static FILE *input;
static int line_number;

static int
next_char(void)
{
	int c = getc(input);

	line_number += c == '\n';
	return c;
}

static int
skip_space(void)
{
	int c = next_char();

	while (isspace(c) || c == ';') {
		if (c == ';')
			while (c != '\n' && c != EOF)
				c = next_char();
		else
			c = next_char();
	}
	return c;
}

static void
put_back(int c)
{
	line_number -= c == '\n';
	ungetc(c, input);
}

static cell *read_cell(void);

static cell *
read_string(void)
{
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);
	cell *result;
	int c;

	while ((c = next_char()) != '"') {
		if (c == EOF) {
			fclose(out);
			free(text);
			fail("line %d: a string does not end", line_number);
		}
		if (c == '\\') {
			c = next_char();
			c = c == 'n' ? '\n' : c == 't' ? '\t' : c;
		}
		putc(c, out);
	}
	fclose(out);
	result = string(text, length);
	free(text);
	return result;
}

static cell *
read_atom(int c)
{
	char word[64], *end;
	unsigned length = 0;
	intmax_t whole;
	double value;

	while (c != EOF && !isspace(c) && strchr("()'`,;\"", c) == NULL) {
		if (length < sizeof(word) - 1)
			word[length++] = c;
		c = next_char();
	}
	put_back(c);
	word[length] = '\0';
	errno = 0;
	whole = strtoimax(word, &end, 0);
	if (*end == '\0' && length > 0 && errno == 0)
		return integer(whole);
	value = strtod(word, &end);
	if (*end == '\0' && length > 0 && (isdigit(word[0]) || (length > 1 && strchr("+-.", word[0]))))
		return real(value);
	return strcmp(word, "nil") == 0 ? nil : symbol(word);
}

static cell *
read_list(void)
{
	int base = root_count, c;
	cell *tail = nil;

	while ((c = skip_space()) != ')') {
		if (c == EOF)
			fail("line %d: a list does not end", line_number);
		if (c == '.') {
			tail = read_cell();
			if (skip_space() != ')')
				fail("line %d: more than one thing after a dot", line_number);
			break;
		}
		put_back(c);
		push(read_cell());
	}
	while (root_count > base) {
		tail = cons(roots[root_count - 1], tail);
		root_count--;
	}
	return tail;
}

static cell *
quoted(cell *how)
{
	return cons(how, cons(read_cell(), nil));
}

/* NULL at the end of the input. */
static cell *
read_cell(void)
{
	int c = skip_space();

	switch (c) {
	case EOF:
		return NULL;
	case '(':
		return read_list();
	case ')':
		fail("line %d: ) without (", line_number);
		/* fall through */
	case '\'':
		return quoted(sym_quote);
	case '`':
		return quoted(sym_quasi);
	case ',':
		c = next_char();
		if (c == '@')
			return quoted(sym_splice);
		put_back(c);
		return quoted(sym_unquote);
	case '"':
		return read_string();
	default:
		return read_atom(c);
	}
}

/* --- printing --- */

static void
print_real(FILE *out, double value)
{
	char text[40];

	for (int digits = 6; digits <= 17; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, value);
		if (strtod(text, NULL) == value)
			break;
	}
	fputs(text, out);
	if (strspn(text, "-0123456789") == strlen(text))
		fputs(".0", out);
}

static void
print(FILE *out, const cell *c, int readable)
{
	switch (c->type) {
	case T_NIL:
		fputs("nil", out);
		break;
	case T_INT:
		fprintf(out, "%" PRId64, c->integer);
		break;
	case T_REAL:
		print_real(out, c->real);
		break;
	case T_STRING:
		fprintf(out, readable ? "\"%s\"" : "%s", c->text);
		break;
	case T_SYMBOL:
		fputs(c->text, out);
		break;
	case T_PRIMITIVE:
		fprintf(out, "#<primitive %s>", c->name);
		break;
	case T_CLOSURE:
	case T_MACRO:
		fputs(c->type == T_MACRO ? "#<macro>" : "#<closure>", out);
		break;
	case T_PAIR:
		putc('(', out);
		for (;;) {
			print(out, c->car, readable);
			c = c->cdr;
			if (c->type != T_PAIR)
				break;
			putc(' ', out);
		}
		if (c != nil) {
			fputs(" . ", out);
			print(out, c, readable);
		}
		putc(')', out);
		break;
	case T_FREE:
		abort();
	}
}

/* --- evaluation: an environment is a list of (symbol . value) --- */

static cell *
look_up(cell *name, cell *env)
{
	for (cell *e = env; e != nil; e = e->cdr)
		if (e->car->car == name)
			return e->car;
	for (cell *e = global; e != nil; e = e->cdr)
		if (e->car->car == name)
			return e->car;
	return NULL;
}

static cell *eval(cell *c, cell *env);

static cell *
progn(cell *body, cell *env)
{
	cell *result = nil;

	for (; body != nil; body = cdr(body))
		result = eval(car(body), env);
	return result;
}

static cell *
define(cell *name, cell *value)
{
	cell *found = look_up(name, nil);

	if (found != NULL)
		found->cdr = value;
	else
		global = cons(cons(name, value), global);
	return name;
}

static cell *
bind(cell *parameters, cell *arguments, cell *env)
{
	int base = root_count;

	push(arguments);
	push(env);
	for (; parameters->type == T_PAIR; parameters = parameters->cdr) {
		if (arguments == nil)
			fail("too few arguments");
		env = cons(cons(parameters->car, car(arguments)), env);
		roots[base + 1] = env;
		arguments = cdr(arguments);
	}
	if (parameters != nil)
		env = cons(cons(parameters, arguments), env);
	else if (arguments != nil)
		fail("too many arguments");
	root_count = base;
	return env;
}

static cell *
eval_list(cell *list, cell *env)
{
	int base = root_count;
	cell *result = nil;

	for (; list != nil; list = cdr(list))
		push(eval(car(list), env));
	while (root_count > base) {
		result = cons(roots[root_count - 1], result);
		root_count--;
	}
	return result;
}

static cell *
apply(cell *function, cell *arguments)
{
	int base = root_count;
	cell *result;

	push(function);
	push(arguments);
	if (function->type == T_PRIMITIVE) {
		result = function->function(arguments);
	} else if (function->type == T_CLOSURE || function->type == T_MACRO) {
		push(bind(car(function->code), arguments, function->env));
		result = progn(cdr(function->code), roots[root_count - 1]);
	} else {
		fail("not a function");
		return nil;
	}
	root_count = base;
	return result;
}

static cell *
append(cell *a, cell *b)
{
	cell *rest;

	if (a == nil)
		return b;
	push(a);
	rest = append(cdr(a), b);
	root_count--;
	return cons(car(a), rest);
}

static cell *
quasi(cell *c, cell *env)
{
	cell *first, *rest;

	if (c->type != T_PAIR)
		return c;
	if (c->car == sym_unquote)
		return eval(car(c->cdr), env);
	if (c->car->type == T_PAIR && c->car->car == sym_splice) {
		first = eval(car(c->car->cdr), env);
		push(first);
		rest = quasi(c->cdr, env);
		root_count--;
		return append(first, rest);
	}
	first = quasi(c->car, env);
	push(first);
	rest = quasi(c->cdr, env);
	root_count--;
	return cons(first, rest);
}

static cell *
function(enum type type, cell *code, cell *env)
{
	cell *c = new_cell(type);

	c->code = code;
	c->env = env;
	return c;
}

static cell *
eval_define(cell *rest, cell *env)
{
	cell *value;

	if (car(rest)->type == T_PAIR) {
		value = function(T_CLOSURE, nil, env);
		push(value);
		value->code = cons(cdr(car(rest)), cdr(rest));
		define(car(car(rest)), value);
		root_count--;
		return car(car(rest));
	}
	value = eval(car(cdr(rest)), env);
	push(value);
	define(car(rest), value);
	root_count--;
	return car(rest);
}

static cell *
eval_set(cell *rest, cell *env)
{
	cell *found = look_up(car(rest), env);

	if (found == NULL)
		fail("set of the unknown symbol %s", car(rest)->type == T_SYMBOL ? car(rest)->text : "?");
	return found->cdr = eval(car(cdr(rest)), env);
}

static cell *
eval_let(cell *rest, cell *env)
{
	int base = root_count;
	cell *result, *inner = env;

	push(inner);
	for (cell *b = car(rest); b != nil; b = cdr(b)) {
		cell *value = eval(car(cdr(car(b))), env);

		push(value);
		inner = cons(cons(car(car(b)), value), inner);
		root_count--;
		roots[base] = inner;
	}
	result = progn(cdr(rest), inner);
	root_count = base;
	return result;
}

/* (catch expression): its value, or the text of the error. */
static cell *
eval_catch(cell *rest, cell *env)
{
	jmp_buf here, *volatile outer = handler;
	volatile int base = root_count, level = depth;
	cell *volatile result = nil;

	handler = &here;
	if (setjmp(here) == 0) {
		result = eval(car(rest), env);
		handler = outer;
	} else {
		handler = outer;
		root_count = base;
		depth = level;
		result = string(message, strlen(message));
	}
	return result;
}

static cell *
eval_logic(cell *rest, cell *env, int is_or)
{
	cell *value = is_or ? nil : sym_t;

	for (; rest != nil && (value == nil) == is_or; rest = cdr(rest))
		value = eval(car(rest), env);
	return value;
}

/* NULL: not a special form. */
static cell *
special(cell *head, cell *rest, cell *env)
{
	if (head == sym_quote)
		return car(rest);
	if (head == sym_quasi)
		return quasi(car(rest), env);
	if (head == sym_if)
		return eval(car(rest), env) != nil ? eval(car(cdr(rest)), env) : progn(cdr(cdr(rest)), env);
	if (head == sym_define)
		return eval_define(rest, env);
	if (head == sym_set)
		return eval_set(rest, env);
	if (head == sym_lambda)
		return function(T_CLOSURE, rest, env);
	if (head == sym_macro)
		return function(T_MACRO, rest, env);
	if (head == sym_let)
		return eval_let(rest, env);
	if (head == sym_progn)
		return progn(rest, env);
	if (head == sym_catch)
		return eval_catch(rest, env);
	if (head == sym_and || head == sym_or)
		return eval_logic(rest, env, head == sym_or);
	if (head == sym_while) {
		while (eval(car(rest), env) != nil)
			progn(cdr(rest), env);
		return nil;
	}
	return NULL;
}

static cell *
eval_pair(cell *c, cell *env)
{
	cell *head, *result;

	if (c->car->type == T_SYMBOL && (result = special(c->car, c->cdr, env)) != NULL)
		return result;
	head = eval(c->car, env);
	push(head);
	if (head->type == T_MACRO) {
		push(apply(head, c->cdr));
		return eval(roots[root_count - 1], env);
	}
	push(eval_list(c->cdr, env));
	return apply(head, roots[root_count - 1]);
}

static cell *
eval(cell *c, cell *env)
{
	int base = root_count;
	cell *found;

	if (c->type == T_SYMBOL) {
		if ((found = look_up(c, env)) == NULL)
			fail("unknown symbol %s", c->text);
		return found->cdr;
	}
	if (c->type != T_PAIR)
		return c;
	if (++depth > DEPTH)
		fail("recursion too deep");
	push(c);
	push(env);
	found = eval_pair(c, env);
	root_count = base;
	depth--;
	return found;
}

/* --- primitives --- */

static double
number(const cell *c)
{
	if (c->type == T_INT)
		return c->integer;
	if (c->type != T_REAL)
		fail("not a number");
	return c->real;
}

static int
all_integers(cell *list)
{
	for (; list != nil; list = list->cdr)
		if (list->car->type != T_INT)
			return 0;
	return 1;
}

static int64_t
integer_step(char how, int64_t a, int64_t b)
{
	int64_t result = 0;
	int bad = 0;

	switch (how) {
	case '+': bad = __builtin_add_overflow(a, b, &result); break;
	case '-': bad = __builtin_sub_overflow(a, b, &result); break;
	case '*': bad = __builtin_mul_overflow(a, b, &result); break;
	default:
		if (b == 0)
			fail("division by zero");
		if (b == -1)
			bad = __builtin_sub_overflow(0, a, &result);
		else
			result = how == '/' ? a / b : a % b;
		if (b == -1 && how == '%')
			result = bad = 0;
	}
	if (bad)
		fail("a number is too large");
	return result;
}

static double
real_step(char how, double a, double b)
{
	return how == '+' ? a + b : how == '-' ? a - b : how == '*' ? a * b : how == '/' ? a / b : fmod(a, b);
}

static cell *
arithmetic(cell *a, char how, int64_t neutral)
{
	int alone = a != nil && a->cdr == nil && strchr("-/", how) != NULL;

	if (all_integers(a)) {
		int64_t sum = a == nil || alone ? neutral : a->car->integer;

		for (a = alone ? a : cdr(a); a != nil; a = a->cdr)
			sum = integer_step(how, sum, a->car->integer);
		return integer(sum);
	} else {
		double sum = alone ? (double)neutral : number(a->car);

		for (a = alone ? a : cdr(a); a != nil; a = a->cdr)
			sum = real_step(how, sum, number(a->car));
		return real(sum);
	}
}

static cell *p_add(cell *a) { return arithmetic(a, '+', 0); }
static cell *p_sub(cell *a) { return arithmetic(a, '-', 0); }
static cell *p_mul(cell *a) { return arithmetic(a, '*', 1); }
static cell *p_div(cell *a) { return arithmetic(a, '/', 1); }
static cell *p_mod(cell *a) { return arithmetic(a, '%', 0); }
static cell *p_less(cell *a) { return truth(number(car(a)) < number(car(cdr(a)))); }
static cell *p_same(cell *a) { return truth(number(car(a)) == number(car(cdr(a)))); }
static cell *p_car(cell *a) { return car(car(a)); }
static cell *p_cdr(cell *a) { return cdr(car(a)); }
static cell *p_cons(cell *a) { return cons(car(a), car(cdr(a))); }
static cell *p_list(cell *a) { return a; }
static cell *p_not(cell *a) { return truth(car(a) == nil); }
static cell *p_pair(cell *a) { return truth(car(a)->type == T_PAIR); }
static cell *p_sqrt(cell *a) { return real(sqrt(number(car(a)))); }
static cell *p_exp(cell *a) { return real(exp(number(car(a)))); }
static cell *p_sin(cell *a) { return real(sin(number(car(a)))); }
static cell *p_atan(cell *a) { return real(atan2(number(car(a)), number(car(cdr(a))))); }
static cell *p_floor(cell *a) { return integer((int64_t)floor(number(car(a)))); }
static cell *p_apply(cell *a) { return apply(car(a), car(cdr(a))); }

static cell *
p_eq(cell *a)
{
	const cell *x = car(a), *y = car(cdr(a));

	if (x->type == T_STRING && y->type == T_STRING)
		return truth(strcmp(x->text, y->text) == 0);
	return truth(x == y || (x->type == T_INT && y->type == T_INT && x->integer == y->integer));
}

static cell *
p_print(cell *a)
{
	for (; a != nil; a = cdr(a)) {
		print(stdout, car(a), 0);
		putchar(cdr(a) == nil ? '\n' : ' ');
	}
	return nil;
}

static cell *
p_string(cell *a)
{
	char *text;
	size_t length;
	FILE *out = open_memstream(&text, &length);
	cell *result;

	for (; a != nil; a = cdr(a))
		print(out, car(a), 0);
	fclose(out);
	result = string(text, length);
	free(text);
	return result;
}

static cell *
p_error(cell *a)
{
	fail("%s", car(a)->type == T_STRING ? car(a)->text : "error");
	return nil;
}

static int
by_value(const void *a, const void *b)
{
	const cell *x = *(cell *const *)a, *y = *(cell *const *)b;

	if (x->type == T_STRING && y->type == T_STRING)
		return strcmp(x->text, y->text);
	return (number(x) > number(y)) - (number(x) < number(y));
}

static cell *
p_sort(cell *a)
{
	int base = root_count;
	cell *result = nil;

	for (a = car(a); a != nil; a = cdr(a))
		push(car(a));
	qsort(roots + base, root_count - base, sizeof(roots[0]), by_value);
	while (root_count > base) {
		result = cons(roots[root_count - 1], result);
		root_count--;
	}
	return result;
}

static const struct { const char *name; primitive function; } primitives[] = {
	{ "+", p_add }, { "-", p_sub }, { "*", p_mul }, { "/", p_div }, { "mod", p_mod }, { "<", p_less }, { "=", p_same },
	{ "car", p_car }, { "cdr", p_cdr }, { "cons", p_cons }, { "list", p_list }, { "not", p_not }, { "pair?", p_pair },
	{ "sqrt", p_sqrt }, { "exp", p_exp }, { "sin", p_sin }, { "atan", p_atan }, { "floor", p_floor }, { "apply", p_apply },
	{ "eq", p_eq }, { "print", p_print }, { "string", p_string }, { "error", p_error }, { "sort", p_sort },
};

static void
begin(void)
{
	heap = calloc(CELLS, sizeof(cell));
	if (heap == NULL)
		exit(1);
	for (cell *c = heap; c < heap + CELLS; c++) {
		c->next = free_list;
		free_list = c;
	}
	symbols = global = nil;
	sym_t = symbol("t"), define(sym_t, sym_t);
	sym_quote = symbol("quote"), sym_quasi = symbol("quasiquote"), sym_unquote = symbol("unquote");
	sym_splice = symbol("splice"), sym_if = symbol("if"), sym_define = symbol("define"), sym_set = symbol("set!");
	sym_lambda = symbol("lambda"), sym_macro = symbol("macro"), sym_let = symbol("let"), sym_while = symbol("while");
	sym_progn = symbol("progn"), sym_catch = symbol("catch"), sym_and = symbol("and"), sym_or = symbol("or");
	for (size_t i = 0; i < sizeof(primitives) / sizeof(primitives[0]); i++) {
		cell *c = new_cell(T_PRIMITIVE);

		c->function = primitives[i].function;
		c->name = primitives[i].name;
		push(c);
		define(symbol(c->name), c);
		root_count--;
	}
}

/* Reads, evaluates and prints until the end; returns the number of errors. */
static int
run(FILE *file)
{
	jmp_buf top;
	volatile int errors = 0;
	cell *c;

	input = file;
	line_number = 1;
	handler = &top;
	if (setjmp(top) != 0) {
		errors++;
		printf("error: %s\n", message);
		root_count = depth = 0;
	}
	while ((c = read_cell()) != NULL) {
		push(c);
		c = eval(c, nil);
		root_count--;
		if (c != nil && !is_symbol(c, "t") && c->type != T_SYMBOL) {
			print(stdout, c, 1);
			putchar('\n');
		}
	}
	return errors;
}

int
main(int argc, char **argv)
{
	int option, errors = 0;

	while ((option = getopt(argc, argv, "t")) != -1) {
		if (option != 't') {
			fprintf(stderr, "usage: lisp [-t] [file ...]\n");
			return 2;
		}
		trace = 1;
	}
	begin();
	if (optind == argc)
		errors = run(stdin);
	for (; optind < argc; optind++) {
		FILE *file = fopen(argv[optind], "r");

		if (file == NULL) {
			fflush(stdout);
			perror(argv[optind]);
			return 1;
		}
		errors += run(file);
		fclose(file);
	}
	printf("%d errors\n", errors);
	return errors != 0;
}
