#!/bin/sh
# make help
if [ -f labs/tree.mk ]; then
	cat <<'END'
Build and run
  make                  build (build/ARCH-layerN)
  make qemu             boot on this terminal; Ctrl-a x quits
  make qemu-gdb         the same, waiting for GDB; then in another terminal:
  make gdb              GDB with the kernel's symbols
  make setup, doctor    install what is missing; check tools and versions
Work
  make grade            your points; TEST=lab1-buddy-join for one test, TEST='lab1-buddy-*' for some, LAB=1 for an earlier lab
  make grade TEST=name GDB=1    the test waits for GDB
  make replay TEST=name         a failing test again, recorded, in GDB
  make handin           the file to hand in, tried out
  make compile_commands.json, clean, help
Variables
  ARCH=aarch64|x86_64   machine (aarch64)       CPUS=n     processors (1)
  MEM=128M              memory                  APPEND=    kernel command line, such as kmsh
  SWAP=256M             a second disk to page to (none)
  DEBUG=1               checks and poisoning    SEED=n     the numbers a test draws
  JOBS=n                tests at once (2)       BUILD=folder   V=1   CROSS=prefix-
END
	exit
fi
cat <<'END'
Build and run
  make                  kernel, programs, boot archive and disk image (build/ARCH)
  make qemu             boot to the shell on this terminal; Ctrl-a x quits
  make qemu-gdb         the same, waiting for GDB; then in another terminal:
  make gdb              GDB with the symbols of kernel and programs
  make disk             a fresh disk image (make qemu keeps what the guest wrote)
  make sdk              compiler, headers, libraries for programs, in build/sdk (OUT=folder)
  make setup, doctor    install what is missing; check tools and versions
Check and measure
  make check            everything that CI runs
  make grade            the graders (TEST=name for one, LAB=n for a lab's, RESULTS=out.json)
  make replay TEST=name a failing one-CPU test again, recorded, in GDB
  make handout OUT=dir  the trees for students; labs/README.md tells about the course
  make test-unit        host unit tests (TEST=name for one, STRESS=n times as many numbers)
  make size             size of the kernel, ARCH= for one architecture
  make stress           the same for long: HOURS= or MINUTES=, with new random numbers; then every planted mistake
  make bench            what basic operations cost, then the two below; QUICK=1: only the kernel's, counted; ARCH= for one architecture
  make bench-posix      POSIX calls beside the same program on Linux (fetches Debian's kernel)
  make bench-files      large files and directories, pages from swap: instructions, with BENCH=--wall also time
  make compile_commands.json, clean, help
Variables
  ARCH=aarch64|x86_64   machine (aarch64)       CPUS=n     processors (1)
  MEM=128M              memory                  APPEND=    kernel command line, such as kmsh
  SWAP=256M             a second disk to page to (none)
  PROGS="path ..."      programs (to /bin) and folders (to /home) for the disk image
  LAYER=1|2|3           cut of the kernel (3)   DEBUG=1    checks and poisoning
  JOBS=n                jobs of check and grade (2)        BUILD=folder   V=1   CROSS=prefix-
END
