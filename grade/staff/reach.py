"""Files outside of the tree that a submission's sources reach for: what its text says, and what the compiler says it read.

In a box there is nothing to find there, and this is only a hint for the staff. Without one the first keeps honest mistakes out and the
second keeps results back; neither stops somebody who builds a directive's name by macros, which is why the box is there.
"""

import os
import re

INCLUDE = re.compile(r"(?:#\s*include(?:_next)?|\.incbin|\.include)\s*\\?[\"<]([^\"<>\n\\]+)")
SCRIPT = re.compile(r"\b(?:INCLUDE|INPUT|GROUP|STARTUP|SEARCH_DIR)\b\s*\(?\s*([^\s);]+)")
DEPENDENCY = re.compile(r"(?<!\\)\s+")


def leaves(name, folder):
    """Whether a name, used in a file of `folder`, leads out of the tree."""
    return name.startswith("/") or os.path.normpath(os.path.join(folder, name)).startswith("..")


def literals(files):
    """["kern/x.c: /etc/passwd"] for {path: bytes}."""
    found = []
    for path, data in sorted(files.items()):
        if not path.endswith((".c", ".h", ".S", ".ld", ".defs")):
            continue
        text = re.sub(r"\\\n|\"\s*\"", "", data.decode(errors="replace"))
        names = INCLUDE.findall(text) + (SCRIPT.findall(text) if path.endswith(".ld") else [])
        found += ["%s: %s" % (path, ascii(n)[1:-1]) for n in names if leaves(n, os.path.dirname(path))]
    return found[:20]


def dependencies(tree):
    """Paths outside of the tree, and not the compiler's own, in the dependency files of a build."""
    found = set()
    for base, _, names in os.walk(os.path.join(tree, "build")):
        for name in names:
            if name.endswith(".d"):
                with open(os.path.join(base, name), errors="replace") as f:
                    words = DEPENDENCY.split(f.read().replace("\\\n", " "))
                found |= {w for w in words if leaves(w.rstrip(":"), "") and "/lib/gcc" not in w}
    return sorted(found)[:20]
