/*
 * Files mapped into memory, against POSIX.1-2017: shared and private mappings, what of them read() and write() see, the end of the file,
 * protection, msync. Works in a folder of its own in the working directory, or in the one that is named.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <setjmp.h>
#include <stddef.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "io.h"
#include "mach/mach.h"
#include "mach/mig.h"
#include "posix/posix.h"

#include <mach/memory_object.h>
#include <mach/task_info.h>

#define PAGE	4096

static char buffer[4 * PAGE];

/* A new file whose page n is filled with letter 'a' + n. */
static int
new_file(const char *name, size_t size)
{
	int fd = open(name, O_CREAT | O_RDWR | O_TRUNC, 0644);

	for (size_t at = 0; at < size; at++)
		buffer[at % sizeof(buffer)] = (char)('a' + at / PAGE % 26);
	EQUAL(write(fd, buffer, size), (ssize_t)size);
	return fd;
}

static char *
map(int fd, size_t size, int protection, int flags)
{
	char *p = mmap(NULL, size, protection, flags, fd, 0);

	CHECK(p != MAP_FAILED);
	return p;
}

/* --- faults --- */

static sigjmp_buf place;
static volatile sig_atomic_t caught;
static void *volatile where;

static void
handler(int signal, siginfo_t *info, void *context)
{
	(void)context;
	caught = signal;
	where = info->si_addr;
	siglongjmp(place, 1);
}

/* The signal that a load, or a store, of a byte raises; 0: none. */
static int
touch(volatile char *p, int store)
{
	caught = 0;
	if (sigsetjmp(place, 1) == 0) {
		if (store)
			*p = 'T';
		else
			(void)*p;
	}
	return caught;
}

static void
catch_faults(void)
{
	struct sigaction action = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO };

	EQUAL(sigaction(SIGBUS, &action, NULL), 0);
	EQUAL(sigaction(SIGSEGV, &action, NULL), 0);
}

/* --- tests --- */

static void
shared_is_the_file(void)
{
	int fd = new_file("shared", 3 * PAGE), other = open("shared", O_RDWR);
	char *p = map(fd, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED), c[8];
	char *q = map(other, 3 * PAGE, PROT_READ, MAP_SHARED);

	CHECK(p[0] == 'a' && p[PAGE] == 'b' && p[3 * PAGE - 1] == 'c');
	/* store, then read */
	memcpy(p + PAGE - 2, "1234", 4);
	EQUAL(pread(other, c, 6, PAGE - 3), 6);
	EQUAL(memcmp(c, "a1234b", 6), 0);
	EQUAL(memcmp(q + PAGE - 3, "a1234b", 6), 0);
	/* write, then load */
	EQUAL(pwrite(other, "WXYZ", 4, PAGE - 2), 4);
	EQUAL(memcmp(p + PAGE - 3, "aWXYZb", 6), 0);
	EQUAL(memcmp(q + PAGE - 3, "aWXYZb", 6), 0);
	/* one after the other on one page */
	for (int i = 0; i < 20; i++) {
		p[i] = (char)('A' + i);
		EQUAL(pwrite(fd, "+", 1, 100 + i), 1);
		EQUAL(pread(other, c, 1, i), 1);
		EQUAL(c[0], 'A' + i);
		EQUAL(p[100 + i], '+');
	}
	EQUAL(close(fd), 0);
	p[5] = '!';
	EQUAL(pread(other, c, 1, 5), 1);
	EQUAL(c[0], '!');
	EQUAL(munmap(p, 3 * PAGE), 0);
	p = map(other, 3 * PAGE, PROT_READ, MAP_SHARED);
	EQUAL(p[5], '!');
	EQUAL(munmap(p, 3 * PAGE), 0);
	EQUAL(munmap(q, 3 * PAGE), 0);
	EQUAL(close(other), 0);
}

static void
other_processes_see_it(void)
{
	int fd = new_file("processes", PAGE), there[2], back[2], status = -1;
	char *p = map(fd, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED), c[4];
	pid_t child;

	EQUAL(pipe(there), 0);
	EQUAL(pipe(back), 0);
	child = fork();
	if (child == 0) {
		int own = open("processes", O_RDWR), bad = 0;

		for (int i = 0; i < 50; i++) {
			bad |= read(there[0], c, 1) != 1;
			bad |= pread(own, c, 2, i) != 2 || c[0] != (char)('0' + i);
			bad |= pwrite(own, "w", 1, 1000 + i) != 1;
			p[2000 + i] = (char)i;
			bad |= write(back[1], "x", 1) != 1;
		}
		_exit(bad);
	}
	for (int i = 0; i < 50; i++) {
		p[i] = (char)('0' + i);
		EQUAL(write(there[1], "x", 1), 1);
		EQUAL(read(back[0], c, 1), 1);
		EQUAL(p[1000 + i], 'w');
		EQUAL(pread(fd, c, 1, 2000 + i), 1);
		EQUAL(c[0], (char)i);
	}
	EQUAL(waitpid(child, &status, 0), child);
	EQUAL(status, 0);
	for (int i = 0; i < 2; i++) {
		close(there[i]);
		close(back[i]);
	}
	EQUAL(munmap(p, PAGE), 0);
	close(fd);
}

static void
private_is_a_copy_from_the_first_write(void)
{
	int fd = new_file("private", 2 * PAGE);
	char *p = map(fd, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE), c;

	EQUAL(p[0], 'a');
	EQUAL(pwrite(fd, "1", 1, 0), 1);
	EQUAL(p[0], '1');
	p[1] = 'p';
	EQUAL(pwrite(fd, "2", 1, 0), 1);
	EQUAL(p[0], '1');
	EQUAL(pread(fd, &c, 1, 1), 1);
	EQUAL(c, 'a');
	EQUAL(pwrite(fd, "3", 1, PAGE), 1);
	EQUAL(p[PAGE], '3');
	EQUAL(munmap(p, 2 * PAGE), 0);
	close(fd);
}

static void
rights_of_the_descriptor_count(void)
{
	int fd = new_file("rights", PAGE), reader, writer;
	char *p;

	close(fd);
	reader = open("rights", O_RDONLY);
	writer = open("rights", O_WRONLY);
	CHECK(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, writer, 0) == MAP_FAILED && errno == EACCES);
	CHECK(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, writer, 0) == MAP_FAILED && errno == EACCES);
	CHECK(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, reader, 0) == MAP_FAILED && errno == EACCES);
	p = map(reader, PAGE, PROT_READ, MAP_SHARED);
	FAILS(mprotect(p, PAGE, PROT_READ | PROT_WRITE), EACCES);
	EQUAL(touch(p, 0), 0);
	EQUAL(touch(p, 1), SIGSEGV);
	CHECK(where == p);
	EQUAL(p[0], 'a');
	EQUAL(munmap(p, PAGE), 0);
	p = map(reader, PAGE, PROT_READ, MAP_PRIVATE);
	EQUAL(mprotect(p, PAGE, PROT_READ | PROT_WRITE), 0);
	p[0] = 'x';
	EQUAL(pread(reader, buffer, 1, 0), 1);
	EQUAL(buffer[0], 'a');
	EQUAL(munmap(p, PAGE), 0);
	close(reader);
	close(writer);
}

/* A task that has inherited the mapping, shared. */
static void
another_task_gets_no_more(vm_address_t address)
{
	struct vm_remap_args back = { .target = mach_task_self(), .flags = VM_FLAGS_ANYWHERE, .size = PAGE, .source_address = address,
		.inheritance = VM_INHERIT_SHARE };
	static char letters[PAGE] __attribute__((aligned(PAGE)));
	task_t task;

	EQUAL(vm_inherit(mach_task_self(), address, PAGE, VM_INHERIT_SHARE), KERN_SUCCESS);
	EQUAL(task_create(mach_task_self(), TASK_INHERIT_MEMORY, &task), KERN_SUCCESS);
	EQUAL(vm_protect(task, address, PAGE, 0, VM_PROT_READ | VM_PROT_WRITE), KERN_PROTECTION_FAILURE);
	EQUAL(vm_write(task, address, (vm_address_t)letters, PAGE), KERN_PROTECTION_FAILURE);
	back.source = task;
	EQUAL(vm_remap(&back), KERN_SUCCESS);
	EQUAL(back.max_protection & VM_PROT_WRITE, 0);
	EQUAL(vm_protect(mach_task_self(), back.address, PAGE, 0, VM_PROT_READ | VM_PROT_WRITE), KERN_PROTECTION_FAILURE);
	EQUAL(vm_deallocate(mach_task_self(), back.address, PAGE), KERN_SUCCESS);
	EQUAL(task_terminate(task), KERN_SUCCESS);
	port_drop(task);
}

/* What is received out of line, of a page that was sent. */
static vm_address_t
sent(vm_address_t address)
{
	struct {
		mach_msg_header_t head;
		mach_msg_ool_descriptor_t memory;
		mach_msg_trailer_t trailer;
	} message = { .head = { .msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_MAKE_SEND, 0) | MACH_MSGH_BITS_COMPLEX,
		.msgh_descriptor_count = 1 } };
	mach_port_t port;

	EQUAL(port_create(false, &port), KERN_SUCCESS);
	message.head.msgh_remote_port = port;
	mig_put_ool(&message.memory, (void *)address, PAGE, false);
	EQUAL(mach_msg(&message.head, MACH_SEND_MSG | MACH_RCV_MSG, offsetof(typeof(message), trailer), sizeof(message), port, 0,
		      MACH_PORT_NULL), MACH_MSG_SUCCESS);
	port_drop_receive(port);
	return message.memory.address;
}

/* A remapped copy has the mapping's own limit. The others may be written, and nothing of it arrives in the file. */
static void
copies_are_not_the_file(vm_address_t address)
{
	struct vm_remap_args remap = { .target = mach_task_self(), .flags = VM_FLAGS_ANYWHERE, .size = PAGE, .source = mach_task_self(),
		.source_address = address, .copy = 1, .inheritance = VM_INHERIT_SHARE };
	vm_address_t copies[3] = { sent(address) };

	EQUAL(vm_remap(&remap), KERN_SUCCESS);
	EQUAL(vm_protect(mach_task_self(), remap.address, PAGE, 0, VM_PROT_READ | VM_PROT_WRITE), KERN_PROTECTION_FAILURE);
	EQUAL(vm_deallocate(mach_task_self(), remap.address, PAGE), KERN_SUCCESS);
	EQUAL(vm_read(mach_task_self(), address, PAGE, &copies[1]), KERN_SUCCESS);
	EQUAL(vm_allocate(mach_task_self(), &copies[2], PAGE, VM_FLAGS_ANYWHERE), KERN_SUCCESS);
	EQUAL(vm_copy(mach_task_self(), address, PAGE, copies[2]), KERN_SUCCESS);
	for (int i = 0; i < 3; i++) {
		EQUAL(vm_protect(mach_task_self(), copies[i], PAGE, 0, VM_PROT_READ | VM_PROT_WRITE), KERN_SUCCESS);
		EQUAL(*(char *)copies[i], 'a');
		memset((void *)copies[i], 'z', PAGE);
		EQUAL(*(char *)address, 'a');
		EQUAL(vm_deallocate(mach_task_self(), copies[i], PAGE), KERN_SUCCESS);
	}
}

/* No call of the kernel gives more than the descriptor did: neither on the memory object, nor on what is mapped of it. */
static void
kernel_calls_give_no_more(void)
{
	int fd = new_file("more", PAGE), reader = open("more", O_RDONLY);
	struct vm_map_args args = { .target = mach_task_self(), .flags = VM_FLAGS_ANYWHERE, .size = PAGE,
		.cur_protection = VM_PROT_READ, .max_protection = VM_PROT_ALL, .inheritance = VM_INHERIT_SHARE };
	struct vm_remap_args again = { .target = mach_task_self(), .flags = VM_FLAGS_ANYWHERE, .size = PAGE,
		.source = mach_task_self(), .inheritance = VM_INHERIT_SHARE };
	static char letters[PAGE] __attribute__((aligned(PAGE)));
	mach_port_t object, more;
	vm_size_t done = 0;

	EQUAL(io_map(fd_port(reader), &object), KERN_SUCCESS);
	args.object = object;
	args.cur_protection = VM_PROT_READ | VM_PROT_WRITE;
	EQUAL(vm_map(&args), KERN_PROTECTION_FAILURE);
	args.cur_protection = VM_PROT_READ;
	EQUAL(vm_map(&args), KERN_SUCCESS);
	EQUAL(vm_protect(mach_task_self(), args.address, PAGE, 1, VM_PROT_ALL), KERN_PROTECTION_FAILURE);
	EQUAL(vm_protect(mach_task_self(), args.address, PAGE, 0, VM_PROT_READ | VM_PROT_WRITE), KERN_PROTECTION_FAILURE);
	EQUAL(vm_write(mach_task_self(), args.address, (vm_address_t)letters, PAGE), KERN_PROTECTION_FAILURE);
	EQUAL(vm_copy(mach_task_self(), (vm_address_t)letters, PAGE, args.address), KERN_PROTECTION_FAILURE);
	again.source_address = args.address;
	EQUAL(vm_remap(&again), KERN_SUCCESS);
	EQUAL(again.max_protection & VM_PROT_WRITE, 0);
	EQUAL(vm_protect(mach_task_self(), again.address, PAGE, 0, VM_PROT_READ | VM_PROT_WRITE), KERN_PROTECTION_FAILURE);
	/* It is no control port. */
	EQUAL(memory_object_copy(object, 0, (vm_address_t)letters, PAGE, MEMORY_OBJECT_COPY_IN, &done), KERN_INVALID_ARGUMENT);
	EQUAL(memory_object_data_supply(object, 0, (vm_address_t)letters, PAGE, 0), KERN_INVALID_ARGUMENT);
	EQUAL(memory_object_lock_request(object, 0, PAGE, MEMORY_OBJECT_FLUSH, 0, MACH_PORT_NULL), KERN_INVALID_ARGUMENT);
	EQUAL(memory_object_ready(object, 1, MEMORY_OBJECT_COPY_NONE), KERN_INVALID_ARGUMENT);
	EQUAL(memory_object_data_unavailable(object, 0, PAGE), KERN_INVALID_ARGUMENT);
	EQUAL(memory_object_data_error(object, 0, PAGE, KERN_FAILURE), KERN_INVALID_ARGUMENT);
	EQUAL(memory_object_destroy(object, KERN_FAILURE), KERN_INVALID_ARGUMENT);
	EQUAL(memory_object_proxy(object, VM_PROT_ALL, 0, PAGE, &more), KERN_INVALID_ARGUMENT);
	another_task_gets_no_more(args.address);
	copies_are_not_the_file(args.address);
	EQUAL(pread(fd, buffer, PAGE, 0), PAGE);
	CHECK(buffer[0] == 'a' && buffer[PAGE - 1] == 'a');
	EQUAL(vm_deallocate(mach_task_self(), args.address, PAGE), KERN_SUCCESS);
	EQUAL(vm_deallocate(mach_task_self(), again.address, PAGE), KERN_SUCCESS);
	port_drop(object);
	close(reader);
	close(fd);
}

static void
end_of_file(void)
{
	int fd = new_file("end", PAGE + 100);
	char *p = map(fd, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED), c[4] = "";

	EQUAL(p[PAGE + 99], 'b');
	EQUAL(p[PAGE + 100], 0);
	EQUAL(p[2 * PAGE - 1], 0);
	EQUAL(touch(p + 2 * PAGE, 0), SIGBUS);
	CHECK(where == p + 2 * PAGE);
	EQUAL(touch(p + 3 * PAGE, 1), SIGBUS);
	/* What is stored past the end is not the file's. */
	p[PAGE + 101] = 'z';
	EQUAL(pread(fd, c, 4, PAGE + 98), 2);
	EQUAL(ftruncate(fd, PAGE + 200), 0);
	EQUAL(pread(fd, c, 4, PAGE + 99), 4);
	EQUAL(memcmp(c, "b\0\0\0", 4), 0);
	EQUAL(p[PAGE + 101], 0);
	/* It grows. */
	p[PAGE + 250] = 'z';
	EQUAL(pwrite(fd, "g", 1, 2 * PAGE + 5), 1);
	EQUAL(p[2 * PAGE + 5], 'g');
	EQUAL(p[2 * PAGE + 4], 0);
	EQUAL(p[PAGE + 250], 0);
	EQUAL(touch(p + 3 * PAGE, 0), SIGBUS);
	/* It shrinks. */
	p[2 * PAGE] = 'y';
	p[10] = 'k';
	EQUAL(ftruncate(fd, 20), 0);
	EQUAL(touch(p + 2 * PAGE, 0), SIGBUS);
	EQUAL(touch(p + PAGE, 1), SIGBUS);
	EQUAL(p[10], 'k');
	EQUAL(p[20], 0);
	EQUAL(ftruncate(fd, 3 * PAGE), 0);
	EQUAL(p[2 * PAGE], 0);
	EQUAL(p[20], 0);
	EQUAL(munmap(p, 4 * PAGE), 0);
	close(fd);
}

static void
holes(void)
{
	int fd = open("holes", O_CREAT | O_RDWR | O_TRUNC, 0644);
	struct stat before, after;
	char *p, c[3];

	EQUAL(ftruncate(fd, 64 * PAGE), 0);
	p = map(fd, 64 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED);
	for (int i = 0; i < 64; i++)
		EQUAL(p[i * PAGE], 0);
	EQUAL(fstat(fd, &before), 0);
	EQUAL(before.st_blocks, 0);
	p[40 * PAGE + 1] = 'h';
	EQUAL(pread(fd, c, 3, 40 * PAGE), 3);
	EQUAL(memcmp(c, "\0h\0", 3), 0);
	EQUAL(fstat(fd, &after), 0);
	CHECK(after.st_blocks > 0 && after.st_blocks <= 64);
	EQUAL(munmap(p, 64 * PAGE), 0);
	close(fd);
}

static void
times_of_stores(void)
{
	int fd = new_file("times", PAGE);
	struct timespec old[2] = { { 1000, 0 }, { 1000, 0 } };
	char *p = map(fd, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED);
	struct stat st;

	EQUAL(futimens(fd, old), 0);
	p[0] = 't';
	EQUAL(msync(p, PAGE, MS_SYNC), 0);
	EQUAL(fstat(fd, &st), 0);
	CHECK(st.st_mtime > 1000);
	EQUAL(munmap(p, PAGE), 0);
	close(fd);
}

static void
pieces_and_syncing(void)
{
	int fd = new_file("pieces", 4 * PAGE);
	char *p = map(fd, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED), c;

	EQUAL(munmap(p + PAGE, PAGE), 0);
	p[0] = p[2 * PAGE] = p[3 * PAGE] = 's';
	FAILS(msync(p, 4 * PAGE, MS_SYNC), ENOMEM);
	EQUAL(msync(p, PAGE, MS_SYNC), 0);
	EQUAL(msync(p + 2 * PAGE, 2 * PAGE, MS_SYNC | MS_INVALIDATE), 0);
	EQUAL(msync(p + 2 * PAGE, PAGE, MS_ASYNC), 0);
	FAILS(msync(p + 1, PAGE, MS_SYNC), EINVAL);
	FAILS(msync(p, PAGE, MS_SYNC | MS_ASYNC), EINVAL);
	EQUAL(pread(fd, &c, 1, 3 * PAGE), 1);
	EQUAL(c, 's');
	/* Memory of another kind takes the place of a piece. */
	CHECK(mmap(p + 2 * PAGE, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == p + 2 * PAGE);
	EQUAL(p[2 * PAGE], 0);
	EQUAL(p[3 * PAGE], 's');
	EQUAL(msync(p + 2 * PAGE, 2 * PAGE, MS_SYNC), 0);
	/* A piece of the file at another place. */
	CHECK(mmap(p, PAGE, PROT_READ, MAP_SHARED | MAP_FIXED, fd, 3 * PAGE) == p);
	EQUAL(p[0], 's');
	((volatile char *)p)[3 * PAGE + 1] = 'u';	/* the compiler does not know that it is p[1] too */
	EQUAL(((volatile char *)p)[1], 'u');
	EQUAL(munmap(p, 4 * PAGE), 0);
	close(fd);
}

static void
removed_files_live_on(void)
{
	int fd = new_file("removed", 2 * PAGE);
	char *p = map(fd, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED);

	p[0] = 'r';
	EQUAL(unlink("removed"), 0);
	EQUAL(close(fd), 0);
	EQUAL(p[0], 'r');
	EQUAL(p[PAGE], 'b');
	p[PAGE] = 'q';
	EQUAL(munmap(p, 2 * PAGE), 0);
	fd = new_file("removed", PAGE);
	p = map(fd, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED);
	EQUAL(p[0], 'a');
	EQUAL(rename("private", "removed"), 0);
	p[0] = 'n';
	EQUAL(pread(fd, buffer, 1, 0), 1);
	EQUAL(buffer[0], 'n');
	EQUAL(munmap(p, PAGE), 0);
	close(fd);
}

static void
what_cannot_be_mapped(void)
{
	int fd = new_file("cannot", PAGE), ends[2], folder = open(".", O_RDONLY | O_DIRECTORY);

	EQUAL(pipe(ends), 0);
	CHECK(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, 99, 0) == MAP_FAILED && errno == EBADF);
	CHECK(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 100) == MAP_FAILED && errno == EINVAL);
	CHECK(mmap(NULL, 0, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED && errno == EINVAL);
	CHECK(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, INT64_MAX & ~4095ll) == MAP_FAILED && errno == EOVERFLOW);
	CHECK(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, ends[0], 0) == MAP_FAILED && errno == ENODEV);
	CHECK(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, folder, 0) == MAP_FAILED && errno == ENODEV);
	close(ends[0]);
	close(ends[1]);
	close(folder);
	close(fd);
}

/* read() into the mapping of the file that is read, write() from it, at once and both ways. */
static void
system_calls_with_mapped_buffers(void)
{
	int fd = new_file("buffers", 3 * PAGE);
	char *p = map(fd, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED);

	EQUAL(pread(fd, p + 2 * PAGE, PAGE, 0), PAGE);
	EQUAL(p[2 * PAGE], 'a');
	EQUAL(pwrite(fd, p + PAGE, PAGE, 0), PAGE);
	EQUAL(p[0], 'b');
	EQUAL(pread(fd, buffer, 3 * PAGE, 0), 3 * PAGE);
	CHECK(buffer[0] == 'b' && buffer[PAGE] == 'b' && buffer[2 * PAGE] == 'a' && buffer[3 * PAGE - 1] == 'a');
	EQUAL(munmap(p, 3 * PAGE), 0);
	close(fd);
}

static void
all(void)
{
	shared_is_the_file();
	other_processes_see_it();
	private_is_a_copy_from_the_first_write();
	rights_of_the_descriptor_count();
	kernel_calls_give_no_more();
	end_of_file();
	holes();
	times_of_stores();
	pieces_and_syncing();
	removed_files_live_on();
	what_cannot_be_mapped();
	system_calls_with_mapped_buffers();
}

int
main(int argc, char **argv)
{
	char folder[] = "mmap-XXXXXX";

	if (argc > 1)
		EQUAL(chdir(argv[1]), 0);
	CHECK(mkdtemp(folder) != NULL);
	EQUAL(chdir(folder), 0);
	catch_faults();
	all();
	return check_report("mmap");
}
