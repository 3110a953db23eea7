/* Names of results, from the one table of each group. See mach.h. */
#include "mach/mig.h"

#define MESSAGE_RETURN_TABLE(X) \
	X(MACH_SEND_INVALID_DATA) X(MACH_SEND_INVALID_DEST) X(MACH_SEND_TIMED_OUT) \
	X(MACH_SEND_INTERRUPTED) X(MACH_SEND_MSG_TOO_SMALL) X(MACH_SEND_INVALID_REPLY) \
	X(MACH_SEND_INVALID_RIGHT) X(MACH_SEND_INVALID_MEMORY) X(MACH_SEND_NO_BUFFER) \
	X(MACH_SEND_TOO_LARGE) X(MACH_SEND_INVALID_TYPE) X(MACH_SEND_INVALID_HEADER) \
	X(MACH_RCV_INVALID_NAME) X(MACH_RCV_TIMED_OUT) X(MACH_RCV_TOO_LARGE) \
	X(MACH_RCV_INTERRUPTED) X(MACH_RCV_PORT_CHANGED) X(MACH_RCV_INVALID_DATA) \
	X(MACH_RCV_PORT_DIED) X(MACH_RCV_IN_SET) X(MACH_RCV_HEADER_ERROR) X(MACH_RCV_BODY_ERROR)

static const struct {
	kern_return_t value;
	const char *name;
} names[] = {
#define KERN_NAME(name, value, text)	{ value, #name },
	KERN_RETURN_TABLE(KERN_NAME)
#define MIG_NAME(name, value)		{ value, #name },
	MIG_RETURN_TABLE(MIG_NAME)
#define MESSAGE_NAME(name)		{ name, #name },
	MESSAGE_RETURN_TABLE(MESSAGE_NAME)
};

const char *
kern_return_name(kern_return_t kr)
{
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].value == kr)
			return names[i].name;
	return "unknown error";
}
