/* What a signal handler's third argument points at: <signal.h> has it. */
#ifndef _SYS_UCONTEXT_H
#define _SYS_UCONTEXT_H

#include <signal.h>

#endif
