#!/usr/bin/env python3
"""Tests of the course's machinery on small made-up trees. The last line says `N passed, N failed`."""

import filecmp
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True

import bugs                             # noqa: E402
import fence                            # noqa: E402
import git                              # noqa: E402
import handout                          # noqa: E402
import source                           # noqa: E402
from lib import rubric                  # noqa: E402

RUBRIC = """[lab]
number = %d
title = Number %d

[exercise %d.1]
title = First
tests =
    lab%d-one 5
    lab%d-given 1 given

[exercise %d.2]
title = Second
tests =
    lab%d-two 6
"""

BOTH = """int
one(void)
{
	/* LAB 1.1 begin [until then: return 0]: the first. */
	return 11;
	/* LAB 1.1 end */
}

int
two(void)
{
	/* LAB 2.1 begin: the second
	 * lab's.
	 */
	return 21;
	/* LAB 2.1 end */
}
"""

FROM = """a
b
/* from LAB 2 begin */
c
/* from LAB 2 end */
d
e
"""

TREE = {
    "Makefile": "all:\n", "README.md": "staff\n", "labs/student.md": "student\n",
    "conf/kernel.mk": "layer_2_only := kern/ipc/% %_l2.c\nlayer_3_only := %_l3.c\n",
    "kern/both.c": BOTH, "kern/main.c": '#if LAYER >= 2\n#include "ipc/high.h"\n#endif\n#include "ipc/low.h"\n' + FROM,
    "kern/ipc/high.h": "h\n", "kern/ipc/low.h": "l\n", "kern/ipc/port.c": "/* LAB 2.2 begin: x */\nsecret two\n/* LAB 2.2 end */\n",
    "kern/ipc/README.md": "ipc\n", "kern/more.c": "/* LAB 1.2 begin [until then: given more.c]: y */\nsecret\n/* LAB 1.2 end */\n",
    "grade/lab1.py": "1\n", "grade/lab2.py": "2\n", "grade/lab2_part.py": "2\n", "grade/grade.py": "g\n", "grade/monitor.py": "m\n",
    "labs/lab1/bugs/1.1-x.patch": "bug\n", "labs/lab1/given/more.c": "simple\n", "labs/lab1/answers-key.md": "key\n",
}
for n in (1, 2):
    TREE["labs/lab%d/rubric.ini" % n] = RUBRIC % ((n,) * 7)
    TREE["labs/lab%d/README.md" % n] = "lab %d\n" % n


class Folder(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.dir = holder.name

    def write(self, path, text):
        path = os.path.join(self.dir, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as f:
            f.write(text)
        return path


def wrong(text, path="x.c"):
    try:
        fence.regions(path, text)
    except fence.FenceError as problem:
        return str(problem)
    return ""


class Fences(unittest.TestCase):
    def test_wrong_marks_are_errors(self):
        for text, says in (
                ("/* words\n * LAB 1.2 begin: y\n */", "inside a comment"), ("/* LAB 1.2 begin: y */", "never ends"),
                ("/* LAB 1.2 end */", "never began"), ("// LAB 1.2 begin: y", "outside a comment"),
                ("/* LAB 1.2 begin: a */\n/* LAB 1.3 begin: b */", "inside 1.2"), ("LAB 1.2 begin", "outside"),
                ("int x; /* LAB 1.2 begin: y */", "lines of its own"), ("/* LAB 1.2 begin */\n/* LAB 1.2 end */", "not a mark"),
                ("/* LAB 1.2 begin: a */\n/* LAB 1.3 end */", "1.3 ends"), ("/* lab 1.2 Begin: a */", "not a mark"),
                ("/* LAB 1.2 begin: a */\n/* LAB 1.2 end */\n\n/* LAB 2.1 begin: a */\n/* LAB 2.1 end */", "different labs"),
                ("/* LAB 1.2 begin: a */\n/* LAB 1.2 end */\n1\n2\n/* from LAB 2 begin */\n/* from LAB 2 end */", "different labs")):
            self.assertIn(says, wrong(text), text)

    def test_text_about_comments_is_no_comment(self):
        self.assertEqual(wrong('char *s = "/* LAB 1";\n/* LAB 1.2 begin: y */\nx("*/");\n/* LAB 1.2 end */'), "")

    def test_stand_ins(self):
        def cut(path, text):
            return fence.cut(path, text, 1, lambda e: False, lambda lab, name: "given %d %s\n" % (lab, name))
        for path, begin, comes in (
                ("a.c", "\t/* LAB 1.1 begin [until then: return a[1]]: x */", "\treturn a[1];"),
                ("a.c", "\t/* LAB 1.1 begin [until then: return f(1,\n\t *\t2)]: x */", "\treturn f(1, 2);"),
                ("a.c", "\t/* LAB 1.1 begin: x */", '\tlab_todo("1.1");'), ("a.S", "/* LAB 1.1 begin: x */", 'LAB_TODO "1.1"'),
                ("a.c", "/* LAB 1.1 begin [until then: given f.c]: x */", "given 1 f.c")):
            text = begin + "\nsolution\n\t/* LAB 1.1 end */\nrest\n"
            self.assertEqual(cut(path, text), begin + "\n" + comes + "\n\t/* LAB 1.1 end */\nrest\n")
        self.assertEqual(cut("a.py", "x\n\n  # LAB 1.1 begin: y\n  # hint\n  z\n  # LAB 1.1 end\n"),
                         'x\n\n  # LAB 1.1 begin: y\n  # hint\n  raise NotImplementedError("LAB 1.1")\n  # LAB 1.1 end\n')

    def test_a_solved_file_is_as_it_was(self):
        self.assertEqual(fence.cut("a.c", BOTH, 1, lambda e: True, None), BOTH)


class Rubrics(Folder):
    def read(self, text):
        return rubric.read(self.write("labs/lab1/rubric.ini", text))

    def test_dependencies(self):
        r = self.read(RUBRIC % ((1,) * 7) + "    lab1-three 2 needs 1.1\n")
        self.assertEqual((r.points, r.given), (14, 1))
        self.assertTrue(r.depends("lab1-three", "1.1") and r.depends("lab1-two", "1.2"))
        self.assertFalse(r.depends("lab1-two", "1.1"))

    def test_wrong_rubrics_are_errors(self):
        good = RUBRIC % ((1,) * 7)
        for text, says in ((good.replace("two 6", "two"), "test's line"), (good.replace("1.2]", "2.2]"), "not one of lab 1"),
                           (good.replace("two", "one"), "twice"), (good + "    lab1-x 1 needs 1.9\n", "1.9"),
                           (good.replace("= Second", "= Second\nneeds = 1.1"), "half"), (good + "[x]\n", "unknown"),
                           (good.replace("= First", "= First\nneeds = 1.2"), "before")):
            with self.assertRaises(rubric.RubricError) as caught:
                self.read(text)
            self.assertIn(says, str(caught.exception), text)


class Bugs(Folder):
    def test_heads(self):
        path = self.write("labs/lab1/bugs/1.1-a.patch", "Exercise: 1.1\nKind: toy\nWhat: words\nLoses: 70\nAlso: 1.2\n\ndiff --git a b\nX: y\n")
        b = bugs.read(path)
        self.assertEqual((b.exercise, b.kind, b.loses, b.also, b.name), ("1.1", "toy", 0.7, ("1.2",), "1.1-a"))
        for text in ("Exercise: 1.2\nKind: bug\nWhat: x\n", "Exercise: 1.1\nKind: joke\nWhat: x\n", "Exercise: 1.1\nKind: bug\n",
                     "Exercise: 1.1\nKind: bug\nWhat: x\nLoses: all\n", "Exercise: 1.1\nKind: bug\nWhat: x\nLoses: 50\n",
                     "Exercise: 1.1\nKind: bug\nWhat: x\nPoints: 3\n"):
            self.write("labs/lab1/bugs/1.1-a.patch", text)
            self.assertRaises(bugs.BugError, bugs.read, path)


class Handout(Folder):
    """The finished tree is a repository in self.dir/src, made with a user's configuration that must not matter."""

    def setUp(self):
        super().setUp()
        self.src, self.out = os.path.join(self.dir, "src"), os.path.join(self.dir, "out")
        self.write("home/.gitconfig", "[user]\nname = X\nemail = x@y\n[commit]\ngpgsign = true\n[init]\ndefaultBranch = odd\n")
        saved = dict(os.environ)
        self.addCleanup(lambda: (os.environ.clear(), os.environ.update(saved)))
        os.environ.update(HOME=os.path.join(self.dir, "home"), GIT_AUTHOR_NAME="Y", GIT_DIR=os.path.join(self.dir, "nowhere"))
        git.git(self.dir, "init", "-q", self.src)
        self.day = 0
        self.commit(TREE)

    def commit(self, files):
        for path, text in files.items():
            self.write("src/" + path, text)
        self.day += 1
        git.git(self.src, "add", "-A")
        git.git(self.src, "commit", "-qm", "x", GIT_AUTHOR_NAME="a", GIT_AUTHOR_EMAIL="b", GIT_COMMITTER_NAME="c",
                GIT_COMMITTER_EMAIL="d", GIT_COMMITTER_DATE="%d +0100" % (1000000000 + self.day),
                GIT_AUTHOR_DATE="%d +0100" % (1000000000 + self.day))

    def make(self, out=None, **options):
        return handout.handout(out or self.out, source.Source(self.src), **options)

    def show(self, branch, path, where="student"):
        return git.git(os.path.join(self.out, where), "show", "%s:%s" % (branch, path))

    def names(self, branch, where="student"):
        return set(git.listing(os.path.join(self.out, where), branch))

    def log(self, branch, where="staff"):
        return git.git(os.path.join(self.out, where), "log", "--format=%s", branch).splitlines()

    def test_trees(self):
        self.make()
        self.assertEqual(self.names("lab1"), {
            "Makefile", "README.md", "conf/kernel.mk", "kern/both.c", "kern/main.c", "kern/more.c", "kern/ipc/low.h",
            "kern/ipc/README.md", "grade/lab1.py", "grade/grade.py", "labs/lab1/rubric.ini", "labs/lab1/README.md", "labs/tree.mk"})
        self.assertLessEqual({"kern/ipc/port.c", "kern/ipc/high.h", "grade/lab2.py", "grade/lab2_part.py"}, self.names("lab2"))
        self.assertEqual(self.show("lab1", "README.md"), "student\n")
        self.assertIn("return 0;", self.show("lab1", "kern/both.c"))
        self.assertIn('lab_todo("2.1");', self.show("lab1", "kern/both.c"))
        self.assertIn("\nsimple\n", self.show("lab2", "kern/more.c"))
        self.assertEqual(self.show("lab1", "kern/main.c").split("\n", 4)[4], "a\nb\n/* LAB 2 adds lines here */\nd\ne\n")
        self.assertEqual(self.show("lab2", "kern/main.c").split("\n", 4)[4], FROM)
        self.assertIn("return 11;", self.show("prep2", "kern/both.c", "staff"))
        self.assertNotIn("return 21;", self.show("prep2", "kern/both.c", "staff"))
        self.assertEqual(self.show("sol2", "kern/both.c", "staff"), BOTH)
        self.assertIn("labs/lab1/answers-key.md", self.names("staff", "staff"))

    def test_one_commit_each(self):
        self.make()
        for branch, count in (("lab1", 1), ("lab2", 2), ("prep1", 2), ("sol1", 3), ("prep2", 3), ("sol2", 4)):
            self.assertEqual(len(self.log(branch)), count, branch)
        self.assertEqual(git.git(os.path.join(self.out, "staff"), "log", "-1", "--format=%an %ae %ad %cd", "--date=raw", "lab1"),
                         "MACH_R course course@mach-r.invalid 1000000001 +0100 1000000001 +0100\n")

    def test_same_bytes(self):
        self.make()
        other = os.path.join(self.dir, "other")
        os.environ["HOME"] = "/"
        self.make(other)

        def compare(diff):
            self.assertEqual((diff.left_only, diff.right_only, diff.diff_files, diff.funny_files), ([], [], [], []))
            self.assertEqual(filecmp.cmpfiles(diff.left, diff.right, diff.common_files, False)[1:], ([], []))
            for below in diff.subdirs.values():
                compare(below)
        compare(filecmp.dircmp(self.out, other, ignore=[]))

    def test_students_get_no_solution(self):
        self.make(release=1)
        student = os.path.join(self.out, "student")
        self.assertEqual(list(git.heads(student)), ["lab1"])
        objects = git.git(student, "cat-file", "--batch-all-objects", "--batch", "--unordered", text=False)
        for secret in (b"secret", b"return 11", b"return 21", b"key\n", b"SOURCE"):
            self.assertNotIn(secret, objects)
        self.make(release=2, prep=2)
        self.assertEqual(sorted(git.heads(student)), ["lab1", "lab2", "prep2"])
        objects = git.git(student, "cat-file", "--batch-all-objects", "--batch", "--unordered", text=False)
        self.assertIn(b"return 11", objects)
        self.assertNotIn(b"secret two", objects)

    def test_nothing_new(self):
        self.make()
        self.assertEqual(self.make(), {"staff": [], "student": []})

    def test_a_fix_travels_by_merges(self):
        self.make()
        before = git.heads(os.path.join(self.out, "staff"))
        self.commit({"kern/main.c": TREE["kern/main.c"] + "fixed\n"})
        made = self.make()
        staff = os.path.join(self.out, "staff")
        after = git.heads(staff)
        self.assertEqual(made["student"], ["lab1", "lab2"])
        self.assertEqual(self.log("lab1"), ["lab1: a fix by the staff", "lab 1: Number 1"])
        for child, parents in (("lab1", ["lab1"]), ("lab2", ["lab2", "+lab1"]), ("prep1", ["prep1", "+lab1"]),
                               ("sol2", ["sol2", "+prep2"])):
            want = [after[p[1:]] if p[0] == "+" else before[p] for p in parents]
            self.assertEqual(git.git(staff, "log", "-1", "--format=%P", child).split(), want, child)
        for branch in after:
            if branch != "staff":
                self.assertTrue(self.show(branch, "kern/main.c", "staff").endswith("fixed\n"))

    def test_a_fix_of_lab_two_leaves_lab_one(self):
        self.make()
        before = git.heads(os.path.join(self.out, "staff"))
        self.commit({"grade/lab2.py": "better\n"})
        self.assertEqual(self.make()["student"], ["lab2"])
        self.assertEqual(self.log("lab2")[0], "lab2: a fix by the staff")
        self.assertEqual(git.heads(os.path.join(self.out, "staff"))["lab1"], before["lab1"])

    def test_a_solution_is_mended_unseen(self):
        self.make()
        self.commit({"kern/both.c": BOTH.replace("return 11", "return 12")})
        made = self.make()
        self.assertEqual(made["student"], [])
        self.assertEqual([n for n in made["staff"] if n != "staff"], ["prep2", "sol1", "sol2"])

    def test_a_fix_beside_an_exercise_is_announced(self):
        self.make()
        self.commit({"kern/both.c": BOTH.replace("the first.", "the very first.")})
        with self.assertRaises(handout.HandoutError) as caught:
            self.make()
        self.assertIn("1.1 in kern/both.c", str(caught.exception))
        self.make(announce="hint made clearer")
        self.assertEqual(self.log("lab1")[0], "lab1: hint made clearer")

    def test_a_new_lab_later(self):
        self.make(release=1)
        three = {"labs/lab3/rubric.ini": RUBRIC % ((3,) * 7), "kern/new_l3.c": "/* LAB 3.1 begin: x */\n/* LAB 3.1 end */\n"}
        self.commit(three)
        self.make(release=3)
        self.assertEqual(len(self.log("lab3")), 3)
        self.assertIn("kern/new_l3.c", self.names("lab3"))
        self.assertNotIn("kern/new_l3.c", self.names("lab2"))

    def test_a_students_year(self):
        """Solves lab 1 messily, takes lab 2 and a fix without a conflict."""
        self.make(release=1)
        work = os.path.join(self.dir, "work")
        git.git(self.dir, "clone", "-q", os.path.join(self.out, "student"), work)
        who = dict(GIT_AUTHOR_NAME="s", GIT_AUTHOR_EMAIL="s", GIT_COMMITTER_NAME="s", GIT_COMMITTER_EMAIL="s")
        path = os.path.join(work, "kern/both.c")
        with open(path) as f:
            text = f.read().replace("\t/* LAB 1.1 begin [until then: return 0]: the first. */\n\treturn 0;\n\t/* LAB 1.1 end */\n",
                                    "  int mine = 1;\n\n  return mine;\n")
        with open(path, "w") as f:
            f.write("#include <mine.h>\n" + text)
        git.git(work, "commit", "-qam", "mine", **who)
        self.commit({"Makefile": "all:\n\ttrue\n"})
        self.make(release=2)
        git.git(work, "fetch", "-q", "origin")
        git.git(work, "merge", "-q", "--no-edit", "origin/lab2", **who)
        with open(path) as f:
            self.assertIn("mine", f.read())
        self.assertTrue(os.path.exists(os.path.join(work, "kern/ipc/port.c")))


def main():
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=1).run(
        unittest.defaultTestLoader.loadTestsFromModule(sys.modules[__name__]))
    bad = len(result.failures) + len(result.errors)
    print("%d passed, %d failed" % (result.testsRun - bad, bad))
    return bad != 0


if __name__ == "__main__":
    sys.exit(main())
