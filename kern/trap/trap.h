/*
 * The one place where lower layers call upper ones (kern/trap/upcall.c; LABS.md "Layers"): what the machine's entry code (arch/<arch>/trap.S, trap.c) calls. All run on the thread's kernel stack with interrupts masked.
 */
#ifndef TRAP_TRAP_H
#define TRAP_TRAP_H

#include <mach/types.h>
#include <stdbool.h>
#include <stdint.h>

struct trap_frame;

/* System call: number and up to eight arguments, the start of the frame; the result goes into it. An unknown number raises EXC_SYSCALL. */
uint64_t trap_dispatch(uint64_t number, const uint64_t *arguments);

/*
 * The system call mach_msg with its first arguments and notify NULL (ipc/fastpath.c). Returns: the call is to be made through trap_dispatch, nothing
 * has happened. Otherwise it does not return but goes to user mode, of the caller or of another thread.
 */
void trap_fast_message(uint64_t user, uint32_t option, uint32_t size, uint32_t room, uint32_t name);

/*
 * Page fault. Returns true: resolved, run on. For a user access that cannot be resolved, the exception has been raised and handled (the
 * thread may have new registers) and true is returned as well, or the thread is gone. False only for kernel accesses: the arch code
 * then looks whether the pc is in a user-copy routine (fix-up), else reports a kernel fault.
 */
bool trap_page_fault(uint64_t address, vm_prot_t access, bool from_user, struct trap_frame *frame);

/* A user exception other than a page fault. */
void trap_user_exception(int exception, int code, uint64_t subcode);

/* An exception in the kernel that has no fix-up: prints registers, backtrace, panics. */
_Noreturn void trap_kernel_fault(const char *what, uint64_t address, uint64_t pc, uint64_t frame_pointer);

/* Interrupts: a device line (masked by the callee until the driver acknowledges), the CPU's one-shot timer, another CPU's request. */
void trap_device_interrupt(unsigned line);
void trap_timer_interrupt(void);
void trap_ipi(void);

/* Last step of every return to user mode. */
void trap_return_to_user(void);

#endif
