/*
 * Replaying the journal: after a crash, writing what it holds to its place.
 *
 * Three passes over the log, which ends at the first block that is not of the transaction expected:
 *
 *	scan	find the last transaction that has a commit block
 *	revoke	collect which blocks' copies are void up to which transaction
 *	replay	write the others, in order
 *
 * Writing the same again does no harm, so power may be cut during a replay too: the superblock says
 * that the log is empty only when everything is on the disk. What the log says is checked like
 * anything else: a block outside of the disk ends it.
 */
#include "ext2.h"
#include "journal.h"

#include <errno.h>
#include <string.h>

enum pass { SCAN, REVOKE, REPLAY };

/* A pair of list items: a block, and the last transaction whose copy of it is void. */
struct replay {
	struct ext2_fs *fs;
	struct ext2_journal *j;
	uint8_t *block, *data;		/* a block of the log being looked at, one being copied */
	uint32_t at;			/* next block of the log */
	uint32_t left;			/* blocks of it not yet looked at: the log never goes around */
	uint32_t end;			/* number after the last whole transaction */
	struct ext2_list revoked;	/* sorted by block, before the replay */
	uint32_t written;
};

/* Reads the next block of the log. Returns 0; ENOENT when all were read; EIO. */
static int
next_block(struct replay *r, void *data)
{
	uint32_t index = r->at;

	if (r->left == 0)
		return ENOENT;
	r->left--;
	r->at = index + 1 < r->j->length ? index + 1 : r->j->first;
	return data ? journal_read(r->fs, r->j, index, data) : 0;
}

/* Orders sequence numbers, which may wrap. */
static bool
is_after(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) > 0;
}

/* --- revoked blocks --- */

static int
revoke_block(struct replay *r, uint32_t sequence)
{
	const struct journal_revoke *head = (const struct journal_revoke *)r->block;
	const uint32_t *numbers = (const uint32_t *)(head + 1);
	uint32_t bytes = be32(head->r_count);
	int error = 0;

	if (bytes < sizeof(*head) || bytes > r->fs->block_size)
		return ext2_damaged(r->fs, "revoke block of journal", bytes);
	for (uint32_t i = 0; i < (bytes - sizeof(*head)) / sizeof(uint32_t) && !error; i++) {
		error = ext2_list_add(&r->revoked, be32(numbers[i]));
		if (!error)
			error = ext2_list_add(&r->revoked, sequence);
	}
	return error;
}

/* Sorts the pairs by block; of the same block, the later transaction is first. */
static void
revoked_sort(struct ext2_list *list)
{
	size_t count = list->count / 2;
	uint32_t *p = list->items;

	for (size_t gap = count / 2; gap > 0; gap /= 2)
		for (size_t i = gap; i < count; i++) {
			uint32_t block = p[2 * i], sequence = p[2 * i + 1];
			size_t at = i;

			for (; at >= gap && (p[2 * (at - gap)] > block
					|| (p[2 * (at - gap)] == block
						&& is_after(sequence, p[2 * (at - gap) + 1])));
				at -= gap) {
				p[2 * at] = p[2 * (at - gap)];
				p[2 * at + 1] = p[2 * (at - gap) + 1];
			}
			p[2 * at] = block;
			p[2 * at + 1] = sequence;
		}
}

/* Returns whether a copy in a transaction is void. */
static bool
is_revoked(const struct ext2_list *list, uint32_t block, uint32_t sequence)
{
	size_t low = 0, high = list->count / 2;

	while (low < high) {		/* the first pair of the block */
		size_t middle = (low + high) / 2;

		if (list->items[2 * middle] < block)
			low = middle + 1;
		else
			high = middle;
	}
	return low < list->count / 2 && list->items[2 * low] == block
	       && !is_after(sequence, list->items[2 * low + 1]);
}

/* --- the passes --- */

/* Writes a copy to its place. */
static int
replay_one(struct replay *r, uint32_t block, bool escaped)
{
	struct blockdev_segment segment = { r->data, r->fs->block_size };
	uint32_t magic = be32(JOURNAL_MAGIC);
	int error;

	if (block >= r->fs->super.s_blocks_count)
		return ext2_damaged(r->fs, "block number in journal", block);
	if (escaped)
		memcpy(r->data, &magic, sizeof(magic));
	error = r->fs->dev->ops->write(r->fs->dev, (uint64_t)block * r->fs->block_size, &segment, 1);
	r->written++;
	return error;
}

/* Goes through the data blocks that a descriptor tells of. Returns 0; ENOENT at the log's end; EIO. */
static int
descriptor(struct replay *r, enum pass pass, uint32_t sequence)
{
	uint32_t at = sizeof(struct journal_header);
	struct journal_tag tag = { 0, 0, 0 };

	while (!(be16(tag.t_flags) & JOURNAL_TAG_LAST)) {
		uint32_t block;
		bool wanted;
		int error;

		if (at + sizeof(tag) > r->fs->block_size)
			return 0;		/* full: the last tag has no flag */
		memcpy(&tag, r->block + at, sizeof(tag));
		at += sizeof(tag) + (be16(tag.t_flags) & JOURNAL_TAG_SAME_UUID ? 0 : 16);
		block = be32(tag.t_blocknr);
		wanted = pass == REPLAY && !is_revoked(&r->revoked, block, sequence);
		error = next_block(r, wanted ? r->data : NULL);
		if (!error && wanted)
			error = replay_one(r, block, be16(tag.t_flags) & JOURNAL_TAG_ESCAPE);
		if (error)
			return error;
	}
	return 0;
}

/* Goes through the log once. Returns 0; EIO; ENOMEM. */
static int
run_pass(struct replay *r, enum pass pass)
{
	uint32_t sequence = be32(r->j->super.s_sequence);
	const struct journal_header *head = (const struct journal_header *)r->block;
	int error;

	r->at = be32(r->j->super.s_start);
	r->left = r->j->length - r->j->first;
	if (r->at < r->j->first)
		return ext2_damaged(r->fs, "start of journal", r->at);
	for (;;) {
		if (pass != SCAN && sequence == r->end)
			return 0;
		error = next_block(r, r->block);
		if (error)
			break;
		if (be32(head->h_magic) != JOURNAL_MAGIC || be32(head->h_sequence) != sequence)
			break;
		if (be32(head->h_blocktype) == JOURNAL_COMMIT)
			sequence++;
		else if (be32(head->h_blocktype) == JOURNAL_DESCRIPTOR)
			error = descriptor(r, pass, sequence);
		else if (be32(head->h_blocktype) == JOURNAL_REVOKE && pass == REVOKE)
			error = revoke_block(r, sequence);
		else if (be32(head->h_blocktype) != JOURNAL_REVOKE)
			break;
		if (error)
			break;
	}
	if (pass == SCAN)
		r->end = sequence;
	return error == ENOENT ? 0 : error;
}

int
ext2_replay(struct ext2_fs *fs, struct ext2_journal *j, uint32_t *next, uint32_t *count)
{
	struct replay r = { .fs = fs, .j = j };
	int error = ENOMEM;

	r.block = os_pages_alloc(fs->block_size);
	r.data = os_pages_alloc(fs->block_size);
	if (r.block && r.data)
		error = run_pass(&r, SCAN);
	if (!error)
		error = run_pass(&r, REVOKE);
	if (!error && r.revoked.count > 0)
		revoked_sort(&r.revoked);
	if (!error)
		error = run_pass(&r, REPLAY);
	if (r.block)
		os_pages_free(r.block, fs->block_size);
	if (r.data)
		os_pages_free(r.data, fs->block_size);
	os_free(r.revoked.items);
	*next = r.end + 1;	/* never the number of a transaction begun but not committed */
	*count = r.written;
	return error;
}
