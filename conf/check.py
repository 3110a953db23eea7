#!/usr/bin/env python3
"""make check: runs every suite, shows its progress and at the end what failed; the last line is the sum, `N passed, N failed`.

    check.py [--make MAKE] [--build FOLDER] [--jobs N] [SUITE ...]      (default: all of suites())

A suite is any command. If its last line is `N passed, N failed`, that counts; otherwise it counts as one test,
passed when it exits with 0. A build also fails when it prints a warning. Output is kept in FOLDER/check/NAME.log.

JOBS suites run at a time, each with one job, those that take longest first: builds, then the rest. The graders of both machines are one
suite with JOBS jobs, and run by themselves, as the comparison of two CPUs with one does after them.
"""

import argparse
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections import namedtuple

SUMMARY = re.compile(r"^(\d+) passed, (\d+) failed\b")
WARNING = re.compile(r"\bwarning:", re.I)
# The first line of a failing test's story, and what can follow a story.
SKIPPED = re.compile(r"skip\b")     # what a suite could not measure here
FAILS = re.compile(r"^\s*(FAIL|ERROR|skip)\b|\s[1-9]\d* failed$|does not build|ended with status|ran longer|\b(warning|error):")
NEXT = re.compile(r"^\s*$|^(pass|FAIL|skip)\b|, \d+ failed$")
STORY, STORIES, TAIL = 40, 40, 15       # lines of a story, stories shown at the end; lines when there is no story
ARCHES = ("aarch64", "x86_64")
PYTHON = sys.executable
# These use nothing of the tree's own build; all others find what runs in user mode built, as only one make at a time may build it.
ELSEWHERE = re.compile(r"unit|rules|conf|course|submissions|labs-|grade-self|build-")
GRACE = 20                              # seconds that a suite has to clean up
LIMIT = 10                              # times the usual seconds and five minutes: then a suite hangs

# What a suite is, which phase it belongs to, and the processor seconds it usually takes, which decide the order.
BUILD, CUT, ALONE, WIDE = "build", "cut", "alone", "wide"
Suite = namedtuple("Suite", "name command seconds phase")


def suites(make, build, jobs):
    """All suites. Those of a phase begin when the phase before is over."""
    make = [make, "BUILD=" + build]
    return builds(make) + small_ones(make, build) + graders(make, build, jobs)


def builds(make):
    """Everything that is booted later; the layers by themselves show that none needs what is above it. What runs in user mode is the same
    for all of a machine's, and built by the first."""
    table = []
    for arch in ARCHES:
        for name, words, seconds in (("build", [], 60), ("debug", ["DEBUG=1"], 15), ("layer1", ["LAYER=1"], 6),
                                     ("layer1-debug", ["LAYER=1", "DEBUG=1"], 8),
                                     ("layer2", ["LAYER=2"], 9), ("layer2-debug", ["LAYER=2", "DEBUG=1"], 12)):
            table.append(Suite("%s-%s" % (name, arch), make + ["-j1", "ARCH=" + arch] + words + ["all"], seconds, CUT if words else BUILD))
    return table


def small_ones(make, build):
    labs = [PYTHON, "conf/course/labs_check.py", "--quick", "--build", build, "--jobs", "1"]
    table = [("size", make + ["size"], 1),
             ("bench", make + ["bench", "QUICK=1", "BENCH=--check"], 4),
             ("unit", make + ["test-unit", "JOBS=1"], 75),
             ("surface", [PYTHON, "conf/libc_surface.py", "--build", build, "--jobs", "1"], 38),
             ("rules", [PYTHON, "conf/rules.py"], 1),
             ("conf", [PYTHON, "conf/selftest.py"], 2),
             ("sdk", [PYTHON, "conf/sdk_test.py", "--build", build], 8),
             ("course", [PYTHON, "conf/course/selftest.py"], 2),
             ("submissions", [PYTHON, "grade/staff/submission_test.py"], 5),
             ("replay", [PYTHON, "grade/staff/replay_test.py", build], 4),
             ("labs-1", labs + ["--lab", "1"], 110),
             ("labs-2", labs + ["--lab", "2"], 150),
             ("labs-merge", labs + ["--only", "merge"], 35),
             ("grade-self", [PYTHON, "grade/self/run.py"], 40)]
    for arch in ARCHES:
        table.append(("mutants-" + arch, [PYTHON, "conf/mutants.py", "--arch", arch, "--build", build, "--jobs", "1", "--sample", "6"], 10))
        # Kernels that check lock order, owners and undefined behaviour.
        table.append(("grade-debug-" + arch, [PYTHON, "grade/grade.py", "ARCH=" + arch, "DEBUG=1", "LAYER=3", "CPUS=4", "TEST=boot-*",
                                              "BUILD=" + build, "JOBS=1"], 20))
    return [Suite(name, command, seconds, ALONE) for name, command, seconds in table]


def graders(make, build, jobs):
    """They choose the numbers of processors themselves. What one CPU and two get done is measured when nothing else runs."""
    return [Suite("grade", [PYTHON, "grade/grade.py", "BUILD=" + build, "JOBS=%d" % jobs], 1800, WIDE),
            Suite("scaling", make + ["scaling", "SCALING=--check"], 60, WIDE)]


class Check:
    def __init__(self, build, jobs):
        self.folder, self.jobs = os.path.join(build, "check"), jobs
        self.lock, self.running = threading.Lock(), set()
        self.passed = self.failed = 0
        self.broken, self.stories, self.skipped, self.stopped, self.problems = [], [], [], False, []
        os.makedirs(self.folder, exist_ok=True)

    def phase(self, table):
        """Runs suites, as many at a time as there are jobs, the long ones first. What goes wrong here comes out when all have ended."""
        rest = sorted(table, key=lambda suite: suite.seconds)

        def lane():
            while True:
                with self.lock:
                    if self.stopped or not rest:
                        return
                    suite = rest.pop()
                try:
                    self.one(suite)
                except BaseException as problem:
                    self.problems.append(problem)
                    self.stop()

        lanes = [threading.Thread(target=lane, daemon=True)
                 for _ in range(1 if table[0].phase == WIDE else self.jobs)]
        for each in lanes:
            each.start()
        for each in lanes:
            each.join()
        if self.problems:
            raise self.problems[0]

    def say(self, text):
        with self.lock:
            print(text, flush=True)

    def one(self, suite):
        self.say("== %s: %s" % (suite.name, " ".join(suite.command)))
        began = time.monotonic()
        status, lines = self.stream(suite)
        passed, failed, remark = judge(status, lines, suite.phase in (BUILD, CUT))
        self.say("== %s: %d passed, %d failed%s, %.0f s" % (suite.name, passed, failed, ": " + remark if remark else "", time.monotonic() - began))
        with self.lock:
            self.passed, self.failed = self.passed + passed, self.failed + failed
            self.skipped += ["%s: %s" % (suite.name, line) for line in lines if SKIPPED.match(line)]
            if failed:
                self.broken.append("%s (%s)" % (suite.name, remark or "%d failed" % failed))
                self.stories += [(suite.name, story) for story in failures(lines)]

    def stream(self, suite):
        """Runs a command, keeping its output and, but for a build's, showing it. Returns (status, lines); status None: it took too long."""
        lines, late = [], []
        with open(os.path.join(self.folder, suite.name + ".log"), "w") as out:
            process = subprocess.Popen(suite.command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                       errors="replace", stdin=subprocess.DEVNULL, start_new_session=True)
            with self.lock:
                self.running.add(process)
            timer = threading.Timer(LIMIT * suite.seconds + 300, lambda: (late.append(True), end(process, signal.SIGKILL)))
            timer.daemon = True
            timer.start()
            for line in process.stdout:
                out.write(line)
                lines.append(line.rstrip("\n"))
                if suite.phase not in (BUILD, CUT):
                    self.say("    %s: %s" % (suite.name, lines[-1]))
            status = process.wait()
            timer.cancel()
            with self.lock:
                self.running.discard(process)
        return (None if late else status), lines

    def stop(self):
        """Nothing more is begun; what runs is told to end, and cleans up after itself."""
        with self.lock:
            self.stopped = True
            running = list(self.running)
        for process in running:
            end(process, signal.SIGTERM)
        for process in running:
            try:
                process.wait(GRACE)
            except subprocess.TimeoutExpired:
                end(process, signal.SIGKILL)

    def failures(self):
        """What failed, and what was not tried, once more, where those look who see only the end of the log."""
        for name, story in self.stories[:STORIES]:
            print("== failed in %s\n    %s" % (name, "\n    ".join(story)))
        if len(self.stories) > STORIES:
            print("== and %d failures more: see %s" % (len(self.stories) - STORIES, self.folder))
        for line in self.skipped:
            print("== not tried in %s" % line)


def end(process, number):
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        pass


def failures(lines):
    """The stories of the tests that failed, cut short; without any, the last lines."""
    found, at = [], 0
    while at < len(lines):
        first, at = at, at + 1
        if SUMMARY.match(lines[first]) or not FAILS.search(lines[first]):
            continue
        while at < len(lines) and not NEXT.search(lines[at]):
            at += 1
        found.append(lines[first:min(at, first + STORY)])
    return found or [[line for line in lines if line.strip()][-TAIL:] or ["no output"]]


def judge(status, lines, is_build):
    """(passed, failed, remark) of a suite that has ended."""
    text = [line for line in lines if line.strip()]
    match = SUMMARY.match(text[-1].strip()) if text else None
    if status is None:
        return 0, 1, "took too long"
    if is_build and any(WARNING.search(line) for line in lines):
        return 0, 1, "warnings"
    if not match:
        return (1, 0, "") if status == 0 else (0, 1, "status %d" % status)
    passed, failed = int(match.group(1)), int(match.group(2))
    if status and not failed:
        return passed, 1, "status %d" % status
    return passed, failed, ""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--make", default="make")
    parser.add_argument("--build", default="build")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("names", nargs="*")
    args = parser.parse_args()
    # The suites start their own make with their own settings; ours must not leak into it.
    for name in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "ARCH", "LAYER", "DEBUG", "TEST", "PROGS"):
        os.environ.pop(name, None)
    table = suites(args.make, args.build, args.jobs)
    unknown = set(args.names) - {suite.name for suite in table}
    if unknown:
        sys.exit("no suite %s; there are: %s" % (" ".join(unknown), " ".join(suite.name for suite in table)))
    if not all(map(ELSEWHERE.match, args.names)):
        args.names += ["build-" + arch for arch in ARCHES]
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    check, began = Check(args.build, args.jobs), time.monotonic()
    try:
        for phase in (BUILD, CUT, ALONE, WIDE):
            chosen = [suite for suite in table if suite.phase == phase and (not args.names or suite.name in args.names)]
            if chosen:
                check.phase(chosen)
    except KeyboardInterrupt:
        check.stop()
        print("interrupted")
        return 130
    check.failures()
    print("%.0f s in all%s" % (time.monotonic() - began, "; failed: " + ", ".join(check.broken) if check.broken else ""))
    print("%d passed, %d failed" % (check.passed, check.failed))
    return check.failed != 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BrokenPipeError:             # `make check | head`: nobody reads any more
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
