/*
 * Results of kernel calls (kern_return_t). Values are the historical ones of Mach 3 (Kernel Interfaces manual, appendix).
 */
#ifndef MACH_KERN_RETURN_H
#define MACH_KERN_RETURN_H

#include <mach/types.h>

/* One table: X(constant, value, text). kern_return_name() and the trace decoder are derived from it. */
#define KERN_RETURN_TABLE(X) \
	X(KERN_SUCCESS, 0, "success") \
	X(KERN_INVALID_ADDRESS, 1, "invalid address") \
	X(KERN_PROTECTION_FAILURE, 2, "protection failure") \
	X(KERN_NO_SPACE, 3, "no space") \
	X(KERN_INVALID_ARGUMENT, 4, "invalid argument") \
	X(KERN_FAILURE, 5, "failure") \
	X(KERN_RESOURCE_SHORTAGE, 6, "resource shortage") \
	X(KERN_NO_ACCESS, 8, "no access") \
	X(KERN_MEMORY_FAILURE, 9, "memory failure") \
	X(KERN_MEMORY_ERROR, 10, "memory error") \
	X(KERN_NOT_IN_SET, 12, "not in a port set") \
	X(KERN_NAME_EXISTS, 13, "name exists") \
	X(KERN_ABORTED, 14, "aborted") \
	X(KERN_INVALID_NAME, 15, "invalid name") \
	X(KERN_INVALID_TASK, 16, "invalid task") \
	X(KERN_INVALID_RIGHT, 17, "invalid right") \
	X(KERN_INVALID_VALUE, 18, "invalid value") \
	X(KERN_UREFS_OVERFLOW, 19, "too many user references") \
	X(KERN_INVALID_CAPABILITY, 20, "invalid capability") \
	X(KERN_RIGHT_EXISTS, 21, "right exists") \
	X(KERN_INVALID_HOST, 22, "invalid host") \
	X(KERN_TERMINATED, 37, "terminated") \
	X(KERN_NOT_SUPPORTED, 46, "not supported") \
	X(KERN_OPERATION_TIMED_OUT, 49, "timed out")

#define KERN_RETURN_ENUM(name, value, text) name = value,
enum { KERN_RETURN_TABLE(KERN_RETURN_ENUM) };
#undef KERN_RETURN_ENUM

#endif
