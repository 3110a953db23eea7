#!/usr/bin/env python3
"""make handin: what you changed, in one file to hand in, tried out before you do.

    handin.py [--out FILE] [--arch A] [--no-check]

The file (build/handin-labN.tar.gz) holds every file that is new or changed since the hand-out commit your work stands on, committed or not;
what git ignores stays out. Then it is done what grading does: the file is laid over that commit as it was handed out, and graded. So a
forgotten file, or a change in a part that grading restores, shows here and not in your points. Without git the file holds your whole tree.
"""

import argparse
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True

from lib import labs, submission        # noqa: E402
from lib.tree import ARCHES, ROOT       # noqa: E402

STAFF = "course@mach-r.invalid"         # who makes the commits of the hand-out


def git(*words):
    """What git prints, or None where it fails or is not there."""
    try:
        done = subprocess.run(("git", "-c", "core.quotePath=false") + words, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL)
    except OSError:
        return None
    return done.stdout if done.returncode == 0 else None


def has_git():
    """Whether this tree is the top of a repository of its own."""
    top = git("rev-parse", "--show-toplevel")
    return top is not None and os.path.realpath(top.decode().rstrip("\n")) == os.path.realpath(ROOT)


def base_commit():
    """Purpose: the hand-out commit this work stands on: of those in its history that no other contains, the one of the highest lab."""
    found = (git("log", "--format=%H", "--author=" + STAFF, "HEAD") or b"").decode().split()
    ends = (git("merge-base", "--independent", *found) or b"").decode().split() if found else []
    return max(ends, key=lambda c: submission.lab_of((git("ls-tree", "-r", "--name-only", c) or b"").decode().splitlines()), default="")


def contents(commit):
    """{path: (mode, bytes)} of a commit."""
    found = {}
    for row in (git("ls-tree", "-r", "-z", commit) or b"").decode().split("\0"):
        if row:
            head, path = row.split("\t", 1)
            found[path] = (head.split()[0], git("cat-file", "blob", head.split()[2]))
    return found


def work_of(base, handed):
    """Purpose: the Submission of this tree. Raises submission.Refused."""
    if not base:
        return submission.from_folder(ROOT)
    work = submission.Submission(whole=False, base=base)
    here = sorted(set((git("ls-files", "-co", "--exclude-standard", "-z") or b"").decode(errors="surrogateescape").split("\0")) - {""})
    for path in here:
        there = os.path.join(ROOT, path)
        if submission.DROPPED.match(path) or not os.path.lexists(there):
            continue
        if os.path.islink(there) or not os.path.isfile(there):
            raise submission.Refused("%s: a link; only plain files can be handed in" % submission.shown(path))
        data = submission.read_plain(there)
        if path not in handed or handed[path][1] != data:
            work.add(path, len(data), lambda data=data: data)
    work.deleted = [p for p in handed if not os.path.lexists(os.path.join(ROOT, p))]
    return work


def check(path, handed, arch):
    """Purpose: grades the file as the staff will. Returns the status: 0 for full points."""
    work = submission.from_tar(path)
    tree, ignored = submission.lay_over(work, handed)
    for name in ignored:
        print("handin: %s: your change does not count, grading restores this file" % name)
    with tempfile.TemporaryDirectory(prefix="machr-handin-") as folder:
        submission.write(folder, tree)
        words = [sys.executable, "grade/grade.py", "LAB=%d" % submission.lab_of(handed), "ARCH=" + arch]
        return subprocess.run(words, cwd=folder, stdin=subprocess.DEVNULL,
                              env={k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}).returncode


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--out")
    parser.add_argument("--arch", choices=ARCHES, default=ARCHES[0])
    parser.add_argument("--no-check", action="store_true")
    args = parser.parse_args()
    if not labs.is_handed_out():
        sys.exit("handin: this is the finished tree; a hand-in is made in a tree that was handed out")
    lab = labs.current()
    out = args.out or os.path.join(ROOT, "build", "handin-lab%d.tar.gz" % lab)
    try:
        base = base_commit() if has_git() else ""
        handed = contents(base) if base else submission.as_it_lies(ROOT)
        work = work_of(base, handed)
        if base and not work.files and not work.deleted:
            sys.exit("handin: nothing is changed since commit %s" % base[:12])
        os.makedirs(os.path.dirname(os.path.abspath(out)), exist_ok=True)
        submission.pack(out, work, lab)
    except submission.Refused as problem:
        sys.exit("handin: %s" % problem)
    for name in sorted(work.files) if base else ():
        print("  %s %s" % ("changed" if name in handed else "new    ", name))
    for name in work.deleted:
        print("  deleted %s" % name)
    print("%s: %d files, lab %d, %s" % (os.path.relpath(out), len(work.files), lab, "on commit " + base[:12] if base else
                                       "no git history: the whole tree"), flush=True)
    if args.no_check:
        return 0
    print("Trying it out as it will be graded, on %s:" % args.arch, flush=True)
    status = check(out, handed, args.arch)
    print("%s is ready to be handed in%s." % (os.path.relpath(out), "" if status == 0 else ", with the points above"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
