"""git as plumbing: nothing here reads the user's configuration, hooks or environment, so that the same input gives the same bytes."""

import hashlib
import os
import subprocess

NAME, MAIL = "MACH_R course", "course@mach-r.invalid"
FAST = ("-c", "pack.threads=1", "-c", "core.autocrlf=false")


class GitError(Exception):
    """What git said."""


def environment():
    kept = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    kept.update(GIT_CONFIG_NOSYSTEM="1", GIT_CONFIG_GLOBAL=os.devnull, HOME=os.devnull, XDG_CONFIG_HOME=os.devnull,
                GIT_DEFAULT_HASH="sha1", GIT_TERMINAL_PROMPT="0", LC_ALL="C")
    return kept


def git(folder, *words, data=None, text=True, **more):
    """Runs git in a folder. Returns what it printed."""
    env = environment()
    env.update(more)
    done = subprocess.run(("git", "-C", folder) + FAST + words, input=data, env=env, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE)
    if done.returncode:
        raise GitError("git %s: %s" % (" ".join(words[:3]), done.stderr.decode(errors="replace").strip()))
    return done.stdout.decode() if text else done.stdout


def blob_id(data):
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


def listing(folder, tree):
    """{path: (mode, blob id)} of a commit or tree."""
    found = {}
    for row in git(folder, "ls-tree", "-r", "-z", tree).split("\0"):
        if row:
            head, path = row.split("\t", 1)
            mode, _, blob = head.split()
            found[path] = (mode, blob)
    return found


def contents(folder, tree):
    """{path: (mode, bytes)} of a commit or tree, through one cat-file."""
    rows = listing(folder, tree)
    order = sorted(rows)
    out = git(folder, "cat-file", "--batch", data="".join(rows[p][1] + "\n" for p in order).encode(), text=False)
    found, at = {}, 0
    for path in order:
        end = out.index(b"\n", at)
        size = int(out[at:end].split()[2])
        found[path] = (rows[path][0], out[end + 1:end + 1 + size])
        at = end + 1 + size + 1
    return found


def init(folder):
    os.makedirs(folder)
    git(folder, "init", "-q", "--bare", "--template=", ".")
    git(folder, "symbolic-ref", "HEAD", "refs/heads/lab1")


def heads(folder):
    """{branch: commit}"""
    rows = git(folder, "for-each-ref", "--format=%(refname:strip=2) %(objectname)", "refs/heads").splitlines()
    return dict(row.split() for row in rows)


def commit_stream(branch, mark, when, message, parents, files):
    """One commit for fast-import: the tree is exactly `files`, {path: (mode, bytes)}."""
    who = "%s <%s> %s" % (NAME, MAIL, when)
    text = message.encode()
    rows = [b"commit refs/heads/%s\nmark :%d\nauthor %s\ncommitter %s\ndata %d\n%s\n"
            % (branch.encode(), mark, who.encode(), who.encode(), len(text), text)]
    rows += [b"%s %s\n" % (b"merge" if i else b"from", p.encode()) for i, p in enumerate(parents)]
    rows.append(b"deleteall\n")
    for path in sorted(files):
        mode, data = files[path]
        rows.append(b"M %s inline %s\ndata %d\n%s\n" % (mode.encode(), quoted(path), len(data), data))
    return b"".join(rows)


def quoted(path):
    return b'"' + path.encode().replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
