/* Use of resources, for getrusage and wait4. */
#ifndef LIB_POSIX_PROCESS_USAGE_H
#define LIB_POSIX_PROCESS_USAGE_H

#include <proto/types.h>

struct rusage;

void usage_fill(struct rusage *to, const struct proc_usage *from);

#endif
