#!/usr/bin/env python3
"""Builds and runs the host unit tests, grade/unit/NAME_test.c, with ASan and UBSan.

    unit.py --out FOLDER [--cc CC] [--jobs N] [NAME ...]

A test file names the sources it tests and its flags in lines `// SOURCES: ...` and `// CFLAGS: ...`; protocols in `// DEFS: ...`
are generated and compiled with it (both sides); of those in `// HEADERS: ...` there are only the headers. Files of our C library in lines `// LIBC: ...` (patterns allowed) are compiled with
our headers and with all their names changed from NAME to m_NAME, so that the host's library can be the oracle; what they call outside
themselves the test defines as m_NAME.
The last line printed is the sum, `N passed, N failed`; a test that does not build or dies counts as failed.
"""

import argparse
import concurrent.futures
import collections
import glob
import hashlib
import os
import re
import subprocess
import sys
import threading

FLAGS = ("-std=gnu11 -include inc/lab.h -g -O1 -Wall -Wextra -Werror -fno-omit-frame-pointer -fno-strict-aliasing "
         "-fsanitize=address,undefined -fno-sanitize-recover=all "
         "-Igrade/unit -Ikern -Iinc -Ilib -DUNIT_TEST=1").split()
SUMMARY = re.compile(r"^(\d+) passed, (\d+) failed$")
FOLDER = "grade/unit"
compiling = collections.defaultdict(threading.Lock)     # object -> held while it is made


def declared(path, key):
    """The words of all `// KEY:` lines of a test file."""
    with open(path) as f:
        return [w for line in f for m in [re.match(r"//\s*%s:(.*)" % key, line)] if m
                for w in m.group(1).split()]


def fresh(binary, command):
    """True if the binary was made by this command after the last change of all it was made from."""
    try:
        made = os.path.getmtime(binary)
        with open(binary + ".cmd") as f:
            if f.read() != " ".join(command):
                return False
        with open(binary + ".d") as f:
            used = f.read().replace("\\\n", " ").split()
        return all(os.path.getmtime(p) <= made for p in used if not p.endswith(":"))
    except OSError:
        return False


def generate(path, folder):
    """Makes the protocol code a test asks for. Returns its C files."""
    defs = declared(path, "DEFS") + declared(path, "HEADERS")
    if not defs:
        return []
    used = max(map(os.path.getmtime, defs + glob.glob("conf/mig*.py") + glob.glob("conf/mig/*.py")))
    made = glob.glob(folder + "/*.c")
    if not made or min(map(os.path.getmtime, made)) <= used:
        subprocess.run([sys.executable, "conf/mig.py", "--out", folder] + defs, check=True)
    headers_only = tuple(os.path.basename(d)[:-len(".defs")] + "_" for d in declared(path, "HEADERS"))
    return sorted(f for f in glob.glob(folder + "/*.c") if not os.path.basename(f).startswith(headers_only or "/"))


def read(path):
    with open(path) as f:
        return f.read()


def libc_names(test, sources, header):
    """Writes the header that renames what the C library's sources define and what the test defines for them."""
    headers = re.findall(r'#include "(libc_\w+\.h)"', read(test))
    text = "".join(map(read, [test] + [os.path.join(FOLDER, h) for h in headers]))
    names = set(re.findall(r"\bm_(\w+)", text))
    for path in sources + glob.glob("inc/libc/**/*.h", recursive=True):
        text = re.sub(r"/\*.*?\*/", "", read(path), flags=re.S)
        if not path.endswith(".h"):
            names.update(re.findall(r"^(_*[a-zE]\w*)\(", text, re.M))
        names.update(n for d in re.findall(r"^extern [^(;]*;", text, re.M)
                     for n in re.findall(r"(\w+)(?:\[\w*\])?[,;]", d))
    text = "".join("#define %s m_%s\n" % (n, n) for n in sorted(names))
    if not os.path.exists(header) or read(header) != text:
        with open(header, "w") as f:
            f.write(text)


def libc_flags(args, header):
    include = subprocess.run([args.cc, "-print-file-name=include"], stdout=subprocess.PIPE, text=True).stdout.strip()
    return ["-ffreestanding", "-nostdinc", "-isystem", include, "-Iinc/libc", "-include", header]


def compiled(src, flags, args):
    """An object, made anew if it must be; tests that want the same source with the same flags share it. Returns (its path, error text)."""
    command = [args.cc] + flags + ["-c", src]
    obj = os.path.join(args.out, "objects", "%s-%s.o" % (os.path.basename(src), hashlib.sha1(" ".join(command).encode()).hexdigest()[:16]))
    with compiling[obj]:
        if fresh(obj, command):
            return obj, ""
        done = subprocess.run(command + ["-MMD", "-MF", obj + ".d", "-o", obj], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode:
            return None, done.stdout
        with open(obj + ".cmd", "w") as f:
            f.write(" ".join(command))
    return obj, ""


def build(name, args):
    """Compiles a test if needed. Returns (binary, error text)."""
    path = "%s/%s_test.c" % (FOLDER, name)
    binary = os.path.join(args.out, name)
    sources = declared(path, "SOURCES") + generate(path, binary + ".gen")
    flags = FLAGS + declared(path, "CFLAGS") + (["-I" + binary + ".gen"] if os.path.isdir(binary + ".gen") else [])
    libc = [f for pattern in declared(path, "LIBC") for f in sorted(glob.glob(pattern))]
    command = [args.cc] + flags + [path] + sources + libc
    command += ["-o", binary, "-lm"]
    if fresh(binary, command):
        return binary, ""
    depends, objects = [], []
    if libc:
        libc_names(path, libc, binary + ".names.h")
        flags_of_libc = flags + libc_flags(args, binary + ".names.h")
    for src in [path] + sources + libc:
        obj, error = compiled(src, flags_of_libc if src in libc else flags, args)
        if not obj:
            return None, error
        objects.append(obj)
        with open(obj + ".d") as f:
            depends.append(f.read())
    done = subprocess.run([args.cc] + FLAGS + objects + ["-o", binary, "-lm"],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        return None, done.stdout
    with open(binary + ".d", "w") as f:
        f.write("".join(depends))
    with open(binary + ".cmd", "w") as f:
        f.write(" ".join(command))
    return binary, ""


def run(name, args):
    """Returns (passed, failed, text to show)."""
    binary, error = build(name, args)
    if not binary:
        return 0, 1, "%-20s does not build\n%s" % (name, error)
    try:
        done = subprocess.run([binary], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              errors="replace", timeout=args.timeout, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        return 0, 1, "%-20s ran longer than %d s" % (name, args.timeout)
    lines = done.stdout.strip().splitlines()
    match = SUMMARY.match(lines[-1]) if lines else None
    if not match:
        return 0, 1, "%-20s ended with status %d and no summary\n%s" % (name, done.returncode, done.stdout)
    passed, failed = int(match.group(1)), int(match.group(2))
    if failed == 0 and done.returncode != 0:
        failed = 1
    text = "%-20s %s" % (name, lines[-1])
    return passed, failed, text if not failed else "\n".join([text] + lines[:-1])


def stress_of(environment):
    """How many times as many numbers as usual the tests draw (unit.h)."""
    return max(1, int(environment.get("STRESS", "1")))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", required=True)
    parser.add_argument("--cc", default="cc")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--timeout", type=int, default=120 * stress_of(os.environ))
    parser.add_argument("names", nargs="*")
    args = parser.parse_args()
    there = sorted(f[:-7] for f in os.listdir(FOLDER) if f.endswith("_test.c"))
    names = args.names or there
    missing = sorted(set(names) - set(there))
    if missing:
        sys.exit("unit.py: there is no %s; tests are: %s" % (" ".join(missing), " ".join(there)))
    os.makedirs(os.path.join(args.out, "objects"), exist_ok=True)
    passed = failed = 0
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        for p, f, text in pool.map(lambda n: run(n, args), names):
            passed, failed = passed + p, failed + f
            print(text, flush=True)
    print("%d passed, %d failed" % (passed, failed))
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
