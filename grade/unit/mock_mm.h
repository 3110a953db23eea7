/*
 * Host stand-ins for the kernel heap, included by a test program (once): kalloc from calloc, with a
 * countdown to failure.
 */
#ifndef GRADE_UNIT_MOCK_MM_H
#define GRADE_UNIT_MOCK_MM_H

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "mm/kalloc.h"

static long mock_kalloc_live;			/* blocks in use */
static long mock_kalloc_fail_after = -1;	/* this many more succeed; -1: all */

static bool
mock_kalloc_refuses(void)
{
	if (mock_kalloc_fail_after < 0)
		return false;
	if (mock_kalloc_fail_after == 0)
		return true;
	mock_kalloc_fail_after--;
	return false;
}

void *
kalloc(size_t bytes, enum kalloc_type type)
{
	(void)type;
	if (mock_kalloc_refuses())
		return NULL;
	mock_kalloc_live++;
	return calloc(1, bytes);
}

void *
kalloc_raw(size_t bytes, enum kalloc_type type)
{
	void *block = kalloc(bytes, type);

	if (block != NULL)
		memset(block, 0xa5, bytes);
	return block;
}

void
kfree(void *pointer)
{
	if (pointer != NULL)
		mock_kalloc_live--;
	free(pointer);
}

#endif
