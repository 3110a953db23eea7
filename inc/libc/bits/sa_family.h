/* sa_family_t, for every header that POSIX says declares it. */
#ifndef _BITS_SA_FAMILY_H
#define _BITS_SA_FAMILY_H

typedef unsigned short sa_family_t;	/* AF_ ... */

#endif
