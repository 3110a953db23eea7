/*
 * tally: counts the words of many files at once.
 *
 *	tally [-j threads | -p processes] [-n top] [-m length] [-q] [-s] file | folder ...
 *
 * With -j, threads take pieces of mapped files from a queue, each with a table of its own. With -p, processes get one file each and say
 * what they counted through pipes; the parent polls them, and SIGCHLD through a pipe of its own. -s prints how far it is when SIGUSR1
 * comes, which it sends to itself. The result does not depend on how the work was shared.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PIECE		(4 * 1024)
#define BUCKETS		512
#define WORD_MAX	64
#define THREADS_MAX	32

struct word {
	struct word *next;
	unsigned long count;
	char text[];
};

struct table {
	struct word *bucket[BUCKETS];
	unsigned long different, words, lines, bytes;
};

struct file {
	char *name;
	char *data;
	size_t size;
};

struct piece {
	const struct file *file;
	size_t from, to;
};

static const char *program;
static struct file *files;
static size_t file_count, file_room;
static unsigned shortest = 1;
static bool quiet;
static int status;

static void
complain(const char *what)
{
	fprintf(stderr, "%s: %s: %s\n", program, what, strerror(errno));
	status = 1;
}

static void *
must(void *memory)
{
	if (memory == NULL) {
		complain("memory");
		exit(2);
	}
	return memory;
}

/* --- tables --- */

static uint32_t
hash(const char *text, size_t size)
{
	uint32_t h = 2166136261u;

	while (size-- != 0)
		h = (h ^ (unsigned char)*text++) * 16777619u;
	return h;
}

static void
table_add(struct table *t, const char *text, size_t size, unsigned long count)
{
	struct word **at = &t->bucket[hash(text, size) % BUCKETS], *w;

	for (w = *at; w != NULL; w = w->next)
		if (strncmp(w->text, text, size) == 0 && w->text[size] == '\0')
			break;
	if (w == NULL) {
		w = must(malloc(sizeof(*w) + size + 1));
		memcpy(w->text, text, size);
		w->text[size] = '\0';
		w->count = 0;
		w->next = *at;
		*at = w;
		t->different++;
	}
	w->count += count;
	t->words += count;
}

static void
table_merge(struct table *to, const struct table *from)
{
	const struct word *w;
	int i;

	for (i = 0; i < BUCKETS; i++)
		for (w = from->bucket[i]; w != NULL; w = w->next)
			table_add(to, w->text, strlen(w->text), w->count);
	to->lines += from->lines;
	to->bytes += from->bytes;
}

static void
table_free(struct table *t)
{
	struct word *w, *next;
	int i;

	for (i = 0; i < BUCKETS; i++)
		for (w = t->bucket[i]; w != NULL; w = next) {
			next = w->next;
			free(w);
		}
	memset(t, 0, sizeof(*t));
}

static int
by_count(const void *a, const void *b)
{
	const struct word *x = *(struct word *const *)a, *y = *(struct word *const *)b;

	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	return strcmp(x->text, y->text);
}

static void
table_print(const struct table *t, unsigned long top)
{
	struct word **all = must(calloc(t->different + 1, sizeof(*all))), *w;
	unsigned long n = 0, i;

	for (i = 0; i < BUCKETS; i++)
		for (w = t->bucket[i]; w != NULL; w = w->next)
			all[n++] = w;
	qsort(all, n, sizeof(*all), by_count);
	for (i = 0; i < n && i < top; i++)
		printf("%7lu  %-*s %6.2f%%\n", all[i]->count, 20, all[i]->text, 100.0 * (double)all[i]->count / (double)t->words);
	printf("%lu words, %lu different, %lu lines, %lu bytes, %zu files\n", t->words, t->different, t->lines, t->bytes, file_count);
	free(all);
}

/* --- counting --- */

static bool
in_word(unsigned char c)
{
	return isalnum(c) || c == '_' || c >= 0x80;
}

/* Words that begin in [from, to); they may end behind it. */
static void
count_piece(struct table *t, const struct piece *p)
{
	const char *data = p->file->data;
	size_t at = p->from, start, i;
	char word[WORD_MAX];

	for (i = p->from; i < p->to; i++)
		t->lines += data[i] == '\n';
	t->bytes += p->to - p->from;
	while (at < p->to && at != 0 && in_word((unsigned char)data[at]) && in_word((unsigned char)data[at - 1]))
		at++;
	while (at < p->to) {
		if (!in_word((unsigned char)data[at])) {
			at++;
			continue;
		}
		for (start = at; at < p->file->size && in_word((unsigned char)data[at]); at++)
			if (at - start < sizeof(word))
				word[at - start] = (char)tolower((unsigned char)data[at]);
		if (at - start >= shortest)
			table_add(t, word, at - start < sizeof(word) ? at - start : sizeof(word), 1);
	}
}

/* --- files --- */

static void
file_add(const char *name)
{
	struct stat st;
	struct file f = { NULL, NULL, 0 };
	int fd = open(name, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st) < 0) {
		complain(name);
		if (fd >= 0)
			close(fd);
		return;
	}
	f.size = (size_t)st.st_size;
	if (f.size != 0 && (f.data = mmap(NULL, f.size, PROT_READ, MAP_PRIVATE, fd, 0)) == MAP_FAILED) {
		complain(name);
		close(fd);
		return;
	}
	close(fd);
	f.name = must(strdup(name));
	if (file_count == file_room) {
		file_room = file_room != 0 ? 2 * file_room : 8;
		files = must(realloc(files, file_room * sizeof(*files)));
	}
	files[file_count++] = f;
}

static int
not_hidden(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

static void
add(const char *name)
{
	struct dirent **entries;
	struct stat st;
	char *path;
	int n, i;

	if (lstat(name, &st) < 0) {
		complain(name);
	} else if (S_ISREG(st.st_mode)) {
		file_add(name);
	} else if (S_ISDIR(st.st_mode)) {
		n = scandir(name, &entries, not_hidden, alphasort);
		if (n < 0)
			complain(name);
		for (i = 0; i < n; i++) {
			path = must(malloc(strlen(name) + strlen(entries[i]->d_name) + 2));
			sprintf(path, "%s/%s", name, entries[i]->d_name);
			add(path);
			free(path);
			free(entries[i]);
		}
		if (n >= 0)
			free(entries);
	}
}

/* --- threads --- */

static struct piece *queue;
static size_t queue_size, queue_next, queue_done;
static pthread_mutex_t queue_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t queue_changed = PTHREAD_COND_INITIALIZER;
static pthread_key_t own_table;
static struct table total;

/* A thread's table joins the sum when the thread ends. */
static void
hand_over(void *table)
{
	pthread_mutex_lock(&queue_lock);
	table_merge(&total, table);
	pthread_mutex_unlock(&queue_lock);
	table_free(table);
	free(table);
}

static void *
worker(void *unused)
{
	struct table *t = must(calloc(1, sizeof(*t)));
	struct piece p;

	pthread_setspecific(own_table, t);
	pthread_mutex_lock(&queue_lock);
	while (queue_next < queue_size) {
		p = queue[queue_next++];
		pthread_mutex_unlock(&queue_lock);
		count_piece(t, &p);
		pthread_mutex_lock(&queue_lock);
		queue_done++;
		pthread_cond_signal(&queue_changed);
	}
	pthread_mutex_unlock(&queue_lock);
	return unused;
}

static void
fill_queue(void)
{
	size_t i, from;

	for (i = 0; i < file_count; i++)
		for (from = 0; from < files[i].size; from += PIECE) {
			queue = must(realloc(queue, (queue_size + 1) * sizeof(*queue)));
			queue[queue_size].file = &files[i];
			queue[queue_size].from = from;
			queue[queue_size++].to = files[i].size - from > PIECE ? from + PIECE : files[i].size;
		}
}

static void
with_threads(unsigned n)
{
	pthread_t threads[THREADS_MAX];
	pthread_attr_t attr;
	unsigned i, started = 0;
	int error;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 128 * 1024);
	pthread_key_create(&own_table, hand_over);
	fill_queue();
	for (i = 0; i < n; i++) {
		error = pthread_create(&threads[started], &attr, worker, NULL);
		if (error != 0) {
			errno = error;
			complain("thread");
		} else {
			started++;
		}
	}
	pthread_mutex_lock(&queue_lock);
	while (started != 0 && queue_done < queue_size)
		pthread_cond_wait(&queue_changed, &queue_lock);
	pthread_mutex_unlock(&queue_lock);
	for (i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
	pthread_key_delete(own_table);
	pthread_attr_destroy(&attr);
	free(queue);
}

/* --- processes --- */

struct job {
	pid_t pid;
	FILE *from;
	const struct file *file;
};

static int told[2];			/* SIGCHLD writes, the loop reads */

static void
child_ended(int signal)
{
	int saved = errno;
	char byte = (char)signal;

	while (write(told[1], &byte, 1) < 0 && errno == EINTR)
		continue;
	errno = saved;
}

static void
count_and_say(const struct file *f, int to)
{
	struct piece p = { f, 0, f->size };
	struct table t;
	FILE *out = fdopen(to, "w");
	struct word *w;
	int i;

	memset(&t, 0, sizeof(t));
	count_piece(&t, &p);
	for (i = 0; i < BUCKETS; i++)
		for (w = t.bucket[i]; w != NULL; w = w->next)
			fprintf(out, "%lu %s\n", w->count, w->text);
	fprintf(out, "= %lu %lu\n", t.lines, t.bytes);
	_exit(fclose(out) == 0 ? 0 : 1);
}

static void
start(struct job *job, const struct file *f)
{
	int ends[2];

	fflush(NULL);
	if (pipe(ends) < 0 || (job->pid = fork()) < 0) {
		complain("job");
		exit(2);
	}
	if (job->pid == 0) {
		close(ends[0]);
		count_and_say(f, ends[1]);
	}
	close(ends[1]);
	job->from = must(fdopen(ends[0], "r"));
	job->file = f;
}

static void
take(struct job *job)
{
	char line[128], word[WORD_MAX + 1];
	unsigned long lines, bytes, count;
	bool whole = false;

	while (fgets(line, sizeof(line), job->from) != NULL) {
		if (sscanf(line, "= %lu %lu", &lines, &bytes) == 2) {
			total.lines += lines;
			total.bytes += bytes;
			whole = true;
		} else if (sscanf(line, "%lu %64s", &count, word) == 2) {
			table_add(&total, word, strlen(word), count);
		}
	}
	fclose(job->from);
	job->from = NULL;
	if (!whole) {
		errno = EPIPE;
		complain(job->file->name);
	}
}

/* The children that have ended; returns how many. */
static size_t
reap(void)
{
	size_t n = 0;
	char bytes[16];
	pid_t pid;
	int how;

	while (read(told[0], bytes, sizeof(bytes)) > 0)
		continue;
	while ((pid = waitpid(-1, &how, WNOHANG)) > 0) {
		n++;
		if (!WIFEXITED(how) || WEXITSTATUS(how) != 0)
			status = 1;
	}
	return n;
}

static void
with_processes(unsigned n)
{
	struct job jobs[THREADS_MAX];
	struct pollfd fds[THREADS_MAX + 1];
	struct sigaction action;
	size_t next = 0, ended = 0, taken = 0;
	unsigned i;

	memset(jobs, 0, sizeof(jobs));
	memset(&action, 0, sizeof(action));
	action.sa_handler = child_ended;
	action.sa_flags = SA_RESTART | SA_NOCLDSTOP;
	sigemptyset(&action.sa_mask);
	if (pipe(told) < 0 || sigaction(SIGCHLD, &action, NULL) < 0) {
		complain("pipe");
		exit(2);
	}
	fcntl(told[0], F_SETFL, O_NONBLOCK);
	fcntl(told[1], F_SETFL, O_NONBLOCK);
	while (ended < file_count || taken < file_count) {
		for (i = 0; i < n; i++) {
			if (jobs[i].from == NULL && next < file_count)
				start(&jobs[i], &files[next++]);
			fds[i].fd = jobs[i].from != NULL ? fileno(jobs[i].from) : -1;
			fds[i].events = POLLIN;
		}
		fds[n].fd = told[0];
		fds[n].events = POLLIN;
		if (poll(fds, n + 1, -1) < 0) {
			if (errno == EINTR)
				continue;
			complain("poll");
			exit(2);
		}
		for (i = 0; i < n; i++)
			if (fds[i].fd >= 0 && (fds[i].revents & (POLLIN | POLLHUP)) != 0) {
				take(&jobs[i]);
				taken++;
			}
		if ((fds[n].revents & POLLIN) != 0)
			ended += reap();
	}
}

/* --- main --- */

static volatile sig_atomic_t asked;

static void
ask(int signal, siginfo_t *info, void *context)
{
	(void)context;
	asked = signal == SIGUSR1 && info->si_pid == getpid();
}

static void
say_how_far(void)
{
	struct sigaction action;
	sigset_t blocked, before;

	memset(&action, 0, sizeof(action));
	action.sa_sigaction = ask;
	action.sa_flags = SA_SIGINFO;
	sigaction(SIGUSR1, &action, NULL);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGUSR1);
	sigprocmask(SIG_BLOCK, &blocked, &before);
	kill(getpid(), SIGUSR1);
	printf("asked while blocked: %d\n", (int)asked);
	while (!asked)
		sigsuspend(&before);
	sigprocmask(SIG_SETMASK, &before, NULL);
	printf("asked: %d; %zu files\n", (int)asked, file_count);
}

static unsigned
number(const char *text, unsigned most)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (end == text || *end != '\0' || n == 0 || n > most) {
		fprintf(stderr, "%s: %s: not a number from 1 to %u\n", program, text, most);
		exit(2);
	}
	return (unsigned)n;
}

int
main(int argc, char **argv)
{
	unsigned threads = 2, processes = 0, top = 10;
	bool say = false;
	size_t i;
	int c;

	program = strrchr(argv[0], '/') != NULL ? strrchr(argv[0], '/') + 1 : argv[0];
	while ((c = getopt(argc, argv, "j:p:n:m:qs")) != -1)
		switch (c) {
		case 'j': threads = number(optarg, THREADS_MAX); processes = 0; break;
		case 'p': processes = number(optarg, THREADS_MAX); break;
		case 'n': top = number(optarg, 100000); break;
		case 'm': shortest = number(optarg, WORD_MAX); break;
		case 'q': quiet = true; break;
		case 's': say = true; break;
		default:
			fprintf(stderr, "usage: %s [-j threads | -p processes] [-n top] [-m length] [-q] [-s] file ...\n", program);
			return 2;
		}
	for (; optind < argc; optind++)
		add(argv[optind]);
	if (say)
		say_how_far();
	if (processes != 0)
		with_processes(processes);
	else
		with_threads(threads);
	if (!quiet)
		for (i = 0; i < file_count; i++)
			printf("%s: %zu\n", files[i].name, files[i].size);
	table_print(&total, top);
	table_free(&total);
	for (i = 0; i < file_count; i++) {
		if (files[i].size != 0)
			munmap(files[i].data, files[i].size);
		free(files[i].name);
	}
	free(files);
	return status;
}
