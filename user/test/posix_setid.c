/*
 * Who may do what after fork and exec: set-user-id and set-group-id programs, and rights that a child has inherited or been given. The
 * program is its own child: `posix_setid ids UID EUID GID EGID`.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "children.h"
#include "copies.h"
#include "fs.h"
#include "mach/mach.h"
#include "mach/mig.h"
#include "mach/startup.h"
#include "proc.h"
#include <proto/signal_page.h>

#define SELF	"/test/posix_setid"
#define COPY	"/setid"

/* --- set-user-id programs --- */

static int
exec_copy(void)
{
	extern char **environ;
	char *argv[] = { "x", "ids", getenv("WANTED"), NULL };

	if (setgid(101) != 0 || setuid(1001) != 0)
		return 2;
	execve(COPY, argv, environ);
	return 3;
}

static int
spawn_copy(void)
{
	extern char **environ;
	char *argv[] = { "x", "ids", getenv("WANTED"), NULL };
	pid_t pid;
	int status;

	if (setgid(101) != 0 || setuid(1001) != 0)
		return 2;
	if (posix_spawn(&pid, COPY, NULL, NULL, argv, environ) != 0)
		return 3;
	status = end_of(pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 4;
}

static void
set_ids(void)
{
	copy_program(SELF, COPY);
	set_owner(COPY, 0755);
	setenv("WANTED", "1001 1001 101 101", 1);
	EQUAL(in_child(exec_copy), 0);
	set_owner(COPY, 04755);
	setenv("WANTED", "1001 1000 101 101", 1);
	EQUAL(in_child(exec_copy), 0);
	EQUAL(in_child(spawn_copy), 0);
	set_owner(COPY, 02755);
	setenv("WANTED", "1001 1001 101 100", 1);
	EQUAL(in_child(exec_copy), 0);
	EQUAL(in_child(spawn_copy), 0);
	set_owner(COPY, 06755);
	setenv("WANTED", "1001 1000 101 100", 1);
	EQUAL(in_child(exec_copy), 0);
}

static int
image_ids(const char *wanted)
{
	uid_t uid, euid, suid;
	gid_t gid, egid, sgid;
	char got[64];
	int fd;

	getresuid(&uid, &euid, &suid);
	getresgid(&gid, &egid, &sgid);
	snprintf(got, sizeof(got), "%u %u %u %u", uid, euid, gid, egid);
	if (strcmp(got, wanted) != 0) {
		printf("the ids are %s, not %s\n", got, wanted);
		return 1;
	}
	EQUAL(suid, euid);
	EQUAL(sgid, egid);
	EQUAL(getauxval(AT_SECURE), uid != euid || gid != egid);
	EQUAL(setenv("ANY", "thing", 1), 0);
	CHECK((secure_getenv("ANY") == NULL) == (uid != euid || gid != egid));
	FAILS(setuid(0), EPERM);
	EQUAL(seteuid(uid), 0);
	EQUAL(getauxval(AT_SECURE), uid != suid || gid != egid);	/* it may take them back */
	EQUAL(seteuid(suid), 0);
	fd = open("/etc/passwd", O_RDONLY);	/* the system's own directory */
	CHECK(fd >= 0);
	return checks_failed != 0;
}

/* --- a set-user-id program that is written while it runs --- */

/* Pages that nothing touches before the file is written. */
static const struct {
	char before[4096], words[4096], after[4096];
} own_pages __attribute__((aligned(4096))) = { .words = "what this program says is its own" };

static int
image_steady(void)
{
	char byte = 'r';

	EQUAL(write(1, &byte, 1), 1);
	EQUAL(read(0, &byte, 1), 1);
	return *(const volatile char *)own_pages.words != 'w';
}

/* Where the words stand in the file. */
static off_t
place_of_words(int fd)
{
	off_t size = lseek(fd, 0, SEEK_END);
	char *all = malloc((size_t)size), *found = NULL;

	CHECK(size > 0 && all != NULL);
	if (all != NULL && pread(fd, all, (size_t)size, 0) == size)
		found = memmem(all, (size_t)size, own_pages.words, 32);
	CHECK(found != NULL);
	size = found != NULL ? found - all : 0;
	free(all);
	return size;
}

static void
written_while_it_runs(void)
{
	static const char zeros[4096];
	char *argv[] = { "x", "steady", "", NULL }, byte = 0;
	int fd = open(COPY, O_RDWR), ready[2], go[2];
	off_t place = place_of_words(fd);
	pid_t pid;

	set_owner(COPY, 04755);
	EQUAL(pipe(ready), 0);
	EQUAL(pipe(go), 0);
	pid = fork();
	if (pid == 0) {
		dup2(go[0], 0);
		dup2(ready[1], 1);
		execv(COPY, argv);
		_exit(3);
	}
	EQUAL(read(ready[0], &byte, 1), 1);
	EQUAL(pwrite(fd, zeros, sizeof(zeros), place), sizeof(zeros));
	EQUAL(write(go[1], &byte, 1), 1);
	EQUAL(end_of(pid), 0);
	for (int i = 0; i < 2; i++) {
		close(ready[i]);
		close(go[i]);
	}
	close(fd);
}

/* --- a stranger as the program's file --- */

static mach_port_t middle, behind;

/* Hands all requests on to the file, which answers itself. */
static void *
forward(void *unused)
{
	static _Alignas(16) uint8_t room[MIG_BUFFER_SIZE];
	mach_msg_header_t *head = (mach_msg_header_t *)room;

	(void)unused;
	while (mach_msg(head, MACH_RCV_MSG, 0, sizeof(room), middle, 0, MACH_PORT_NULL) == MACH_MSG_SUCCESS) {
		head->msgh_local_port = head->msgh_remote_port;
		head->msgh_remote_port = behind;
		head->msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MOVE_SEND_ONCE);
		mach_msg(head, MACH_SEND_MSG, head->msgh_size, 0, MACH_PORT_NULL, 0, MACH_PORT_NULL);
	}
	return NULL;
}

static int
spawn_file(mach_port_t file, mach_port_t root, const char *wanted)
{
	struct startup_kept kept = { .root = root, .umask = 022 };
	struct startup_fd fds[3];
	char arguments[64];
	int size = 0;
	int32_t pid = 0;

	memcpy(fds, startup_info->fds, sizeof(fds));
	size += snprintf(arguments, sizeof(arguments), "x") + 1;
	size += snprintf(arguments + size, sizeof(arguments) - (size_t)size, "ids") + 1;
	size += snprintf(arguments + size, sizeof(arguments) - (size_t)size, "%s", wanted) + 1;
	if (proc_spawn(startup_info->proc, file, "x", arguments, (uint32_t)size, arguments, 0, &kept, fds, 3, 0, 0, &pid) != KERN_SUCCESS)
		return -1;
	return end_of(pid);
}

static int
strangers(void)
{
	struct io_stat info;
	mach_port_t nobody;
	pthread_t thread;

	EQUAL(setgid(101), 0);
	EQUAL(setuid(1001), 0);
	EQUAL(fs_open(startup_info->root, COPY, IO_O_RDONLY, 0, &behind, &info), 0);
	EQUAL(port_create(true, &middle), KERN_SUCCESS);
	EQUAL(port_create(true, &nobody), KERN_SUCCESS);
	EQUAL(pthread_create(&thread, NULL, forward, NULL), 0);
	EQUAL(spawn_file(behind, nobody, "1001 1000 101 100"), 0);	/* it does not look at `nobody` */
	EQUAL(spawn_file(middle, startup_info->root, "1001 1001 101 101"), 0);
	return checks_failed != 0;
}

/* --- names that mean something else to the process server --- */

/* Returns 0: it has the three files it was started with, and nothing else. */
static int
image_given(void)
{
	for (uint32_t i = 3; i < startup_info->fd_count; i++)
		if (startup_info->fds[i].port != MACH_PORT_NULL)
			return 1;
	return startup_info->fd_count < 3;
}

/* Not the process server's own task and host ports. */
static int
constants_as_files(void)
{
	static const char arguments[] = "x\0given\0";
	struct startup_kept kept = { .root = MACH_PORT_TASK_SELF, .cwd = MACH_PORT_HOST_SELF, .umask = 022 };
	struct startup_fd fds[5] = { 0 };
	struct io_stat info;
	mach_port_t file;
	int32_t pid = 0;

	EQUAL(setgid(101), 0);
	EQUAL(setuid(1001), 0);
	EQUAL(fs_open(startup_info->root, SELF, IO_O_RDONLY, 0, &file, &info), 0);
	memcpy(fds, startup_info->fds, 3 * sizeof(fds[0]));
	fds[3].port = MACH_PORT_TASK_SELF;
	fds[4].port = MACH_PORT_HOST_SELF;
	EQUAL(proc_spawn(startup_info->proc, file, "x", arguments, sizeof(arguments), arguments, 0, &kept, fds, 5, 0, 0, &pid), 0);
	EQUAL(end_of(pid), 0);
	return checks_failed != 0;
}

/* --- inherited rights --- */

static mach_port_t parents_port, parents_thread;

static int
acts_as_parent(void)
{
	struct proc_ids ids = { 0, 0, 0, 0, 0, 0 };
	mach_port_type_t type = 0;
	int32_t pid, parent;

	EQUAL(setuid(1001), 0);
	EQUAL(mach_port_type(mach_task_self(), parents_port, &type), KERN_SUCCESS);
	EQUAL(proc_self(parents_port, &pid, &parent), EPERM);
	EQUAL(proc_set_ids(parents_port, &ids), EPERM);
	EQUAL(proc_kill(parents_port, getppid(), SIGKILL), EPERM);
	EQUAL(proc_exit(parents_port, 0), EPERM);
	EQUAL(setuid(0), -1);
	CHECK(mach_port_type(mach_task_self(), parents_thread, &type) != KERN_SUCCESS || (type & MACH_PORT_TYPE_SEND) == 0);
	return checks_failed != 0;
}

static volatile int stop;

static void *
spin(void *unused)
{
	(void)unused;
	while (!stop)
		sched_yield();
	return NULL;
}

static void
inherited(void)
{
	const struct signal_page *page = (const struct signal_page *)startup_info->signal_page;
	pthread_t thread;

	parents_port = startup_info->proc;
	EQUAL(port_hold(parents_port), KERN_SUCCESS);	/* so that fork does not lose it */
	EQUAL(pthread_create(&thread, NULL, spin, NULL), 0);
	while ((parents_thread = __atomic_load_n(&page->slots[1].thread, __ATOMIC_RELAXED)) == MACH_PORT_NULL)
		sched_yield();
	EQUAL(in_child(acts_as_parent), 0);
	stop = 1;
	EQUAL(pthread_join(thread, NULL), 0);
	port_drop(parents_port);
}

int
main(int argc, char **argv)
{
	if (argc > 2)
		return strcmp(argv[1], "steady") == 0 ? image_steady() :
		       strcmp(argv[1], "given") == 0 ? image_given() : image_ids(argv[2]);
	set_ids();
	EQUAL(in_child(strangers), 0);
	EQUAL(in_child(constants_as_files), 0);
	inherited();
	written_while_it_runs();
	unlink(COPY);
	return check_report("setid");
}
