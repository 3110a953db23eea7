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

void
os_report(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(host_last_report, sizeof(host_last_report), format, args);
	va_end(args);
	host_reports++;
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
		size_t n = segments[i].length;

		if (offset % BLOCKDEV_SECTOR || n % BLOCKDEV_SECTOR || n > dev->size ||
			offset > dev->size - n)
			abort();	/* the file system asked for what is not on the disk */
		if (offset < disk->fail_to && offset + n > disk->fail_from)
			return EIO;
		memcpy(segments[i].data, disk->data + offset, n);
		offset += n;
	}
	return 0;
}

static const struct blockdev_ops disk_ops = { .read = disk_read };

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
