/*
 * Walking kernel stacks by frame pointers (the kernel is built with -fno-omit-frame-pointer).
 */
#ifndef ARCH_BACKTRACE_H
#define ARCH_BACKTRACE_H

#include <stdint.h>

/* Calls visit for each return address, from the given frame pointer on; at most max; stops at anything that is no kernel stack address. */
unsigned backtrace_walk(uint64_t frame_pointer, unsigned max, void (*visit)(unsigned depth, uint64_t pc));

/* The frame pointer of the function's caller: goes with __builtin_return_address(0). */
#define backtrace_here() (*(const uint64_t *)__builtin_frame_address(0))

#endif
