/*
 * Wild requests to all servers but proc (posix_wild.c): right calls with wrong arguments to directories, files, pipes, sockets, the terminal, the memory
 * server, the disk's driver and the name server, and messages of random bytes. The rule is that they go on, and that what belongs to others stays
 * as it was.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <termios.h>

#include "wild.h"
#include "blk.h"
#include "bootstrap.h"
#include "fs.h"
#include "io.h"
#include "mach/service.h"
#include "mach/startup.h"
#include "mem.h"
#include "sock.h"
#include "tty.h"

#define OWN		"/wildmine"	/* the victims' */
#define KEPT		"/wildkept"	/* root's */
#define CALLS		300u		/* of one victim that lives so long */
#define SECRET		"root alone reads and writes this\n"

/* --- what victims have --- */

enum { ROOT, CWD, DIR_FILE, FILE_RW, FILE_RO, TMP_FILE, PIPE_R, PIPE_W, FIFO, SOCKET, PEER, LISTENER, DEV_NULL, DEV_RANDOM, TERMINAL, NAMES, MEMORY, DISK, FS, TTY, PORTS };

static mach_port_t ports[PORTS];
static unsigned *calls_made;		/* by all of them */

static mach_port_t
opened(const char *path, unsigned flags)
{
	mach_port_t file = MACH_PORT_NULL;
	struct io_stat info;

	fs_open(startup_info->root, path, flags, 0666, &file, &info);
	return file;
}

static void
get_ports(void)
{
	ports[ROOT] = startup_info->root;
	ports[CWD] = startup_info->cwd;
	ports[DIR_FILE] = opened(OWN, IO_O_RDONLY);
	ports[FILE_RW] = opened(OWN "/file", IO_O_RDWR | IO_O_CREAT);
	ports[FILE_RO] = opened(OWN "/file", IO_O_RDONLY);
	ports[TMP_FILE] = opened("/tmp/wild", IO_O_RDWR | IO_O_CREAT);
	fs_pipe(startup_info->root, IO_O_NONBLOCK, &ports[PIPE_R], &ports[PIPE_W]);
	ports[FIFO] = opened(OWN "/fifo", IO_O_RDONLY | IO_O_NONBLOCK);
	sock_pair(startup_info->root, AF_UNIX, SOCK_STREAM, 0, IO_O_NONBLOCK, &ports[SOCKET], &ports[PEER]);
	sock_create(startup_info->root, AF_UNIX, SOCK_STREAM, 0, IO_O_NONBLOCK, &ports[LISTENER]);
	ports[DEV_NULL] = opened("/dev/null", IO_O_RDWR);
	ports[DEV_RANDOM] = opened("/dev/random", IO_O_RDWR);
	ports[TERMINAL] = startup_info->fds[1].port;
	ports[NAMES] = startup_info->bootstrap;
	ports[MEMORY] = service_look_up("mem");
	ports[DISK] = service_look_up("blk");
	ports[FS] = service_look_up("fs");
	ports[TTY] = service_look_up("tty");
}

/* --- right calls, wrong arguments --- */

static mach_port_t
some_port(void)
{
	switch (below(8)) {
	case 0: return MACH_PORT_NULL;
	case 1: return mach_task_self();
	default: return ports[below(PORTS)];
	}
}

/* A name there is, or one that makes trouble; always with a 0 where the protocol has room for one. */
static const char *
some_path(void)
{
	static const char *const paths[] = { "file", "dir", "dir/x", "link", "fifo", "new", "..", ".", "/", "", OWN, OWN "/file", OWN "/dir",
		OWN "/dir/../file/", KEPT, "/dev/null", "/dev/tty", "/dev/vda", "/dev/mem", "/tmp/wild", "/lost+found", "/bin/msh", "//..//.", "a/b/c/d/e" };
	static char wild[1100];
	unsigned size;

	if (below(4))
		return paths[below(sizeof(paths) / sizeof(paths[0]))];
	size = below(2) ? below(sizeof(wild) - 1) : 250 + below(10);
	memset(wild, below(2) ? 'x' : '/', size);
	for (unsigned i = below(20); i > 0 && size > 0; i--)
		wild[below(size)] = (char)draw();
	wild[size] = 0;
	return wild;
}

static int64_t
some_offset(void)
{
	static const int64_t edges[] = { 0, 1, -1, -2, 4095, 4096, 4097, 12 << 10, 1 << 20, 1ll << 31, (1ll << 32) - 1, 1ll << 40, INT64_MAX, INT64_MIN };

	return below(4) == 0 ? (int64_t)draw() : edges[below(sizeof(edges) / sizeof(edges[0]))];
}

static mach_port_t
some_dir(void)
{
	return below(4) == 0 ? some_port() : ports[below(3)];
}

/* One that is not the terminal, which shows what is written. */
static mach_port_t
some_file(void)
{
	mach_port_t port = below(4) == 0 ? some_port() : ports[DIR_FILE + below(DEV_RANDOM - DIR_FILE + 1)];

	return port == ports[TERMINAL] ? ports[FILE_RW] : port;
}

static void
name_call(void)
{
	mach_port_t dir = some_dir(), made = MACH_PORT_NULL, other = MACH_PORT_NULL;
	const char *path = some_path();
	static char target[1025];
	struct io_statfs all;
	struct io_stat info;
	struct io_times times;
	uint32_t n = (uint32_t)number();

	fill(&times, sizeof(times));
	switch (below(20)) {
	case 0: case 1: fs_open(dir, path, below(2) ? n : n & 0xfff, (uint32_t)number(), &made, &info); break;
	case 2: fs_stat(dir, path, n, &info); break;
	case 3: fs_readlink(dir, path, target); break;
	case 4: fs_getcwd(dir, target); break;
	case 5: fs_access(dir, path, n, (uint32_t)number(), (uint32_t)number(), n); break;
	case 6: fs_mkdir(dir, path, n); break;
	case 7: fs_mknod(dir, path, n, draw()); break;
	case 8: fs_symlink(dir, path, below(2) ? "link" : "file"); break;
	case 9: fs_link(dir, path, some_dir(), below(2) ? "new" : "dir/x", n); break;
	case 10: fs_unlink(dir, path, n); break;
	case 11: fs_rename(dir, path, some_dir(), below(2) ? "new" : "dir", n); break;
	case 12: fs_chmod(dir, path, n, (uint32_t)number()); break;
	case 13: fs_chown(dir, path, n, (uint32_t)number(), (uint32_t)number()); break;
	case 14: fs_utimens(dir, path, &times, n); break;
	case 15: fs_truncate(dir, path, some_offset()); break;
	case 16: fs_statfs(dir, path, &all); break;
	case 17: fs_mount(dir, path, below(3) == 0 ? "tmpfs" : below(2) ? "remount" : "ext2", below(2) ? "/dev/vda" : path, n); break;
	case 18: fs_unmount(dir, path); break;
	case 19: fs_vouch(dir, some_port(), &info); break;
	}
	if (below(20) == 0)
		fs_pipe(dir, n, &made, &other);
	mach_port_deallocate(mach_task_self(), made);
	mach_port_deallocate(mach_task_self(), other);
}

/* Maps an object in a wild way and touches it: a signal ends the victim. */
static void
use_object(mach_port_t object)
{
	struct vm_map_args args = { .target = mach_task_self(), .flags = VM_FLAGS_ANYWHERE, .size = (vm_size_t)(1 + below(64)) << 12,
		.object = object, .offset = below(2) ? 0 : (vm_offset_t)some_offset(), .copy = below(2), .cur_protection = (vm_prot_t)below(8),
		.max_protection = (vm_prot_t)(below(2) ? 7u : below(8)), .inheritance = (vm_inherit_t)below(3) };

	if (vm_map(&args) != KERN_SUCCESS)
		return;
	if (below(8) == 0)
		*(volatile char *)(args.address + below((unsigned)args.size)) = 1;
	vm_deallocate(mach_task_self(), args.address, args.size);
}

static void
file_call(void)
{
	mach_port_t file = some_file(), got = MACH_PORT_NULL, waiter = MACH_PORT_NULL;
	static uint8_t data[100000];
	struct io_statfs all;
	struct io_lock lock;
	struct io_times times;
	struct io_stat info;
	uint32_t n = (uint32_t)number(), count = IO_INLINE_MAX;
	int64_t offset = some_offset();
	void *ool = NULL;

	fill(&times, sizeof(times));
	fill(&lock, sizeof(lock));
	switch (below(19)) {
	case 0: io_read(file, offset, n, data, &count); break;
	case 1: if (io_read_ool(file, offset, n, &ool, &count) == 0) mig_free(ool, count); break;
	case 2: io_write(file, offset, data, below(IO_INLINE_MAX), &count); break;
	case 3: io_seek(file, offset, n, &offset); break;
	case 4: io_stat(file, &info); break;
	case 5: io_readdir(file, data, &count); break;
	case 6: io_interrupt(file); break;
	case 7: io_write_ool(file, offset, data, below(sizeof(data)), &count); break;
	case 8: io_truncate(file, offset); break;
	case 9: io_sync(file, n); break;
	case 10: io_chmod(file, n); break;
	case 11: io_chown(file, n, (uint32_t)number()); break;
	case 12: io_utimens(file, &times); break;
	case 13: io_statfs(file, &all); break;
	case 14: io_get_flags(file, &n); break;
	case 15: io_set_flags(file, n); break;
	case 16: io_open(some_port(), draw(), n, (uint32_t)number(), (uint32_t)number(), &got); break;
	case 17: if (io_map(file, &got) == 0) use_object(got); break;
	case 18: io_lock(file, below(4), &lock, &lock); break;
	}
	if (below(10) == 0)
		io_flock(file, n);
	if (below(10) == 0 && port_create(false, &waiter) == KERN_SUCCESS)
		io_poll(file, n, (uint32_t)number(), waiter, &n);
	mach_port_deallocate(mach_task_self(), got);
}

/* A path or anything, of a length that may be wrong. */
static uint32_t
some_address(struct sockaddr_un *address)
{
	fill(address, sizeof(*address));
	if (below(8)) {
		address->sun_family = AF_UNIX;
		strncpy(address->sun_path, below(2) ? "new" : some_path(), sizeof(address->sun_path));
	}
	return below(2) ? sizeof(*address) : below(sizeof(*address) + 1);
}

static void
socket_call(void)
{
	mach_port_t s = below(4) == 0 ? some_file() : ports[SOCKET + below(3)], made = MACH_PORT_NULL, other = MACH_PORT_NULL;
	uint32_t n = (uint32_t)number(), m = (uint32_t)number(), count = SOCK_DATA_MAX, size = SOCK_ADDRESS_MAX, length;
	static uint8_t data[SOCK_DATA_MAX], bytes[SOCK_ADDRESS_MAX];
	struct sockaddr_un address;

	length = some_address(&address);
	switch (below(12)) {
	case 0: sock_create(some_dir(), below(2) ? AF_UNIX : n, below(2) ? SOCK_STREAM : m, 0, n, &made); break;
	case 1: sock_pair(some_dir(), AF_UNIX, SOCK_STREAM, below(4) ? 0 : n, m, &made, &other); break;
	case 2: sock_bind(s, some_dir(), n, (uint8_t *)&address, length); break;
	case 3: sock_connect(s, some_dir(), (uint8_t *)&address, length); break;
	case 4: sock_listen(s, number()); break;
	case 5: sock_accept(s, n, &made, bytes, &size); break;
	case 6: sock_shutdown(s, below(4) ? n : below(3)); break;
	case 7: sock_send(s, n | MSG_DONTWAIT, (uint8_t *)&address, length, data, below(SOCK_DATA_MAX), &count); break;
	case 8: sock_receive(s, n | MSG_DONTWAIT, m, bytes, &size, data, &count, &n); break;
	case 9: sock_name(s, below(3), bytes, &size); break;
	case 10: sock_get_option(s, below(4) ? SOL_SOCKET : n, below(40), bytes, &size); break;
	case 11: sock_set_option(s, below(4) ? SOL_SOCKET : n, below(40), data, below(SOCK_VALUE_MAX)); break;
	}
	mach_port_deallocate(mach_task_self(), made);
	mach_port_deallocate(mach_task_self(), other);
}

static void
other_call(void)
{
	mach_port_t tty = below(4) ? ports[TERMINAL] : some_port(), got = MACH_PORT_NULL;
	struct bootstrap_unit_info unit;
	struct mem_statistics memory;
	struct tty_settings settings;
	struct blk_info disk;
	static uint8_t sector[512];
	uint32_t n = (uint32_t)number();
	int32_t a = number();
	void *ool;

	fill(&settings, sizeof(settings));
	switch (below(20)) {
	case 0: tty_get_settings(tty, &settings); break;
	case 1: tty_set_settings(tty, n, &settings); break;
	case 2: tty_set_foreground(tty, a); break;
	case 3: tty_get_foreground(tty, &a); break;
	case 4: tty_set_size(tty, n, (uint32_t)number()); break;
	case 5: tty_flush(tty, n); break;
	case 6: tty_drain(tty); break;
	case 7: tty_flow(tty, n); break;
	case 8: tty_available(tty, &n); break;
	case 9: tty_take(tty); break;
	case 10: tty_give_up(tty); break;
	case 11: mem_statistics(ports[MEMORY], &memory); break;
	case 12: blk_info(ports[DISK], &disk); break;
	case 13: if (blk_read(ports[DISK], draw(), n, &ool, &n) == 0) mig_free(ool, n); break;
	case 14: blk_write(ports[DISK], below(64), sector, below(2) ? 512 : below(512)); break;
	case 15: bootstrap_check_in(ports[NAMES], below(2) ? "fs" : some_path(), &got); break;
	case 16: bootstrap_get_grant(ports[NAMES], below(2) ? "host" : "device", &got); break;
	case 17: bootstrap_status(ports[NAMES], n, &unit); break;
	case 18: bootstrap_shutdown(ports[NAMES], n, a); break;
	case 19: if (mem_create_object(ports[MEMORY], draw(), &got) == 0) use_object(got); break;
	}
}

static void
any_message(void)
{
	static const int32_t first[] = { 3000, 3200, 3400, 3600, 3800, 4200, 4400, 0, 64, 2400, 4100 };
	mach_port_t to = ports[below(PORTS)];
	int32_t id = first[below(sizeof(first) / sizeof(first[0]))] + (int32_t)below(30);

	if (to != ports[TERMINAL] || id < 3400 || id >= 3500)
		wild_message(to, id, some_port());
}

/* --- victims --- */

static void
victim(unsigned calls)
{
	umask(0);
	chdir(OWN);
	get_ports();
	for (unsigned i = 0; i < calls; i++, ++*calls_made) {
		switch (below(9)) {
		case 0: case 1: name_call(); break;
		case 2: case 3: case 4: file_call(); break;
		case 5: other_call(); break;
		case 6: socket_call(); break;
		default: any_message(); break;
		}
	}
}

static void
make_places(void)
{
	int fd = open(KEPT, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	CHECK(fd >= 0);
	EQUAL(write(fd, SECRET, sizeof(SECRET)), sizeof(SECRET));
	close(fd);
	EQUAL(mkdir(OWN, 0777), 0);
	EQUAL(chown(OWN, WILD_USER, WILD_USER), 0);
	EQUAL(mkfifo(OWN "/fifo", 0666), 0);
	EQUAL(chown(OWN "/fifo", WILD_USER, WILD_USER), 0);
}

static void
others_are_left_alone(const struct stat *kept)
{
	char seen[sizeof(SECRET)];
	int fd = open(KEPT, O_RDONLY);
	struct stat now;

	CHECK(fd >= 0);
	EQUAL(read(fd, seen, sizeof(seen)), sizeof(SECRET));
	EQUAL(memcmp(seen, SECRET, sizeof(seen)), 0);
	EQUAL(fstat(fd, &now), 0);
	close(fd);
	EQUAL(now.st_mode, kept->st_mode);
	EQUAL(now.st_uid, 0);
	CHECK(now.st_nlink >= 1);		/* anybody may give a file one more name, in a directory of his own */
	EQUAL(now.st_mtime, kept->st_mtime);
}

static void
servers_go_on(void)
{
	char word[5] = "";
	int ends[2], fd = open(OWN "/after", O_RDWR | O_CREAT, 0600);

	CHECK(fd >= 0);
	EQUAL(write(fd, "word", 4), 4);
	EQUAL(fsync(fd), 0);
	EQUAL(pread(fd, word, 4, 0), 4);
	EQUAL(strcmp(word, "word"), 0);
	close(fd);
	EQUAL(pipe(ends), 0);
	EQUAL(write(ends[1], "word", 4), 4);
	EQUAL(read(ends[0], word, 4), 4);
	close(ends[0]);
	close(ends[1]);
}

static int
remove_one(const char *path, const struct stat *status, int kind, struct FTW *place)
{
	(void)status;
	(void)kind;
	(void)place;
	return remove(path);
}

static void
clean_up(void)
{
	EQUAL(nftw(OWN, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
	EQUAL(unlink(KEPT), 0);
	unlink("/tmp/wild");
}

/* The terminal is the victims', too: they may have stopped it or changed it in any way. */
static void
restore_terminal(const struct termios *before)
{
	tty_flow(startup_info->fds[1].port, TTY_OUTPUT_ON);
	tcsetattr(1, TCSANOW, before);
	EQUAL(tcsetpgrp(1, getpgrp()), 0);
	puts("");			/* behind control characters of theirs */
}

int
main(int argc, char **argv)
{
	unsigned victims = argc > 1 ? (unsigned)atoi(argv[1]) : 30;
	struct termios settings;
	struct stat kept;

	calls_made = mmap(NULL, sizeof(*calls_made), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(calls_made != MAP_FAILED);
	signal(SIGTTOU, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGWINCH, SIG_IGN);
	EQUAL(tcgetattr(1, &settings), 0);
	make_places();
	EQUAL(stat(KEPT, &kept), 0);
	wild_victims(victims, CALLS, victim);
	restore_terminal(&settings);
	others_are_left_alone(&kept);
	servers_go_on();
	clean_up();
	CHECK(*calls_made > victims * CALLS / 4);	/* else they die too soon to show anything */
	return check_report("wild_files");
}
