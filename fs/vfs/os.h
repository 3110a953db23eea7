/*
 * What the logic of the file server needs from its surroundings: locks, memory, the time, a place
 * for complaints.
 *
 * vfs/, ext2/, devfs/ and tmpfs/ contain no system call: they reach the world through this header and a
 * struct blockdev, so the same sources run inside the server (os_mach.c) and in host unit tests
 * under sanitizers (grade/unit/vfs_host.c).
 *
 * Locks are sleeping mutexes, not recursive. A condition is always used with the mutex that guards
 * its predicate and always in a loop, as waits may end early.
 */
#ifndef FS_VFS_OS_H
#define FS_VFS_OS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Room for the largest implementation, a host pthread mutex or condition of 48 bytes. */
struct os_mutex {
	uint64_t space[8];
};

struct os_cond {
	uint64_t space[8];
};

void os_mutex_init(struct os_mutex *m);
void os_mutex_lock(struct os_mutex *m);
void os_mutex_unlock(struct os_mutex *m);
void os_cond_init(struct os_cond *c);
/* Conditions: m held; it is released while waiting and held again on return. */
void os_cond_wait(struct os_cond *c, struct os_mutex *m);
void os_cond_broadcast(struct os_cond *c);

/*
 * Not all threads may wait for the disk at a time, or a slow one would stop the server. Whoever is about to read from it, or to wait for
 * one who may, asks first; whoever is going to change something asks before that. OS_LATER is an error like others on its way up, but for
 * one thing: the request has left nothing changed, no offset moved, and is handled again from its beginning. Who has got a place keeps it
 * to the end of his request. Returns 0; OS_LATER. May be asked with any lock held.
 */
#define OS_LATER (-309)			/* no errno value */
int os_wait_place(void);

/* Whether the calling thread, one of the server's own that serves no requests, may have a place: always, if nothing was said. */
void os_may_wait(bool may);

/* os_mutex_lock of one that is held by others while they wait for the disk. Returns 0; OS_LATER, and it is not locked. */
int os_mutex_ask(struct os_mutex *m);

/* For what was refused a place and must be done all the same: vnode_errands is called soon, by one who has a place. */
void os_want_errand(void);

/* Returns zeroed memory, or NULL when there is none. os_free accepts NULL. */
void *os_alloc(size_t size);
void os_free(void *p);

/* Whole zero-filled pages, page aligned, for block buffers; NULL when there are none. */
void *os_pages_alloc(size_t size);
void os_pages_free(void *p, size_t size);

/* How many bytes a cache may have when memory is plenty. */
uint64_t os_memory_for_caches(void);

/* Whether a cache may take more memory: there is so much that nobody else will miss it soon. */
bool os_memory_is_plenty(void);

/* The time of day, in nanoseconds since 1970. */
uint64_t os_now(void);

/* Prints one line about something an administrator should know, e.g. a damaged disk. */
void os_report(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
