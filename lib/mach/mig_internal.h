/*
 * What the files of the generated code's run time share.
 */
#ifndef LIB_MACH_MIG_INTERNAL_H
#define LIB_MACH_MIG_INTERNAL_H

#include "mach/mig.h"

/* A message that carries nothing but a result. */
struct mig_error {
	mach_msg_header_t head;
	kern_return_t ret_code;
	uint32_t pad;
};

#define MACH_SEND_NOT_BEGUN	0x10000001	/* mach_msg_unless: *word was not as expected */

/*
 * The trap mach_msg_trap if *word == expected; the two are one step as far as handlers are concerned
 * that run in this thread and then go back to the window's beginning.
 */
mach_msg_return_t mach_msg_unless(mach_msg_header_t *msg, mach_msg_option_t option,
	mach_msg_size_t send_size, mach_msg_size_t rcv_size, mach_port_t rcv_name,
	mach_msg_timeout_t timeout_ms, const uint32_t *word, uint32_t expected);

/* Size, descriptors and their rights are what `shape` says (the message may be longer). */
bool
mig_matches(const mach_msg_header_t *head, const struct mig_shape *shape);

/* Releases the rights and the memory of a received message's body; the header stays. */
void
mig_destroy_body(mach_msg_header_t *received);

/* Releases what a message still holds after mach_msg refused to send it with the error `why`. */
void
mig_unsent(mach_msg_header_t *head, mach_msg_return_t why);

/* The same for a reply whose function has returned and cannot take back what it gave: also MAKE_SEND counts as done. */
void
mig_reply_unsent(mach_msg_header_t *head, mach_msg_return_t why);

#endif
