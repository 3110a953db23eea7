/*
 * Threads: a producer, a queue of four places, three workers. Each tool of <pthread.h> has one job:
 *
 *	mutex		guards the queue
 *	condition	"there is something to take", "there is room", "all reports are in"
 *	key		a worker's own sum, which the destructor adds to the total when the worker ends
 *	once		the key is made by whoever comes first
 *	join		main waits for the workers
 *	detach		nobody waits for the reporter; it says by itself that it is done
 */
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PLACES	4
#define WORKERS	3
#define NUMBERS	1000

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t not_empty = PTHREAD_COND_INITIALIZER;
static pthread_cond_t not_full = PTHREAD_COND_INITIALIZER;
static pthread_cond_t reported = PTHREAD_COND_INITIALIZER;

/* Guarded by `lock`. */
static int queue[PLACES];
static unsigned first, count;
static bool closed;		/* nothing more will come */
static bool report_done;
static long total;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t own_sum;

/* Pthread functions return the error instead of setting errno. */
static void
must(int error, const char *what)
{
	if (error != 0) {
		fprintf(stderr, "threads: %s: %s\n", what, strerror(error));
		exit(1);
	}
}

static void
put(int number)
{
	pthread_mutex_lock(&lock);
	while (count == PLACES)
		pthread_cond_wait(&not_full, &lock);
	queue[(first + count++) % PLACES] = number;
	pthread_cond_signal(&not_empty);
	pthread_mutex_unlock(&lock);
}

static void
close_queue(void)
{
	pthread_mutex_lock(&lock);
	closed = true;
	pthread_cond_broadcast(&not_empty);
	pthread_mutex_unlock(&lock);
}

/* False: the queue is closed and empty. A condition is tested in a loop: being woken promises nothing. */
static bool
take(int *number)
{
	bool found;

	pthread_mutex_lock(&lock);
	while (count == 0 && !closed)
		pthread_cond_wait(&not_empty, &lock);
	found = count > 0;
	if (found) {
		*number = queue[first];
		first = (first + 1) % PLACES;
		count--;
		pthread_cond_signal(&not_full);
	}
	pthread_mutex_unlock(&lock);
	return found;
}

/* Runs in the worker that ends, with the value its key had. */
static void
add_to_total(void *value)
{
	long *sum = value;

	pthread_mutex_lock(&lock);
	total += *sum;
	pthread_mutex_unlock(&lock);
	free(sum);
}

static void
make_key(void)
{
	must(pthread_key_create(&own_sum, add_to_total), "pthread_key_create");
	printf("the key is made once\n");
}

static void *
worker(void *unused)
{
	long *sum = calloc(1, sizeof(*sum));
	int number;

	(void)unused;
	must(pthread_once(&once, make_key), "pthread_once");
	must(pthread_setspecific(own_sum, sum), "pthread_setspecific");
	while (take(&number))
		*(long *)pthread_getspecific(own_sum) += number;
	return NULL;
}

static void *
reporter(void *unused)
{
	(void)unused;
	pthread_mutex_lock(&lock);
	printf("1 + 2 + ... + %d = %ld\n", NUMBERS, total);
	report_done = true;
	pthread_cond_signal(&reported);
	pthread_mutex_unlock(&lock);
	return NULL;
}

int
main(void)
{
	pthread_t workers[WORKERS], thread;

	for (int i = 0; i < WORKERS; i++)
		must(pthread_create(&workers[i], NULL, worker, NULL), "pthread_create");
	for (int i = 1; i <= NUMBERS; i++)
		put(i);
	close_queue();
	for (int i = 0; i < WORKERS; i++)
		must(pthread_join(workers[i], NULL), "pthread_join");
	printf("%d workers have ended\n", WORKERS);

	must(pthread_create(&thread, NULL, reporter, NULL), "pthread_create");
	must(pthread_detach(thread), "pthread_detach");
	pthread_mutex_lock(&lock);
	while (!report_done)
		pthread_cond_wait(&reported, &lock);
	pthread_mutex_unlock(&lock);
	return 0;
}
