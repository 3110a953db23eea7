/*
 * The device table and its operations. See devfs.h. Inode 1 is the directory, inode n + 2 the n-th
 * device; PTS_INO is the directory of the terminals' slaves, the n-th of which follows it as inode PTS_INO + 1 + n. They are the terminal server's
 * matter: it says which of them can be opened, and by whom.
 */
#include "devfs.h"
#include "random.h"
#include "../vfs/os.h"

#include <errno.h>
#include <string.h>

#define ROOT_INO 1u
#define FIRST_INO 2u

#define PTS_INO 0x100u
#define PTS_MAX 64u

#define DEVICES_FIXED	8u
#define DISKS_MAX	4u
#define DISK_MAJOR	254u		/* the first that Linux gives to drivers without a number */
#define DISK_MINORS	16u		/* for each disk: itself and its partitions */
#define DEVICES_MAX	(DEVICES_FIXED + DISKS_MAX * DISK_MINORS)

struct device {
	const char *name;
	uint32_t mode;			/* type and permissions */
	uint64_t rdev;			/* major << 8 | minor, numbered as on Linux */
	const char *service;		/* whose port an open gives, or NULL */
	const struct vnode_ops *ops;
	struct devfs_disk *disk;	/* of a disk */
};

static struct device *device_of(struct vnode *vn);

static int
null_read(struct vnode *vn, uint64_t offset, void *data, size_t length, size_t *done)
{
	(void)vn, (void)offset, (void)data, (void)length;
	*done = 0;
	return 0;
}

static int
sink_write(struct vnode *vn, uint64_t offset, const void *data, size_t length, bool privileged,
	size_t *done)
{
	(void)vn, (void)offset, (void)data, (void)privileged;
	*done = length;
	return 0;
}

static int
zero_read(struct vnode *vn, uint64_t offset, void *data, size_t length, size_t *done)
{
	(void)vn, (void)offset;
	memset(data, 0, length);
	*done = length;
	return 0;
}

static int
full_write(struct vnode *vn, uint64_t offset, const void *data, size_t length, bool privileged,
	size_t *done)
{
	(void)vn, (void)offset, (void)privileged, (void)data;
	*done = 0;
	return length > 0 ? ENOSPC : 0;
}

static struct {
	bool ready;			/* set at the first mount: one mounts at a time */
	struct os_mutex lock;
	struct random bytes;
} random_source;

void
devfs_stir(const void *data, size_t size)
{
	os_mutex_lock(&random_source.lock);
	random_stir(&random_source.bytes, data, size);
	os_mutex_unlock(&random_source.lock);
}

static int
random_read(struct vnode *vn, uint64_t offset, void *data, size_t length, size_t *done)
{
	(void)vn, (void)offset;
	os_mutex_lock(&random_source.lock);
	random_bytes(&random_source.bytes, data, length);
	os_mutex_unlock(&random_source.lock);
	*done = length;
	return 0;
}

static int
random_write(struct vnode *vn, uint64_t offset, const void *data, size_t length, bool privileged,
	size_t *done)
{
	(void)vn, (void)offset, (void)privileged;
	devfs_stir(data, length);
	*done = length;
	return 0;
}

static int
disk_read(struct vnode *vn, uint64_t offset, void *data, size_t length, size_t *done)
{
	return disk_file_read(device_of(vn)->disk, offset, data, length, done);
}

static int
disk_write(struct vnode *vn, uint64_t offset, const void *data, size_t length, bool privileged,
	size_t *done)
{
	(void)privileged;
	return disk_file_write(device_of(vn)->disk, offset, data, length, done);
}

static int
disk_may_write(struct vnode *vn)
{
	return disk_file_writable(device_of(vn)->disk);
}

static int
disk_sync(struct vnode *vn, bool data_only)
{
	struct devfs_disk *disk = device_of(vn)->disk;

	(void)data_only;
	return disk->dev->read_only ? 0 : disk->dev->ops->flush(disk->dev);
}

static int getattr(struct vnode *vn, struct vfs_attr *attr);
static const char *service(struct vnode *vn);

static const struct vnode_ops null_ops = {
	.getattr = getattr, .read = null_read, .write = sink_write,
};
static const struct vnode_ops zero_ops = {
	.getattr = getattr, .read = zero_read, .write = sink_write,
};
static const struct vnode_ops full_ops = {
	.getattr = getattr, .read = zero_read, .write = full_write,
};
static const struct vnode_ops random_ops = {
	.getattr = getattr, .read = random_read, .write = random_write,
};
static const struct vnode_ops service_ops = { .getattr = getattr, .service = service };
static const struct vnode_ops disk_ops = {
	.getattr = getattr, .read = disk_read, .write = disk_write, .sync = disk_sync,
	.may_write = disk_may_write,
};

#define CHR VFS_S_IFCHR

/* Those that are always there, and disks. Fixed from the first mount on. */
static struct device devices[DEVICES_MAX] = {
	{ "null", CHR | 0666, 0x103, NULL, &null_ops, NULL },
	{ "zero", CHR | 0666, 0x105, NULL, &zero_ops, NULL },
	{ "full", CHR | 0666, 0x107, NULL, &full_ops, NULL },
	{ "random", CHR | 0666, 0x108, NULL, &random_ops, NULL },
	{ "urandom", CHR | 0666, 0x109, NULL, &random_ops, NULL },
	{ "tty", CHR | 0666, 0x500, "tty", &service_ops, NULL },
	{ "console", CHR | 0600, 0x501, "tty", &service_ops, NULL },
	{ "ptmx", CHR | 0666, 0x502, "tty", &service_ops, NULL },
};

static unsigned device_count = DEVICES_FIXED;

static struct device slaves[PTS_MAX];	/* filled in as they are looked up */
static int (*ask_slaves)(uint64_t *there);

void
devfs_set_slaves(int (*which)(uint64_t *there))
{
	ask_slaves = which;
}

/* Which slaves there are, a bit for each. Returns 0; OS_LATER. */
static int
slaves_there(uint64_t *there)
{
	*there = 0;
	return ask_slaves ? ask_slaves(there) : 0;
}

static struct device *
device_of(struct vnode *vn)
{
	if (vn->id > PTS_INO)
		return &slaves[vn->id - PTS_INO - 1];
	return &devices[vn->id - FIRST_INO];
}

int
devfs_add_disk(struct devfs_disk *disk, unsigned n)
{
	if (device_count == DEVICES_MAX || n >= DISKS_MAX || disk->number >= DISK_MINORS)
		return ENOSPC;
	os_mutex_init(&disk->lock);
	devices[device_count++] = (struct device){
		.name = disk->name, .mode = VFS_S_IFBLK | 0600,
		.rdev = DISK_MAJOR << 8 | (n * DISK_MINORS + disk->number), .ops = &disk_ops, .disk = disk,
	};
	return 0;
}

struct devfs_disk *
devfs_disk_of(struct vnode *vn)
{
	return vn->ops == &disk_ops ? device_of(vn)->disk : NULL;
}

static int
getattr(struct vnode *vn, struct vfs_attr *attr)
{
	*attr = (struct vfs_attr){ .ino = vn->id, .links = 1, .block_size = 4096 };
	if (vn->id == ROOT_INO || vn->id == PTS_INO) {
		attr->mode = VFS_S_IFDIR | 0755;
		attr->links = vn->id == ROOT_INO ? 3 : 2;
	} else {
		const struct device *d = device_of(vn);

		attr->mode = d->mode;
		attr->rdev = d->rdev;
		attr->size = d->disk ? d->disk->dev->size : 0;
	}
	return 0;
}

static const char *
service(struct vnode *vn)
{
	return device_of(vn)->service;
}

/* "0" to "63": the number, or PTS_MAX. */
static unsigned
slave_number(const char *name, size_t length)
{
	unsigned n = 0;

	if (length == 0 || length > 2 || (length == 2 && name[0] == '0'))
		return PTS_MAX;
	for (size_t i = 0; i < length; i++) {
		if (name[i] < '0' || name[i] > '9')
			return PTS_MAX;
		n = n * 10 + (unsigned)(name[i] - '0');
	}
	return n < PTS_MAX ? n : PTS_MAX;
}

static int
pts_lookup(struct vnode *dir, const char *name, size_t length, struct vnode **child)
{
	unsigned n = slave_number(name, length);
	uint64_t there;
	int error;

	if (length == 1 && name[0] == '.')
		return vnode_get(dir->mount, PTS_INO, child);
	if (length == 2 && name[0] == '.' && name[1] == '.')
		return vnode_get(dir->mount, ROOT_INO, child);
	if (n == PTS_MAX)
		return ENOENT;
	error = slaves_there(&there);
	if (!error && (there >> n & 1) == 0)
		error = ENOENT;
	return error ? error : vnode_get(dir->mount, PTS_INO + 1 + n, child);
}

static int
dir_lookup(struct vnode *dir, const char *name, size_t length, struct vnode **child)
{
	if ((length == 1 && name[0] == '.') || (length == 2 && name[0] == '.' && name[1] == '.'))
		return vnode_get(dir->mount, ROOT_INO, child);
	for (unsigned i = 0; i < device_count; i++)
		if (strlen(devices[i].name) == length && memcmp(devices[i].name, name, length) == 0)
			return vnode_get(dir->mount, FIRST_INO + i, child);
	if (length == 3 && memcmp(name, "pts", 3) == 0)
		return vnode_get(dir->mount, PTS_INO, child);
	return ENOENT;
}

/* Positions 0 and 1 are "." and "..", position n + 2 the n-th device, the last "pts". */
static int
dir_readdir(struct vnode *dir, uint64_t *position, vfs_visit_t *visit, void *context)
{
	(void)dir;
	for (; *position < device_count + 3; ++*position) {
		struct vfs_dirent e = {
			.ino = ROOT_INO, .type = VFS_S_IFDIR, .name = "..", .next = *position + 1};

		if (*position == device_count + 2) {
			e.ino = PTS_INO;
			e.name = "pts";
		} else if (*position >= 2) {
			e.ino = FIRST_INO + *position - 2;
			e.type = devices[*position - 2].mode & VFS_S_IFMT;
			e.name = devices[*position - 2].name;
		}
		e.length = *position == 0 ? 1 : strlen(e.name);
		if (visit(context, &e))
			break;
	}
	return 0;
}

/* Positions 0 and 1 are "." and "..", position n + 2 the n-th slave. */
static int
pts_readdir(struct vnode *dir, uint64_t *position, vfs_visit_t *visit, void *context)
{
	uint64_t there;
	char digits[3];
	unsigned n;
	int error = slaves_there(&there);

	(void)dir;
	if (error)
		return error;
	for (; *position < PTS_MAX + 2; ++*position) {
		struct vfs_dirent e = {
			.ino = *position == 0 ? PTS_INO : ROOT_INO, .type = VFS_S_IFDIR, .name = "..", .next = *position + 1};

		if (*position >= 2 && (there >> (*position - 2) & 1) == 0)
			continue;
		e.length = *position == 0 ? 1 : 2;
		if (*position >= 2) {
			n = (unsigned)(*position - 2);
			e.ino = PTS_INO + 1 + n;
			e.type = VFS_S_IFCHR;
			e.length = n < 10 ? 1 : 2;
			digits[0] = (char)('0' + (n < 10 ? n : n / 10));
			digits[1] = (char)('0' + n % 10);
			digits[e.length] = 0;
			e.name = digits;
		}
		if (visit(context, &e))
			break;
	}
	return 0;
}

static const struct vnode_ops pts_ops = {
	.lookup = pts_lookup, .getattr = getattr, .readdir = pts_readdir,
};
static const struct vnode_ops dir_ops = {
	.lookup = dir_lookup, .getattr = getattr, .readdir = dir_readdir,
};

static int
load(struct vnode *vn)
{
	if (vn->id == ROOT_INO) {
		vn->type = VFS_S_IFDIR;
		vn->ops = &dir_ops;
		return 0;
	}
	if (vn->id == PTS_INO) {
		vn->type = VFS_S_IFDIR;
		vn->ops = &pts_ops;
		return 0;
	}
	if (vn->id > PTS_INO)	/* the same values, however often */
		*device_of(vn) = (struct device){ "slave", CHR | 0666, 0x8800u + vn->id - PTS_INO - 1, "tty", &service_ops, NULL };
	vn->type = device_of(vn)->mode & VFS_S_IFMT;
	vn->ops = device_of(vn)->ops;
	return 0;
}

static int
unmounted(struct mount *mount)
{
	os_free(mount);
	return 0;
}

static const struct mount_ops devfs_ops = {
	.name = "devfs", .vnode_size = sizeof(struct vnode), .load = load, .unmounted = unmounted,
};

int
devfs_mount(uint64_t id, struct vnode *on, struct mount **result)
{
	struct mount *mount = os_alloc(sizeof(*mount));
	int error;

	if (!mount)
		return ENOMEM;
	if (!random_source.ready)
		os_mutex_init(&random_source.lock);
	random_source.ready = true;
	mount->ops = &devfs_ops;
	mount->dev = id;
	error = vfs_mount(mount, ROOT_INO, on);
	if (error)
		os_free(mount);
	else
		*result = mount;
	return error;
}
