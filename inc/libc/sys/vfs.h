/* The old place of <sys/statfs.h>. */
#include <sys/statfs.h>
