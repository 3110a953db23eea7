/*
 * BSD's lists as macros. Every element holds a field of type NAME_ENTRY(its struct tag); the head is a NAME_HEAD(tag of the head, tag of the elements).
 *
 *	SLIST	pointers to the next only
 *	STAILQ	and the head knows the end; SIMPLEQ is another name for it
 *	LIST	an element can be taken out without the head
 *	TAILQ	both ways, and the head knows the end
 *	CIRCLEQ	both ways, a ring: the ends point to the head
 *
 * `at` below is where a pointer to the element stands: taking an element out is one store there.
 */
#ifndef _SYS_QUEUE_H
#define _SYS_QUEUE_H

/* --- singly linked --- */

#define SLIST_HEAD(head_tag, tag)		struct head_tag { struct tag *slh_first; }
#define SLIST_HEAD_INITIALIZER(head)		{ 0 }
#define SLIST_ENTRY(tag)			struct { struct tag *sle_next; }

#define SLIST_INIT(head)			((void)((head)->slh_first = 0))
#define SLIST_FIRST(head)			((head)->slh_first)
#define SLIST_NEXT(element, field)		((element)->field.sle_next)
#define SLIST_END(head)				0
#define SLIST_EMPTY(head)			(SLIST_FIRST(head) == 0)
#define SLIST_FOREACH(element, head, field) \
	for ((element) = SLIST_FIRST(head); (element) != 0; (element) = SLIST_NEXT(element, field))
#define SLIST_FOREACH_SAFE(element, head, field, next) \
	for ((element) = SLIST_FIRST(head); (element) != 0 && ((next) = SLIST_NEXT(element, field), 1); (element) = (next))
#define SLIST_INSERT_HEAD(head, element, field) \
	((void)(SLIST_NEXT(element, field) = SLIST_FIRST(head), SLIST_FIRST(head) = (element)))
#define SLIST_INSERT_AFTER(place, element, field) \
	((void)(SLIST_NEXT(element, field) = SLIST_NEXT(place, field), SLIST_NEXT(place, field) = (element)))
#define SLIST_REMOVE_HEAD(head, field)		((void)(SLIST_FIRST(head) = SLIST_NEXT(SLIST_FIRST(head), field)))
#define SLIST_REMOVE_AFTER(place, field) \
	((void)(SLIST_NEXT(place, field) = SLIST_NEXT(SLIST_NEXT(place, field), field)))
#define SLIST_REMOVE(head, element, tag, field) do {			\
	struct tag **at_ = &SLIST_FIRST(head);				\
	while (*at_ != (element))					\
		at_ = &SLIST_NEXT(*at_, field);				\
	*at_ = SLIST_NEXT(element, field);				\
} while (0)

/* --- singly linked, with a tail --- */

#define STAILQ_HEAD(head_tag, tag)		struct head_tag { struct tag *stqh_first, **stqh_last; }
#define STAILQ_HEAD_INITIALIZER(head)		{ 0, &(head).stqh_first }
#define STAILQ_ENTRY(tag)			struct { struct tag *stqe_next; }

#define STAILQ_INIT(head)			((void)((head)->stqh_first = 0, (head)->stqh_last = &(head)->stqh_first))
#define STAILQ_FIRST(head)			((head)->stqh_first)
#define STAILQ_NEXT(element, field)		((element)->field.stqe_next)
#define STAILQ_EMPTY(head)			(STAILQ_FIRST(head) == 0)
#define STAILQ_FOREACH(element, head, field) \
	for ((element) = STAILQ_FIRST(head); (element) != 0; (element) = STAILQ_NEXT(element, field))
#define STAILQ_FOREACH_SAFE(element, head, field, next) \
	for ((element) = STAILQ_FIRST(head); (element) != 0 && ((next) = STAILQ_NEXT(element, field), 1); (element) = (next))
#define STAILQ_INSERT_HEAD(head, element, field) do {			\
	STAILQ_NEXT(element, field) = STAILQ_FIRST(head);		\
	if (STAILQ_EMPTY(head))						\
		(head)->stqh_last = &STAILQ_NEXT(element, field);	\
	STAILQ_FIRST(head) = (element);					\
} while (0)
#define STAILQ_INSERT_TAIL(head, element, field) do {			\
	STAILQ_NEXT(element, field) = 0;				\
	*(head)->stqh_last = (element);					\
	(head)->stqh_last = &STAILQ_NEXT(element, field);		\
} while (0)
#define STAILQ_INSERT_AFTER(head, place, element, field) do {		\
	STAILQ_NEXT(element, field) = STAILQ_NEXT(place, field);	\
	if (STAILQ_NEXT(element, field) == 0)				\
		(head)->stqh_last = &STAILQ_NEXT(element, field);	\
	STAILQ_NEXT(place, field) = (element);				\
} while (0)
#define STAILQ_REMOVE_HEAD(head, field) do {				\
	STAILQ_FIRST(head) = STAILQ_NEXT(STAILQ_FIRST(head), field);	\
	if (STAILQ_EMPTY(head))						\
		STAILQ_INIT(head);					\
} while (0)
#define STAILQ_REMOVE(head, element, tag, field) do {			\
	struct tag **at_ = &STAILQ_FIRST(head);				\
	while (*at_ != (element))					\
		at_ = &STAILQ_NEXT(*at_, field);			\
	*at_ = STAILQ_NEXT(element, field);				\
	if (*at_ == 0)							\
		(head)->stqh_last = at_;				\
} while (0)
#define STAILQ_CONCAT(head, other) do {					\
	if (!STAILQ_EMPTY(other)) {					\
		*(head)->stqh_last = STAILQ_FIRST(other);		\
		(head)->stqh_last = (other)->stqh_last;			\
		STAILQ_INIT(other);					\
	}								\
} while (0)

#define SIMPLEQ_HEAD				STAILQ_HEAD
#define SIMPLEQ_HEAD_INITIALIZER		STAILQ_HEAD_INITIALIZER
#define SIMPLEQ_ENTRY				STAILQ_ENTRY
#define SIMPLEQ_INIT				STAILQ_INIT
#define SIMPLEQ_FIRST				STAILQ_FIRST
#define SIMPLEQ_NEXT				STAILQ_NEXT
#define SIMPLEQ_EMPTY				STAILQ_EMPTY
#define SIMPLEQ_FOREACH				STAILQ_FOREACH
#define SIMPLEQ_INSERT_HEAD			STAILQ_INSERT_HEAD
#define SIMPLEQ_INSERT_TAIL			STAILQ_INSERT_TAIL
#define SIMPLEQ_INSERT_AFTER			STAILQ_INSERT_AFTER
#define SIMPLEQ_REMOVE_HEAD			STAILQ_REMOVE_HEAD
#define SIMPLEQ_REMOVE				STAILQ_REMOVE
#define SIMPLEQ_CONCAT				STAILQ_CONCAT

/* --- doubly linked --- */

#define LIST_HEAD(head_tag, tag)		struct head_tag { struct tag *lh_first; }
#define LIST_HEAD_INITIALIZER(head)		{ 0 }
#define LIST_ENTRY(tag)				struct { struct tag *le_next, **le_prev; }

#define LIST_INIT(head)				((void)((head)->lh_first = 0))
#define LIST_FIRST(head)			((head)->lh_first)
#define LIST_NEXT(element, field)		((element)->field.le_next)
#define LIST_END(head)				0
#define LIST_EMPTY(head)			(LIST_FIRST(head) == 0)
#define LIST_FOREACH(element, head, field) \
	for ((element) = LIST_FIRST(head); (element) != 0; (element) = LIST_NEXT(element, field))
#define LIST_FOREACH_SAFE(element, head, field, next) \
	for ((element) = LIST_FIRST(head); (element) != 0 && ((next) = LIST_NEXT(element, field), 1); (element) = (next))
/* Puts the element where `at` points to another, or to nothing. */
#define LIST_INSERT_AT_(at, element, field) do {			\
	LIST_NEXT(element, field) = *(at);				\
	(element)->field.le_prev = (at);				\
	if (LIST_NEXT(element, field) != 0)				\
		LIST_NEXT(element, field)->field.le_prev = &LIST_NEXT(element, field); \
	*(element)->field.le_prev = (element);				\
} while (0)
#define LIST_INSERT_HEAD(head, element, field)		LIST_INSERT_AT_(&LIST_FIRST(head), element, field)
#define LIST_INSERT_AFTER(place, element, field)	LIST_INSERT_AT_(&LIST_NEXT(place, field), element, field)
#define LIST_INSERT_BEFORE(place, element, field) do {			\
	(element)->field.le_prev = (place)->field.le_prev;		\
	LIST_NEXT(element, field) = (place);				\
	*(place)->field.le_prev = (element);				\
	(place)->field.le_prev = &LIST_NEXT(element, field);		\
} while (0)
#define LIST_REMOVE(element, field) do {				\
	if (LIST_NEXT(element, field) != 0)				\
		LIST_NEXT(element, field)->field.le_prev = (element)->field.le_prev; \
	*(element)->field.le_prev = LIST_NEXT(element, field);		\
} while (0)

/* --- doubly linked, with a tail --- */

#define TAILQ_HEAD(head_tag, tag)		struct head_tag { struct tag *tqh_first, **tqh_last; }
#define TAILQ_HEAD_INITIALIZER(head)		{ 0, &(head).tqh_first }
#define TAILQ_ENTRY(tag)			struct { struct tag *tqe_next, **tqe_prev; }

#define TAILQ_INIT(head)			((void)((head)->tqh_first = 0, (head)->tqh_last = &(head)->tqh_first))
#define TAILQ_FIRST(head)			((head)->tqh_first)
#define TAILQ_NEXT(element, field)		((element)->field.tqe_next)
#define TAILQ_END(head)				0
#define TAILQ_EMPTY(head)			(TAILQ_FIRST(head) == 0)
/* What points to the last element stands in an entry or in the head; both begin with the pointers to the next and to the previous one. */
#define TAILQ_LAST(head, head_tag)		(*((struct head_tag *)(void *)(head)->tqh_last)->tqh_last)
#define TAILQ_PREV(element, head_tag, field)	(*((struct head_tag *)(void *)(element)->field.tqe_prev)->tqh_last)
#define TAILQ_FOREACH(element, head, field) \
	for ((element) = TAILQ_FIRST(head); (element) != 0; (element) = TAILQ_NEXT(element, field))
#define TAILQ_FOREACH_SAFE(element, head, field, next) \
	for ((element) = TAILQ_FIRST(head); (element) != 0 && ((next) = TAILQ_NEXT(element, field), 1); (element) = (next))
#define TAILQ_FOREACH_REVERSE(element, head, head_tag, field) \
	for ((element) = TAILQ_LAST(head, head_tag); (element) != 0; (element) = TAILQ_PREV(element, head_tag, field))
#define TAILQ_INSERT_AT_(head, at, element, field) do {			\
	TAILQ_NEXT(element, field) = *(at);				\
	(element)->field.tqe_prev = (at);				\
	if (TAILQ_NEXT(element, field) != 0)				\
		TAILQ_NEXT(element, field)->field.tqe_prev = &TAILQ_NEXT(element, field); \
	else								\
		(head)->tqh_last = &TAILQ_NEXT(element, field);		\
	*(element)->field.tqe_prev = (element);				\
} while (0)
#define TAILQ_INSERT_HEAD(head, element, field)		TAILQ_INSERT_AT_(head, &TAILQ_FIRST(head), element, field)
#define TAILQ_INSERT_AFTER(head, place, element, field)	TAILQ_INSERT_AT_(head, &TAILQ_NEXT(place, field), element, field)
#define TAILQ_INSERT_TAIL(head, element, field)		TAILQ_INSERT_AT_(head, (head)->tqh_last, element, field)
#define TAILQ_INSERT_BEFORE(place, element, field) do {			\
	(element)->field.tqe_prev = (place)->field.tqe_prev;		\
	TAILQ_NEXT(element, field) = (place);				\
	*(place)->field.tqe_prev = (element);				\
	(place)->field.tqe_prev = &TAILQ_NEXT(element, field);		\
} while (0)
#define TAILQ_REMOVE(head, element, field) do {				\
	if (TAILQ_NEXT(element, field) != 0)				\
		TAILQ_NEXT(element, field)->field.tqe_prev = (element)->field.tqe_prev; \
	else								\
		(head)->tqh_last = (element)->field.tqe_prev;		\
	*(element)->field.tqe_prev = TAILQ_NEXT(element, field);	\
} while (0)
#define TAILQ_CONCAT(head, other, field) do {				\
	if (!TAILQ_EMPTY(other)) {					\
		*(head)->tqh_last = TAILQ_FIRST(other);			\
		TAILQ_FIRST(other)->field.tqe_prev = (head)->tqh_last;	\
		(head)->tqh_last = (other)->tqh_last;			\
		TAILQ_INIT(other);					\
	}								\
} while (0)

/* --- a ring with a head --- */

#define CIRCLEQ_HEAD(head_tag, tag)		struct head_tag { struct tag *cqh_first, *cqh_last; }
#define CIRCLEQ_HEAD_INITIALIZER(head)		{ CIRCLEQ_END(&(head)), CIRCLEQ_END(&(head)) }
#define CIRCLEQ_ENTRY(tag)			struct { struct tag *cqe_next, *cqe_prev; }

#define CIRCLEQ_FIRST(head)			((head)->cqh_first)
#define CIRCLEQ_LAST(head)			((head)->cqh_last)
#define CIRCLEQ_END(head)			((void *)(head))
#define CIRCLEQ_NEXT(element, field)		((element)->field.cqe_next)
#define CIRCLEQ_PREV(element, field)		((element)->field.cqe_prev)
#define CIRCLEQ_EMPTY(head)			((void *)CIRCLEQ_FIRST(head) == CIRCLEQ_END(head))
#define CIRCLEQ_INIT(head)			((void)(CIRCLEQ_FIRST(head) = CIRCLEQ_END(head), CIRCLEQ_LAST(head) = CIRCLEQ_END(head)))
#define CIRCLEQ_FOREACH(element, head, field) \
	for ((element) = CIRCLEQ_FIRST(head); (void *)(element) != CIRCLEQ_END(head); (element) = CIRCLEQ_NEXT(element, field))
#define CIRCLEQ_FOREACH_REVERSE(element, head, field) \
	for ((element) = CIRCLEQ_LAST(head); (void *)(element) != CIRCLEQ_END(head); (element) = CIRCLEQ_PREV(element, field))
#define CIRCLEQ_LOOP_NEXT(head, element, field) \
	((void *)CIRCLEQ_NEXT(element, field) == CIRCLEQ_END(head) ? CIRCLEQ_FIRST(head) : CIRCLEQ_NEXT(element, field))
#define CIRCLEQ_LOOP_PREV(head, element, field) \
	((void *)CIRCLEQ_PREV(element, field) == CIRCLEQ_END(head) ? CIRCLEQ_LAST(head) : CIRCLEQ_PREV(element, field))
/* What points to the element that comes behind `place`, forwards; the same backwards. */
#define CIRCLEQ_TO_NEXT_(head, place, field) \
	(*((void *)(place) == CIRCLEQ_END(head) ? &CIRCLEQ_FIRST(head) : &CIRCLEQ_NEXT(place, field)))
#define CIRCLEQ_TO_PREV_(head, place, field) \
	(*((void *)(place) == CIRCLEQ_END(head) ? &CIRCLEQ_LAST(head) : &CIRCLEQ_PREV(place, field)))
#define CIRCLEQ_LINK_(head, before, element, after, field) do {		\
	CIRCLEQ_NEXT(element, field) = (after);				\
	CIRCLEQ_PREV(element, field) = (before);			\
	CIRCLEQ_TO_PREV_(head, CIRCLEQ_NEXT(element, field), field) = (element); \
	CIRCLEQ_TO_NEXT_(head, CIRCLEQ_PREV(element, field), field) = (element); \
} while (0)
#define CIRCLEQ_INSERT_HEAD(head, element, field)	CIRCLEQ_LINK_(head, CIRCLEQ_END(head), element, CIRCLEQ_FIRST(head), field)
#define CIRCLEQ_INSERT_TAIL(head, element, field)	CIRCLEQ_LINK_(head, CIRCLEQ_LAST(head), element, CIRCLEQ_END(head), field)
#define CIRCLEQ_INSERT_AFTER(head, place, element, field)	CIRCLEQ_LINK_(head, place, element, CIRCLEQ_NEXT(place, field), field)
#define CIRCLEQ_INSERT_BEFORE(head, place, element, field)	CIRCLEQ_LINK_(head, CIRCLEQ_PREV(place, field), element, place, field)
#define CIRCLEQ_REMOVE(head, element, field) do {			\
	CIRCLEQ_TO_PREV_(head, CIRCLEQ_NEXT(element, field), field) = CIRCLEQ_PREV(element, field); \
	CIRCLEQ_TO_NEXT_(head, CIRCLEQ_PREV(element, field), field) = CIRCLEQ_NEXT(element, field); \
} while (0)

#endif
