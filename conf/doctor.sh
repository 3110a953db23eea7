#!/bin/sh
# make doctor: looks at every tool and says precisely what to install. Status 1 if something needed is missing.
. "$(dirname "$0")/tools.sh"

purpose() {
	case $1 in
	make) echo "GNU make 4 or newer" ;;
	python3) echo "Python 3.9 or newer: generators, graders" ;;
	host-cc) echo "the host's C compiler with address sanitizer: unit tests" ;;
	cc-*) echo "C compiler for ${1#cc-}" ;;
	qemu-img) echo "copy-on-write disk images for graders" ;;
	qemu-*) echo "the ${1#qemu-} machine" ;;
	mke2fs) echo "mke2fs, debugfs, e2fsck: disk images" ;;
	expect) echo "drives the console for graders" ;;
	gdb-*) echo "make gdb ARCH=${1#gdb-}" ;;
	esac
}

version() {
	case $1 in
	mke2fs) mke2fs -V 2>&1 | head -n 1 ;;
	expect) expect -c 'puts "expect $exp_library"; exit' 2>/dev/null | sed 's|/.*/||' ;;
	*) "$1" --version 2>/dev/null | head -n 1 ;;
	esac
}

bad=0
for name in $names; do
	if tool=$(present "$name"); then
		printf '  ok       %-24s %s\n' "$tool" "$(version "$tool")"
		continue
	fi
	bad=1
	printf '  MISSING  %-24s %s\n           install: %s\n' "$name" "$(purpose "$name")" \
		"$(install_command $(package "$name"))"
done

# QEMU before 6.2 lacks what both machines use; a compiler must produce code, not only exist.
for arch in aarch64 x86_64; do
	if qemu=$(present "qemu-$arch"); then
		number=$($qemu --version | sed -n 's/.*version \([0-9]*\)\.\([0-9]*\).*/\1 * 100 + \2/p')
		if [ $((${number:-0})) -lt 602 ]; then
			bad=1
			echo "  OLD      $qemu: MACH_R needs QEMU 6.2 or newer"
		fi
	fi
	if cc=$(present "cc-$arch") && ! echo 'int f(int x) { return x; }' |
		$cc -ffreestanding -O2 -mgeneral-regs-only -x c -c -o /dev/null - 2>/dev/null; then
		bad=1
		echo "  BROKEN   $cc does not compile for $arch"
	fi
done
free=$(df -Pk . | awk 'NR == 2 { print int($4 / 1024) }')
[ "$free" -ge 500 ] || { bad=1; echo "  LOW      only $free MB free on this disk; a full build takes about 500"; }

case $bad in
0) echo "All is well: make qemu" ;;
*) echo "\"make setup\" installs what is missing:  $(install_command $(missing))" ;;
esac
exit $bad
