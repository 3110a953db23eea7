/*
 * Who may use a terminal: its session, the foreground group, signals from the keyboard (POSIX.1-2017 11.1). See tty.h.
 *
 * Who sends is asked from the process server by the label of the message's token. Servers (labels below PROC_LABEL_FIRST) may do everything,
 * and so may processes of other sessions, whose controlling terminal this is not. All calls are made without the terminal's lock: the process
 * server may be writing to this terminal just now.
 *
 * A session's leader is never in the background: it is the shell that lent the terminal to others, and takes it back. The process server gives
 * a port that dies with it (proc_watch): then the foreground group is told, and the terminal is nobody's. Who knows that the leader is gone finds
 * it so, wherever the notification is: that the port is dead is seen at once.
 *
 * A process that was sent SIGTTIN or SIGTTOU gets EINTR; the library makes the call again unless a handler says otherwise, so it goes on when
 * the process does. So do those whose reads wait when the foreground changes: what is typed now is not for who was stopped in a read.
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

/* Nobody's terminal any more. With state_lock held. */
static void
forget(struct terminal *t)
{
	t->session = t->foreground = 0;
	port_drop(t->leader);
	t->leader = MACH_PORT_NULL;
}

static void
tell(int32_t group)
{
	if (group > 0) {
		signal_group(group, SIGHUP);
		signal_group(group, SIGCONT);
	}
}

/* Who had the terminal is told: the leader, which has a group of its own, and the foreground (POSIX.1-2017 11.1.10). */
static void
hang_up(struct terminal *t)
{
	int32_t of_session, group;

	mutex_lock(&state_lock);
	of_session = t->session;
	group = t->foreground;
	forget(t);
	mutex_unlock(&state_lock);
	tell(of_session);
	if (group != of_session)
		tell(group);
}

/* The leader that `life` dies with is gone. */
static void
leader_died(struct terminal *t, mach_port_t life)
{
	int32_t group = 0;

	mutex_lock(&state_lock);
	if (t->leader == life) {
		group = t->foreground;
		forget(t);
	}
	mutex_unlock(&state_lock);
	tell(group);
}

void
jobs_dead(mach_port_t life)
{
	for (uint32_t n = 0; n < TERMINALS_MAX; n++)
		if (terminal_number(n) != NULL)
			leader_died(terminal_number(n), life);
}

/* If its session's leader is gone, it is nobody's from now on. */
static void
settle(struct terminal *t)
{
	mach_port_type_t type = 0;
	mach_port_t life;

	mutex_lock(&state_lock);
	life = t->leader;
	if (life != MACH_PORT_NULL)
		mach_port_type(mach_task_self(), life, &type);
	mutex_unlock(&state_lock);
	if ((type & MACH_PORT_TYPE_DEAD_NAME) != 0)
		leader_died(t, life);
}

/* Settles. */
static void
state_get(struct terminal *t, int32_t *of_session, int32_t *group)
{
	settle(t);
	mutex_lock(&state_lock);
	*of_session = t->session;
	*group = t->foreground;
	mutex_unlock(&state_lock);
}

int32_t
jobs_foreground(const struct terminal *t)
{
	int32_t group;

	mutex_lock(&state_lock);
	group = t->foreground;
	mutex_unlock(&state_lock);
	return group;
}

void
jobs_signal_group(int32_t group, int32_t signal)
{
	if (group > 0)
		signal_group(group, signal);
}

static void
send_pending(struct terminal *t, uint32_t pending)
{
	settle(t);
	for (int32_t signal = 1; signal < 32; signal++)
		if ((pending & 1u << signal) != 0 && signal != SIGHUP)
			jobs_signal_group(jobs_foreground(t), signal);
	if ((pending & 1u << SIGHUP) != 0)
		hang_up(t);
}

/* Who waits for input, or is about to, looks again whether it may: it can be in the background now, or stopped. With the lock held. */
static void
ask_again(struct terminal *t)
{
	interrupts_add();
	readers_end(t, SLAVE, EINTR);
	terminal_pump(t);
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
			if ((pending & 1u << SIGTSTP) != 0) {
				t->stopping = (t->pending & 1u << SIGTSTP) != 0;
				ask_again(t);
			}
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
	bool any;

	mutex_lock(&state_lock);
	any = t->session != 0;
	mutex_unlock(&state_lock);
	return any;
}

void
jobs_forget(struct terminal *t)
{
	mutex_lock(&state_lock);
	forget(t);
	mutex_unlock(&state_lock);
}

void
jobs_post(struct terminal *t, int32_t signal)
{
	t->pending |= 1u << signal;
	t->stopping |= signal == SIGTSTP;
	condition_signal(&posted);
}

/* Whether the sender is in the terminal's session, but not in the foreground; then *who is known. */
static bool
in_background(struct terminal *t, const struct mig_request *rq, struct proc_identity *who)
{
	int32_t of_session, group;

	state_get(t, &of_session, &group);
	return of_session != 0 && group != 0 && identify(rq->sender.label, who) && who->session == of_session &&
	    who->pid != of_session && who->group != group;
}

/* A group that was brought to the foreground just now would be stopped for nothing. */
static void
stop_group(struct terminal *t, int32_t group, int32_t signal)
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

/* With state_lock held. */
static struct terminal *
find_session(int32_t session)
{
	for (uint32_t n = 0; n < TERMINALS_MAX; n++) {
		struct terminal *t = terminal_number(n);

		if (t != NULL && t->session == session)
			return t;
	}
	return NULL;
}

static struct terminal *
terminal_of_session(int32_t session)
{
	struct terminal *found;

	mutex_lock(&state_lock);
	found = find_session(session);
	mutex_unlock(&state_lock);
	return found;
}

int32_t
jobs_session(uint32_t label)
{
	struct proc_identity who;
	struct terminal *t;

	if (!identify(label, &who))
		return 0;
	t = terminal_of_session(who.session);
	if (t != NULL)
		settle(t);
	return who.session;
}

struct terminal *
jobs_terminal(int32_t session)
{
	return session == 0 ? &console_terminal : terminal_of_session(session);
}

/* A port that dies with the process, which notify_port is told. NULL: it is gone, or there is no memory. */
static mach_port_t
watch(uint32_t label)
{
	mach_port_t life = MACH_PORT_NULL;
	kern_return_t kr;
	int32_t pid;

	mig_set_timeout(PROC_TIMEOUT);
	kr = proc_watch(proc_service(), label, &pid, &life);
	mig_set_timeout(0);
	if (kr == KERN_SUCCESS && port_notify(life, MACH_NOTIFY_DEAD_NAME, notify_port) == KERN_SUCCESS)
		return life;
	port_drop(life);
	return MACH_PORT_NULL;
}

/*
 * Whether a terminal is still that of an open file, and not hung up: what was found out without the lock holds for it. Conditions: lock held,
 * not state_lock.
 */
static bool
is_still(const struct terminal *t, mach_port_t file)
{
	return open_end(file).terminal == t && !pty_hung_up(t, SLAVE);
}

/* Purpose: it becomes the terminal of a session that its leader asks for. Returns: 0, also if it is so already; EPERM. */
static kern_return_t
take(struct terminal *t, mach_port_t file, uint32_t label)
{
	bool still;
	struct terminal *has;
	struct proc_identity who;
	mach_port_t life;

	if (!identify(label, &who) || who.session != who.pid)
		return EPERM;
	settle(t);
	if (terminal_of_session(who.session) == t)
		return 0;
	life = watch(label);
	mutex_lock(&lock);
	still = is_still(t, file);
	mutex_lock(&state_lock);
	has = find_session(who.session);
	if (still && has == NULL && t->session == 0 && life != MACH_PORT_NULL) {
		t->session = who.session;
		t->foreground = who.group;
		t->leader = life;
		life = MACH_PORT_NULL;
		has = t;
	}
	mutex_unlock(&state_lock);
	mutex_unlock(&lock);
	port_drop(life);
	return still && has == t ? 0 : EPERM;
}

void
jobs_open(struct terminal *t, mach_port_t file, uint32_t label, uint32_t flags)
{
	if ((flags & IO_O_NOCTTY) == 0)
		take(t, file, label);
}

kern_return_t
jobs_take(struct terminal *t, const struct mig_request *rq)
{
	return take(t, rq->port, rq->sender.label);
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
		forget(t);
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
	bool still, changed;

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
	mutex_lock(&lock);
	still = is_still(t, rq->port);
	mutex_lock(&state_lock);
	still = still && t->session == of_session;
	changed = still && t->foreground != group;
	if (still)
		t->foreground = group;
	mutex_unlock(&state_lock);
	if (changed)
		ask_again(t);
	mutex_unlock(&lock);
	return still ? 0 : ENOTTY;
}
