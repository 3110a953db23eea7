/* Queues (POSIX.1-2017 insque): an element begins with pointers to the next and the previous one. */
#include <search.h>
#include <stddef.h>

struct element {
	struct element *next, *previous;
};

void
insque(void *new, void *before)
{
	struct element *element = new, *previous = before;

	element->previous = previous;
	element->next = previous != NULL ? previous->next : NULL;
	if (previous == NULL)
		return;
	previous->next = element;
	if (element->next != NULL)
		element->next->previous = element;
}

void
remque(void *old)
{
	struct element *element = old;

	if (element->previous != NULL)
		element->previous->next = element->next;
	if (element->next != NULL)
		element->next->previous = element->previous;
}
