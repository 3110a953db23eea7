/* User-level waiting on words of memory; see gsync.c. */
#ifndef SCHED_GSYNC_H
#define SCHED_GSYNC_H

void gsync_init(void);

#endif
