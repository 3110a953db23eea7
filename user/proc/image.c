/*
 * Reads program files. See proc_local.h.
 *
 * The file is the client's, and may lead anywhere: each call has a time limit, and nothing that
 * comes back is believed: a program can only get what its parent could have written itself.
 */
#include "io.h"
#include "proc_local.h"
#include <errno.h>
#include <string.h>

#define FILE_TIMEOUT	10000		/* ms a file server may take for one call */
#define IMAGE_MAX	(256ull * 1024 * 1024)

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
	return (uint64_t)info->size <= IMAGE_MAX ? 0 : ENOMEM;
}

/* One piece; a server that gives nothing or too much is out of order. */
static kern_return_t
read_piece(mach_port_t file, uint64_t offset, uint32_t wanted, void **data, uint32_t *count)
{
	kern_return_t kr = io_read_ool(file, (int64_t)offset, wanted, data, count);

	if (kr != KERN_SUCCESS)
		return errno_of(kr);
	if (*count != 0 && *count <= wanted)
		return 0;
	mig_free(*data, *count);
	return EIO;
}

static kern_return_t
read_pieces(mach_port_t file, struct image *image)
{
	vm_address_t memory = 0;
	uint64_t done = 0;
	kern_return_t kr = 0;
	void *data;
	uint32_t count;

	if (vm_allocate(mach_task_self(), &memory, image->size, VM_FLAGS_ANYWHERE) != KERN_SUCCESS)
		return ENOMEM;
	while (done < image->size && kr == 0) {
		kr = read_piece(file, done,
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
read_all(mach_port_t file, struct image *image)
{
	uint32_t count;
	kern_return_t kr;

	if (image->size > IO_OOL_MAX)
		return read_pieces(file, image);
	kr = read_piece(file, 0, (uint32_t)image->size, &image->data, &count);
	if (kr == 0 && count < image->size) {
		mig_free(image->data, count);
		kr = read_pieces(file, image);
	}
	return kr;
}

kern_return_t
image_read(mach_port_t file, uint32_t euid, uint32_t egid, struct image *image)
{
	struct io_stat info;
	kern_return_t kr;

	mig_set_timeout(FILE_TIMEOUT);
	kr = io_stat(file, &info);
	kr = kr != KERN_SUCCESS ? errno_of(kr) : check_file(&info, euid, egid);
	if (kr == 0) {
		*image = (struct image){.size = (uint64_t)info.size, .mode = info.mode,
			.uid = info.uid, .gid = info.gid};
		kr = read_all(file, image);
	}
	mig_set_timeout(0);
	return kr;
}
