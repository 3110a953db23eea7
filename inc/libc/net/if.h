/* Network interfaces (POSIX.1-2017 <net/if.h>): types for programs that store their names. There is no interface yet, so there is no function. */
#ifndef _NET_IF_H
#define _NET_IF_H

#include <bits/features.h>

#define IF_NAMESIZE	16		/* bytes of a name, with its 0 */
#ifdef _MACHR_MISC
#define IFNAMSIZ	IF_NAMESIZE
#endif

struct if_nameindex {
	unsigned if_index;
	char *if_name;
};

#endif
