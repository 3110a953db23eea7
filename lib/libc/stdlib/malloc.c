/*
 * malloc: size classes for small blocks, whole pages for large ones.
 *
 * A block has a 16-byte header: its size class or page count, and a mark that tells a live block from a free one, so that a double free or a foreign
 * pointer ends the program with a message instead of corrupting the heap.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "posix/memory.h"

#define PAGE		4096ul
#define CLASSES		22			/* 16 .. 32768 in steps of at most a half */
#define CHUNK		(64 * 1024ul)		/* taken from the system at a time */
#define LIVE		0x6c697665u
#define FREE		0x66726565u

struct header {
	uint64_t size;				/* bytes after the header: class size, or pages * PAGE - header */
	uint32_t mark;				/* LIVE or FREE */
	uint32_t class;				/* CLASSES: whole pages */
};

struct free_block {
	struct header header;
	struct free_block *next;
};

_Static_assert(sizeof(struct header) == 16, "blocks are 16-byte aligned");

static struct free_block *free_lists[CLASSES];
static char *chunk, *chunk_end;
static volatile int locked;

static void
lock(void)
{
	while (__atomic_exchange_n(&locked, 1, __ATOMIC_ACQUIRE))
		continue;
}

static void
unlock(void)
{
	__atomic_store_n(&locked, 0, __ATOMIC_RELEASE);
}

/* 16 32 48 64 96 128 192 256 ... */
static size_t
class_size(unsigned class)
{
	return class == 0 ? 16 : class % 2 == 1 ? 32ul << (class / 2) : 48ul << (class / 2 - 1);
}

static unsigned
class_of(size_t size)
{
	unsigned class = 0;

	while (class < CLASSES && class_size(class) < size)
		class++;
	return class;
}

static _Noreturn void
heap_broken(const char *what)
{
	write(2, "malloc: ", 8);
	write(2, what, strlen(what));
	write(2, "\n", 1);
	_exit(134);
}

static void *
large_alloc(size_t size)
{
	size_t bytes = (size + sizeof(struct header) + PAGE - 1) & ~(PAGE - 1);
	struct header *header = memory_map(bytes);

	if (header == NULL)
		return NULL;
	*header = (struct header){ bytes - sizeof(*header), LIVE, CLASSES };
	return header + 1;
}

/* Conditions: locked. */
static struct header *
carve(unsigned class)
{
	size_t need = class_size(class) + sizeof(struct header);
	struct header *header;

	if (chunk == NULL || (size_t)(chunk_end - chunk) < need) {
		chunk = memory_map(CHUNK);
		if (chunk == NULL)
			return NULL;
		chunk_end = chunk + CHUNK;
	}
	header = (struct header *)chunk;
	chunk += need;
	header->size = class_size(class);
	header->class = class;
	return header;
}

void *
malloc(size_t size)
{
	unsigned class = class_of(size);
	struct header *header;
	void *block = NULL;

	if (size > PTRDIFF_MAX - PAGE) {
		errno = ENOMEM;
		return NULL;
	}
	if (class == CLASSES) {
		block = large_alloc(size);
	} else {
		lock();
		header = (struct header *)free_lists[class];
		if (header != NULL)
			free_lists[class] = ((struct free_block *)header)->next;
		else
			header = carve(class);
		if (header != NULL) {
			header->mark = LIVE;
			block = header + 1;
		}
		unlock();
	}
	if (block == NULL)
		errno = ENOMEM;
	return block;
}

void
free(void *block)
{
	struct header *header = (struct header *)block - 1;

	if (block == NULL)
		return;
	lock();
	if (((uintptr_t)block & 15) != 0 || header->mark != LIVE)
		heap_broken(header->mark == FREE ? "double free" : "free of a pointer that was not allocated");
	header->mark = FREE;
	if (header->class < CLASSES) {
		struct free_block *free_block = (struct free_block *)header;

		free_block->next = free_lists[header->class];
		free_lists[header->class] = free_block;
	}
	unlock();
	if (header->class == CLASSES)
		memory_unmap(header, header->size + sizeof(*header));
}

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
	return block == NULL ? NULL : memset(block, 0, bytes);
}

void *
realloc(void *block, size_t size)
{
	struct header *header = (struct header *)block - 1;
	void *moved;

	if (block == NULL)
		return malloc(size);
	if (size <= header->size && size > header->size / 4)
		return block;
	moved = malloc(size);
	if (moved == NULL)
		return NULL;
	memcpy(moved, block, size < header->size ? size : header->size);
	free(block);
	return moved;
}
