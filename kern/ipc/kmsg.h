/*
 * Messages inside the kernel. A struct ipc_kmsg is followed by the message as the receiver will see
 * it (header, descriptors, body) and room for its trailer, so that it crosses the user boundary in
 * one copy each way.
 *
 * While a message is in the kernel its descriptors hold what they stand for instead of names and
 * addresses:
 *	PORT		bytes 0-7: struct ipc_port * (a right, NULL or DEAD); MACH_MSG_TYPE_PORT_*
 *	OOL		bytes 0-7: struct vm_map_copy * (NULL: size 0)
 *	OOL_PORTS	bytes 0-7: array of struct ipc_port * on the heap (NULL: count 0)
 * Only the first `taken` descriptors are so; the others hold nothing yet.
 */
#ifndef IPC_KMSG_H
#define IPC_KMSG_H

#include <mach/message.h>
#include "ipc/chores.h"
#include "ipc/ipc.h"
#include "sched/cpu.h"
#include "sync/list.h"

enum kmsg_flags {
	KMSG_SLOT = 0x01,		/* queued in one of the port's slots */
	KMSG_EXEMPT = 0x02,	/* needs no slot: from the kernel, or to a send-once right */
	KMSG_SMALL = 0x04,		/* belongs into a CPU's cache when free */
	/* to a send-once right: only the notification will arrive */
	KMSG_OVER_BUDGET = 0x08,
	KMSG_REUSABLE = 0x10,		/* belongs to a kernel sender, see state */
	KMSG_STATIC = 0x20,		/* no heap block */
};

enum kmsg_state {
	KMSG_IDLE = 0,			/* reusable: with its owner */
	KMSG_BUSY,			/* queued or being received */
	KMSG_ABANDONED,			/* freed by its owner while busy */
};

struct ipc_kmsg {
	struct list_node link;		/* in a queue or chores; next free one in a cache */
	struct ipc_port *remote;	/* the right it is sent to; NULL: none any more */
	struct ipc_port *reply;		/* a right, NULL or DEAD */
	uint8_t remote_kind;		/* MACH_MSG_TYPE_PORT_SEND or _SEND_ONCE */
	uint8_t reply_kind;		/* the same, or 0 */
	uint8_t flags;			/* enum kmsg_flags */
	uint8_t taken;			/* descriptors that hold something */
	uint32_t capacity;		/* bytes from `header` on */
	uint32_t charged;		/* bytes charged to the port's account while it is queued */
	/* Queued: send-once notifications between this message and the next */
	uint32_t notices_after;
	security_token_t token;		/* of the sender, when the send started */
	uint32_t state;			/* reusable: enum kmsg_state, atomic */
	mach_msg_header_t header;	/* and what follows */
};

_Static_assert(offsetof(struct ipc_kmsg, header) % 8 == 0, "descriptors are aligned");

#define KMSG_SMALL_CAPACITY	(512u - offsetof(struct ipc_kmsg, header))

/* Bytes at the receiver for a message of that size: with its trailer. */
#define KMSG_RECEIVED_SIZE(size)	((((size) + 7u) & ~7u) + MACH_MSG_TRAILER_SIZE)

static inline mach_msg_trailer_t *
kmsg_trailer(struct ipc_kmsg *message, mach_msg_size_t size)
{
	return (mach_msg_trailer_t *)(void *)((char *)&message->header + KMSG_RECEIVED_SIZE(size) - MACH_MSG_TRAILER_SIZE);
}

static inline mach_msg_descriptor_t *
kmsg_descriptors(struct ipc_kmsg *message)
{
	return (mach_msg_descriptor_t *)(&message->header + 1);
}

/* Where a descriptor in the kernel keeps its pointer. */
static inline void **
kmsg_pointer(mach_msg_descriptor_t *descriptor)
{
	return (void **)(void *)descriptor;
}

/*
 * Each CPU keeps a few small buffers, so that a small message costs no walk through the heap. Only
 * the CPU itself touches its own, and kernel code is not interrupted. A buffer in there is ready
 * for use: flags KMSG_SMALL, no rights, `taken` 0.
 */
#define KMSG_CACHE_SIZE 8u

struct kmsg_cache {
	struct ipc_kmsg *first;		/* linked through link.next */
	unsigned count;
} __attribute__((aligned(64)));		/* a cache line of its own */

extern struct kmsg_cache kmsg_caches[CPU_MAX];

static inline struct ipc_kmsg *
kmsg_cache_pop(void)
{
	struct kmsg_cache *cache = &kmsg_caches[cpu_self()->number];
	struct ipc_kmsg *message = cache->first;

	if (message != NULL) {
		cache->first = (struct ipc_kmsg *)message->link.next;
		cache->count--;
	}
	return message;
}

/* Returns false: the cache is full. */
static inline bool
kmsg_cache_push(struct ipc_kmsg *message)
{
	struct kmsg_cache *cache = &kmsg_caches[cpu_self()->number];

	if (cache->count >= KMSG_CACHE_SIZE)
		return false;
	message->link.next = (struct list_node *)cache->first;
	cache->first = message;
	cache->count++;
	return true;
}

/*
 * A buffer for a message of that many bytes; only the fields before `header` are set. Returns NULL:
 * no memory.
 */
struct ipc_kmsg *kmsg_alloc(mach_msg_size_t size);

/* Kmsg_free for other than small buffers of the cache. */
void kmsg_free_block(struct ipc_kmsg *message);

/*
 * Frees the buffer only: the message holds nothing any more. A reusable one goes back to its owner.
 */
static inline void
kmsg_free(struct ipc_kmsg *message)
{
	if ((message->flags & (KMSG_SMALL | KMSG_REUSABLE | KMSG_STATIC)) == KMSG_SMALL) {
		message->flags = KMSG_SMALL;
		message->taken = 0;
		message->remote = message->reply = NULL;
		if (kmsg_cache_push(message))
			return;
	}
	kmsg_free_block(message);
}

/* Releases all the message holds, and the buffer. Conditions: no locks. May block. */
void kmsg_clean(struct ipc_kmsg *message, struct ipc_chores *chores);

static inline void
kmsg_discard(struct ipc_kmsg *message, struct ipc_chores *chores)
{
	list_append(&chores->garbage, &message->link);
}

#endif
