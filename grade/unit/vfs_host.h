/*
 * The surroundings of the file server's logic on the host: fs/vfs/os.h on pthreads and malloc, and
 * a disk in memory.
 *
 * Reports are counted and the last one kept, so that a test can check what was said.
 */
#ifndef GRADE_UNIT_VFS_HOST_H
#define GRADE_UNIT_VFS_HOST_H

#include "../../fs/vfs/blockdev.h"

extern unsigned host_reports, host_damage_reports;	/* the second: of damage */
extern char host_last_report[256];
extern uint64_t host_memory_for_caches;	/* bytes; what a cache may have */
extern bool host_memory_is_plenty;
extern unsigned host_waiting;		/* threads now in os_cond_wait */
extern bool host_no_places;		/* os_wait_place refuses: nobody may wait for the disk */
extern unsigned host_refused, host_errands;	/* how often it did, and vnode_errands was asked for */

/*
 * A disk in memory. `fail_from`..`fail_to` (bytes) cannot be read or written; `gate`, if
 * set, is called before each read, `write_gate` when the bytes of a write are on the disk, before the
 * writer knows.
 *
 * With `log` set every write and flush is noted there, so that afterwards the disk can be had as a
 * power cut would have left it at any moment.
 */
struct host_disk {
	struct blockdev dev;
	uint8_t *data;
	uint64_t fail_from, fail_to;
	bool fail_writes;		/* only writing fails there */
	unsigned long reads, writes, flushes, bytes_written;
	void (*gate)(uint64_t offset);
	void (*write_gate)(uint64_t offset);
	struct host_log *log;
};

/* Reads a whole image file. Returns whether that worked; the data is the caller's to free. */
bool host_disk_load(struct host_disk *disk, const char *path);

/* As before, into the memory of a disk of the same size. */
bool host_disk_reload(struct host_disk *disk, const char *path);

/*
 * What was written to a disk: units of `unit` bytes, each of which reaches the disk whole or not at
 * all, and flushes: what was written before one is on the disk after it. The rest may be in a cache.
 */
struct host_log {
	size_t size, unit;
	size_t count, room;		/* units written so far; read it with host_log_position */
	struct host_write {
		uint64_t offset;
		uint8_t *data;
	} *writes;
	size_t flush_count, flush_room;
	size_t *flushes;		/* how many units had been written at each */

	uint8_t *stable;		/* the disk at the last flush before the last cut */
	size_t stable_count, flush_next;
};

/* Begins to note what is written to a disk, from its present content on. */
void host_log_begin(struct host_log *log, struct host_disk *disk, size_t unit);
size_t host_log_position(struct host_log *log);

/*
 * Purpose: the disk as power cut after `position` units leaves it; the seed decides which units are
 * lost of those not flushed. A flush right there is still to come unless `flushed`.
 * Conditions: positions do not decrease from one call to the next.
 */
void host_log_cut(struct host_log *log, size_t position, bool flushed, uint64_t seed, uint8_t *image);
void host_log_end(struct host_log *log, struct host_disk *disk);

/* Writes the disk to a file. */
bool host_disk_store(const struct host_disk *disk, const char *path);

/* os_alloc works so often, then never again; UINT32_MAX: always. */
extern uint32_t host_allocations_left;

void host_disk_init(struct host_disk *disk, uint8_t *data, uint64_t size);

#endif
