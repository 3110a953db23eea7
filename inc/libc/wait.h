/* <sys/wait.h> under the name that it has in System V. */
#ifndef _WAIT_H
#define _WAIT_H

#include <sys/wait.h>

#endif
