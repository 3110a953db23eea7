/* Stacks of objects: see <obstack.h>. */
#include <obstack.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define CHUNK_USUAL	4064		/* bytes: with malloc's own head less than a page */
#define ALIGNMENT	(_Alignof(max_align_t))

static void
no_memory(void)
{
	fputs("memory exhausted\n", stderr);
	exit(obstack_exit_failure);
}

void (*obstack_alloc_failed_handler)(void) = no_memory;
int obstack_exit_failure = EXIT_FAILURE;

static struct _obstack_chunk *
chunk_new(struct obstack *stack, size_t size)
{
	struct _obstack_chunk *chunk = stack->use_extra_arg ? stack->chunkfun.extra(stack->extra_arg, size) : stack->chunkfun.plain(size);

	if (chunk == NULL)
		obstack_alloc_failed_handler();
	chunk->limit = (char *)chunk + size;
	return chunk;
}

static void
chunk_free(struct obstack *stack, struct _obstack_chunk *chunk)
{
	if (stack->use_extra_arg)
		stack->freefun.extra(stack->extra_arg, chunk);
	else
		stack->freefun.plain(chunk);
}

static char *
aligned(const struct obstack *stack, char *at)
{
	return at + (-(uintptr_t)at & stack->alignment_mask);
}

/* Where its first object begins. */
static char *
chunk_begin(const struct obstack *stack, struct _obstack_chunk *chunk)
{
	return aligned(stack, (char *)(chunk + 1));
}

static int
begin(struct obstack *stack, size_t size, size_t alignment)
{
	stack->alignment_mask = (alignment != 0 ? alignment : ALIGNMENT) - 1;
	stack->chunk_size = size != 0 ? size : CHUNK_USUAL;
	if (stack->chunk_size < sizeof(*stack->chunk) + 2 * (stack->alignment_mask + 1))
		stack->chunk_size = sizeof(*stack->chunk) + 2 * (stack->alignment_mask + 1);
	stack->maybe_empty_object = 0;
	stack->chunk = chunk_new(stack, stack->chunk_size);
	stack->chunk->prev = NULL;
	stack->object_base = stack->next_free = chunk_begin(stack, stack->chunk);
	stack->chunk_limit = stack->chunk->limit;
	return 1;
}

int
_obstack_begin(struct obstack *stack, size_t size, size_t alignment, void *(*chunkfun)(size_t), void (*freefun)(void *))
{
	stack->chunkfun.plain = chunkfun;
	stack->freefun.plain = freefun;
	stack->use_extra_arg = 0;
	return begin(stack, size, alignment);
}

int
_obstack_begin_1(struct obstack *stack, size_t size, size_t alignment, void *(*chunkfun)(void *, size_t), void (*freefun)(void *, void *),
	void *argument)
{
	stack->chunkfun.extra = chunkfun;
	stack->freefun.extra = freefun;
	stack->extra_arg = argument;
	stack->use_extra_arg = 1;
	return begin(stack, size, alignment);
}

/*
 * The object that grows moves into a new chunk, with room for `size` bytes more and as many as it has, so that growing costs no more than it is
 * long. The old chunk goes if there was nothing else in it.
 */
void
_obstack_newchunk(struct obstack *stack, size_t size)
{
	struct _obstack_chunk *old = stack->chunk, *new;
	size_t have = obstack_object_size(stack), need, extra = sizeof(*new) + stack->alignment_mask;
	bool alone = stack->object_base == chunk_begin(stack, old) && !stack->maybe_empty_object;

	if (__builtin_add_overflow(have, size, &need) || __builtin_add_overflow(need, have + extra, &need))
		obstack_alloc_failed_handler();
	new = chunk_new(stack, need > stack->chunk_size ? need : stack->chunk_size);
	new->prev = alone ? old->prev : old;
	memcpy(chunk_begin(stack, new), stack->object_base, have);
	if (alone)
		chunk_free(stack, old);
	stack->chunk = new;
	stack->chunk_limit = new->limit;
	stack->object_base = chunk_begin(stack, new);
	stack->next_free = stack->object_base + have;
	stack->maybe_empty_object = 0;
}

/* The next object begins aligned, or has no room in this chunk. */
void *
_obstack_finish(struct obstack *stack)
{
	char *object = stack->object_base, *next = aligned(stack, stack->next_free);

	if (stack->next_free == object)
		stack->maybe_empty_object = 1;
	stack->object_base = stack->next_free = next <= stack->chunk_limit ? next : stack->chunk_limit;
	return object;
}

/* An object of no bytes may stand at the end of its chunk. */
static bool
is_in(const struct _obstack_chunk *chunk, const void *object)
{
	return (uintptr_t)object > (uintptr_t)chunk && (uintptr_t)object <= (uintptr_t)chunk->limit;
}

/* NULL frees everything: the stack has to be begun anew. */
void
obstack_free(struct obstack *stack, void *object)
{
	struct _obstack_chunk *chunk = stack->chunk;

	while (chunk != NULL && !is_in(chunk, object)) {
		struct _obstack_chunk *before = chunk->prev;

		chunk_free(stack, chunk);
		chunk = before;
		stack->maybe_empty_object = 1;	/* who knows what is in front of it */
	}
	if (chunk == NULL && object != NULL)
		abort();
	stack->chunk = chunk;
	stack->object_base = stack->next_free = object;
	stack->chunk_limit = chunk != NULL ? chunk->limit : NULL;
}

extern void _obstack_free(struct obstack *stack, void *object) __attribute__((__alias__("obstack_free")));

int
_obstack_allocated_p(struct obstack *stack, void *object)
{
	struct _obstack_chunk *chunk = stack->chunk;

	while (chunk != NULL && !is_in(chunk, object))
		chunk = chunk->prev;
	return chunk != NULL;
}

size_t
_obstack_memory_used(struct obstack *stack)
{
	size_t bytes = 0;

	for (struct _obstack_chunk *chunk = stack->chunk; chunk != NULL; chunk = chunk->prev)
		bytes += (size_t)(chunk->limit - (char *)chunk);
	return bytes;
}
