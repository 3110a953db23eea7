/*
 * malloc: size classes for small blocks, whole pages for large ones, which go back to the system when freed.
 *
 *	| header 16 | block ... |		aligned: | header | ... | header ALIGNED | block ... |
 *
 * The mark in the header tells a live block from a free one, so that a double free or a foreign pointer ends the program
 * with a message instead of corrupting the heap. One lock guards the free lists; large blocks need none.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "malloc_count.h"
#include "malloc_lock.h"
#include "posix/memory.h"

#define PAGE		4096ul
#define CLASSES		22			/* 16 .. 32768 in steps of at most a half */
#define CHUNK		(64 * 1024ul)		/* taken from the system at a time */
#define LIVE		0x6c697665u
#define FREE		0x66726565u
#define LARGE		CLASSES			/* class of whole pages */
#define ALIGNED		(CLASSES + 1)		/* size: bytes back to the header of the block around it */

struct header {
	uint64_t size;				/* bytes after the header */
	uint32_t mark;				/* LIVE or FREE */
	uint32_t class;
};

struct free_block {
	struct header header;
	struct free_block *next;
};

_Static_assert(sizeof(struct header) == 16, "blocks are 16-byte aligned");

struct libc_lock __malloc_lock;
static struct free_block *free_lists[CLASSES];
static char *chunk, *chunk_end;
static size_t chunks;				/* bytes of all chunks */
static size_t large_blocks, large_bytes;	/* atomic */

/* 16 32 48 64 96 128 192 256 ... */
static size_t
class_size(unsigned class)
{
	return class == 0 ? 16 : class % 2 == 1 ? 32ul << (class / 2) : 48ul << (class / 2 - 1);
}

static unsigned
class_of(size_t size)
{
	unsigned half, bit;

	if (size <= 32)
		return size > 16;
	if (size > 32768)
		return LARGE;
	bit = 63 - __builtin_clzl(size - 1);		/* 2^bit < size <= 2^(bit + 1) */
	half = size > 3ul << (bit - 1);
	return 2 * (bit - 5) + 2 + half;
}

static _Noreturn void
heap_broken(const char *what)
{
	char text[80] = "malloc: ";

	strlcat(text, what, sizeof(text));
	strlcat(text, "\n", sizeof(text));
	if (write(2, text, strlen(text)) < 0)
		_exit(127);
	abort();
}

static struct header *
large_alloc(size_t size)
{
	size_t bytes = (size + sizeof(struct header) + PAGE - 1) & ~(PAGE - 1);
	struct header *header = memory_map(bytes);

	if (header == NULL)
		return NULL;
	*header = (struct header){ bytes - sizeof(*header), LIVE, LARGE };
	__atomic_fetch_add(&large_blocks, 1, __ATOMIC_RELAXED);
	__atomic_fetch_add(&large_bytes, bytes, __ATOMIC_RELAXED);
	return header;
}

static void
large_free(struct header *header)
{
	size_t bytes = header->size + sizeof(*header);

	__atomic_fetch_sub(&large_blocks, 1, __ATOMIC_RELAXED);
	__atomic_fetch_sub(&large_bytes, bytes, __ATOMIC_RELAXED);
	memory_unmap(header, bytes);
}

/* What is left of the old chunk goes to the free lists. Conditions: locked. */
static void
use_up_chunk(void)
{
	while (chunk != NULL && (size_t)(chunk_end - chunk) >= class_size(0) + sizeof(struct header)) {
		struct free_block *block = (struct free_block *)chunk;
		size_t room = chunk_end - chunk - sizeof(struct header);
		unsigned class = class_of(room < 32768 ? room : 32768);

		if (class_size(class) > room)
			class--;
		block->header = (struct header){ class_size(class), FREE, class };
		block->next = free_lists[class];
		free_lists[class] = block;
		chunk += class_size(class) + sizeof(struct header);
	}
}

/* Conditions: locked. */
static struct header *
carve(unsigned class)
{
	size_t need = class_size(class) + sizeof(struct header);
	struct header *header;

	if (chunk == NULL || (size_t)(chunk_end - chunk) < need) {
		use_up_chunk();
		chunk = memory_map(CHUNK);
		if (chunk == NULL)
			return NULL;
		chunk_end = chunk + CHUNK;
		chunks += CHUNK;
	}
	header = (struct header *)chunk;
	chunk += need;
	*header = (struct header){ class_size(class), FREE, class };
	return header;
}

static struct header *
small_alloc(unsigned class)
{
	struct header *header;

	__lock_take_critical(&__malloc_lock);
	header = (struct header *)free_lists[class];
	if (header != NULL)
		free_lists[class] = ((struct free_block *)header)->next;
	else
		header = carve(class);
	if (header != NULL)
		header->mark = LIVE;
	__lock_release_critical(&__malloc_lock);
	return header;
}

void *
malloc(size_t size)
{
	struct header *header = NULL;
	unsigned class;

	if (size <= PTRDIFF_MAX - 2 * PAGE) {
		class = class_of(size);
		header = class == LARGE ? large_alloc(size) : small_alloc(class);
	}
	if (header != NULL)
		return header + 1;
	errno = ENOMEM;
	return NULL;
}

/* The header of a live block, of the block around it when it is an aligned one. */
static struct header *
header_of(void *block)
{
	struct header *header = (struct header *)block - 1;

	if (((uintptr_t)block & 15) != 0 || header->mark != LIVE)
		heap_broken(((uintptr_t)block & 15) == 0 && header->mark == FREE ? "double free" :
		    "a pointer that was not allocated");
	return header;
}

void
free(void *block)
{
	struct header *header;

	if (block == NULL)
		return;
	header = header_of(block);
	if (header->class == ALIGNED) {
		header->mark = FREE;
		header = header_of((char *)block - header->size);
	}
	if (header->class == LARGE) {
		large_free(header);
		return;
	}
	__lock_take_critical(&__malloc_lock);
	if (header->mark != LIVE)
		heap_broken("double free");
	header->mark = FREE;
	((struct free_block *)header)->next = free_lists[header->class];
	free_lists[header->class] = (struct free_block *)header;
	__lock_release_critical(&__malloc_lock);
}

size_t
malloc_usable_size(void *block)
{
	struct header *header, *around;

	if (block == NULL)
		return 0;
	header = header_of(block);
	if (header->class != ALIGNED)
		return header->size;
	around = header_of((char *)block - header->size);
	return around->size - header->size;
}

/* Pages of a large block are zero already. */
void *
calloc(size_t count, size_t size)
{
	size_t bytes;
	void *block;

	if (__builtin_mul_overflow(count, size, &bytes)) {
		errno = ENOMEM;
		return NULL;
	}
	block = malloc(bytes);
	return block == NULL || class_of(bytes) == LARGE ? block : memset(block, 0, bytes);
}

/* In place when the block is large enough and at least a quarter used. A growing large block gets room to grow on, if it can. */
void *
realloc(void *block, size_t size)
{
	size_t old;
	void *moved = NULL;

	if (block == NULL)
		return malloc(size);
	old = malloc_usable_size(block);
	if (size <= old && size >= old / 4)
		return block;
	if (size > old && old > 32768 && size < old + old / 2)
		moved = malloc(old + old / 2);
	if (moved == NULL)
		moved = malloc(size);
	if (moved == NULL)
		return size <= old ? block : NULL;
	memcpy(moved, block, size < old ? size : old);
	free(block);
	return moved;
}

/* The alignment is a power of two; EINVAL. */
void *
aligned_alloc(size_t alignment, size_t size)
{
	uintptr_t start, block;

	if (alignment == 0 || (alignment & (alignment - 1)) != 0 || alignment > PTRDIFF_MAX / 4) {
		errno = EINVAL;
		return NULL;
	}
	if (alignment <= 16)
		return malloc(size);
	if (size > PTRDIFF_MAX / 2) {
		errno = ENOMEM;
		return NULL;
	}
	start = (uintptr_t)malloc(size + alignment + sizeof(struct header));
	if (start == 0 || (start & (alignment - 1)) == 0)
		return (void *)start;
	block = (start + sizeof(struct header) + alignment - 1) & ~(alignment - 1);
	((struct header *)block)[-1] = (struct header){ block - start, LIVE, ALIGNED };
	return (void *)block;
}

int
posix_memalign(void **block, size_t alignment, size_t size)
{
	int saved = errno, error;
	void *made;

	if (alignment < sizeof(void *))
		return EINVAL;
	made = aligned_alloc(alignment, size);
	error = errno;
	errno = saved;
	if (made == NULL)
		return error;
	*block = made;
	return 0;
}

void
__malloc_count(struct malloc_counts *counts)
{
	*counts = (struct malloc_counts){ 0 };
	__lock_take_critical(&__malloc_lock);
	for (unsigned class = 0; class < CLASSES; class++)
		for (struct free_block *block = free_lists[class]; block != NULL; block = block->next) {
			counts->free_blocks++;
			counts->free_bytes += class_size(class) + sizeof(block->header);
		}
	if (chunk < chunk_end) {		/* what is left of the newest chunk */
		counts->free_blocks++;
		counts->free_bytes += chunk_end - chunk;
	}
	counts->chunks = chunks;
	__lock_release_critical(&__malloc_lock);
	counts->large_blocks = __atomic_load_n(&large_blocks, __ATOMIC_RELAXED);
	counts->large_bytes = __atomic_load_n(&large_bytes, __ATOMIC_RELAXED);
}
