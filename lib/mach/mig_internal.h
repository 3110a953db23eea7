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

/* Size, descriptors and their rights are what `shape` says (the message may be longer). */
bool
mig_matches(const mach_msg_header_t *head, const struct mig_shape *shape);

/* Releases the rights and the memory of a received message's body; the header stays. */
void
mig_destroy_body(mach_msg_header_t *received);

/* Releases what a message still holds after mach_msg refused to send it with the error `why`. */
void
mig_unsent(mach_msg_header_t *head, mach_msg_return_t why);

#endif
