/*
 * /init of the Linux guest that numbers are compared with (conf/linux.py): loads the modules, mounts the disk, swaps to the other one, runs the
 * program, switches off. Compiled with Debian's C library; no part of the system.
 *
 *	init LEAVE WORD...	LEAVE: megabytes of memory that the program finds free at most, 0 for all; WORDs: the program's arguments
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MB		(1ul << 20)
#define WAIT_MS		5000		/* for a disk to show up */

static void
complain(const char *what)
{
	printf("linux: %s: %s\n", what, strerror(errno));
	fflush(stdout);
}

/* /modules/00.ko, 01.ko ..., in an order in which each finds what it needs. */
static void
load_modules(void)
{
	char path[32];

	for (int i = 0; i < 100; i++) {
		int fd;

		snprintf(path, sizeof(path), "/modules/%02d.ko", i);
		fd = open(path, O_RDONLY);
		if (fd < 0)
			return;
		if (syscall(SYS_finit_module, fd, "", 0) != 0)
			complain(path);
		close(fd);
	}
}

/* A disk is the file system's, or it is for swap. */
static void
use_disk(const char *path)
{
	for (int i = 0; i < WAIT_MS && access(path, F_OK) != 0; i++)
		usleep(1000);
	if (access(path, F_OK) != 0)
		return;
	if (mount(path, "/mnt", "ext2", 0, NULL) != 0 && swapon(path, 0) != 0)
		complain(path);
}

static unsigned long
megabytes_free(void)
{
	char line[128];
	unsigned long kb = 0;
	FILE *f = fopen("/proc/meminfo", "r");

	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "MemAvailable: %lu", &kb) == 1)
			break;
	if (f != NULL)
		fclose(f);
	return kb / 1024;
}

/* Takes memory for good until so much is left. */
static void
leave(unsigned long megabytes)
{
	while (megabytes > 0 && megabytes_free() > megabytes) {
		void *at = mmap(NULL, MB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (at == MAP_FAILED || mlock(at, MB) != 0) {
			complain("memory");
			return;
		}
	}
	printf("linux: %lu MB of memory available\n", megabytes_free());
	fflush(stdout);
}

int
main(int argc, char **argv)
{
	pid_t child;

	mkdir("/proc", 0755);
	mkdir("/mnt", 0755);
	if (mount("proc", "/proc", "proc", 0, NULL) != 0 || mount("dev", "/dev", "devtmpfs", 0, NULL) != 0)
		complain("mount");
	load_modules();
	if (access("/modules/00.ko", F_OK) == 0) {
		use_disk("/dev/vda");
		use_disk("/dev/vdb");
	}
	if (argc > 1)
		leave(strtoul(argv[1], NULL, 10));
	child = fork();
	if (child == 0) {
		argv[1] = "/program";
		execv(argv[1], argv + 1);
		complain(argv[1]);
		_exit(127);
	}
	while (child > 0 && waitpid(child, NULL, 0) != child)
		continue;
	umount("/mnt");
	sync();
	reboot(RB_POWER_OFF);
	return 1;
}
