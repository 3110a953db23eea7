/*
 * Which port is which open file.
 *
 * Every open file has a port of its own in the server's port set; its last send right gone, it is
 * closed (no-senders). The service port stands for the root directory and never goes away. A
 * request uses a file between files_use and files_done; a file closed meanwhile lives until then.
 */
#ifndef FS_FILES_H
#define FS_FILES_H

#include "vfs/file.h"

#include <mach/types.h>

#define FILES_MAX 8192u			/* open at a time, all clients together */

/* A file in use by a request. */
struct open_file;

/* Purpose: start with an empty port set. Returns 0; EAGAIN when the kernel has none. */
int files_init(mach_port_t *set);

/*
 * Purpose: let a port we hold the receive right of stand for a file, for ever. Owns the file.
 * Returns 0; ENOMEM; EAGAIN.
 */
int files_add_permanent(struct file *file, mach_port_t port);

/*
 * Purpose: make a port for a file. The caller sends it to a client with MAKE_SEND.
 * Returns: 0, the file then belongs to the table; ENFILE; ENOMEM; EAGAIN when the kernel gives no
 * port.
 */
int files_add(struct file *file, mach_port_t *port);

/*
 * Returns the file of a port; NULL if it is none, or closed. Every use ends with files_done, which
 * accepts NULL.
 */
struct open_file *files_use(mach_port_t port);

/* Returns a number that only this file ever has, whatever names the kernel uses again; 0 for what is none. */
uint64_t files_serial(mach_port_t port);
void files_done(struct open_file *open);

struct file *files_file(struct open_file *open);

/* A socket has got a name in a file system, until it is closed. */
void files_has_name(struct open_file *open, const struct mount *mount);

/* The last send right of a port is gone. */
void files_no_senders(mach_port_t port, uint32_t mscount);

/*
 * Returns whether nobody has the file of a port any more, though its no-senders notification may still be on its way. One whose port was
 * never sent yet will have an owner soon.
 */
bool files_is_abandoned(mach_port_t port);

/*
 * Purpose: wait until the files of a file system that nobody has any more now are closed. (The record locks of a process that has died go
 * when its dead name comes.)
 * Conditions: one caller at a time; another thread of the server receives requests.
 */
void files_settle(const struct mount *mount);

#endif
