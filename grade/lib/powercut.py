"""What a power cut leaves of a disk: every write and flush of a guest is in the log of QEMU's blklogwrites driver.

The log's form is that of Linux's dm-log-writes: a sector with the head, then for each request a sector that describes it and
its data. What was written before a flush is on the disk after it; of the rest, in a disk's cache, any part may be.
"""

import random
import struct

SECTOR = 512
MAGIC = 0x6a736677736872
HEAD = struct.Struct("<QQQI")           # magic, version, entries, sector size
ENTRY = struct.Struct("<QQQQ")          # sector, sectors, flags, bytes of a mark
FLUSH, FUA, DISCARD, MARK = 1, 2, 4, 8


class LogError(Exception):
    """The log is not what QEMU writes."""


class Log:
    """The log as far as it has been written; read() takes in what has come since."""

    def __init__(self, path):
        self.path = path
        self.requests = []              # (offset in bytes, data, whether it is a flush)
        self.at = SECTOR

    def read(self):
        """Returns how many requests there are."""
        with open(self.path, "rb") as f:
            head = f.read(SECTOR)
            if len(head) == SECTOR and any(head) and HEAD.unpack_from(head)[:2] != (MAGIC, 1):
                raise LogError("not a log of blklogwrites: %r" % head[:32])
            while True:
                f.seek(self.at)
                entry = f.read(SECTOR)
                if len(entry) < SECTOR:
                    break
                sector, sectors, flags, _ = ENTRY.unpack_from(entry)
                data = b"" if flags & DISCARD else f.read(sectors * SECTOR)
                if flags & (DISCARD | MARK) or (sectors == 0) != bool(flags & FLUSH):
                    raise LogError("request %d: %d sectors, flags %d" % (len(self.requests), sectors, flags))
                if len(data) < sectors * SECTOR:
                    break
                self.requests.append((sector * SECTOR, data, bool(flags & (FLUSH | FUA))))
                self.at += SECTOR + len(data)
        return len(self.requests)

    def cut(self, base, count, seed, image):
        """Writes to `image` what power cut after `count` requests leaves of a disk that was `base`: of the sectors not flushed all,
        none or some, as the seed says."""
        source = random.Random(seed)
        keep = source.choice((0, 0.5, 0.5, 0.5, 1))
        flushed = max([n + 1 for n in range(count) if self.requests[n][2]], default=0)
        with open(base, "rb") as f:
            content = bytearray(f.read())
        for n, (offset, data, _) in enumerate(self.requests[:count]):
            for at in range(0, len(data), SECTOR) if n >= flushed else ():
                if source.random() < keep:
                    content[offset + at:offset + at + SECTOR] = data[at:at + SECTOR]
            if n < flushed:
                content[offset:offset + len(data)] = data
        with open(image, "wb") as f:
            f.write(content)
