#!/usr/bin/env python3
"""Writes the boot archive: a ustar file with the same bytes for the same contents.

    archive.py OUT.tar DEST=FILE ...        DEST is the name inside, without a leading slash
"""

import io
import os
import sys
import tarfile


def entry(name, mode):
    info = tarfile.TarInfo(name)
    info.mode, info.mtime = mode, 0
    return info


def archive(files):
    """The bytes of a ustar archive of {name inside: path outside}, folders included."""
    out = io.BytesIO()
    folders = set()
    for name in files:
        while "/" in name:
            name = name.rsplit("/", 1)[0]
            folders.add(name)
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name in sorted(folders | set(files)):
            if name in folders:
                info = entry(name, 0o755)
                info.type = tarfile.DIRTYPE
                tar.addfile(info)
                continue
            with open(files[name], "rb") as f:
                data = f.read()
            info = entry(name, 0o755 if os.access(files[name], os.X_OK) else 0o644)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


def main():
    files = dict(arg.split("=", 1) for arg in sys.argv[2:])
    with open(sys.argv[1], "wb") as f:
        f.write(archive(files))


if __name__ == "__main__":
    main()
