#!/usr/bin/env python3
"""make fences: checks every mark of the course against the rubrics. Prints each error as FILE:LINE: TEXT, then a table of what there is.

    fences.py [ROOT]        the last line says `N passed, N failed`
"""

import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [HERE, os.path.join(ROOT, "grade")]
sys.dont_write_bytecode = True

import bugs                             # noqa: E402
import fence                            # noqa: E402
from lib import rubric, submission      # noqa: E402

SILENT = re.compile(r"(labs|conf/course|grade)/")      # may speak about marks
ARCHES = ("aarch64", "x86_64")


def tracked(root):
    out = subprocess.run(["git", "-C", root, "ls-files", "-co", "--exclude-standard", "-z"], check=True,
                         stdout=subprocess.PIPE).stdout
    return sorted(set(p for p in out.decode().split("\0") if p and os.path.isfile(os.path.join(root, p))))


def read(root, path):
    with open(os.path.join(root, path), encoding="utf-8", errors="replace") as f:
        return f.read()


def look(root, paths, errors):
    """{exercise: [(path, Region)]} of all files."""
    found = {}
    for path in paths:
        if SILENT.match(path) or not fence.style(path):
            continue
        try:
            regions = fence.regions(path, read(root, path))
        except fence.FenceError as problem:
            errors.append(str(problem))
            continue
        for r in regions:
            if submission.is_protected(path):     # no student changes these, so no exercise stands in them
                errors.append("%s:%d: a mark in a protected file" % (path, r.head + 1))
            if r.kind == "exercise":
                found.setdefault(r.exercise, []).append((path, r))
                if r.until.startswith("given ") and not os.path.isfile(given_path(root, r)):
                    errors.append("%s:%d: there is no %s" % (path, r.head + 1, given_path("", r)))
            elif not anchored(root, path, r):
                errors.append("%s:%d: `from LAB` wants two lines above and below it that stay" % (path, r.head + 1))
    return found


def given_path(root, region):
    return os.path.join(root, "labs", "lab%d" % region.lab, "given", region.until.split(None, 1)[1])


def anchored(root, path, region):
    """Two lines of the file itself on each side (other regions' distance is checked by the parser)."""
    return region.head >= 2 and len(read(root, path).split("\n")) - region.last - 1 >= 2


def compare(found, rubrics, errors):
    for number, places in found.items():
        lab = int(number.split(".")[0])
        if lab not in rubrics or number not in rubrics[lab].exercises:
            path, r = places[0]
            errors.append("%s:%d: exercise %s has no [exercise %s] in labs/lab%d/rubric.ini"
                          % (path, r.head + 1, number, number, lab))
        archs = {a for path, _ in places for a in ARCHES if a in path.split("/")}
        if len(archs) == 1:
            errors.append("%s:%d: exercise %s is marked on %s only" % (places[0][0], places[0][1].head + 1, number,
                                                                     archs.pop()))
    for r in rubrics.values():
        for number, e in r.exercises.items():
            if number not in found:
                errors.append("%s: exercise %s has no mark in any file" % (os.path.relpath(r.path), number))
            for path in e.files:
                if not any(path == p for p, _ in found.get(number, [(path, None)])):
                    errors.append("%s: exercise %s names %s, where it has no mark"
                                  % (os.path.relpath(r.path), number, path))


def names(root, paths, rubrics, errors):
    """What a hand-out calls `labN-...` is a test of the rubric or a check of the kernel."""
    checks = {name for path in paths if path.startswith("kern/monitor/") for name in re.findall(r'\{ "(lab\d+-[\w-]+)"', read(root, path))}
    for lab, r in rubrics.items():
        path = "labs/lab%d/README.md" % lab
        for name in sorted(set(re.findall(r"\b(lab%d-\w[\w-]*\w)(?![\w*-])" % lab, read(root, path)))):
            if name not in checks and name not in r.tests:
                errors.append("%s: %s: there is no such test or check" % (path, name))


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else ROOT
    errors = []
    paths = tracked(root)
    found = look(root, paths, errors)
    try:
        rubrics = rubric.all_of(root)
    except rubric.RubricError as problem:
        rubrics = {}
        errors.append(str(problem))
    else:
        compare(found, rubrics, errors)
        names(root, paths, rubrics, errors)
        for lab in rubrics:
            errors += bugs.errors(root, rubrics[lab])
    for e in errors:
        print(e)
    for lab, r in sorted(rubrics.items()):
        print("lab %d: %s: %d exercises, %g points (%g given)" % (lab, r.title, len(r.exercises), r.points, r.given))
        for number, e in r.exercises.items():
            lines = sum(x.last - x.body for _, x in found.get(number, ()))
            print("  %s  %3g points  %3d lines  %s" % (number, e.points, lines, e.title))
    print("%d passed, %d failed" % (sum(map(len, found.values())) + len(rubrics), len(errors)))
    return errors != []


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BrokenPipeError:             # `| head`: nobody reads any more
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
