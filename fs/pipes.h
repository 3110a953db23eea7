/*
 * Pipes and FIFOs as open files: which ends there are, and requests that wait as reply rights.
 *
 * An end is an open file of its own. An end whose last send right is gone counts as closed from that moment, also if the kernel's notification
 * is still on its way: before EOF, EAGAIN or EPIPE is decided, or whom an open meets, the kernel is asked.
 *
 * One lock guards all of it; it is taken after vnode locks and before the table of open files (files.c), and held over no request
 * to others.
 */
#ifndef FS_PIPES_H
#define FS_PIPES_H

#include "files.h"

#include "mach/mig.h"

#include <proto/types.h>

#define PIPES_MAX	1024u		/* pipes, open FIFOs and directions of connections, all clients together */
#define PIPES_KEPT	64u		/* of them, for user 0 alone */
#define WAITS_MAX	4096u		/* requests that wait */
#define WAITS_SHARE	256u		/* of them, of one client */

/* Purpose: start. dev: st_dev of pipes; `port`: where the kernel shall tell of dead reply rights. Returns 0; an error of vfs. */
int pipes_init(uint64_t dev, mach_port_t port);

/* fs_pipe. Returns 0; ENFILE; ENOMEM. */
int pipes_create(const struct mig_request *rq, uint32_t flags, mach_port_t *reader, mach_port_t *writer);

/*
 * Purpose: give a client the FIFO it opened; owns the file. Waits for the other side as POSIX says.
 * Returns: 0 and the port, to be sent with MAKE_SEND; MIG_NO_REPLY: fs_open is answered later; ENXIO: nobody reads; ENFILE; ENOMEM.
 */
kern_return_t pipes_open(const struct mig_request *rq, struct file *file, const struct io_stat *info, mach_port_t *port);

/* The file goes away. Does nothing for other files. */
void pipes_close(struct file *file);

/* A transfer, as io.defs has it. `ool`: with memory of its own, which the pipe owns if the result is 0 or MIG_NO_REPLY. */
kern_return_t pipes_read(const struct mig_request *rq, struct file *file, void *data, uint32_t *count);
kern_return_t pipes_read_ool(const struct mig_request *rq, struct file *file, uint32_t size, void **data, uint32_t *count);
kern_return_t pipes_write(const struct mig_request *rq, struct file *file, const void *data, uint32_t size, bool ool,
	uint32_t *written);

/* As io_poll. */
kern_return_t pipes_poll(const struct mig_request *rq, struct file *file, uint32_t events, uint32_t key, mach_port_t waiter,
	uint32_t *happened);

/* Ends the waits of a client at this file (NULL: its opens). */
void pipes_interrupt(struct file *file, uint32_t label);

/*
 * Purpose: set the times of a FIFO that was read or written, before somebody looks at them or sets them (POSIX, XBD 4.9: transfers
 * only mark them for that). Does nothing for other files. Conditions: the vnode is not locked. Returns 0; OS_LATER.
 */
int pipes_update_times(struct vnode *vn);

/* Purpose: set the times of FIFOs that were closed when nobody could. Conditions: the caller may wait. */
void pipes_errands(void);

/* What is special about the status of an end. */
void pipes_stat(struct file *file, struct io_stat *info);

/* A reply right died with its client. */
void pipes_dead_name(mach_port_t port, mach_port_t name);

#endif
