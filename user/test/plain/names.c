/*
 * A toy machine whose parts have the names that systems and libraries give to theirs: a program may call its functions what it likes, and still
 * prints, allocates, reads files and starts programs.
 *
 *	names [file ...]	runs the built-in program, then counts the words of the files
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CELLS 64

struct task { int cells[CELLS], top, lock, sent; };

int vm_allocate(struct task *t, int n);
int vm_map(struct task *t, int from, int to);
void vm_write(struct task *t, int place, int value);
int vm_read(const struct task *t, int place);
int mutex_lock(struct task *t);
int mutex_unlock(struct task *t);
int thread_create(struct task *t, int start);
int task_info(const struct task *t);
int signal_send(struct task *t, int number);
int read(struct task *t);
int write(struct task *t, int value);
int open(int left, int right);
int close(int left, int right);
int pipe(int left, int right);
int link(int left, int right);
int path_base(const char *path);
int program_run(struct task *t);
char *memory_map(int c, int n);
int heap_alloc(int n);
int file_info(FILE *file, long *bytes);
_Noreturn void panic(const char *why);

int vm_allocate(struct task *t, int n) { return t->top + n <= CELLS ? (t->top += n) - n : -1; }
int vm_map(struct task *t, int from, int to) { return t->cells[to] = t->cells[from]; }
void vm_write(struct task *t, int place, int value) { t->cells[place] = value; }
int vm_read(const struct task *t, int place) { return t->cells[place]; }
int mutex_lock(struct task *t) { return t->lock++; }
int mutex_unlock(struct task *t) { return --t->lock; }
int thread_create(struct task *t, int start) { return vm_map(t, start, vm_allocate(t, 1)); }
int task_info(const struct task *t) { return 100 * t->top + 10 * t->lock + t->sent; }
int signal_send(struct task *t, int number) { return t->sent += number; }
int read(struct task *t) { return vm_read(t, --t->top); }
int write(struct task *t, int value) { int at = vm_allocate(t, 1); vm_write(t, at, value); return at; }
int open(int left, int right) { return left + right; }
int close(int left, int right) { return left - right; }
int pipe(int left, int right) { return left * right; }
int link(int left, int right) { return right != 0 ? left / right : 0; }
int path_base(const char *path) { const char *slash = strrchr(path, '/'); return slash != NULL ? (int)(slash + 1 - path) : 0; }
int heap_alloc(int n) { return n * n; }

void
panic(const char *why)
{
	printf("panic: %s\n", why);
	exit(3);
}

char *
memory_map(int c, int n)
{
	char *text = malloc((size_t)n + 1);

	if (text == NULL)
		panic("no memory");
	memset(text, c, (size_t)n);
	text[n] = '\0';
	return text;
}

/* Words of a file. */
int
file_info(FILE *file, long *bytes)
{
	int c, words = 0, inside = 0;

	for (*bytes = 0; (c = getc(file)) != EOF; ++*bytes) {
		words += !inside && !isspace(c);
		inside = !isspace(c);
	}
	return words;
}

int
program_run(struct task *t)
{
	static int (*const operations[])(int, int) = {open, close, pipe, link};

	for (int i = 0; i < 12; i++)
		write(t, i * i + 1);
	for (int i = 0; i < 8; i++) {
		int right = read(t), left = read(t);

		write(t, operations[i % 4](left, right));
	}
	mutex_lock(t);
	thread_create(t, 0);
	signal_send(t, 9);
	mutex_unlock(t);
	return task_info(t);
}

int
main(int argc, char **argv)
{
	static struct task t;
	char *bar = memory_map('=', 20);
	int info = program_run(&t);

	printf("%s\n%d %d %.3f %d\n", bar, info, read(&t), vm_read(&t, 1) / 7.0, heap_alloc(7));
	free(bar);
	fflush(stdout);
	if (system("echo started") != 0)
		panic("no shell");
	for (int i = 1; i < argc; i++) {
		FILE *file = fopen(argv[i], "r");
		long bytes;
		int words;

		if (file == NULL)
			panic(argv[i] + path_base(argv[i]));
		words = file_info(file, &bytes);
		printf("%d words, %ld bytes in %s\n", words, bytes, argv[i]);
		fclose(file);
	}
	return 0;
}
