/*
 * Stacks of objects (GNU <obstack.h>): objects are made one after the other in large chunks, the last one may grow, and freeing one frees all that
 * came after it.
 *
 * Programs that carry GNU's own <obstack.h>, of the version whose sizes are size_t, use it with the functions of the library: the structures and the
 * functions' names are what that header says.
 *
 * A program that calls obstack_init or obstack_begin defines obstack_chunk_alloc and obstack_chunk_free, which are like malloc and free.
 */
#ifndef _OBSTACK_H
#define _OBSTACK_H

#include <stdarg.h>
#include <stddef.h>
#include <string.h>

struct _obstack_chunk {
	char *limit;			/* its end */
	struct _obstack_chunk *prev;
};

struct obstack {
	size_t chunk_size;		/* bytes of a new chunk, its head included */
	struct _obstack_chunk *chunk;
	char *object_base, *next_free, *chunk_limit;	/* the object that grows; the end of the chunk */
	union {
		size_t number;
		void *pointer;
	} temp;				/* GNU's macros keep a value here */
	size_t alignment_mask;
	union {
		void *(*plain)(size_t size);
		void *(*extra)(void *argument, size_t size);
	} chunkfun;
	union {
		void (*plain)(void *chunk);
		void (*extra)(void *argument, void *chunk);
	} freefun;
	void *extra_arg;
	unsigned use_extra_arg : 1;
	unsigned maybe_empty_object : 1;	/* one of no bytes may stand where the chunk begins */
};

/* What is called when there is no memory; it does not return. The usual one says so and exits with obstack_exit_failure. */
extern void (*obstack_alloc_failed_handler)(void);
extern int obstack_exit_failure;

int _obstack_begin(struct obstack *stack, size_t size, size_t alignment, void *(*chunkfun)(size_t), void (*freefun)(void *));
int _obstack_begin_1(struct obstack *stack, size_t size, size_t alignment, void *(*chunkfun)(void *, size_t), void (*freefun)(void *, void *),
	void *argument);
void _obstack_newchunk(struct obstack *stack, size_t size);
void *_obstack_finish(struct obstack *stack);
size_t _obstack_memory_used(struct obstack *stack);
int _obstack_allocated_p(struct obstack *stack, void *object);
void obstack_free(struct obstack *stack, void *object);
void _obstack_free(struct obstack *stack, void *object);	/* the same */
int obstack_printf(struct obstack *stack, const char *format, ...) __attribute__((__format__(__printf__, 2, 3)));
int obstack_vprintf(struct obstack *stack, const char *format, va_list arguments) __attribute__((__format__(__printf__, 2, 0)));

#define __OBSTACK_PLAIN	(void *(*)(size_t))obstack_chunk_alloc, (void (*)(void *))obstack_chunk_free

#define obstack_init(stack)		_obstack_begin((stack), 0, 0, __OBSTACK_PLAIN)
#define obstack_begin(stack, size)	_obstack_begin((stack), (size), 0, __OBSTACK_PLAIN)
#define obstack_specify_allocation(stack, size, alignment, chunkfun, freefun) \
	_obstack_begin((stack), (size), (alignment), (void *(*)(size_t))(chunkfun), (void (*)(void *))(freefun))
#define obstack_specify_allocation_with_arg(stack, size, alignment, chunkfun, freefun, argument) \
	_obstack_begin_1((stack), (size), (alignment), (void *(*)(void *, size_t))(chunkfun), (void (*)(void *, void *))(freefun), (argument))

/* Other functions for the chunks from now on, with or without an argument as those before. Compilers ask for the step between two kinds. */
#define obstack_chunkfun(stack, function)	((stack)->chunkfun.extra = (void *(*)(void *, size_t))(void (*)(void))(function))
#define obstack_freefun(stack, function)	((stack)->freefun.extra = (void (*)(void *, void *))(void (*)(void))(function))

#define obstack_alignment_mask(stack)	((stack)->alignment_mask)
#define obstack_chunk_size(stack)	((stack)->chunk_size)
#define obstack_memory_used(stack)	_obstack_memory_used(stack)

/* --- the object that grows --- */

static __inline void *
obstack_base(const struct obstack *stack)
{
	return stack->object_base;
}

static __inline void *
obstack_next_free(const struct obstack *stack)
{
	return stack->next_free;
}

static __inline size_t
obstack_object_size(const struct obstack *stack)
{
	return (size_t)(stack->next_free - stack->object_base);
}

static __inline size_t
obstack_room(const struct obstack *stack)
{
	return (size_t)(stack->chunk_limit - stack->next_free);
}

/* Nothing is in it, and nothing begun. */
static __inline int
obstack_empty_p(const struct obstack *stack)
{
	return stack->chunk->prev == NULL && obstack_object_size(stack) == 0 &&
	       (size_t)(stack->next_free - (const char *)(stack->chunk + 1)) <= stack->alignment_mask;
}

static __inline void
obstack_make_room(struct obstack *stack, size_t size)
{
	if (obstack_room(stack) < size)
		_obstack_newchunk(stack, size);
}

/* There is room, or a negative size makes it smaller. */
static __inline void
obstack_blank_fast(struct obstack *stack, ptrdiff_t size)
{
	stack->next_free += size;
}

static __inline void
obstack_blank(struct obstack *stack, ptrdiff_t size)
{
	if (size > 0)
		obstack_make_room(stack, (size_t)size);
	obstack_blank_fast(stack, size);
}

static __inline void
obstack_1grow_fast(struct obstack *stack, char byte)
{
	*stack->next_free++ = byte;
}

static __inline void
obstack_1grow(struct obstack *stack, char byte)
{
	obstack_make_room(stack, 1);
	obstack_1grow_fast(stack, byte);
}

static __inline void
obstack_grow(struct obstack *stack, const void *data, size_t size)
{
	obstack_make_room(stack, size);
	if (size > 0)
		memcpy(stack->next_free, data, size);
	stack->next_free += size;
}

static __inline void
obstack_grow0(struct obstack *stack, const void *data, size_t size)
{
	obstack_make_room(stack, size + 1);
	obstack_grow(stack, data, size);
	obstack_1grow_fast(stack, 0);
}

static __inline void
obstack_ptr_grow(struct obstack *stack, const void *pointer)
{
	obstack_grow(stack, &pointer, sizeof(pointer));
}

static __inline void
obstack_ptr_grow_fast(struct obstack *stack, const void *pointer)
{
	obstack_ptr_grow(stack, pointer);
}

static __inline void
obstack_int_grow(struct obstack *stack, int value)
{
	obstack_grow(stack, &value, sizeof(value));
}

static __inline void
obstack_int_grow_fast(struct obstack *stack, int value)
{
	obstack_int_grow(stack, value);
}

/* --- objects --- */

static __inline void *
obstack_finish(struct obstack *stack)
{
	return _obstack_finish(stack);
}

static __inline void *
obstack_alloc(struct obstack *stack, size_t size)
{
	obstack_make_room(stack, size);
	stack->next_free += size;
	return _obstack_finish(stack);
}

static __inline void *
obstack_copy(struct obstack *stack, const void *data, size_t size)
{
	obstack_grow(stack, data, size);
	return _obstack_finish(stack);
}

static __inline void *
obstack_copy0(struct obstack *stack, const void *data, size_t size)
{
	obstack_grow0(stack, data, size);
	return _obstack_finish(stack);
}

#endif
