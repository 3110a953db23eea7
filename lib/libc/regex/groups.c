/*
 * One way through a program, with groups. The way's choices that are still open are on a stack of its own, as is what has to be put back on the
 * way to them.
 *
 * Where the end is known, an instruction that failed at a place fails there for ever: each is tried once at each place. With back references what
 * comes next depends on the groups, too: the longest of all ways is looked for, in a limited number of steps.
 */
#include <stdlib.h>
#include <string.h>

#include "regex.h"

#define STEPS_MAX	20000000l	/* with back references */

struct choice {
	int at;				/* an instruction; below 0: slot -1 - at gets `here` back */
	const char *here;
};

struct walk {
	const struct text *text;
	const struct instruction *code;
	const char *start, *end, *best;	/* end: NULL with back references; best: the longest then */
	const char **slots, **best_slots;
	struct choice *choices;
	size_t count, room;
	uint32_t *tried;		/* a bit for each instruction at each place */
	int error;
};

static void
push(struct walk *w, int at, const char *here)
{
	if (w->count == w->room) {
		size_t room = w->room == 0 ? 64 : w->room * 2;
		struct choice *more = realloc(w->choices, room * sizeof(*more));

		if (more == NULL) {
			w->error = REG_ESPACE;
			return;
		}
		w->choices = more;
		w->room = room;
	}
	w->choices[w->count++] = (struct choice){ at, here };
}

static void
set_slot(struct walk *w, int slot, const char *here)
{
	if (w->slots[slot] == here)
		return;
	push(w, -1 - slot, w->slots[slot]);
	w->slots[slot] = here;
}

/* Whether the instruction has still to be tried here. */
static bool
is_new(struct walk *w, int at, const char *here)
{
	size_t n = (size_t)(here - w->start) * (size_t)w->text->program->length + (size_t)at;

	if (w->end == NULL) {
		if (++*w->text->steps > STEPS_MAX)
			w->error = REG_ESPACE;
		return w->error == 0;
	}
	if ((w->tried[n / 32] >> n % 32 & 1) != 0)
		return false;
	w->tried[n / 32] |= 1u << n % 32;
	return true;
}

/* Whether two pieces of the text differ at most in case. */
static bool
same_letters(const struct __regex_program *program, const char *left, const char *right, size_t length)
{
	const char *left_end = left + length, *right_end = right + length;

	while (left < left_end && right < right_end) {
		wint_t l, r;

		left += __regex_character(program, left, left_end, &l);
		right += __regex_character(program, right, right_end, &r);
		if (l != r && towlower(l) != towlower(r))
			return false;
	}
	return left == left_end && right == right_end;
}

/* Returns the place behind what the group has once more, or NULL. */
static const char *
back_reference(const struct walk *w, int group, const char *here)
{
	const char *start = w->slots[2 * group], *end = w->slots[2 * group + 1];
	size_t length = (size_t)(end - start);

	if (start == NULL || end == NULL || (size_t)(w->text->end - here) < length)
		return NULL;
	if ((w->text->program->flags & REG_ICASE) != 0 ? same_letters(w->text->program, start, here, length) : memcmp(start, here, length) == 0)
		return here + length;
	return NULL;
}

static const char *
take(const struct walk *w, const struct instruction *i, const char *here)
{
	wint_t code;
	int bytes;

	if (i->op == OP_BACK)
		return back_reference(w, i->x, here);
	if (here == (w->end != NULL ? w->end : w->text->end))
		return NULL;
	bytes = __regex_character(w->text->program, here, w->text->end, &code);
	return __regex_in_set(w->text->program, &i->node->set, code) ? here + bytes : NULL;
}

/* At OP_MATCH. Returns whether the search is over. */
static bool
arrive(struct walk *w, const char *here)
{
	if (w->end != NULL)
		return here == w->end;
	if (w->best == NULL || here > w->best) {
		w->best = here;
		memcpy(w->best_slots, w->slots, (size_t)w->text->program->slots * sizeof(*w->slots));
	}
	return here == w->text->end;
}

/* Goes on from an instruction until it fails. Returns whether the search is over. */
static bool
follow(struct walk *w, int at, const char *here)
{
	while (here != NULL && w->error == 0 && is_new(w, at, here)) {
		const struct instruction *i = &w->code[at++];

		switch (i->op) {
		case OP_SET: case OP_BACK:
			here = take(w, i, here);
			break;
		case OP_BEGIN: case OP_END: case OP_WORD:
			if (!__regex_holds(w->text, i, here))
				return false;
			break;
		case OP_SAVE: case OP_MARK:
			set_slot(w, i->x, here);
			break;
		case OP_RESET:
			for (int slot = i->x; slot < i->y; slot++)
				set_slot(w, slot, NULL);
			break;
		case OP_LOOP:
			at = i->y;
			if (w->end == NULL && w->slots[i->number] == here)
				break;			/* the turn was empty */
			push(w, i->y, here);
			at = i->x;
			break;
		case OP_SPLIT:
			push(w, i->y, here);
			at = i->x;
			break;
		case OP_JUMP:
			at = i->x;
			break;
		case OP_MATCH:
			return arrive(w, here);
		}
	}
	return false;
}

static bool
walk(struct walk *w)
{
	push(w, 0, w->start);
	while (w->count > 0 && w->error == 0) {
		struct choice c = w->choices[--w->count];

		if (c.at < 0)
			w->slots[-1 - c.at] = c.here;
		else if (follow(w, c.at, c.here))
			return true;
	}
	return false;
}

int
__regex_groups(const struct text *text, struct place *whole, struct place *groups, size_t count)
{
	const struct __regex_program *program = text->program;
	struct walk w = { .text = text, .code = program->code, .start = whole->start, .end = whole->end };
	size_t slots = (size_t)program->slots, places = whole->end != NULL ? (size_t)(whole->end - whole->start) + 1 : 0;
	const char **found;
	bool over;

	w.slots = calloc(2 * slots, sizeof(*w.slots));
	w.tried = calloc((places * (size_t)program->length + 31) / 32 + 1, sizeof(*w.tried));
	if (w.slots == NULL || w.tried == NULL) {
		free(w.slots);
		free(w.tried);
		return REG_ESPACE;
	}
	w.best_slots = w.slots + slots;
	over = walk(&w);
	found = whole->end != NULL ? w.slots : w.best_slots;
	if (whole->end == NULL)
		whole->end = w.best;
	for (size_t i = 1; i < count; i++)
		groups[i] = found[2 * i] != NULL && found[2 * i + 1] != NULL ? (struct place){ found[2 * i], found[2 * i + 1] } :
		    (struct place){ NULL, NULL };
	free(w.choices);
	free(w.slots);
	free(w.tried);
	return over || w.best != NULL ? 0 : w.error != 0 ? w.error : REG_NOMATCH;
}
