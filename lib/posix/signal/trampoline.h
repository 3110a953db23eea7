/* What <arch>/signal_trampoline.S has, and how it calls C. */
#ifndef LIB_POSIX_SIGNAL_TRAMPOLINE_H
#define LIB_POSIX_SIGNAL_TRAMPOLINE_H

#define SIGNAL_FRAME_SIZE	1376	/* bytes for struct signal_frame, a multiple of 16 */
#define SIGNAL_FRAME_FLOATS	384	/* in it: the context's floating point registers */

#ifndef __ASSEMBLER__

#include "mach/mach.h"

struct signal_frame;
struct signal_slot;

/* Where threads go on that get a signal: argument: the slot. */
void __signal_trampoline(void);

void __signal_enter(struct signal_slot *slot, struct signal_frame *frame);

#endif
#endif
