/*
 * The run time of generated protocol code (conf/mig.py; README.md shows what is generated).
 * Servers use the first half of this file, the second half is for generated code only.
 *
 * Ownership (MIG's rules). A server's function NAME_s() owns the rights and the out-of-line
 * memory of its arguments if it returns KERN_SUCCESS or MIG_NO_REPLY; with any other result the
 * generated code releases them. Results belong to the client once the function returned success;
 * out-of-line results are moved. Inline arguments point into the message and end with the
 * function.
 */
#ifndef LIB_MACH_MIG_H
#define LIB_MACH_MIG_H

#include "mach/mach.h"

/* Results of generated code; the values are MIG's. X(constant, value) */
#define MIG_RETURN_TABLE(X) \
	X(MIG_TYPE_ERROR, -300)		/* client: the reply is malformed */ \
	X(MIG_REPLY_MISMATCH, -301)	/* client: the reply has a wrong id */ \
	X(MIG_REMOTE_ERROR, -302)	/* server: anything else */ \
	X(MIG_BAD_ID, -303)		/* no protocol of the server has this message */ \
	X(MIG_BAD_ARGUMENTS, -304)	/* the request is malformed */ \
	X(MIG_NO_REPLY, -305)		/* server: the reply comes later, NAME_reply() */ \
	X(MIG_EXCEPTION, -306) \
	X(MIG_ARRAY_TOO_LARGE, -307)	/* longer than protocol or caller allow */ \
	X(MIG_SERVER_DIED, -308)	/* it died, or dropped the reply right */ \
	X(MIG_LATER, -309)		/* server: nothing was done yet; the request, which is as it came, is handled again (service.h) */

#define MIG_RETURN_ENUM(name, value) name = value,
enum { MIG_RETURN_TABLE(MIG_RETURN_ENUM) };
#undef MIG_RETURN_ENUM

#define MIG_BUFFER_SIZE	(MACH_MSG_SIZE_MAX + MACH_MSG_TRAILER_SIZE)	/* room for any message */
#define MIG_REPLY_ID	100		/* a reply's id is the request's plus this */

/* One request on its way through a server. */
struct mig_request {
	mach_msg_header_t *request;	/* what was received */
	mach_msg_header_t *reply;	/* MIG_BUFFER_SIZE bytes, 8-aligned */
	uint32_t reply_size;		/* after the demultiplexer: bytes to send, or 0 */
	mach_port_t port;		/* the receive right it came to (of a set: the member) */
	mach_port_t reply_port;		/* send-once; NAME_s owns it if it returns MIG_NO_REPLY */
	security_token_t sender;
	uint32_t seqno;
	bool later;			/* the function returned MIG_LATER */
	void *context;			/* the server's */
};

typedef bool (*mig_server_t)(struct mig_request *rq);

/* Fills *rq from a message just received; `room` becomes the reply buffer. */
void
mig_request_init(struct mig_request *rq, mach_msg_header_t *request, void *room);

/*
 * Purpose: finds the protocol (NULL-terminated list) the request belongs to and lets it make the
 * reply; no protocol: MIG_BAD_ID.
 */
void
mig_dispatch(struct mig_request *rq, const mig_server_t *servers);

/*
 * Sends the reply of *rq, if there is one, without waiting; what cannot be delivered is released.
 */
void
mig_send_reply(struct mig_request *rq);

/* Releases every right and all memory of a received message, the reply right included. */
void
mig_destroy(mach_msg_header_t *received);

/* Gives out-of-line memory back. */
void
mig_free(void *data, vm_size_t bytes);

/* Gives back the rights and the memory of an array of ports that was received out of line. */
void
mig_free_ports(mach_port_t *ports, uint32_t count);

/*
 * Purpose: limits how long each following call of this thread may take to send and, again, to be
 * answered. 0: no limit. A call that takes longer returns MACH_SEND_TIMED_OUT or
 * MACH_RCV_TIMED_OUT; its late reply is destroyed.
 */
void
mig_set_timeout(mach_msg_timeout_t ms);

/* Forgets this thread's reply port without touching it: for the child of a fork. */
void
mig_reply_port_forget(void);

/* Gives this thread's reply port back: when the thread ends. */
void
mig_reply_port_drop(void);

/* What the thread's calls use; a handler that interrupts a call puts it aside and has its own. */
struct mig_state {
	mach_port_t reply_port;
	mach_msg_timeout_t timeout;
	const uint32_t *word;
	uint32_t expected;
	void (*cancel)(mach_port_t port);
	mach_port_t port;		/* of the call that is waiting, if `word` counts for it, or NULL */
};

void
mig_state_save(struct mig_state *state);

/* Gives up the present reply port and takes back what was put aside. */
void
mig_state_restore(const struct mig_state *state);

/*
 * Purpose: following calls of this thread end early when *word, which a handler changes that
 * interrupts them, is not `expected`: with EINTR if nothing was sent yet; otherwise cancel(port) is
 * called once, and the call goes on waiting for what the server says. word NULL: as usual again.
 */
void
mig_set_interrupt(const uint32_t *word, uint32_t expected, void (*cancel)(mach_port_t port));

/* --- for generated code --- */

#define mig_pad(n)	(((n) + 7) & ~7ull)

struct mig_descriptor {
	uint8_t type;			/* MACH_MSG_*_DESCRIPTOR */
	uint8_t right;			/* the disposition that must arrive */
	uint32_t unit;			/* bytes of one element */
	uint32_t max;			/* elements */
};

struct mig_shape {
	uint32_t size;			/* bytes without the variable parts */
	uint32_t count;
	const struct mig_descriptor *descriptors;
};

/* The variable parts of a received message that were not taken yet. */
struct mig_rest {
	const uint8_t *at, *end;
};

/* Bytes of a string with its 0, or max + 1 if it is longer than max. */
uint32_t
mig_string_size(const char *string, uint32_t max);

/*
 * Appends n bytes at `offset` of the message and pads with zeros to 8. Returns the message's new
 * size.
 */
uint32_t
mig_put(void *message, uint32_t offset, const void *data, uint64_t n);

static inline void
mig_put_port(mach_msg_port_descriptor_t *d, mach_port_t name, uint32_t disposition)
{
	*d = (mach_msg_port_descriptor_t){ .name = name, .disposition = (uint8_t)disposition,
		.type = MACH_MSG_PORT_DESCRIPTOR };
}

static inline void
mig_put_ool(mach_msg_ool_descriptor_t *d, const void *data, uint64_t bytes, bool deallocate)
{
	*d = (mach_msg_ool_descriptor_t){ .address = (uintptr_t)data,
		.size = (uint32_t)bytes, .deallocate = deallocate,
		.copy = MACH_MSG_VIRTUAL_COPY, .type = MACH_MSG_OOL_DESCRIPTOR };
}

static inline void
mig_put_ports(mach_msg_ool_ports_descriptor_t *d, const mach_port_t *names, uint32_t count,
	uint32_t disposition, bool deallocate)
{
	*d = (mach_msg_ool_ports_descriptor_t){ .address = (uintptr_t)names,
		.count = count, .deallocate = deallocate,
		.disposition = (uint8_t)disposition, .type = MACH_MSG_OOL_PORTS_DESCRIPTOR };
}

struct mig_rest
mig_rest(const mach_msg_header_t *head, uint32_t size);

/* The next part, of count elements; NULL: too many, or the message ends before. */
const void *
mig_take(struct mig_rest *rest, uint32_t count, uint32_t max, uint32_t unit);

/* The next part, a string of count bytes with its only 0 at the end. */
const char *
mig_take_string(struct mig_rest *rest, uint32_t count, uint32_t max);

static inline bool
mig_done(const struct mig_rest *rest)
{
	return rest->at == rest->end;
}

static inline bool
mig_ends(const mach_msg_header_t *head, uint32_t size)
{
	return head->msgh_size == size;
}

/*
 * A call: sends the message at `head` (size bytes, `count` descriptors), receives the reply into
 * the same `room` bytes and checks all of it but the variable parts. What cannot be accepted is
 * released. Moved arguments are gone whatever the result.
 */
kern_return_t mig_call(mach_msg_header_t *head, mach_port_t port, mach_msg_id_t id, uint32_t count,
	uint32_t size, uint32_t room, const struct mig_shape *reply);

/* A message without reply. */
kern_return_t mig_post(
	mach_msg_header_t *head, mach_port_t port, mach_msg_id_t id, uint32_t count, uint32_t size);

/* Client: releases a reply that cannot be accepted; returns `kr`. */
kern_return_t
mig_reject(mach_msg_header_t *reply, kern_return_t kr);

/* Client: the reply ends after its fixed part, or it is rejected. */
kern_return_t
mig_reply_end(mach_msg_header_t *reply, uint32_t size);

/*
 * Server: reply right and fixed part are as they must be; false: the request has been dealt with.
 */
bool
mig_accept(struct mig_request *rq, const struct mig_shape *shape, bool wants_reply);

/*
 * Server: the function was not called: releases the request and, if there is whom to tell, makes
 * an error reply.
 */
void
mig_refuse(struct mig_request *rq, kern_return_t kr);

/* Server: the function returned something else than success. */
void
mig_fail(struct mig_request *rq, kern_return_t kr);

/* Server: the reply is complete. */
void
mig_succeed(struct mig_request *rq, uint32_t count, uint32_t size);

/*
 * Server: the function's results do not fit the protocol: they are released, the client gets
 * MIG_ARRAY_TOO_LARGE.
 */
void
mig_overflow(struct mig_request *rq, uint32_t count);

/* Late replies. The reply right and the results are gone whatever the result. */
kern_return_t mig_reply(mach_msg_header_t *head, mach_port_t reply_port, mach_msg_id_t id,
	uint32_t count, uint32_t size);

kern_return_t
mig_reply_error(mach_port_t reply_port, mach_msg_id_t id, kern_return_t result);

kern_return_t mig_reply_overflow(
	mach_msg_header_t *head, mach_port_t reply_port, mach_msg_id_t id, uint32_t count);

#endif
