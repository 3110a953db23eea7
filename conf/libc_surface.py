#!/usr/bin/env python3
"""The C library's surface against the standards' and against what programs call.

    libc_surface.py [--build FOLDER] [--arch ARCH ...]     checks; the last line says `N passed, N failed`: headers and functions
    libc_surface.py --missing                              what conf/libc/absent.txt says is not there

conf/libc/posix.txt has the functions of C11 and POSIX.1-2017 by header, conf/libc/used.txt those that widely used small programs call.
Each must be in the libraries and be declared by its header when it is asked for, or stand in conf/libc/absent.txt with a reason, and then
not be there. conf/libc/elsewhere.txt has what sources from elsewhere take for granted beyond the standards. Each header compiles alone, in
C90, too, and in a strict mode declares nothing else. What two or more of the programs call stands in a test.
"""

import argparse
import collections
import concurrent.futures
import glob
import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TABLES = os.path.join(ROOT, "conf", "libc")
INCLUDE = os.path.join(ROOT, "inc", "libc")
MODES = (("c", []), ("posix", ["-D_POSIX_C_SOURCE=200809L"]), ("xsi", ["-D_XOPEN_SOURCE=700"]))
C_HEADERS = ["%s.h" % h for h in ("assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal stdalign stdarg stdatomic "
                                  "stdbool stddef stdint stdio stdlib stdnoreturn string tgmath threads time uchar wchar wctype").split()]
MISC = ["-D_GNU_SOURCE"]
OLD = ["-std=c89", "-fsyntax-only"]      # for programs that ask for nothing, and for everything
# What programs say that want the names of conf/libc/elsewhere.txt; no program shall find those of "never".
ELSEWHERE = {"usual": ["-std=gnu11"], "gnu": MISC, "xsi500": ["-D_XOPEN_SOURCE=500"], "xsi600": ["-D_XOPEN_SOURCE=600"], "never": MISC}


def lines(name):
    """Of a table, without comments; a line that begins with a blank belongs to the one before."""
    found = []
    with open(os.path.join(TABLES, name)) as f:
        for line in f:
            if line[0] in " \t" and found and line.strip():
                found[-1] += " " + line.strip()
            elif line.strip() and line[0] != "#":
                found.append(line.strip())
    return found


def standard():
    """{header: {tag: [name]}}"""
    table = collections.defaultdict(lambda: collections.defaultdict(list))
    for line in lines("posix.txt"):
        header, tag, *names = line.split()
        table[header][tag] += names
    return table


def absent():
    """{name: reason}; a reason's line is `NAME ... : reason`."""
    return {name: reason.strip() for line in lines("absent.txt") for names, reason in [line.split(":", 1)] for name in names.split()}


def elsewhere():
    """{header: {mode: [name]}}"""
    table = collections.defaultdict(lambda: collections.defaultdict(list))
    for line in lines("elsewhere.txt"):
        header, mode, *names = line.split()
        table[header][mode] += names
    return table


def used():
    """[(programs, name, header)]"""
    return [(int(programs), name, header) for programs, name, header in (line.split() for line in lines("used.txt"))]


class Compiler:
    def __init__(self, arch, build):
        self.command = [os.path.join(ROOT, "conf", "machr-cc"), "--arch=" + arch, "-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]
        self.environment = dict(os.environ, MACHR_LIB=os.path.abspath(os.path.join(build, arch, "sdk")))
        self.arch = arch

    def run(self, options, text, after=()):
        """Compiles a text. Returns (is it good, messages, standard output)."""
        done = subprocess.run(self.command + options + ["-x", "c", "-", *after], input=text, capture_output=True, text=True, env=self.environment)
        return done.returncode == 0, done.stderr, done.stdout

    def tool(self, name):
        """The path of a binary tool of the machine."""
        command = [self.command[0], "--arch=" + self.arch, "-print-prog-name=" + name]
        return subprocess.run(command, capture_output=True, text=True, env=self.environment, check=True).stdout.strip()

    def symbols(self):
        """What the archives define."""
        names = set()
        nm = self.tool("nm")
        for path in glob.glob(os.path.join(self.environment["MACHR_LIB"], "lib[cmp]*.a")):
            if os.path.basename(path) == "libmach.a":
                continue
            out = subprocess.run([nm, "-g", "--defined-only", path], capture_output=True, text=True, check=True).stdout
            names.update(m.group(1) for m in re.finditer(r"(?m)^[0-9a-f]+ [A-Z] (\w+)$", out))
        return names

    def functions(self, header, mode):
        """The functions a header declares, or None and why it does not compile."""
        with tempfile.TemporaryDirectory() as folder:
            aux = os.path.join(folder, "aux")
            good, why, _ = self.run(mode + ["-fsyntax-only", "-aux-info", aux], "#include <%s>\nextern int none_;\n" % header)
            if not good:
                return None, why
            names = set()
            with open(aux) as f:
                for line in f:
                    rest = re.sub(r"^/\*.*?\*/ (extern|static) ", "", line)
                    m = re.match(r"[^()]*\(\*(\w+) \(", rest) or re.match(r"[^()]*?(\w+) \(", rest)
                    if m:
                        names.add(m.group(1))
            return names, ""

    def others(self, header, mode):
        """(types and tags, macros and enumerators) that a header defines, without those that begin with _."""
        text = "#include <%s>\n" % header
        body = self.run(mode + ["-E", "-P"], text)[2]
        macros = set(re.findall(r"(?m)^#define (\w+)", self.run(mode + ["-E", "-dM"], text)[2]))
        macros -= set(re.findall(r"(?m)^#define (\w+)", self.run(mode + ["-E", "-dM"], "")[2]))
        types = set(re.findall(r"\b(?:struct|union|enum) (\w+)\s*\{", body))
        flat = re.sub(r"__extension__|__attribute__\s*\(\(.*?\)\)", "", body)
        while re.search(r"\{[^{}]*\}", flat):
            flat = re.sub(r"\{[^{}]*\}", "", flat)
        for definition in re.findall(r"\btypedef\b([^;]*);", flat):
            types.update(re.findall(r"\(\*(\w+)\)\(", definition) or re.findall(r"(\w+)(?:\[[^]]*\])*\s*$", definition.strip()))
        for constants in re.findall(r"\benum\b[^{;]*\{([^}]*)\}", body):
            macros.update(re.findall(r"(\w+)\s*(?:=[^,]*)?(?:,|$)", constants.strip()))
        return {t for t in types if t[0] != "_"}, {m for m in macros if m[0] != "_"}


def visible(table, header, tag):
    """What a strict mode may show of a header: ({function}, {type or macro})."""
    tags = [t for t, _ in MODES[:[t for t, _ in MODES].index(tag) + 1]]
    functions, types, seen, todo = set(), set(), set(), [header]
    while todo:
        one = todo.pop()
        if one in seen:
            continue
        seen.add(one)
        todo += table[one]["may"] if tag != "c" else []
        for t in tags:
            functions.update(table[one][t])
        types.update(table[one]["types"])
    return functions, types


def modes(header):
    """Only C's own headers are for programs that ask for nothing."""
    return MODES if header in C_HEADERS else MODES[1:]


def check_header(compiler, table, header):
    """One header in every mode. Macros that begin with a capital are not judged. Returns what is wrong."""
    wrong = []
    for tag, mode in modes(header):
        declared, why = compiler.functions(header, mode)
        if declared is None:
            return ["<%s> does not compile alone (%s): %s" % (header, tag, why.splitlines()[0] if why else "")]
        functions, types = visible(table, header, tag)
        shown_types, shown_macros = compiler.others(header, mode)
        for name in sorted(n for n in declared - functions if n[0] != "_"):
            wrong.append("<%s> declares %s (%s)" % (header, name, tag))
        for name in sorted(t for t in shown_types - types if not t.endswith("_t") and t not in shown_macros):
            wrong.append("<%s> defines the type %s (%s)" % (header, name, tag))
        for name in sorted(shown_macros - functions - types):
            if name[0].islower():
                wrong.append("<%s> defines %s (%s)" % (header, name, tag))
    return wrong


def check_macros(compiler, table, header):
    """The constants and macros that a header shall define. Returns (good ones, what is wrong)."""
    names = table[header]["macros"]
    text = "#include <%s>\n" % header + "".join("#ifndef %s\nint is_%s[sizeof(%s)];\n#endif\n" % (n, n, n) for n in names)
    why = compiler.run(MODES[-1][1] + ["-fsyntax-only", "-fmax-errors=0"], text + "extern int none_;\n")[1] if names else ""
    gone = [n for n in names if re.search(r"\W%s\W+ undeclared" % re.escape(n), why)]
    return len(names) - len(gone), ["<%s> does not define %s" % (header, n) for n in gone]


def check_functions(compiler, table, header, missing, symbols):
    """Those a header shall declare. Returns (good ones, what is wrong)."""
    good, wrong = 0, []
    for tag, mode in modes(header):
        names = [n for n in table[header][tag]]
        there = [n for n in names if n not in missing]
        wrong += ["%s is there, but conf/libc/absent.txt says it is not" % n for n in names if n in missing and n in symbols]
        if not there:
            continue
        # Through a pointer, so that macros do not hide that there is no function; setjmp and its like may be macros only.
        text = "#include <%s>\n" % header
        declared, why = compiler.functions(header, mode)
        if declared is None:
            wrong.append("<%s> does not compile alone (%s)" % (header, tag))
            continue
        for name in there:
            if name not in declared and not compiler.run(mode + ["-fsyntax-only"], text + "#ifndef %s\n#error\n#endif\nextern int none_;\n" % name)[0]:
                wrong.append("<%s> does not declare %s (%s)" % (header, name, tag))
            elif name in declared and name not in symbols:
                wrong.append("%s of <%s> is not in the libraries" % (name, header))
            else:
                good += 1
    return good, wrong


def check_used(compiler, missing, symbols):
    """What two or more programs call."""
    good, wrong = 0, []
    by_header = collections.defaultdict(list)
    for programs, name, header in used():
        if programs >= 2 and name not in missing:
            by_header[header].append(name)
        elif name in missing and name in symbols:
            wrong.append("%s is there, but conf/libc/absent.txt says it is not" % name)
    for header, names in by_header.items():
        declared, why = compiler.functions(header, MISC)
        if declared is None:
            wrong.append("<%s> does not compile: %s" % (header, why))
            continue
        shown = compiler.others(header, MISC)[1]
        text = compiler.run(MISC + ["-E", "-P"], "#include <%s>\n" % header)[2]
        for name in names:
            if name in declared and name not in symbols:
                wrong.append("%s of <%s> is not in the libraries" % (name, header))
            elif name not in declared and name not in shown and not re.search(r"extern [^;(]*\b%s\b" % name, text):
                wrong.append("<%s> does not declare %s" % (header, name))
            else:
                good += 1
    return good, wrong


def use_of(name):
    """A text that does not compile unless there is a name, TAG.MEMBER, or a header's macro."""
    if "." in name:
        return "int is_%s[sizeof(((struct %s *)0)->%s)];\n" % ((name.replace(".", "_"),) + tuple(name.split(".")))
    return "#ifndef %s\nint is_%s[sizeof(%s)];\n#endif\n" % (name, name, name)


def check_elsewhere(compiler, header, modes, symbols):
    """What sources from elsewhere take for granted of a header. Returns (good ones, what is wrong)."""
    good, wrong = 0, []
    for mode, names in modes.items():
        options, text = ELSEWHERE[mode], "#include <%s>\n" % header
        if mode == "never":
            there = compiler.run(options + ["-fsyntax-only"], text + "extern int none_;\n")[0]
            macros = set(re.findall(r"(?m)^#define (\w+)", compiler.run(options + ["-E", "-dM"], text)[2])) if there else set()
            gone = ["<%s> defines %s, which is not there" % (header, n) for n in names if n in macros]
            gone += ["<%s> exists, but nothing of it does" % header] if there and not names else []
            good += len(names or [header]) - len(gone)
            wrong += gone
            continue
        declared, why = compiler.functions(header, options)
        if declared is None:
            return good, wrong + ["<%s> does not compile (%s): %s" % (header, mode, why)]
        # One unit for each name: whatever GCC says about a thing that is not there, it does not say it about the others.
        why = compiler.run(options + ["-fsyntax-only", "-fmax-errors=0", "-Wno-pedantic", "-Wno-pointer-arith"],
                           text + "".join('#line 1 "is %s"\n%s' % (n, use_of(n)) for n in names) + "extern int none_;\n")[1]
        gone = [n for n in names if re.search(r"(?m)^is %s:\d+:\d+: error" % re.escape(n), why)]
        wrong += ["<%s> does not define %s (%s)" % (header, n, mode) for n in gone]
        hollow = [n for n in names if n in declared and n not in symbols]
        wrong += ["%s of <%s> is not in the libraries" % (n, header) for n in hollow]
        good += len(names) - len(gone) - len(hollow)
    return good, wrong


def tested():
    """The names in test programs and unit tests, which call the library's m_NAME."""
    names = set()
    for folder in ("user/test", "user/test/*", "grade/unit"):
        for path in glob.glob(os.path.join(ROOT, folder, "*.[ch]")):
            with open(path) as f:
                code = re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', " ", f.read(), flags=re.S)
            names.update(re.findall(r"\b(?:m_)?([A-Za-z_]\w*)", code))
    return names


def check_tests(missing):
    """What two or more programs call stands in a test. Returns (good ones, what is wrong)."""
    names = [name for programs, name, _ in used() if programs >= 2 and name not in missing]
    there = tested()
    return sum(n in there for n in names), ["%s is in no test" % n for n in names if n not in there]


def check_old(compiler, header):
    """A header that a C90 program includes alone. Returns what is wrong."""
    runs = [compiler.run(OLD + mode, "#include <%s>\nextern int none_;\n" % header) for mode in ([], MISC)]
    return ["<%s> does not compile in C90: %s" % (header, why) for fine, why, _ in runs if not fine]


def check_link(compiler):
    """A program's main may come from an archive, as in builds that link nothing but archives. Returns (good ones, what is wrong)."""
    with tempfile.TemporaryDirectory() as folder:
        part, archive = os.path.join(folder, "part.o"), os.path.join(folder, "libpart.a")
        good, why, _ = compiler.run(["-c", "-o", part], "int main(void)\n{\n\treturn 0;\n}\n")
        if good:
            subprocess.run([compiler.tool("ar"), "rc", archive, part], check=True)
            good, why, _ = compiler.run(["-o", os.path.join(folder, "program")], "extern int none_;\n", after=["-x", "none", archive])
    return good, [] if good else ["main is not found in an archive: " + why]


def check(arch, build, jobs):
    compiler, table, missing = Compiler(arch, build), standard(), absent()
    symbols = compiler.symbols()
    headers = sorted(os.path.relpath(p, INCLUDE) for p in glob.glob(INCLUDE + "/**/*.h", recursive=True))
    headers = [h for h in headers if not h.startswith("bits/")]
    known = [h for h in headers if h in table]
    good, wrong = 0, []
    for header in table:
        gone = [n for tag, _ in MODES for n in table[header][tag] if n not in missing]
        if header not in headers and gone:
            wrong.append("there is no <%s>, which declares %s" % (header, " ".join(gone)))
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for result in pool.map(lambda h: check_header(compiler, table, h), known):
            good += not result
            wrong += result
        for done, result in pool.map(lambda h: check_functions(compiler, table, h, missing, symbols), known):
            good += done
            wrong += result
        for done, result in pool.map(lambda h: check_macros(compiler, table, h), known):
            good += done
            wrong += result
        others = elsewhere()
        for done, result in pool.map(lambda h: check_elsewhere(compiler, h, others[h], symbols), others):
            good += done
            wrong += result
        for header, result in zip(headers, pool.map(lambda h: compiler.functions(h, MISC), headers)):
            good += result[0] is not None
            wrong += ["<%s> does not compile alone: %s" % (header, result[1])] if result[0] is None else []
        for result in pool.map(lambda h: check_old(compiler, h), headers):
            good += not result
            wrong += result
    for done, result in (check_used(compiler, missing, symbols), check_link(compiler)):
        good += done
        wrong += result
    return good, ["%s: %s" % (arch, w) for w in wrong]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default="build")
    parser.add_argument("--arch", action="append")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--missing", action="store_true")
    args = parser.parse_args()
    if args.missing:
        reasons = collections.defaultdict(list)
        for name, reason in absent().items():
            reasons[reason].append(name)
        for reason, names in reasons.items():
            print("%s:\n    %s" % (reason, " ".join(names)))
        return 0
    total, wrong = check_tests(absent())
    failed = len(wrong)
    print("\n".join(wrong)) if wrong else None
    for arch in args.arch or ("aarch64", "x86_64"):
        good, wrong = check(arch, args.build, args.jobs)
        print("\n".join(wrong)) if wrong else None
        total += good
        failed += len(wrong)
    print("%d passed, %d failed" % (total, failed))
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
