// SOURCES: grade/unit/vfs_host.c fs/vfs/rwlock.c fs/vfs/ops.c
// CFLAGS: -pthread -ffunction-sections -Wl,--gc-sections
/*
 * Reading a file that clients map: each page comes from where it is newest, in whatever order some are with the kernel, some on their way and
 * some on the disk only.
 */
#include "unit.h"
#include "vfs_host.h"
#include "../../fs/vfs/vnode.h"

#include <stdlib.h>
#include <string.h>

#define PAGES	24u
#define SIZE	(PAGES * VFS_PAGE - 1000)

static struct vnode vn;
static struct mount mount;
static unsigned char expected[PAGES * VFS_PAGE], disk[PAGES * VFS_PAGE], kernel[PAGES * VFS_PAGE];
static bool resident[PAGES], stored[PAGES];
static uint64_t read_bytes;		/* asked of the disk */
static unsigned reads;
static bool fails;

static int
op_getattr(struct vnode *v, struct vfs_attr *attr)
{
	(void)v;
	*attr = (struct vfs_attr){ .size = SIZE };
	return 0;
}

static int
op_read(struct vnode *v, uint64_t offset, void *data, size_t length, size_t *done)
{
	(void)v;
	*done = 0;
	reads++;
	if (fails)
		return 5;
	if (offset >= SIZE)
		return 0;
	if (length > SIZE - offset)
		length = SIZE - offset;
	memcpy(data, disk + offset, length);
	read_bytes += length;
	*done = length;
	return 0;
}

static size_t
pager_copy(struct vnode *v, uint64_t offset, void *data, size_t length)
{
	size_t done = 0, some;

	(void)v;
	for (; done < length && resident[(offset + done) / VFS_PAGE]; done += some) {
		some = VFS_PAGE - (offset + done) % VFS_PAGE;
		if (some > length - done)
			some = length - done;
		memcpy((char *)data + done, kernel + offset + done, some);
	}
	return done;
}

static bool
pager_newer(struct vnode *v, uint64_t offset, uint64_t length)
{
	bool any = false;

	(void)v;
	for (uint64_t page = offset / VFS_PAGE; page * VFS_PAGE < offset + length; page++)
		any |= stored[page];
	return any;
}

static int
pager_collect(struct vnode *v, uint64_t offset, uint64_t length)
{
	(void)v;
	for (uint64_t page = offset / VFS_PAGE; page < PAGES && page * VFS_PAGE < offset + length; page++)
		if (stored[page]) {
			memcpy(disk + page * VFS_PAGE, expected + page * VFS_PAGE, VFS_PAGE);
			stored[page] = false;
		}
	return 0;
}

static const struct vnode_ops ops = { .getattr = op_getattr, .read = op_read };
static const struct vfs_pager stub = { .copy = pager_copy, .newer = pager_newer, .collect = pager_collect };

static void
begin(unsigned percent_resident, unsigned percent_stored)
{
	vn.ops = &ops;
	vn.mount = &mount;
	vn.type = VFS_S_IFREG;
	vn.pages = (struct pages *)&vn;
	vfs_pager = &stub;
	read_bytes = reads = 0;
	fails = false;
	for (unsigned i = 0; i < sizeof(expected); i++)
		disk[i] = kernel[i] = expected[i] = (unsigned char)rand();
	for (unsigned page = 0; page < PAGES; page++) {
		resident[page] = (unsigned)rand() % 100 < percent_resident;
		stored[page] = (unsigned)rand() % 100 < percent_stored;
		if (stored[page] || resident[page])
			memset(disk + page * VFS_PAGE, 0xee, VFS_PAGE);		/* old */
		if (!resident[page])
			memset(kernel + page * VFS_PAGE, 0xdd, VFS_PAGE);
		if (resident[page] && !stored[page])
			memcpy(disk + page * VFS_PAGE, kernel + page * VFS_PAGE, VFS_PAGE);
	}
}

static void
every_page_comes_from_where_it_is_newest(void)
{
	unsigned char data[sizeof(expected)];
	unsigned wrong = 0;

	for (unsigned i = 0; i < 3000; i++) {
		uint64_t offset = (uint64_t)rand() % (SIZE + 2000);
		size_t length = (size_t)rand() % (sizeof(data) / (1 + i % 7)), done = 77, want = length;

		begin((unsigned)rand() % 101, i % 3 == 0 ? 0 : (unsigned)rand() % 60);
		if (offset >= SIZE)
			want = 0;
		else if (want > SIZE - offset)
			want = SIZE - offset;
		wrong += vfs_read(&vn, offset, data, length, &done) != 0 || done != want;
		wrong += memcmp(data, expected + offset, done) != 0;
	}
	CHECK_EQ(wrong, 0);
}

static void
what_the_kernel_has_is_not_read_again(void)
{
	unsigned char data[sizeof(expected)];
	size_t done;

	begin(100, 50);
	CHECK_EQ(vfs_read(&vn, 100, data, SIZE, &done), 0);
	CHECK_EQ(done, SIZE - 100);
	CHECK_EQ(read_bytes, 0);
	CHECK_EQ(reads, 1);		/* of nothing: the file system knows of it, and of its time */
	begin(0, 0);
	resident[0] = true;
	CHECK_EQ(vfs_read(&vn, 0, data, SIZE, &done), 0);
	CHECK_EQ(read_bytes, SIZE - VFS_PAGE);
}

/* What was read before counts; an error alone is told. */
static void
errors_are_told(void)
{
	unsigned char data[sizeof(expected)];
	size_t done;

	begin(0, 0);
	fails = true;
	CHECK_EQ(vfs_read(&vn, 0, data, SIZE, &done), 5);
	CHECK_EQ(done, 0);
	resident[0] = true;
	CHECK_EQ(vfs_read(&vn, 0, data, SIZE, &done), 0);
	CHECK_EQ(done, VFS_PAGE);
	stored[1] = true;
	CHECK_EQ(vfs_read(&vn, VFS_PAGE, data, 10, &done), 5);
	CHECK_EQ(done, 0);
}

int
main(void)
{
	rwlock_init(&vn.lock);
	TEST(every_page_comes_from_where_it_is_newest);
	TEST(what_the_kernel_has_is_not_read_again);
	TEST(errors_are_told);
	return unit_done();
}
