/*
 * The file server: mounts the disk at /, devfs at /dev, and serves fs.defs and io.defs.
 *
 * Its service port is the root directory. A pool of threads serves, so that one that waits for the
 * disk stops nobody else; a request for something cached never waits for another request's disk
 * read (vfs/bcache.h). Nothing a client sends is trusted: lengths and rights are checked by the
 * generated code, paths and offsets by vfs.
 */
#include "disk.h"
#include "locks.h"
#include "server.h"
#include "pipes.h"
#include "pager/pager.h"
#include "devfs/devfs.h"
#include "ext2/ext2_vfs.h"
#include "vfs/bcache.h"

#include "fs_server.h"
#include "io_server.h"
#include "mem.h"
#include "mach/cthread.h"
#include "mach/print.h"
#include <mach/host_info.h>
#include "mach/service.h"

#define THREADS		8u
#define VNODES		2048u		/* kept in memory, in use or not */
#define WRITE_BACK_MS	5000
#define CACHE_BLOCKS	4096u		/* of the file system's block size, at most */
#define CACHE_PART	8u		/* of the memory, one in so many for blocks of 4 KB */

enum { DEV_ROOT = 1, DEV_DEVFS = 2, DEV_PIPES = 100 };	/* st_dev */

static struct disk disk, swap;
static struct devfs_disk disk_file, swap_file;		/* the same, as /dev shows them */

/* The times of events are all the chance there is: how long sleeps and the mounting before took, in the counter's ticks. */
static void
stir(void)
{
	uint64_t now;

	clock_get_time(CLOCK_REALTIME_NS, &now);
	devfs_stir(&now, sizeof(now));
	for (int i = 0; i < 64; i++) {
		now = clock_counter();
		devfs_stir(&now, sizeof(now));
		thread_switch(MACH_PORT_NULL, SWITCH_OPTION_NONE, 0);
	}
}

static void
show_disk(struct devfs_disk *file, struct disk *of, struct bcache *cache, bool in_use)
{
	*file = (struct devfs_disk){
		.name = of->name, .dev = &of->dev, .cache = cache, .in_use = in_use};
	if (devfs_add_disk(file) != 0)
		print("fs: no name in /dev for %s\n", of->name);
}

/* Whether the memory server swaps to its disk. Who cannot be asked is taken to do so. */
static bool
is_swapped_to(void)
{
	mach_port_t mem = service_look_up("mem");
	struct mem_statistics statistics;
	bool unused;

	if (mem == MACH_PORT_NULL)
		return true;
	unused = mem_statistics(mem, &statistics) == KERN_SUCCESS && statistics.pages == 0;
	port_drop(mem);
	return !unused;
}

/* The disk at /, and the one that the swap driver has, if any. */
static void
show_disks(struct mount *root)
{
	show_disk(&disk_file, &disk, ext2_cache_of(root), true);
	if (disk_open(&swap, "swap") == 0 && swap.dev.size > 0)
		show_disk(&swap_file, &swap, NULL, is_swapped_to());
}

/* Mounts devfs at /dev. A disk without that directory is served all the same. */
static void
mount_devices(struct vnode *root)
{
	struct walk_start start = { root, root, { 0, 0 } };
	struct mount *mount;
	struct vnode *dev;
	int error = vfs_walk(&start, "/dev", 0, &dev);

	if (!error) {
		error = devfs_mount(DEV_DEVFS, dev, &mount);
		vnode_put(dev);
	}
	if (!error)
		stir();
	else
		print("fs: no devices: cannot mount on /dev (error %d)\n", error);
}

/* Writes back what is dirty, now and then, so that a crash loses the work of seconds at most. */
static void *
write_back(void *argument)
{
	for (;;) {
		clock_sleep(WRITE_BACK_MS);
		(void)vfs_sync();	/* what fails was reported, and made the disk read-only */
	}
	return argument;
}

/* How many blocks to keep: they stay in memory, as this task is part of paging (pager/). */
static unsigned
cache_blocks(void)
{
	struct host_info info;
	uint64_t part = CACHE_BLOCKS;

	if (host_info(&info) == KERN_SUCCESS)
		part = info.memory / CACHE_PART / 4096;
	return part < CACHE_BLOCKS ? (unsigned)part : CACHE_BLOCKS;
}

/* Returns 0 with everything mounted and the service port standing for the root. */
static int
set_up(mach_port_t service, mach_port_t *set)
{
	struct mount *mount;
	struct file *root;
	int error;

	vfs_init(VNODES);
	error = disk_open(&disk, "blk");
	if (!error)
		error = ext2_mount_on(&disk.dev, cache_blocks(), DEV_ROOT, NULL, &mount);
	if (error)
		return error;
	mounts_init();
	show_disks(mount);
	mount_devices(mount->root);
	error = files_init(set);
	if (!error)
		error = file_open_root(mount->root, &root);
	if (!error)
		error = files_add_permanent(root, service);
	if (!error)
		error = pipes_init(DEV_PIPES, service);
	if (!error)
		error = pager_init();
	return error;
}

/* Who waited for a pipe or a lock, or a process that has locks, is gone. */
static void
dead_name(mach_port_t port, mach_port_t name)
{
	locks_dead_name(name);
	pipes_dead_name(port, name);
}

int
main(void)
{
	static const mig_server_t servers[] = { io_server, fs_server, NULL };
	struct service server = {
		.servers = servers, .threads = THREADS, .no_senders = files_no_senders,
		.dead_name = dead_name};
	mach_port_t service = service_check_in("fs");
	int error;

	if (service == MACH_PORT_NULL) {
		print("fs: init does not know me\n");
		return 1;
	}
	error = set_up(service, &server.port);
	if (error) {
		print("fs: cannot mount the root disk (error %d)\n", error);
		return 1;
	}
	if (cthread_spawn(write_back, NULL) != KERN_SUCCESS)
		print("fs: no thread to write back: only sync and fsync do\n");
	if (locks_start(service) != 0)
		print("fs: no thread to watch processes: they get no record locks\n");
	service_ready();
	service_run(&server);
	return 1;
}
