#!/usr/bin/env python3
"""Tests of how submissions are read, laid over, boxed and tabulated; no machine is booted. The last line says `N passed, N failed`."""

import csv
import io
import os
import subprocess
import sys
import tarfile
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True

import batch                            # noqa: E402
import box                              # noqa: E402
import one                              # noqa: E402
import reach                            # noqa: E402
import repo                             # noqa: E402
import table                            # noqa: E402
from lib import report, submission      # noqa: E402
from lib.submission import Refused, Submission      # noqa: E402

git = repo.git
WHO = dict(GIT_AUTHOR_NAME="s", GIT_AUTHOR_EMAIL="s@x", GIT_COMMITTER_NAME="s", GIT_COMMITTER_EMAIL="s@x")
RUBRIC = "[lab]\nnumber = %d\ntitle = T\n[exercise %d.1]\ntitle = E\ntests =\n    t 5\n"
BASE = {"Makefile": "all:\n", "grade/grade.py": "grader\n", "conf/config.mk": "c\n", "kern/a.c": "a\n", "kern/b.c": "b\n",
        "inc/mach/x.h": "x\n", "kern/monitor/selftest_a.c": "s\n", "kern/monitor/help.c": "h\n", "labs/lab1/rubric.ini": RUBRIC % (1, 1),
        "labs/lab1/answers.txt": "Q1:\n"}


class Folder(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.dir = holder.name

    def write(self, path, data=b"x\n"):
        path = os.path.join(self.dir, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(data.encode() if isinstance(data, str) else data)
        return path

    def refuses(self, says, call, *arguments):
        with self.assertRaises(Refused) as caught:
            call(*arguments)
        self.assertIn(says, str(caught.exception))
        self.assertTrue(str(caught.exception).isprintable(), repr(str(caught.exception)))


class Folders(Folder):
    def test_plain_files(self):
        for path in ("t/kern/a.c", "t/build/x", "t/.git/config", "t/.gitignore", "t/kern/__pycache__/a.pyc", "t/kern/a.c~"):
            self.write(path)
        self.assertEqual(sorted(submission.from_folder(os.path.join(self.dir, "t")).files), [".gitignore", "kern/a.c"])

    def test_what_is_refused(self):
        top = os.path.join(self.dir, "t")

        def says(text):
            self.refuses(text, submission.from_folder, top)
            subprocess.run(["rm", "-rf", top], check=True)
        for target in ("/etc/passwd", "../../x", "a.c"):
            self.write("t/kern/a.c")
            os.symlink(target, os.path.join(top, "kern/link.c"))
            says("kern/link.c: a link")
        self.write("t/a.c")
        os.symlink("/etc", os.path.join(top, "kern"))
        says("kern: a link")
        os.makedirs(top)
        os.mkfifo(os.path.join(top, "pipe"))
        says("pipe: a device")
        for name in ("a b.c", "$(shell touch x).c", "a;b.c", "-o.c", "a\n.c", "a'b.c", "\x1b[2J.c", "a`b.c", "ä.c", "a:b.c", "a%b.c", "a#.c", "a=b"):
            self.write("t/kern/" + name)
            says("a name may have")
        self.write("t/kern/" + "a" * 150 + "/" + "b" * 150)
        says("a name may have")
        with open(self.write("t/big.c"), "wb") as f:
            f.truncate(1 << 40)
        says("a file may have")
        os.makedirs(top)
        says("nothing in it")

    def test_too_many_and_too_much(self):
        work = Submission()
        for n in range(submission.FILES):
            work.add("f%d" % n, 0, bytes)
        self.refuses("more than", work.add, "g", 0, bytes)
        work, big = Submission(), bytes(submission.FILE_SIZE)
        for n in range(submission.TOTAL_SIZE // len(big)):
            work.add("f%d" % n, len(big), lambda: big)
        self.refuses("more than 64 MB", work.add, "g", 1, lambda: b"x")


class Tarballs(Folder):
    def tar(self, *members, head=None, mode="w:gz"):
        """members: (name, data) or a TarInfo."""
        path = os.path.join(self.dir, "s.tar.gz")
        with tarfile.open(path, mode) as tar:
            for m in ([("HANDIN", head)] if head is not None else []) + list(members):
                info = m if isinstance(m, tarfile.TarInfo) else tarfile.TarInfo(m[0])
                data = b"" if m is info else m[1].encode()
                info.size = info.size or len(data)
                tar.addfile(info, io.BytesIO(data))
        return path

    def test_a_tree(self):
        for members in ((("kern/a.c", "a"), ("./Makefile", "m")), (("lab1/kern/a.c", "a"), ("lab1/Makefile", "m"), ("lab1/build/x", "x"))):
            work = submission.from_tar(self.tar(*members))
            self.assertEqual((sorted(work.files), work.whole), (["Makefile", "kern/a.c"], True))

    def test_a_hand_in_comes_back(self):
        work = Submission(whole=False, deleted=["kern/b.c"], base="a" * 40)
        work.files = {"kern/a.c": b"1", "kern/new.c": b"2"}
        paths = [os.path.join(self.dir, n) for n in ("one", "two")]
        for path in paths:
            submission.pack(path, work, 1)
        with open(paths[0], "rb") as f, open(paths[1], "rb") as g:
            self.assertEqual(f.read(), g.read())
        again = submission.from_tar(paths[0])
        self.assertEqual((again.files, again.deleted, again.base, again.lab, again.whole), (work.files, ["kern/b.c"], "a" * 40, 1, False))
        submission.pack(paths[0], Submission(files={"a": b""}), 2)
        self.assertEqual((submission.from_tar(paths[0]).whole, submission.from_tar(paths[0]).lab), (True, 2))

    def test_what_is_refused(self):
        def special(name, kind, target=""):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, target
            return info
        good = "mach-r hand-in 1\nlab 1\nbase %s\n" % ("a" * 40)
        for members, head, says in (
                ([("../x", "")], None, "leads out"), ([("a/../../x", "")], None, "leads out"), ([("/etc/x", "")], None, "absolute"),
                ([special("l", tarfile.SYMTYPE, "/etc/passwd")], None, "a link"), ([special("l", tarfile.LNKTYPE, "a")], None, "a link"),
                ([special("l", tarfile.CHRTYPE)], None, "a device"), ([special("l", tarfile.FIFOTYPE)], None, "a device"),
                ([("a", "1"), ("a", "2")], None, "twice"), ([("d/a", "1"), ("d/a/b", "2")], None, "a file and a folder"), ([], None, "nothing in it"),
                ([("files/../x", "")], good, "leads out"), ([("files//etc/x", "")], good, "a name may"), ([("other/x", "")], good, "no place"),
                ([("files/x", "")], good + "CC=evil\n", "CC=evil"), ([("files/x", "")], good + "deleted ../x\n", "leads out"),
                ([("files/x", "")], good + "base $(shell x)\n", "base $("), ([("files/x", "")], "something\n", "does not begin"),
                ([("HANDIN", good), ("files/x", "")], good, "two HANDIN")):
            self.refuses(says, submission.from_tar, self.tar(*members, head=head))
        self.refuses("not a tarball", submission.from_tar, self.write("s.tar.gz", b"\x1f\x8bnonsense"))
        self.refuses("not a tarball", submission.from_tar, self.write("s.tar.gz", b"nonsense"))

    def test_bombs(self):
        path = os.path.join(self.dir, "bomb")
        info = tarfile.TarInfo("build/big")             # even where it would be left out
        info.size = 200 << 20
        with tarfile.open(path, "w:gz") as tar:
            with open("/dev/zero", "rb") as zeros:
                tar.addfile(info, zeros)
        self.refuses("unpacks into more", submission.from_tar, path)


class LayingOver(Folder):
    base = {p: ("100644", t.encode()) for p, t in BASE.items()}

    def lay(self, files, **more):
        return submission.lay_over(Submission(files={p: t.encode() for p, t in files.items()}, **more), self.base)

    def test_only_what_is_theirs_counts(self):
        mine = dict(BASE, **{"grade/grade.py": "evil\n", "GRADE/grade.py": "evil\n", "Makefile": "evil:\n", "GNUmakefile": "evil:\n",
                             "labs/tree.mk": "CC=evil\n", "inc/mach/x.h": "evil\n", "kern/monitor/selftest_a.c": "evil\n", "kern/a.c": "mine\n",
                             "kern/new.c": "new\n", "labs/lab1/answers.txt": "Q1: yes\n", "conf/x.mk": "evil\n", "kern/monitor/selftest_b.c": "evil\n"})
        del mine["kern/b.c"], mine["conf/config.mk"]
        tree, ignored = self.lay(mine)
        self.assertNotIn("evil", " ".join(data.decode() for _, data in tree.values()))
        self.assertEqual(sorted(tree), sorted((set(BASE) | {"kern/new.c"}) - {"kern/b.c"}))
        self.assertEqual((tree["kern/a.c"][1], tree["labs/lab1/answers.txt"][1]), (b"mine\n", b"Q1: yes\n"))
        self.assertEqual(ignored, sorted(["GNUmakefile", "GRADE/grade.py", "Makefile", "conf/config.mk", "conf/x.mk", "grade/grade.py", "inc/mach/x.h",
                                          "kern/monitor/selftest_a.c", "kern/monitor/selftest_b.c", "labs/tree.mk"]))

    def test_changes_only(self):
        tree, ignored = self.lay({"kern/a.c": "mine\n"}, whole=False, deleted=["kern/b.c", "Makefile"])
        self.assertEqual((sorted(tree), ignored), (sorted(set(BASE) - {"kern/b.c"}), ["Makefile"]))
        self.assertEqual(tree["kern/a.c"][1], b"mine\n")

    def test_a_file_where_a_folder_was(self):
        self.refuses("a file and a folder", self.lay, {"inc": "x"})
        self.refuses("a file and a folder", lambda: self.lay({"kern/a.c/x": "x"}, whole=False))


class Repositories(Folder):
    def setUp(self):
        super().setUp()
        self.handout = os.path.join(self.dir, "student")
        git.git(self.dir, "init", "-q", "-b", "lab1", self.handout)
        self.first = self.commit(self.handout, BASE)
        self.second = self.commit(self.handout, {"grade/grade.py": "better\n"})
        self.work = os.path.join(self.dir, "work")
        git.git(self.dir, "clone", "-q", self.handout, self.work)

    def commit(self, folder, files):
        for path, text in files.items():
            self.write(os.path.join(folder, path), text)
        git.git(folder, "add", "-A")
        git.git(folder, "commit", "-qm", "x", **WHO)
        return git.git(folder, "rev-parse", "HEAD").strip()

    def read(self, path):
        handout = repo.Handout(self.handout)
        work = one.read(path, handout)
        return work, one.stand(work, handout, 0)

    def test_a_clone_knows_where_it_stands(self):
        self.assertEqual(self.read(self.work)[1], self.second)
        self.commit(self.work, {"kern/a.c": "mine\n"})
        self.write("work/kern/b.c", "not committed\n")
        work, base = self.read(self.work)
        self.assertEqual((base, work.files["kern/a.c"], work.files["kern/b.c"]), (self.second, b"mine\n", b"not committed\n"))
        git.git(self.work, "reset", "-q", "--hard", self.first)
        self.assertEqual(self.read(self.work)[1], self.first)
        git.git(self.work, "gc", "-q")
        self.assertEqual(self.read(self.work)[1], self.first)

    def test_a_bare_repository(self):
        self.commit(self.work, {"kern/a.c": "mine\n"})
        for words in (("clone", "-q", "--bare", self.work, "bare.git"), ("clone", "-q", "--bare", "--depth", "1", "file://" + self.work, "flat.git")):
            git.git(self.dir, *words)
            work, base = self.read(os.path.join(self.dir, words[-1]))
            self.assertEqual((base, work.files["kern/a.c"], sorted(work.files)), (self.second, b"mine\n", sorted(BASE)), words)

    def test_a_folder_without_git_is_compared(self):
        subprocess.run(["rm", "-rf", self.work + "/.git"], check=True)
        self.assertEqual(self.read(self.work)[1], self.second)
        self.write("work/grade/grade.py", "grader\n")
        self.assertEqual(self.read(self.work)[1], self.first)
        self.write("work/grade/grade.py", "mine\n")
        self.assertEqual(self.read(self.work)[1], self.second)

    def test_an_unknown_commit_is_refused(self):
        path = os.path.join(self.dir, "h")
        submission.pack(path, Submission(files={"kern/a.c": b""}, base="f" * 40), 1)
        self.refuses("not in this hand-out", self.read, path)

    def test_its_configuration_is_not_obeyed(self):
        """Hooks, fsmonitor, filters, alternates, links: none of them is followed."""
        mark = os.path.join(self.dir, "executed")
        self.commit(self.work, {".gitattributes": "* filter=evil diff=evil\n"})
        evil = self.write("evil", "#!/bin/sh\ntouch %s\n" % mark)
        os.chmod(evil, 0o755)
        with open(os.path.join(self.work, ".git/config"), "a") as f:
            f.write("[core]\nfsmonitor = %s\nhooksPath = %s\nsshCommand = %s\npager = %s\nalternateRefsCommand = %s\n[filter \"evil\"]\nsmudge = %s\n"
                    "clean = %s\n[diff \"evil\"]\ntextconv = %s\n[remote \"origin\"]\nurl = ext::%s\npromisor = true\n" % ((evil,) * 9))
        self.write("work/.git/objects/info/alternates", "/etc\n")
        self.assertEqual(self.read(self.work)[1], self.second)
        os.rename(os.path.join(self.work, ".git"), os.path.join(self.dir, "bare.git"))
        self.assertEqual(self.read(os.path.join(self.dir, "bare.git"))[1], self.second)
        self.assertFalse(os.path.exists(mark))

    def test_links_in_a_repository(self):
        os.symlink("/etc/passwd", os.path.join(self.work, "kern/link.c"))
        git.git(self.work, "add", "-A")
        git.git(self.work, "commit", "-qm", "x", **WHO)
        git.git(self.dir, "clone", "-q", "--bare", self.work, "bare.git")
        self.refuses("kern/link.c: a link", self.read, os.path.join(self.dir, "bare.git"))
        os.rename(self.work + "/.git/objects", os.path.join(self.dir, "objects"))
        os.symlink(os.path.join(self.dir, "objects"), self.work + "/.git/objects")
        os.unlink(os.path.join(self.work, "kern/link.c"))
        self.assertEqual(self.read(self.work)[0].base, "")

    def test_damage_is_an_answer(self):
        git.git(self.dir, "clone", "-q", "--bare", self.work, "bare.git")
        bare = os.path.join(self.dir, "bare.git")
        self.write("bare.git/HEAD", "ref: refs/heads/../../x\n")
        self.refuses("no branch", self.read, bare)
        self.write("bare.git/HEAD", "ref: refs/heads/none\n")
        self.refuses("no commit", self.read, bare)
        self.write("bare.git/HEAD", "e" * 40)
        self.refuses("damaged", self.read, bare)


class Reaching(unittest.TestCase):
    def test_literals(self):
        for name, text in (("a.c", '#include "/etc/passwd"'), ("a.c", "# include </etc/passwd>"), ("a.c", 'asm(".incbin \\"/etc/passwd\\"");'),
                           ("a.c", '#inc\\\nlude "/x"'), ("k/a.c", '#include "../../x"'), ("a.S", '.incbin "/x"'), ("a.c", 'asm(".inc" "bin \\"/x\\"");'),
                           ("k.ld", "INCLUDE /etc/passwd"), ("k.ld", "INPUT(/etc/passwd)")):
            self.assertTrue(reach.literals({name: text.encode()}), text)
        self.assertEqual(reach.literals({"k/a.c": b'#include "../x.h"\n#include <mach/x.h>\nint /* / */ x;', "k.ld": b"SECTIONS { }"}), [])


@unittest.skipUnless(box.works(), "this system makes no box")
class Boxes(Folder):
    def run_in(self, script, seconds=60):
        for name in ("root", "tree", "out"):
            os.makedirs(os.path.join(self.dir, name), exist_ok=True)
        names = [os.path.join(self.dir, n) for n in ("root", "tree", "out")]
        done = subprocess.run(box.command(*names, ["sh", "-c", script]), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, timeout=seconds)
        return done.stdout.decode()

    def test_nothing_of_the_host_is_there(self):
        secret = self.write("secret", "secret")
        self.write("tree/here", "here")
        text = self.run_in("cat here; cat %s /etc/passwd /etc/shadow ../..%s /proc/self/environ; ls /home /root /work /proc /sys /old %s; env" % (
            secret, secret, self.dir))
        self.assertTrue(text.startswith("here"), text)
        self.assertEqual({row.split("=")[0] for row in text[4:].split()} - {"PATH", "HOME", "LC_ALL", "TMPDIR", "PWD", "OLDPWD", "SHLVL", "_"}, set())

    def test_nothing_of_the_host_can_be_changed(self):
        self.write("tree/here", "here")
        self.run_in("echo x >here; echo x >/usr/x; echo x >/x; echo x >/dev/x; rm -f /usr/bin/env; mount -t tmpfs x /tmp && touch /out/mounted; touch /out/ok")
        self.assertEqual(os.listdir(os.path.join(self.dir, "out")), ["ok"])
        with open(os.path.join(self.dir, "tree/here")) as f:
            self.assertEqual(f.read(), "here")
        self.assertTrue(os.path.exists("/usr/bin/env") and not os.path.exists("/usr/x"))

    def test_the_disk_has_an_end(self):
        text = self.run_in("head -c 600000000 /dev/zero >a; stat -c %s a; for i in 1 2 3 4; do head -c 500000000 /dev/zero >$i; done; du -sm . | cut -f1")
        size, total = map(int, text.split())
        self.assertTrue(size <= 512 << 20 and total <= 1537, text)

    def test_no_network_and_no_other_process(self):
        self.assertEqual(self.run_in("python3 -c 'import socket; socket.create_connection((\"127.0.0.1\", 22))' || echo none; kill -0 %d || echo none"
                                     % os.getpid()), "none\nnone\n")


class Tables(Folder):
    RESULT = {"tests": [
        {"score": 5, "max_score": 5, "number": "1.1", "status": "passed", "output": "", "extra_data": {"verdict": "ok", "test": "a"}},
        {"score": 0, "max_score": 4, "number": "1.10", "status": "failed", "output": "<script>", "extra_data": {"verdict": "does not build", "test": "b"}},
        {"score": 0, "max_score": 1, "number": "1.2", "status": "failed", "output": "x", "extra_data": {"verdict": "hang", "test": "c"}}],
        "extra_data": {"lab": 1, "questions": 8, "answered": 3, "ignored": ["grade/<b>"], "reaches": []}}

    def test_rows(self):
        rows = [table.row("=cmd", self.RESULT), table.row("<i>", None)]
        table.write(self.dir, rows, "T")
        with open(os.path.join(self.dir, "table.csv"), newline="") as f:
            head, one_row, none = csv.reader(f)
        self.assertEqual(head, ["submission", "lab", "points", "of", "1.1", "1.2", "1.10", "questions answered", "remarks"])
        self.assertEqual(one_row[:-1], ["'=cmd", "1", "5", "10", "5", "0", "0", "3 of 8"])
        self.assertIn("no result", none[-1])
        with open(os.path.join(self.dir, "table.html")) as f:
            text = f.read()
        self.assertEqual([t for t in ("<script>", "<i>", "<b>") if t in text], [])

    def test_a_batch_goes_on_where_it_stopped(self):
        subs, results = os.path.join(self.dir, "subs"), os.path.join(self.dir, "results")
        for name in ("a", "b"):
            self.write("subs/%s/x" % name)
        self.write("results/a.json", '{"tests": [], "extra_data": {}}')
        self.write("results/b.json", '{"tests": [')
        fake = self.write("one", "import sys\nopen(sys.argv[3], 'w').write('{\"tests\": [], \"extra_data\": {\"lab\": 7}}')\n")
        saved, batch.ONE = batch.ONE, fake
        try:
            rows = batch.run(subs, results, [], 2, lambda row: None)
            self.assertEqual([(r.name, r.lab) for r in rows], [("a", 0), ("b", 7)])
            self.assertEqual([r.lab for r in batch.run(subs, results, ["--again"], 2, lambda row: None)], [7, 7])
            self.write("one", "import sys\nsys.exit(2)\n")
            self.assertRaises(batch.Stopped, batch.run, subs, results, ["--again"], 2, lambda row: None)
        finally:
            batch.ONE = saved

    def test_guests_do_not_steer_the_terminal(self):
        self.assertEqual(report.shorten("a\x1b[2J\r\nb\x07\n"), "a\\x1b[2J\nb\\x07")


def main():
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=1).run(
        unittest.defaultTestLoader.loadTestsFromModule(sys.modules[__name__]))
    bad = len(result.failures) + len(result.errors)
    print("%d passed, %d failed" % (result.testsRun - bad, bad))
    return bad != 0


if __name__ == "__main__":
    sys.exit(main())
