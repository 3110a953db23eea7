/*
 * The ext2 on-disk format, revision 0 and 1.
 *
 * Numbers are those of "The Second Extended File System: Internal Layout" (D. Poirier) and of the
 * header ext2fs/ext2_fs.h that e2fsprogs installs. All fields are little-endian, as both of our
 * machines are.
 *
 *	byte 0      1024        2048, or the next block
 *	+-----------+-----------+------------+----------+----------+---------------------+-------- -
 *	| boot code | super-    | group      | block    | inode    | inode table         | data
 *	|           | block     | descriptors| bitmap   | bitmap   | inodes_per_group x  |
 *	|           |           | 32 B each  | 1 block  | 1 block  | inode_size          |
 *	+-----------+-----------+------------+----------+----------+---------------------+-------- -
 *	 \____________________ block group 0: blocks_per_group blocks ____________________/
 *
 * Every further group has the same shape; with SPARSE_SUPER only groups 0, 1 and powers of 3, 5 and
 * 7 carry copies of the superblock and the descriptors. Block 0 is unused with blocks of 1 KB
 * (first_data_block is 1), so block number 0 can mean "hole" in every block map.
 */
#ifndef FS_EXT2_FORMAT_H
#define FS_EXT2_FORMAT_H

#include <stdint.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "disk structures are read as they stand");

#define EXT2_SUPER_OFFSET	1024u	/* bytes from the start of the disk */
#define EXT2_SUPER_SIZE		1024u
#define EXT2_MAGIC		0xef53u

enum { EXT2_REV_OLD = 0, EXT2_REV_DYNAMIC = 1 };
enum { EXT2_STATE_CLEAN = 1, EXT2_STATE_ERRORS = 2 };

#define EXT2_OLD_INODE_SIZE	128u
#define EXT2_OLD_FIRST_INO	11u
#define EXT2_ROOT_INO		2u
#define EXT2_JOURNAL_INO	8u

/* feature_compat: harmless to whoever does not know them */
#define EXT2_COMPAT_HAS_JOURNAL		0x0004u
#define EXT2_COMPAT_DIR_INDEX		0x0020u

/* feature_incompat: must be known to read */
#define EXT2_INCOMPAT_FILETYPE		0x0002u
#define EXT2_INCOMPAT_RECOVER		0x0004u	/* the journal holds what the blocks do not */

/* feature_ro_compat: must be known to write */
#define EXT2_RO_COMPAT_SPARSE_SUPER	0x0001u
#define EXT2_RO_COMPAT_LARGE_FILE	0x0002u
#define EXT2_RO_COMPAT_BTREE_DIR	0x0004u	/* reserved long ago, never used */

#define EXT2_INCOMPAT_SUPPORTED		(EXT2_INCOMPAT_FILETYPE | EXT2_INCOMPAT_RECOVER)
#define EXT2_RO_COMPAT_SUPPORTED                                                                   \
	(EXT2_RO_COMPAT_SPARSE_SUPER | EXT2_RO_COMPAT_LARGE_FILE | EXT2_RO_COMPAT_BTREE_DIR)

struct ext2_super_block {
	uint32_t s_inodes_count;
	uint32_t s_blocks_count;
	uint32_t s_r_blocks_count;	/* reserved for the super-user */
	uint32_t s_free_blocks_count;
	uint32_t s_free_inodes_count;
	uint32_t s_first_data_block;	/* 1 with 1 KB blocks, else 0 */
	uint32_t s_log_block_size;	/* block size is 1024 << this */
	uint32_t s_log_frag_size;
	uint32_t s_blocks_per_group;
	uint32_t s_frags_per_group;
	uint32_t s_inodes_per_group;
	uint32_t s_mtime;
	uint32_t s_wtime;
	uint16_t s_mnt_count;
	uint16_t s_max_mnt_count;
	uint16_t s_magic;
	uint16_t s_state;
	uint16_t s_errors;
	uint16_t s_minor_rev_level;
	uint32_t s_lastcheck;
	uint32_t s_checkinterval;
	uint32_t s_creator_os;
	uint32_t s_rev_level;
	uint16_t s_def_resuid;
	uint16_t s_def_resgid;
	/* from here on only with EXT2_REV_DYNAMIC */
	uint32_t s_first_ino;		/* first inode that is not reserved */
	uint16_t s_inode_size;		/* bytes */
	uint16_t s_block_group_nr;
	uint32_t s_feature_compat;
	uint32_t s_feature_incompat;
	uint32_t s_feature_ro_compat;
	uint8_t s_uuid[16];
	char s_volume_name[16];
	char s_last_mounted[64];
	uint32_t s_algorithm_usage_bitmap;
	uint8_t s_prealloc_blocks;
	uint8_t s_prealloc_dir_blocks;
	uint16_t s_reserved_gdt_blocks;
	/* ext3: the journal */
	uint8_t s_journal_uuid[16];
	uint32_t s_journal_inum;
	uint32_t s_journal_dev;
	uint32_t s_last_orphan;		/* head of the list of unlinked inodes still open */
	uint32_t s_hash_seed[4];
	uint8_t s_def_hash_version;
	uint8_t s_jnl_backup_type;
	uint16_t s_desc_size;
	uint32_t s_default_mount_opts;
	uint32_t s_first_meta_bg;
	uint32_t s_mkfs_time;
	uint32_t s_jnl_blocks[17];
	uint32_t s_blocks_count_high;
	uint32_t s_r_blocks_count_high;
	uint32_t s_free_blocks_high;
	uint16_t s_min_extra_isize;
	uint16_t s_want_extra_isize;	/* bytes of extension new inodes get */
	uint8_t s_reserved[672];
};

_Static_assert(sizeof(struct ext2_super_block) == EXT2_SUPER_SIZE, "superblock");
_Static_assert(__builtin_offsetof(struct ext2_super_block, s_magic) == 56, "superblock magic");
_Static_assert(__builtin_offsetof(struct ext2_super_block, s_feature_incompat) == 96,
	"superblock features");
_Static_assert(__builtin_offsetof(struct ext2_super_block, s_last_orphan) == 232,
	"superblock journal fields");

struct ext2_group_desc {
	uint32_t bg_block_bitmap;	/* block numbers */
	uint32_t bg_inode_bitmap;
	uint32_t bg_inode_table;
	uint16_t bg_free_blocks_count;
	uint16_t bg_free_inodes_count;
	uint16_t bg_used_dirs_count;
	uint16_t bg_flags;
	uint32_t bg_reserved[3];
};

_Static_assert(sizeof(struct ext2_group_desc) == 32, "group descriptor");

/*
 * The block map of an inode, P = block size / 4 pointers per block:
 *
 *	i_block[0..11]	the first 12 blocks
 *	i_block[12]	-> P blocks
 *	i_block[13]	-> P x -> P blocks
 *	i_block[14]	-> P x -> P x -> P blocks
 *
 * A zero anywhere is a hole. A fast symlink keeps its target in i_block itself.
 */
#define EXT2_DIRECT_BLOCKS	12u
#define EXT2_BLOCK_POINTERS	15u

struct ext2_disk_inode {
	uint16_t i_mode;		/* type and permissions, as POSIX st_mode */
	uint16_t i_uid;
	uint32_t i_size;		/* bytes, low half */
	uint32_t i_atime;
	uint32_t i_ctime;
	uint32_t i_mtime;
	uint32_t i_dtime;
	uint16_t i_gid;
	uint16_t i_links_count;
	uint32_t i_blocks;		/* units of 512 bytes, map and attribute blocks included */
	uint32_t i_flags;
	uint32_t i_osd1;
	uint32_t i_block[EXT2_BLOCK_POINTERS];
	uint32_t i_generation;
	uint32_t i_file_acl;		/* block of extended attributes, or 0 */
	uint32_t i_size_high;		/* regular files; i_dir_acl of directories, unused */
	uint32_t i_faddr;
	uint8_t i_frag;
	uint8_t i_fsize;
	uint16_t i_pad1;
	uint16_t i_uid_high;
	uint16_t i_gid_high;
	uint32_t i_reserved2;
};

_Static_assert(sizeof(struct ext2_disk_inode) == EXT2_OLD_INODE_SIZE, "inode");
_Static_assert(__builtin_offsetof(struct ext2_disk_inode, i_block) == 40, "inode block map");

/*
 * What inodes larger than 128 bytes add; i_extra_isize tells how much of it is in use. The *_extra
 * words hold two more bits of seconds (low) and 30 bits of nanoseconds.
 */
struct ext2_disk_inode_extra {
	uint16_t i_extra_isize;		/* bytes, counted from byte 128 */
	uint16_t i_pad2;
	uint32_t i_ctime_extra;
	uint32_t i_mtime_extra;
	uint32_t i_atime_extra;
	uint32_t i_crtime;
	uint32_t i_crtime_extra;
};

_Static_assert(sizeof(struct ext2_disk_inode_extra) == 24, "inode extension");

/* i_flags */
#define EXT2_IMMUTABLE_FLAG	0x00000010u
#define EXT2_APPEND_FLAG	0x00000020u
#define EXT2_INDEX_FLAG		0x00001000u	/* a directory with an index in its unused entries */
#define EXT2_EXTENTS_FLAG	0x00080000u	/* ext4: i_block holds an extent tree */

/* i_mode */
#define EXT2_S_IFMT	0xf000u
#define EXT2_S_IFIFO	0x1000u
#define EXT2_S_IFCHR	0x2000u
#define EXT2_S_IFDIR	0x4000u
#define EXT2_S_IFBLK	0x6000u
#define EXT2_S_IFREG	0x8000u
#define EXT2_S_IFLNK	0xa000u
#define EXT2_S_IFSOCK	0xc000u

/*
 * A directory is a file of entries; each block is a chain of its own:
 *
 *	0       4         6          7           8
 *	+-------+---------+----------+-----------+----------------+- - -
 *	| inode | rec_len | name_len | file_type | name, no NUL   | gap
 *	+-------+---------+----------+-----------+----------------+- - -
 *	 \___________________ rec_len, a multiple of 4 ________________/
 *
 * The last entry of a block reaches its end. Inode 0 marks an unused entry; the interior of a
 * dir_index tree hides in such entries, so a reader that walks the chain never meets it. Without
 * the FILETYPE feature the type byte is zero.
 */
#define EXT2_NAME_MAX		255u
#define EXT2_LINK_MAX		32000u	/* names of a file, subdirectories of a directory */
#define EXT2_DIRENT_HEADER	8u

struct ext2_disk_dirent {
	uint32_t inode;
	uint16_t rec_len;
	uint8_t name_len;
	uint8_t file_type;		/* EXT2_FT_* */
};

_Static_assert(sizeof(struct ext2_disk_dirent) == EXT2_DIRENT_HEADER, "directory entry");

enum {
	EXT2_FT_UNKNOWN = 0,
	EXT2_FT_REG = 1,
	EXT2_FT_DIR = 2,
	EXT2_FT_CHR = 3,
	EXT2_FT_BLK = 4,
	EXT2_FT_FIFO = 5,
	EXT2_FT_SOCK = 6,
	EXT2_FT_LNK = 7,
};

#endif
