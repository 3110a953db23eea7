/*
 * Rights that a process has of others: every call on each of them, and what may come of it.
 */
#ifndef USER_TEST_RIGHTS_H
#define USER_TEST_RIGHTS_H

#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "check.h"
#include "copies.h"
#include "fs.h"
#include "io.h"
#include "mach/mach.h"
#include "mach/mig.h"
#include "mach/startup.h"
#include "proc.h"
#include <mach/task_info.h>
#include <mach/thread_status.h>
#include <mach/vm.h>

#define PRIVATE	"/rights-private"	/* user 1000 may read and write it, others nothing ... */
#define PUBLIC	"/rights-public"	/* ... or only read it */
#define CALL_MS	20			/* what has the other end of some ports never answers */

static volatile uint32_t word = 0x600d600d;	/* what others would like to change */

/* How many of the kernel's calls on tasks and threads do something. */
static inline int
kernel_calls(mach_port_t name)
{
	struct vm_region_info region = { 0 };
	struct vm_remap_args from = { .target = mach_task_self(), .flags = VM_FLAGS_ANYWHERE, .size = VM_PAGE_SIZE, .source = name,
		.source_address = vm_page_trunc((uintptr_t)&word), .inheritance = VM_INHERIT_SHARE }, to = from;
	vm_address_t memory = 0, data = 0, at = (uintptr_t)&word;
	uint32_t value = 0, size = sizeof(struct thread_state), count = 4, type;
	struct thread_state state = { 0 };
	struct thread_info thread;
	struct task_info task;
	mach_port_t port = MACH_PORT_NULL, ports[4];
	int done = 0;

	to.source = mach_task_self();
	to.target = name;
	const kern_return_t results[] = {
		task_info(name, &task), task_threads(name, ports, &count), task_get_special_port(name, TASK_KERNEL_PORT, &port),
		task_set_special_port(name, TASK_EXCEPTION_PORT, MACH_PORT_NULL), task_suspend(name), task_resume(name),
		task_create(name, TASK_INHERIT_MEMORY | TASK_INHERIT_RIGHTS, &port), thread_create(name, &port),
		mach_port_allocate(name, MACH_PORT_RIGHT_RECEIVE, &port),
		mach_port_extract_right(name, startup_info->proc, MACH_MSG_TYPE_COPY_SEND, &port, &type),
		mach_port_insert_right(name, 0x7000, startup_info->root, MACH_MSG_TYPE_COPY_SEND),
		mach_port_deallocate(name, startup_info->root), vm_region(name, &region),
		vm_allocate(name, &memory, VM_PAGE_SIZE, VM_FLAGS_ANYWHERE), vm_read(name, at, sizeof(value), &data),
		vm_write(name, at, (uintptr_t)&value, sizeof(value)),
		vm_protect(name, vm_page_trunc(at), VM_PAGE_SIZE, 0, VM_PROT_ALL),
		vm_deallocate(name, vm_page_trunc(at), VM_PAGE_SIZE), vm_remap(&from), vm_remap(&to), thread_info(name, &thread),
		thread_get_state(name, THREAD_STATE_GENERAL, &state, &size), thread_suspend(name), thread_resume(name),
		thread_abort(name), thread_set_state(name, THREAD_STATE_GENERAL, &state, sizeof(state)),
		thread_set_exception_port(name, MACH_PORT_NULL), thread_terminate(name), task_terminate(name),
	};

	for (unsigned i = 0; i < sizeof(results) / sizeof(results[0]); i++)
		done += results[i] == KERN_SUCCESS;
	return done;
}

/* How many of the process server's calls do something for another than this process. */
static inline int
proc_calls(mach_port_t name)
{
	struct proc_ids ids = { 0, 0, 0, 0, 0, 0 };
	struct proc_limit limit = { 0, 0 };
	struct proc_start start = { 0 };
	int32_t pid = 0, parent, own = getpid();
	int done = 0;

	if (proc_self(name, &pid, &parent) == KERN_SUCCESS && pid == own)
		return 0;
	const kern_return_t results[] = {
		proc_self(name, &pid, &parent), proc_get_ids(name, &ids), proc_set_ids(name, &ids), proc_set_groups(name, NULL, 0),
		proc_kill(name, own, 0), proc_limit(name, PROC_LIMIT_CORE, 1, &limit, &limit), proc_set_session(name, &pid),
		proc_fork(name, &start, 0, &pid), proc_exit(name, 0),
	};

	for (unsigned i = 0; i < sizeof(results) / sizeof(results[0]); i++)
		done += results[i] == KERN_SUCCESS;
	return done;
}

static inline bool
is_own_thread(mach_port_t name)
{
	mach_port_t threads[16];
	uint32_t count = 16;
	bool found = false;

	EQUAL(task_threads(mach_task_self(), threads, &count), KERN_SUCCESS);
	for (uint32_t i = 0; i < count && i < 16; i++) {
		found |= threads[i] == name;
		port_drop(threads[i]);
	}
	return found;
}

/* Nothing in this task's name space is somebody else's task, thread or process. */
static inline void
no_right_is_anothers(void)
{
	static mach_port_t names[1024];
	static mach_port_type_t types[1024];
	uint32_t count = 1024, tried = 0;

	EQUAL(mach_port_names(mach_task_self(), names, types, &count), KERN_SUCCESS);
	CHECK(count <= 1024);
	mig_set_timeout(CALL_MS);
	for (uint32_t i = 0; i < count && i < 1024; i++) {
		if ((types[i] & (MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_DEAD_NAME)) == 0 || is_own_thread(names[i]))
			continue;
		EQUAL(kernel_calls(names[i]), 0);
		EQUAL(proc_calls(names[i]), 0);
		tried++;
	}
	mig_set_timeout(0);
	CHECK(tried > 4);
}

/* A file that is open for reading, of another user, stays what it was. */
static inline void
no_more_than_reading(mach_port_t file)
{
	struct vm_map_args args = { .target = mach_task_self(), .flags = VM_FLAGS_ANYWHERE, .size = VM_PAGE_SIZE,
		.cur_protection = VM_PROT_READ | VM_PROT_WRITE, .max_protection = VM_PROT_ALL, .inheritance = VM_INHERIT_SHARE };
	struct io_times times = { .atime = 1, .mtime = 1 };
	uint32_t count = 0;
	char text[8];

	count = sizeof(text);
	EQUAL(io_read(file, 0, 3, text, &count), 0);
	CHECK(count == 3 && memcmp(text, "old", 3) == 0);
	EQUAL(io_write(file, 0, "new", 3, &count), EBADF);
	EQUAL(io_write_ool(file, 0, "new", 3, &count), EBADF);
	CHECK(io_truncate(file, 0) != 0);
	EQUAL(io_chmod(file, 0666), EPERM);
	EQUAL(io_chown(file, 1001, 101), EPERM);
	EQUAL(io_utimens(file, &times), EPERM);
	EQUAL(io_map(file, &args.object), 0);
	EQUAL(vm_map(&args), KERN_PROTECTION_FAILURE);
	port_drop(args.object);
}

/* A directory port opens what its user may open, not what its first holder might. */
static inline void
no_more_than_own_files(mach_port_t directory)
{
	struct io_stat info;
	mach_port_t port;

	EQUAL(fs_open(directory, PRIVATE, IO_O_RDONLY, 0, &port, &info), EACCES);
	EQUAL(fs_open(directory, PUBLIC, IO_O_WRONLY, 0, &port, &info), EACCES);
	EQUAL(fs_chmod(directory, PRIVATE, 0666, 0), EPERM);
	EQUAL(fs_chown(directory, PUBLIC, 1001, IO_ID_KEEP, 0), EPERM);
	EQUAL(fs_unlink(directory, PRIVATE, 0), EACCES);
	EQUAL(fs_chroot(directory, "/", &port), EPERM);
	EQUAL(fs_mount(directory, "/tmp", "tmpfs", "", 0), EPERM);
}

/* --- what there is to have rights to --- */

static inline void
rights_files(void)
{
	const char *paths[] = { PRIVATE, PUBLIC };

	for (int i = 0; i < 2; i++) {
		int fd = open(paths[i], O_WRONLY | O_CREAT | O_TRUNC, 0600);

		EQUAL(write(fd, "old", 3), 3);
		close(fd);
		set_owner(paths[i], i == 0 ? 0600 : 0644);
	}
}

static int public_file, ends[2], terminal, slave;

/* A descriptor of each kind, all of them asked for events. */
static inline void
open_everything(void)
{
	struct pollfd polled[3];

	public_file = open(PUBLIC, O_RDONLY);
	EQUAL(pipe(ends), 0);
	terminal = posix_openpt(O_RDWR | O_NOCTTY);
	EQUAL(grantpt(terminal), 0);
	EQUAL(unlockpt(terminal), 0);
	slave = open(ptsname(terminal), O_RDWR | O_NOCTTY);
	CHECK(public_file >= 0 && terminal >= 0 && slave >= 0);
	for (int i = 0; i < 3; i++)
		polled[i] = (struct pollfd){ .fd = i == 0 ? ends[0] : i == 1 ? terminal : slave, .events = POLLIN };
	EQUAL(poll(polled, 3, 1), 0);
}

#endif
