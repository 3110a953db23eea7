/*
 * Handlers are entered and left. See signals.h.
 */
#include <errno.h>
#include <setjmp.h>
#include <stddef.h>
#include <string.h>

#include "context.h"
#include "libc/setjmp/jmp.h"
#include "mach/cthread.h"
#include "mach/mach.h"
#include "mach/startup.h"
#include "mach/tls.h"
#include "posix/pthread/cancel.h"
#include "proc.h"
#include "signals.h"
#include "trampoline.h"

/* Of one handler that interrupted something; on its stack, made by __signal_trampoline. */
struct signal_frame {
	thread_t thread;		/* the trampoline's last trap names it ... */
	uint32_t critical;		/* of what was interrupted */
	struct thread_state *state;	/* ... and these registers */
	ucontext_t context;
	struct signal_frame *outer;
	uint32_t windows;		/* of what was interrupted (posix/pthread/cancel.h) */
	bool kept;			/* somebody has a context (context.c) that comes back here */
	struct mig_state mig;
	int error;
	struct signal_info info;
};

_Static_assert(sizeof(struct signal_frame) <= SIGNAL_FRAME_SIZE, "the trampoline makes room");
_Static_assert(offsetof(struct signal_frame, context.__floats) == SIGNAL_FRAME_FLOATS, "the trampoline stores them");
_Static_assert(sizeof(struct thread_state) <= sizeof(mcontext_t), "registers fit");

static struct signal_page no_page;	/* of a program that was not started by proc */
struct signal_page *signal_page = &no_page;

static _Thread_local struct signal_slot *own_slot;
static _Thread_local struct signal_slot no_slot;
static _Thread_local struct signal_frame *frames;
static _Thread_local uint32_t handled;
_Thread_local uint32_t __signal_interrupts;

struct signal_slot *
signal_self(void)
{
	return own_slot != NULL ? own_slot : &no_slot;
}

uint32_t
signal_slot_number(void)
{
	return own_slot != NULL ? (uint32_t)(own_slot - signal_page->slots) : SIGNAL_SLOTS;
}

uint32_t *
signal_handled(void)
{
	return &handled;
}

static void
fence(void)
{
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
}

void
signal_critical_enter(void)
{
	signal_self()->critical++;
	fence();
}

void
signal_info_fill(siginfo_t *to, const struct signal_info *from)
{
	memset(to, 0, sizeof(*to));
	to->si_signo = from->signal;
	to->si_code = from->code;
	to->si_pid = from->pid;
	to->si_uid = from->uid;
	to->si_status = from->status;
	to->si_timerid = from->timer;
	to->si_value.sival_ptr = (void *)from->value;
	to->si_addr = from->code > 0 && from->code != SI_KERNEL ? (void *)from->value : NULL;
}

static void
call(const struct signal_action *action, const struct signal_info *info, ucontext_t *context)
{
	siginfo_t details;

	if ((action->flags & SA_SIGINFO) == 0) {
		((void (*)(int))action->handler)(info->signal);
		return;
	}
	signal_info_fill(&details, info);
	((void (*)(int, siginfo_t *, void *))action->handler)(info->signal, &details, context);
}

/* Conditions: in a critical section, which ends while the handler runs. */
static void
handle(const struct signal_info *info, ucontext_t *context)
{
	struct signal_slot *slot = signal_self();
	struct signal_action *setting = &signal_page->actions[info->signal], action = *setting;
	uint32_t critical = slot->critical, windows;

	if (action.handler <= SIGNAL_IGNORE)
		return;			/* it was changed meanwhile */
	if ((action.flags & (uint32_t)SA_RESETHAND) != 0)
		setting->handler = SIGNAL_DEFAULT;
	context->uc_sigmask = slot->mask;
	slot->mask |= action.mask;
	if ((action.flags & SA_NODEFER) == 0)
		slot->mask |= SIGNAL_BIT(info->signal);
	slot->mask &= ~SIGNALS_UNBLOCKABLE;
	handled += info->signal != SIGNAL_CANCEL;
	if ((action.flags & SA_RESTART) == 0)
		__signal_interrupts++;
	fence();
	slot->critical = 0;
	windows = cancel_suspend();
	signal_check();
	if (info->signal == SIGNAL_CANCEL)
		cancel_arrived(windows);
	else
		call(&action, info, context);
	cancel_resume(windows);
	slot->critical = critical;
	fence();
	slot->mask = context->uc_sigmask & ~SIGNALS_UNBLOCKABLE;
}

static uint64_t
waiting(const struct signal_slot *slot)
{
	return (__atomic_load_n(&signal_page->pending, __ATOMIC_RELAXED) |
		__atomic_load_n(&slot->pending, __ATOMIC_RELAXED)) & ~slot->mask;
}

/* In a critical section: handles what waits, as calls. */
static void
handle_waiting(void)
{
	struct signal_slot *slot = signal_self();
	struct mig_state mig;
	int error = errno;

	while (waiting(slot) != 0) {
		struct signal_info info = { 0 };
		ucontext_t context = { 0 };

		mig_state_save(&mig);
		if (proc_signal_take(proc_port(), signal_slot_number(), ~slot->mask, &info) != KERN_SUCCESS)
			info.signal = 0;
		mig_state_restore(&mig);
		if (info.signal <= 0 || info.signal > (int32_t)SIGNALS)
			break;
		handle(&info, &context);
	}
	errno = error;
}

void
signal_check(void)
{
	struct signal_slot *slot = signal_self();

	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	while (slot->critical == 0 && own_slot != NULL && waiting(slot) != 0) {
		uint64_t before = waiting(slot);

		slot->critical = 1;
		fence();
		handle_waiting();
		fence();
		slot->critical = 0;
		fence();
		if (waiting(slot) == before)
			break;		/* the hint was wrong */
	}
}

void
signal_critical_leave(void)
{
	struct signal_slot *slot = signal_self();

	fence();
	if (--slot->critical == 0 && waiting(slot) != 0)
		signal_check();
}

/* A call that was about to send its message looks again whether it still shall. */
static void
back_up(struct thread_state *state)
{
	uint64_t pc = THREAD_STATE_PC(state);

	if (pc > (uint64_t)(uintptr_t)__mach_msg_window && pc < (uint64_t)(uintptr_t)__mach_msg_window_end)
		THREAD_STATE_PC(state) = (uint64_t)(uintptr_t)__mach_msg_window;
}

/* False: more signals came when the critical section was over already. */
static bool
leave(struct signal_slot *slot, struct signal_frame *frame)
{
	handle_waiting();
	mig_state_restore(&frame->mig);
	frames = frame->outer;
	errno = frame->error;
	fence();
	slot->critical = frame->critical;
	fence();
	if (frame->critical != 0 || waiting(slot) == 0)
		return true;
	slot->critical = 1;
	fence();
	frames = frame;
	mig_state_save(&frame->mig);
	return false;
}

/* Called by the trampoline on the handler's stack, with nothing of the thread's but its registers changed yet. */
void
__signal_enter(struct signal_slot *slot, struct signal_frame *frame)
{
	frame->critical = slot->critical;
	slot->critical = 1;
	frame->thread = slot->thread;
	frame->state = (struct thread_state *)&frame->context.uc_mcontext;
	*frame->state = slot->state;
	frame->info = slot->info;
	fence();
	__atomic_store_n(&slot->busy, 0, __ATOMIC_RELEASE);
	frame->context.uc_link = NULL;
	frame->context.uc_stack = (stack_t){ (void *)slot->stack, 0, slot->stack_size };
	frame->context.__handlers = frames;
	frame->error = errno;
	frame->windows = cancel_windows();
	frame->kept = false;
	frame->outer = frames;
	frames = frame;
	mig_state_save(&frame->mig);
	handle(&frame->info, &frame->context);
	while (!leave(slot, frame))
		continue;
	back_up(frame->state);
}

/* --- jumping out of handlers --- */

/* Whether a jump to that stack pointer leaves the handler of the frame. */
static bool
jumps_out(const struct signal_frame *frame, uint64_t sp)
{
	const struct signal_slot *slot = signal_self();
	uint64_t at = (uint64_t)(uintptr_t)frame;

	if (at - slot->stack < slot->stack_size && sp - slot->stack < slot->stack_size)
		return at < sp;
	return THREAD_STATE_SP(frame->state) <= sp;	/* equal: the function that called setjmp was interrupted */
}

/* The call that the handler interrupted has nobody any more to take its reply: the server shall not wait for what it asked for. */
static void
abandon(const struct mig_state *call)
{
	mig_state_restore(call);
	mig_reply_port_drop();
	mig_set_interrupt(NULL, 0, NULL);	/* its cancellation window is closed: handle did that */
	if (call->port != MACH_PORT_NULL)
		call->cancel(call->port);
}

static void
leave_frames(uint64_t sp)
{
	while (frames != NULL && jumps_out(frames, sp)) {
		abandon(&frames->mig);
		frames = frames->outer;
	}
}

void
longjmp(jmp_buf place, int value)
{
	if (frames != NULL) {
		signal_critical_enter();
		leave_frames(place[JMP_SP]);
		signal_self()->critical = 0;
		signal_check();
	}
	__longjmp(place, value);
}

void *
signal_handlers_keep(void)
{
	for (struct signal_frame *frame = frames; frame != NULL && !frame->kept; frame = frame->outer)
		frame->kept = true;
	return frames;
}

void
signal_handlers_change(void *handlers)
{
	if (frames == handlers)
		return;
	signal_critical_enter();
	for (; frames != NULL && frames != handlers && !frames->kept; frames = frames->outer)
		abandon(&frames->mig);
	frames = handlers;
	signal_self()->critical = 0;
	signal_check();
}

/* As the end of handle and __signal_enter; handlers inside that one are left. */
bool
signal_handler_return(const ucontext_t *context, struct thread_state *state)
{
	struct signal_slot *slot = signal_self();
	struct signal_frame *frame = frames;

	while (frame != NULL && context != &frame->context)
		frame = frame->outer;
	if (frame == NULL)
		return false;
	signal_handlers_change(frame);
	signal_critical_enter();
	cancel_resume(frame->windows);
	slot->mask = context->uc_sigmask & ~SIGNALS_UNBLOCKABLE;
	while (!leave(slot, frame))
		continue;
	back_up(state);
	return true;
}

void _longjmp(jmp_buf place, int value) __attribute__((alias("longjmp")));

unsigned long *
__sigjmp_save(sigjmp_buf place, int save)
{
	place[22] = save != 0;
	place[23] = signal_self()->mask;
	return place;
}

void
siglongjmp(sigjmp_buf place, int value)
{
	if (place[22] != 0)
		sigprocmask(SIG_SETMASK, (const sigset_t *)&place[23], NULL);
	longjmp(place, value);
}

/* --- threads --- */

static void
slot_take(struct signal_slot *slot, uint64_t mask)
{
	slot->critical = slot->busy = 0;
	slot->stack_size = 0;
	slot->mask = mask & ~SIGNALS_UNBLOCKABLE;
	own_slot = slot;
	__atomic_store_n(&slot->thread, cthread_port(cthread_self()), __ATOMIC_SEQ_CST);
}

void
signal_start(void)
{
	if (startup_info->signal_page == 0)
		return;
	signal_page = (struct signal_page *)startup_info->signal_page;
	signal_page->slots[0].claimed = 1;
	*cthread_data(cthread_self()) = 1;	/* as pthread_create does for others: pthread_kill finds the slot by it */
	__atomic_store_n(&signal_page->trampoline, (uint64_t)(uintptr_t)__signal_trampoline, __ATOMIC_SEQ_CST);
	slot_take(&signal_page->slots[0], signal_page->slots[0].mask);
	signal_check();
}

/*
 * proc has copied the slot into the new page; the thread is another one, and so it is in the frames of handlers that fork was called in.
 * The reply ports of what they interrupted are the parent's.
 */
void
signal_fork_child(void)
{
	for (struct signal_frame *frame = frames; frame != NULL; frame = frame->outer) {
		frame->mig.reply_port = MACH_PORT_NULL;
		frame->thread = cthread_port(cthread_self());
	}
	if (own_slot == NULL && signal_page != &no_page) {
		own_slot = &signal_page->slots[0];
		own_slot->critical = no_slot.critical;
		own_slot->mask = no_slot.mask;
	}
	if (own_slot != NULL)
		__atomic_store_n(&own_slot->thread, cthread_port(cthread_self()), __ATOMIC_SEQ_CST);
}

static void
count_slot(uint32_t number)
{
	uint32_t count = __atomic_load_n(&signal_page->slot_count, __ATOMIC_RELAXED);

	while (count <= number && !__atomic_compare_exchange_n(&signal_page->slot_count, &count, number + 1, false, __ATOMIC_SEQ_CST,
					  __ATOMIC_RELAXED))
		continue;
}

uint32_t
signal_slot_claim(void)
{
	for (uint32_t i = 0; signal_page != &no_page && i < SIGNAL_SLOTS; i++)
		if (__atomic_exchange_n(&signal_page->slots[i].claimed, 1, __ATOMIC_ACQ_REL) == 0) {
			count_slot(i);
			return i;
		}
	return SIGNAL_SLOTS;
}

void
signal_slot_release(uint32_t number)
{
	if (number < SIGNAL_SLOTS)
		__atomic_store_n(&signal_page->slots[number].claimed, 0, __ATOMIC_RELEASE);
}

void
signal_thread_start(uint32_t number, uint64_t mask)
{
	if (number == SIGNAL_SLOTS) {
		no_slot.mask = mask;		/* for those that it starts */
		return;
	}
	slot_take(&signal_page->slots[number], mask);
	signal_check();
}

/* Slot 0 stays, with everything blocked: proc takes its mask for that of a program that has just begun. */
void
signal_thread_end(void)
{
	struct signal_slot *slot = own_slot;
	struct signal_info info;

	if (slot == NULL)
		return;
	signal_critical_enter();
	slot->mask = UINT64_MAX;
	__atomic_store_n(&slot->thread, MACH_PORT_NULL, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(&slot->pending, __ATOMIC_SEQ_CST) != 0)	/* they would go to the slot's next thread */
		if (proc_signal_take(proc_port(), signal_slot_number(), slot->pending, &info) != KERN_SUCCESS)
			break;
	own_slot = NULL;
	if (slot != &signal_page->slots[0])
		signal_slot_release((uint32_t)(slot - signal_page->slots));
}
