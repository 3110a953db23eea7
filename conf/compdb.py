#!/usr/bin/env python3
"""Turns the output of `make -nB` into compile_commands.json: compdb.py OUT.json < commands"""

import json
import os
import shlex
import sys


def compilation(line):
    """The entry for one command line, or None if it compiles nothing."""
    try:
        words = shlex.split(line)
    except ValueError:
        return None
    if not {"-c", "-o", "-MMD"} <= set(words) or not words[-1].endswith((".c", ".S")):
        return None
    return {"directory": os.getcwd(), "file": words[-1], "arguments": words,
            "output": words[words.index("-o") + 1]}


def main():
    found = [c for c in map(compilation, sys.stdin) if c]
    with open(sys.argv[1], "w") as f:
        json.dump(found, f, indent=1)
    print("  %s: %d files" % (sys.argv[1], len(found)))


if __name__ == "__main__":
    main()
