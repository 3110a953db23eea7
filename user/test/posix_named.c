/*
 * Named semaphores and shared memory: between processes, and what happens to names.
 */
#include <fcntl.h>
#include <semaphore.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

#define ROUNDS	200

struct shared {
	int turn, sum;
};

static void
semaphores(void)
{
	sem_t *one, *again;
	int value;

	sem_unlink("/test-one");
	CHECK(sem_open("/test-one", 0) == SEM_FAILED && errno == ENOENT);
	one = sem_open("/test-one", O_CREAT | O_EXCL, 0600, 3);
	CHECK(one != SEM_FAILED && sem_getvalue(one, &value) == 0 && value == 3);
	CHECK(sem_open("/test-one", O_CREAT | O_EXCL, 0600, 3) == SEM_FAILED && errno == EEXIST);
	again = sem_open("/test-one", O_CREAT, 0600, 99);
	CHECK(again == one);
	CHECK(sem_wait(again) == 0 && sem_getvalue(one, &value) == 0 && value == 2);
	EQUAL(sem_close(again), 0);
	CHECK(sem_trywait(one) == 0 && sem_trywait(one) == 0 && sem_trywait(one) == -1 && errno == EAGAIN);
	EQUAL(sem_unlink("/test-one"), 0);
	FAILS(sem_unlink("/test-one"), ENOENT);
	EQUAL(sem_post(one), 0);
	again = sem_open("/test-one", O_CREAT, 0600, 0);
	CHECK(again != SEM_FAILED && again != one);
	EQUAL(sem_close(one), 0);
	EQUAL(sem_close(again), 0);
	FAILS(sem_close(again), EINVAL);
	EQUAL(sem_unlink("test-one"), 0);
	CHECK(sem_open("/a/b", O_CREAT, 0600, 0) == SEM_FAILED && errno == EINVAL);
	CHECK(sem_open("/", O_CREAT, 0600, 0) == SEM_FAILED && errno == EINVAL);
}

/* Two processes count in turns. */
static void
count(struct shared *shared, sem_t *mine, sem_t *other, int add)
{
	for (int i = 0; i < ROUNDS; i++) {
		sem_wait(mine);
		shared->sum = shared->sum * 2 % 1000003 + add;
		shared->turn++;
		sem_post(other);
	}
}

static void
turns(void)
{
	sem_t *ping, *pong;
	struct shared *shared;
	int fd, status, wanted = 0;
	pid_t child;

	shm_unlink("/test-memory");
	FAILS(shm_open("/test-memory", O_RDWR, 0), ENOENT);
	fd = shm_open("/test-memory", O_CREAT | O_EXCL | O_RDWR, 0600);
	CHECK(fd >= 0 && ftruncate(fd, sizeof(*shared)) == 0 && fcntl(fd, F_GETFD) == FD_CLOEXEC);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	CHECK(shared != MAP_FAILED && shared->turn == 0);
	close(fd);
	ping = sem_open("/test-ping", O_CREAT, 0600, 1);
	child = fork();
	if (child == 0) {
		/* As a program of its own would: everything by name. */
		sem_t *first = sem_open("/test-ping", 0);

		pong = sem_open("/test-pong", O_CREAT, 0600, 0);
		fd = shm_open("/test-memory", O_RDWR, 0);
		shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		count(shared, pong, first, 5);
		_exit(0);
	}
	pong = sem_open("/test-pong", O_CREAT, 0600, 0);
	CHECK(ping != SEM_FAILED && pong != SEM_FAILED);
	count(shared, ping, pong, 3);
	CHECK(waitpid(child, &status, 0) == child && status == 0);
	for (int i = 0; i < 2 * ROUNDS; i++)
		wanted = wanted * 2 % 1000003 + (i % 2 == 0 ? 3 : 5);
	EQUAL(shared->sum, wanted);
	EQUAL(shared->turn, 2 * ROUNDS);
	CHECK(sem_unlink("/test-ping") == 0 && sem_unlink("/test-pong") == 0 && shm_unlink("/test-memory") == 0);
	FAILS(shm_unlink("/test-memory"), ENOENT);
}

int
main(void)
{
	semaphores();
	turns();
	return check_report("named");
}
