/*
 * The file server: mounts the disk at /, devfs at /dev, and serves fs.defs and io.defs.
 *
 * Its service port is the root directory. A pool of threads serves, so that one that waits for the disk stops nobody else; a request for
 * something cached never waits for another request's disk read (vfs/bcache.h), however many wait: some threads never do (os_wait_place).
 * Nothing a client sends is trusted: lengths and rights are checked by the generated code, paths and offsets by vfs.
 */
#include "disks.h"
#include "locks.h"
#include "server.h"
#include "pipes.h"
#include "pager/pager.h"
#include "ext2/ext2_vfs.h"
#include "vfs/bcache.h"

#include "fs_server.h"
#include "io_server.h"
#include "sock_server.h"
#include "tty.h"
#include "mach/cthread.h"
#include "mach/mig.h"
#include "mach/print.h"
#include <mach/host_info.h>
#include "mach/service.h"

#include <errno.h>
#include <string.h>

#define THREADS		8u		/* and more while some wait, so that a slow disk holds up only those who want it */
#define THREADS_MOST	64u		/* on a machine with memory for them */
#define THREAD_MEMORY	(2u << 20)	/* bytes that the machine has for each */
#define VNODES		2048u		/* kept in memory, in use or not; those in use may be more (vfs/vnode.c) */
#define WRITE_BACK_MS	5000
#define TERMINAL_TIMEOUT 1000		/* ms */
#define CACHE_BLOCKS	4096u		/* of the file system's block size, at most */
#define GIVE_BACK	256u		/* blocks at a time, when memory is short */
#define CACHE_PART	8u		/* of the memory, one in so many for blocks of 4 KB */

enum { DEV_ROOT = 1, DEV_DEVFS = 2, DEV_PIPES = 100 };	/* st_dev; sockets are with the pipes */

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

/* The terminal server knows; it has a time to answer. */
static int
pseudo_terminals(uint64_t *numbers)
{
	mach_port_t server;
	int error = os_wait_place();

	if (error)
		return error;
	server = service_look_up("tty");
	mig_set_timeout(TERMINAL_TIMEOUT);
	service_wait_begin();
	if (server == MACH_PORT_NULL || tty_ptys(server, numbers) != KERN_SUCCESS)
		*numbers = 0;
	service_wait_end();
	mig_set_timeout(0);
	port_drop(server);
	return 0;
}

/* Mounts devfs at /dev. A disk without that directory is served all the same. */
static void
mount_devices(struct vnode *root)
{
	struct walk_start start = { root, root, { 0, 0 } };
	struct mount *mount;
	struct vnode *dev;
	int error = vfs_walk(&start, "/dev", 0, &dev);

	devfs_set_slaves(pseudo_terminals);
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

/* Gives back what the caches have grown by when memory is short. Works for paging: what it needs it gets from the last frames. */
static void *
give_back(void *argument)
{
	mach_port_t host = service_grant("host");
	bool gave = false;

	if (host == MACH_PORT_NULL || thread_wire(host, mach_thread_self(), 1) != KERN_SUCCESS)
		return argument;
	while (host_memory_wait(host, gave) == KERN_SUCCESS)
		gave = vfs_shrink(GIVE_BACK) > 0;
	return argument;
}

/* How many blocks to keep in any case: they stay in memory, as this task is part of paging (pager/). While memory is plenty there are more. */
static unsigned
cache_blocks(void)
{
	struct host_info info;
	uint64_t part = CACHE_BLOCKS;

	if (host_info(&info) == KERN_SUCCESS)
		part = info.memory / CACHE_PART / 4096;
	return part < CACHE_BLOCKS ? (unsigned)part : CACHE_BLOCKS;
}

static unsigned
threads_most(void)
{
	struct host_info info;
	uint64_t part = host_info(&info) == KERN_SUCCESS ? info.memory / THREAD_MEMORY : 0;

	return part < THREADS ? THREADS : part < THREADS_MOST ? (unsigned)part : THREADS_MOST;
}

/* Returns 0 with a disk at /. What is wrong with which disk has been said else. */
static int
mount_root(struct mount **mount)
{
	struct devfs_disk *disk;
	int error = disks_open();

	if (error) {
		print("fs: the disk's driver does not answer\n");
		return error;
	}
	disk = disks_root();
	if (!disk)
		return ENODEV;
	error = ext2_mount_on(disk->dev, cache_blocks(), DEV_ROOT, NULL, mount);
	if (error) {
		print("fs: cannot mount %s at /: %s\n", disk->name, strerror(error));
		return error;
	}
	(void)disk_file_claim(disk);		/* nobody else is there yet */
	disk->cache = ext2_cache_of(*mount);
	return 0;
}

/* Returns 0 with everything mounted and the service port standing for the root. */
static int
set_up(mach_port_t service, mach_port_t *set)
{
	struct mount *mount;
	struct file *root;
	int error;

	vfs_init(VNODES);
	error = mount_root(&mount);
	if (error)
		return error;
	mounts_init();
	disks_show();
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

/* What was left to one who may wait. */
static void
errands(void)
{
	pipes_errands();
	vnode_errands();
}

int
main(void)
{
	static const mig_server_t servers[] = { io_server, fs_server, sock_server, NULL };
	struct service server = {
		.servers = servers, .threads = THREADS, .most = threads_most(), .no_senders = files_no_senders,
		.dead_name = dead_name, .identity = files_serial, .errand = errands};
	mach_port_t service = service_check_in("fs");
	int error;

	if (service == MACH_PORT_NULL) {
		print("fs: init does not know me\n");
		return 1;
	}
	error = set_up(service, &server.port);
	if (error) {
		print("fs: cannot start: %s\n", strerror(error));
		return 1;
	}
	if (cthread_spawn(write_back, NULL) != KERN_SUCCESS)
		print("fs: no thread to write back: only sync and fsync do\n");
	if (cthread_spawn(give_back, NULL) != KERN_SUCCESS)
		print("fs: no thread to give memory back\n");
	if (locks_start(service) != 0)
		print("fs: no thread to watch processes: they get no record locks\n");
	service_ready();
	service_run(&server);
	return 1;
}
