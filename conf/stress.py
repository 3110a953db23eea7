#!/usr/bin/env python3
"""make stress: what make check tries once, for as long as is wanted, always with other random numbers; then what takes too long for it.

    stress.py [--arch A[,A]] [--hours 1 | --minutes M] [--seed S] [--jobs 2] [--build build] [--calls 400000] [--cc cc] [--no-long] [--no-mutants]

Rounds go on until the time of an architecture is over. A round is one run of grade.py with a seed of its own on TESTS: the fuzzer with
`--calls` calls, the programs that race, memory under pressure, and the POSIX layer, with one CPU and four, in time slices of random
length; every third round in debug kernels. Then, once: the slow tests of each architecture, the unit tests with MANY times as many
numbers (those that compare number by number with the host's library: MANY_NUMBERS times), power cuts and damaged disks, two CPUs against
one, and every planted mistake. What fails is kept: build/stress/ARCH/ROUND/ has the transcripts, and the line that repeats
the round is printed. A failing round does not end anything. The last line says `N passed, N failed`.
"""

import argparse
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ARCHES = ("aarch64", "x86_64")
TESTS = ("stress-fuzz", "boot-sched", "boot-task", "boot-thread", "boot-thread-wait", "boot-gsync", "boot-vm", "boot-vm-copy", "boot-ipc-stress", "boot-ipc-queue", "boot-irq", "boot-limits",
         "boot-pageout", "leaks-pageout", "swap-full*", "swap-objects", "swap-refused", "mapped-*", "boot-pager", "boot-pager-wait", "slow-ipc-stress", "posix-*")
SUMMARY = re.compile(r"^(\d+) passed, (\d+) failed\b")
DEBUG_EVERY = 3
MANY = 10                       # STRESS= of the unit tests
MANY_NUMBERS = 100              # of those whose numbers are compared with the host's one by one: millions of each kind
NUMBER_TESTS = ["libc_number", "libc_scan", "libc_math", "libc_complex"]


class Sum:
    passed = failed = 0

    def add(self, lines):
        """Counts a summary line; a run without one is one failure."""
        m = SUMMARY.match(lines[-1]) if lines else None
        self.passed += int(m.group(1)) if m else 0
        self.failed += int(m.group(2)) if m else 1
        return m is not None and m.group(2) == "0"


def run(words, show):
    """Runs a command to its end. Prints the lines that `show` wants; returns all."""
    lines = []
    with subprocess.Popen(words, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace") as process:
        try:
            for line in process.stdout:
                if line.strip():
                    lines.append(line.rstrip())
                    if show(lines[-1]):
                        print("    " + lines[-1], flush=True)
        except BaseException:
            process.terminate()             # the grader switches its machines off
            raise
    return lines


def grade(arch, seed, debug, args):
    """The command of a round."""
    words = ["TEST=" + ",".join(TESTS), "ARCH=" + arch, "LAYER=3", "SEED=%d" % seed, "JOBS=%d" % args.jobs,
             "APPEND=jitter=%d fuzz-seed=%d fuzz-calls=%d" % (seed, seed, args.calls)]
    return [sys.executable, "grade/grade.py", "BUILD=" + args.build] + words + (["DEBUG=1"] if debug else [])


def keep(arch, debug, number, lines, args):
    folder = os.path.join(ROOT, args.build, "stress", arch, "%03d" % number)
    os.makedirs(folder, exist_ok=True)
    for path in re.findall(r"transcript: +(\S+)", "\n".join(lines)):
        if os.path.exists(os.path.join(ROOT, path)):
            shutil.copy(os.path.join(ROOT, path), folder)
    with open(os.path.join(folder, "round.log"), "w") as f:
        f.write("\n".join(lines) + "\n")
    return os.path.relpath(folder, ROOT)


def rounds(arch, args, draw, total):
    """Returns the number of rounds."""
    until, number = time.monotonic() + args.seconds, 0
    shutil.rmtree(os.path.join(ROOT, args.build, "stress", arch), ignore_errors=True)
    while time.monotonic() < until:
        number += 1
        debug, began = number % DEBUG_EVERY == 0, time.monotonic()
        words = grade(arch, draw.randrange(1, 1 << 24), debug, args)
        lines = run(words, lambda line: line.startswith("FAIL"))
        good = total.add(lines)
        print("%s round %d%s: %s, %.0f s" % (arch, number, " (debug)" if debug else "", lines[-1] if lines else "nothing",
                                             time.monotonic() - began), flush=True)
        if not good:
            print("    kept in %s; again: %s" % (keep(arch, debug, number, lines, args),
                                                 " ".join("'%s'" % w if " " in w else w for w in words[1:])), flush=True)
    return number


def long_runs(arches, args, draw, total):
    """The slow tests on each architecture, the unit tests, and what two CPUs get done."""
    for arch in arches:
        words = ["SLOW=only", "ARCH=" + arch, "SEED=%d" % draw.randrange(1, 1 << 24), "JOBS=%d" % args.jobs, "BUILD=" + args.build]
        lines = run([sys.executable, "grade/grade.py"] + words, lambda line: line.startswith(("pass", "FAIL")))
        if not total.add(lines):
            print("    kept in %s" % keep(arch, False, 0, lines, args), flush=True)
        print("%s, slow tests: %s" % (arch, lines[-1] if lines else "nothing"), flush=True)
        lines = run(["make", "-s", "bench-files", "ARCH=" + arch, "BENCH=--no-linux --check"], lambda line: "TOO SLOW" in line)
        total.add(lines)
        print("%s, costs of large files: %s" % (arch, lines[-1] if lines else "nothing"), flush=True)
    for many, names in (MANY, []), (MANY_NUMBERS, NUMBER_TESTS):
        os.environ.update(STRESS="%d" % many, SEED="%d" % draw.randrange(1, 1 << 24))
        lines = run([sys.executable, "conf/unit.py", "--out", os.path.join(args.build, "unit"), "--cc", args.cc,
                     "--jobs", "%d" % args.jobs] + names, lambda line: "0 failed" not in line)
        total.add(lines)
        print("unit tests %s: STRESS=%d SEED=%s: %s" % (" ".join(names), many, os.environ["SEED"], lines[-1] if lines else "nothing"),
              flush=True)
    del os.environ["STRESS"], os.environ["SEED"]
    total.add(run([sys.executable, "conf/scaling.py", "--build", args.build, "--check", "--must"] + arches, lambda line: True))


def positive(text):
    """A number of hours or minutes."""
    value = float(text)
    if not 0 < value < float("inf"):
        raise ValueError
    return value


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--arch", default=",".join(ARCHES))
    parser.add_argument("--hours", type=positive, help="for each architecture (1)")
    parser.add_argument("--minutes", type=positive, help="instead of hours")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--build", default="build")
    parser.add_argument("--calls", type=int, default=400000)
    parser.add_argument("--cc", default="cc", help="the host's compiler")
    parser.add_argument("--no-long", action="store_true")
    parser.add_argument("--no-mutants", action="store_true")
    args = parser.parse_args()
    args.seconds = 3600 * args.hours if args.hours else 60 * args.minutes if args.minutes else 3600
    arches = args.arch.split(",")
    if not set(arches) <= set(ARCHES):
        sys.exit("--arch %s: there are %s" % (args.arch, " ".join(ARCHES)))
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    total, draw = Sum(), random.Random(args.seed)
    print("--seed %d" % args.seed, flush=True)
    for arch in arches:
        print("%s: %d rounds" % (arch, rounds(arch, args, draw, total)), flush=True)
    if not args.no_long:
        long_runs(arches, args, draw, total)
    for arch in arches if not args.no_mutants else ():
        total.add(run([sys.executable, "conf/mutants.py", "--arch", arch, "--build", args.build, "--jobs", "%d" % args.jobs],
                      lambda line: not line.startswith("pass")))
    print("%d passed, %d failed" % (total.passed, total.failed))
    return total.failed != 0


if __name__ == "__main__":
    sys.exit(main())
