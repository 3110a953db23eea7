/* What select and pselect share. */
#ifndef LIB_POSIX_SELECT_H
#define LIB_POSIX_SELECT_H

#include <stdint.h>
#include <sys/select.h>

struct select_sets {
	int count;
	fd_set *readable, *writable, *urgent;	/* each may be NULL */
};

/* As poll_wait, in sets. Returns how many bits are left in them. */
int select_wait(struct select_sets *sets, uint64_t timeout, uint32_t handlers);

#endif
