/* Program files of strangers: whatever they answer, proc's threads and memory are back when their time is over. */
// SOURCES: user/proc/image.c
// HEADERS: inc/proto/fs.defs inc/proto/io.defs
#include "unit.h"
#include "../../user/proc/proc_local.h"
#include "fs.h"
#include "io.h"

#include <errno.h>
#include <mach/host_info.h>

#define MS	1000000ull		/* ns */

/* --- a file server --- */

static uint64_t now, answer_time;	/* ns */
static uint32_t most;			/* bytes that it gives at once */
static int64_t file_size;
static unsigned calls, blocks;

uint64_t
clock_now(void)
{
	return now;
}

void
mig_set_timeout(mach_msg_timeout_t ms)
{
	(void)ms;
}

kern_return_t
io_stat(mach_port_t file, struct io_stat *info)
{
	(void)file;
	*info = (struct io_stat){ .mode = IO_S_IFREG | 0755, .size = file_size };
	return KERN_SUCCESS;
}

kern_return_t
io_read_ool(mach_port_t file, int64_t offset, uint32_t size, void **data, uint32_t *data_count)
{
	(void)file, (void)offset;
	calls++;
	now += answer_time;
	*data_count = size < most ? size : most;
	*data = *data_count != 0 ? calloc(1, *data_count) : NULL;
	blocks += *data != NULL;
	return KERN_SUCCESS;
}

kern_return_t
io_read(mach_port_t file, int64_t offset, uint32_t size, void *data, uint32_t *data_count)
{
	(void)file, (void)offset, (void)size, (void)data, (void)data_count;
	return EIO;
}

kern_return_t
io_map(mach_port_t file, mach_port_t *object)
{
	(void)file, (void)object;
	return EIO;
}

/* No file is the system's own. */
kern_return_t
fs_vouch(mach_port_t root, mach_port_t file, struct io_stat *info)
{
	(void)root, (void)file, (void)info;
	return EBADF;
}

/* --- the rest of the system --- */

mach_port_t
system_root(void)
{
	return 1;
}

bool
elf_mappable(const void *image, uint64_t head, uint64_t size)
{
	(void)image, (void)head, (void)size;
	return false;
}

kern_return_t
host_info(struct host_info *info)
{
	*info = (struct host_info){ .memory = 128u << 20 };
	return KERN_SUCCESS;
}

kern_return_t
vm_allocate(task_t task, vm_address_t *address, vm_size_t size, uint32_t flags)
{
	(void)task, (void)flags;
	*address = (vm_address_t)calloc(1, size);
	blocks++;
	return KERN_SUCCESS;
}

void
mig_free(void *data, vm_size_t bytes)
{
	(void)bytes;
	blocks -= data != NULL;
	free(data);
}

void
port_drop(mach_port_t name)
{
	(void)name;
}

/* --- scenes --- */

static kern_return_t
try(uint32_t bytes_at_once, uint64_t ms)
{
	struct image image;
	kern_return_t kr;

	calls = 0;
	most = bytes_at_once;
	answer_time = ms * MS;
	kr = image_open(2, 0, 0, &image);
	if (kr == 0)
		image_free(&image);
	CHECK_EQ(blocks, 0);
	return kr;
}

static void
a_file_arrives_in_pieces(void)
{
	file_size = 100000;
	CHECK_EQ(try(IO_OOL_MAX, 1), 0);
	CHECK_EQ(calls, 1);
	CHECK_EQ(try(1000, 1), 0);
}

/* Each answer comes within its time, which never is less than a millisecond. */
static void
a_byte_at_a_time_is_not_for_ever(void)
{
	file_size = 100000;
	CHECK(try(1, 1) != 0);
	CHECK(calls < 10010);
}

static void
nothing_or_too_much_is_refused(void)
{
	file_size = 100000;
	CHECK(try(0, 0) != 0);
	file_size = 0;
	CHECK_EQ(try(1, 0), ENOEXEC);
	file_size = INT64_MAX;
	CHECK_EQ(try(1, 0), ENOMEM);
}

/* What failed has given its part of the memory for images back, and its place among the strangers. */
static void
failures_take_nothing(void)
{
	for (int i = 0; i < 100; i++) {
		file_size = 10 << 20;
		CHECK(try(0, 0) != 0);
	}
	CHECK_EQ(try(IO_OOL_MAX, 0), 0);
}

int
main(void)
{
	TEST(a_file_arrives_in_pieces);
	TEST(a_byte_at_a_time_is_not_for_ever);
	TEST(nothing_or_too_much_is_refused);
	TEST(failures_take_nothing);
	return unit_done();
}
