/*
 * What programs ask about the system: limits, names, users and groups, mappings.
 */
#define _GNU_SOURCE
#include <limits.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <grp.h>
#include <libintl.h>
#include <pwd.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysinfo.h>
#include <sys/un.h>
#include <sys/vfs.h>
#include <sys/utsname.h>
#include <wait.h>
#include <wchar.h>
#include <unistd.h>
#include <utmp.h>
#include <utmpx.h>

#include "check.h"

#define PAGE 4096

/* Every number has an answer, and what the headers say at compile time is what sysconf says. */
static void
limits_of_headers(void)
{
	static const struct {
		int name;
		long value;
	} same[] = {
		{ _SC_VERSION, _POSIX_VERSION }, { _SC_XOPEN_VERSION, _XOPEN_VERSION }, { _SC_ARG_MAX, ARG_MAX },
		{ _SC_TIMERS, _POSIX_TIMERS }, { _SC_THREADS, _POSIX_THREADS }, { _SC_MEMLOCK, _POSIX_MEMLOCK },
		{ _SC_THREAD_KEYS_MAX, PTHREAD_KEYS_MAX }, { _SC_NGROUPS_MAX, NGROUPS_MAX }, { _SC_LINE_MAX, LINE_MAX },
	};

	for (int name = 0; name <= _SC_PHYS_PAGES; name++) {
		errno = 0;
		CHECK(sysconf(name) > 0 || errno == 0);
	}
	for (int name = 0; name <= _PC_REC_XFER_ALIGN; name++) {
		errno = 0;
		CHECK(pathconf("/", name) >= 0 || errno == 0);
	}
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		EQUAL(sysconf(same[i].name), same[i].value);
}

static void
limits_and_names(void)
{
	struct utsname name;
	char text[65];

	EQUAL(sysconf(_SC_PAGESIZE), PAGE);
	EQUAL(getpagesize(), PAGE);
	CHECK(sysconf(_SC_NPROCESSORS_ONLN) >= 1 && sysconf(_SC_NPROCESSORS_ONLN) <= 8);
	CHECK(sysconf(_SC_PHYS_PAGES) > 1000);
	CHECK(sysconf(_SC_OPEN_MAX) >= 20);
	FAILS(sysconf(-5), EINVAL);
	EQUAL(pathconf("/", _PC_NAME_MAX), 255);
	FAILS(pathconf("/nowhere", _PC_NAME_MAX), ENOENT);
	FAILS(fpathconf(99, _PC_NAME_MAX), EBADF);
	FAILS(fpathconf(0, 1000), EINVAL);
	EQUAL(confstr(_CS_PATH, text, sizeof(text)), 5);
	EQUAL(strcmp(text, "/bin"), 0);
	EQUAL(confstr(_CS_PATH, NULL, 0), 5);
	EQUAL(uname(&name), 0);
	EQUAL(strcmp(name.sysname, "MACH_R"), 0);
	CHECK(strcmp(name.machine, "aarch64") == 0 || strcmp(name.machine, "x86_64") == 0);
	EQUAL(gethostname(text, sizeof(text)), 0);
	EQUAL(strcmp(text, name.nodename), 0);
	FAILS(gethostname(text, 1), ENAMETOOLONG);
}

static void
users_and_groups(void)
{
	struct passwd *user, entry, *result;
	struct group *group;
	char buffer[256];
	int seen = 0, count = 1;
	gid_t groups[4];

	errno = 0;
	CHECK(getpwnam("nobody-at-all") == NULL && errno == 0);
	user = getpwnam("root");
	CHECK(user != NULL && user->pw_uid == 0 && strcmp(user->pw_dir, "/root") == 0);
	user = getpwuid(1000);
	CHECK(user != NULL && strcmp(user->pw_name, "user") == 0 && user->pw_gid == 1000);
	EQUAL(getpwnam_r("user", &entry, buffer, sizeof(buffer), &result), 0);
	CHECK(result == &entry && entry.pw_uid == 1000 && strcmp(entry.pw_shell, "/bin/msh") == 0);
	EQUAL(getpwnam_r("user", &entry, buffer, 8, &result), ERANGE);
	CHECK(result == NULL);
	for (setpwent(); getpwent() != NULL; seen++)
		continue;
	endpwent();
	EQUAL(seen, 2);
	group = getgrgid(1000);
	CHECK(group != NULL && strcmp(group->gr_name, "user") == 0 && group->gr_mem[0] == NULL);
	CHECK(getgrnam("root") != NULL && getgrnam("root")->gr_gid == 0);
	CHECK(getgrnam("nothing") == NULL);
	EQUAL(getgrouplist("user", 1000, groups, &count), 1);
	EQUAL(groups[0], 1000);
	count = 0;
	EQUAL(getgrouplist("user", 1000, groups, &count), -1);
	EQUAL(count, 1);
}

/* Entries come back as they were written, and one that needs more room is not lost. */
static void
files_of_users_and_groups(void)
{
	char *members[] = { "one", "two", NULL };
	const struct passwd user = { .pw_name = "one", .pw_uid = 7, .pw_gid = 8, .pw_gecos = "A: person", .pw_dir = "/home/one" };
	const struct passwd wrong = { .pw_name = "o:ne" };
	const struct group group = { "all", "x", 9, members }, empty = { "none", NULL, 10, NULL }, bad = { "a\nb", "x", 9, members };
	struct passwd entry, *user_found = &entry;
	struct group group_entry, *group_found;
	char buffer[256], text[256] = "";
	FILE *file = fopen("/tmp/entries", "w+");

	CHECK(file != NULL);
	EQUAL(putpwent(&user, file), 0);
	FAILS(putpwent(&wrong, file), EINVAL);
	FAILS(putgrent(&bad, file), EINVAL);
	rewind(file);
	CHECK(fgets(text, sizeof(text), file) != NULL && strcmp(text, "one::7:8:A  person:/home/one:\n") == 0);
	rewind(file);
	EQUAL(fgetpwent_r(file, &entry, buffer, 10, &user_found), ERANGE);
	CHECK(user_found == NULL);
	EQUAL(fgetpwent_r(file, &entry, buffer, sizeof(buffer), &user_found), 0);
	CHECK(user_found == &entry && entry.pw_uid == 7 && entry.pw_gid == 8 && strcmp(entry.pw_dir, "/home/one") == 0);
	EQUAL(fgetpwent_r(file, &entry, buffer, sizeof(buffer), &user_found), ENOENT);
	rewind(file);
	user_found = fgetpwent(file);
	CHECK(user_found != NULL && strcmp(user_found->pw_gecos, "A  person") == 0 && fgetpwent(file) == NULL && errno == ENOENT);
	fclose(file);

	file = fopen("/tmp/entries", "w+");
	EQUAL(putgrent(&group, file), 0);
	EQUAL(putgrent(&empty, file), 0);
	rewind(file);
	CHECK(fgets(text, sizeof(text), file) != NULL && strcmp(text, "all:x:9:one,two\n") == 0);
	rewind(file);
	EQUAL(fgetgrent_r(file, &group_entry, buffer, 20, &group_found), ERANGE);
	EQUAL(fgetgrent_r(file, &group_entry, buffer, sizeof(buffer), &group_found), 0);
	CHECK(group_found == &group_entry && strcmp(group_entry.gr_mem[1], "two") == 0 && group_entry.gr_mem[2] == NULL);
	group_found = fgetgrent(file);
	CHECK(group_found != NULL && group_found->gr_gid == 10 && group_found->gr_mem[0] == NULL && fgetgrent(file) == NULL);
	fclose(file);
	unlink("/tmp/entries");

	setpwent();
	EQUAL(getpwent_r(&entry, buffer, 4, &user_found), ERANGE);
	EQUAL(getpwent_r(&entry, buffer, sizeof(buffer), &user_found), 0);
	EQUAL(strcmp(entry.pw_name, "root"), 0);
	CHECK(getpwent() != NULL && getpwent_r(&entry, buffer, sizeof(buffer), &user_found) == ENOENT && user_found == NULL);
	endpwent();
	setgrent();
	EQUAL(getgrent_r(&group_entry, buffer, sizeof(buffer), &group_found), 0);
	CHECK(group_found == &group_entry && strcmp(group_entry.gr_name, "root") == 0);
	endgrent();
}

static void
start_values(void)
{
	CHECK(getauxval(AT_PAGESZ) == PAGE && getauxval(AT_RANDOM) != 0 && getauxval(AT_PHNUM) > 0 && getauxval(AT_UID) == getuid());
	CHECK(getauxval(AT_SECURE) == 0 && getauxval(AT_CLKTCK) == (unsigned long)sysconf(_SC_CLK_TCK));
	errno = 0;
	CHECK(getauxval(AT_HWCAP) == 0 && errno == ENOENT);
}

static void
anonymous_mappings(void)
{
	char *p = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), *q;

	CHECK(p != MAP_FAILED);
	for (int i = 0; i < 3 * PAGE; i++)
		if (p[i] != 0)
			CHECK(!"zero filled");
	memset(p, 'x', 3 * PAGE);
	EQUAL(munmap(p + PAGE, PAGE), 0);
	FAILS(msync(p, 3 * PAGE, MS_SYNC), ENOMEM);
	CHECK(mmap(p + PAGE, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == p + PAGE);
	EQUAL(p[PAGE], 0);
	EQUAL(p[2 * PAGE], 'x');
	EQUAL(mprotect(p, PAGE, PROT_READ), 0);
	EQUAL(p[0], 'x');
	EQUAL(mprotect(p, PAGE, PROT_READ | PROT_WRITE), 0);
	p[0] = 'y';
	FAILS(mprotect(p + 1, PAGE, PROT_READ), EINVAL);
	EQUAL(madvise(p, PAGE, MADV_DONTNEED), 0);
	EQUAL(p[0], 0);
	q = mremap(p, 3 * PAGE, 10 * PAGE, MREMAP_MAYMOVE);
	CHECK(q != MAP_FAILED && q[2 * PAGE] == 'x' && q[9 * PAGE] == 0);
	EQUAL(munmap(q, 10 * PAGE), 0);
	FAILS(munmap(q + 1, PAGE), EINVAL);
	FAILS(munmap(q, 0), EINVAL);
	CHECK(mmap(NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED && errno == EINVAL);
	CHECK(mmap(NULL, PAGE, PROT_READ, MAP_ANONYMOUS, -1, 0) == MAP_FAILED && errno == EINVAL);
	CHECK(mmap(NULL, (size_t)1 << 60, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED && errno == ENOMEM);
	CHECK(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, 99, 0) == MAP_FAILED && errno == EBADF);
}

static void
mappings_of_files(void)
{
	int fd = open("/etc/passwd", O_RDONLY);
	char *p = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0);

	CHECK(p != MAP_FAILED && memcmp(p, "root:", 5) == 0 && p[PAGE - 1] == 0);
	CHECK(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 100) == MAP_FAILED && errno == EINVAL);
	EQUAL(munmap(p, PAGE), 0);
	p = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(mmap(p + PAGE, PAGE, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd, 0) == p + PAGE);
	CHECK(mremap(p, 2 * PAGE, 3 * PAGE, MREMAP_MAYMOVE) == MAP_FAILED && errno == ENOMEM);	/* the file would be lost */
	EQUAL(close(fd), 0);
	EQUAL(memcmp(p + PAGE, "root:", 5), 0);
	EQUAL(munmap(p, 2 * PAGE), 0);
}

/* Records in a file of the test's own: found by id and by terminal, replaced, appended. */
static void
who_logged_in(void)
{
	struct utmpx one = { .ut_type = USER_PROCESS, .ut_pid = 7, .ut_line = "tty1", .ut_id = "1", .ut_user = "ann" };
	struct utmpx two = { .ut_type = LOGIN_PROCESS, .ut_pid = 8, .ut_line = "tty2", .ut_id = "2" };
	struct utmpx boot = { .ut_type = BOOT_TIME, .ut_tv.tv_sec = 99 }, *found;

	EQUAL(utmpxname("/tmp/utmp-of-nobody"), 0);
	FAILS(getutxent() == NULL ? -1 : 0, ENOENT);
	FAILS(pututxline(&one) == NULL ? -1 : 0, ENOENT);
	close(open("/tmp/utmp-of-nobody", O_CREAT | O_WRONLY, 0600));
	CHECK(getutxent() == NULL);
	CHECK(pututxline(&boot) != NULL && pututxline(&one) != NULL && pututxline(&two) != NULL);
	strcpy(one.ut_user, "bea");
	CHECK(pututxline(&one) != NULL);
	setutxent();
	CHECK((found = getutxent()) != NULL && found->ut_type == BOOT_TIME && found->ut_tv.tv_sec == 99);
	CHECK((found = getutxline(&two)) != NULL && found->ut_pid == 8);
	CHECK(getutxent() == NULL);
	setutxent();
	CHECK((found = getutxid(&one)) != NULL && strcmp(found->ut_user, "bea") == 0);
	CHECK(getutxid(&one) == NULL);
	setutent();
	CHECK(getutent() != NULL && getutent() != NULL && getutent()->ut_pid == 8 && getutent() == NULL);
	endutxent();
	unlink("/tmp/utmp-of-nobody");
}

/* The older form says what the other says. */
static void
file_systems(void)
{
	struct statvfs want;
	struct statfs got;

	EQUAL(statvfs("/", &want), 0);
	EQUAL(statfs("/", &got), 0);
	CHECK(got.f_bsize == (long)want.f_bsize && got.f_blocks == want.f_blocks && got.f_files == want.f_files);
	CHECK(got.f_namelen == (long)want.f_namemax && got.f_flags == (long)want.f_flag);
	FAILS(statfs("/nowhere", &got), ENOENT);
	FAILS(fstatfs(-1, &got), EBADF);
}

/* What is asked in other systems' ways. */
static void
machine(void)
{
	struct sysinfo info;
	double averages[3];

	EQUAL(get_nprocs(), sysconf(_SC_NPROCESSORS_ONLN));
	EQUAL(get_nprocs_conf(), sysconf(_SC_NPROCESSORS_CONF));
	EQUAL(get_phys_pages(), sysconf(_SC_PHYS_PAGES));
	CHECK(get_avphys_pages() > 0 && get_avphys_pages() < get_phys_pages());
	EQUAL(sysinfo(&info), 0);
	CHECK(info.mem_unit == PAGE && info.freeram > 0 && info.freeram < info.totalram && info.totalram <= (unsigned long)get_phys_pages());
	CHECK(info.uptime >= 0 && info.uptime < 3600 && info.procs >= 3 && info.procs < 100 && info.freeswap <= info.totalswap);
	EQUAL(getloadavg(averages, 3), -1);
	CHECK(gethostid() == gethostid() && gethostid() != 0);
}

/* The administrator's number stays as it is. */
static void
number_of_the_system(void)
{
	int fd = open("/etc/hostid", O_WRONLY | O_CREAT | O_EXCL, 0644);
	int32_t id = -1234567;

	if (fd < 0) {
		EQUAL(errno, EEXIST);
		return;
	}
	EQUAL(write(fd, &id, sizeof(id)), sizeof(id));
	close(fd);
	EQUAL(gethostid(), id);
	EQUAL(unlink("/etc/hostid"), 0);
	CHECK(gethostid() != id);
}

static void
groups_and_file_systems(void)
{
	gid_t groups[] = { 50, 60 };
	int fd = open("/tmp/synced", O_WRONLY | O_CREAT, 0600);

	EQUAL(setgroups(2, groups), 0);
	CHECK(group_member(50) && group_member(60) && group_member(getegid()) && !group_member(70));
	EQUAL(setgroups(0, NULL), 0);
	CHECK(!group_member(50));
	CHECK(fd >= 0 && syncfs(fd) == 0 && close(fd) == 0 && unlink("/tmp/synced") == 0);
	FAILS(syncfs(-1), EBADF);
}

/* What was buffered is in the file. */
static void
streams_at_the_end(void)
{
	FILE *stream = fopen("/tmp/buffered", "w+");
	struct stat status;

	CHECK(stream != NULL && fputs("12345", stream) >= 0);
	EQUAL(stat("/tmp/buffered", &status), 0);
	EQUAL(status.st_size, 0);
	EQUAL(fcloseall(), 0);
	EQUAL(stat("/tmp/buffered", &status), 0);
	EQUAL(status.st_size, 5);
	rewind(stream);
	EQUAL(putw(-7, stream), 0);
	rewind(stream);
	EQUAL(getw(stream), -7);
	EQUAL(getw(stream), EOF);		/* one byte is no word */
	CHECK(feof(stream));
	unlink("/tmp/buffered");
}

_Static_assert(CHAR_WIDTH == 8 && SHRT_WIDTH == 16 && UINT_WIDTH == 32 && LONG_WIDTH == 64 && ULLONG_WIDTH == 64, "<limits.h>");
_Static_assert(INT8_WIDTH == 8 && UINT_LEAST16_WIDTH == 8 * sizeof(uint_least16_t) && INT_FAST16_WIDTH == 8 * sizeof(int_fast16_t), "<stdint.h>");
_Static_assert(UINTPTR_WIDTH == 64 && INTMAX_WIDTH == 64 && PTRDIFF_WIDTH == 64 && SIZE_WIDTH == 64 && SIG_ATOMIC_WIDTH == 32, "<stdint.h>");
_Static_assert(WCHAR_WIDTH == 8 * sizeof(wchar_t) && WINT_WIDTH == 8 * sizeof(wint_t), "<stdint.h>");
_Static_assert(sizeof(((struct sockaddr_un *)0)->sun_path) == 108, "<sys/un.h>");

int
main(void)
{
	machine();
	EQUAL(SUN_LEN((&(struct sockaddr_un){ 1, "/a" })), offsetof(struct sockaddr_un, sun_path) + 2);
	number_of_the_system();
	groups_and_file_systems();
	streams_at_the_end();
	limits_of_headers();
	limits_and_names();
	users_and_groups();
	files_of_users_and_groups();
	start_values();
	who_logged_in();
	file_systems();
	anonymous_mappings();
	mappings_of_files();
	CHECK(dlopen("libm.so", RTLD_NOW) == NULL && dlerror() != NULL && dlerror() == NULL);
	CHECK(strcmp(gettext("hello"), "hello") == 0 && strcmp(ngettext("one", "many", 2), "many") == 0);
	return check_report("system");
}
