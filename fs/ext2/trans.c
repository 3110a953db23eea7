/*
 * Transactions: handles, the blocks they change, committing. See trans.h.
 *
 * Everything of struct ext2_trans is guarded by its lock. A block is on the list of the running
 * transaction while its owner_id is that transaction's number; it stays pinned until the
 * transaction that changed it last is committed.
 *
 * A commit takes a copy of every block, so that the next transaction may change them meanwhile.
 * Without memory for that, or when the blocks have to go to their own places, new handles wait
 * until the end of the commit instead.
 */
#include "ext2.h"
#include "journal.h"

#include <errno.h>
#include <string.h>

int
ext2_trans_init(struct ext2_fs *fs)
{
	struct ext2_trans *t = &fs->trans;

	os_mutex_init(&t->lock);
	os_cond_init(&t->changed);
	t->running = t->first ? t->first : 1;
	t->committed = t->running - 1;
	t->changed_blocks.owner_prev = t->changed_blocks.owner_next = &t->changed_blocks;
	if (t->limit == 0 || t->limit > bcache_size(fs->cache) / 4)	/* else the journal's */
		t->limit = bcache_size(fs->cache) / 4;
	t->bounce = os_pages_alloc(fs->block_size);
	return t->bounce ? 0 : ENOMEM;
}

static void
lists_free(struct ext2_lists *lists)
{
	os_free(lists->freed_blocks.items);
	os_free(lists->freed_inodes.items);
	os_free(lists->born.items);
	os_free(lists->new_dirs.items);
	os_free(lists->thinned_dirs.items);
	os_free(lists->linked.items);
	os_free(lists->revoked.items);
	*lists = (struct ext2_lists){ .born = { NULL, 0, 0 } };
}

void
ext2_trans_destroy(struct ext2_fs *fs)
{
	struct ext2_trans *t = &fs->trans;
	struct buf *b;

	while ((b = t->changed_blocks.owner_next) != &t->changed_blocks) {
		b->owner_next->owner_prev = b->owner_prev;	/* never to be written: an error */
		b->owner_prev->owner_next = b->owner_next;
		b->owner_id = 0;
		bcache_unpin(fs->cache, b, false);
	}
	lists_free(&t->lists);
	if (t->bounce)
		os_pages_free(t->bounce, fs->block_size);
	t->bounce = NULL;
}

int
ext2_list_add(struct ext2_list *list, uint32_t item)
{
	if (list->count == list->room) {
		size_t room = list->room ? list->room * 2 : 64;
		uint32_t *items = os_alloc(room * sizeof(*items));

		if (!items)
			return ENOMEM;
		if (list->count > 0)
			memcpy(items, list->items, list->count * sizeof(*items));
		os_free(list->items);
		list->items = items;
		list->room = room;
	}
	list->items[list->count++] = item;
	return 0;
}

bool
ext2_list_has(const struct ext2_list *list, uint32_t item)
{
	for (size_t i = list->count; i-- > 0;)
		if (list->items[i] == item)
			return true;
	return false;
}

/* --- writing the superblock by itself --- */

/* Writes the superblock as memory has it, at once. Conditions: no handle is open. Returns 0; EIO. */
static int
write_super(struct ext2_fs *fs)
{
	uint8_t *at = fs->super_buf->data + EXT2_SUPER_OFFSET % fs->block_size;
	struct blockdev_segment segment = { at, EXT2_SUPER_SIZE };
	int error;

	memcpy(at, &fs->super, EXT2_SUPER_SIZE);
	error = fs->dev->ops->write(fs->dev, EXT2_SUPER_OFFSET, &segment, 1);
	return error ? error : fs->dev->ops->flush(fs->dev);
}

/*
 * Says on the disk whether all of it is in order. Conditions: no handle is open, none can be begun.
 */
static int
mark(struct ext2_fs *fs, bool clean)
{
	struct ext2_super_block *sb = &fs->super;

	if (clean)
		sb->s_state |= fs->was_clean ? EXT2_STATE_CLEAN : 0;
	else
		sb->s_state &= ~EXT2_STATE_CLEAN;
	if (fs->trans.journal)
		sb->s_feature_incompat = clean ? sb->s_feature_incompat & ~EXT2_INCOMPAT_RECOVER
					       : sb->s_feature_incompat | EXT2_INCOMPAT_RECOVER;
	sb->s_wtime = (uint32_t)ext2_now(fs).seconds;
	fs->trans.marked = !clean;
	return write_super(fs);
}

/* --- handles --- */

static int commit_one(struct ext2_fs *fs, bool settle);

/* Marks the disk as not clean before its first change. Conditions: lock held, dropped meanwhile. */
static int
mark_changed(struct ext2_fs *fs)
{
	struct ext2_trans *t = &fs->trans;
	int error;

	t->closing = true;
	os_mutex_unlock(&t->lock);
	error = mark(fs, false);
	if (error)
		ext2_abort(fs, "cannot write the superblock");
	os_mutex_lock(&t->lock);
	t->closing = false;
	os_cond_broadcast(&t->changed);
	return error;
}

int
ext2_begin(struct ext2_fs *fs, unsigned credits, struct ext2_handle *h)
{
	struct ext2_trans *t = &fs->trans;
	int error;

	if (ext2_is_read_only(fs))
		return EROFS;
	error = os_wait_place();
	if (error)
		return error;
	os_mutex_lock(&t->lock);
	while (!error) {
		bool fits = t->count + t->reserved + credits <= t->limit
			    && t->lists.revoked.count < EXT2_REVOKED_MAX;

		if (t->closing || (!fits && t->committing))
			os_cond_wait(&t->changed, &t->lock);
		else if (!fits)
			error = commit_one(fs, false);
		else if (!t->marked && t->handles == 0)
			error = mark_changed(fs);
		else
			break;
		if (ext2_is_read_only(fs))
			error = EROFS;
	}
	if (!error) {
		t->handles++;
		t->reserved += credits;
		*h = (struct ext2_handle){ fs, credits, 0 };
	}
	os_mutex_unlock(&t->lock);
	return error ? EROFS : 0;
}

void
ext2_end(struct ext2_handle *h)
{
	struct ext2_trans *t = &h->fs->trans;

	os_mutex_lock(&t->lock);
	t->handles--;
	if (h->used < h->credits)
		t->reserved -= h->credits - h->used;
	os_cond_broadcast(&t->changed);
	os_mutex_unlock(&t->lock);
}

unsigned
ext2_credits_left(const struct ext2_handle *h)
{
	return h->used < h->credits ? h->credits - h->used : 0;
}

/* Takes a block off the running transaction. Conditions: lock held; it is on it. */
static void
unlink_block(struct ext2_trans *t, struct buf *b)
{
	b->owner_next->owner_prev = b->owner_prev;
	b->owner_prev->owner_next = b->owner_next;
	b->owner_id = 0;
	t->count--;
}

/* Conditions: lock held. */
static void
join(struct ext2_fs *fs, struct buf *b, enum ext2_kind kind)
{
	struct ext2_trans *t = &fs->trans;

	bcache_pin(fs->cache, b);	/* no metadata is being written while handles are open */
	b->owner_id = t->running;
	b->owner_kind = kind;
	b->owner_prev = t->changed_blocks.owner_prev;
	b->owner_next = &t->changed_blocks;
	b->owner_prev->owner_next = b;
	b->owner_next->owner_prev = b;
	t->count++;
}

void
ext2_change(struct ext2_handle *h, struct buf *b, enum ext2_kind kind)
{
	struct ext2_trans *t = &h->fs->trans;

	os_mutex_lock(&t->lock);
	if (b->owner_id != t->running) {
		join(h->fs, b, kind);
		if (h->used++ < h->credits)
			t->reserved--;
	}
	os_mutex_unlock(&t->lock);
}

void
ext2_change_super(struct ext2_handle *h)
{
	os_mutex_lock(&h->fs->trans.lock);
	h->fs->trans.super_changed = true;
	os_mutex_unlock(&h->fs->trans.lock);
}

void
ext2_forget(struct ext2_handle *h, uint32_t block, bool metadata)
{
	struct ext2_trans *t = &h->fs->trans;
	struct buf *b = metadata ? bcache_peek(h->fs->cache, block) : NULL;
	bool due;

	os_mutex_lock(&t->lock);
	due = t->data_due;
	if (metadata) {
		if (b && b->owner_id != 0) {
			if (b->owner_id == t->running)
				unlink_block(t, b);
			b->owner_id = 0;
			bcache_unpin(h->fs->cache, b, false);
		}
		if (t->journal && ext2_list_add(&t->lists.revoked, block))
			ext2_abort(h->fs, "no memory for revoke records");
	}
	os_mutex_unlock(&t->lock);
	if (b)
		bcache_release(h->fs->cache, b);
	if (metadata || !due)
		bcache_forget(h->fs->cache, block);
}

/* --- committing --- */

/* A transaction on its way to the disk. */
struct commit {
	uint32_t id;
	struct ext2_image *images;
	unsigned count;
	uint8_t *copies;		/* NULL: images are the buffers themselves */
	struct ext2_lists lists;
};

static void
images_sort(struct ext2_image *images, unsigned count)
{
	for (unsigned gap = count / 2; gap > 0; gap /= 2)
		for (unsigned i = gap; i < count; i++) {
			struct ext2_image image = images[i];
			unsigned at = i;

			for (; at >= gap && images[at - gap].block > image.block; at -= gap)
				images[at] = images[at - gap];
			images[at] = image;
		}
}

/* Puts the superblock's counts into its block, as part of the transaction. Conditions: lock held. */
static void
join_super(struct ext2_fs *fs)
{
	struct ext2_trans *t = &fs->trans;

	if (t->count == 0 && !t->super_changed)
		return;
	t->super_changed = false;
	if (fs->super_buf->owner_id != t->running)
		join(fs, fs->super_buf, EXT2_BITMAP);
	fs->super.s_wtime = (uint32_t)ext2_now(fs).seconds;
	memcpy(fs->super_buf->data + EXT2_SUPER_OFFSET % fs->block_size, &fs->super,
		EXT2_SUPER_SIZE);
}

/*
 * Purpose: make the running transaction the one to be committed, and begin a new one.
 * Conditions: lock held; no handle is open. Returns 0; ENOMEM, nothing has happened then.
 */
static int
freeze(struct ext2_fs *fs, bool copy, struct commit *c)
{
	struct ext2_trans *t = &fs->trans;
	unsigned n = 0;

	join_super(fs);
	*c = (struct commit){ .id = t->running, .count = t->count };
	c->images = os_alloc((t->count + 1) * sizeof(*c->images));
	if (!c->images)
		return ENOMEM;
	if (copy && t->count > 0)
		c->copies = os_pages_alloc((size_t)t->count * fs->block_size);
	for (struct buf *b; (b = t->changed_blocks.owner_next) != &t->changed_blocks; n++) {
		const uint8_t *data = b->data;

		if (c->copies)
			data = memcpy(c->copies + (size_t)n * fs->block_size, data, fs->block_size);
		bcache_hold(fs->cache, b);
		c->images[n] = (struct ext2_image){ b->block, data, b->owner_kind, b };
		unlink_block(t, b);
		b->owner_id = c->id;
	}
	images_sort(c->images, c->count);
	c->lists = t->lists;
	t->lists = (struct ext2_lists){ .born = { NULL, 0, 0 } };
	t->running++;
	t->data_due = true;
	return 0;
}

/*
 * Writes file data, then the transaction. Until the data are written a file removed meanwhile keeps
 * its own: if power is cut before that is committed too, the file is there again. Returns 0; EIO.
 */
static int
write_out(struct ext2_fs *fs, struct commit *c)
{
	int error = bcache_write_back(fs->cache, BCACHE_DATA, 0);

	os_mutex_lock(&fs->trans.lock);
	fs->trans.data_due = false;
	os_mutex_unlock(&fs->trans.lock);
	if (!error)
		error = fs->dev->ops->flush(fs->dev);
	if (error || c->count == 0)
		return error;
	return fs->trans.journal ? ext2_journal_write(fs, c->images, c->count, &c->lists)
				 : ext2_order_write(fs, c->images, c->count, &c->lists);
}

/* Lets go of what was committed. Conditions: lock held. */
static void
release(struct ext2_fs *fs, struct commit *c, bool dirty)
{
	for (unsigned i = 0; i < c->count; i++) {
		struct buf *b = c->images[i].buf;

		if (b->owner_id == c->id) {
			b->owner_id = 0;
			bcache_unpin(fs->cache, b, dirty);
		}
		bcache_release(fs->cache, b);
	}
	os_free(c->images);
	if (c->copies)
		os_pages_free(c->copies, (size_t)c->count * fs->block_size);
}

/* Brings all committed blocks to their own places and empties the journal. Returns 0; EIO. */
static int
checkpoint(struct ext2_fs *fs)
{
	int error = bcache_write_back(fs->cache, BCACHE_META, 0);

	if (!error)
		error = fs->dev->ops->flush(fs->dev);
	if (!error && fs->trans.journal)
		error = ext2_journal_empty(fs);
	return error;
}

/*
 * Whether this commit has to be followed by a checkpoint: there would not be room for the next
 * transaction in the journal, or for blocks in the cache.
 */
static bool
must_checkpoint(struct ext2_fs *fs)
{
	struct ext2_trans *t = &fs->trans;

	if (!t->journal)
		return false;
	return ext2_journal_room(fs) < ext2_journal_need(fs, t->count + 1, t->lists.revoked.count)
		+ ext2_journal_need(fs, t->limit + 1, 2 * EXT2_REVOKED_MAX)
	       || bcache_dirty_count(fs->cache, BCACHE_META) + t->count > bcache_size(fs->cache) / 2;
}

/* Whether the disk may be marked as clean after everything is in its place. */
static bool
may_mark_clean(struct ext2_fs *fs)
{
	return fs->trans.marked && !fs->orphans && !fs->orphans_left;
}

/*
 * Purpose: commit the running transaction. settle: leave nothing that only the journal has.
 * Conditions: lock held, dropped meanwhile; nobody else has `closing` set; the caller has no handle.
 */
static int
commit_one(struct ext2_fs *fs, bool settle)
{
	struct ext2_trans *t = &fs->trans;
	struct commit c;
	bool stop;
	int error;

	t->committing = t->closing = true;
	while (t->handles > 0)
		os_cond_wait(&t->changed, &t->lock);
	stop = settle || must_checkpoint(fs);	/* only now is it known how much there is */
	error = freeze(fs, !stop, &c);
	if (error) {
		c.count = 0;
		goto out;
	}
	if (c.copies || c.count == 0)
		t->closing = stop;
	os_cond_broadcast(&t->changed);
	os_mutex_unlock(&t->lock);
	error = write_out(fs, &c);
	os_mutex_lock(&t->lock);
	release(fs, &c, !error && t->journal);
	if (!error)
		t->committed = c.id;
	os_mutex_unlock(&t->lock);
	if (!error && stop)
		error = checkpoint(fs);
	if (!error && settle && may_mark_clean(fs))
		error = mark(fs, true);
	if (!error)
		ext2_freed_reusable(fs, &c.lists);
	os_mutex_lock(&t->lock);
	lists_free(&c.lists);
out:
	t->committing = t->closing = false;
	os_cond_broadcast(&t->changed);
	if (error)
		ext2_abort(fs, "cannot write");
	return error;
}

/* Commits until what runs now is on the disk. */
static int
commit(struct ext2_fs *fs, bool settle)
{
	struct ext2_trans *t = &fs->trans;
	uint32_t target;
	int error = os_wait_place();

	if (error)
		return error;
	os_mutex_lock(&t->lock);
	target = t->running;
	while (!error && (settle || (int32_t)(t->committed - target) < 0)) {
		if (fs->failed) {
			error = EIO;
		} else if (t->committing || t->closing) {	/* or the disk is being marked, for a handle to come */
			os_cond_wait(&t->changed, &t->lock);
		} else {
			error = commit_one(fs, settle);
			settle = false;
		}
	}
	os_mutex_unlock(&t->lock);
	return error;
}

int
ext2_commit(struct ext2_fs *fs)
{
	return fs->super_buf ? commit(fs, false) : 0;
}

/* Whether nothing has happened since everything was in its place. */
static bool
is_settled(struct ext2_fs *fs)
{
	struct ext2_trans *t = &fs->trans;
	bool settled;

	os_mutex_lock(&t->lock);
	settled = !t->marked && !t->committing && t->handles == 0 && t->count == 0
		  && !t->super_changed && bcache_dirty_count(fs->cache, BCACHE_DATA) == 0;
	os_mutex_unlock(&t->lock);
	return settled;
}

int
ext2_settle(struct ext2_fs *fs)
{
	return !fs->super_buf || is_settled(fs) ? 0 : commit(fs, true);
}
