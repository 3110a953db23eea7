"""A class of made-up students: submissions of differing quality and honesty, each with the points it must get.

    for f in Class(course, lab, arch, folder).all(): f.make(path)       then grade/batch, then f.wrong(result)
"""

import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
from dataclasses import dataclass

import bugs
import git
import handout
import messy
from source import ROOT, write_tree

sys.path.insert(1, os.path.join(ROOT, "grade", "staff"))
import table                            # noqa: E402

SECRET = "root:"                        # in a host's file that hostile ones reach for

# Those that make check grades.
SAMPLE = ("solution-handin.tar.gz", "solution-bare.git", "no-lines-added", "one-left-out", "does-not-compile", "prints-pass", "edits-the-grader",
          "includes-a-host-file", "link-out-of-the-tree", "dots.tar.gz")

# Text that follows `MACHINE_START {` or stands in a new file.
LOOP = "\tfor (;;)\n\t\t;\n"
PASSES = '\tprintk("\\npass  all of it\\n28 passed, 0 failed\\nPASS\\n");\n'
# Including itself twice, some 150 levels deep: a preprocessor that never ends.
ENDLESS = "#if __INCLUDE_LEVEL__ < 150\n#include \"mine.c\"\n#include \"mine.c\"\n#endif\n"
BOMB = "#define A(x) x x x x x x x x x x\n#define B(x) A(A(A(x)))\n#define C(x) B(B(B(x)))\nlong bomb[] = { C(C(__COUNTER__ + )) };\n"
FULL_MARKS = """import re, sys
from lib.api import test
for line in open("labs/lab%d/rubric.ini"):
    m = re.match(r"    (lab\\S+)", line)
    if m:
        test(m.group(1), lab=%d, layers=(%d,), append="kmsh")(lambda s: None)
"""


@dataclass
class Fixture:
    name: str
    make: object                # (path): writes the submission
    low: float
    high: float
    says: str = ""              # must stand in its remarks
    ignored: bool = False       # changes protected files, and is told so

    def wrong(self, result):
        """What is not as it must be, "" if nothing; `result` is the JSON of grade/one or None."""
        row = table.row(self.name, result)
        if result is None:
            return "no result"
        if not self.low - 1e-6 <= row.points <= self.high + 1e-6:
            want = "%g" % self.low if self.low == self.high else "%g to %g" % (self.low, self.high)
            lost = sorted({t["extra_data"]["verdict"] for t in result["tests"] if t["status"] != "passed"})
            return "%g points, must be %s (%s)" % (row.points, want, ", ".join(lost))
        if self.says and not any(self.says in r for r in row.remarks):
            return "does not say \"%s\": %s" % (self.says, "; ".join(row.remarks))
        if bool(result["extra_data"]["ignored"]) != self.ignored:
            return "protected files: %s" % (" ".join(result["extra_data"]["ignored"]) or "none changed, it says")
        return "leaks a file of the host" if SECRET in str(result) else ""


class Class:
    """Conditions: `folder` is free for use; the hand-out of the course is made in folder/handout."""

    def __init__(self, course, lab, arch, folder):
        self.course, self.lab, self.arch, self.folder = course, lab, arch, folder
        self.rubric = course.rubrics[lab]
        self.mark = os.path.join(folder, "executed-on-the-host")
        self.out = os.path.join(folder, "handout")
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        handout.handout(self.out, course.source, prep=lab if lab > course.labs[0] else 0)
        self.branch = "prep%d" % lab if lab > course.labs[0] else "lab%d" % lab

    # Points.

    def points(self, solved):
        """What the rubric says for a set of exercises solved."""
        r = self.rubric
        return sum(t.points for t in r.tests.values() if t.given or not any(r.depends(t.name, e) for e in r.exercises if e not in solved))

    def losing(self, exercise, least, also=()):
        """(low, high) for a tree in which an exercise, perhaps others too, lost at least `least` of its points."""
        r = self.rubric
        may = sum(t.points for t in r.tests.values() if t.exercise in (exercise,) + also or r.depends(t.name, exercise))
        return r.points - may, r.points - least

    # Trees and their forms.

    def tree(self, solved=None):
        """The lab's tree with some exercises solved; None for all."""
        return self.course.variant(self.lab, lambda e: int(e.split(".")[0]) < self.lab or solved is None or e in solved)

    def with_text(self, files, path, text):
        files[path] = ("100644", files.get(path, ("", b""))[1] + text.encode())
        return files

    def at_start(self, text, files=None):
        """The solution with lines at the very beginning of machine_start, or at its end for `text` that prints."""
        files = files or self.tree()
        mode, data = files["kern/init/main.c"]
        where = r"(\n\tbanner\(\);\n)" if "printk" in text else r"(\nmachine_start\(void\)\n\{\n)"
        made, count = re.subn(where, lambda m: m.group() + text, data.decode(), count=1)
        if not count:
            raise LookupError("kern/init/main.c has no place for a fixture's lines")
        files["kern/init/main.c"] = (mode, made.encode())
        return files

    def clone(self, path, files=None):
        """A student's clone, with `files` in it, committed."""
        git.git(self.folder, "clone", "-q", "-b", self.branch, os.path.join(self.out, "student"), path)
        if files:
            write_tree(path, files)
            git.git(path, "add", "-A")
            git.git(path, "commit", "-qm", "solved", **messy.WHO)

    def bare(self, path):
        self.clone(path + ".work", self.tree())
        git.git(self.folder, "clone", "-q", "--bare", path + ".work", path)
        shutil.rmtree(path + ".work")

    def hand_in(self, path, files=None, edit=lambda work: None):
        """What `make handin` makes of a clone."""
        work = path + ".work"
        self.clone(work, files)
        edit(work)
        done = subprocess.run([sys.executable, "grade/handin.py", "--no-check", "--out", path], cwd=work, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode:
            raise LookupError("make handin: " + done.stdout.decode(errors="replace"))
        shutil.rmtree(work)

    def messy_hand_in(self, path):
        self.hand_in(path, None, lambda work: messy.solve(self.course, work, self.lab, True))

    def tarball(self, path, files, *more):
        """A tarball of a whole tree below one folder; `more`: (name, text) as they are."""
        with tarfile.open(path, "w:gz") as tar:
            for name, data in [("work/" + p, d) for p, (_, d) in sorted(files.items())] + [(n, t.encode()) for n, t in more]:
                info = tarfile.TarInfo(name)
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))

    def link(self, path):
        write_tree(path, self.tree())
        os.symlink("/etc/passwd", os.path.join(path, "kern", "init", "mine.h"))

    def hostile_git(self, path):
        """A clone whose configuration and hooks run commands."""
        self.clone(path, self.tree())
        evil = os.path.join(path, ".git", "evil")
        with open(evil, "w") as f:
            f.write("#!/bin/sh\ntouch %s\n" % self.mark)
        os.chmod(evil, 0o755)
        with open(os.path.join(path, ".git", "config"), "a") as f:
            f.write("[core]\nfsmonitor = %s\nsshCommand = %s\npager = %s\n" % (evil, evil, evil))

    # The class.

    def all(self):
        return self.honest() + self.partial() + self.planted() + self.broken() + self.hostile()

    def sample(self):
        return [f for f in self.all() if f.name in SAMPLE]

    def folder_of(self, name, files, low, high, **more):
        """`files` is a function: trees are made when they are wanted."""
        return Fixture(name, lambda path: write_tree(path, files()), low, high, **more)

    def honest(self):
        full, given = self.rubric.points, self.points(())
        return [
            Fixture("solution-handin.tar.gz", lambda p: self.hand_in(p, self.tree()), full, full),
            Fixture("solution-clone", lambda p: self.clone(p, self.tree()), full, full),
            Fixture("solution-bare.git", self.bare, full, full),
            self.folder_of("solution-no-git", self.tree, full, full),
            Fixture("solution-tarball.tgz", lambda p: self.tarball(p, self.tree()), full, full),
            Fixture("solution-messy-handin.tar.gz", self.messy_hand_in, full, full),
            Fixture("no-lines-added", self.clone, given, given),
        ]

    def partial(self):
        rows, r = [], self.rubric
        for e in r.exercises:
            need = {e} | set(r.exercises[e].needs)
            rows.append(self.folder_of("only-" + "-".join(sorted(need)), lambda need=need: self.tree(need), self.points(need), self.points(need)))
        left_out = list(r.exercises)[-1]
        rest = [e for e in r.exercises if e != left_out]
        rows.append(self.folder_of("one-left-out", lambda: self.tree(rest), self.points(rest), self.points(rest)))
        half = list(r.exercises)[:len(r.exercises) // 2]
        rows.append(self.folder_of("first-half", lambda: self.tree(half), self.points(half), self.points(half)))
        return rows

    def planted(self):
        rows = []
        for number, e in self.rubric.exercises.items():
            mine = [b for b in bugs.all_of(ROOT, self.lab) if b.exercise == number and b.arch in ("", self.arch)]
            for b in [b for b in mine if b.kind == "bug"][:1] + ([b for b in mine if b.kind == "toy"][:1]
                                                                 if list(self.rubric.exercises).index(number) % 2 else []):
                low, high = self.losing(number, e.points * b.loses, b.also)
                rows.append(self.folder_of("planted-" + b.name, lambda b=b: bugs.patched(self.course, b), low, high))
        return rows

    def broken(self):
        def extra(text, path="kern/mm/mine.c"):
            return lambda: self.with_text(self.tree(), path, text)
        return [
            self.folder_of("does-not-compile", extra("int x = ;\n"), 0, 0, says="does not build"),
            self.folder_of("loops-in-the-boot", lambda: self.at_start(LOOP), 0, 0, says="no boot"),
            self.folder_of("loops-after-a-line", lambda: self.at_start("\tprintk(\"x\\n\");\n" + LOOP), 0, 0),
            self.folder_of("crashes-in-the-boot", lambda: self.at_start("\t*(volatile int *)0x123456789abc0000 = 1;\n"), 0, 0),
            self.folder_of("build-without-end", extra(ENDLESS), 0, 0, says="does not build"),
            self.folder_of("build-bomb", extra(BOMB), 0, 0, says="does not build"),
            self.folder_of("object-too-large", extra("char big[900 << 20] = { 1 };\n"), 0, 0, says="does not build"),
        ]

    def hostile(self):
        given, full = self.points(()), self.rubric.points
        evil_make = "all qemu grade:\n\ttouch %s\n$(shell touch %s)\n" % (self.mark, self.mark)

        def skeleton(*more):
            def made():
                files = self.tree(())
                for path, text in more:
                    files[path] = ("100644", text.encode())
                return files
            return made
        lab_py = FULL_MARKS % (self.lab, self.lab, self.course.layer(self.lab))
        return [
            self.folder_of("prints-pass", lambda: self.at_start(PASSES, self.tree(())), given, given),
            self.folder_of("edits-the-grader", skeleton(("grade/lab%d.py" % self.lab, lab_py)), given, given, ignored=True),
            self.folder_of("edits-makefiles", skeleton(("Makefile", evil_make), ("GNUmakefile", evil_make), ("labs/tree.mk", evil_make),
                                                       ("conf/kernel.mk", evil_make)), given, given, ignored=True),
            self.folder_of("edits-the-self-tests", skeleton(("kern/monitor/selftest_mine.c", "#error no\n")), given, given, ignored=True),
            self.folder_of("brings-its-build", skeleton(("build/%s-layer%d/k/kern/init/main.c.d" % (self.arch, self.course.layer(self.lab)), evil_make)),
                           given, given),
            Fixture("hostile-git", self.hostile_git, full, full),
            self.folder_of("includes-a-host-file", lambda: self.with_text(self.tree(), "kern/mm/mine.c", '#include "/etc/passwd"\n'), 0, 0,
                           says="reaches for kern/mm/mine.c: /etc/passwd"),
            self.folder_of("incbin-by-macro", lambda: self.with_text(self.tree(), "kern/mm/mine.S", '.macro a x y z\n.\\x\\y \\z\n.endm\n'
                                                                     'a inc bin "\\"/etc/passwd\\""\na inc lude "\\"/etc/passwd\\""\n'), 0, 0, says="does not build"),
            self.folder_of("linker-script", lambda: self.with_text(self.tree(), "boot/%s/kernel.ld" % self.arch, "\nINCLUDE /etc/passwd\n"), 0, 0,
                           says="does not build"),
            self.folder_of("shell-in-a-name", lambda: self.with_text(self.tree(), "kern/mm/$(touch %s).c" % os.path.basename(self.mark), "int x;\n"), 0, 0,
                           says="a name may have"),
            Fixture("link-out-of-the-tree", self.link, 0, 0, says="kern/init/mine.h: a link"),
            Fixture("dots.tar.gz", lambda p: self.tarball(p, self.tree(), ("work/../../x", "x")), 0, 0, says="leads out of the tree"),
            Fixture("absolute.tar.gz", lambda p: self.tarball(p, self.tree(), ("/etc/x", "x")), 0, 0, says="absolute path"),
            Fixture("not-a-tarball.tar.gz", lambda p: open(p, "w").close(), 0, 0, says="not graded"),
            Fixture("unknown-commit.tar.gz", lambda p: self.tar_rows(p, ("HANDIN", "mach-r hand-in 1\nlab %d\nbase %s\n" % (self.lab, "f" * 40)),
                                                                     ("files/kern/x.c", "int x;\n")), 0, 0, says="not in this hand-out"),
        ]

    def tar_rows(self, path, *rows):
        self.tarball(path, {}, *rows)
