/*
 * The servers' heap. See heap.h.
 *
 * Every block has a 16-byte head with a mark that depends on its address; freeing checks the mark
 * and changes it. Small blocks come in size classes cut from chunks and return to their class's
 * list; large ones are mappings of their own and go back to the kernel.
 */
#include "mach/heap.h"
#include "mach/cthread.h"
#include "mach/print.h"
#include <string.h>

#define CLASS_MIN	32u			/* bytes, head included; then 48, 64, 96, 128 ... */
#define CLASSES		20
#define SMALL_MAX	(CLASS_MIN << 9)	/* 16 KB */
#define CHUNK		(64u * 1024)
#define POISON		16u			/* bytes that a freed block does not keep: every block has them */
#define MARK_USED	0x5ea1ed00u
#define MARK_FREE	0xf4eeb10cu
#define LARGE		0xffffffffu

struct head {
	uint32_t mark;
	uint32_t class;
	union {
		uint64_t size;			/* bytes with the head: while in use */
		struct head *next;		/* while free */
	};
};

_Static_assert(sizeof(struct head) == 16, "blocks stay 16-byte aligned");

static struct mutex lock;
static struct head *lists[CLASSES];
static uint8_t *chunk, *chunk_end;
static size_t in_use;

static uint32_t
mark_of(const struct head *head, uint32_t kind)
{
	return kind ^ (uint32_t)((uintptr_t)head >> 4);
}

static size_t
class_size(uint32_t class)
{
	size_t power = (size_t)CLASS_MIN << (class / 2);

	return class % 2 == 0 ? power : power + power / 2;
}

static uint32_t
class_of(size_t size)
{
	uint32_t class = 0;

	while (class_size(class) < size)
		class++;
	return class;
}

/* With the lock held. A chunk's unused rest is given up: less than one block of this class. */
static struct head *
cut(size_t size)
{
	vm_address_t fresh = 0;
	struct head *head;

	if ((size_t)(chunk_end - chunk) < size) {
		if (vm_allocate(mach_task_self(), &fresh, CHUNK, VM_FLAGS_ANYWHERE) != KERN_SUCCESS)
			return NULL;
		chunk = (uint8_t *)fresh;
		chunk_end = chunk + CHUNK;
	}
	head = (struct head *)chunk;
	chunk += size;
	return head;
}

static struct head *
take_small(uint32_t class)
{
	struct head *head;

	mutex_lock(&lock);
	head = lists[class];
	if (head != NULL)
		lists[class] = head->next;
	else
		head = cut(class_size(class));
	if (head != NULL)
		in_use += class_size(class);
	mutex_unlock(&lock);
	return head;
}

static struct head *
take_large(size_t size)
{
	vm_address_t fresh = 0;

	if (vm_allocate(mach_task_self(), &fresh, size, VM_FLAGS_ANYWHERE) != KERN_SUCCESS)
		return NULL;
	__atomic_add_fetch(&in_use, vm_page_round(size), __ATOMIC_RELAXED);
	return (struct head *)fresh;
}

void *
heap_alloc(size_t size)
{
	struct head *head;
	uint32_t class;

	if (size > SIZE_MAX / 2)
		return NULL;
	size += sizeof(*head);
	class = size <= SMALL_MAX ? class_of(size) : LARGE;
	head = class != LARGE ? take_small(class) : take_large(size);
	if (head == NULL)
		return NULL;
	head->class = class;
	head->size = class != LARGE ? class_size(class) : vm_page_round(size);
	head->mark = mark_of(head, MARK_USED);
	return head + 1;
}

void *
heap_zalloc(size_t count, size_t size)
{
	size_t bytes;
	void *block;

	if (__builtin_mul_overflow(count, size, &bytes))
		return NULL;
	block = heap_alloc(bytes);
	if (block != NULL)
		memset(block, 0, bytes);
	return block;
}

static struct head *
head_of(void *block, const char *what)
{
	struct head *head = (struct head *)block - 1;

	if (((uintptr_t)block & 15) != 0)
		panic("heap: %s of %p: not a block\n", what, block);
	if (head->mark == mark_of(head, MARK_FREE))
		panic("heap: %s of %p: freed already\n", what, block);
	if (head->mark != mark_of(head, MARK_USED))
		panic("heap: %s of %p: not a block, or overwritten\n", what, block);
	return head;
}

void
heap_free(void *block)
{
	struct head *head;

	if (block == NULL)
		return;
	head = head_of(block, "free");
	if (head->class == LARGE) {
		__atomic_sub_fetch(&in_use, head->size, __ATOMIC_RELAXED);
		vm_deallocate(mach_task_self(), (uintptr_t)head, head->size);
		return;
	}
	memset(block, 0xd5, POISON);
	mutex_lock(&lock);
	if (head->mark == mark_of(head, MARK_FREE)) {
		mutex_unlock(&lock);
		panic("heap: free of %p: freed already\n", block);
	}
	head->mark = mark_of(head, MARK_FREE);
	in_use -= head->size;
	head->next = lists[head->class];
	lists[head->class] = head;
	mutex_unlock(&lock);
}

void *
heap_resize(void *block, size_t size)
{
	struct head *head;
	void *larger;

	if (block == NULL)
		return heap_alloc(size);
	head = head_of(block, "resize");
	if (size <= head->size - sizeof(*head))
		return block;
	larger = heap_alloc(size);
	if (larger == NULL)
		return NULL;
	memcpy(larger, block, head->size - sizeof(*head));
	heap_free(block);
	return larger;
}

char *
heap_string(const char *string)
{
	size_t size = strlen(string) + 1;
	char *copy = heap_alloc(size);

	if (copy != NULL)
		memcpy(copy, string, size);
	return copy;
}

size_t
heap_in_use(void)
{
	return __atomic_load_n(&in_use, __ATOMIC_RELAXED);
}
