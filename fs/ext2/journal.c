/*
 * Writing the journal. See journal.h.
 */
#include "journal.h"
#include "ext2.h"

#include <errno.h>
#include <string.h>

#define LENGTH_MIN	1024u		/* blocks: mke2fs makes no smaller one */
#define LENGTH_MAX	(1u << 20)

/* --- opening --- */

int
journal_read(struct ext2_fs *fs, const struct ext2_journal *j, uint32_t index, void *data)
{
	struct blockdev_segment segment = { data, fs->block_size };

	return fs->dev->ops->read(fs->dev, (uint64_t)j->blocks[index] * fs->block_size, &segment, 1);
}

static void
journal_free(struct ext2_fs *fs, struct ext2_journal *j)
{
	if (!j)
		return;
	os_free(j->blocks);
	if (j->page)
		os_pages_free(j->page, fs->block_size);
	os_free(j);
}

/* Finds where the journal's blocks lie. Returns 0; EIO when the map is damaged; ENOMEM. */
static int
map_blocks(struct ext2_fs *fs, struct ext2_inode *inode, struct ext2_journal *j)
{
	uint64_t length = inode->size >> fs->block_shift;

	if ((inode->mode & EXT2_S_IFMT) != EXT2_S_IFREG || length < LENGTH_MIN || length > LENGTH_MAX)
		return ext2_damaged(fs, "size of the journal", length);
	j->length = (uint32_t)length;
	j->blocks = os_alloc(length * sizeof(*j->blocks));
	j->page = os_pages_alloc(fs->block_size);
	if (!j->blocks || !j->page)
		return ENOMEM;
	for (uint32_t i = 0; i < j->length; i++) {
		struct ext2_run run;
		bool data = false;
		int error = ext2_map(inode, i, 1, &run);

		if (!error && run.block == 0)
			error = ext2_damaged(fs, "hole in the journal", i);
		if (!error)
			error = ext2_is_data(fs, run.block, 1, &data);
		if (!error && !data)
			error = ext2_damaged(fs, "metadata in the journal", i);
		if (error)
			return error;
		j->blocks[i] = run.block;
	}
	return 0;
}

static int
refuse(const struct ext2_fs *fs, const char *why, uint32_t value)
{
	os_report("ext2: %s: not mounted: journal: %s (0x%x)", fs->dev->name, why, value);
	return EINVAL;
}

/* Returns 0 if we understand the journal as its superblock says it is. */
static int
check_super(struct ext2_fs *fs, struct ext2_journal *j)
{
	struct journal_super *s = &j->super;
	uint32_t type = be32(s->header.h_blocktype);

	if (be32(s->header.h_magic) != JOURNAL_MAGIC
	    || (type != JOURNAL_SUPER_1 && type != JOURNAL_SUPER_2))
		return refuse(fs, "no superblock", be32(s->header.h_magic));
	if (be32(s->s_blocksize) != fs->block_size)
		return refuse(fs, "block size", be32(s->s_blocksize));
	if (type == JOURNAL_SUPER_2 && (be32(s->s_feature_incompat) & ~JOURNAL_INCOMPAT_REVOKE))
		return refuse(fs, "unknown incompatible features", be32(s->s_feature_incompat));
	if (be32(s->s_maxlen) > j->length || be32(s->s_maxlen) < LENGTH_MIN)
		return refuse(fs, "length", be32(s->s_maxlen));
	if (be32(s->s_first) == 0 || be32(s->s_first) > be32(s->s_maxlen) / 2)
		return refuse(fs, "first block", be32(s->s_first));
	if (be32(s->s_start) >= be32(s->s_maxlen))
		return refuse(fs, "start", be32(s->s_start));
	j->length = be32(s->s_maxlen);
	j->first = be32(s->s_first);
	return 0;
}

/* Writes the journal's superblock and sees that it is on the disk. Returns 0 or EIO. */
static int
write_super(struct ext2_fs *fs, struct ext2_journal *j, uint32_t sequence, uint32_t start)
{
	struct blockdev_segment segment = { &j->super, sizeof(j->super) };
	int error;

	j->super.s_sequence = be32(sequence);
	j->super.s_start = be32(start);
	error = fs->dev->ops->write(fs->dev, (uint64_t)j->blocks[0] * fs->block_size, &segment, 1);
	return error ? error : fs->dev->ops->flush(fs->dev);
}

/* Reads the journal's superblock. */
static int
read_super(struct ext2_fs *fs, struct ext2_journal *j)
{
	int error = journal_read(fs, j, 0, j->page);

	if (error)
		return error;
	memcpy(&j->super, j->page, sizeof(j->super));
	return check_super(fs, j);
}

/*
 * Brings the disk up to date with the journal and empties it. What is in there counts whether or not the superblock says that it has to be
 * replayed, as for e2fsck: left alone it would be replayed one day, over what was changed since. Returns 0; EROFS; EIO; ENOMEM.
 */
static int
recover(struct ext2_fs *fs, struct ext2_journal *j, bool *replayed)
{
	uint32_t next = be32(j->super.s_sequence), count = 0;
	int error = 0;

	if (j->super.s_start == 0)
		return 0;
	if (fs->dev->read_only)
		return refuse(fs, "has to be replayed, but the disk is read-only", 0);
	error = ext2_replay(fs, j, &next, &count);
	if (!error)
		error = fs->dev->ops->flush(fs->dev);
	if (!error)
		error = write_super(fs, j, next, 0);
	if (!error)
		os_report("ext2: %s: journal replayed: %u blocks", fs->dev->name, count);
	*replayed = !error;
	return error;
}

/* Makes the journal ready to be written. Conditions: it is empty. */
static int
prepare(struct ext2_fs *fs, struct ext2_journal *j)
{
	uint32_t limit = (j->length - j->first) / 4;

	if (be32(j->super.header.h_blocktype) != JOURNAL_SUPER_2) {
		os_report("ext2: %s: mounted read-only: the journal's format is version 1", fs->dev->name);
		fs->writable_kind = false;
		return 0;
	}
	j->super.s_feature_incompat |= be32(JOURNAL_INCOMPAT_REVOKE);
	j->head = j->first;
	j->empty = true;
	fs->trans.first = be32(j->super.s_sequence);
	j->sequence = fs->trans.first ? fs->trans.first : 1;
	fs->trans.limit = limit;
	return 0;
}

int
ext2_journal_open(struct ext2_fs *fs, bool *replayed)
{
	const struct ext2_super_block *sb = &fs->super;
	bool has = sb->s_rev_level >= EXT2_REV_DYNAMIC
		   && (sb->s_feature_compat & EXT2_COMPAT_HAS_JOURNAL);
	struct ext2_inode *inode;
	struct ext2_journal *j;
	int error;

	if (!has)
		return sb->s_feature_incompat & EXT2_INCOMPAT_RECOVER
			? refuse(fs, "to be replayed, but there is none", 0) : 0;
	if (sb->s_journal_inum == 0)
		return refuse(fs, "is on another disk", sb->s_journal_dev);
	inode = os_alloc(sizeof(*inode));
	j = os_alloc(sizeof(*j));
	error = inode && j ? ext2_inode_read_journal(fs, sb->s_journal_inum, inode) : ENOMEM;
	if (!error)
		error = map_blocks(fs, inode, j);
	if (!error)
		error = read_super(fs, j);
	if (!error)
		error = recover(fs, j, replayed);
	if (!error)
		error = prepare(fs, j);
	os_free(inode);
	if (error) {
		journal_free(fs, j);
		return error;
	}
	fs->trans.journal = j;
	return 0;
}

void
ext2_journal_close(struct ext2_fs *fs)
{
	journal_free(fs, fs->trans.journal);
	fs->trans.journal = NULL;
}

/* --- writing --- */

/* How many blocks a descriptor tells about, how many numbers a revoke block holds. */
static size_t
tags_per_block(const struct ext2_fs *fs)
{
	return (fs->block_size - sizeof(struct journal_header) - 16) / sizeof(struct journal_tag);
}

static size_t
revokes_per_block(const struct ext2_fs *fs)
{
	return (fs->block_size - sizeof(struct journal_revoke)) / sizeof(uint32_t);
}

uint32_t
ext2_journal_need(const struct ext2_fs *fs, size_t blocks, size_t revoked)
{
	return (uint32_t)(1 + blocks + (blocks + tags_per_block(fs) - 1) / tags_per_block(fs)
			  + (revoked + revokes_per_block(fs) - 1) / revokes_per_block(fs));
}

uint32_t
ext2_journal_room(const struct ext2_fs *fs)
{
	const struct ext2_journal *j = fs->trans.journal;

	return j->length - j->head;
}

/* Blocks on their way to the log, collected while they lie one after the other on the disk. */
struct output {
	struct ext2_fs *fs;
	struct blockdev_segment segments[BLOCKDEV_SEGMENTS_MAX];
	unsigned count;
	uint64_t at;			/* first block on the disk */
};

static int
output_flush(struct output *o)
{
	unsigned count = o->count;

	o->count = 0;
	if (count == 0)
		return 0;
	return o->fs->dev->ops->write(o->fs->dev, o->at * o->fs->block_size, o->segments, count);
}

/* Appends a block to the log. Its content must stay until the next output_flush. */
static int
output_add(struct output *o, const void *data)
{
	struct ext2_journal *j = o->fs->trans.journal;
	uint64_t block = j->blocks[j->head];
	int error = 0;

	if (o->count == BLOCKDEV_SEGMENTS_MAX || (o->count > 0 && block != o->at + o->count))
		error = output_flush(o);
	if (error)
		return error;
	if (o->count == 0)
		o->at = block;
	o->segments[o->count++] = (struct blockdev_segment){ (void *)data, o->fs->block_size };
	j->head++;
	return 0;
}

static void
begin_page(struct ext2_fs *fs, enum journal_type type, uint32_t sequence)
{
	struct ext2_journal *j = fs->trans.journal;
	struct journal_header *header = (struct journal_header *)j->page;

	memset(j->page, 0, fs->block_size);
	*header = (struct journal_header){ be32(JOURNAL_MAGIC), be32(type), be32(sequence) };
}

static bool
needs_escape(const struct ext2_image *image)
{
	uint32_t word;

	memcpy(&word, image->data, sizeof(word));
	return word == be32(JOURNAL_MAGIC);
}

/* Makes up the descriptor of some images, in journal->page. */
static void
make_descriptor(struct ext2_fs *fs, uint32_t sequence, const struct ext2_image *images, size_t count)
{
	struct ext2_journal *j = fs->trans.journal;
	uint8_t *at = j->page + sizeof(struct journal_header);

	begin_page(fs, JOURNAL_DESCRIPTOR, sequence);
	for (size_t i = 0; i < count; i++) {
		struct journal_tag tag = { .t_blocknr = be32((uint32_t)images[i].block) };
		unsigned flags = i > 0 ? JOURNAL_TAG_SAME_UUID : 0;

		if (i + 1 == count)
			flags |= JOURNAL_TAG_LAST;
		if (needs_escape(&images[i]))
			flags |= JOURNAL_TAG_ESCAPE;
		tag.t_flags = be16((uint16_t)flags);
		memcpy(at, &tag, sizeof(tag));
		at += sizeof(tag);
		if (i == 0) {
			memcpy(at, j->super.s_uuid, sizeof(j->super.s_uuid));
			at += sizeof(j->super.s_uuid);
		}
	}
}

/* Appends an image; one that looks like a block of the journal itself goes without its first word. */
static int
add_image(struct output *o, const struct ext2_image *image)
{
	struct ext2_fs *fs = o->fs;
	int error;

	if (!needs_escape(image))
		return output_add(o, image->data);
	memcpy(fs->trans.bounce, image->data, fs->block_size);
	memset(fs->trans.bounce, 0, sizeof(uint32_t));
	error = output_add(o, fs->trans.bounce);
	return error ? error : output_flush(o);		/* bounce is free again */
}

static int
add_images(struct output *o, uint32_t sequence, const struct ext2_image *images, size_t count)
{
	size_t most = tags_per_block(o->fs);
	int error = 0;

	while (count > 0 && !error) {
		size_t n = count < most ? count : most;

		make_descriptor(o->fs, sequence, images, n);
		error = output_add(o, o->fs->trans.journal->page);
		for (size_t i = 0; i < n && !error; i++)
			error = add_image(o, &images[i]);
		if (!error)
			error = output_flush(o);	/* the page is free again */
		images += n;
		count -= n;
	}
	return error;
}

static int
add_revokes(struct output *o, uint32_t sequence, const struct ext2_list *list)
{
	struct ext2_journal *j = o->fs->trans.journal;
	struct journal_revoke *r = (struct journal_revoke *)j->page;
	uint32_t *numbers = (uint32_t *)(r + 1);
	size_t most = revokes_per_block(o->fs);
	int error = 0;

	for (size_t done = 0, n; done < list->count && !error; done += n) {
		n = list->count - done < most ? list->count - done : most;
		begin_page(o->fs, JOURNAL_REVOKE, sequence);
		r->r_count = be32((uint32_t)(sizeof(*r) + n * sizeof(uint32_t)));
		for (size_t i = 0; i < n; i++)
			numbers[i] = be32(list->items[done + i]);
		error = output_add(o, j->page);
		if (!error)
			error = output_flush(o);
	}
	return error;
}

int
ext2_journal_write(struct ext2_fs *fs, const struct ext2_image *images, unsigned count,
	const struct ext2_lists *lists)
{
	struct ext2_journal *j = fs->trans.journal;
	uint32_t sequence = j->sequence;
	struct output o = { .fs = fs };
	int error = 0;

	if (ext2_journal_need(fs, count, lists->revoked.count) > ext2_journal_room(fs))
		return EIO;		/* a checkpoint was forgotten: never past the end */
	if (j->empty) {
		error = write_super(fs, j, sequence, j->first);
		j->empty = false;
	}
	if (!error)
		error = add_revokes(&o, sequence, &lists->revoked);
	if (!error)
		error = add_images(&o, sequence, images, count);
	if (!error)
		error = fs->dev->ops->flush(fs->dev);
	if (error)
		return error;
	begin_page(fs, JOURNAL_COMMIT, sequence);
	error = output_add(&o, j->page);
	if (!error)
		error = output_flush(&o);
	j->sequence++;
	return error ? error : fs->dev->ops->flush(fs->dev);
}

int
ext2_journal_empty(struct ext2_fs *fs)
{
	struct ext2_journal *j = fs->trans.journal;

	if (j->empty)
		return 0;
	j->empty = true;
	j->head = j->first;
	return write_super(fs, j, j->sequence, 0);
}
