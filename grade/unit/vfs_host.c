/*
 * fs/vfs/os.h on the host, and a disk in memory. See vfs_host.h.
 */
#include "vfs_host.h"
#include "../../fs/vfs/os.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

unsigned host_reports, host_damage_reports;
char host_last_report[256];
unsigned host_waiting;

_Static_assert(sizeof(pthread_mutex_t) <= sizeof(struct os_mutex), "room for a mutex");
_Static_assert(sizeof(pthread_cond_t) <= sizeof(struct os_cond), "room for a condition");

uint64_t host_memory_for_caches;
bool host_memory_is_plenty;

uint64_t
os_memory_for_caches(void)
{
	return host_memory_for_caches;
}

bool
os_memory_is_plenty(void)
{
	return __atomic_load_n(&host_memory_is_plenty, __ATOMIC_RELAXED);
}

void
os_mutex_init(struct os_mutex *m)
{
	pthread_mutex_init((pthread_mutex_t *)m, NULL);
}

void
os_mutex_lock(struct os_mutex *m)
{
	pthread_mutex_lock((pthread_mutex_t *)m);
}

bool host_no_places;
unsigned host_refused, host_errands;

int
os_wait_place(void)
{
	if (!__atomic_load_n(&host_no_places, __ATOMIC_RELAXED))
		return 0;
	__atomic_fetch_add(&host_refused, 1, __ATOMIC_RELAXED);
	return OS_LATER;
}

void
os_want_errand(void)
{
	__atomic_fetch_add(&host_errands, 1, __ATOMIC_RELAXED);
}

int
os_mutex_ask(struct os_mutex *m)
{
	if (pthread_mutex_trylock((pthread_mutex_t *)m) == 0)
		return 0;
	if (os_wait_place() != 0)
		return OS_LATER;
	os_mutex_lock(m);
	return 0;
}

void
os_mutex_unlock(struct os_mutex *m)
{
	pthread_mutex_unlock((pthread_mutex_t *)m);
}

void
os_cond_init(struct os_cond *c)
{
	pthread_cond_init((pthread_cond_t *)c, NULL);
}

void
os_cond_wait(struct os_cond *c, struct os_mutex *m)
{
	__atomic_fetch_add(&host_waiting, 1, __ATOMIC_SEQ_CST);
	pthread_cond_wait((pthread_cond_t *)c, (pthread_mutex_t *)m);
	__atomic_fetch_sub(&host_waiting, 1, __ATOMIC_SEQ_CST);
}

void
os_cond_broadcast(struct os_cond *c)
{
	pthread_cond_broadcast((pthread_cond_t *)c);
}

uint32_t host_allocations_left = UINT32_MAX;

void *
os_alloc(size_t size)
{
	if (host_allocations_left == 0)
		return NULL;
	if (host_allocations_left != UINT32_MAX)
		host_allocations_left--;
	return calloc(1, size);
}

void
os_free(void *p)
{
	free(p);
}

void *
os_pages_alloc(size_t size)
{
	return calloc(1, size);
}

void
os_pages_free(void *p, size_t size)
{
	(void)size;
	free(p);
}

uint64_t
os_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * 1000000000ull + now.tv_nsec;
}

void
os_report(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(host_last_report, sizeof(host_last_report), format, args);
	va_end(args);
	host_reports++;
	host_damage_reports += strstr(host_last_report, "damaged") != NULL;
}

static pthread_mutex_t disk_lock = PTHREAD_MUTEX_INITIALIZER;	/* of what writing changes */

/* Aborts when a file system asks for what is not on the disk. Returns whether it can be had. */
static bool
check_segment(struct host_disk *disk, uint64_t offset, size_t n, bool writing)
{
	if (offset % BLOCKDEV_SECTOR || n % BLOCKDEV_SECTOR || n > disk->dev.size ||
		offset > disk->dev.size - n)
		abort();
	return (disk->fail_writes && !writing) ||
		!(offset < disk->fail_to && offset + n > disk->fail_from);
}

static int
disk_read(struct blockdev *dev, uint64_t offset, const struct blockdev_segment *segments,
	unsigned count)
{
	struct host_disk *disk = (struct host_disk *)dev;

	__atomic_fetch_add(&disk->reads, 1, __ATOMIC_RELAXED);
	if (disk->gate)
		disk->gate(offset);
	for (unsigned i = 0; i < count; i++) {
		if (!check_segment(disk, offset, segments[i].length, false))
			return EIO;
		memcpy(segments[i].data, disk->data + offset, segments[i].length);
		offset += segments[i].length;
	}
	return 0;
}

/* Notes the units in which a segment lies, as they are now. Conditions: disk_lock held. */
static void
note_writes(struct host_log *log, const uint8_t *data, uint64_t offset, size_t length)
{
	for (uint64_t at = offset - offset % log->unit; at < offset + length; at += log->unit) {
		struct host_write *w;

		if (log->count == log->room) {
			log->room = log->room ? 2 * log->room : 256;
			log->writes = realloc(log->writes, log->room * sizeof(*log->writes));
		}
		w = &log->writes[log->count];
		w->offset = at;
		w->data = malloc(log->unit);
		memcpy(w->data, data + at, log->unit);
		log->count++;
	}
}

static int
disk_write(struct blockdev *dev, uint64_t offset, const struct blockdev_segment *segments,
	unsigned count)
{
	struct host_disk *disk = (struct host_disk *)dev;
	int error = dev->read_only ? EROFS : 0;

	pthread_mutex_lock(&disk_lock);
	disk->writes++;
	for (unsigned i = 0; i < count && !error; i++) {
		size_t length = segments[i].length;

		if (!check_segment(disk, offset, length, true)) {
			error = EIO;
			break;
		}
		memcpy(disk->data + offset, segments[i].data, length);
		disk->bytes_written += length;
		if (disk->log)
			note_writes(disk->log, disk->data, offset, length);
		offset += length;
	}
	pthread_mutex_unlock(&disk_lock);
	if (disk->write_gate)
		disk->write_gate(offset);
	return error;
}

static int
disk_flush(struct blockdev *dev)
{
	struct host_disk *disk = (struct host_disk *)dev;
	struct host_log *log = disk->log;

	pthread_mutex_lock(&disk_lock);
	disk->flushes++;
	if (log && log->flush_count == log->flush_room) {
		log->flush_room = log->flush_room ? 2 * log->flush_room : 64;
		log->flushes = realloc(log->flushes, log->flush_room * sizeof(*log->flushes));
	}
	if (log)
		log->flushes[log->flush_count++] = log->count;
	pthread_mutex_unlock(&disk_lock);
	return 0;
}

static const struct blockdev_ops disk_ops = {
	.read = disk_read, .write = disk_write, .flush = disk_flush,
};

void
host_log_begin(struct host_log *log, struct host_disk *disk, size_t unit)
{
	*log = (struct host_log){ .size = disk->dev.size, .unit = unit };
	log->stable = malloc(log->size);
	memcpy(log->stable, disk->data, log->size);
	disk->log = log;
}

size_t
host_log_position(struct host_log *log)
{
	size_t count;

	pthread_mutex_lock(&disk_lock);
	count = log->count;
	pthread_mutex_unlock(&disk_lock);
	return count;
}

void
host_log_cut(struct host_log *log, size_t position, bool flushed, uint64_t seed, uint8_t *image)
{
	size_t end = flushed ? position + 1 : position;
	unsigned keep = seed % 5 == 0 ? 0 : seed % 5 == 1 ? 100 : 50;

	while (log->flush_next < log->flush_count && log->flushes[log->flush_next] < end) {
		for (; log->stable_count < log->flushes[log->flush_next]; log->stable_count++) {
			struct host_write *w = &log->writes[log->stable_count];

			memcpy(log->stable + w->offset, w->data, log->unit);
		}
		log->flush_next++;
	}
	memcpy(image, log->stable, log->size);
	/* Of the writes to one place an earlier one may be the last that counts: order is kept. */
	for (size_t i = log->stable_count; i < position; i++) {
		seed = seed * 6364136223846793005ull + 1442695040888963407ull;
		if ((seed >> 33) % 100 < keep)
			memcpy(image + log->writes[i].offset, log->writes[i].data, log->unit);
	}
}

void
host_log_end(struct host_log *log, struct host_disk *disk)
{
	disk->log = NULL;
	for (size_t i = 0; i < log->count; i++)
		free(log->writes[i].data);
	free(log->writes);
	free(log->flushes);
	free(log->stable);
}

bool
host_disk_store(const struct host_disk *disk, const char *path)
{
	FILE *f = fopen(path, "wb");
	bool ok;

	if (!f)
		return false;
	ok = fwrite(disk->data, 1, disk->dev.size, f) == disk->dev.size;
	return fclose(f) == 0 && ok;
}

void
host_disk_init(struct host_disk *disk, uint8_t *data, uint64_t size)
{
	memset(disk, 0, sizeof(*disk));
	disk->dev.ops = &disk_ops;
	disk->dev.name = "disk";
	disk->dev.size = size;
	disk->data = data;
}

bool
host_disk_load(struct host_disk *disk, const char *path)
{
	FILE *f = fopen(path, "rb");
	struct stat st;
	uint8_t *data;

	if (!f)
		return false;
	if (fstat(fileno(f), &st) != 0 || !(data = malloc(st.st_size))) {
		fclose(f);
		return false;
	}
	host_disk_init(disk, data, st.st_size);
	if (fread(data, 1, st.st_size, f) != (size_t)st.st_size) {
		fclose(f);
		free(data);
		return false;
	}
	fclose(f);
	return true;
}

bool
host_disk_reload(struct host_disk *disk, const char *path)
{
	FILE *f = fopen(path, "rb");
	bool ok = f && fread(disk->data, 1, disk->dev.size, f) == disk->dev.size;

	if (f)
		fclose(f);
	return ok;
}
