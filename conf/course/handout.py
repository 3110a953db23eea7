#!/usr/bin/env python3
"""make handout: two bare git repositories made from a commit of the finished tree.

    handout.py OUT [--source COMMIT] [--release N] [--prep M] [--announce TEXT]

    OUT/student     lab1 .. labN; with --release N no later ones, with --prep M also prep2 .. prepM
    OUT/staff       these, every prepN and solN, and `staff`: bugs, answers, rubrics, this source's id

    lab1 --- lab2 --- lab3          labN+1 = labN + one commit
      \\        \\        \\
      prep1    prep2    prep3       labs 1..N-1 solved: one commit
        \\        \\        \\
        sol1     sol2     sol3      lab N solved too: one more

A fresh OUT from the same commit has the same bytes. On an OUT that is there, commits are only added: what changed goes on the earliest
branch it touches and reaches the later ones by merges. What touches or adjoins an exercise that students may be working on is refused
without --announce TEXT, which becomes part of the commit's message.
"""

import argparse
import difflib
import os
import sys

import fence
import git
from source import Course, Source, matches, rubric

STAFF_FILES = ("labs/README.md", "labs/*/bugs/*", "labs/*/answers-key.md", "labs/*/rubric.ini", "labs/*/README.md",
               "labs/*/given/*")


class HandoutError(Exception):
    """Why nothing was written."""


def branches(course):
    """(branch, parent branch, kind, lab) in an order in which parents come first."""
    rows = []
    for lab in course.labs:
        rows.append(("lab%d" % lab, "lab%d" % (lab - 1) if lab > course.labs[0] else None, "lab", lab))
    for lab in course.labs:
        rows.append(("prep%d" % lab, "lab%d" % lab, "prep", lab))
        rows.append(("sol%d" % lab, "prep%d" % lab, "sol", lab))
    return rows


def title(course, kind, lab):
    name = "lab %d: %s" % (lab, course.rubrics[lab].title)
    return {"lab": name, "prep": name + ", with the labs before it solved", "sol": name + ", solved"}[kind]


def staff_tree(course):
    files = {p: f for p, f in course.files.items() if matches(p, STAFF_FILES)}
    files["SOURCE"] = ("100644", (course.source.id + "\n").encode())
    return files


def same(old, new):
    """Whether {path: (mode, blob id)} and {path: (mode, bytes)} are the same tree."""
    return {p: (m, git.blob_id(data)) for p, (m, data) in new.items()} == old


class Writer:
    """Collects commits for one fast-import into OUT/staff."""

    def __init__(self, folder, source, announce):
        self.folder, self.source, self.announce = folder, source, announce
        self.heads = git.heads(folder)
        self.new = {}               # branch -> mark, of commits made now
        self.stream = []

    def parent(self, branch):
        return ":%d" % self.new[branch] if branch in self.new else self.heads.get(branch)

    def add(self, branch, parent, message, files):
        """A commit on a branch if it needs one: it is new, its tree differs, or what it stands on has moved."""
        own = self.heads.get(branch)
        moved = parent in self.new
        if own and not moved and same(git.listing(self.folder, own), files):
            return
        parents = [own] if own else []
        if parent and (moved or not own):
            parents.append(self.parent(parent))
        if own:
            message = "%s: %s" % (branch, self.announce or ("what changed in %s" % parent if moved else "a fix by the staff"))
        mark = len(self.new) + 1
        self.stream.append(git.commit_stream(branch, mark, self.source.when, message + "\n", parents, files))
        self.new[branch] = mark

    def finish(self):
        if self.stream:
            git.git(self.folder, "fast-import", "--quiet", "--done", data=b"".join(self.stream) + b"done\n")
        return git.heads(self.folder)


def touches(path, old, new):
    """Exercises of a file within whose marks, or within three lines of them, a change lies."""
    if old == new:
        return set()
    before = old.split("\n")
    changed = [(i, j) for op, i, j, _, _ in difflib.SequenceMatcher(None, before, new.split("\n"), False).get_opcodes()
               if op != "equal"]
    return {r.exercise for r in fence.regions(path, old) if r.kind == "exercise" and any(
        i <= r.last + fence.APART and j >= r.head - fence.APART for i, j in changed)}


def near_exercises(folder, heads, course):
    """{exercise: path} of what students have in hand and would change under them."""
    found = {}
    for lab in course.labs:
        if "lab%d" % lab not in heads:
            continue
        old = git.listing(folder, heads["lab%d" % lab])
        new = course.tree("lab", lab)
        differ = [p for p, (_, blob) in old.items() if p not in new or git.blob_id(new[p][1]) != blob]
        for path in differ:
            if fence.style(path) and not path.startswith(("labs/", "grade/", "conf/")):
                before = git.git(folder, "cat-file", "blob", old[path][1], text=False).decode(errors="replace")
                after = new[path][1].decode(errors="replace") if path in new else ""
                found.update(dict.fromkeys(touches(path, before, after), path))
    return found


def publish(staff, student, names):
    """Brings branches of the staff's repository, and nothing else of it, to the students'."""
    have, want = git.heads(student), git.heads(staff)
    missing = [n for n in names if have.get(n) != want[n]]
    if not missing:
        return []
    revs = "".join("%s\n" % want[n] for n in missing) + "".join("^%s\n" % c for c in sorted(have.values()))
    pack = git.git(staff, "pack-objects", "--revs", "--stdout", "--no-reuse-delta", "--no-reuse-object", "--quiet",
                   data=revs.encode(), text=False)
    git.git(student, "unpack-objects", "-q", data=pack)
    for n in missing:
        git.git(student, "update-ref", "refs/heads/" + n, want[n])
    return missing


def handout(out, source, release=None, prep=0, announce=""):
    """Purpose: makes or extends OUT. Returns {"staff": branches with new commits, "student": the same}. Raises HandoutError."""
    course = Course(source)
    if not course.labs:
        raise HandoutError("no labs/labN/rubric.ini in this commit")
    release = course.labs[-1] if release is None else release
    if release not in course.labs or (prep and prep not in course.labs):
        raise HandoutError("there are labs %s" % " ".join(map(str, course.labs)))
    staff, student = os.path.join(out, "staff"), os.path.join(out, "student")
    trees = {name: course.tree(kind, lab) for name, _, kind, lab in branches(course)}
    if not os.path.exists(staff):
        git.init(staff)
        git.init(student)
    before = git.heads(staff)
    if not announce:
        near = near_exercises(staff, git.heads(student), course)
        if near:
            raise HandoutError("this changes lines in or beside exercises that students have:\n%s\n"
                               "merging it may conflict with their work; say what to do: --announce TEXT (ANNOUNCE=TEXT)"
                               % "\n".join("    %s in %s" % x for x in sorted(near.items())))
    writer = Writer(staff, source, announce)
    for name, parent, kind, lab in branches(course):
        writer.add(name, parent, title(course, kind, lab), trees[name])
    writer.add("staff", None, "what only the staff has", staff_tree(course))
    after = writer.finish()
    released = ["lab%d" % n for n in course.labs if n <= release] + ["prep%d" % n for n in course.labs if 1 < n <= prep]
    kept = sorted(set(git.heads(student)) - set(released))      # what was released stays so
    return {"staff": [n for n in after if after[n] != before.get(n)], "student": publish(staff, student, released + kept)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out")
    parser.add_argument("--source", default="HEAD")
    parser.add_argument("--release", type=int)
    parser.add_argument("--prep", type=int, default=0)
    parser.add_argument("--announce", default="")
    args = parser.parse_args()
    try:
        source = Source(commit=args.source)
        made = handout(args.out, source, args.release, args.prep, args.announce)
    except (HandoutError, git.GitError, fence.FenceError, rubric.RubricError) as problem:
        sys.exit("handout: %s" % problem)
    if args.source == "HEAD" and git.git(source.root, "status", "--porcelain", "--untracked-files=no").strip():
        print("note: what is not committed is not part of it")
    for name in ("staff", "student"):
        print("%s: %s" % (os.path.join(args.out, name), " ".join(sorted(made[name])) or "nothing new"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
