#!/usr/bin/env python3
"""How long from the start of QEMU to `msh$ `: the median of five, without graders' extras.

    grade/boottime.py [ARCH=aarch64] [CPUS=1] [BUILD=build] [MAX=2.0]

The machine is the one `make qemu` starts (no -icount), the clock starts when QEMU is started and
stops when the prompt has arrived. Status 1 when the median is above MAX.
"""

import os
import select
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True

from lib.tree import ARCHES, Tree, qemu                 # noqa: E402

ROUNDS, PATIENCE = 5, 30


def once(cut, cpus):
    """Seconds to the prompt, or None. The disk is an overlay: measuring changes nothing."""
    with tempfile.TemporaryDirectory(prefix="machr-") as folder:
        overlay = os.path.join(folder, "disk")
        subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b",
                        os.path.abspath(cut.disk), overlay], check=True)
        argv = qemu.command(cut.arch, cut.kernel, cut.initrd, overlay, "qcow2", cpus=cpus)
        began = time.monotonic()
        process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL, start_new_session=True)
        try:
            return wait(process.stdout.fileno(), began)
        finally:
            process.kill()
            process.communicate()


def wait(pipe, began):
    text = b""
    while b"msh$ " not in text:
        left = began + PATIENCE - time.monotonic()
        if left <= 0 or not select.select([pipe], [], [], left)[0]:
            return None
        part = os.read(pipe, 65536)
        if not part:
            return None
        text += part
    return time.monotonic() - began


def main():
    given = dict(word.partition("=")[::2] for word in sys.argv[1:])
    tree, worst = Tree(given.get("BUILD", "build")), 0
    for arch in given["ARCH"].split(",") if "ARCH" in given else ARCHES:
        for cpus in given.get("CPUS", "1,4").split(","):
            times = [once(tree.cut(arch), int(cpus)) for _ in range(ROUNDS)]
            if None in times:
                print("%s, %s CPUs: no prompt within %d s" % (arch, cpus, PATIENCE))
                return 1
            median = statistics.median(times)
            worst = max(worst, median)
            print("%-8s %s CPU  median %.2f s  (%s)" % (arch, cpus, median,
                                                       " ".join("%.2f" % t for t in sorted(times))))
    return worst > float(given.get("MAX", 2.0))


if __name__ == "__main__":
    sys.exit(main())
