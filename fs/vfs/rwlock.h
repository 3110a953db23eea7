/*
 * A sleeping lock with many readers or one writer.
 *
 * Readers may overtake a waiting writer a bounded number of times: one who reads a cached file is
 * then not held up because a writer waits for somebody else's slow read, and the writer does get
 * its turn. Not recursive.
 */
#ifndef FS_VFS_RWLOCK_H
#define FS_VFS_RWLOCK_H

#include "os.h"

struct rwlock {
	struct os_mutex lock;		/* guards the rest; held for moments only */
	struct os_cond changed;
	unsigned readers;
	unsigned writers_waiting;
	unsigned overtaken;		/* readers let in since a writer began to wait */
	bool writing;
};

void rwlock_init(struct rwlock *rw);
void rwlock_read(struct rwlock *rw);
void rwlock_write(struct rwlock *rw);
/* The same for requests, which ask before they wait (os_wait_place). Return 0; OS_LATER, and it is not locked. */
int rwlock_ask_read(struct rwlock *rw);
int rwlock_ask_write(struct rwlock *rw);
void rwlock_unlock_read(struct rwlock *rw);
void rwlock_unlock_write(struct rwlock *rw);

#endif
