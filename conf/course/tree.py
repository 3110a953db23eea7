#!/usr/bin/env python3
"""make tree: one generated tree in a folder, from the files as they stand on disk, for those who write exercises.

    tree.py OUT WHAT [without EXERCISE...] [with EXERCISE...]       WHAT: lab1 prep2 sol1 ...
"""

import re
import sys

import source


def main():
    m = re.fullmatch(r"(lab|prep|sol)(\d+)", sys.argv[2]) if len(sys.argv) > 2 else None
    if not m:
        sys.exit(__doc__)
    kind, lab = m.group(1), int(m.group(2))
    course = source.Course(source.Source(commit=None))
    solved_below = {"lab": 0, "prep": lab, "sol": lab + 1}[kind]
    changed, now = {}, None
    for word in sys.argv[3:]:
        if word in ("with", "without"):
            now = word == "with"
        else:
            changed[word] = now
    files = course.variant(lab, lambda e: changed.get(e, int(e.split(".")[0]) < solved_below))
    source.write_tree(sys.argv[1], files)
    print("%s: %s, %d files" % (sys.argv[1], sys.argv[2], len(files)))


if __name__ == "__main__":
    try:
        main()
    except (source.fence.FenceError, source.rubric.RubricError, source.git.GitError) as problem:
        sys.exit(str(problem))
