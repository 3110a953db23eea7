/*
 * All types and constants of the ABI, without the prototypes of the traps: what the kernel includes, whose own functions have some of the same
 * names.
 */
#ifndef MACH_MACH_TYPES_H
#define MACH_MACH_TYPES_H

#include <mach/device.h>
#include <mach/exception.h>
#include <mach/host_info.h>
#include <mach/kern_return.h>
#include <mach/message.h>
#include <mach/notify.h>
#include <mach/port.h>
#include <mach/task_info.h>
#include <mach/types.h>
#include <mach/vm.h>

#endif
