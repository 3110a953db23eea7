#!/bin/sh
# make gdb: run.sh ARCH BUILDDIR [OPTION...] starts GDB on the kernel that `make qemu-gdb` has started, or on the GDB
# stub at $MACHR_TARGET. The options are GDB's.
. "$(dirname "$0")/../tools.sh"

if ! gdb=$(present "gdb-$1"); then
	echo "No GDB for $1. To install: $(install_command $(package "gdb-$1"))" >&2
	exit 1
fi
if [ -z "$MACHR_TARGET" ] && [ ! -f "$2/gdb.port" ]; then
	echo "Nothing waits for GDB: first \`make qemu-gdb ARCH=$1\` in another terminal." >&2
	exit 1
fi
dir=$2
programs=$(dirname "$2")/$1
shift 2
target=${MACHR_TARGET:-127.0.0.1:$(cat "$dir/gdb.port" 2>/dev/null)}
MACHR_PROGRAMS=$programs exec "$gdb" -nx -q "$dir/kernel.elf" -x "$(dirname "$0")/machr.py" -ex "target remote $target" "$@"
