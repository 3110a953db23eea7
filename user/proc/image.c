/*
 * Opens program files. See proc_local.h.
 *
 * The file is the client's, and may lead anywhere. The system's file server says whether it is one
 * of its own; then what it says of the file's owner is true, and the program is mapped from the
 * file's memory object, unless it sets ids. Of all others nothing that comes back is believed: such
 * a program can only get what its parent could have written itself, and is read as a whole. All
 * calls together have a time limit, few threads at a time read from strangers, and all images
 * together take a small part of the machine's memory only: files may be larger than that.
 */
#include "fs.h"
#include "io.h"
#include "mach/elf_load.h"
#include "proc_local.h"
#include <errno.h>
#include <mach/host_info.h>
#include <stddef.h>
#include <string.h>

#define FILE_TIMEOUT	10000		/* ms a file server may take for a program */
#define NS_PER_MS	1000000ull
#define STRANGERS_MAX	2u		/* threads that read from strangers; others go on serving */
#define MEMORY_PART	8u		/* of the machine's memory, one in so many for images */

static uint32_t strangers;		/* threads that read from one */

/* An error of the call itself is no errno value. */
static kern_return_t
errno_of(kern_return_t kr)
{
	if (kr > 0 && kr < 1000)
		return kr;
	return kr == MACH_SEND_INVALID_DEST ? EBADF : EIO;
}

/* POSIX.1-2017 4.5: the superuser needs one execute bit at all. */
static bool
may_execute(const struct io_stat *info, uint32_t euid, uint32_t egid)
{
	if (euid == 0)
		return (info->mode & 0111) != 0;
	if (euid == info->uid)
		return (info->mode & 0100) != 0;
	return (info->mode & (egid == info->gid ? 0010 : 0001)) != 0;
}

static kern_return_t
check_file(const struct io_stat *info, uint32_t euid, uint32_t egid)
{
	if ((info->mode & IO_S_IFMT) != IO_S_IFREG || !may_execute(info, euid, egid))
		return EACCES;
	if (info->size <= 0)
		return ENOEXEC;
	return 0;
}

/* --- the memory of all images --- */

static uint64_t images_size;		/* bytes */

static uint64_t
images_most(void)
{
	static uint64_t most;
	struct host_info info;

	if (most == 0 && host_info(&info) == KERN_SUCCESS)
		most = info.memory / MEMORY_PART;
	return most;
}

static kern_return_t
memory_take(uint64_t size)
{
	if (size > images_most())
		return ENOMEM;
	if (__atomic_add_fetch(&images_size, size, __ATOMIC_RELAXED) <= images_most())
		return 0;
	__atomic_sub_fetch(&images_size, size, __ATOMIC_RELAXED);
	return EAGAIN;
}

void
image_free(const struct image *image)
{
	if (image->object != MACH_PORT_NULL) {
		port_drop(image->object);
		return;
	}
	mig_free(image->data, image->size);
	__atomic_sub_fetch(&images_size, image->size, __ATOMIC_RELAXED);
}

/* --- reading --- */

/* Limits the next call to what is left until `end`. Returns false: nothing is. */
static bool
limit_time(uint64_t end)
{
	uint64_t now = clock_now();

	mig_set_timeout(now < end ? (mach_msg_timeout_t)((end - now) / NS_PER_MS + 1) : 1);
	return now < end;
}

/* One piece; a server that gives nothing or too much is out of order. */
static kern_return_t
read_piece(const struct image *image, uint64_t offset, uint32_t wanted, void **data, uint32_t *count)
{
	kern_return_t kr;

	if (!limit_time(image->end))
		return EIO;
	kr = io_read_ool(image->file, (int64_t)offset, wanted, data, count);
	if (kr != KERN_SUCCESS)
		return errno_of(kr);
	if (*count != 0 && *count <= wanted)
		return 0;
	mig_free(*data, *count);
	return EIO;
}

static kern_return_t
read_pieces(struct image *image)
{
	vm_address_t memory = 0;
	uint64_t done = 0;
	kern_return_t kr = 0;
	void *data;
	uint32_t count;

	if (vm_allocate(mach_task_self(), &memory, image->size, VM_FLAGS_ANYWHERE) != KERN_SUCCESS)
		return ENOMEM;
	while (done < image->size && kr == 0) {
		kr = read_piece(image, done,
			image->size - done < IO_OOL_MAX ? (uint32_t)(image->size - done)
							: IO_OOL_MAX,
			&data, &count);
		if (kr != 0)
			break;
		memcpy((uint8_t *)memory + done, data, count);
		mig_free(data, count);
		done += count;
	}
	image->data = (void *)memory;
	if (kr != 0)
		mig_free(image->data, image->size);
	return kr;
}

/* Most programs arrive in one piece, which is then the image. */
static kern_return_t
read_all(struct image *image)
{
	uint32_t count;
	kern_return_t kr;

	if (image->size > IO_OOL_MAX)
		return read_pieces(image);
	kr = read_piece(image, 0, (uint32_t)image->size, &image->data, &count);
	if (kr == 0 && count < image->size) {
		mig_free(image->data, count);
		kr = read_pieces(image);
	}
	return kr;
}

/* --- mapping --- */

/* Bytes that the file has: fewer are an error. */
static kern_return_t
read_exactly(const struct image *image, uint64_t offset, void *to, uint32_t size)
{
	uint32_t count = size;
	kern_return_t kr;

	limit_time(image->end);
	kr = io_read(image->file, (int64_t)offset, size, to, &count);
	mig_set_timeout(0);
	if (kr != KERN_SUCCESS)
		return errno_of(kr);
	return count == size ? 0 : EIO;
}

kern_return_t
image_read(void *image, uint64_t offset, void *to, uint32_t size)
{
	return read_exactly(image, offset, to, size) == 0 ? KERN_SUCCESS : KERN_FAILURE;
}

/* True: there is nothing to be read, the program can be mapped. */
static bool
map_image(struct image *image)
{
	uint32_t head = image->size < sizeof(image->head) ? (uint32_t)image->size : sizeof(image->head);

	if (read_exactly(image, 0, image->head, head) != 0 ||
		!elf_mappable(image->head, head, image->size))
		return false;
	limit_time(image->end);
	if (io_map(image->file, &image->object) != KERN_SUCCESS) {
		image->object = MACH_PORT_NULL;
		return false;
	}
	image->head_size = head;
	return true;
}

/* --- who answers --- */

static bool
stranger_begin(void)
{
	if (__atomic_add_fetch(&strangers, 1, __ATOMIC_RELAXED) <= STRANGERS_MAX)
		return true;
	__atomic_sub_fetch(&strangers, 1, __ATOMIC_RELAXED);
	return false;
}

static kern_return_t
read_checked(struct image *image, const struct io_stat *info, uint32_t euid, uint32_t egid)
{
	kern_return_t kr = check_file(info, euid, egid);

	if (kr != 0)
		return kr;
	image->size = (uint64_t)info->size;
	image->mode = info->mode;
	image->uid = info->uid;
	image->gid = info->gid;
	/* What is mapped may still be written: no program whose rights are more than its writer's. */
	if (image->trusted && (image->mode & (SET_USER_ID | SET_GROUP_ID)) == 0 && map_image(image))
		return 0;
	kr = memory_take(image->size);
	if (kr != 0)
		return kr;
	kr = read_all(image);
	if (kr != 0)
		__atomic_sub_fetch(&images_size, image->size, __ATOMIC_RELAXED);
	return kr;
}

/* The file's own word for everything: it stays what the client made it. */
static kern_return_t
read_strange(struct image *image, uint32_t euid, uint32_t egid)
{
	struct io_stat info;
	kern_return_t kr;

	if (!stranger_begin())
		return EAGAIN;
	limit_time(image->end);
	kr = io_stat(image->file, &info);
	kr = kr != KERN_SUCCESS ? errno_of(kr) : read_checked(image, &info, euid, egid);
	__atomic_sub_fetch(&strangers, 1, __ATOMIC_RELAXED);
	return kr;
}

kern_return_t
image_open(mach_port_t file, uint32_t euid, uint32_t egid, struct image *image)
{
	struct io_stat info;
	kern_return_t kr;

	memset(image, 0, offsetof(struct image, head));
	image->file = file;
	image->end = clock_now() + FILE_TIMEOUT * NS_PER_MS;
	limit_time(image->end);
	image->trusted = fs_vouch(system_root(), file, &info) == KERN_SUCCESS;
	kr = image->trusted ? read_checked(image, &info, euid, egid) : read_strange(image, euid, egid);
	mig_set_timeout(0);
	return kr;
}
