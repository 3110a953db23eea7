/*
 * What programs ask about the system: limits, names, users and groups, mappings.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <grp.h>
#include <libintl.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "check.h"

#define PAGE 4096

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

int
main(void)
{
	limits_and_names();
	users_and_groups();
	anonymous_mappings();
	mappings_of_files();
	CHECK(dlopen("libm.so", RTLD_NOW) == NULL && dlerror() != NULL && dlerror() == NULL);
	CHECK(strcmp(gettext("hello"), "hello") == 0 && strcmp(ngettext("one", "many", 2), "many") == 0);
	return check_report("system");
}
