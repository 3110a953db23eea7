/*
 * Structures and constants of the server protocols (the .defs files beside this one).
 */
#ifndef PROTO_TYPES_H
#define PROTO_TYPES_H

#include <mach/mach_traps.h>

/* --- bootstrap --- */

enum { UNIT_STOPPED, UNIT_STARTING, UNIT_RUNNING, UNIT_FAILED };

struct bootstrap_unit_info {
	char name[32];
	uint32_t state;			/* UNIT_* */
	uint32_t restarts;
};

/* --- blk --- */

#define BLK_SECTOR_SIZE		512u
#define BLK_TRANSFER_MAX	(256u * 1024)	/* bytes of one request */

struct blk_info {
	uint64_t sectors;		/* of 512 bytes */
	uint32_t read_only;
	uint32_t block_size;		/* bytes the device prefers */
	char name[16];			/* "vda" */
};

/* --- mem --- */

struct mem_statistics {
	char disk[16];			/* the swap disk, "vdb" */
	uint64_t pages;			/* of swap, in all */
	uint64_t given;			/* of them, to stores of the kernel */
	uint64_t objects;		/* of them, to memory objects of tasks */
	uint64_t pages_in, pages_out;	/* read and written so far */
	uint64_t reads, writes;		/* requests to the driver for that */
	uint64_t errors;		/* pages that could not be read or written */
};

/* --- io and fs --- */

#define IO_INLINE_MAX	8176u		/* bytes of one inline read or write */
#define IO_OOL_MAX	(1024u * 1024)	/* bytes of one out-of-line read */

/* open flags; values as in <fcntl.h> of this system */
#define IO_O_RDONLY	0x0000u
#define IO_O_WRONLY	0x0001u
#define IO_O_RDWR	0x0002u
#define IO_O_SEARCH	0x0003u		/* only to search it or to execute it */
#define IO_O_ACCMODE	0x0003u
#define IO_O_CREAT	0x0040u
#define IO_O_EXCL	0x0080u
#define IO_O_NOCTTY	0x0100u
#define IO_O_TRUNC	0x0200u
#define IO_O_APPEND	0x0400u
#define IO_O_NONBLOCK	0x0800u
#define IO_O_DSYNC	0x1000u		/* what is written is on stable storage, so that it can be found again ... */
#define IO_O_DIRECTORY	0x10000u
#define IO_O_NOFOLLOW	0x20000u
#define IO_O_SYNC	0x101000u	/* ... with its times, when the call returns */

/* flags of requests with a path */
#define IO_NOFOLLOW	1u		/* a symbolic link in the last place is meant itself */
#define IO_REMOVEDIR	2u		/* fs_unlink: a directory, which must be empty */
#define IO_FOLLOW	4u		/* fs_link: follow a symbolic link in the last place */
#define IO_NOREPLACE	8u		/* fs_rename: EEXIST when the new name exists */

/* fs_access: what is asked, as in a permission triplet; 0: does it exist */
#define IO_READ_OK	4u
#define IO_WRITE_OK	2u
#define IO_EXECUTE_OK	1u

/* file types in io_stat.mode (POSIX <sys/stat.h>, values as in ext2) */
#define IO_S_IFMT	0170000u
#define IO_S_IFSOCK	0140000u
#define IO_S_IFLNK	0120000u
#define IO_S_IFREG	0100000u
#define IO_S_IFBLK	0060000u
#define IO_S_IFDIR	0040000u
#define IO_S_IFCHR	0020000u
#define IO_S_IFIFO	0010000u

struct io_stat {
	uint64_t dev, ino;
	uint32_t mode;			/* type and permission bits */
	uint32_t nlink;
	uint32_t uid, gid;
	uint64_t rdev;
	int64_t size;			/* bytes */
	int64_t blocks;			/* of 512 bytes */
	uint32_t block_size;		/* preferred transfer size, bytes */
	uint32_t flags;			/* IO_STAT_TTY */
	int64_t atime, mtime, ctime;	/* seconds since 1970 */
	uint32_t atime_nsec, mtime_nsec, ctime_nsec;
	uint32_t pad;
};

/* New times of a file; a nanosecond field may be IO_TIME_NOW or IO_TIME_OMIT. */
struct io_times {
	int64_t atime, mtime;		/* seconds since 1970 */
	uint32_t atime_nsec, mtime_nsec;
};

#define IO_TIME_NOW	0x3fffffffu
#define IO_TIME_OMIT	0x3ffffffeu
#define IO_ID_KEEP	0xffffffffu	/* fs_chown, io_chown: leave this one as it is */

/* A file system as a whole. */
struct io_statfs {
	uint64_t block_size;		/* bytes */
	uint64_t blocks, blocks_free;
	uint64_t blocks_available;	/* to those who are not root */
	uint64_t files, files_free;	/* inodes; 0: not counted */
	uint64_t dev;			/* st_dev of its files */
	uint32_t name_max;		/* bytes */
	uint32_t flags;			/* IO_STATFS_* */
	char type[16];			/* "ext2" */
};

#define IO_STATFS_READ_ONLY	1u

#define IO_STAT_TTY	1u		/* a terminal: tty.defs is served too */

/* io_poll; values as in <poll.h> of this system */
#define IO_POLL_IN	0x0001u
#define IO_POLL_URGENT	0x0002u
#define IO_POLL_OUT	0x0004u
#define IO_POLL_ERROR	0x0008u
#define IO_POLL_HANGUP	0x0010u
#define IO_POLL_ALWAYS	(IO_POLL_ERROR | IO_POLL_HANGUP)

/* io_readdir: records of 8-byte aligned length; the name is 0-terminated */
struct io_dirent {
	uint64_t ino;
	uint64_t next;			/* offset of the following entry, for seek */
	uint16_t record_length;		/* bytes, multiple of 8 */
	uint8_t type;			/* mode >> 12 of the file type, 0 unknown */
	uint8_t name_length;
	char name[];
};

/* --- sock --- */

#define SOCK_ADDRESS_MAX	128u	/* bytes: struct sockaddr_storage */
#define SOCK_DATA_MAX		7936u	/* bytes of one message of data: with the other arguments just what one holds */
#define SOCK_VALUE_MAX		128u	/* bytes of an option's value */

enum { SOCK_NAME_OWN, SOCK_NAME_PEER };	/* sock_name */

/* --- tty --- */

struct tty_settings {			/* <termios.h> of this system has the same layout */
	uint32_t iflag, oflag, cflag, lflag;
	uint8_t cc[20];
	uint32_t ispeed, ospeed;	/* bits per second */
	uint16_t rows, columns;
};

/* Bits and places of tty_settings; <termios.h> uses the same. Those missing here are kept but have no effect. */
#define TTY_ISTRIP	0x0020u		/* iflag: seven bits */
#define TTY_INLCR	0x0040u		/* NL becomes CR */
#define TTY_IGNCR	0x0080u
#define TTY_ICRNL	0x0100u
#define TTY_IXON	0x0400u		/* VSTOP and VSTART control output */
#define TTY_IXANY	0x0800u		/* any byte starts it again */
#define TTY_IXOFF	0x1000u		/* the sender is stopped when there is no more room */
#define TTY_IMAXBEL	0x2000u		/* a bell for what found no room */
#define TTY_IUTF8	0x4000u		/* characters may have several bytes */
#define TTY_OPOST	0x0001u		/* oflag: the following count */
#define TTY_ONLCR	0x0004u		/* NL becomes CR NL */
#define TTY_OCRNL	0x0008u
#define TTY_ONOCR	0x0010u		/* no CR in column 0 */
#define TTY_ONLRET	0x0020u		/* NL goes to column 0 by itself */
#define TTY_TABDLY	0x1800u
#define TTY_XTABS	0x1800u		/* tabs become spaces */
#define TTY_ISIG	0x0001u		/* lflag */
#define TTY_ICANON	0x0002u
#define TTY_ECHO	0x0008u
#define TTY_ECHOE	0x0010u		/* an erased character disappears from the screen */
#define TTY_ECHOK	0x0020u		/* a new line behind a killed one */
#define TTY_ECHONL	0x0040u
#define TTY_NOFLSH	0x0080u		/* signals leave unread input alone */
#define TTY_TOSTOP	0x0100u		/* output of background processes stops them */
#define TTY_ECHOCTL	0x0200u		/* control characters as ^X */
#define TTY_ECHOKE	0x0800u		/* a killed line disappears */
#define TTY_IEXTEN	0x8000u		/* VWERASE, VREPRINT, VLNEXT, VEOL2 */

enum { TTY_VINTR = 0, TTY_VQUIT = 1, TTY_VERASE = 2, TTY_VKILL = 3, TTY_VEOF = 4, TTY_VTIME = 5, TTY_VMIN = 6, TTY_VSTART = 8,
	TTY_VSTOP = 9, TTY_VSUSP = 10, TTY_VEOL = 11, TTY_VREPRINT = 12, TTY_VWERASE = 14, TTY_VLNEXT = 15, TTY_VEOL2 = 16 };

/* tty_flush, tty_flow, tty_set_settings; values as in <termios.h> of this system */
enum { TTY_FLUSH_INPUT, TTY_FLUSH_OUTPUT, TTY_FLUSH_BOTH };
enum { TTY_OUTPUT_OFF, TTY_OUTPUT_ON, TTY_INPUT_OFF, TTY_INPUT_ON };
enum { TTY_SET_NOW, TTY_SET_DRAIN, TTY_SET_FLUSH };

/* --- proc --- */

/* proc_wait; values as in <sys/wait.h> of this system. One of EXITED, STOPPED, CONTINUED at least. */
#define PROC_WNOHANG	0x1u
#define PROC_WSTOPPED	0x2u		/* children that stopped too */
#define PROC_WEXITED	0x4u
#define PROC_WCONTINUED	0x8u
#define PROC_WNOWAIT	0x1000000u	/* leave the child as it is, to be waited for again */

/* io_lock: commands, kinds */
enum { IO_LOCK_GET, IO_LOCK_SET, IO_LOCK_WAIT };
enum { IO_LOCK_READ, IO_LOCK_WRITE, IO_LOCK_NONE };

struct io_lock {
	uint32_t kind, whence;		/* whence: as io_seek's */
	int64_t start, length;		/* bytes; length 0: to the end, however far it grows; negative: before start */
	int32_t pid;			/* IO_LOCK_GET: who has it */
	uint32_t pad;
};

/* io_flock: LOCK_* of <sys/file.h> */
enum { IO_FLOCK_SHARED = 1, IO_FLOCK_EXCLUSIVE = 2, IO_FLOCK_NONBLOCK = 4, IO_FLOCK_UNLOCK = 8 };

/* proc_spawn */
#define PROC_SET_GROUP	1u		/* into the process group `group`; 0: a new one that it leads */
#define PROC_RESET_IDS	2u		/* effective ids become the real ones */
#define PROC_NEW_SESSION 4u		/* it leads a session of its own */

#define PROC_LABEL_FIRST	0x10000000u	/* token labels of processes; below: init and its units */

enum { PROC_RUNNING = 'R', PROC_SLEEPING = 'S', PROC_STOPPED = 'T', PROC_ZOMBIE = 'Z' };

struct proc_usage {
	uint64_t user_time, system_time;	/* nanoseconds */
	uint64_t resident_size;			/* bytes, the most that was seen */
	uint64_t faults, switches;
};

/* What proc_wait found: pid 0: nothing yet (PROC_WNOHANG). */
struct proc_waited {
	int32_t pid;
	int32_t status;			/* POSIX wait status */
	uint32_t uid;			/* real user id of the child */
	uint32_t pad;
	struct proc_usage usage;	/* of the child and the children it waited for */
};

/* How the first thread of a fork's child begins: it calls entry(argument). */
struct proc_start {
	uint64_t entry, argument, sp, tls;
};

struct proc_ids {
	uint32_t uid, euid, suid;	/* real, effective, saved */
	uint32_t gid, egid, sgid;
};

#define PROC_ID_KEEP	0xffffffffu	/* proc_set_ids: leave this one */
#define PROC_GROUPS_MAX	32u		/* supplementary groups */

/* Limits of resources; numbers as in <sys/resource.h> of this system. */
enum { PROC_LIMIT_CPU, PROC_LIMIT_FSIZE, PROC_LIMIT_DATA, PROC_LIMIT_STACK, PROC_LIMIT_CORE, PROC_LIMIT_NPROC = 6,
	PROC_LIMIT_NOFILE = 7, PROC_LIMIT_AS = 9, PROC_LIMITS = 16 };

#define PROC_UNLIMITED	0xffffffffffffffffull

struct proc_limit {
	uint64_t soft, hard;
};

/* proc_nice: whose (values as in <sys/resource.h> of this system: a pid, a process group, an effective user id), and what to do */
enum { PROC_NICE_PROCESS, PROC_NICE_GROUP, PROC_NICE_USER };
enum { PROC_NICE_GET, PROC_NICE_SET, PROC_NICE_ADD };

/* The time slice of who has a nice value, in us. */
#define PROC_NICE_NZERO		20
#define PROC_NICE_SLICE(nice)	(TASK_QUANTUM_DEFAULT * (uint32_t)(PROC_NICE_NZERO - (nice)) / PROC_NICE_NZERO)

/* A timer: 0 to 2 are those of setitimer. Times are nanoseconds; value 0: off. */
enum { PROC_TIMER_REAL, PROC_TIMER_VIRTUAL, PROC_TIMER_PROF, PROC_TIMERS };

struct proc_timer {
	uint64_t value, interval;
};

/* A sender, for servers that know its token's label. */
struct proc_identity {
	int32_t pid, parent, group, session;
	struct proc_ids ids;
	uint32_t orphaned;		/* its process group is orphaned (POSIX 3.264) */
	uint32_t pad;
	uint64_t ignored, blocked;	/* signals no handler would hear of: ignored; blocked by its first thread */
};

struct proc_info {
	int32_t pid, parent;
	int32_t group, session;
	uint32_t uid, gid;
	uint32_t state;			/* PROC_* */
	uint32_t threads;
	int32_t nice;
	uint32_t pad;
	uint64_t virtual_size, resident_size;	/* bytes */
	uint64_t user_time, system_time;	/* nanoseconds */
	char name[32];
	char arguments[88];		/* beginning of the command line, spaces between */
};

#endif
