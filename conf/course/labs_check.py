#!/usr/bin/env python3
"""make labs-check: who grades the graders. The files on disk, each lab there is, both architectures.

    labs_check.py [--lab N] [--arch A] [--only KIND,...] [--exercise 1.3,...] [--quick] [--thorough] [--jobs 2] [--times 20]

    skeleton    builds, reaches its prompt, scores what the rubric calls given and nothing else
    solution    full points; prepN solves the labs before N and nothing more; solN passes the graders of labs before it
    removal     one exercise empty: its tests fail, of those that need it some, of the others none
    bugs        each planted mistake applies, builds, and loses most of its exercise's points (--thorough: and no other exercise loses anything)
    merge       lab1, lab2 ... merge without conflict into a tidy and a messy student's work, and the result builds
    day         an instructor's day: some fifty made-up submissions, good, bad and hostile, graded by grade/batch, get the points they must
                (a tenth of them on the other architecture and in later labs; --thorough: all, everywhere)
    load        the solution graded --times times with every processor kept busy, --jobs at a time, scores full points every time

--quick is the part in make check: one architecture, one exercise left empty, a mistake in every other one, the messy student's merges, a sample of the day, no load. The last line says `N passed, N failed`.
Told to stop (^C, or TERM to it or to make), it ends what runs, says what passed so far, and leaves with status 130.
"""

import argparse
import concurrent.futures
import json
import os
import queue
import random
import signal
import subprocess
import sys
import threading
import time

import bugs
import fence
import fixtures
import git
import handout
import messy
from source import Course, ROOT, Source, rubric, write_tree

import batch                            # noqa: E402  grade/staff/batch.py
from lib import verdict                 # noqa: E402
from lib.registry import Test, Variant  # noqa: E402
from lib.runner import Options, Runner  # noqa: E402
from lib.tree import ARCHES, Tree       # noqa: E402

KINDS = ("skeleton", "solution", "removal", "bugs", "merge", "day", "load")
DAY_BUILD_SECONDS = 300         # what builds without end is given up then; what does not is slow on a busy host
SECONDS = 900                   # one run of a grader, at most


class Broken(Exception):
    """What a check found wrong."""


class Check:
    def __init__(self, args):
        self.args = args
        self.course = Course(Source(commit=None))
        self.folder = os.path.join(ROOT, args.build, "labs")
        self.places = {}                # lab -> queue of folders, one for each job
        self.passed, self.failed = 0, []

    # One tree, built and graded.

    def place(self, lab):
        if lab not in self.places:
            self.places[lab] = queue.Queue()
            for n in range(self.args.jobs):
                self.places[lab].put(os.path.join(self.folder, "lab%d-%d" % (lab, n)))
        return self.places[lab]

    def grade(self, folder, lab, arch, tests=None, hurry=True, seed=None):
        """Runs a lab's grader there. Returns {test: (passed, verdict, points got, points possible)}."""
        out = os.path.join(folder, "build", "results-%s.json" % arch)
        os.makedirs(os.path.dirname(out), exist_ok=True)
        if os.path.exists(out):
            os.unlink(out)
        words = [sys.executable, "grade/grade.py", "LAB=%d" % lab, "ARCH=" + arch, "JOBS=1", "RESULTS=" + out,
                 "SEED=%d" % (random.randrange(1, 1 << 24) if seed is None else seed)]
        words += (["HURRY=1"] if hurry else []) + (["TEST=" + ",".join(tests)] if tests else [])
        text = run(words, folder)
        if not os.path.exists(out):
            raise Broken("the grader gave no result:\n" + "\n".join(text.splitlines()[-15:]))
        with open(out) as f:
            rows = json.load(f)["tests"]
        found = {}
        for row in rows:
            name = row["extra_data"]["test"]
            good, said, got, most = found.get(name, (True, verdict.OK, 0, 0))
            passed = row["status"] == "passed"
            found[name] = (good and passed, said if passed else row["extra_data"]["verdict"], got + row["score"],
                           most + row["max_score"])
        self.told = text
        return found

    def boots(self, folder, lab, arch):
        """The skeleton's prompt and status line."""
        layer = self.course.layer(lab)
        name = "build/%s%s/kernel.%s" % (arch, "" if layer == 3 else "-layer%d" % layer, "img" if arch == "aarch64" else "elf")
        test = Test("prompt", lambda s: s.run("help"), budget=10, kernel=lambda _: os.path.join(folder, name))
        result = Runner(Tree(build=os.path.relpath(self.folder, ROOT), make=False), Options()).run([Variant(test, arch, 1, layer)])[0]
        if result.verdict != verdict.OK:
            raise Broken("no prompt: %s %s" % (result.verdict, " ".join(result.why)))

    # The kinds of checks. Each is a function of a folder that raises Broken, or returns what is worth telling.

    def skeleton(self, lab, arch, kind="lab"):
        def check(folder):
            write_tree(folder, self.course.tree(kind, lab))
            found = self.grade(folder, lab, arch)
            self.all_built(found)
            self.boots(folder, lab, arch)
            lines = self.course.rubrics[lab].tests
            wrong = ["%s %s" % (n, "passes" if f[0] else "fails, and is called given (%s)" % f[1])
                     for n, f in found.items() if f[0] != lines[n].given]
            if wrong:
                raise Broken("\n".join(wrong))
        return check

    @staticmethod
    def all_built(found):
        for name, f in found.items():
            if f[1] in (verdict.BUILD, verdict.NO_BOOT, verdict.GRADER):
                raise Broken("%s: %s" % (name, f[1]))

    def full(self, lab, arch, kind, tree_lab, hurry=True):
        def check(folder):
            write_tree(folder, self.course.tree(kind, tree_lab))
            self.want_full(self.grade(folder, lab, arch, hurry=hurry))
        return check

    @staticmethod
    def want_full(found):
        wrong = ["%s: %s" % (n, f[1]) for n, f in found.items() if not f[0]]
        if wrong:
            raise Broken("\n".join(wrong))

    def removal(self, lab, arch, exercise):
        def check(folder):
            write_tree(folder, self.course.variant(lab, lambda e: e != exercise and int(e.split(".")[0]) <= lab))
            found = self.grade(folder, lab, arch)
            self.all_built(found)
            r = self.course.rubrics[lab]
            wrong = []
            for number, e in r.exercises.items():
                lost = [t.name for t in e.tests if not found[t.name][0]]
                may = [t.name for t in e.tests if r.depends(t.name, exercise)]
                wrong += ["%s fails without %s, and the rubric knows of no need (%s)" % (n, exercise, found[n][1])
                          for n in lost if n not in may]
                if number == exercise:
                    wrong += ["%s passes without %s" % (n, exercise) for n in may if n not in lost]
                elif may and not set(may) & set(lost):
                    wrong.append("all of %s passes without %s, which the rubric says it needs" % (number, exercise))
            if wrong:
                raise Broken("\n".join(wrong))
        return check

    def bug(self, lab, arch, b):
        def check(folder):
            files = bugs.patched(self.course, b)
            write_tree(folder, files)
            r = self.course.rubrics[lab]
            tests = None if self.args.thorough else [t.name for t in r.exercises[b.exercise].tests]
            found = self.grade(folder, lab, arch, tests)
            if any(f[1] == verdict.BUILD for f in found.values()):
                raise Broken("does not build")
            mine = [found[t.name] for t in r.exercises[b.exercise].tests if t.name in found]
            got, most = sum(f[2] for f in mine), sum(f[3] for f in mine)
            if got > most * (1 - b.loses) + 1e-6:
                raise Broken("keeps %g of %g points, and may keep %g" % (got, most, most * (1 - b.loses)))
            others = [n for n, f in found.items() if not f[0] and r.tests[n].exercise not in (b.exercise,) + b.also
                      and not r.depends(n, b.exercise)]
            if others:
                raise Broken("other exercises lose, which Also: does not name: " + " ".join(others))
            return "loses %g of %g" % (most - got, most)
        return check

    def merge(self, kind):
        def check(_):
            messy.year(self.course, os.path.join(self.folder, "merge-" + kind), kind == "messy", run)
        return check

    def load(self, lab, arch, number):
        def check(folder):
            write_tree(folder, self.course.tree("sol", lab))
            self.want_full(self.grade(folder, lab, arch, hurry=False))
        return check

    def day(self, lab, arch):
        def check(_):
            class_ = fixtures.Class(self.course, lab, arch, os.path.join(self.folder, "day-lab%d-%s" % (lab, arch)))
            # How submissions are read, boxed and tabulated is one code for all labs and machines: everybody comes to one day, a few to the others.
            all_of = self.args.thorough or (not self.args.quick and (lab, arch) == (self.course.labs[0], ARCHES[0]))
            chosen = class_.all() if all_of else class_.sample()
            submissions, results = (os.path.join(class_.folder, n) for n in ("submissions", "results"))
            os.mkdir(submissions)
            for f in chosen:
                f.make(os.path.join(submissions, f.name))
            said = run([sys.executable, os.path.join(ROOT, "grade", "batch"), submissions, "--results", results, "--handout", class_.out, "--lab", str(lab),
                        "--arch", arch, "--build-seconds", str(DAY_BUILD_SECONDS), "--jobs", str(self.args.jobs)], class_.folder, 4 * SECONDS)
            wrong = ["%s: %s" % (f.name, w) for f in chosen for w in [f.wrong(batch.result_of(results, f.name))] if w]
            if os.path.exists(class_.mark):
                wrong.append("something of a submission was executed on the host")
            if wrong:
                raise Broken("\n".join(wrong) + ("\n" + said[-2000:] if any("no result" in w for w in wrong) else ""))
        return check

    # Which of them.

    def jobs(self, kinds):
        """[(kind, name, lab, function)]"""
        a, rows = self.args, []
        archs = [a.arch] if a.arch else ARCHES[:1] if a.quick else ARCHES
        chosen = a.exercise.split(",") if a.exercise else None
        for lab in [a.lab] if a.lab else self.course.labs:
            for arch in archs:
                rows += self.lab_jobs(lab, arch, [n for n in self.course.rubrics[lab].exercises if not chosen or n in chosen])
        if not a.lab:
            rows += [("merge", "merge %s" % k, 0, self.merge(k)) for k in (("messy",) if a.quick else ("tidy", "messy"))]
        return [row for row in rows if row[0] in kinds]

    def lab_jobs(self, lab, arch, exercises):
        where = "lab%d %s" % (lab, arch)
        rows = [("skeleton", "%s skeleton" % where, lab, self.skeleton(lab, arch)),
                ("solution", "%s solution" % where, lab, self.full(lab, arch, "sol", lab))]
        if lab > self.course.labs[0]:
            rows.append(("solution", "%s prep%d" % (where, lab), lab, self.skeleton(lab, arch, "prep")))
            rows += [("solution", "%s prep%d, grader of lab %d" % (where, lab, n), lab, self.full(n, arch, "prep", lab))
                     for n in self.course.labs if n < lab]
        rows += [("removal", "%s without %s" % (where, e), lab, self.removal(lab, arch, e))
                 for e in (exercises[len(exercises) // 2:][:lab == self.course.labs[0]] if self.args.quick else exercises)]
        seen = set(exercises[1::2]) if self.args.quick else set()
        for b in bugs.all_of(ROOT, lab):
            if b.exercise in exercises and b.arch in ("", arch) and b.exercise not in seen:
                if self.args.quick:
                    seen.add(b.exercise)
                rows.append(("bugs", "%s %s %s" % (where, b.kind, b.name), lab, self.bug(lab, arch, b)))
        if lab == self.course.labs[0] or not self.args.quick:
            rows.append(("day", "%s instructor's day" % where, lab, self.day(lab, arch)))
        rows += [("load", "%s under load, %d" % (where, n + 1), lab, self.load(lab, arch, n)) for n in range(self.args.times)]
        return rows

    # Running them.

    def one(self, name, lab, function):
        if stopping.is_set():
            return
        folder = self.place(lab).get()
        began, note = time.monotonic(), None
        try:
            note, said = function(folder), ""
        except (Broken, bugs.BugError, fence.FenceError, git.GitError, handout.HandoutError, messy.Conflict, LookupError) as problem:
            said = str(problem)
        finally:
            self.place(lab).put(folder)
        if stopping.is_set():
            return
        print("%s  %s (%s%.0f s)" % ("FAIL" if said else "pass", name, note + ", " if note else "", time.monotonic() - began), flush=True)
        if said:
            print("      " + said.replace("\n", "\n      "), flush=True)
            self.failed.append(name)
        else:
            self.passed += 1

    def several(self, rows):
        with concurrent.futures.ThreadPoolExecutor(self.args.jobs) as pool:
            try:
                list(pool.map(lambda row: self.one(*row[1:]), rows))
            except (KeyboardInterrupt, BrokenPipeError):
                stop()
                raise

    def run(self, kinds):
        quiet = [row for row in self.jobs(kinds) if row[0] != "load"]
        loud = [row for row in self.jobs(kinds) if row[0] == "load"]
        for row in quiet + loud:
            self.place(row[2])
        self.several(quiet)
        if loud:
            busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(os.cpu_count() or 2)]
            try:
                self.several(loud)
            finally:
                for process in busy:
                    process.kill()
                    process.wait()


stopping = threading.Event()
running = set()                 # commands


def stop():
    stopping.set()
    for process in list(running):
        process.send_signal(signal.SIGTERM)


def run(words, folder, seconds=SECONDS):
    """A command in a folder; what it printed. Told to stop, it cleans up after itself."""
    env = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "BUILD")}
    process = subprocess.Popen(words, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True, errors="replace")
    running.add(process)
    if stopping.is_set():
        process.send_signal(signal.SIGTERM)
    try:
        return process.communicate(timeout=seconds)[0]
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGTERM)
        return process.communicate()[0] + "\n(stopped after %d s)" % seconds
    finally:
        running.discard(process)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--lab", type=int)
    parser.add_argument("--arch", choices=ARCHES)
    parser.add_argument("--only", default=",".join(KINDS))
    parser.add_argument("--exercise", default="")
    parser.add_argument("--build", default="build")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--thorough", action="store_true")
    args = parser.parse_args()
    kinds = args.only.split(",")
    if not set(kinds) <= set(KINDS):
        sys.exit("--only: there are " + ",".join(KINDS))
    if args.quick:
        kinds = [k for k in kinds if k != "load"]
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        check = Check(args)
        check.run(kinds)
    except (rubric.RubricError, fence.FenceError, bugs.BugError) as problem:
        print(problem)
        print("0 passed, 1 failed")
        return 1
    except KeyboardInterrupt:
        print("interrupted: %d passed, %d failed so far" % (check.passed, len(check.failed)))
        return 130
    print("".join("failed: %s\n" % name for name in check.failed) + "%d passed, %d failed" % (check.passed, len(check.failed)))
    return check.failed != []


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BrokenPipeError:             # `| head`: nobody reads any more
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
