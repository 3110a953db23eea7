"""Planted mistakes: labs/labN/bugs/EX-name.patch, each a patch against the finished tree with a head:

    Exercise: 1.3
    Kind: bug                   or toy: looks done but lacks the point
    What: splits a block one order too far, so that every second allocation is smaller than asked
    Loses: 60                   percent of the exercise's points at least (without this line: more than half)
    Also: 1.4 1.7               other exercises that may lose points
    Arch: aarch64               only there (both without this line)

    diff --git a/kern/mm/buddy.c b/kern/mm/buddy.c
    ...
"""

import glob
import os
import re
import tempfile
from dataclasses import dataclass

import git
from source import write_tree

KEYS = ("Exercise", "Kind", "What", "Loses", "Also", "Arch")


class BugError(Exception):
    """`path: what is wrong`"""


@dataclass
class Bug:
    path: str
    name: str                   # 1.3-order-off-by-one
    exercise: str
    kind: str
    what: str
    loses: float
    also: tuple
    arch: str                   # "" for both


def read(path):
    """Purpose: the head of a planted mistake. Raises BugError."""
    head = {}
    with open(path, encoding="utf-8") as f:
        for row in f:
            if row.startswith(("diff ", "--- ")):
                break
            m = re.match(r"([A-Z]\w*): +(.*)", row)
            if m:
                head[m.group(1)] = m.group(2).strip()
    name = os.path.basename(path)[:-len(".patch")]
    unknown = set(head) - set(KEYS)
    if unknown:
        raise BugError("%s: %s: unknown; a head has %s" % (path, " ".join(sorted(unknown)), " ".join(KEYS)))
    if not name.startswith(head.get("Exercise", "?") + "-") or head.get("Kind") not in ("bug", "toy") or "What" not in head:
        raise BugError("%s: wants Exercise: (as in its name), Kind: bug or toy, and What:" % path)
    if not re.fullmatch(r"\d+", head.get("Loses", "51")) or not 50 < int(head.get("Loses", 51)) <= 100:
        raise BugError("%s: Loses: is a number of percent, more than 50: a mistake costs most of its exercise" % path)
    return Bug(path, name, head["Exercise"], head["Kind"], head["What"], int(head.get("Loses", 51)) / 100,
               tuple(head.get("Also", "").split()), head.get("Arch", ""))


def all_of(root, lab):
    return [read(path) for path in sorted(glob.glob(os.path.join(root, "labs", "lab%d" % lab, "bugs", "*.patch")))]


def errors(root, rubric):
    """What a lab's planted mistakes lack: each applies; two bugs and a toy for each exercise."""
    found, said = [], []
    try:
        found = all_of(root, rubric.lab)
    except BugError as problem:
        return [str(problem)]
    for b in found:
        for number in (b.exercise,) + b.also:
            if number not in rubric.exercises:
                said.append("%s: there is no exercise %s" % (os.path.relpath(b.path), number))
        try:
            git.git(root, "apply", "--check", os.path.abspath(b.path), GIT_CEILING_DIRECTORIES=os.path.dirname(os.path.abspath(root)))
        except git.GitError as problem:
            said.append("%s: does not apply: %s" % (os.path.relpath(b.path), problem))
    for number in rubric.exercises:
        kinds = [b.kind for b in found if b.exercise == number]
        if kinds.count("bug") < 2 or "toy" not in kinds:
            said.append("%s: exercise %s has %d planted bugs and %d toys; two and one at least"
                        % (os.path.relpath(rubric.path), number, kinds.count("bug"), kinds.count("toy")))
    return said


def patched(course, b):
    """Purpose: the solution's tree with a planted mistake. Raises BugError when the patch does not apply."""
    lab = int(b.exercise.split(".")[0])
    with open(b.path) as f:
        names = sorted({row.split("\t")[0].split()[-1][2:] for row in f if row.startswith(("--- a/", "+++ b/"))})
    with tempfile.TemporaryDirectory() as folder:
        write_tree(folder, {n: course.files[n] for n in names if n in course.files})
        try:
            git.git(folder, "apply", "--whitespace=nowarn", os.path.abspath(b.path), GIT_CEILING_DIRECTORIES=os.path.dirname(folder))
        except git.GitError as problem:
            raise BugError("does not apply: %s" % problem)
        changed = {}
        for n in names:
            with open(os.path.join(folder, n), "rb") as f:
                changed[n] = ("100644", f.read())
    kept = course.tree("sol", lab)
    kept.update({n: f for n, f in changed.items() if n in kept or n not in course.files})
    return kept
