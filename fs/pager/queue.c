/*
 * What there is to do: questions of the kernel's, and objects to be tidied. Oldest first, but for
 * those about an object that enough threads are busy with.
 */
#include "local.h"

#define BUSY_MOST	2u		/* threads with one object */
#define WAITERS_MOST	(PAGER_THREADS - 1)
#define SPARE		128u		/* places for questions while there is no memory */

void
work_enqueue(struct work *w)
{
	w->next = NULL;
	*pager.work_last = w;
	pager.work_last = &w->next;
	os_cond_broadcast(&pager.work_there);
}

void
work_tidy(struct pages *p)
{
	if (p->tidy.pages)
		return;
	pages_hold(p);
	p->tidy = (struct work){ .pages = p, .kind = WORK_TIDY };
	work_enqueue(&p->tidy);
}

/* Conditions: lock held. */
static void
dequeue(struct work **at)
{
	struct work *w = *at;

	*at = w->next;
	if (!w->next)
		pager.work_last = at;
}

/*
 * The oldest work about an object that not too many are busy with already: they may all have to
 * wait for its file, and questions about others shall not. In a hurry: the oldest question that is not known to be cold. Conditions: lock
 * held. NULL: none.
 */
static struct work *
find_work(bool hurry)
{
	for (struct work **at = &pager.work; *at; at = &(*at)->next) {
		struct work *w = *at;

		if (hurry ? !w->cold && w->kind != WORK_TIDY : w->pages->busy < BUSY_MOST) {
			dequeue(at);
			return w;
		}
	}
	return NULL;
}

struct work *
work_next(bool *hurry)
{
	struct work *w;

	os_mutex_lock(&pager.lock);
	for (;;) {
		*hurry = pager.waiters == WAITERS_MOST;
		w = find_work(*hurry);
		if (w)
			break;
		os_cond_wait(&pager.work_there, &pager.lock);
	}
	if (!*hurry) {
		pager.waiters++;
		w->pages->busy++;
	}
	os_mutex_unlock(&pager.lock);
	return w;
}

/* Whoever is done looks for work himself, also for what is cold. */
void
work_done(struct pages *p, bool hurry)
{
	if (hurry)
		return;
	os_mutex_lock(&pager.lock);
	pager.waiters--;
	if (p->busy-- == BUSY_MOST)
		os_cond_broadcast(&pager.work_there);
	os_mutex_unlock(&pager.lock);
}

/* --- places for questions: some are always there --- */

static struct work spare[SPARE];
static struct work *free_spare;		/* pager.lock */

void
queue_init(void)
{
	for (unsigned i = 0; i < SPARE; i++) {
		spare[i].next = free_spare;
		free_spare = &spare[i];
	}
}

struct work *
work_question(void)
{
	struct work *w = os_alloc(sizeof(*w));

	if (w)
		return w;
	os_mutex_lock(&pager.lock);
	w = free_spare;
	if (w)
		free_spare = w->next;
	os_mutex_unlock(&pager.lock);
	return w;
}

void
work_free(struct work *w)
{
	if (w < spare || w >= spare + SPARE) {
		os_free(w);
		return;
	}
	os_mutex_lock(&pager.lock);
	w->next = free_spare;
	free_spare = w;
	os_mutex_unlock(&pager.lock);
}
