/*
 * See rwlock.h.
 */
#include "rwlock.h"

#define OVERTAKE_MAX 64u

void
rwlock_init(struct rwlock *rw)
{
	os_mutex_init(&rw->lock);
	os_cond_init(&rw->changed);
	rw->readers = rw->writers_waiting = rw->overtaken = 0;
	rw->writing = false;
}

/* Conditions, of all these: lock held. */
static inline bool
keeps_readers_out(const struct rwlock *rw)
{
	return rw->writing || (rw->writers_waiting > 0 && rw->overtaken >= OVERTAKE_MAX);
}

static inline void
enter_read(struct rwlock *rw)
{
	while (keeps_readers_out(rw))
		os_cond_wait(&rw->changed, &rw->lock);
	if (rw->writers_waiting > 0)
		rw->overtaken++;
	rw->readers++;
}

static inline void
enter_write(struct rwlock *rw)
{
	rw->writers_waiting++;
	while (rw->writing || rw->readers > 0)
		os_cond_wait(&rw->changed, &rw->lock);
	rw->writers_waiting--;
	rw->overtaken = 0;
	rw->writing = true;
}

void
rwlock_read(struct rwlock *rw)
{
	os_mutex_lock(&rw->lock);
	enter_read(rw);
	os_mutex_unlock(&rw->lock);
}

void
rwlock_write(struct rwlock *rw)
{
	os_mutex_lock(&rw->lock);
	enter_write(rw);
	os_mutex_unlock(&rw->lock);
}

int
rwlock_ask_read(struct rwlock *rw)
{
	int error;

	os_mutex_lock(&rw->lock);
	error = keeps_readers_out(rw) ? os_wait_place() : 0;
	if (!error)
		enter_read(rw);
	os_mutex_unlock(&rw->lock);
	return error;
}

int
rwlock_ask_write(struct rwlock *rw)
{
	int error;

	os_mutex_lock(&rw->lock);
	error = rw->writing || rw->readers > 0 ? os_wait_place() : 0;
	if (!error)
		enter_write(rw);
	os_mutex_unlock(&rw->lock);
	return error;
}

void
rwlock_unlock_read(struct rwlock *rw)
{
	os_mutex_lock(&rw->lock);
	if (--rw->readers == 0)
		os_cond_broadcast(&rw->changed);
	os_mutex_unlock(&rw->lock);
}

void
rwlock_unlock_write(struct rwlock *rw)
{
	os_mutex_lock(&rw->lock);
	rw->writing = false;
	os_cond_broadcast(&rw->changed);
	os_mutex_unlock(&rw->lock);
}
