/*
 * Who may use a terminal: its session, the foreground group, signals from the keyboard (POSIX.1-2017 11.1). See tty.h.
 *
 * Who sends is asked from the process server by the label of the message's token. Servers (labels below PROC_LABEL_FIRST) may do everything,
 * and so may processes of other sessions, whose controlling terminal this is not. All calls are made without the terminal's lock: the process
 * server may be writing to this terminal just now.
 *
 * A session's leader is never in the background: it is the shell that lent the terminal to others, and takes it back.
 *
 * A process that was sent SIGTTIN or SIGTTOU gets EINTR; the library makes the call again unless a handler says otherwise, so it goes on when
 * the process does.
 */
#include "tty.h"

#include "mach/service.h"
#include "proc.h"
#include <proto/signal_page.h>

#include <errno.h>

#define PROC_TIMEOUT	1000		/* ms */
#define NO_GROUP	INT32_MAX	/* POSIX: what no group has */

static struct mutex state_lock;		/* the session and foreground group of all terminals */
static struct condition posted;		/* with `lock`: a terminal has pending signals */

static mach_port_t
proc_service(void)
{
	static mach_port_t proc;

	if (proc == MACH_PORT_NULL)
		proc = service_look_up("proc");
	return proc;
}

static kern_return_t
signal_group(int32_t group, int32_t signal)
{
	kern_return_t kr;

	mig_set_timeout(PROC_TIMEOUT);
	kr = proc_signal_group(proc_service(), group, signal);
	mig_set_timeout(0);
	return kr;
}

/* Returns false for servers, and when nobody knows. */
static bool
identify(uint32_t label, struct proc_identity *who)
{
	kern_return_t kr;

	if (label < PROC_LABEL_FIRST)
		return false;
	mig_set_timeout(PROC_TIMEOUT);
	kr = proc_identify(proc_service(), label, who);
	mig_set_timeout(0);
	return kr == KERN_SUCCESS;
}

static void
state_get(const struct terminal *t, int32_t *of_session, int32_t *group)
{
	mutex_lock(&state_lock);
	*of_session = t->session;
	*group = t->foreground;
	mutex_unlock(&state_lock);
}

void
jobs_signal(struct terminal *t, int32_t signal)
{
	int32_t of_session, group;

	state_get(t, &of_session, &group);
	if (group > 0)
		signal_group(group, signal);
}

/* Who had the terminal is told: the leader, which has a group of its own, and the foreground (POSIX.1-2017 11.1.10). */
static void
hang_up(struct terminal *t)
{
	int32_t of_session, group;

	mutex_lock(&state_lock);
	of_session = t->session;
	group = t->foreground;
	t->session = t->foreground = 0;
	mutex_unlock(&state_lock);
	for (int i = 0; i < 2; i++, of_session = group != of_session ? group : 0)
		if (of_session > 0) {
			signal_group(of_session, SIGHUP);
			signal_group(of_session, SIGCONT);
		}
}

static void
send_pending(struct terminal *t, uint32_t pending)
{
	for (int32_t signal = 1; signal < 32; signal++)
		if ((pending & 1u << signal) != 0 && signal != SIGHUP)
			jobs_signal(t, signal);
	if ((pending & 1u << SIGHUP) != 0)
		hang_up(t);
}

static void *
signal_thread(void *unused)
{
	struct terminal *t;
	uint32_t pending;
	bool sent;

	mutex_lock(&lock);
	for (;;) {
		sent = false;
		for (uint32_t n = 0; n < TERMINALS_MAX; n++) {
			t = terminal_number(n);
			if (t == NULL || t->pending == 0)
				continue;
			pending = t->pending;
			t->pending = 0;
			t->sending = true;
			mutex_unlock(&lock);
			send_pending(t, pending);
			mutex_lock(&lock);
			t->sending = false;
			sent = true;
		}
		if (!sent)
			condition_wait(&posted, &lock);
	}
	return unused;
}

void
jobs_start(void)
{
	cthread_spawn(signal_thread, NULL);
}

bool
jobs_any(const struct terminal *t)
{
	int32_t of_session, group;

	state_get(t, &of_session, &group);
	return of_session != 0;
}

void
jobs_forget(struct terminal *t)
{
	mutex_lock(&state_lock);
	t->session = t->foreground = 0;
	mutex_unlock(&state_lock);
}

void
jobs_post(struct terminal *t, int32_t signal)
{
	t->pending |= 1u << signal;
	condition_signal(&posted);
}

/* Whether the sender is in the terminal's session, but not in the foreground; then *who is known. */
static bool
in_background(const struct terminal *t, const struct mig_request *rq, struct proc_identity *who)
{
	int32_t of_session, group;

	state_get(t, &of_session, &group);
	return of_session != 0 && group != 0 && identify(rq->sender.label, who) && who->session == of_session &&
	    who->pid != of_session && who->group != group;
}

/* A group that was brought to the foreground just now would be stopped for nothing. */
static void
stop_group(const struct terminal *t, int32_t group, int32_t signal)
{
	int32_t of_session, now;

	signal_group(group, signal);
	state_get(t, &of_session, &now);
	if (now == group)
		signal_group(group, SIGCONT);
}

kern_return_t
jobs_may_read(struct terminal *t, const struct mig_request *rq)
{
	struct proc_identity who;

	if (!in_background(t, rq, &who))
		return 0;
	if (who.orphaned != 0 || ((who.ignored | who.blocked) & SIGNAL_BIT(SIGTTIN)) != 0)
		return EIO;
	stop_group(t, who.group, SIGTTIN);
	return EINTR;
}

kern_return_t
jobs_may_change(struct terminal *t, const struct mig_request *rq)
{
	struct proc_identity who;

	if (!in_background(t, rq, &who) || ((who.ignored | who.blocked) & SIGNAL_BIT(SIGTTOU)) != 0)
		return 0;
	if (who.orphaned != 0)
		return EIO;
	stop_group(t, who.group, SIGTTOU);
	return EINTR;
}

/* A session whose leader's group is gone has no terminal any more. */
static bool
is_free(const struct terminal *t)
{
	int32_t of_session, group;

	state_get(t, &of_session, &group);
	return of_session == 0 || signal_group(of_session, 0) == ESRCH;
}

static struct terminal *
terminal_of_session(int32_t session)
{
	struct terminal *t, *found = NULL;

	mutex_lock(&state_lock);
	for (uint32_t n = 0; found == NULL && n < TERMINALS_MAX; n++) {
		t = terminal_number(n);
		if (t != NULL && t->session == session)
			found = t;
	}
	mutex_unlock(&state_lock);
	return found;
}

struct terminal *
jobs_terminal(uint32_t label)
{
	struct proc_identity who;

	return identify(label, &who) ? terminal_of_session(who.session) : &console_terminal;
}

uint32_t
jobs_user(uint32_t label)
{
	struct proc_identity who;

	return label < PROC_LABEL_FIRST ? 0 : identify(label, &who) ? who.ids.euid : UINT32_MAX;
}

static void
take(struct terminal *t, const struct proc_identity *who)
{
	mutex_lock(&state_lock);
	t->session = who->session;
	t->foreground = who->group;
	mutex_unlock(&state_lock);
}

void
jobs_open(struct terminal *t, uint32_t label, uint32_t flags)
{
	struct proc_identity who;

	if ((flags & IO_O_NOCTTY) == 0 && identify(label, &who) && who.session == who.pid &&
	    terminal_of_session(who.session) == NULL && is_free(t))
		take(t, &who);
}

kern_return_t
jobs_take(struct terminal *t, const struct mig_request *rq)
{
	struct proc_identity who;
	struct terminal *has;

	if (!identify(rq->sender.label, &who) || who.session != who.pid)
		return EPERM;
	has = terminal_of_session(who.session);
	if (has == t)
		return 0;
	if (has != NULL || !is_free(t))
		return EPERM;
	take(t, &who);
	return 0;
}

kern_return_t
jobs_give_up(struct terminal *t, const struct mig_request *rq)
{
	struct proc_identity who;
	bool leader;

	if (!identify(rq->sender.label, &who))
		return ENOTTY;
	mutex_lock(&state_lock);
	leader = who.session == t->session && who.pid == t->session;
	if (leader)
		t->session = t->foreground = 0;
	mutex_unlock(&state_lock);
	return leader ? 0 : ENOTTY;
}

/* Whether this is the controlling terminal of the sender. A server need not have one. */
static bool
is_controlling(const struct mig_request *rq, int32_t of_session, struct proc_identity *who)
{
	return !identify(rq->sender.label, who) || who->session == of_session;
}

kern_return_t
jobs_get(struct terminal *t, bool master, const struct mig_request *rq, int32_t *of_session, int32_t *group)
{
	struct proc_identity who;

	state_get(t, of_session, group);
	if (master ? *of_session == 0 : !is_controlling(rq, *of_session, &who))
		return ENOTTY;
	if (*group == 0)
		*group = NO_GROUP;
	return 0;
}

static bool
group_in_session(int32_t group, int32_t of_session)
{
	struct proc_info info = { 0 };
	bool found = false;

	mig_set_timeout(PROC_TIMEOUT);
	for (int32_t pid = 1; !found && proc_next(proc_service(), pid, &info) == KERN_SUCCESS; pid = info.pid + 1)
		found = info.group == group && info.session == of_session;
	mig_set_timeout(0);
	return found;
}

kern_return_t
jobs_set_foreground(struct terminal *t, const struct mig_request *rq, int32_t group)
{
	struct proc_identity who = { 0 };
	int32_t of_session, now;
	kern_return_t kr;

	if (group <= 0)
		return EINVAL;
	state_get(t, &of_session, &now);
	if (of_session == 0 && jobs_take(t, rq) == 0)
		state_get(t, &of_session, &now);
	if (!is_controlling(rq, of_session, &who))
		return ENOTTY;
	kr = jobs_may_change(t, rq);
	if (kr != 0)
		return kr;
	/* The keyboard sends signals to it: only what is in the session may be given to it, unless a server asks. */
	if (who.pid != 0 ? !group_in_session(group, of_session) : signal_group(group, 0) == ESRCH)
		return EPERM;
	mutex_lock(&state_lock);
	t->foreground = group;
	mutex_unlock(&state_lock);
	return 0;
}
