/*
 * What the files of the pager share.
 */
#ifndef FS_PAGER_LOCAL_H
#define FS_PAGER_LOCAL_H

#include "pager.h"
#include "set.h"
#include "vfs/os.h"

#include <mach/memory_object.h>

/* Stores that the kernel has sent back: pages, in our memory, of which some lie within the file. */
struct returned {
	struct returned *next;
	uint64_t offset;		/* bytes */
	void *data;
	vm_size_t size;			/* bytes, whole pages */
};

/* A question of the kernel's, or something to be done. */
struct work {
	struct work *next;
	struct pages *pages;		/* a reference */
	enum { WORK_SUPPLY, WORK_UNLOCK, WORK_TIDY } kind;
	uint64_t offset;		/* bytes */
	bool write;
	bool cold;			/* it cannot be answered without waiting for the disk */
	unsigned tries;			/* for which there was no memory */
};

/* A file in the hands of the kernel. vnode->pages, until it has ended. */
struct pages {
	struct vnode *vn;		/* a reference; fixed */
	struct mount *mount;		/* vn's; fixed, also when the reference is given back */
	mach_port_t object;		/* receive right and one send right; fixed */
	mach_port_t control;		/* send right, or dead name; fixed */

	/* guarded by pager.lock */
	unsigned refs;			/* 0: going, and not to be found any more */
	unsigned busy;			/* threads that answer questions about it */
	mach_port_t proxies[2];		/* by writable: what clients get, or NULL; none once retired */
	bool retired;			/* the kernel does not keep it without users */
	bool ended;			/* the kernel has let go of it: nothing more will come */
	bool over;			/* vnode->pages' reference is given back */
	unsigned completed;		/* lock_requests that all of whose pages have arrived */
	unsigned asked;			/* as many were made; vnode's lock, exclusive */
	bool common;			/* others than uid 0 may store; vnode's lock, exclusive */
	bool keeps;			/* of what is being called back the kernel keeps the pages; vnode's lock, exclusive */
	struct returned *first, **last;	/* oldest first; taken off by who has the vnode's lock exclusively */
	struct page_set granted;	/* pages that may be stored to; others may be seen only */
	struct work tidy;		/* queued while tidy.pages is set */
	uint64_t next_index;		/* page after those supplied last, and how many they were */
	unsigned window;
	uint64_t serial;		/* grows along the list */
	struct pages *list_next, *hash_next;
};

#define PAGER_THREADS	6u		/* that answer; one of them never waits for the disk */

extern struct pager {
	struct os_mutex lock;
	struct os_cond changed;		/* completed, ended, returned, the end of an object */
	struct os_cond work_there;
	struct work *work, **work_last;
	unsigned waiters;		/* threads at work that may wait for the disk */
	struct pages *list, **list_last;	/* oldest first */
	unsigned kept;			/* not retired */
	mach_port_t set;		/* all objects */
} pager;

/* --- object.c --- */

void objects_init(void);

/* A reference to what a port stands for; NULL. Takes the lock. */
struct pages *pages_of_port(mach_port_t object);
void pages_hold(struct pages *p);	/* lock held */
void pages_drop(struct pages *p);	/* no locks */
void pages_leave(struct pages *p);	/* no locks; the end, which may take long, is left to a thread that answers */

/* The kernel shall let go of it as soon as nobody uses it. No locks but a vnode's. */
void pages_retire(struct pages *p);

/* --- stores.c --- */

extern const struct vfs_pager stores_ops;

/* Writes to the file what has come back. The vnode is locked exclusively. Returns 0; EIO. */
int stores_merge(struct pages *p);

/*
 * Calls pages back that may have been stored to, which may not be again without a question; with
 * MEMORY_OBJECT_FLUSH no others are left either. The same conditions. Returns 0; EIO.
 */
int stores_call_back(struct pages *p, uint64_t first, uint64_t count, unsigned flags);

/* Waits until the kernel has let go, of one that it refuses to speak of. The same conditions. */
void stores_end(struct pages *p);

/* A DATA_RETURN: takes over the memory. May wait, but for nobody who waits for this thread. */
void stores_arrived(struct pages *p, uint64_t offset, void *data, vm_size_t size);

void stores_init(void);

/* --- queue.c --- */

void queue_init(void);
void work_enqueue(struct work *w);	/* with a reference to its object; lock held */

/* Has a thread merge what came back, and end what has ended. Lock held. */
void work_tidy(struct pages *p);

/*
 * Waits for something to do, about an object that not too many are busy with; work_done is to follow. With *hurry the thread is the last one, and
 * must not wait for the disk: a question that needs that goes back to the queue, cold.
 */
struct work *work_next(bool *hurry);
void work_done(struct pages *p, bool hurry);	/* no locks */

/* A question to be filled in, zeroed or used; NULL: no memory, and too many are open. No locks. */
struct work *work_question(void);
void work_free(struct work *question);

#endif
