/*
 * Waiting for programs: in front, in the background, stopped (job control; POSIX.1-2017 XBD 11.1).
 *
 *	program_finish -- in front ---> wait_in_front -- ends ---> status
 *	        |                        ^          \---- stops --> jobs	"[pid] name: stopped"
 *	        \------- A & --> jobs	 | fg, wait
 *	                          \------/			program_reap: what has ended, stopped or gone on meanwhile
 *
 * The keys, fg and bg work on process groups: a shell for people gives each pipeline one. In other shells programs are in the shell's own
 * (group 0 here), and stop with it.
 */
#include "mach/mach.h"
#include "mach/startup.h"
#include "proc.h"
#include "shell.h"
#include <errno.h>
#include <string.h>

#define JOBS_MAX	64
#define STOPPED		0x7f		/* the low byte of a wait status; the signal is above it */
#define CONTINUED	0xffff

enum {
	SIGHUP = 1, SIGINT, SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGKILL,
	SIGSEGV = 11, SIGPIPE = 13, SIGALRM, SIGTERM, SIGCONT = 18, SIGTTIN = 21, SIGTTOU, SIGSYS = 31,
};

/* A program that nobody waits for. */
struct job {
	struct started program;
	bool stopped;
	struct tty_settings settings;	/* what the terminal was like when it stopped in front */
	bool has_settings;
};

static struct job jobs[JOBS_MAX];	/* in the order in which they got here */
static unsigned job_count;
static bool warned;			/* that there are stopped ones, at the last `exit` */

const char *
signal_text(int signal)
{
	static const char *const texts[] = {
		[SIGHUP] = "hung up", [SIGINT] = "interrupted", [SIGQUIT] = "quit",
		[SIGILL] = "illegal instruction", [SIGTRAP] = "breakpoint", [SIGABRT] = "aborted",
		[SIGBUS] = "bus error", [SIGFPE] = "arithmetic error", [SIGKILL] = "killed",
		[SIGSEGV] = "segmentation fault", [SIGPIPE] = "broken pipe", [SIGALRM] = "alarm",
		[SIGTERM] = "terminated", [SIGSYS] = "bad system call",
	};

	if (signal <= 0 || signal >= (int)(sizeof(texts) / sizeof(texts[0])))
		return NULL;
	return texts[signal];
}

/* The shell's status for a POSIX wait status. */
static int
status_of(int32_t result)
{
	if ((result & 0xff) == STOPPED)
		return STATUS_SIGNAL + (result >> 8 & 0xff);
	return (result & 0x7f) != 0 ? STATUS_SIGNAL + (result & 0x7f) : result >> 8 & 0xff;
}

static void
tell_signal(const char *name, int32_t result)
{
	int signal = result & 0x7f;
	const char *text = signal_text(signal);

	if (signal == 0)
		return;
	if (text != NULL)
		complain("%s: %s", name, text);
	else
		complain("%s: ended by signal %d", name, signal);
}

/* --- the list --- */

static struct job *
job_of(int32_t pid)
{
	for (unsigned i = 0; i < job_count; i++)
		if (jobs[i].program.pid == pid)
			return &jobs[i];
	return NULL;
}

/* The one that stopped last, or if none is, that was started last. */
static struct job *
latest(void)
{
	for (unsigned i = job_count; i-- > 0;)
		if (jobs[i].stopped)
			return &jobs[i];
	return job_count > 0 ? &jobs[job_count - 1] : NULL;
}

/* Returns NULL: there are too many, which people are told. It runs on, or is stopped, and nobody knows it. */
static struct job *
job_add(const struct started *program)
{
	if (job_count == JOBS_MAX)
		program_reap();
	if (job_count == JOBS_MAX) {
		if (shell.interactive)
			complain("%s: process %d cannot be waited for: there are %u in the background", program->name, program->pid, JOBS_MAX);
		return NULL;
	}
	jobs[job_count] = (struct job){ .program = *program };
	return &jobs[job_count++];
}

static void
job_remove(struct job *job)
{
	memmove(job, job + 1, (size_t)(&jobs[--job_count] - job) * sizeof(*job));
}

static void
tell_stopped(const struct started *program)
{
	file_print(shell.fds[2], "[%d] %s: stopped\n", program->pid, program->name);
	warned = false;
}

static void
tell_names(int32_t group)
{
	const char *between = "";

	for (unsigned i = 0; i < job_count; i++)
		if (jobs[i].program.group == group) {
			file_print(shell.fds[2], "%s%s", between, jobs[i].program.name);
			between = " | ";
		}
	file_print(shell.fds[2], "\n");
}

static void
job_ended(struct job *job, int32_t result)
{
	if (shell.interactive && (result & 0x7f) == 0)
		file_print(shell.fds[2], "[%d] %s: ended with status %d\n", job->program.pid, job->program.name, status_of(result));
	else
		tell_signal(job->program.name, result);
	job_remove(job);
}

/* What proc has to tell of one. */
static void
job_changed(struct job *job, int32_t result)
{
	bool was = job->stopped;

	if (result != CONTINUED && (result & 0xff) != STOPPED) {
		job_ended(job, result);
		return;
	}
	job->stopped = result != CONTINUED;
	if (job->stopped && !was)
		tell_stopped(&job->program);
}

void
program_reap(void)
{
	struct proc_waited found;
	struct job *job;

	while (job_count > 0) {
		if (proc_wait(startup_info->proc, -1, PROC_WEXITED | PROC_WSTOPPED | PROC_WCONTINUED | PROC_WNOHANG, 0, &found) !=
				KERN_SUCCESS ||
			found.pid == 0)
			break;
		job = job_of(found.pid);
		if (job != NULL)
			job_changed(job, found.status);
	}
}

void
program_list(mach_port_t out)
{
	for (unsigned i = 0; i < job_count; i++)
		file_print(out, "[%d] %s%s\n", jobs[i].program.pid, jobs[i].program.name, jobs[i].stopped ? ": stopped" : "");
}

bool
program_may_leave(void)
{
	bool stopped = job_count > 0 && latest()->stopped, may = !stopped || warned;

	if (!may)
		complain("exit: programs are stopped (`jobs`, `fg`); `exit` again ends them");
	warned = true;
	return may;
}

/* --- in front --- */

/*
 * Waits until it has ended, or stopped: then it returns false. Those in the background that end meanwhile wait for program_reap. One that was
 * stopped because it used the terminal before it was in front, or has lost it, gets it.
 */
static bool
wait_for(const struct started *program, int32_t *result)
{
	uint32_t options = PROC_WEXITED | (program->group != 0 ? PROC_WSTOPPED : 0);
	struct proc_waited found;
	kern_return_t kr;

	for (;;) {
		kr = proc_wait(startup_info->proc, program->pid, options, 0, &found);
		if (kr != KERN_SUCCESS) {
			*result = complain("%s: cannot wait: %s", program->name, error_text(kr)) << 8;
			return true;
		}
		*result = found.status;
		if ((found.status & 0xff) != STOPPED)
			return true;
		if (found.status >> 8 != SIGTTIN && found.status >> 8 != SIGTTOU)
			return false;
		terminal_lend(program->group, NULL);
		program_continue(program->group);
	}
}

/* What people are told of the end of a program that they saw running. */
static void
tell_end(const struct started *program, int32_t result)
{
	if ((result & 0x7f) != 0)
		terminal_reset();
	if ((result & 0x7f) == SIGINT) {
		if (!shell.interrupted)
			file_print(shell.fds[2], "\n");
		shell.interrupted = true;
	} else if ((result & 0x7f) != SIGPIPE) {
		tell_signal(program->name, result);
	}
}

/* The rest of the pipeline stops with it, what has been started since, too: all of it can go on later. The rest of the line is dropped. */
static void
put_aside(const struct started *started, unsigned count, int signal)
{
	struct job *job;

	if (count > 1)
		program_kill(-started->group, signal);
	file_print(shell.fds[2], "\n");
	tell_stopped(started);
	shell.interrupted = true;
	for (unsigned i = 0; i < count; i++) {
		job = started[i].pid != 0 ? job_add(&started[i]) : NULL;
		if (job == NULL)
			continue;
		job->stopped = true;
		job->has_settings = terminal_settings(&job->settings);
	}
	terminal_reset();
}

static int
wait_in_front(const struct started *started, unsigned count)
{
	int status = 0;
	int32_t result;

	for (unsigned i = 0; i < count; i++) {
		status = started[i].status;
		if (started[i].pid == 0)
			continue;
		if (!wait_for(&started[i], &result)) {
			put_aside(&started[i], count - i, result >> 8 & 0xff);
			status = status_of(result);
			break;
		}
		tell_end(&started[i], result);
		status = status_of(result);
	}
	terminal_take();
	return status;
}

int
program_finish(const struct started *started, unsigned count, bool background)
{
	int status = 0;

	if (!background)
		return wait_in_front(started, count);
	for (unsigned i = 0; i < count; i++) {
		status = started[i].status;
		if (started[i].pid == 0)
			continue;
		job_add(&started[i]);
		if (i + 1 == count)
			shell.background = started[i].pid;
		if (i + 1 == count && shell.interactive)
			file_print(shell.fds[2], "[%d]\n", started[i].pid);
	}
	return status;
}

/* --- commands --- */

/* The job that a pid names, or the latest; NULL: there is none, which is told. */
static struct job *
find(const char *command, int32_t pid)
{
	struct job *job = pid != 0 ? job_of(pid) : latest();

	if (job == NULL && pid != 0)
		complain("%s: %d: not in the background", command, pid);
	else if (job == NULL)
		complain("%s: nothing is in the background", command);
	return job;
}

/* Waits for one that is there, as if it ran in front: ^C ends it. */
static int
wait_for_job(struct job *job)
{
	struct started program = job->program;
	int32_t result;

	job->stopped = false;
	terminal_lend(program.group, job->has_settings ? &job->settings : NULL);
	program_continue(program.group);
	if (wait_for(&program, &result)) {
		job_ended(job, result);
		shell.interrupted = (result & 0x7f) == SIGINT;
	} else {
		file_print(shell.fds[2], "\n");
		job_changed(job, result);
		job->has_settings = terminal_settings(&job->settings);
		terminal_reset();
		shell.interrupted = true;
	}
	terminal_take();
	return status_of(result);
}

int
program_wait(int32_t wanted)
{
	int status = STATUS_NOT_FOUND;

	if (wanted != -1)
		return job_of(wanted) != NULL ? wait_for_job(job_of(wanted)) : status;
	while (job_count > 0 && !shell.interrupted)
		status = wait_for_job(&jobs[0]);
	return shell.interrupted ? status : 0;
}

int
program_front(int32_t pid)
{
	static struct started list[JOBS_MAX];
	const struct job *job = find("fg", pid);
	struct tty_settings settings;
	bool has_settings;
	int32_t group;
	unsigned count = 0;

	if (job == NULL)
		return 1;
	group = job->program.group;
	settings = job->settings;
	has_settings = job->has_settings;
	terminal_lend(group, has_settings ? &settings : NULL);
	tell_names(group);
	for (unsigned i = 0; i < job_count;) {
		if (jobs[i].program.group != group) {
			i++;
			continue;
		}
		list[count++] = jobs[i].program;
		job_remove(&jobs[i]);
	}
	program_continue(group);
	return wait_in_front(list, count);
}

int
program_back(int32_t pid)
{
	const struct job *job = find("bg", pid);
	int32_t group;
	int error;

	if (job == NULL)
		return 1;
	group = job->program.group;
	error = program_kill(-group, SIGCONT);
	if (error != 0)
		return complain("bg: %s: %s", job->program.name, error_text(error));
	file_print(shell.fds[2], "[%d] ", group);
	tell_names(group);
	for (unsigned i = 0; i < job_count; i++)
		if (jobs[i].program.group == group)
			jobs[i].stopped = false;
	return 0;
}
