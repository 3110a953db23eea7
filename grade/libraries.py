"""The C library and the POSIX layer in the system: user/test/posix_NAME.c, started from the shell.

Each prints `NAME: N checks passed` last and ends with status 0; what fails is printed line by line.
"""

import glob
import os
import re

from lib import disk
from lib.api import test
from lib.tree import ROOT

BOTH = (1, 4)


ALONE = ("prompt",)             # measure guest time: one CPU
HOGS = ("process", "signal", "timer")    # use a CPU without a pause: not with -icount (grade/README.md, Time)


def program(name):
    @test("posix-" + name.replace("_", "-"), cpus=(1,) if name in ALONE else BOTH, disk=disk.graded, budget=120,
          points=2, icount=None if name in HOGS else "on")
    def posix_program(s):
        reply = s.run("/test/posix_" + name)
        found = re.search(r"(?m)^%s: (\d+) checks passed\r?$" % name, reply.text)
        s.check(reply.rc == 0 and found and int(found.group(1)) > 0, "the program's own sum",
                "%s: N checks passed" % name, reply.text)


for path in sorted(glob.glob(os.path.join(ROOT, "user", "test", "posix_*.c"))):
    program(os.path.basename(path)[len("posix_"):-len(".c")])
