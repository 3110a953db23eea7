/*
 * The trace: a ring of events per CPU, for watching what programs and the kernel do to each other.
 *
 * While it is off nothing is recorded and hot paths pay nothing: traps are recorded by a second
 * dispatch table (trap/dispatch_l2.c), messages and hand-offs on the general path of mach_msg only
 * (the fast path is switched off meanwhile; its results are the same), the other places test
 * `trace_on`. Each CPU writes its own ring with interrupts masked; nobody else does.
 *
 * On: `trace` on the command line, `trace on` in the monitor, the trap host_trace. To read: `trace
 * show` in the monitor, `mach trace` in GDB (conf/gdb/trace.py).
 */
#ifndef TRACE_TRACE_H
#define TRACE_TRACE_H

#include "arch/cpu.h"

#include <mach/kern_return.h>
#include <stdbool.h>
#include <stdint.h>

enum trace_kind {
	TRACE_NOTHING,
	TRACE_TRAP,			/* code: number; a, b, c: the first three arguments */
	TRACE_RETURN,			/* code: number; a: result */
	/*
	 * code: enum trace_fate; value: message id; a: port; b: bytes, receiver's name << 32; c: id of
	 * the thread that takes it, sender's label << 32
	 */
	TRACE_SEND,
	/* value: message id; a: name of the port; b: bytes, seqno << 32; c: sender's label << 32 */
	TRACE_RECEIVE,
	TRACE_SWITCH,			/* a, b: id of the thread that is next, of its task */
	TRACE_HANDOFF,			/* the same; a switch to another thread may follow instead */
	TRACE_FAULT,			/* code: vm_prot_t asked for; value: 1: by user mode; a: address */
	TRACE_INTERRUPT,		/* code: enum trace_interrupt; value: line */
};

enum trace_interrupt { TRACE_TIMER, TRACE_IPI, TRACE_DEVICE };

enum trace_fate { TRACE_QUEUED, TRACE_TAKEN, TRACE_WAITS, TRACE_GONE };

struct trace_event {
	uint64_t time;			/* ns since boot */
	uint32_t thread, task;		/* ids of who ran */
	uint16_t kind;			/* enum trace_kind */
	uint16_t code;
	int32_t value;
	uint64_t a, b, c;
};

#define TRACE_RING_ORDER	4	/* frames of a ring, log2 */
#define TRACE_RING_EVENTS	((4096u << TRACE_RING_ORDER) / sizeof(struct trace_event))

struct trace_ring {
	struct trace_event *events;	/* NULL: never on */
	uint64_t count;			/* ever recorded; the newest is events[(count - 1) % TRACE_RING_EVENTS] */
};

extern bool trace_on;
extern const uint32_t trace_ring_events;
extern struct trace_ring trace_rings[CPU_MAX];

/* Records an event of the running thread. Conditions: interrupts masked. */
__attribute__((cold)) void trace_record(enum trace_kind kind, unsigned code, int value, uint64_t a, uint64_t b, uint64_t c);

#define TRACE(...) \
	do { \
		if (__builtin_expect(trace_on, 0)) \
			trace_record(__VA_ARGS__); \
	} while (0)

/*
 * Switches it on, with empty rings, or off; what was recorded stays until it is switched on again.
 * Rings are made at the first time and kept. Conditions: on a thread, no locks. Returns KERN_RESOURCE_SHORTAGE: no memory for the rings.
 */
kern_return_t trace_set(bool on);

/* From the boot, when all CPUs run: `trace` on the command line. */
void trace_init(void);

/* trap/dispatch_l2.c: from now on traps are recorded, or not; what a trap is called. */
void trap_trace(bool on);
void trap_name(unsigned number, char *buffer, unsigned size);

/* ipc/mach_msg.c: from now on all messages take the general path, or not. */
void ipc_trace(bool on);

#endif
