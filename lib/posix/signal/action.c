/* Signal actions, sets, alternate stacks. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "posix/posix.h"
#include "proc.h"
#include "signals.h"

static bool
is_signal(int signal)
{
	return signal > 0 && signal <= (int)SIGNALS;
}

/* proc reads the handler last, and so finds what belongs to it. */
static void
set_action(struct signal_action *to, const struct sigaction *from)
{
	to->mask = from->sa_mask;
	to->flags = (uint32_t)from->sa_flags;
	__atomic_store_n(&to->handler, (uint64_t)(uintptr_t)from->sa_handler, __ATOMIC_SEQ_CST);
}

/* Whether it waits for the process or any of its threads. */
static bool
is_pending(int signal)
{
	uint64_t pending = __atomic_load_n(&signal_page->pending, __ATOMIC_SEQ_CST);

	for (uint32_t i = 0; i < signal_page->slot_count && i < SIGNAL_SLOTS; i++)
		pending |= __atomic_load_n(&signal_page->slots[i].pending, __ATOMIC_SEQ_CST);
	return (pending & SIGNAL_BIT(signal)) != 0;
}

/* What is pending and ignored from now on is forgotten: proc looks. By default some are, too, which it would keep for who blocks them. */
static void
forget_ignored(int signal)
{
	const uint64_t by_default = SIGNAL_BIT(SIGCHLD) | SIGNAL_BIT(SIGURG) | SIGNAL_BIT(SIGWINCH);
	uint64_t handler = signal_page->actions[signal].handler;
	uint64_t set = handler == SIGNAL_DEFAULT ? by_default & SIGNAL_BIT(signal) : 0;
	struct signal_info taken;

	if (handler > SIGNAL_IGNORE || !is_pending(signal))
		return;
	do {
		taken.signal = 0;
	} while (proc_signal_take(proc_port(), signal_slot_number(), set, &taken) == KERN_SUCCESS && taken.signal != 0);
}

int
sigaction(int signal, const struct sigaction *restrict action, struct sigaction *restrict old)
{
	struct signal_action *now, before;

	if (!is_signal(signal) || (action != NULL && (signal == SIGKILL || signal == SIGSTOP || signal == SIGNAL_CANCEL)))
		return posix_error(EINVAL);
	now = &signal_page->actions[signal];
	signal_critical_enter();
	before = *now;
	if (action != NULL) {
		set_action(now, action);
		forget_ignored(signal);
	}
	signal_critical_leave();
	if (old != NULL)
		*old = (struct sigaction){ .sa_handler = (void (*)(int))before.handler, .sa_mask = before.mask,
			.sa_flags = (int)before.flags };
	return 0;
}

void (*
signal(int signal, void (*handler)(int)))(int)
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = SA_RESTART }, old;

	return sigaction(signal, &action, &old) < 0 ? SIG_ERR : old.sa_handler;
}

int
siginterrupt(int signal, int interrupts)
{
	struct sigaction action = { 0 };

	if (sigaction(signal, NULL, &action) < 0)
		return -1;
	action.sa_flags = interrupts ? action.sa_flags & ~SA_RESTART : action.sa_flags | SA_RESTART;
	return sigaction(signal, &action, NULL);
}

int
sigaltstack(const stack_t *restrict stack, stack_t *restrict old)
{
	struct signal_slot *slot = signal_self();
	uint64_t here = (uint64_t)(uintptr_t)__builtin_frame_address(0);
	bool on_it = here - slot->stack < slot->stack_size;
	stack_t before = { (void *)slot->stack, slot->stack_size == 0 ? SS_DISABLE : on_it ? SS_ONSTACK : 0, slot->stack_size };

	if (stack != NULL) {
		if (on_it)
			return posix_error(EPERM);
		if ((stack->ss_flags & ~SS_DISABLE) != 0)
			return posix_error(EINVAL);
		if (stack->ss_flags == 0 && stack->ss_size < MINSIGSTKSZ)
			return posix_error(ENOMEM);
		slot->stack_size = 0;
		__atomic_signal_fence(__ATOMIC_SEQ_CST);
		slot->stack = (uint64_t)(uintptr_t)stack->ss_sp;
		__atomic_signal_fence(__ATOMIC_SEQ_CST);
		slot->stack_size = stack->ss_flags == 0 ? stack->ss_size : 0;
	}
	if (old != NULL)
		*old = before;
	return 0;
}

/* --- sets --- */

int
sigemptyset(sigset_t *set)
{
	*set = 0;
	return 0;
}

int
sigfillset(sigset_t *set)
{
	*set = ~(sigset_t)0;
	return 0;
}

int
sigaddset(sigset_t *set, int signal)
{
	if (!is_signal(signal))
		return posix_error(EINVAL);
	*set |= SIGNAL_BIT(signal);
	return 0;
}

int
sigdelset(sigset_t *set, int signal)
{
	if (!is_signal(signal))
		return posix_error(EINVAL);
	*set &= ~SIGNAL_BIT(signal);
	return 0;
}

int
sigismember(const sigset_t *set, int signal)
{
	if (!is_signal(signal))
		return posix_error(EINVAL);
	return (*set & SIGNAL_BIT(signal)) != 0;
}

/* --- the X/Open simplified interface, and messages --- */

static int
change_mask(int how, int signal)
{
	sigset_t set = 0;

	return sigaddset(&set, signal) < 0 ? -1 : sigprocmask(how, &set, NULL);
}

int
sighold(int signal)
{
	return change_mask(SIG_BLOCK, signal);
}

int
sigrelse(int signal)
{
	return change_mask(SIG_UNBLOCK, signal);
}

int
sigignore(int signal)
{
	struct sigaction action = { .sa_handler = SIG_IGN };

	return sigaction(signal, &action, NULL);
}

int
sigpause(int signal)
{
	sigset_t mask = signal_self()->mask;

	return sigdelset(&mask, signal) < 0 ? -1 : sigsuspend(&mask);
}

void (*
sigset(int signal, void (*handler)(int)))(int)
{
	struct sigaction action = { .sa_handler = handler }, old;
	sigset_t mask;

	if (sigaction(signal, handler == SIG_HOLD ? NULL : &action, &old) < 0 || sigprocmask(SIG_BLOCK, NULL, &mask) < 0 ||
	    change_mask(handler == SIG_HOLD ? SIG_BLOCK : SIG_UNBLOCK, signal) < 0)
		return SIG_ERR;
	return sigismember(&mask, signal) ? SIG_HOLD : old.sa_handler;
}

void
psignal(int signal, const char *text)
{
	fprintf(stderr, "%s%s%s\n", text != NULL ? text : "", text != NULL && *text != 0 ? ": " : "", strsignal(signal));
}

void
psiginfo(const siginfo_t *info, const char *text)
{
	psignal(info->si_signo, text);
}
