"""A mapped file of which the disk has not all: what cannot be read is an error, never zeros, and the rest is right."""

import os

from lib import disk
from lib.api import test

import mkdisk

PAGES = 3
BAD = 6                         # block of the file, of 1 KB: in the middle of its second page


def torn(cut):
    """A disk with a file, one of whose block numbers lies past the end of the disk."""
    def entries(folder, base):
        source = os.path.join(folder, "torn")
        with open(source, "wb") as f:
            f.write(b"".join(bytes([ord("a") + n]) * 4096 for n in range(PAGES)))
        return dict(base, **{"/grade/torn": mkdisk.Entry("file", source, 0o644, 0, 0)})
    image = disk._image(cut, "torn", entries, 24, 1024)
    with disk.alone(os.path.dirname(image)):
        mkdisk.debugfs(image, ["set_inode_field /grade/torn block[%d] 0xfffffff0" % BAD])
    return image


@test("mapped-torn", cpus=(1, 4), disk=torn, budget=120, points=2, icount=None, needs="shell-boot", sound=False)
def mapped_torn(s):
    """Of a window of pages, and of a page of four blocks, that cannot all be read."""
    reply = s.run("/test/torn /grade/torn")
    s.check(reply.text.count("torn: .E.") == 2, "the second page ends with SIGBUS, twice, and the others are right", "torn: .E.", reply.text)
