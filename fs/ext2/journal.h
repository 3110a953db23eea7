/*
 * The journal of ext3: the JBD on-disk format, and its use.
 *
 * The journal is a file whose blocks are never moved. All its numbers are big-endian.
 *
 *	0            first                                         maxlen
 *	+------------+------------+------+------+--------+--------+-------- -
 *	| superblock | descriptor | data | data | revoke | commit | descriptor ...
 *	+------------+------------+------+------+--------+--------+-------- -
 *	              \_____________ transaction N _____________/
 *
 * A descriptor tells to which blocks of the disk the data blocks after it belong. A transaction
 * counts once its commit block, with the same sequence number, is on the disk. A revoke block says
 * that copies of some blocks in this and earlier transactions are void. Numbers and layout are
 * those of the Linux header jbd.h, as documented with e2fsprogs (lib/ext2fs/kernel-jbd.h).
 *
 * We write from `first` on; when the end comes near, everything is brought to its own place
 * (trans.c) and the journal begins anew, empty. Replay reads also journals that go around.
 */
#ifndef FS_EXT2_JOURNAL_H
#define FS_EXT2_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ext2_fs;
struct ext2_image;
struct ext2_lists;

#define JOURNAL_MAGIC	0xc03b3998u

enum journal_type {
	JOURNAL_DESCRIPTOR = 1,
	JOURNAL_COMMIT = 2,
	JOURNAL_SUPER_1 = 3,
	JOURNAL_SUPER_2 = 4,
	JOURNAL_REVOKE = 5,
};

struct journal_header {			/* begins every block but those of data */
	uint32_t h_magic;
	uint32_t h_blocktype;
	uint32_t h_sequence;		/* of the transaction */
};

struct journal_super {
	struct journal_header header;
	uint32_t s_blocksize;
	uint32_t s_maxlen;		/* blocks of the journal */
	uint32_t s_first;		/* first block of the log */
	uint32_t s_sequence;		/* first transaction expected in the log */
	uint32_t s_start;		/* where it begins; 0: the log is empty */
	uint32_t s_errno;
	/* from here on only with JOURNAL_SUPER_2 */
	uint32_t s_feature_compat;
	uint32_t s_feature_incompat;
	uint32_t s_feature_ro_compat;
	uint8_t s_uuid[16];
	uint32_t s_nr_users;
	uint8_t s_rest[956];
};

_Static_assert(sizeof(struct journal_super) == 1024, "journal superblock");

#define JOURNAL_INCOMPAT_REVOKE	1u

struct journal_tag {			/* in a descriptor, for each data block */
	uint32_t t_blocknr;
	uint16_t t_checksum;		/* unused */
	uint16_t t_flags;
};

#define JOURNAL_TAG_ESCAPE	1u	/* the data began with JOURNAL_MAGIC, now zeros */
#define JOURNAL_TAG_SAME_UUID	2u	/* else 16 bytes of uuid follow the tag */
#define JOURNAL_TAG_LAST	8u	/* of its descriptor */

struct journal_revoke {
	struct journal_header header;
	uint32_t r_count;		/* bytes in use, with this head; then block numbers */
};

struct ext2_journal {
	uint32_t length;		/* blocks */
	uint32_t *blocks;		/* where each lies on the disk */
	struct journal_super super;	/* as on the disk, big-endian */
	uint8_t *page;			/* one block being made up */
	uint32_t first, head;		/* first block of the log, next to be written */
	uint32_t sequence;		/* of the next transaction in it: no number is left out */
	bool empty;			/* the superblock on the disk says so */
};

/*
 * Purpose: find the journal, if there is one, and replay what it holds. When blocks were replayed
 * *replayed is set, and what was read of the disk before is out of date.
 * Returns: 0, fs->trans.journal is NULL when there is none to write to; EINVAL; EIO; ENOMEM.
 */
int ext2_journal_open(struct ext2_fs *fs, bool *replayed);
void ext2_journal_close(struct ext2_fs *fs);

/* Returns the blocks a transaction takes in the log, and how many are left. */
uint32_t ext2_journal_need(const struct ext2_fs *fs, size_t blocks, size_t revoked);
uint32_t ext2_journal_room(const struct ext2_fs *fs);

/*
 * Purpose: make a transaction durable. Conditions: there is room; one thread at a time; images
 * sorted. Returns 0; EIO.
 */
int ext2_journal_write(struct ext2_fs *fs, const struct ext2_image *images, unsigned count,
	const struct ext2_lists *lists);

/* Purpose: begin anew: everything is in its own place, on stable storage. Returns 0; EIO. */
int ext2_journal_empty(struct ext2_fs *fs);

/* replay.c: Returns 0 with the number of the next transaction; EIO; ENOMEM. *count: blocks written. */
int ext2_replay(struct ext2_fs *fs, struct ext2_journal *j, uint32_t *next, uint32_t *count);

/* Transfers of whole blocks of the journal by their place in it. Return 0 or EIO. */
int journal_read(struct ext2_fs *fs, const struct ext2_journal *j, uint32_t index, void *data);

static inline uint32_t
be32(uint32_t x)
{
	return __builtin_bswap32(x);
}

static inline uint16_t
be16(uint16_t x)
{
	return __builtin_bswap16(x);
}

#endif
