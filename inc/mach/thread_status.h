/* Register state: the layout of the architecture the file is compiled for. */
#ifndef MACH_THREAD_STATUS_H
#define MACH_THREAD_STATUS_H

#if defined(__aarch64__)
#include <mach/aarch64/thread_status.h>
#else
#include <mach/x86_64/thread_status.h>
#endif

#endif
