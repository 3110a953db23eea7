#!/usr/bin/env python3
"""make bench: instruction counts of the kernel's basic operations, exact under -icount.

    bench.py [--build FOLDER] [--check] [--accept] ARCH...

Runs the boot program `bench` (user/test/boot_bench.c) as task 1 and reads its lines `bench NAME COUNT`. Writes FOLDER/bench.json, a list of
objects with arch, name, instructions. --check compares with conf/bench_baseline.json, kept per compiler version: more than 5 % above it fails;
an unknown compiler only prints. --accept makes the present numbers the baseline. The last line is `N passed, N failed`.
"""

import argparse
import json
import os
import re
import subprocess
import sys

import qemu

BASELINE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "bench_baseline.json")
TOLERANCE = 1.05
# One counter step per instruction: QEMU's virtual clock runs at 2^shift ns an instruction, CNTVCT at 16 ns, the TSC at 1 ns.
SHIFT = {"aarch64": 4, "x86_64": 0}
KERNEL = {"aarch64": "kernel.img", "x86_64": "kernel.elf"}
SECONDS = 120


def run(build, arch):
    """{name: instructions}; an empty one when the program did not end well."""
    folder = os.path.join(build, arch)
    argv = qemu.command(arch, os.path.join(folder, KERNEL[arch]), os.path.join(folder, "boot.tar"),
                        append="init=boot/test/bench panic=off",
                        extra=["-icount", "shift=%d,sleep=off" % SHIFT[arch]])
    try:
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return {}
    found = {n: int(c) for n, c in re.findall(r"(?m)^bench (\w+) (\d+)\r?$", done.stdout.decode(errors="replace"))}
    return found if found.pop("done", None) == 0 else {}


def compiler(build, arch):
    """What compiled the kernel, with the architecture: the build's flags file begins with the version."""
    with open(os.path.join(build, arch, "flags")) as f:
        return "gcc %s %s" % (f.read().split()[0], arch)


def load_baseline():
    if not os.path.exists(BASELINE):
        return {}
    with open(BASELINE) as f:
        return json.load(f)


def compare(arch, counts, base):
    """Prints the table; returns (passed, failed)."""
    passed = failed = 0
    for name, count in counts.items():
        old = base.get(name)
        worse = old is not None and count > old * TOLERANCE
        remark = "" if old is None else "%6.2f of the baseline%s" % (count / old, "  TOO SLOW" if worse else "")
        print("%-8s %-24s %9d  %s" % (arch, name, count, remark))
        passed, failed = (passed, failed + 1) if worse else (passed + 1, failed)
    for name in sorted(set(base) - set(counts)):
        print("%-8s %-24s   missing" % (arch, name))
        failed += 1
    return passed, failed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("archs", nargs="+", choices=sorted(KERNEL))
    parser.add_argument("--build", default="build")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--accept", action="store_true")
    args = parser.parse_args()
    baseline, rows, passed, failed = load_baseline(), [], 0, 0
    for arch in args.archs:
        counts, key = run(args.build, arch), compiler(args.build, arch)
        if not counts:
            print("%s: the benchmark program did not end well" % arch)
            failed += 1
            continue
        if args.check and key not in baseline:
            print("no baseline for %s: the numbers are only shown" % key)
        p, f = compare(arch, counts, baseline.get(key, {}) if args.check else {})
        passed, failed = passed + p, failed + f
        rows += [{"arch": arch, "name": n, "instructions": c} for n, c in counts.items()]
        if args.accept:
            baseline[key] = counts
    os.makedirs(args.build, exist_ok=True)
    with open(os.path.join(args.build, "bench.json"), "w") as f:
        json.dump(rows, f, indent=1)
    if args.accept:
        with open(BASELINE, "w") as f:
            json.dump(baseline, f, indent=1, sort_keys=True)
            f.write("\n")
    print("%d passed, %d failed" % (passed, failed))
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
