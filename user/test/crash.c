/*
 * crash HOW: a program that misbehaves on purpose: null (dereferences null), kernel (jumps into kernel memory), read (reads kernel memory), write
 * (writes its own text), loop (never ends), memory (allocates until refused), hold (the same, and keeps it), stack (recurses without end), illegal.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void
crash_null(void)
{
	*(volatile int *)0 = 1;
}

static void
crash_kernel(void)
{
	((void (*)(void))0xffff800000100000ull)();
}

static void
crash_read(void)
{
	printf("%d\n", *(volatile int *)0xffff800000100000ull);
}

static void
crash_write(void)
{
	*(volatile char *)(uintptr_t)crash_write = 0;
}

static void
crash_loop(void)
{
	for (volatile int i = 0;; i++)
		continue;
}

/* Touches what it gets, so that it is really taken. */
static void
take_all(size_t piece)
{
	size_t total = 0;
	char *memory;

	while ((memory = malloc(piece)) != NULL) {
		memset(memory, 1, piece);
		total += piece;
	}
	printf("refused after %lu MB\n", (unsigned long)(total >> 20));
	fflush(stdout);
}

static void
crash_memory(void)
{
	take_all(1 << 20);
}

static void
crash_hold(void)
{
	take_all(1 << 16);
	for (;;)
		pause();
}

/* Deep enough for any stack; the condition keeps compilers from complaining about what is meant. */
static int
crash_stack(volatile char *above, unsigned depth)
{
	volatile char frame[4096];

	frame[0] = *above;
	return depth == 0 ? 0 : crash_stack(frame, depth - 1) + frame[0];
}

static void
crash_illegal(void)
{
	__builtin_trap();
}

int
main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*function)(void);
	} ways[] = {
		{ "null", crash_null }, { "kernel", crash_kernel }, { "read", crash_read }, { "write", crash_write },
		{ "loop", crash_loop }, { "memory", crash_memory }, { "hold", crash_hold }, { "illegal", crash_illegal },
	};
	char start = 0;

	if (argc == 2 && strcmp(argv[1], "stack") == 0)
		return crash_stack(&start, 1u << 30);
	for (unsigned i = 0; argc == 2 && i < sizeof(ways) / sizeof(ways[0]); i++)
		if (strcmp(argv[1], ways[i].name) == 0) {
			ways[i].function();
			return 0;
		}
	fprintf(stderr, "usage: crash null|kernel|read|write|loop|memory|hold|stack|illegal\n");
	return 2;
}
