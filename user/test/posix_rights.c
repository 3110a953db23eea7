/*
 * What a process's rights are worth to others when it has become a set-user-id program: a holder to whom it has given all it had, its own
 * task and threads among them, and a child that has inherited it. The program is its own set-user-id program: `/rights standing`.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "children.h"
#include "mach/service.h"
#include "posix/posix.h"
#include "rights.h"
#include <mach/notify.h>
#include <proto/signal_page.h>

#define SELF	"/test/posix_rights"
#define COPY	"/rights"

static volatile int stop;

static void *
spin(void *count)
{
	while (!stop) {
		if (count != NULL)
			__atomic_add_fetch((uint32_t *)count, 1, __ATOMIC_RELAXED);
		sched_yield();
	}
	return NULL;
}

/* --- what a process gives away --- */

enum { OF_TASK, OF_THREAD, OF_OTHER_THREAD, OF_PROC, OF_ROOT, OF_CWD, OF_FILE, RIGHTS };
enum { GIVE_ALL = 1, GIVE_REPLIES = 2 };	/* ids of messages */

struct gift {
	mach_msg_header_t head;
	mach_msg_port_descriptor_t rights[RIGHTS];
	vm_address_t memory, signal_page;
	mach_msg_trailer_t trailer;
};

#define GIFT_SIZE(rights)	((uint32_t)(sizeof(mach_msg_header_t) + (rights) * sizeof(mach_msg_port_descriptor_t)))

static void
give_all(mach_port_t to, mach_port_t other)
{
	const mach_port_t rights[RIGHTS] = { mach_task_self(), mach_thread_self(), other, startup_info->proc, startup_info->root,
		working_directory(), fd_port(public_file) };
	struct gift gift = { .head = { .msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0) | MACH_MSGH_BITS_COMPLEX,
		.msgh_remote_port = to, .msgh_id = GIVE_ALL, .msgh_descriptor_count = RIGHTS },
		.memory = vm_page_trunc((uintptr_t)&word), .signal_page = startup_info->signal_page };

	for (int i = 0; i < RIGHTS; i++)
		mig_put_port(&gift.rights[i], rights[i], MACH_MSG_TYPE_COPY_SEND);
	EQUAL(mach_msg(&gift.head, MACH_SEND_MSG, GIFT_SIZE(RIGHTS) + 2 * sizeof(gift.memory), 0, MACH_PORT_NULL, 0, MACH_PORT_NULL),
		MACH_MSG_SUCCESS);
}

static void
give_receive_right(mach_port_t to, mach_port_t port)
{
	struct gift gift = { .head = { .msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0) | MACH_MSGH_BITS_COMPLEX,
		.msgh_remote_port = to, .msgh_id = GIVE_REPLIES, .msgh_descriptor_count = 1 } };

	mig_put_port(&gift.rights[0], port, MACH_MSG_TYPE_MOVE_RECEIVE);
	EQUAL(mach_msg(&gift.head, MACH_SEND_MSG, GIFT_SIZE(1), 0, MACH_PORT_NULL, 0, MACH_PORT_NULL), MACH_MSG_SUCCESS);
}

/* --- requests that are under way while their sender becomes another program --- */

#define REQUESTS	400

static mach_port_t answers[REQUESTS];	/* send-once rights of a port that the holder has */
static uint64_t private_terminal;	/* number of a terminal that the set-user-id program's user may open */
static volatile int flooding;

/* A request as the library makes it: it is sent to a port of our own first. */
static void
make_request(void *room, bool of_terminal)
{
	mach_port_t middle, got;
	mach_msg_header_t *head = room;
	struct io_stat info;

	EQUAL(port_create(true, &middle), KERN_SUCCESS);
	mig_set_timeout(1);
	if (of_terminal)
		io_open(middle, private_terminal, IO_O_RDWR | IO_O_NOCTTY, 0, 0, &got);
	else
		fs_open(middle, PRIVATE, IO_O_RDONLY, 0, &got, &info);
	mig_set_timeout(0);
	EQUAL(mach_msg(head, MACH_RCV_MSG, 0, MIG_BUFFER_SIZE, middle, 0, MACH_PORT_NULL), MACH_MSG_SUCCESS);
	port_drop(head->msgh_remote_port);
	port_drop(middle);
	port_drop_receive(middle);
}

/* Sends requests for a terminal and for a file as long as there are rights for their answers, or until this image ends. */
static void *
flood(void *unused)
{
	static _Alignas(16) uint8_t rooms[2][MIG_BUFFER_SIZE];
	mach_port_t to[2] = { startup_info->root, service_look_up("tty") };

	(void)unused;
	for (int i = 0; i < 2; i++)
		make_request(rooms[i], i == 1);
	flooding = 1;
	for (int i = 0; i < REQUESTS; i++) {
		mach_msg_header_t *head = (mach_msg_header_t *)rooms[i % 2];

		head->msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MOVE_SEND_ONCE);
		head->msgh_remote_port = to[i % 2];
		head->msgh_local_port = answers[i];
		if (mach_msg(head, MACH_SEND_MSG, head->msgh_size, 0, MACH_PORT_NULL, 0, MACH_PORT_NULL) != MACH_MSG_SUCCESS)
			break;
	}
	return NULL;
}

static void
prepare_answers(mach_port_t holder)
{
	mach_port_t port;
	uint32_t type;

	EQUAL(port_create(false, &port), KERN_SUCCESS);
	for (int i = 0; i < REQUESTS; i++)
		EQUAL(mach_port_extract_right(mach_task_self(), port, MACH_MSG_TYPE_MAKE_SEND_ONCE, &answers[i], &type), KERN_SUCCESS);
	give_receive_right(holder, port);
}

/* None of the answers brings a file. Ends when each has come: the last rights that their senders drop give notifications. */
static void
answers_bring_nothing(mach_port_t port)
{
	static _Alignas(16) uint8_t room[MIG_BUFFER_SIZE];
	mach_msg_header_t *head = (mach_msg_header_t *)room;

	for (int i = 0; i < REQUESTS; i++) {
		EQUAL(mach_msg(head, MACH_RCV_MSG, 0, sizeof(room), port, 0, MACH_PORT_NULL), MACH_MSG_SUCCESS);
		EQUAL(head->msgh_descriptor_count, 0);
		mig_destroy(head);
	}
}

/* Asks for a program, of a file that the holder serves, and will not be answered. */
static void *
start_late(void *file)
{
	static const char arguments[] = "x\0late\0";
	struct startup_kept kept = { .root = startup_info->root, .umask = 022 };
	struct startup_fd fds[3];
	int32_t pid;

	memcpy(fds, startup_info->fds, sizeof(fds));
	proc_spawn(startup_info->proc, (mach_port_t)(uintptr_t)file, "x", arguments, sizeof(arguments) - 1, arguments, 0, &kept,
		fds, 3, 0, 0, &pid);
	return NULL;
}

/* --- the process that becomes a set-user-id program --- */

#define READY	20			/* descriptors that the images share */
#define GO	21

static int told[2], ready[2], go[2], child_go[2];

/* Its child has inherited what it had; it tries when it is told to. */
static void
child_of_owner(void)
{
	char byte = 'c';

	if (read(child_go[0], &byte, 1) != 1)
		_exit(2);
	no_right_is_anothers();
	no_more_than_reading(fd_port(public_file));
	if (write(READY, "c", 1) != 1)
		_exit(2);
	_exit(checks_failed != 0);
}

static void
owner(mach_port_t holder, mach_port_t file)
{
	char *argv[] = { "x", "standing", NULL }, byte;
	const struct signal_page *page = (const struct signal_page *)startup_info->signal_page;
	pthread_t thread;
	mach_port_t other;

	dup2(ready[1], READY);
	dup2(go[0], GO);
	open_everything();
	EQUAL(pthread_create(&thread, NULL, spin, NULL), 0);
	while ((other = __atomic_load_n(&page->slots[1].thread, __ATOMIC_RELAXED)) == MACH_PORT_NULL)
		sched_yield();
	prepare_answers(holder);
	give_all(holder, other);
	EQUAL(task_set_special_port(mach_task_self(), TASK_EXCEPTION_PORT, holder), KERN_SUCCESS);
	EQUAL(thread_set_exception_port(mach_thread_self(), holder), KERN_SUCCESS);
	if (fork() == 0)
		child_of_owner();
	EQUAL(pthread_create(&thread, NULL, start_late, (void *)(uintptr_t)file), 0);
	EQUAL(read(told[0], &byte, 1), 1);
	EQUAL(pthread_create(&thread, NULL, flood, NULL), 0);
	while (!flooding)
		sched_yield();
	execv(COPY, argv);
	_exit(3);
}

static volatile sig_atomic_t signals;

static void
count_signal(int signal)
{
	(void)signal;
	signals++;
}

/* The set-user-id program, as long as others try. */
static int
standing(void)
{
	static uint32_t count;
	char byte = 'r';
	pthread_t thread;
	uint32_t before;
	int status;

	signal(SIGUSR1, count_signal);
	EQUAL(pthread_create(&thread, NULL, spin, &count), 0);
	EQUAL(write(READY, &byte, 1), 1);
	EQUAL(read(GO, &byte, 1), 1);
	EQUAL(word, 0x600d600d);
	EQUAL(geteuid(), 1000);
	EQUAL(getuid(), 1001);
	before = __atomic_load_n(&count, __ATOMIC_RELAXED);
	while (__atomic_load_n(&count, __ATOMIC_RELAXED) == before)
		sched_yield();			/* no thread was stopped */
	EQUAL(raise(SIGUSR1), 0);
	EQUAL(signals, 1);
	no_right_is_anothers();
	EQUAL(open(PRIVATE, O_RDWR) >= 0, 1);
	/* One child from before, and none that the old image asked for. */
	CHECK(waitpid(-1, &status, 0) > 0);
	EQUAL(status, 0);
	FAILS(waitpid(-1, &status, 0), ECHILD);
	stop = 1;
	EQUAL(pthread_join(thread, NULL), 0);
	return checks_failed != 0;
}

/* --- the holder --- */

static mach_port_t rights[RIGHTS];
static uint32_t *memory, *signal_page;	/* the owner's, before it became another program */

static void
receive_rights(mach_port_t inbox, mach_port_t *replies)
{
	struct gift gift;

	for (int i = 0; i < 2; i++) {
		EQUAL(mach_msg(&gift.head, MACH_RCV_MSG, 0, sizeof(gift), inbox, 0, MACH_PORT_NULL), MACH_MSG_SUCCESS);
		if (gift.head.msgh_id == GIVE_REPLIES) {
			*replies = gift.rights[0].name;
			continue;
		}
		for (int r = 0; r < RIGHTS; r++)
			rights[r] = gift.rights[r].name;
	}
	struct vm_remap_args args = { .target = mach_task_self(), .flags = VM_FLAGS_ANYWHERE, .size = VM_PAGE_SIZE,
		.source = rights[OF_TASK], .source_address = gift.memory, .inheritance = VM_INHERIT_NONE };
	EQUAL(vm_remap(&args), KERN_SUCCESS);
	memory = (uint32_t *)args.address;
	args = (struct vm_remap_args){ .target = mach_task_self(), .flags = VM_FLAGS_ANYWHERE, .size = SIGNAL_PAGE_SIZE,
		.source = rights[OF_TASK], .source_address = gift.signal_page, .inheritance = VM_INHERIT_NONE };
	EQUAL(vm_remap(&args), KERN_SUCCESS);
	signal_page = (uint32_t *)args.address;
}

/* Whatever stops the old image, this lets it go on. */
static void *
wake_up(void *unused)
{
	(void)unused;
	while (!stop) {
		task_resume(rights[OF_TASK]);
		for (int i = OF_THREAD; i <= OF_OTHER_THREAD; i++)
			thread_resume(rights[i]);
		sched_yield();
	}
	return NULL;
}

static void
pass_on(mach_msg_header_t *head, mach_port_t to)
{
	head->msgh_local_port = head->msgh_remote_port;
	head->msgh_remote_port = to;
	head->msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MOVE_SEND_ONCE);
	EQUAL(mach_msg(head, MACH_SEND_MSG, head->msgh_size, 0, MACH_PORT_NULL, 0, MACH_PORT_NULL), MACH_MSG_SUCCESS);
}

/* Answers the requests to the program's file, the first of which has come already, until nobody wants it any more. */
static void
serve_late(mach_port_t file, mach_msg_header_t *head)
{
	mach_port_t behind = fd_port(open(SELF, O_RDONLY));

	EQUAL(port_notify(file, MACH_NOTIFY_NO_SENDERS, file), KERN_SUCCESS);
	while (head->msgh_id != MACH_NOTIFY_NO_SENDERS) {
		pass_on(head, behind);
		if (mach_msg(head, MACH_RCV_MSG, 0, MIG_BUFFER_SIZE, file, 0, MACH_PORT_NULL) != MACH_MSG_SUCCESS)
			break;
	}
}

static bool
is_proc_call(mach_msg_id_t id)
{
	return id >= 4000 && id < 4100;
}

/* None of them is a right any more but those that were never the process's alone. */
static void
rights_are_dead(void)
{
	mach_port_type_t type;

	for (int i = OF_TASK; i <= OF_PROC; i++) {
		do			/* the new image may run before the last of the old one is gone */
			EQUAL(mach_port_type(mach_task_self(), rights[i], &type), KERN_SUCCESS);
		while ((type & MACH_PORT_TYPE_DEAD_NAME) == 0);
	}
}

static void
scribble(void)
{
	for (unsigned i = 0; i < VM_PAGE_SIZE / sizeof(*memory); i++)
		memory[i] = 0xbad;
	for (unsigned i = 0; i < SIGNAL_PAGE_SIZE / sizeof(*signal_page); i++)
		signal_page[i] = 0xbad;
}

static pid_t
begin_owner(mach_port_t inbox, mach_port_t file)
{
	mach_port_t old;
	pid_t pid;

	EQUAL(task_get_special_port(mach_task_self(), TASK_BOOTSTRAP_PORT, &old), KERN_SUCCESS);
	EQUAL(task_set_special_port(mach_task_self(), TASK_BOOTSTRAP_PORT, inbox), KERN_SUCCESS);
	EQUAL(task_set_special_port(mach_task_self(), TASK_HOST_PORT, file), KERN_SUCCESS);
	pid = fork();
	if (pid == 0) {
		task_get_special_port(mach_task_self(), TASK_BOOTSTRAP_PORT, &inbox);
		task_get_special_port(mach_task_self(), TASK_HOST_PORT, &file);
		task_set_special_port(mach_task_self(), TASK_HOST_PORT, MACH_PORT_NULL);
		owner(inbox, file);
	}
	task_set_special_port(mach_task_self(), TASK_BOOTSTRAP_PORT, old);
	task_set_special_port(mach_task_self(), TASK_HOST_PORT, MACH_PORT_NULL);
	return pid;
}

static int
holder(void)
{
	static _Alignas(16) uint8_t room[MIG_BUFFER_SIZE];
	mach_msg_header_t *request = (mach_msg_header_t *)room;
	mach_port_t inbox, file, replies = MACH_PORT_NULL;
	char byte = 't';
	pthread_t thread;
	pid_t pid;

	EQUAL(setgid(101), 0);
	EQUAL(setuid(1001), 0);
	EQUAL(port_create(true, &inbox), KERN_SUCCESS);
	EQUAL(port_create(true, &file), KERN_SUCCESS);
	EQUAL(mach_port_set_qlimit(mach_task_self(), inbox, 1000), KERN_SUCCESS);
	EQUAL(pipe(told) | pipe(ready) | pipe(go) | pipe(child_go), 0);
	pid = begin_owner(inbox, file);
	port_drop(file);
	port_drop(inbox);
	receive_rights(inbox, &replies);
	EQUAL(mach_msg(request, MACH_RCV_MSG, 0, sizeof(room), file, 0, MACH_PORT_NULL), MACH_MSG_SUCCESS);	/* start_late has begun */
	EQUAL(pthread_create(&thread, NULL, wake_up, NULL), 0);
	EQUAL(write(told[1], &byte, 1), 1);
	EQUAL(read(ready[0], &byte, 1), 1);
	EQUAL(byte, 'r');
	stop = 1;
	EQUAL(pthread_join(thread, NULL), 0);
	rights_are_dead();
	scribble();
	no_right_is_anothers();
	no_more_than_reading(rights[OF_FILE]);
	no_more_than_own_files(rights[OF_ROOT]);
	no_more_than_own_files(rights[OF_CWD]);
	answers_bring_nothing(replies);
	EQUAL(write(child_go[1], &byte, 1), 1);
	EQUAL(read(ready[0], &byte, 1), 1);
	EQUAL(byte, 'c');
	serve_late(file, request);
	EQUAL(write(go[1], &byte, 1), 1);
	EQUAL(end_of(pid), 0);
	while (mach_msg(request, MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0, sizeof(room), inbox, 0, MACH_PORT_NULL) == MACH_MSG_SUCCESS) {
		CHECK(is_proc_call(request->msgh_id));	/* those of no_right_is_anothers; no exceptions or look-ups of the new image */
		mig_destroy(request);
	}
	return checks_failed != 0;
}

/* A terminal of the user of the set-user-id program. */
static int
make_terminal(void)
{
	struct stat info;
	int fd;

	EQUAL(seteuid(1000), 0);
	fd = posix_openpt(O_RDWR | O_NOCTTY);
	EQUAL(seteuid(0), 0);
	EQUAL(grantpt(fd), 0);
	EQUAL(unlockpt(fd), 0);
	EQUAL(fstat(fd, &info), 0);
	EQUAL(info.st_uid, 1000);
	EQUAL(stat(ptsname(fd), &info), 0);
	private_terminal = info.st_rdev;
	return fd;
}

/* A child keeps its parent's port, takes it for its own exceptions, and faults: that is not the parent's end. */
static int
faults_are_ones_own(void)
{
	mach_port_t own = startup_info->proc;
	int *volatile nowhere = NULL;
	pid_t pid;

	EQUAL(mach_port_mod_refs(mach_task_self(), own, MACH_PORT_RIGHT_SEND, 1), KERN_SUCCESS);
	pid = fork();
	if (pid == 0) {
		task_set_special_port(mach_task_self(), TASK_EXCEPTION_PORT, own);
		*nowhere = 0;
	}
	EQUAL(WIFSIGNALED(end_of(pid)), 1);
	return kill(getpid(), 0) == 0 ? 0 : 1;
}

int
main(int argc, char **argv)
{
	int fd;

	if (argc > 1)
		return strcmp(argv[1], "standing") == 0 ? standing() : 0;
	copy_program(SELF, COPY);
	set_owner(COPY, 04755);
	rights_files();
	fd = make_terminal();
	for (int i = 0; i < 5; i++)
		EQUAL(in_child(holder), 0);
	close(fd);
	EQUAL(in_child(faults_are_ones_own), 0);
	unlink(COPY);
	unlink(PRIVATE);
	unlink(PUBLIC);
	return check_report("rights");
}
