/*
 * Hostile pagers: memory whose pager never answers, answers twice, for a wrong range, with a wrong size, or dies when it is asked. A
 * victim touches it, writes it to a file or reads a file into it. Meanwhile fs, proc and mem serve others, and every single answer comes
 * within a second: fs writes, syncs and reads a file, proc forks, execs and waits, mem says its figures and, on a machine with swap, brings
 * pages of an area larger than the memory, one by one. Whatever state the victim is in, kill -9 ends it.
 *
 * The second is one of the machine's clock. Graders have QEMU count instructions for it, but while all wait for a disk it goes with the
 * host's, and a busy host takes its time. So where an answer comes late all is done again with another such pager: what a server does
 * because of the pager, even if it is a wait that passes, it does then, too. In one of TRIES runs every answer has to come in time.
 *
 *	main -+- the pager's process (object, its receive right) -+- the victim, which inherits the mapping
 *
 *	posix_hostile			all kinds, in every way
 *	posix_hostile KIND WAY		one that goes on until it is killed; says the victim's and the pager's number
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "check.h"
#include "mach/mach.h"
#include "mach/service.h"
#include "mem.h"
#include <mach/memory_object.h>

#define SELF		"/test/posix_hostile"
#define FILE_NAME	"/tmp/hostile"
#define PAGES		16u		/* of the object */
#define LENGTH		(4 * VM_PAGE_SIZE)	/* what files get of it */
#define RIGHT		0x600dda7aul	/* what an honest answer has in each page */
#define WRONG		0xbadul
#define LIMIT_MS	1000		/* for any answer to others */
#define TRIES		3		/* see above */
#define SAMPLE		64u		/* pages that mem is asked for, one by one */
#define PATIENCE_MS	20000		/* for what is sure to come */

enum { READY_NEVER, NEVER, TWICE, RANGE, SIZE, DIES, KINDS };
enum { TOUCH, WRITE, READ, WAYS };
static const char *const kind_names[KINDS] = { "not-ready", "never", "twice", "range", "size", "dies" };
static const char *const way_names[WAYS] = { "touch", "write", "read" };

enum { VICTIM = 1, ASKED, SAW, BUS };
struct report {
	int32_t what, value;		/* VICTIM: its pid; SAW: the word, or minus errno */
};

static int reports[2], life[2], go[2];	/* life: only the victim can write to it */
static mach_port_t object;
static volatile uint64_t *memory;

static void
tell(int what, int32_t value)
{
	struct report report = { what, value };

	if (write(reports[1], &report, sizeof(report)) != (ssize_t)sizeof(report))
		_exit(3);
}

/* --- the pager's process --- */

static kern_return_t
supply(mach_port_t control, vm_offset_t offset, vm_size_t size, uint64_t word)
{
	vm_size_t all = vm_page_round(size);
	vm_address_t data = 0;
	kern_return_t kr;

	if (all == 0 || all > PAGES * VM_PAGE_SIZE)
		all = VM_PAGE_SIZE;
	if (vm_allocate(mach_task_self(), &data, all, VM_FLAGS_ANYWHERE) != KERN_SUCCESS)
		return KERN_RESOURCE_SHORTAGE;
	for (vm_size_t at = 0; at < all; at += VM_PAGE_SIZE)
		*(uint64_t *)(data + at) = word;
	kr = memory_object_data_supply(control, offset, data, size, VM_PROT_NONE);
	if (kr != KERN_SUCCESS)
		vm_deallocate(mach_task_self(), data, all);
	return kr;
}

static void
answer(int kind, mach_port_t control, vm_offset_t offset)
{
	tell(ASKED, 0);			/* first: the victim may go on before the answer is complete */
	switch (kind) {
	case TWICE:
		supply(control, offset, VM_PAGE_SIZE, RIGHT);
		supply(control, offset, VM_PAGE_SIZE, WRONG);
		memory_object_data_unavailable(control, offset, VM_PAGE_SIZE);
		memory_object_data_error(control, offset, VM_PAGE_SIZE, KERN_MEMORY_ERROR);
		break;
	case RANGE:
		supply(control, offset + PAGES / 2 * VM_PAGE_SIZE, VM_PAGE_SIZE, WRONG);
		supply(control, offset + 1, VM_PAGE_SIZE, WRONG);
		supply(control, offset - VM_PAGE_SIZE, VM_PAGE_SIZE, WRONG);
		supply(control, (vm_offset_t)1 << 62, VM_PAGE_SIZE, WRONG);
		memory_object_data_error(control, offset + 4 * VM_PAGE_SIZE, (vm_size_t)-1, KERN_MEMORY_ERROR);
		break;
	case SIZE:
		supply(control, offset, 0, WRONG);
		supply(control, offset, VM_PAGE_SIZE / 2, WRONG);
		supply(control, offset, (vm_size_t)1 << 62, WRONG);
		supply(control, offset, -(vm_size_t)VM_PAGE_SIZE, WRONG);
		break;
	case DIES:
		kill(getpid(), SIGKILL);
	}
}

static _Noreturn void
pager(int kind)
{
	union {
		mach_msg_header_t header;
		struct memory_object_message range;
		struct memory_object_data_return returned;
	} m;

	for (;;) {
		if (mach_msg(&m.header, MACH_RCV_MSG, 0, sizeof(m), object, MACH_MSG_TIMEOUT_NONE, MACH_PORT_NULL) != MACH_MSG_SUCCESS)
			_exit(4);
		if (m.header.msgh_id == MEMORY_OBJECT_INIT_ID && kind != READY_NEVER)
			memory_object_ready(m.range.control.name, false, MEMORY_OBJECT_COPY_DELAY);
		else if (m.header.msgh_id == MEMORY_OBJECT_INIT_ID)
			tell(ASKED, 0);
		else if (m.header.msgh_id == MEMORY_OBJECT_DATA_REQUEST_ID)
			answer(kind, m.range.control.name, m.range.offset);
	}
}

/* --- the victim --- */

static void
on_bus_error(int signal)
{
	(void)signal;
	tell(BUS, 0);
	for (;;)
		pause();
}

static int32_t
use(int way)
{
	int fd = way == TOUCH ? -1 : open(FILE_NAME, O_RDWR);
	ssize_t done;

	if (way == TOUCH)
		return (int32_t)memory[0];
	done = way == WRITE ? pwrite(fd, (const void *)memory, LENGTH, 0) : pread(fd, (void *)memory, LENGTH, 0);
	done = done < 0 ? -errno : done;
	close(fd);
	return (int32_t)done;
}

static _Noreturn void
victim(int way)
{
	char byte;

	signal(SIGBUS, on_bus_error);
	tell(VICTIM, getpid());
	tell(SAW, use(way));
	if (read(go[0], &byte, 1) == 1)
		tell(SAW, (int32_t)memory[0]);
	for (;;)
		pause();
}

static _Noreturn void
pager_process(int kind, int way)
{
	struct vm_map_args args = { .target = mach_task_self(), .flags = VM_FLAGS_ANYWHERE, .size = PAGES * VM_PAGE_SIZE,
		.cur_protection = VM_PROT_DEFAULT, .max_protection = VM_PROT_DEFAULT, .inheritance = VM_INHERIT_SHARE };

	signal(SIGCHLD, SIG_IGN);
	if (port_create(true, &object) != KERN_SUCCESS)
		_exit(5);
	args.object = object;
	if (vm_map(&args) != KERN_SUCCESS)
		_exit(6);
	memory = (volatile uint64_t *)args.address;
	if (fork() == 0)
		victim(way);
	close(life[1]);
	pager(kind);
}

/* --- everybody else --- */

static uint64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static uint64_t slowest;		/* milliseconds, of all answers */
static unsigned late;			/* answers that came later than LIMIT_MS */

static void
answered(const char *server, uint64_t asked)
{
	uint64_t took = now_ms() - asked;

	slowest = took > slowest ? took : slowest;
	if (took <= LIMIT_MS)
		return;
	late++;
	printf("hostile: %s took %lu ms\n", server, (unsigned long)took);
}

static void
fs_serves(void)
{
	static char out[8192], in[sizeof(out)];
	uint64_t asked = now_ms();
	int fd = open("/tmp/others", O_RDWR | O_CREAT | O_TRUNC, 0644);

	memset(out, 'o', sizeof(out));
	EQUAL(pwrite(fd, out, sizeof(out), 0), sizeof(out));
	EQUAL(fsync(fd), 0);
	EQUAL(pread(fd, in, sizeof(in), 0), sizeof(in));
	EQUAL(memcmp(in, out, sizeof(in)), 0);
	EQUAL(close(fd), 0);
	EQUAL(unlink("/tmp/others"), 0);
	answered("fs", asked);
}

static void
proc_serves(void)
{
	uint64_t asked = now_ms();
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		execl(SELF, SELF, "exit7", (char *)NULL);
		_exit(1);
	}
	EQUAL(waitpid(pid, &status, 0), pid);
	EQUAL(status, 7 << 8);
	answered("proc", asked);
}

/* Memory that children do not have, half as large again as the machine's: some of it is always in swap. NULL: there is no swap. */
static uint64_t *large;
static uint64_t large_pages;

static struct mem_statistics
mem_figures(void)
{
	struct mem_statistics statistics = { .pages = 0 };
	mach_port_t mem = service_look_up("mem");

	EQUAL(mem_statistics(mem, &statistics), KERN_SUCCESS);
	port_drop(mem);
	return statistics;
}

static uint64_t *
large_page(uint64_t page)
{
	return large + page * VM_PAGE_SIZE / sizeof(uint64_t);
}

static void
fill_large(void)
{
	struct vm_map_args args = { .target = mach_task_self(), .flags = VM_FLAGS_ANYWHERE, .cur_protection = VM_PROT_DEFAULT,
		.max_protection = VM_PROT_DEFAULT, .inheritance = VM_INHERIT_NONE };
	struct vm_statistics vm;

	if (mem_figures().pages == 0)
		return;
	EQUAL(vm_statistics(&vm), KERN_SUCCESS);
	large_pages = vm.total + vm.total / 2;
	args.size = large_pages * VM_PAGE_SIZE;
	EQUAL(vm_map(&args), KERN_SUCCESS);
	large = (uint64_t *)args.address;
	for (uint64_t page = 0; page < large_pages; page++)
		*large_page(page) = page;
}

/* Each page says its number, and in the upper half how often it was touched. */
static void
mem_serves(void)
{
	static uint64_t random;
	uint64_t asked = now_ms(), came = mem_figures().pages_in, wrong = 0;

	answered("mem", asked);
	for (unsigned i = 0; large != NULL && i < SAMPLE; i++) {
		uint64_t page = (random >> 32) % large_pages;

		random = random * 6364136223846793005ull + 1442695040888963407ull;
		asked = now_ms();
		wrong += (uint32_t)*large_page(page) != page;
		*large_page(page) += 1ull << 32;
		answered("mem", asked);
	}
	EQUAL(wrong, 0);
	CHECK(large == NULL || mem_figures().pages_in > came);
}

/* Whether each server answers in time, each time. */
static bool
others_are_served(void)
{
	unsigned before = late;

	fs_serves();
	proc_serves();
	mem_serves();
	return late == before;
}

/* --- one hostile pager --- */

/* The next report within that time; what is 0 if there was none. */
static struct report
next_report(int ms)
{
	struct pollfd wait = { .fd = reports[0], .events = POLLIN };
	struct report report = { 0, 0 };

	if (poll(&wait, 1, ms) == 1 && read(reports[0], &report, sizeof(report)) != (ssize_t)sizeof(report))
		report.what = 0;
	return report;
}

static pid_t
begin(int kind, int way, pid_t *victim_pid)
{
	struct report report;
	pid_t pid;

	EQUAL(pipe(reports) | pipe(life) | pipe(go), 0);
	pid = fork();
	if (pid == 0)
		pager_process(kind, way);
	close(life[1]);
	report = next_report(PATIENCE_MS);
	if (report.what == ASKED)		/* about being ready, before there is a victim */
		report = next_report(PATIENCE_MS);
	EQUAL(report.what, VICTIM);
	*victim_pid = report.value;
	return pid;
}

static void
end(pid_t pid)
{
	int status;

	kill(pid, SIGKILL);
	EQUAL(waitpid(pid, &status, 0), pid);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	close(reports[0]), close(reports[1]), close(life[0]), close(go[0]), close(go[1]);
}

/* The next report that is not the pager's: where memory is short its page may have gone, and it is asked again. */
static struct report
next_of_victim(int ms)
{
	struct report report;

	do {
		report = next_report(ms);
	} while (report.what == ASKED);
	return report;
}

/* What the victim may find, in the end: nothing, what the first answer said, or an error. */
static void
victim_finds(int kind, int way)
{
	struct report report = next_of_victim(kind == TWICE || kind == DIES ? PATIENCE_MS : 0);

	if (kind != TWICE && kind != DIES) {
		EQUAL(report.what, 0);
	} else if (kind == TWICE) {
		EQUAL(report.what, SAW);
		EQUAL(report.value, way == TOUCH ? (long)RIGHT : (long)LENGTH);
		if (way != TOUCH)
			return;
		EQUAL(write(go[1], "", 1), 1);
		report = next_of_victim(PATIENCE_MS);
		EQUAL(report.what, SAW);
		EQUAL(report.value, RIGHT);
	} else if (report.what != BUS) {
		EQUAL(report.what, SAW);
		EQUAL(report.value, -EFAULT);
	}
}

/* One victim and its pager. Returns whether every answer that others got meanwhile came in time. */
static bool
one_hostile(int kind, int way)
{
	struct pollfd dead = { .events = POLLIN };
	pid_t pid, victim_pid = 0;
	bool in_time;

	pid = begin(kind, way, &victim_pid);
	if (kind != READY_NEVER)
		EQUAL(next_report(PATIENCE_MS).what, ASKED);
	in_time = others_are_served();
	victim_finds(kind, way);
	in_time &= others_are_served();
	if (victim_pid > 1)
		EQUAL(kill(victim_pid, SIGKILL), 0);
	dead.fd = life[0];
	EQUAL(poll(&dead, 1, PATIENCE_MS), 1);
	end(pid);
	return in_time;
}

static void
hostile(int kind, int way)
{
	unsigned failed = checks_failed;
	bool in_time = false;

	for (int i = 0; i < TRIES && !in_time; i++)
		in_time = one_hostile(kind, way);
	CHECK(in_time);
	if (checks_failed != failed)
		printf("hostile: that was %s %s\n", kind_names[kind], way_names[way]);
}

static int
named(const char *word, const char *const *names, int count)
{
	for (int i = 0; i < count; i++)
		if (strcmp(word, names[i]) == 0)
			return i;
	fprintf(stderr, "usage: posix_hostile [KIND WAY]\n");
	exit(2);
}

/* For a grader: goes on until the pager is killed. */
static int
stay(int kind, int way)
{
	pid_t victim_pid, pid = begin(kind, way, &victim_pid);
	int status;

	if (kind != READY_NEVER)
		EQUAL(next_report(PATIENCE_MS).what, ASKED);
	printf("hostile: victim %d pager %d\n", (int)victim_pid, (int)pid);
	fflush(stdout);
	waitpid(pid, &status, 0);
	return checks_failed != 0;
}

/* What victims write and read is there to be read. */
static int
write_file(void)
{
	static const char zeros[LENGTH];
	int fd = open(FILE_NAME, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	return fd < 0 || write(fd, zeros, sizeof(zeros)) != (ssize_t)sizeof(zeros) || close(fd) != 0;
}

int
main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "exit7") == 0)
		return 7;
	EQUAL(write_file(), 0);
	if (argc == 3)
		return stay(named(argv[1], kind_names, KINDS), named(argv[2], way_names, WAYS));
	fill_large();
	for (int kind = 0; kind < KINDS; kind++)
		for (int way = 0; way < WAYS; way++)
			hostile(kind, way);
	printf("hostile: the slowest answer took %lu ms\n", (unsigned long)slowest);
	return check_report("hostile");
}
