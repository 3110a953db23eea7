/*
 * Lab 1, exercises 1.1 and 1.8: formatted output; symbols and walks over stacks, whole and damaged ones; a fault at the end of a chain of
 * calls.
 */
#include "monitor/selftest_lab.h"

#include "arch/backtrace.h"
#include "arch/pmap.h"
#include "init/console.h"
#include "init/ksyms.h"
#include "init/panic.h"
#include "init/printk.h"
#include "init/string.h"
#include "monitor/selftest.h"

/* --- printk: a format drawn from the seed, the argument, and what came out --- */

#define ROOM	48			/* bytes of the buffer that is offered; behind it a mark that must stay */
#define MARK	0x5a

struct drawn {
	char format[24];
	unsigned length;
};

static void
format_put(struct drawn *d, const char *text)
{
	while (*text != 0)
		d->format[d->length++] = *text++;
	d->format[d->length] = 0;
}

static void
format_put_number(struct drawn *d, unsigned value)
{
	char digits[3] = { (char)('0' + value / 10), (char)('0' + value % 10), 0 };

	format_put(d, value >= 10 ? digits : digits + 1);
}

static void
format_begin(struct drawn *d, uint64_t *seed, const char *flags)
{
	d->length = 0;
	format_put(d, "%");
	for (; *flags != 0; flags++)
		if (selftest_random(seed, 3) == 0)
			format_put(d, (char[]){ *flags, 0 });
	if (selftest_random(seed, 3) != 0)
		format_put_number(d, 1 + selftest_random(seed, 24));
	if (selftest_random(seed, 3) == 0) {
		format_put(d, ".");
		format_put_number(d, selftest_random(seed, 20));
	}
}

static int
format_call(char *buffer, size_t size, const char *format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = kvsnprintf(buffer, size, format, arguments);
	va_end(arguments);
	return length;
}

/* What was written, up to the mark; `length` is what kvsnprintf returned. */
static void
format_say(const struct drawn *d, const char *argument, const char *buffer, int length)
{
	size_t end = ROOM + 16;

	while (end > 0 && buffer[end - 1] == MARK)
		end--;
	lab_say_text("format", NULL, 0, d->format, d->length);
	lab_say_text("argument", NULL, 0, argument, strlen(argument));
	lab_say_text("wrote", NUMBERS((uint64_t)(unsigned)length), buffer, end);
}

/* Flag 0, a precision, and a width beyond any number: drawn one by one they seldom meet. */
static void
format_begin_crossed(struct drawn *d, uint64_t *seed, const char *flags)
{
	d->length = 0;
	format_put(d, "%0");
	for (; *flags != 0; flags++)
		if (selftest_random(seed, 3) == 0)
			format_put(d, (char[]){ *flags, 0 });
	format_put_number(d, 26 + selftest_random(seed, 14));
	format_put(d, ".");
	format_put_number(d, selftest_random(seed, 20));
}

static void
number_once(uint64_t *seed, const char *size, bool crossed)
{
	static const char *const conversions[] = { "d", "i", "u", "x", "X", "o" };
	const char *conversion = conversions[selftest_random(seed, 6)];
	bool is_signed = *conversion == 'd' || *conversion == 'i';
	uint64_t value = selftest_random(seed, UINT64_MAX) >> selftest_random(seed, 64);
	char buffer[ROOM + 16];
	struct drawn d;
	int length;

	if (selftest_random(seed, 4) == 0)
		value = -value;
	if (selftest_random(seed, 12) == 0)
		value = 0;
	(crossed ? format_begin_crossed : format_begin)(&d, seed, is_signed ? "-0+ " : *conversion == 'o' ? "-0" : "-0#");
	format_put(&d, size);
	format_put(&d, conversion);
	memset(buffer, MARK, sizeof(buffer));
	if (*size == 'l' || *size == 'z')
		length = format_call(buffer, ROOM, d.format, value);
	else
		length = format_call(buffer, ROOM, d.format, (unsigned)value);
	SAY("value", value);
	format_say(&d, "", buffer, length);
}

static void
numbers(uint64_t seed)
{
	for (unsigned i = 0; i < 80; i++)
		number_once(&seed, selftest_random(&seed, 2) ? "" : "l", i % 4 == 3);
	SAY("end", 0);
}

static void
sizes(uint64_t seed)
{
	static const char *const all[] = { "hh", "h", "", "l", "ll", "z" };

	for (unsigned i = 0; i < 60; i++)
		number_once(&seed, all[selftest_random(&seed, 6)], false);
	SAY("end", 0);
}

static void
texts(uint64_t seed)
{
	for (unsigned i = 0; i < 60; i++) {
		char text[32], buffer[ROOM + 16];
		unsigned count = selftest_random(&seed, 25);
		struct drawn d;
		int length;

		for (unsigned k = 0; k < count; k++)
			text[k] = 'a' + selftest_random(&seed, 26);
		text[count] = 0;
		format_begin(&d, &seed, "-");
		format_put(&d, "s");
		memset(buffer, MARK, sizeof(buffer));
		length = format_call(buffer, ROOM, d.format, text);
		format_say(&d, text, buffer, length);
	}
	SAY("end", 0);
}

/* --- symbols --- */

static void
symbols(uint64_t seed)
{
	uint64_t size = (uint64_t)(_etext - _text);

	for (unsigned i = 0; i < 40; i++) {
		uint64_t address = (uintptr_t)_text + selftest_random(&seed, size);
		char name[80];

		if (i < 8)			/* where functions begin: the first, the last, and some between */
			address = (uintptr_t)_text + ksym_offset[i == 0 ? 0 : i == 1 ? ksym_count - 1 :
			    selftest_random(&seed, ksym_count)];
		else if (i < 10)
			address = i == 8 ? (uintptr_t)_text - 16 : (uintptr_t)_etext + selftest_random(&seed, 4096);
		symbol_format(address, name, sizeof(name));
		lab_say_text("symbol", NUMBERS(address), name, strlen(name));
	}
	SAY("end", 0);
}

/* --- stacks made up, whole and damaged --- */

#define RECORDS 24

struct record {
	uint64_t next, pc;
	uint64_t locals[6];
};

static struct record stack[RECORDS] __attribute__((aligned(64)));
static unsigned visits;

static void
visited(unsigned depth, uint64_t pc)
{
	if (visits++ < 2 * RECORDS)
		SAY("visit", depth, pc);
}

static void
walk_once(const char *how, unsigned records, unsigned most)
{
	unsigned depth;

	visits = 0;
	lab_say_text("stack", NUMBERS(records, most), how, strlen(how));
	for (unsigned i = 0; i < records; i++)
		SAY("record", stack[i].pc);
	depth = backtrace_walk((uintptr_t)&stack[0], most, visited);
	SAY("walked", depth, visits);
}

static unsigned
stack_make(uint64_t *seed)
{
	unsigned records = 6 + selftest_random(seed, RECORDS - 8);

	for (unsigned i = 0; i < records; i++) {
		stack[i].next = (uintptr_t)&stack[i + 1];
		stack[i].pc = (uintptr_t)_text + selftest_random(seed, (uint64_t)(_etext - _text));
	}
	stack[records - 1].next = 0;
	return records;
}

static void
stacks(uint64_t seed)
{
	unsigned n = stack_make(&seed), at;

	walk_once("whole", n, 32);
	n = stack_make(&seed);
	walk_once("most", n, n / 2);
	n = stack_make(&seed);
	at = selftest_random(&seed, n);
	stack[at].next = (uintptr_t)&stack[at];
	walk_once("loop", at + 1, 32);
	n = stack_make(&seed);
	at = 1 + selftest_random(&seed, n - 1);
	stack[at].next = (uintptr_t)&stack[selftest_random(&seed, at)];
	walk_once("backwards", at + 1, 32);
	n = stack_make(&seed);
	at = selftest_random(&seed, n);
	stack[at].next = KVA_END - 0x10000 + selftest_random(&seed, 0x1000) * 16;
	walk_once("nowhere", at + 1, 32);
	n = stack_make(&seed);
	at = selftest_random(&seed, n);
	stack[at].next += 3;
	walk_once("crooked", at + 1, 32);
	n = stack_make(&seed);
	at = selftest_random(&seed, n);
	stack[at].next = 0x10000 + 16 * selftest_random(&seed, 0x1000);
	walk_once("user", at + 1, 32);
	SAY("end", 0);
}

/* --- a fault at the end of a chain of calls --- */

struct chain {
	uint64_t seed;
	unsigned left;
	uint64_t address;
	bool write;
};

#define STEP	__attribute__((noinline, noclone)) static void
#define RETURN_HERE() asm volatile("" ::: "memory")	/* the call above is not a jump */

STEP lab_red(struct chain *c);
STEP lab_green(struct chain *c);
STEP lab_blue(struct chain *c);

STEP
lab_touch(struct chain *c)
{
	SAY("touch", c->address);		/* and with this call it is no leaf, so it has a frame on every machine */
	if (c->write)
		*(volatile uint64_t *)c->address = c->seed;
	else
		c->seed = *(volatile uint64_t *)c->address;
	RETURN_HERE();
}

STEP
lab_next(struct chain *c)
{
	static void (*const steps[])(struct chain *) = { lab_red, lab_green, lab_blue };

	if (c->left-- == 0)
		lab_touch(c);
	else
		steps[selftest_random(&c->seed, 3)](c);
	RETURN_HERE();
}

STEP
lab_red(struct chain *c)
{
	lab_next(c);
	RETURN_HERE();
}

STEP
lab_green(struct chain *c)
{
	lab_next(c);
	RETURN_HERE();
}

STEP
lab_blue(struct chain *c)
{
	lab_next(c);
	RETURN_HERE();
}

static void
fault(uint64_t seed)
{
	struct chain c = { seed, 0, 0, false };

	c.left = 2 + selftest_random(&c.seed, 6);
	c.write = selftest_random(&c.seed, 2);
	c.address = KVA_BASE + (1ull << 37) + 8 * selftest_random(&c.seed, 1ull << 30);
	lab_next(&c);
	SAY("survived", 0);
}

const struct selftest selftests_lab1_text[] = {
	{ "lab1-numbers", "printk: numbers in their fields", numbers },
	{ "lab1-sizes", "printk: arguments of every size", sizes },
	{ "lab1-texts", "printk: texts in their fields", texts },
	{ "lab1-symbols", "names of addresses", symbols },
	{ "lab1-stacks", "walks over stacks, damaged ones too", stacks },
	{ "lab1-fault", "a chain of calls that ends in a fault: panics", fault },
	{ NULL, NULL, NULL },
};
