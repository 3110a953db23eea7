#!/usr/bin/env python3
"""Tests the tests of the kernel: each planted mistake of user/test/mutants must make the test it names fail.

    mutants.py [--arch A] [--sample N] [--seed S] [--jobs 2] [--build build] [NAME ...]

A mistake is a patch of a line or so with a head:

    Rule: Q4                                        a row of kern/RULES.md
    Test: ipc_queue.a_freed_slot_goes_...           RULE(...) of user/test/boot_ipc_queue.c
    Cpus: 4                                         (1 without this line)
    Path: slow                                      mach_msg without its fast path; or the name of the grader that runs the program
    Arch: aarch64                                   where there is such a device or such code (any without this line)
    Hang: counts                                    the rule is about who waits and for how long, or the mistake keeps the CPU for itself,
                                                    or what it loses may be memory of the test itself

It is applied to a copy of the tree that keeps its build folder, so that little is built, and the named test is run alone. It has
to fail: its FAIL line is in the transcript, or the run ends before its program does (panic; a hang only where the head says that it
counts). First the programs run on the copy as it is, where all must pass. `--sample N` takes N of them that do not hang by the seed, which is printed (the tree's own unless given),
begins none after two minutes, and leaves that first step to the graders. The last line says `N passed, N failed`.
"""

import argparse
import concurrent.futures
import json
import os
import queue
import random
import re
import shutil
import subprocess
import sys
import time
import zlib

sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), "course"))
import git                                      # noqa: E402
import rules                                    # noqa: E402
from source import write_tree                   # noqa: E402

ROOT = rules.ROOT
KEPT_OUT = ("build", ".git", "__pycache__")
WHOLE = ("pager", "pager_wait", "pager_short", "pager_end", "pageout", "pressure", "fuzz")            # need layer 3
SECONDS = 300
SAMPLE_SECONDS = 120
DEADLINE = 45                                   # guest seconds for a test that takes 5 and has patience for 30


class Broken(Exception):
    """What a mistake or the tree lacks."""


def tree():
    """{path: (mode, contents)} of the working tree."""
    files = {}
    for base, dirs, names in os.walk(ROOT):
        dirs[:] = [d for d in dirs if d not in KEPT_OUT]
        for name in names:
            path = os.path.join(base, name)
            with open(path, "rb") as f:
                files[os.path.relpath(path, ROOT)] = ("%o" % os.lstat(path).st_mode, f.read())
    return files


def option(path, name, otherwise):
    """What a line of a mistake's head says."""
    with open(path) as f:
        found = re.search(r"(?m)^%s: +(\S+)$" % name, f.read().split("\n\n")[0])
    return found.group(1) if found else otherwise


def options(path):
    """(CPUs, path) a mistake's program runs with."""
    return option(path, "Cpus", "1"), option(path, "Path", "fast")


def judge(m, good, verdict, transcript):
    """How the named test failed. Raises Broken if it did not."""
    if good:
        raise Broken("%s.%s passes" % (m.program, m.test))
    if re.search(r"(?m)^FAIL %s:" % re.escape(m.test), transcript):
        return "fails"
    if not re.search(r"(?m)^rule %s$" % re.escape(m.test), transcript.replace("\r", "")):
        raise Broken("%s before it began" % verdict)
    if re.search(r"(?m)^\d+ passed, \d+ failed", transcript):
        raise Broken("it passes; %s" % verdict)
    if verdict in ("hang", "no verdict, rerun") and option(m.path, "Hang", "") != "counts":
        raise Broken("%s, which does not count" % verdict)
    return verdict


def run(words, folder):
    env = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "BUILD")}
    with subprocess.Popen(words, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, errors="replace") as process:
        try:
            text, _ = process.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            process.terminate()             # a grader switches its machine off
            process.communicate()
            raise
    return process.returncode, text


def furnish(folder, build, arch):
    """A copy of the tree with what is built already, times kept, so that make has little to do."""
    if not os.path.exists(folder):
        shutil.copytree(ROOT, folder, symlinks=True, ignore=shutil.ignore_patterns(*KEPT_OUT))
    for name in (arch, arch + "-layer2"):
        if os.path.exists(os.path.join(ROOT, build, name)) and not os.path.exists(os.path.join(folder, "build", name)):
            shutil.copytree(os.path.join(ROOT, build, name), os.path.join(folder, "build", name), symlinks=True)


class Bench:
    """Folders to try things in, one for each job."""

    def __init__(self, args):
        self.arch, self.files, self.places = args.arch, tree(), queue.Queue()
        for n in range(args.jobs):
            folder = os.path.join(ROOT, args.build, "mutants", "%s-%d" % (args.arch, n))      # both architectures may be tried at a time
            furnish(folder, args.build, args.arch)
            self.places.put(folder)

    def build(self, folder, layer):
        status, text = run(["make", "-s", "-j2", "ARCH=" + self.arch, "LAYER=%d" % layer, "boot"], folder)
        if status != 0:
            raise Broken("does not build:\n" + "\n".join(text.splitlines()[-12:]))

    def grade(self, folder, program, cpus, path, rule=None):
        """Runs a test program, or one rule of it. Returns (did it pass, verdict, transcript)."""
        layer = 3 if program in WHOLE else 2
        self.build(folder, layer)
        prefix = {"fast": "boot-", "slow": "slow-"}.get(path)
        test = prefix + program.replace("_", "-") if prefix else path
        out = os.path.join(folder, "build", "mutant.json")
        if os.path.exists(out):
            os.unlink(out)
        _, text = run([sys.executable, "grade/grade.py", "ARCH=" + self.arch, "LAYER=%d" % layer, "CPUS=" + cpus, "TEST=" + test,
                       "MAKE_FIRST=0", "JOBS=1", "HURRY=1", "APPEND=deadline=%d" % DEADLINE + (" rule=" + rule if rule else ""), "RESULTS=" + out], folder)
        if not os.path.exists(out):
            raise Broken("no result:\n" + "\n".join(text.splitlines()[-12:]))
        with open(out) as f:
            row = json.load(f)["tests"][0]
        log = "%s%s%s.log" % (test, "" if cpus == "1" else ".cpus" + cpus, "" if layer == 3 else ".layer%d" % layer)
        with open(os.path.join(folder, "build", self.arch, "grade", log), errors="replace") as f:
            transcript = f.read()
        return row["status"] == "passed", row["extra_data"]["verdict"], transcript

    def clean(self, program, cpus, path):
        """The tree as it is."""
        folder = self.places.get()
        try:
            write_tree(folder, self.files)
            good, said, _ = self.grade(folder, program, cpus, path)
            if not good:
                raise Broken("fails without any mistake: %s" % said)
        finally:
            self.places.put(folder)
        return "passes"

    def mutant(self, m):
        cpus, path = options(m.path)
        folder = self.places.get()
        try:
            write_tree(folder, self.files)
            try:
                git.git(folder, "apply", "--whitespace=nowarn", "--recount", m.path, GIT_CEILING_DIRECTORIES=os.path.dirname(folder))
            except git.GitError as problem:
                raise Broken("does not apply: %s" % problem)
            good, said, transcript = self.grade(folder, m.program, cpus, path, m.test)
        finally:
            self.places.put(folder)
        return judge(m, good, said, transcript)


def attempt(name, function, *arguments):
    """Returns whether it went well, and says so."""
    began = time.monotonic()
    try:
        said, good = function(*arguments), True
    except (Broken, subprocess.TimeoutExpired) as problem:
        said, good = str(problem), False
    print("%s  %s: %s (%.0f s)" % ("pass" if good else "FAIL", name, said.replace("\n", "\n      "), time.monotonic() - began), flush=True)
    return good


def seed_of(files):
    """The same kernel and tests, the same sample: what has passed passes again. Every change draws others."""
    seed = 0
    for path in sorted(files):
        if path.startswith(("kern/", "user/test/")):
            seed = zlib.crc32(path.encode() + files[path][1], seed)
    return seed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--arch", choices=("aarch64", "x86_64"), default="x86_64")
    parser.add_argument("--sample", type=int, help="so many, drawn")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--build", default="build")
    parser.add_argument("names", nargs="*")
    args = parser.parse_args()
    chosen = [m for m in rules.mutants() if (not args.names or m.name in args.names) and option(m.path, "Arch", args.arch) == args.arch]
    unknown = set(args.names) - {m.name for m in chosen}
    if unknown:
        sys.exit("no mistake " + " ".join(sorted(unknown)))
    until, bench = float("inf"), Bench(args)
    runs = sorted({(m.program,) + options(m.path) for m in chosen})
    if args.sample is not None:
        args.seed = seed_of(bench.files) if args.seed is None else args.seed
        print("--seed %d" % args.seed)
        chosen, runs = [m for m in chosen if option(m.path, "Hang", "") != "counts"], []
        chosen = random.Random(args.seed).sample(chosen, min(args.sample, len(chosen)))
        until = time.monotonic() + SAMPLE_SECONDS
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        good = list(pool.map(lambda r: attempt(" ".join(r), bench.clean, *r), runs))
        good += list(pool.map(lambda m: None if time.monotonic() > until else attempt(m.name, bench.mutant, m), chosen))
    print("%d passed, %d failed" % (good.count(True), good.count(False)))
    return good.count(False) != 0


if __name__ == "__main__":
    sys.exit(main())
