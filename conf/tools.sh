# What the build needs and what each system calls it; read by setup.sh and doctor.sh.

host=$(uname -m)
case $host in
arm64) host=aarch64 ;;
amd64) host=x86_64 ;;
esac

# Tools that Homebrew keeps out of PATH, and those of the administrator.
for dir in /usr/sbin /sbin /opt/homebrew/opt/e2fsprogs/sbin /usr/local/opt/e2fsprogs/sbin \
	/opt/homebrew/opt/util-linux/sbin /usr/local/opt/util-linux/sbin; do
	[ -d "$dir" ] && PATH=$PATH:$dir
done

if [ "$(uname -s)" = Darwin ]; then
	system=brew
elif command -v apt-get >/dev/null 2>&1; then
	system=apt
elif command -v dnf >/dev/null 2>&1; then
	system=dnf
else
	system=other
fi

# Compilers for each architecture, best first; plain gcc serves the host's own.
compilers() {
	case $1 in
	aarch64) echo aarch64-linux-gnu-gcc aarch64-elf-gcc aarch64-none-elf-gcc ;;
	x86_64) echo x86_64-linux-gnu-gcc x86_64-elf-gcc ;;
	esac
	[ "$(uname -s)" = Linux ] && [ "$1" = "$host" ] && echo gcc
}

# Any of these debuggers will do for both architectures, the last ones for one.
debuggers() {
	echo gdb-multiarch "$1-elf-gdb" "$1-linux-gnu-gdb"
	{ [ "$system" = dnf ] || [ "$1" = "$host" ]; } && echo gdb
}

# first TOOL...: the first one that is there.
first() {
	for tool in "$@"; do
		if command -v "$tool" >/dev/null 2>&1; then
			echo "$tool"
			return 0
		fi
	done
	return 1
}

# package NAME: what to install for the tool NAME on this system.
package() {
	case $system:$1 in
	apt:cc-aarch64) [ "$host" = aarch64 ] && echo gcc || echo gcc-aarch64-linux-gnu ;;
	apt:cc-x86_64) [ "$host" = x86_64 ] && echo gcc || echo gcc-x86-64-linux-gnu ;;
	apt:host-cc) echo gcc libc6-dev ;;
	apt:qemu-aarch64) echo qemu-system-arm ;;
	apt:qemu-x86_64) echo qemu-system-x86 ;;
	apt:qemu-img) echo qemu-utils ;;
	apt:gdb-*) echo gdb-multiarch ;;
	dnf:cc-*) [ "$host" = "${1#cc-}" ] && echo gcc || echo "gcc-${1#cc-}-linux-gnu" ;;
	dnf:host-cc) echo gcc glibc-devel libasan libubsan ;;
	dnf:qemu-aarch64) echo qemu-system-aarch64 ;;
	dnf:qemu-x86_64) echo qemu-system-x86 ;;
	dnf:gdb-*) echo gdb ;;
	brew:cc-*) echo "${1#cc-}-elf-gcc" ;;
	brew:host-cc) echo xcode ;;
	brew:qemu-*) echo qemu ;;
	brew:gdb-*) echo "${1#gdb-}-elf-gdb" ;;
	other:cc-*) echo "${1#cc-}-linux-gnu-gcc" ;;
	other:host-cc) echo gcc ;;
	other:qemu-img) echo qemu-img ;;
	other:qemu-*) echo "qemu-system-${1#qemu-}" ;;
	other:gdb-*) echo gdb ;;
	*:mke2fs) echo e2fsprogs ;;
	apt:sfdisk) echo fdisk ;;
	dnf:sfdisk | brew:sfdisk) echo util-linux ;;
	*) echo "$1" ;;
	esac
}

# install_command PACKAGE...: what a person types to install these.
install_command() {
	case $system in
	apt) echo "apt-get install --no-install-recommends $*" ;;
	dnf) echo "dnf install $*" ;;
	brew) echo "brew install $*" ;;
	other) echo "(with your package manager) $*" ;;
	esac
}

# present NAME: prints the tool that serves as NAME; status 1 if there is none.
present() {
	case $1 in
	make) for m in make gmake; do
			case $($m --version 2>/dev/null | head -n 1) in "GNU Make "[4-9]*) echo $m; return 0 ;; esac
		done
		return 1 ;;
	cc-*) first $(compilers "${1#cc-}") ;;
	host-cc) first cc && echo 'int main(void) { return 0; }' |
			cc -fsanitize=address,undefined -x c -o /dev/null - >/dev/null 2>&1 ;;
	qemu-img) first qemu-img ;;
	qemu-*) first "qemu-system-${1#qemu-}" ;;
	gdb-*) first $(debuggers "${1#gdb-}") ;;
	mke2fs) first mke2fs && first debugfs >/dev/null && first e2fsck >/dev/null ;;
	python3) first python3 && python3 -c 'import sys; sys.exit(sys.version_info < (3, 9))' ;;
	*) first "$1" ;;
	esac
}

# All names above, in the order in which doctor shows them; gdb is needed only by `make gdb` and the graders of its commands (gdb-*).
names="make python3 host-cc cc-aarch64 cc-x86_64 qemu-aarch64 qemu-x86_64 qemu-img mke2fs sfdisk expect gdb-aarch64 gdb-x86_64"

# missing: the packages of all tools that are not there, each once.
missing() {
	for name in $names; do
		present "$name" >/dev/null || package "$name"
	done | tr ' ' '\n' | sort -u | tr '\n' ' '
}
