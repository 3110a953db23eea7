/*
 * A model of what each page of several tasks holds: slots show cells, and cells are shared where writes are seen by all.
 */
#ifndef GRADE_UNIT_VM_MODEL_H
#define GRADE_UNIT_VM_MODEL_H

#include "vm_programs.h"

#define TASKS	5u
#define PAGES	48u

struct cell {
	int refs;
	bool lazy;			/* shows what `object` holds */
	struct cell *object;
	uint64_t value;
};

struct slot {
	struct cell *cell;		/* NULL: not mapped */
	bool direct;			/* the cell is a page of the object */
	vm_prot_t protection;
	vm_inherit_t inheritance;
};

static struct {
	struct vm_map *map;
	struct slot slots[PAGES];
} tasks[TASKS];

static inline struct cell *
cell_new(uint64_t value)
{
	struct cell *cell = calloc(1, sizeof(*cell));

	cell->refs = 1;
	cell->value = value;
	return cell;
}

static inline void
cell_drop(struct cell *cell)
{
	if (cell != NULL && --cell->refs == 0)
		free(cell);
}

static inline uint64_t
cell_value(const struct cell *cell)
{
	return cell->lazy ? cell->object->value : cell->value;
}

static inline void
slot_clear(struct slot *slot)
{
	cell_drop(slot->cell);
	memset(slot, 0, sizeof(*slot));
}

static inline void
slot_copy_of(struct slot *slot, const struct slot *from)
{
	*slot = *from;
	if (from->cell == NULL)
		return;
	if (from->direct) {
		from->cell->refs++;
		return;
	}
	slot->cell = cell_new(from->cell->value);
	slot->cell->lazy = from->cell->lazy;
	slot->cell->object = from->cell->object;
}

#endif
