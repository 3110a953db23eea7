/* Stacks of objects, against the GNU C library's manual. The chunks are counted. */
#include <obstack.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "check.h"

static long chunks;

static void *
take(size_t size)
{
	chunks++;
	return malloc(size);
}

static void
give(void *chunk)
{
	chunks--;
	free(chunk);
}

#define obstack_chunk_alloc	take
#define obstack_chunk_free	give

static void
objects_follow_each_other(void)
{
	struct obstack stack;
	char *one, *two, *three, *text;

	EQUAL(obstack_init(&stack), 1);
	CHECK(obstack_empty_p(&stack));
	one = obstack_alloc(&stack, 5);
	two = obstack_copy(&stack, "12345678", 8);
	text = obstack_copy0(&stack, "words", 5);
	CHECK(!obstack_empty_p(&stack));
	CHECK((uintptr_t)one % _Alignof(max_align_t) == 0 && (uintptr_t)two % _Alignof(max_align_t) == 0);
	CHECK(two > one && text > two && memcmp(two, "12345678", 8) == 0 && strcmp(text, "words") == 0);
	obstack_free(&stack, two);
	three = obstack_alloc(&stack, 1);
	CHECK(three == two);
	EQUAL(chunks, 1);
	obstack_free(&stack, one);
	CHECK(obstack_empty_p(&stack));
	obstack_free(&stack, NULL);
	EQUAL(chunks, 0);
}

static long other_chunks;

static void *
take_other(size_t size)
{
	other_chunks++;
	return malloc(size);
}

static void
give_other(void *chunk)
{
	other_chunks--;
	free(chunk);
}

static void
functions_are_exchanged(void)
{
	struct obstack stack;

	obstack_init(&stack);
	obstack_alloc(&stack, 1);
	obstack_chunkfun(&stack, take_other);
	obstack_alloc(&stack, 100000);
	CHECK(chunks == 1 && other_chunks == 1);
	obstack_freefun(&stack, give_other);
	obstack_free(&stack, NULL);
	CHECK(chunks == 1 && other_chunks == -1);
	chunks = other_chunks = 0;
}

static void
an_object_grows(void)
{
	struct obstack stack;
	int number = 7, *numbers;
	char **pointers, *bytes;

	obstack_begin(&stack, 128);
	obstack_grow(&stack, "ab", 2);
	obstack_1grow(&stack, 'c');
	obstack_grow0(&stack, "de", 2);
	EQUAL(obstack_object_size(&stack), 6);
	CHECK(strcmp(obstack_base(&stack), "abcde") == 0);
	obstack_blank(&stack, -3);
	EQUAL(obstack_object_size(&stack), 3);
	EQUAL(obstack_printf(&stack, "-%d-%s", 42, "x"), 5);
	obstack_1grow(&stack, 0);
	bytes = obstack_finish(&stack);
	CHECK(strcmp(bytes, "abc-42-x") == 0);
	for (int i = 0; i < 1000; i++)
		obstack_int_grow(&stack, i);
	numbers = obstack_finish(&stack);
	CHECK(numbers[0] == 0 && numbers[500] == 500 && numbers[999] == 999);
	obstack_ptr_grow(&stack, bytes);
	obstack_ptr_grow(&stack, &number);
	pointers = obstack_finish(&stack);
	CHECK(pointers[0] == bytes && pointers[1] == (char *)&number && strcmp(bytes, "abc-42-x") == 0);
	obstack_free(&stack, NULL);
	EQUAL(chunks, 0);
}

/* The chunks that it grew out of are not kept, unless something else is in them. */
static void
large_objects_keep_nothing(void)
{
	struct obstack stack;
	char *small, *large;

	obstack_init(&stack);
	small = obstack_copy(&stack, "small", 6);
	for (int i = 0; i < 1000000; i++)
		obstack_1grow(&stack, (char)i);
	EQUAL(chunks, 2);
	CHECK(obstack_memory_used(&stack) >= 1000000 && obstack_memory_used(&stack) < 3000000);
	large = obstack_finish(&stack);
	CHECK(large[999999] == (char)999999 && strcmp(small, "small") == 0);
	obstack_free(&stack, large);
	CHECK(strcmp(small, "small") == 0);
	obstack_free(&stack, small);
	EQUAL(chunks, 1);
	obstack_free(&stack, NULL);
}

/* One may be the last thing in its chunk, or the first. */
static void
empty_objects(void)
{
	struct obstack stack;
	char *first, *second, *last;

	obstack_begin(&stack, 256);
	first = obstack_finish(&stack);
	second = obstack_alloc(&stack, 2000);
	EQUAL(chunks, 2);
	obstack_blank(&stack, (ptrdiff_t)obstack_room(&stack));
	obstack_finish(&stack);
	last = obstack_finish(&stack);
	obstack_alloc(&stack, 10);
	EQUAL(chunks, 3);
	obstack_free(&stack, last);
	EQUAL(chunks, 2);
	obstack_free(&stack, second);
	EQUAL(chunks, 2);
	obstack_free(&stack, first);
	EQUAL(chunks, 1);
	obstack_free(&stack, NULL);
	EQUAL(chunks, 0);
}

static void *
take_counted(void *counter, size_t size)
{
	++*(long *)counter;
	return malloc(size);
}

static void
give_counted(void *counter, void *chunk)
{
	--*(long *)counter;
	free(chunk);
}

static void
other_ways_to_allocate(void)
{
	struct obstack stack;
	long counter = 0;
	char *object;

	obstack_specify_allocation_with_arg(&stack, 0, 64, take_counted, give_counted, &counter);
	obstack_alloc(&stack, 3);
	object = obstack_alloc(&stack, 3);
	CHECK((uintptr_t)object % 64 == 0 && obstack_alignment_mask(&stack) == 63);
	EQUAL(counter, 1);
	obstack_free(&stack, NULL);
	EQUAL(counter, 0);
}

/* As GNU's header describes them to programs that bring it along; the last word begins with these two bits. */
struct gnu_obstack {
	size_t chunk_size;
	struct gnu_chunk {
		char *limit;
		struct gnu_chunk *prev;
		char contents[];
	} *chunk;
	char *object_base, *next_free, *chunk_limit;
	union {
		size_t i;
		void *p;
	} temp;
	size_t alignment_mask;
	void *chunkfun, *freefun, *extra_arg;
	unsigned use_extra_arg : 1, maybe_empty_object : 1, alloc_failed : 1;
};

/* What that header's macros do to the structure is understood. */
static void
gnu_header(void)
{
	union {
		struct obstack ours;
		struct gnu_obstack gnu;
	} stack;
	char *word;

	CHECK(sizeof(stack.ours) == sizeof(stack.gnu) && sizeof(struct _obstack_chunk) == offsetof(struct gnu_chunk, contents));
	EQUAL(obstack_begin(&stack.ours, 200), 1);
	EQUAL(stack.gnu.chunk_size, 200);
	EQUAL(stack.gnu.alignment_mask, _Alignof(max_align_t) - 1);
	CHECK(stack.gnu.chunk->prev == NULL && stack.gnu.chunk->limit == stack.gnu.chunk_limit && stack.gnu.use_extra_arg == 0);
	CHECK(stack.gnu.chunkfun == (void *)take && stack.gnu.freefun == (void *)give);
	stack.gnu.temp.i = SIZE_MAX;
	word = stack.gnu.object_base;
	memcpy(stack.gnu.next_free, "word", 5);
	stack.gnu.object_base = stack.gnu.next_free += 16;
	_obstack_newchunk(&stack.ours, 500);
	CHECK(strcmp(word, "word") == 0 && stack.gnu.chunk->prev != NULL && stack.gnu.chunk_limit - stack.gnu.next_free >= 500);
	EQUAL(chunks, 2);
	_obstack_free(&stack.ours, word);
	CHECK(stack.gnu.next_free == word && stack.gnu.chunk->prev == NULL);
	EQUAL(chunks, 1);
	_obstack_free(&stack.ours, NULL);
	EQUAL(chunks, 0);
}

int
main(void)
{
	objects_follow_each_other();
	functions_are_exchanged();
	an_object_grows();
	large_objects_keep_nothing();
	empty_objects();
	other_ways_to_allocate();
	gnu_header();
	return check_report("obstack");
}
