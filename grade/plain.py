"""Ordinary programs (user/examples/plain, and tests in user/test/plain): the same source, built for the host and with machr-cc, fed the
same, says the same.

Each case is a shell's line, run in a folder with the files of plain/data, here and in the guest. What it writes and its status are
compared byte for byte; the host builds with its own compiler and library.
"""

import os
import re
import shutil
import subprocess
import tempfile

from lib import disk
from lib.api import WrongOutput, test
from lib.tree import ROOT

BOTH = (1, 4)
PLAIN = os.path.join(ROOT, "user", "examples", "plain")
TESTS = os.path.join(ROOT, "user", "test", "plain")
GUEST = "/examples/plain"
SECONDS = 60

CASES = {
    "json": ("json cities.json", "json -c -s cities.json bad.json", "json -i 4 < cities.json", "json -q '.cities[*].people' cities.json",
             "json -c -q '.cities[2]' cities.json", "json -q .nothing cities.json", "json -q '[x]' cities.json", "json missing.json", "json -z"),
    "lisp": ("lisp demo.lisp", "lisp < demo.lisp", "lisp missing.lisp", "lisp -x"),
    "ed": ("ed poem.txt < ed.in", "cat out.txt", "ed -s -p '> ' out.txt < ed.in", "ed missing < ed.in"),
    "mk": ("mk", "mk", "mk -k broken fails", "mk loop", "mk -n -s MORE=x report", "mk -p", "mk -f ed.in", "mk nothing", "mk -f missing"),
    "calc": ("calc calc.in", "calc -l < calc.in", "calc -s 5 calc.in", "calc missing", "calc -z"),
    "sed": ("sed -n '$=;/e.*e/p' poem.txt", "sed -f wrap.sed poem.txt cities.json", "sed -E 's/([a-z]+)(, | )([a-z]+)/[\\3]\\2\\1/g;3q' poem.txt",
            "sed -n -e '2,/^$/{s/a/&&/gp;l' -e '}' poem.txt", "sed '2,4!d;G;h;$!d' ed.in", "sed '/lamp/I,+1c\\changed' poem.txt",
            "sed -n 'x;p;x;1~3w made' poem.txt", "sed 's/x*/-/g' made", "sed 's/\\(/' poem.txt", "sed -n 5p missing poem.txt", "sed 'k' poem.txt"),
    "tally": ("tally -s poem.txt cities.json demo.lisp", "tally -j 7 -n 4 -m 3 .", "tally -p 3 -n 4 -m 3 .", "tally -p 20 -q -s access.log ed.in poem.txt",
              "tally missing", "tally -j 0 poem.txt", "tally"),
    "bale": ("bale -t -v < old.bale", "bale -u -v -f old.bale", "bale -u -n < old.bale", "cat box/alias", "bale -c -f new.bale box/note.txt box/script",
             "cksum new.bale", "bale -t -v -f new.bale", "bale -c -v -x '*/[en]*' box > some.bale", "bale -t < some.bale '*/a?*' '*script'",
             "bale -t < poem.txt", "bale -t -f missing", "bale -c missing", "bale"),
    "names": ("names", "names poem.txt ./cities.json", "names ../plain/missing"),
    "gauge": ("gauge access.log", "gauge --by day --csv --top=0 < access.log", "gauge --strict --match 'post|head' --by host access.log",
              "gauge --from 2024-02-01 --to 2024-02-29T12:00:00 --path '/img/*' --by status access.log", "gauge --match '(' access.log",
              "gauge --by hour --top 3 access.log poem.txt", "gauge --by year", "gauge --nothing", "gauge --from soon"),
    "squeeze": ("squeeze -t < demo.lisp", "squeeze -t < /dev/null", "squeeze < ed.in > ed.sqz", "cksum ed.sqz",
                "squeeze -d -v < ed.sqz", "squeeze --decompress < poem.txt", "squeeze --none"),
}


def source(name):
    """(its source, its folder in the guest)"""
    path = os.path.join(TESTS, name + ".c")
    return (path, "/test") if os.path.exists(path) else (os.path.join(PLAIN, name + ".c"), os.path.dirname(GUEST))


class Host:
    """The program built for the host, in a folder of its own."""

    def __init__(self, name, folder):
        self.name, self.folder = name, os.path.join(folder, "data")
        self.program = os.path.join(folder, name)
        shutil.copytree(os.path.join(PLAIN, "data"), self.folder)
        subprocess.run([os.environ.get("HOSTCC", "cc"), "-O2", "-w", "-o", self.program, source(name)[0], "-lm", "-pthread"],
                       check=True, timeout=SECONDS)

    def run(self, line):
        """(status, what it wrote)"""
        words = re.sub(r"^%s\b" % self.name, "exec " + self.program, line)
        # argv[0] is in messages: the same on both sides.
        words = words.replace("exec ", "exec -a %s/%s " % (source(self.name)[1], self.name), 1)
        done = subprocess.run(["bash", "-c", words], cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, env={"PATH": os.environ["PATH"], "LC_ALL": "C", "TZ": "UTC0"}, timeout=SECONDS)
        return done.returncode, done.stdout


def in_guest(s, name, line):
    """The same, through a file: what goes to a file is buffered as what goes to a pipe."""
    words = re.sub(r"^%s\b" % name, "%s/%s" % (source(name)[1], name), line)
    where = "/tmp/result" if " > " not in line else "/tmp/errors"
    status = s.run("%s %s" % (words, "> /tmp/result 2>&1" if where == "/tmp/result" else "2> /tmp/errors")).rc
    return status, s.ok("cat " + where).data.replace(b"\r\n", b"\n")


def program(name):
    @test("plain-" + name, cpus=BOTH, disk=disk.graded, budget=120, points=2, icount=None)
    def plain(s):
        s.ok("cd " + GUEST)
        with tempfile.TemporaryDirectory(prefix="machr-") as folder:
            host = Host(name, folder)
            for line in CASES[name]:
                want, got = host.run(line), in_guest(s, name, line)
                if want != got:
                    raise WrongOutput("not what the host's says", line, "status %d\n%s" % (want[0], want[1].decode(errors="replace")),
                                      "status %d\n%s" % (got[0], got[1].decode(errors="replace")))


for case in sorted(CASES):
    program(case)
