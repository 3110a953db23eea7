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

void
rwlock_read(struct rwlock *rw)
{
	os_mutex_lock(&rw->lock);
	while (rw->writing || (rw->writers_waiting > 0 && rw->overtaken >= OVERTAKE_MAX))
		os_cond_wait(&rw->changed, &rw->lock);
	if (rw->writers_waiting > 0)
		rw->overtaken++;
	rw->readers++;
	os_mutex_unlock(&rw->lock);
}

void
rwlock_write(struct rwlock *rw)
{
	os_mutex_lock(&rw->lock);
	rw->writers_waiting++;
	while (rw->writing || rw->readers > 0)
		os_cond_wait(&rw->changed, &rw->lock);
	rw->writers_waiting--;
	rw->overtaken = 0;
	rw->writing = true;
	os_mutex_unlock(&rw->lock);
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
