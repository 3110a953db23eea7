/*
 * The bytes of files: pages where something was written, holes elsewhere.
 */
#include "local.h"

#include <errno.h>
#include <string.h>

static void
page_free(struct tmpfs *fs, struct node *node, size_t index)
{
	if (!node->pages[index])
		return;
	tmpfs_free(fs, node->pages[index], PAGE);
	node->pages[index] = NULL;
	node->page_count--;
}

int
node_resize(struct tmpfs *fs, struct node *node, uint64_t size)
{
	size_t keep = (size + PAGE - 1) / PAGE;

	if (size > TMPFS_FILE_MAX)
		return EFBIG;
	if (size < node->size) {
		for (size_t i = keep; i < node->page_room; i++)
			page_free(fs, node, i);
		if (size % PAGE && keep <= node->page_room && node->pages[keep - 1])
			memset(node->pages[keep - 1] + size % PAGE, 0, PAGE - size % PAGE);
	}
	node->size = size;
	return 0;
}

int
tmpfs_read(struct vnode *vn, uint64_t offset, void *data, size_t length, size_t *done)
{
	const struct node *node = node_of(vn);

	*done = 0;
	tmpfs_note_access(vn);
	if (offset >= node->size)
		return 0;
	if (length > node->size - offset)
		length = node->size - offset;
	while (*done < length) {
		uint64_t at = offset + *done;
		size_t n = PAGE - at % PAGE, index = at / PAGE;
		const uint8_t *page = index < node->page_room ? node->pages[index] : NULL;

		if (n > length - *done)
			n = length - *done;
		if (page)
			memcpy((uint8_t *)data + *done, page + at % PAGE, n);
		else
			memset((uint8_t *)data + *done, 0, n);
		*done += n;
	}
	return 0;
}

/* Makes the table of pages reach `index`. Returns 0; ENOSPC. */
static int
make_room(struct tmpfs *fs, struct node *node, size_t index)
{
	size_t room = node->page_room ? node->page_room : 8;
	uint8_t **pages;

	if (index < node->page_room)
		return 0;
	while (room <= index)
		room *= 2;
	pages = tmpfs_alloc(fs, room * sizeof(*pages));
	if (!pages)
		return ENOSPC;
	if (node->pages)
		memcpy(pages, node->pages, node->page_room * sizeof(*pages));
	tmpfs_free(fs, node->pages, node->page_room * sizeof(*pages));
	node->pages = pages;
	node->page_room = room;
	return 0;
}

/* Writes what lies in one page. */
static int
write_page(struct tmpfs *fs, struct node *node, uint64_t at, const void *data, size_t length)
{
	size_t index = at / PAGE;
	int error = make_room(fs, node, index);

	if (error)
		return error;
	if (!node->pages[index]) {
		node->pages[index] = tmpfs_alloc(fs, PAGE);
		if (!node->pages[index])
			return ENOSPC;
		node->page_count++;
	}
	memcpy(node->pages[index] + at % PAGE, data, length);
	return 0;
}

int
tmpfs_write(struct vnode *vn, uint64_t offset, const void *data, size_t length, bool privileged,
	size_t *done)
{
	struct node *node = node_of(vn);
	int error = 0;

	(void)privileged;
	*done = 0;
	if (length > 0 && offset >= TMPFS_FILE_MAX)
		return EFBIG;
	if (length > TMPFS_FILE_MAX - offset)
		length = TMPFS_FILE_MAX - offset;
	while (*done < length && !error) {
		uint64_t at = offset + *done;
		size_t n = PAGE - at % PAGE;

		if (n > length - *done)
			n = length - *done;
		error = write_page(tmpfs_of(vn), node, at, (const uint8_t *)data + *done, n);
		if (!error)
			*done += n;
	}
	if (*done == 0)
		return error;
	if (offset + *done > node->size)
		node->size = offset + *done;
	node->mtime = node->ctime = vfs_now();
	return 0;
}

int
tmpfs_reserve(struct vnode *vn, uint64_t offset, size_t length)
{
	struct node *node = node_of(vn);
	int error = 0;

	for (uint64_t at = offset; at < offset + length && !error; at = (at | (PAGE - 1)) + 1)
		error = write_page(tmpfs_of(vn), node, at, "", 0);
	if (!error)
		node->mtime = node->ctime = vfs_now();
	return error;
}
