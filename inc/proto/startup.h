/*
 * The start-up page: what a new program is given besides argc, argv and the environment. Its address is the auxiliary vector's entry
 * AT_MACH_STARTUP; the page is private to the process. Servers and programs get the same page; what does not apply is NULL or 0.
 */
#ifndef PROTO_STARTUP_H
#define PROTO_STARTUP_H

#include <mach/types.h>

#define AT_MACH_STARTUP		0x4d52		/* this system's own; out of the range of the System V ABI's numbers */
#define STARTUP_MAGIC		0x6d52u
#define STARTUP_FDS_MAX		256

struct startup_fd {
	mach_port_t port;		/* MACH_PORT_NULL: closed */
	uint32_t flags;			/* STARTUP_FD_TTY ... */
};

#define STARTUP_FD_TTY	1u

#define STARTUP_LOCKS	1u		/* the process has had record locks of files before it became this program */

/*
 * What a process keeps when it becomes another program (proc_exec), and what a child it starts gets (proc_spawn): names in the caller's
 * space, whose rights cross to the new task; nothing else does. The descriptors come beside it, as an array that is indexed by descriptor:
 * one that is closed, or to be closed by exec, is MACH_PORT_NULL there. The new image finds all of it in its start-up page.
 */
struct startup_kept {
	mach_port_t root, cwd;		/* MACH_PORT_NULL root: the system's; NULL cwd: the root */
	uint32_t umask;
	uint32_t flags;			/* STARTUP_LOCKS */
	uint64_t signals_ignored;	/* sets of signals: bit n - 1 is signal n */
	uint64_t signals_blocked;	/* the first thread's mask */
};

struct startup_page {
	uint32_t magic;
	uint32_t size;			/* bytes of this structure */
	mach_port_t bootstrap;		/* look-ups; a server's own bootstrap port */
	mach_port_t proc;		/* the process's own proc port */
	mach_port_t root;		/* root directory */
	mach_port_t cwd;		/* working directory */
	int32_t pid;			/* of what init starts; others have it in their signal page */
	uint32_t umask;
	vm_address_t archive;		/* boot archive, read-only (task 1, and the rescue shell), or 0 */
	vm_size_t archive_size;		/* bytes */
	mach_port_t host;		/* task 1 only: privileged host port */
	mach_port_t device;		/* task 1 only: device master port */
	mach_port_t console;		/* task 1 only: console port */
	uint32_t flags;			/* STARTUP_LOCKS */
	vm_address_t signal_page;	/* <proto/signal_page.h>, or 0 */
	uint32_t fd_count;
	struct startup_fd fds[STARTUP_FDS_MAX];
};

_Static_assert(sizeof(struct startup_page) <= 4096, "one page");

#endif
