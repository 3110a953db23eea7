/* mbstate_t, for <wchar.h> and <uchar.h>. All zero is the initial state. */
#ifndef _BITS_MBSTATE_H
#define _BITS_MBSTATE_H

/* A character of which the first bytes came: its bits so far, bytes to come, and the least value allowed. */
typedef struct {
	unsigned __bits, __left, __least;
} mbstate_t;

#endif
