#!/usr/bin/env python3
"""The QEMU command lines of both machines, for `make qemu` and for graders (`import qemu`).

How a machine ends:
    poweroff        aarch64: PSCI SYSTEM_OFF; x86_64: 0x34 to the ACPI register 0xfea00200
    poweroff N      aarch64: semihosting SYS_EXIT_EXTENDED with N; x86_64: N (1-127) to port 0x501
    reset, crash    under -no-reboot QEMU ends with status 0, which looks like success: only the reason in
                    QMP's SHUTDOWN event tells it apart. outcome() turns all of this into one exit status.
"""

import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys

QEMU_ERROR = 253        # QEMU could not start
RESET = 254             # the machine reset itself (on x86_64 also: triple fault)

MACHINES = {
    "aarch64": ["-M", "virt", "-cpu", "max,pauth-impdef=on"],
    "x86_64": ["-M", "microvm", "-cpu", "max,-avx,-avx2,-fma,-f16c",
               "-device", "isa-debug-exit,iobase=0x501,iosize=0x02"],
}
# Semihosting is the way out with a status on aarch64; target=gdb keeps host commands and files out of reach.
SEMIHOSTING = {"aarch64": ["-semihosting-config", "enable=on,target=gdb"], "x86_64": []}

# virtio-mmio slots; slot 0 of microvm has an interrupt line of its own kind, so it stays free.
SLOT_DISK, SLOT_SWAP, SLOT_NET, SLOT_BELL = 1, 2, 3, 4


def disk_args(path, slot=SLOT_DISK, form="raw", name=None, readonly=False):
    """A virtio-blk disk in the given slot."""
    name = name or "disk%d" % slot
    return ["-drive", "file=%s,if=none,id=%s,format=%s%s" % (
                path.replace(",", ",,"), name, form, ",readonly=on" if readonly else ""),
            "-device", "virtio-blk-device,drive=%s,bus=virtio-mmio-bus.%d" % (name, slot)]


def bell_args():
    """A device that tests of interrupts make ask (user/test/bell.h)."""
    return ["-device", "virtio-balloon-device,bus=virtio-mmio-bus.%d" % SLOT_BELL]


def size_bytes(text):
    """256M -> bytes, as -m reads it (a plain number is MB)."""
    units = {"": 20, "K": 10, "M": 20, "G": 30}
    number, unit = (text[:-1], text[-1].upper()) if text and text[-1].isalpha() else (text, "")
    if not number.isdigit() or unit not in units:
        raise ValueError("a size is a number with K, M or G, not %r" % text)
    return int(number) << units[unit]


def make_swap(path, size):
    """A swap disk of that size (as 256M), unless it is there: zeros, with mkswap's signature at the end of the first page."""
    want = max(size_bytes(size), 4096)
    if os.path.exists(path) and os.path.getsize(path) == want:
        return
    work = "%s.%d" % (path, os.getpid())        # somebody else may want the same one
    with open(work, "wb") as f:
        f.truncate(want)
        f.seek(4096 - 10)
        f.write(b"SWAPSPACE2")
    os.replace(work, path)


def console_args(where="stdio"):
    """The serial console: `stdio` for a terminal (Ctrl-a x quits, ^C goes to the guest) or a -serial value."""
    if where != "stdio":
        return ["-serial", where]
    return ["-chardev", "stdio,id=console,mux=on,signal=off", "-serial", "chardev:console",
            "-mon", "chardev=console,mode=readline"]


def command(arch, kernel, initrd=None, disk=None, disk_format="raw", swap=None, cpus=1, mem="128M",
            append="", console="stdio", gdb_port=None, cpu=None, extra=()):
    """The argument list that starts a machine. `extra` is appended as it is."""
    argv = ["qemu-system-" + arch, "-nodefaults", "-no-user-config", "-accel", "tcg"]
    argv += MACHINES[arch] + SEMIHOSTING[arch]
    argv += ["-global", "virtio-mmio.force-legacy=false", "-display", "none", "-nic", "none",
             "-no-reboot", "-m", str(mem), "-smp", str(cpus), "-kernel", kernel]
    if cpu:
        argv[argv.index("-cpu") + 1] = cpu
    if initrd:
        argv += ["-initrd", initrd]
    if append:
        argv += ["-append", append]
    if disk:
        argv += disk_args(disk, SLOT_DISK, disk_format)
    if swap:
        argv += disk_args(swap, SLOT_SWAP)
    argv += console_args(console)
    if gdb_port:
        argv += ["-gdb", "tcp:127.0.0.1:%d" % gdb_port, "-S"]
    return argv + list(extra)


def outcome(arch, status, reason):
    """QEMU's exit status and SHUTDOWN reason (None: no event) -> 0 for `poweroff` or when the user quit,
    N for `poweroff N`, RESET, QEMU_ERROR, or 128 + signal."""
    if status < 0:
        return 128 - status
    if status == 0:
        return RESET if reason in ("guest-reset", "guest-panic") else 0
    if arch == "aarch64":
        return status
    return status >> 1 if status & 1 and status > 1 else QEMU_ERROR


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def shutdown_reason(qmp):
    """Reads QMP until QEMU closes it; returns why the machine ended, or None."""
    reason = None
    with qmp.makefile("r") as lines:
        for line in lines:
            event = json.loads(line)
            if event.get("event") == "SHUTDOWN":
                reason = event["data"].get("reason")
    return reason


def run(arch, argv):
    """Starts QEMU on this terminal and waits. Returns what `outcome` says."""
    ours, theirs = socket.socketpair()
    argv = argv + ["-chardev", "socket,id=qmp,fd=%d" % theirs.fileno(), "-mon", "chardev=qmp,mode=control"]
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    process = subprocess.Popen(argv, pass_fds=[theirs.fileno()])
    theirs.close()
    try:
        ours.sendall(b'{"execute": "qmp_capabilities"}\n')
        reason = shutdown_reason(ours)
    except OSError:
        reason = None
    result = outcome(arch, process.wait(), reason)
    if result == RESET:
        print("The machine reset itself.", file=sys.stderr)
    return result


def main():
    parser = argparse.ArgumentParser(description="Boots MACH_R under QEMU.")
    parser.add_argument("--arch", choices=sorted(MACHINES), required=True)
    parser.add_argument("--kernel", required=True)
    parser.add_argument("--initrd")
    parser.add_argument("--disk")
    parser.add_argument("--swap", metavar="FILE")
    parser.add_argument("--swap-size", metavar="SIZE", help="make the swap disk if there is none of that size")
    parser.add_argument("--cpus", default="1")
    parser.add_argument("--mem", default="128M")
    parser.add_argument("--append", default="")
    parser.add_argument("--cpu", help="another QEMU CPU model, such as cortex-a72")
    parser.add_argument("--gdb", metavar="FILE", help="wait for GDB; the port's number goes to FILE")
    parser.add_argument("--print", action="store_true", help="print the command line only")
    args, extra = parser.parse_known_args()
    if args.swap_size:
        try:
            make_swap(args.swap, args.swap_size)
        except ValueError as error:
            parser.error("SWAP: %s" % error)
    port = free_port() if args.gdb else None
    argv = command(args.arch, args.kernel, args.initrd, args.disk, swap=args.swap, cpus=args.cpus,
                   mem=args.mem, append=args.append, gdb_port=port, cpu=args.cpu, extra=extra)
    if args.print:
        print(" ".join("'%s'" % a if set(a) & set(" ,*'$") else a for a in argv))
        return 0
    if not shutil.which(argv[0]):
        print("Not found: %s. \"make setup\" installs it, \"make doctor\" tells more." % argv[0],
              file=sys.stderr)
        return QEMU_ERROR
    if port:
        with open(args.gdb, "w") as f:
            f.write("%d\n" % port)
        print("GDB port %d: now `make gdb ARCH=%s` in another terminal." % (port, args.arch), flush=True)
    return run(args.arch, argv)


if __name__ == "__main__":
    sys.exit(main())
