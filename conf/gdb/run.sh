#!/bin/sh
# make gdb: run.sh ARCH BUILDDIR starts GDB on the kernel that `make qemu-gdb` has started.
. "$(dirname "$0")/../tools.sh"

if ! gdb=$(present "gdb-$1"); then
	echo "No GDB for $1. To install: $(install_command $(package "gdb-$1"))" >&2
	exit 1
fi
if [ ! -f "$2/gdb.port" ]; then
	echo "Nothing waits for GDB: first \`make qemu-gdb ARCH=$1\` in another terminal." >&2
	exit 1
fi
shift
dir=$1
shift
MACHR_BUILD=$dir exec "$gdb" -nx -q "$dir/kernel.elf" -x "$(dirname "$0")/machr.py" \
	-ex "target remote 127.0.0.1:$(cat "$dir/gdb.port")" "$@"
