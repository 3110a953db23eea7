/* The servers' private printf against the host's, and their heap. */
// SOURCES: lib/mach/format.c lib/mach/heap.c
#include "unit.h"
#include "mach/cthread.h"
#include "mach/heap.h"
#include "mach/print.h"
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>

/* --- what the heap uses --- */

static int refuse;			/* memory */
static jmp_buf stop;
static int panics;

kern_return_t
vm_allocate(task_t task, vm_address_t *address, vm_size_t size, uint32_t flags)
{
	(void)task, (void)flags;
	if (refuse)
		return KERN_RESOURCE_SHORTAGE;
	*address = (uintptr_t)aligned_alloc(4096, vm_page_round(size));
	memset((void *)*address, 0, vm_page_round(size));
	return KERN_SUCCESS;
}

kern_return_t
vm_deallocate(task_t task, vm_address_t address, vm_size_t size)
{
	(void)task, (void)size;
	free((void *)address);
	return KERN_SUCCESS;
}

void
mutex_lock(struct mutex *mutex)
{
	mutex->state = 1;
}

void
mutex_unlock(struct mutex *mutex)
{
	mutex->state = 0;
}

void
panic(const char *format, ...)
{
	(void)format;
	panics++;
	longjmp(stop, 1);
}

/* --- printf --- */

#define SAME(...) do { \
	char ours[200], theirs[200]; \
	int n = print_to(ours, sizeof(ours), __VA_ARGS__); \
	int m = snprintf(theirs, sizeof(theirs), __VA_ARGS__); \
	CHECK_STR(ours, theirs); \
	CHECK_EQ(n, m); \
} while (0)

#pragma GCC diagnostic ignored "-Wformat"

static void
numbers(void)
{
	SAME("%d %i %u %x %X %o", -5, 7, 9u, 0xabcu, 0xABCu, 8u);
	SAME("%5d|%-5d|%05d|%+d|% d|%5.3d|%.0d|", 42, 42, 42, 42, 42, 42, 0);
	SAME("%#x %#o %#x %08x %-8x|", 255u, 8u, 0u, 255u, 255u);
	SAME("%ld %lu %lx %lld %zu %jd %td", INT64_MIN, UINT64_MAX, UINT64_MAX,
		(long long)INT64_MAX, (size_t)7, INT64_MAX, (ptrdiff_t)-3);
	SAME("%hd %hhd %hu %hhu", 70000, 300, 70000, 300);
	SAME("%d", INT32_MIN);
	SAME("%*d|%-*d|%.*d|%*d", 6, 1, 6, 2, 4, 3, -6, 4);
	SAME("%-05d|%+.3d|%8.3x", 1, 2, 3u);
}

static void
text(void)
{
	SAME("%s|%10s|%-10s|%.2s|%10.2s|%c|%3c|%-3c|%%", "abc", "abc", "abc", "abc", "abc", 'x',
		'y', 'z');
	SAME("%p", (void *)0x1234);
	SAME("plain");
	SAME("%s", "");
}

static void
short_buffers(void)
{
	char b[8] = "xxxxxxx", *volatile none = NULL;

	CHECK_EQ(print_to(b, 4, "%s", "abcdef"), 6);
	CHECK_STR(b, "abc");
	CHECK_EQ(b[4], 'x');
	CHECK_EQ(print_to(b, 0, "%d", 12345), 5);
	CHECK_EQ(b[0], 'a');
	CHECK_EQ(print_to(b, 1, "abc"), 3);
	CHECK_STR(b, "");
	CHECK_EQ(print_to(b, sizeof(b), "%s", none), 6);
	CHECK_STR(b, "(null)");
	print_to(b, sizeof(b), "abc%");
	CHECK_STR(b, "abc");
}

/* --- heap --- */

static void
blocks_do_not_overlap(void)
{
	enum { N = 400 };
	static uint8_t *block[N];
	static size_t size[N];
	uint32_t seed = 3;

	for (int round = 0; round < 20000 && unit_bad == 0; round++) {
		int i = (int)((seed = seed * 1664525u + 1013904223u) >> 8) % N;

		if (block[i] != NULL) {
			for (size_t k = 0; k < size[i]; k++)
				if (block[i][k] != (uint8_t)i)
					unit_complain(
						__FILE__, __LINE__, "a block was overwritten");
			heap_free(block[i]);
			block[i] = NULL;
			continue;
		}
		size[i] = (seed >> 12) % (round % 50 == 0 ? 40000 : 700);
		block[i] = heap_alloc(size[i]);
		CHECK(block[i] != NULL && (uintptr_t)block[i] % 16 == 0);
		memset(block[i], i, size[i]);
	}
	for (int i = 0; i < N; i++)
		heap_free(block[i]);
	CHECK_EQ(heap_in_use(), 0);
}

static void
resizing_keeps_the_contents(void)
{
	char *p = heap_string("hello");

	for (size_t n = 6; n < 70000; n *= 3) {
		p = heap_resize(p, n);
		CHECK_STR(p, "hello");
	}
	p = heap_resize(p, 3);
	CHECK_EQ(p[0], 'h');
	heap_free(p);
	p = heap_resize(NULL, 10);
	heap_free(p);
	CHECK_EQ(heap_in_use(), 0);
}

static void
zeroed_blocks(void)
{
	volatile size_t huge = SIZE_MAX;
	uint8_t *p = heap_alloc(100);

	memset(p, 7, 100);
	heap_free(p);
	p = heap_zalloc(10, 10);
	for (int i = 0; i < 100; i++)
		CHECK_EQ(p[i], 0);
	heap_free(p);
	CHECK(heap_zalloc(huge, 2) == NULL);
	CHECK(heap_alloc(huge) == NULL);
	heap_free(NULL);
}

/* A pointer the compiler knows nothing about. */
static void *
hide(void *p)
{
	__asm__ ("" : "+r" (p));
	return p;
}

static void
bad_frees_are_noticed(void)
{
	uint8_t *p = heap_alloc(64), *q = hide(p);

	heap_free(p);
	panics = 0;
	if (setjmp(stop) == 0)
		heap_free(q);
	CHECK_EQ(panics, 1);
	p = heap_alloc(64);
	if (setjmp(stop) == 0)
		heap_free(hide(p + 16));
	CHECK_EQ(panics, 2);
	if (setjmp(stop) == 0)
		heap_free(hide(p + 1));
	CHECK_EQ(panics, 3);
	heap_free(p);
	CHECK_EQ(heap_in_use(), 0);
}

static void
no_memory_is_an_error(void)
{
	refuse = 1;
	CHECK(heap_alloc(100000) == NULL);
	CHECK_EQ(heap_in_use(), 0);
	refuse = 0;
}

int
main(void)
{
	TEST(numbers);
	TEST(text);
	TEST(short_buffers);
	TEST(blocks_do_not_overlap);
	TEST(resizing_keeps_the_contents);
	TEST(zeroed_blocks);
	TEST(bad_frees_are_noticed);
	TEST(no_memory_is_an_error);
	return unit_done();
}
