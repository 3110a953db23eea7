/*
 * mount [-r] [-t TYPE] source directory: mounts a file system: "ext2" (also with ext3's journal), from the disk or partition with the name `source`,
 * or "tmpfs", of which the source is not looked at. -r: read-only. mount -u directory: takes it away again.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fs.h"
#include "mach/mach.h"
#include "mach/service.h"

static int
usage(void)
{
	fprintf(stderr, "usage: mount [-r] [-t TYPE] source directory\n       mount -u directory\n");
	return 2;
}

/* The file server's root directory takes paths as they are from "/" on. */
static const char *
absolute(const char *path)
{
	static char places[2][PATH_MAX];
	static int next;

	return realpath(path, places[next ^= 1]) != NULL ? places[next] : path;
}

static int
report(const char *what, kern_return_t kr)
{
	if (kr == KERN_SUCCESS)
		return 0;
	fprintf(stderr, "mount: %s: %s\n", what, kr > 0 && kr < 256 ? strerror(kr) : kern_return_name(kr));
	return 1;
}

int
main(int argc, char **argv)
{
	mach_port_t root = service_look_up("fs");
	const char *type = "ext2";
	uint32_t flags = 0;
	int option, take_away = 0;

	while ((option = getopt(argc, argv, "rt:u")) != -1)
		switch (option) {
		case 'r':
			flags = IO_STATFS_READ_ONLY;
			break;
		case 't':
			type = optarg;
			break;
		case 'u':
			take_away = 1;
			break;
		default:
			return usage();
		}
	if (argc - optind != (take_away ? 1 : 2))
		return usage();
	if (take_away)
		return report(argv[optind], fs_unmount(root, absolute(argv[optind])));
	return report(argv[optind], fs_mount(root, absolute(argv[optind + 1]), type, absolute(argv[optind]), flags));
}
