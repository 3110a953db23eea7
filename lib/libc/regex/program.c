/* From nodes to a program. See regex.h. */
#include <stdlib.h>
#include <string.h>

#include "regex.h"

#define LENGTH_MAX	(1 << 17)	/* instructions: repetitions of repetitions grow fast */

/* Appends an instruction. Returns its place, or -1. */
static int
put(struct __regex_program *program, struct instruction instruction)
{
	if (program->length == program->room) {
		int room = program->room == 0 ? 16 : program->room * 2;
		struct instruction *more = room <= LENGTH_MAX ? realloc(program->code, (size_t)room * sizeof(*more)) : NULL;

		if (more == NULL)
			return -1;
		program->code = more;
		program->room = room;
	}
	program->code[program->length] = instruction;
	return program->length++;
}

static bool
put_op(struct __regex_program *program, enum op op, int x, int y)
{
	return put(program, (struct instruction){ .op = op, .x = x, .y = y }) >= 0;
}

static bool put_sequence(struct __regex_program *program, const struct node *node);

/* A loop, not a recursion: there may be thousands. */
static bool
put_alternatives(struct __regex_program *program, const struct node *node)
{
	int jump = -1;

	for (; node->kind == NODE_ALTERNATIVES; node = node->right) {
		int split = put(program, (struct instruction){ .op = OP_SPLIT, .x = program->length + 1 });

		if (split < 0 || !put_sequence(program, node->left))
			return false;
		jump = put(program, (struct instruction){ .op = OP_JUMP, .x = jump });
		if (jump < 0)
			return false;		/* a chain through x of those that go to the end */
		program->code[split].y = program->length;
	}
	if (!put_sequence(program, node))
		return false;
	while (jump >= 0) {
		int before = program->code[jump].x;

		program->code[jump].x = program->length;
		jump = before;
	}
	return true;
}

static bool put_one(struct __regex_program *program, const struct node *node);

/* One turn of a repetition: groups in it have nothing from the turn before. */
static bool
put_turn(struct __regex_program *program, const struct node *node)
{
	if (node->last > node->number && !put_op(program, OP_RESET, 2 * node->number, 2 * node->last))
		return false;
	return put_one(program, node->left);
}

/* A turn, and as many more as there may be: an empty one is the last. */
static bool
put_loop(struct __regex_program *program, const struct node *node)
{
	int start = program->length, mark = 0;

	if (program->back_references) {
		mark = program->slots++;
		if (!put_op(program, OP_MARK, mark, 0))
			return false;
	}
	if (!put_turn(program, node))
		return false;
	return put(program, (struct instruction){ .op = OP_LOOP, .x = start, .y = program->length + 1, .number = mark }) >= 0;
}

/* What need not be goes to the end from in front of each turn. */
static bool
put_repeat(struct __regex_program *program, const struct node *node)
{
	int splits = node->most < 0 ? node->least == 0 : node->most - node->least, skip = -1, start = program->length;

	for (int i = node->most < 0 ? 1 : 0; i < node->least; i++) {
		if (!put_turn(program, node))
			return false;
		if (program->length == start)
			return true;		/* nothing, however often: x{0}{255}{255}... */
	}
	for (int i = 0; i < splits; i++) {
		int split = put(program, (struct instruction){ .op = OP_SPLIT, .x = program->length + 1, .y = skip });

		if (split < 0 || !(node->most < 0 ? put_loop(program, node) : put_turn(program, node)))
			return false;
		skip = split;			/* a chain through y of those that go to the end */
	}
	if (node->most < 0 && node->least > 0 && !put_loop(program, node))
		return false;
	while (skip >= 0) {
		int before = program->code[skip].y;

		program->code[skip].y = program->length;
		skip = before;
	}
	return true;
}

static bool
put_one(struct __regex_program *program, const struct node *node)
{
	switch (node->kind) {
	case NODE_SET:
		return put(program, (struct instruction){ .op = OP_SET, .node = node }) >= 0;
	case NODE_BACK:
		return put_op(program, OP_BACK, node->number, 0);
	case NODE_BEGIN:
		return put_op(program, OP_BEGIN, 0, 0);
	case NODE_END:
		return put_op(program, OP_END, 0, 0);
	case NODE_WORD:
		return put_op(program, OP_WORD, node->number, 0);
	case NODE_GROUP:
		return put_op(program, OP_SAVE, 2 * node->number, 0) && put_sequence(program, node->left) &&
		    put_op(program, OP_SAVE, 2 * node->number + 1, 0);
	case NODE_ALTERNATIVES:
		return put_alternatives(program, node);
	case NODE_REPEAT:
		return put_repeat(program, node);
	case NODE_EMPTY:
		break;
	}
	return true;
}

static bool
put_sequence(struct __regex_program *program, const struct node *node)
{
	for (; node != NULL; node = node->next)
		if (!put_one(program, node))
			return false;
	return true;
}

/* --- what a match may begin with --- */

static void
note_starts(struct __regex_program *program, const struct set *set)
{
	bool wide = program->utf8 && (set->inverted || set->count > 0 || set->classes != 0);

	for (unsigned i = 0; i < 8; i++)
		program->starts[i] |= i < 4 || !program->utf8 ? set->bits[i] : wide ? ~0u : 0;
}

/* Follows all ways from the first instruction up to the first character. Returns REG_ESPACE without memory. */
static int
find_starts(struct __regex_program *program)
{
	int *stack = malloc((2 * (size_t)program->length + 1) * sizeof(*stack)), count = 0;
	bool *seen = calloc((size_t)program->length, sizeof(*seen));

	if (stack == NULL || seen == NULL) {
		free(stack);
		free(seen);
		return REG_ESPACE;
	}
	stack[count++] = 0;
	while (count > 0) {
		int at = stack[--count];
		const struct instruction *i = &program->code[at];

		if (seen[at])
			continue;
		seen[at] = true;
		if (i->op == OP_SET)
			note_starts(program, &i->node->set);
		else if (i->op == OP_MATCH || i->op == OP_BACK)
			program->may_be_empty = true;
		else if (i->op == OP_JUMP || i->op == OP_SPLIT || i->op == OP_LOOP)
			stack[count++] = i->x;
		else
			stack[count++] = at + 1;
		if ((i->op == OP_SPLIT || i->op == OP_LOOP) && !seen[i->y])
			stack[count++] = i->y;
	}
	free(stack);
	free(seen);
	return 0;
}

int
__regex_program(struct __regex_program *program)
{
	program->slots = 2 * (program->groups + 1);
	if (!put_sequence(program, program->first) || !put_op(program, OP_MATCH, 0, 0))
		return REG_ESPACE;
	program->anchored = program->code[0].op == OP_BEGIN && (program->flags & REG_NEWLINE) == 0;
	return find_starts(program);
}
