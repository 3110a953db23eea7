/*
 * Signals at random moments while a process reads or writes and mostly waits: no byte is lost, none comes twice, whether the call ends early or
 * goes on by itself (SA_RESTART). Reader and writer are both interrupted, until each has handled so many signals.
 *
 *	posix_interrupt [N [KIND]]	N signals each; pipe | fifo | socket | from-master | from-slave | lines
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "children.h"
#include "mach/mach.h"
#include "random.h"
#include <mach/task_info.h>

#define FIFO		"/tmp/interrupt"
#define SIGNALS		200
#define PIECE		6000		/* bytes of a write at most; of a terminal's line a piece may hold many */
#define LINE		64u		/* bytes of a line */
#define TURN		64u		/* transfers after which the other one waits */
#define PERIOD		1600u		/* bytes after which lines and letters begin anew together */
#define THE_END		'z'

struct board {
	volatile bool reader_waits;	/* else the writer does */
	volatile unsigned handled[2];	/* by the reader and the writer */
	volatile unsigned early;	/* transfers that a signal ended */
	volatile uint64_t written;
};

static struct board *board;
static int own;				/* 0: the reader; 1: the writer */
static volatile bool over;		/* no signals any more */
static uint64_t first_seed;

static void
again(int signal)
{
	(void)signal;
	board->handled[own]++;
	if (!over)
		ualarm(1 + random_below(400), 0);
}

/* The last signal may be handled just before ualarm takes the next one back, so it asks for none. */
static void
no_more_signals(void)
{
	over = true;
	ualarm(0, 0);
}

/* Each transfer begins with another answer to what a signal does to it. */
static void
choose_restart(void)
{
	struct sigaction action = { .sa_handler = again };

	action.sa_flags = random_below(2) ? SA_RESTART : 0;
	sigaction(SIGALRM, &action, NULL);
}

static char stream_bytes[PERIOD + PIECE];

static void
make_stream(void)
{
	for (unsigned at = 0; at < sizeof(stream_bytes); at++)
		stream_bytes[at] = at % LINE == LINE - 1 ? '\n' : (char)('a' + at % PERIOD * 7 % 25);
}

/* What follows from a place of the stream on, a piece at least: letters in lines. */
static const char *
bytes_at(uint64_t at)
{
	return stream_bytes + at % PERIOD;
}

static void
pause_now_and_then(bool other_waits)
{
	if (other_waits)
		for (volatile unsigned i = random_below(4000); i > 0; i--)
			continue;
}

static bool sockets;			/* they have calls of their own, too */

static ssize_t
put(int to, const char *bytes, size_t count)
{
	return sockets && random_below(2) ? send(to, bytes, count, 0) : write(to, bytes, count);
}

static ssize_t
take(int from, char *bytes, size_t count)
{
	return sockets && random_below(2) ? recv(from, bytes, count, 0) : read(from, bytes, count);
}

static bool
enough(unsigned signals)
{
	return board->handled[0] >= signals && board->handled[1] >= signals;
}

/* All of it, as far as it takes. */
static int
write_all(int to, const char *bytes, size_t count)
{
	while (count > 0) {
		ssize_t n = put(to, bytes, count);

		if (n < 0 && errno != EINTR)
			return errno;
		board->early += n < (ssize_t)count;
		if (n > 0) {
			bytes += n;
			count -= (size_t)n;
		}
	}
	return 0;
}

static int
writer(int to, unsigned signals)
{
	uint64_t at = 0;
	int error = 0;

	own = 1;
	seed = first_seed ^ 77;
	choose_restart();
	ualarm(100, 0);
	while (error == 0 && !enough(signals)) {
		size_t count = 1 + random_below(random_below(2) ? PIECE : 20);

		choose_restart();
		error = write_all(to, bytes_at(at), count);
		at += count;
		pause_now_and_then(board->reader_waits);
	}
	board->written = at;
	if (error == 0)
		error = write_all(to, (const char[]){ THE_END, '\n' }, 2);
	no_more_signals();
	return error;
}

/* Where it ends in a piece that is not the stream's alone; the complement of the place that is wrong. */
static uint64_t
at_end(uint64_t at, const char *piece, size_t count)
{
	const char *right = bytes_at(at);
	size_t i = 0;

	while (i + 1 < count && piece[i] == right[i])
		i++;
	return piece[i] == THE_END ? at + i : ~(at + i);
}

/* Returns the bytes until the end, or what went wrong as its complement. */
static uint64_t
reader(int from)
{
	static char piece[PIECE];
	uint64_t at = 0;
	unsigned turn = 0;

	choose_restart();
	ualarm(150, 0);
	for (;;) {
		ssize_t n = take(from, piece, 1 + random_below(random_below(2) ? PIECE : 100));

		if (n == 0 || (n < 0 && errno != EINTR))
			return ~at;
		board->early += n < 0;
		if (n > 0 && memcmp(piece, bytes_at(at), (size_t)n) != 0)
			return at_end(at, piece, (size_t)n);
		at += n > 0 ? (uint64_t)n : 0;
		if (++turn % TURN == 0)
			board->reader_waits = !board->reader_waits;
		choose_restart();
		pause_now_and_then(!board->reader_waits);
	}
}

/* --- what there is to write to and to read from --- */

static void
open_pipe(int ends[2])
{
	EQUAL(pipe(ends), 0);
}

static void
open_fifo(int ends[2])
{
	unlink(FIFO);
	EQUAL(mkfifo(FIFO, 0600), 0);
	ends[0] = open(FIFO, O_RDWR);
	EQUAL(ends[0] < 0 ? errno : 0, 0);
	ends[1] = open(FIFO, O_WRONLY);
	EQUAL(ends[1] < 0 ? errno : 0, 0);
	EQUAL(unlink(FIFO), 0);
}

static void
open_sockets(int ends[2])
{
	EQUAL(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	sockets = true;
}

static void
open_terminal(int *master, int *slave, bool lines)
{
	struct termios settings;

	EQUAL(openpty(master, slave, NULL, NULL, NULL), 0);
	EQUAL(tcgetattr(*slave, &settings), 0);
	cfmakeraw(&settings);
	if (lines)
		settings.c_lflag |= ICANON;
	EQUAL(tcsetattr(*slave, TCSANOW, &settings), 0);
}

static void
open_from_master(int ends[2])
{
	open_terminal(&ends[1], &ends[0], false);
}

static void
open_from_slave(int ends[2])
{
	open_terminal(&ends[0], &ends[1], false);
}

static void
open_lines(int ends[2])
{
	open_terminal(&ends[1], &ends[0], true);
}

static const struct kind {
	const char *name;
	void (*open)(int ends[2]);
} kinds[] = {
	{ "pipe", open_pipe }, { "fifo", open_fifo }, { "socket", open_sockets },
	{ "from-master", open_from_master }, { "from-slave", open_from_slave }, { "lines", open_lines },
};

static uint32_t
own_names(void)
{
	struct task_info info;

	return task_info(mach_task_self(), &info) == KERN_SUCCESS ? info.port_names : 0;
}

static void
stream(const struct kind *kind, unsigned signals)
{
	uint64_t arrived;
	int ends[2];
	pid_t pid;

	*board = (struct board){ .reader_waits = true };
	over = false;
	sockets = false;
	seed = first_seed ^ 5;
	kind->open(ends);
	pid = fork();
	if (pid == 0)
		_exit(writer(ends[1], signals));
	arrived = reader(ends[0]);
	no_more_signals();
	if (arrived != board->written)
		kill(pid, SIGKILL);
	EQUAL(end_of(pid), 0);
	EQUAL(arrived, board->written);
	CHECK(board->early > 0);
	close(ends[0]);
	close(ends[1]);
}

int
main(int argc, char **argv)
{
	unsigned signals;
	uint32_t names;

	seed_take(&argc, argv);
	first_seed = seed;
	signals = argc > 1 ? (unsigned)atoi(argv[1]) : SIGNALS;
	board = mmap(NULL, sizeof(*board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(board != MAP_FAILED);
	make_stream();
	for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (argc > 2 && strcmp(argv[2], kinds[i].name) != 0)
			continue;
		stream(&kinds[i], SIGNALS);
		names = own_names();
		stream(&kinds[i], signals);
		CHECK(own_names() <= names + 2);	/* a reply port, or the one it waits at */
		if (argc > 1)
			printf("%s: %u and %u signals, %llu bytes, %u transfers ended early\n", kinds[i].name, board->handled[0],
				board->handled[1], (unsigned long long)board->written, board->early);
	}
	return check_report("interrupt");
}
