/*
 * Descriptors, files and directories, by messages to whoever serves them. In rescue mode
 * descriptors 0 to 2 are the console.
 */
#include "fs.h"
#include "io.h"
#include "mach/mach.h"
#include "mach/mig.h"
#include "mach/print.h"
#include "mach/startup.h"
#include "shell.h"
#include <errno.h>
#include <string.h>

#define COLUMN_WIDTH	16u
#define ROW_WIDTH	80u

const char *
error_text(int error)
{
	if (error == MIG_SERVER_DIED || error == MACH_SEND_INVALID_DEST)
		return "its server does not run";
	return error > 0 && error < 4096 ? strerror(error) : kern_return_name(error);
}

/* --- reading and writing --- */

static int
console_print(const char *bytes, size_t count)
{
	size_t from = 0;

	for (size_t i = 0; i < count; i++)
		if (bytes[i] == '\n') {
			console_write(rescue_console(), bytes + from, i - from);
			console_write(rescue_console(), "\r\n", 2);
			from = i + 1;
		}
	console_write(rescue_console(), bytes + from, count - from);
	return 0;
}

int
file_write(mach_port_t port, const char *bytes, size_t count)
{
	if (rescue_mode())
		return console_print(bytes, count);
	if (port == MACH_PORT_NULL)
		return EBADF;
	while (count > 0) {
		uint32_t piece = count < IO_INLINE_MAX ? (uint32_t)count : IO_INLINE_MAX;
		uint32_t written = 0;
		kern_return_t kr = io_write(port, -1, bytes, piece, &written);

		if (kr == EINTR)
			continue;
		if (kr != KERN_SUCCESS || written == 0 || written > piece)
			return kr != KERN_SUCCESS ? kr : EIO;
		bytes += written;
		count -= written;
	}
	return 0;
}

int
file_read(mach_port_t port, char *bytes, uint32_t size, uint32_t *count)
{
	vm_size_t taken = 0;
	kern_return_t kr;

	*count = 0;
	if (rescue_mode()) {
		kr = console_read(rescue_console(), bytes, size, &taken);
		*count = (uint32_t)taken;
		return kr;
	}
	do {
		*count = size;
		kr = io_read(port, -1, size, bytes, count);
	} while (kr == EINTR);
	if (kr != KERN_SUCCESS)
		*count = 0;
	return kr;
}

static void
print_v(mach_port_t port, const char *format, va_list args)
{
	char text[512];
	int n = print_to_v(text, sizeof(text), format, args);
	int error = file_write(port, text, n < (int)sizeof(text) ? (size_t)n : sizeof(text) - 1);

	if (error != 0)
		shell.output_error = error;
}

void
file_print(mach_port_t port, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print_v(port, format, args);
	va_end(args);
}

int
complain(const char *format, ...)
{
	char text[400], line[sizeof(text) + 8];
	va_list args;

	va_start(args, format);
	print_to_v(text, sizeof(text), format, args);
	va_end(args);
	/* Where nobody hears it, the command's own output has not failed. */
	(void)file_write(shell.complaints, line, (size_t)print_to(line, sizeof(line), "msh: %s\n", text));
	return 1;
}

/* --- names --- */

static mach_port_t
base(const char *path)
{
	return path[0] == '/' ? shell.root : shell.cwd;
}

int
pipe_create(mach_port_t *reader, mach_port_t *writer)
{
	return fs_pipe(shell.root, 0, reader, writer);
}

int
pipe_filled(const char *bytes, size_t count, mach_port_t *reader)
{
	mach_port_t writer;
	int error = rescue_mode() ? ENOSYS : pipe_create(reader, &writer);

	if (error != 0)
		return error;
	error = io_set_flags(writer, IO_O_NONBLOCK);
	if (error == 0)
		error = file_write(writer, bytes, count);
	file_close(writer);
	if (error != 0)
		file_close(*reader);
	return error == EAGAIN ? E2BIG : error;
}

int
file_open(const char *path, uint32_t flags, mach_port_t *port)
{
	struct io_stat info;

	if (rescue_mode())
		return ENOSYS;
	if (strlen(path) >= PATH_SIZE)
		return ENAMETOOLONG;
	return fs_open(base(path), path, flags, 0666 & ~startup_info->umask, port, &info);
}

int
file_hold(mach_port_t port)
{
	return port_hold(port);
}

void
file_close(mach_port_t port)
{
	port_drop(port);
}

int
directory_change(const char *path)
{
	mach_port_t port;
	int error = file_open(path, IO_O_RDONLY | IO_O_DIRECTORY, &port);

	if (error != 0)
		return error;
	if (shell.cwd != shell.root)
		file_close(shell.cwd);
	shell.cwd = port;
	return 0;
}

int
directory_name(char *path)
{
	if (rescue_mode())
		return ENOSYS;
	return fs_getcwd(shell.cwd, path);
}

bool
file_exists(const char *path)
{
	struct io_stat info;

	return !rescue_mode() && strlen(path) < PATH_SIZE && fs_stat(base(path), path, 0, &info) == 0;
}

/* Calls visit for the records of a batch. */
static void
visit_batch(const uint8_t *batch, uint32_t count, void (*visit)(const char *name))
{
	for (uint32_t at = 0; at + sizeof(struct io_dirent) < count;) {
		const struct io_dirent *entry = (const struct io_dirent *)(batch + at);

		if (entry->record_length < sizeof(*entry) + entry->name_length + 1u || entry->record_length > count - at)
			break;
		visit(entry->name);
		at += entry->record_length;
	}
}

int
directory_visit(const char *path, void (*visit)(const char *name))
{
	static uint8_t batch[IO_INLINE_MAX] __attribute__((aligned(8)));
	uint32_t count;
	mach_port_t port;
	int error = file_open(path, IO_O_RDONLY | IO_O_DIRECTORY, &port);

	if (error != 0)
		return error;
	do {
		count = sizeof(batch);
		error = io_readdir(port, batch, &count);
		if (error == 0)
			visit_batch(batch, count, visit);
	} while (error == 0 && count > 0);
	file_close(port);
	return error;
}

static mach_port_t list_to;
static uint32_t list_column;

/* Prints a name, padded. */
static void
print_name(const char *name)
{
	uint32_t length = (uint32_t)strlen(name);

	if (name[0] == '.')
		return;
	if (list_column + length >= ROW_WIDTH) {
		file_print(list_to, "\n");
		list_column = 0;
	}
	file_print(list_to, "%s%-*s", list_column == 0 ? "  " : " ", (int)COLUMN_WIDTH - 1, name);
	list_column += length < COLUMN_WIDTH ? COLUMN_WIDTH : length + 1;
}

int
directory_list(mach_port_t out, const char *path)
{
	int error;

	list_to = out;
	list_column = 0;
	error = directory_visit(path, print_name);
	if (list_column > 0)
		file_print(out, "\n");
	return error;
}
