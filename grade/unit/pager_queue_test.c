/*
 * The work of the file server's pager: oldest first, no more than two threads with one object, and places for questions when there is no memory.
 */
// SOURCES: fs/pager/queue.c
// CFLAGS: -Ifs -Iinc -Ilib -pthread
#include "unit.h"
#include "pager/local.h"

#include <pthread.h>
#include <stdlib.h>

#define OBJECTS	3u
#define WORKERS	6u
#define BUSY	2u
#define SPARE	128u

struct pager pager;
static struct pages objects[OBJECTS];
static bool no_memory;

/* --- the surroundings --- */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t there = PTHREAD_COND_INITIALIZER;
static unsigned waiting;		/* threads that wait for work */

void os_mutex_lock(struct os_mutex *m) { (void)m; pthread_mutex_lock(&lock); }
void os_mutex_unlock(struct os_mutex *m) { (void)m; pthread_mutex_unlock(&lock); }
void os_cond_broadcast(struct os_cond *c) { (void)c; pthread_cond_broadcast(&there); }

void
os_cond_wait(struct os_cond *c, struct os_mutex *m)
{
	(void)c, (void)m;
	waiting++;
	pthread_cond_wait(&there, &lock);
	waiting--;
}

void *os_alloc(size_t size) { return no_memory ? NULL : calloc(1, size); }
void os_free(void *p) { free(p); }
void pages_hold(struct pages *p) { p->refs++; }

static void
begin(void)
{
	pager = (struct pager){ .work = NULL };
	pager.work_last = &pager.work;
	for (unsigned i = 0; i < OBJECTS; i++)
		objects[i] = (struct pages){ .refs = 1 };
	no_memory = false;
}

static void
enqueue(unsigned object, uint64_t offset)
{
	struct work *w = work_question();

	w->pages = &objects[object];
	w->offset = offset;
	os_mutex_lock(&pager.lock);
	work_enqueue(w);
	os_mutex_unlock(&pager.lock);
}

/* Takes the next as one that may wait for the disk. */
static struct work *
take(void)
{
	bool hurry;
	struct work *w = work_next(&hurry);

	CHECK(!hurry);
	return w;
}

/* Takes the next, which is expected to be this one; it stays busy. */
static void
expect(unsigned object, uint64_t offset)
{
	struct work *w = take();

	CHECK(w->pages == &objects[object]);
	CHECK_EQ(w->offset, offset);
	work_free(w);
}

/* --- tests --- */

static void
the_oldest_is_first(void)
{
	begin();
	enqueue(0, 1);
	enqueue(1, 2);
	enqueue(2, 3);
	expect(0, 1);
	enqueue(0, 4);
	expect(1, 2);
	expect(2, 3);
	expect(0, 4);
	CHECK(pager.work == NULL && pager.work_last == &pager.work);
}

static void
a_busy_object_is_passed_over(void)
{
	begin();
	for (uint64_t i = 1; i <= 4; i++)
		enqueue(0, i);
	enqueue(1, 5);
	expect(0, 1);
	expect(0, 2);
	expect(1, 5);			/* the last of the list goes from behind the others */
	enqueue(2, 6);
	expect(2, 6);
	work_done(&objects[0], false);
	expect(0, 3);
	work_done(&objects[0], false);
	expect(0, 4);
	CHECK(pager.work == NULL && pager.work_last == &pager.work);
}

static void *
take_one(void *result)
{
	*(struct work **)result = take();
	return NULL;
}

/* Who waits because an object has enough threads goes on when one of them is done. */
static void
who_is_done_wakes_who_waits(void)
{
	struct work *taken = NULL;
	pthread_t thread;
	unsigned waits = 0;

	begin();
	for (uint64_t i = 1; i <= 3; i++)
		enqueue(0, i);
	expect(0, 1);
	expect(0, 2);
	pthread_create(&thread, NULL, take_one, &taken);
	while (waits == 0) {
		os_mutex_lock(&pager.lock);
		waits = waiting;
		os_mutex_unlock(&pager.lock);
	}
	work_done(&objects[0], false);
	pthread_join(thread, NULL);
	CHECK_EQ(taken->offset, 3);
	work_free(taken);
}

/* The last thread must not wait for the disk: it leaves what is cold, and what has to be tidied, and passes over no object for being busy. */
static void
the_last_thread_is_in_a_hurry(void)
{
	struct work *w;
	bool hurry;

	begin();
	for (unsigned i = 0; i < PAGER_THREADS - 1; i++)
		enqueue(i % OBJECTS, i);
	for (unsigned i = 0; i < PAGER_THREADS - 1; i++)
		expect(i % OBJECTS, i);
	enqueue(0, 10);
	pager.work->cold = true;
	os_mutex_lock(&pager.lock);
	work_tidy(&objects[1]);
	os_mutex_unlock(&pager.lock);
	enqueue(0, 11);
	w = work_next(&hurry);
	CHECK(hurry);
	CHECK_EQ(w->offset, 11);
	CHECK_EQ(objects[0].busy, 2);
	work_free(w);
	work_done(&objects[0], true);
	CHECK_EQ(objects[0].busy, 2);
	work_done(&objects[0], false);		/* one of the others: it may wait for what is cold */
	expect(0, 10);
}

static void
an_object_is_tidied_once(void)
{
	begin();
	os_mutex_lock(&pager.lock);
	work_tidy(&objects[1]);
	work_tidy(&objects[1]);
	os_mutex_unlock(&pager.lock);
	CHECK_EQ(objects[1].refs, 2);
	CHECK(take() == &objects[1].tidy);
	CHECK_EQ(objects[1].tidy.kind, WORK_TIDY);
	CHECK(pager.work == NULL);
	objects[1].tidy.pages = NULL;		/* as who does it says first */
	os_mutex_lock(&pager.lock);
	work_tidy(&objects[1]);
	os_mutex_unlock(&pager.lock);
	CHECK_EQ(objects[1].refs, 3);
	CHECK(take() == &objects[1].tidy);
}

static void
places_are_kept_for_when_there_is_no_memory(void)
{
	struct work *got[SPARE + 1], *other;

	begin();
	other = work_question();
	no_memory = true;
	for (int round = 0; round < 3; round++) {
		for (unsigned i = 0; i < SPARE; i++) {
			got[i] = work_question();
			REQUIRE(got[i] != NULL);
			got[i]->offset = i;
		}
		CHECK(work_question() == NULL);
		for (unsigned i = 0; i < SPARE; i++)
			CHECK_EQ(got[i]->offset, i);	/* no two are one */
		for (unsigned i = 0; i < SPARE; i++)
			work_free(got[i]);
	}
	work_free(other);
}

/* --- many threads --- */

#define QUESTIONS 20000u

static unsigned answered[QUESTIONS + 1], now[OBJECTS], most[OBJECTS];

static void *
worker(void *context)
{
	for (;;) {
		bool hurry;
		struct work *w = work_next(&hurry);
		struct pages *p = w->pages;
		unsigned object = (unsigned)(p - objects), busy;
		bool last = w->offset == UINT64_MAX;

		busy = __atomic_add_fetch(&now[object], !hurry, __ATOMIC_SEQ_CST);
		if (busy > __atomic_load_n(&most[object], __ATOMIC_SEQ_CST))
			__atomic_store_n(&most[object], busy, __ATOMIC_SEQ_CST);
		if (!last)
			__atomic_add_fetch(&answered[w->offset], 1, __ATOMIC_SEQ_CST);
		work_free(w);
		__atomic_sub_fetch(&now[object], !hurry, __ATOMIC_SEQ_CST);
		work_done(p, hurry);
		if (last)
			return context;
	}
}

static void
threads_answer_everything_once(void)
{
	pthread_t threads[WORKERS];

	begin();
	for (unsigned i = 0; i < WORKERS; i++)
		pthread_create(&threads[i], NULL, worker, NULL);
	for (unsigned i = 0; i < QUESTIONS; i++)
		enqueue((unsigned)rand() % 4 ? 0 : (unsigned)rand() % OBJECTS, i);
	for (unsigned i = 0; i < WORKERS; i++)
		enqueue(i % OBJECTS, UINT64_MAX);
	for (unsigned i = 0; i < WORKERS; i++)
		pthread_join(threads[i], NULL);
	/* One that ended a thread may have passed others of a busy object. */
	while (pager.work) {
		struct work *w = take();

		answered[w->offset]++;
		work_done(w->pages, false);
		work_free(w);
	}
	for (unsigned i = 0; i < QUESTIONS; i++)
		CHECK_EQ(answered[i], 1);
	for (unsigned i = 0; i < OBJECTS; i++)
		CHECK(most[i] <= BUSY && objects[i].busy == 0);
}

int
main(void)
{
	queue_init();
	TEST(the_oldest_is_first);
	TEST(a_busy_object_is_passed_over);
	TEST(the_last_thread_is_in_a_hurry);
	TEST(who_is_done_wakes_who_waits);
	TEST(an_object_is_tidied_once);
	TEST(places_are_kept_for_when_there_is_no_memory);
	TEST(threads_answer_everything_once);
	return unit_done();
}
