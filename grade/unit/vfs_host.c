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

unsigned host_reports;
char host_last_report[256];

_Static_assert(sizeof(pthread_mutex_t) <= sizeof(struct os_mutex), "room for a mutex");
_Static_assert(sizeof(pthread_cond_t) <= sizeof(struct os_cond), "room for a condition");

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
	pthread_cond_wait((pthread_cond_t *)c, (pthread_mutex_t *)m);
}

void
os_cond_broadcast(struct os_cond *c)
{
	pthread_cond_broadcast((pthread_cond_t *)c);
}

void *
os_alloc(size_t size)
{
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
}

static pthread_mutex_t disk_lock = PTHREAD_MUTEX_INITIALIZER;	/* of what writing changes */

/* Aborts when a file system asks for what is not on the disk. Returns whether it can be had. */
static bool
check_segment(struct host_disk *disk, uint64_t offset, size_t n)
{
	if (offset % BLOCKDEV_SECTOR || n % BLOCKDEV_SECTOR || n > disk->dev.size ||
		offset > disk->dev.size - n)
		abort();
	return !disk->off && !(offset < disk->fail_to && offset + n > disk->fail_from);
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
		if (!check_segment(disk, offset, segments[i].length))
			return EIO;
		memcpy(segments[i].data, disk->data + offset, segments[i].length);
		offset += segments[i].length;
	}
	return 0;
}

/* Notes a unit that is in the cache of the disk. */
static void
note_pending(struct host_disk *disk, uint64_t offset, const uint8_t *data)
{
	struct host_write *w;

	if (disk->pending_count == disk->pending_room) {
		disk->pending_room = disk->pending_room ? 2 * disk->pending_room : 256;
		disk->pending = realloc(disk->pending,
			disk->pending_room * sizeof(*disk->pending));
	}
	w = &disk->pending[disk->pending_count++];
	w->offset = offset;
	w->data = malloc(disk->unit);
	memcpy(w->data, data, disk->unit);
}

/* Writes one segment, unit by unit. Returns false when the power goes off. */
static bool
write_units(struct host_disk *disk, uint64_t offset, const uint8_t *data, size_t length)
{
	while (length > 0) {
		size_t n = disk->stable ? disk->unit - offset % disk->unit : length;

		if (n > length)
			n = length;
		if (disk->stable && disk->cut_after && disk->units >= disk->cut_after) {
			disk->off = true;
			return false;
		}
		memcpy(disk->data + offset, data, n);
		if (disk->stable)
			note_pending(disk, offset - offset % disk->unit,
				disk->data + offset - offset % disk->unit);
		disk->units++;
		offset += n;
		data += n;
		length -= n;
	}
	return true;
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
		if (!check_segment(disk, offset, segments[i].length)
			|| !write_units(disk, offset, segments[i].data, segments[i].length))
			error = EIO;
		offset += segments[i].length;
	}
	pthread_mutex_unlock(&disk_lock);
	return error;
}

static void
drop_pending(struct host_disk *disk)
{
	while (disk->pending_count > 0)
		free(disk->pending[--disk->pending_count].data);
}

static int
disk_flush(struct blockdev *dev)
{
	struct host_disk *disk = (struct host_disk *)dev;
	bool off;

	pthread_mutex_lock(&disk_lock);
	off = disk->off;
	disk->flushes++;
	for (size_t i = 0; i < disk->pending_count && !off; i++)
		memcpy(disk->stable + disk->pending[i].offset, disk->pending[i].data, disk->unit);
	if (!off)
		drop_pending(disk);
	pthread_mutex_unlock(&disk_lock);
	return off ? EIO : 0;
}

static const struct blockdev_ops disk_ops = {
	.read = disk_read, .write = disk_write, .flush = disk_flush,
};

void
host_disk_power(struct host_disk *disk, size_t unit, unsigned long cut_after)
{
	free(disk->stable);
	disk->stable = malloc(disk->dev.size);
	memcpy(disk->stable, disk->data, disk->dev.size);
	disk->unit = unit;
	disk->cut_after = cut_after;
	disk->units = 0;
	disk->off = false;
	drop_pending(disk);
}

void
host_disk_crash(struct host_disk *disk, uint64_t seed)
{
	/* Of the writes to one place an earlier one may be the last that counts: order is kept. */
	unsigned keep = seed % 5 == 0 ? 0 : seed % 5 == 1 ? 100 : 50;

	for (size_t i = 0; i < disk->pending_count; i++) {
		seed = seed * 6364136223846793005ull + 1442695040888963407ull;
		if ((seed >> 33) % 100 < keep)
			memcpy(disk->stable + disk->pending[i].offset, disk->pending[i].data,
				disk->unit);
	}
	drop_pending(disk);
	memcpy(disk->data, disk->stable, disk->dev.size);
	disk->off = false;
	disk->cut_after = 0;
}

void
host_disk_power_end(struct host_disk *disk)
{
	drop_pending(disk);
	free(disk->pending);
	free(disk->stable);
	disk->pending = NULL;
	disk->pending_room = 0;
	disk->stable = NULL;
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
