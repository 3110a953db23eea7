/*
 * What the files of mem share. One thread does everything.
 */
#ifndef USER_MEM_MEM_H
#define USER_MEM_MEM_H

#include "mach/mig.h"

#include <proto/types.h>

extern struct mem_statistics statistics;

/* --- disk.c --- */

/*
 * Purpose: find the disk with swap's signature, or a partition: of the swap driver's disk, or else of the first. Waits until the drivers serve.
 * Returns the number of pages; 0: there is no swap disk, or it is not one (a message says so).
 */
uint64_t disk_open(void);

/*
 * Reads pages into memory that the caller gives back with mig_free or moves on; writes pages. Both
 * wait for the driver, also for its next instance. Return false: the disk failed, at one of the pages at least;
 * which it is, is found out by asking for each alone, and only that counts as an error.
 */
bool disk_read(uint64_t page, uint32_t count, void **data);
bool disk_write(uint64_t page, uint32_t count, const void *data);

/* --- main.c --- */

/* Tells the kernel to page here: at first, and when there is room again after it was refused some. Returns as host_set_default_pager. */
kern_return_t be_default_pager(void);

/* --- store.c --- */

/* Makes room for stores on `pages` pages of disk; messages to objects will come to `set`. */
void stores_open(uint64_t pages, mach_port_t set);

/*
 * Purpose: a memory object for a task. Returns KERN_SUCCESS and a send right; KERN_INVALID_ARGUMENT: size is
 * 0; KERN_RESOURCE_SHORTAGE: no room on the disk that objects may have.
 */
kern_return_t object_create(uint64_t size, mach_port_t *object);

/* Nobody has an object any more. */
void store_no_senders(mach_port_t object, uint32_t mscount);

/* A message of the kernel to the default pager's port or a store. Returns false: none of these. */
bool store_message(struct mig_request *rq);

#endif
