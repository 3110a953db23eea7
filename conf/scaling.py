#!/usr/bin/env python3
"""make scaling: how much more two independent workers get done on two CPUs than on one, and which locks they waited for.

    scaling.py [--build FOLDER] [--runs N] [--check] ARCH...

Runs the boot program `scale` (user/test/boot_scale.c) from the monitor with one CPU and with two, N times each, and prints
the medians, their ratio, and the monitor's table of locks (kmsh: locks) of the last run with two. On a machine with two cores to
itself each ratio should be 1.5 or more; --check fails below that. Wall-clock times: what else runs on the machine is in them.
"""

import argparse
import os
import re
import signal
import statistics
import subprocess
import sys

import qemu
from bench import KERNEL

WANTED = 1.5
PROMPT = b"kmsh> "
SECONDS = 120                   # for one run


def run(build, arch, cpus):
    """({name: operations per second}, lines of the lock table)."""
    folder = os.path.join(build, arch)
    argv = qemu.command(arch, os.path.join(folder, KERNEL[arch]), os.path.join(folder, "boot.tar"), cpus=cpus,
                        append="kmsh panic=off", console="stdio")
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as machine:
        signal.signal(signal.SIGALRM, lambda *_: machine.kill())
        signal.alarm(SECONDS)

        def until_prompt():
            text = b""
            while not text.endswith(PROMPT):
                byte = os.read(machine.stdout.fileno(), 1)
                if not byte:
                    sys.exit("%s: the machine ended: %s" % (arch, text.decode(errors="replace")[-300:]))
                text += byte
            return text.decode(errors="replace").replace("\r", "")

        def command(line):
            machine.stdin.write(line.encode() + b"\r")
            machine.stdin.flush()
            return until_prompt()

        until_prompt()
        text, locks = command("run scale"), command("locks")
        signal.alarm(0)
        machine.kill()
    rates = {name: int(count) * 1e9 / int(ns) for name, count, ns in re.findall(r"(?m)^scale (\w+) (\d+) (\d+)$", text)}
    if "scale:" in text or not rates:
        sys.exit("%s: the program did not end well: %s" % (arch, text[-300:]))
    return rates, [line for line in locks.splitlines() if "waited" in line]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("archs", nargs="+", choices=sorted(KERNEL))
    parser.add_argument("--build", default="build")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    passed = failed = 0
    for arch in args.archs:
        runs = {cpus: [run(args.build, arch, cpus) for _ in range(args.runs)] for cpus in (1, 2)}
        print("%-8s load %s" % (arch, " ".join("%.2f" % load for load in os.getloadavg())))
        for name in runs[1][0][0]:
            one, two = (statistics.median(rates[name] for rates, _ in runs[cpus]) for cpus in (1, 2))
            print("%-8s %-8s %9.0f/s on one CPU, %9.0f/s on two: %.2f" % (arch, name, one, two, two / one))
            passed, failed = (passed + 1, failed) if two >= WANTED * one else (passed, failed + 1)
        print("\n".join("%-8s %s" % (arch, line) for line in runs[2][-1][1]) or "no CPU waited for a lock")
    print("%d passed, %d failed" % (passed, failed))
    return args.check and failed != 0


if __name__ == "__main__":
    sys.exit(main())
