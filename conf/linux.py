"""A Linux guest to compare with: Debian's kernel, a static program as its /init.

Nothing is installed: packages are fetched with apt into a folder and unpacked there, kept for later runs. `fetch` returns None where that does
not work (no apt, no network). The kernel runs on the same QEMU with the same CPU; the amd64 one on q35, as microvm lacks what it wants.
"""

import gzip
import os
import shutil
import subprocess

DEBIAN = {"aarch64": "arm64", "x86_64": "amd64"}
MACHINES = {"aarch64": ["-M", "virt", "-cpu", "max,pauth-impdef=on"], "x86_64": ["-M", "q35", "-cpu", "max,-erms"]}
CONSOLES = {"aarch64": "ttyAMA0", "x86_64": "ttyS0"}
APT = """APT::Architecture "{arch}";
APT::Architectures {{ "{arch}"; }};
Dir::State "{folder}/state";
Dir::State::status "{folder}/status";
Dir::Cache "{folder}/cache";
"""


def packages(folder, arch):
    """apt with a world of its own: the wanted architecture, nothing installed."""
    for name in ("state/lists/partial", "cache/archives/partial"):
        os.makedirs(os.path.join(folder, name), exist_ok=True)
    open(os.path.join(folder, "status"), "a").close()
    config = os.path.join(folder, "apt.conf")
    with open(config, "w") as f:
        f.write(APT.format(arch=DEBIAN[arch], folder=folder))

    def apt(*words):
        return subprocess.run(words, cwd=folder, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                              env=dict(os.environ, APT_CONFIG=config, LC_ALL="C")).stdout
    apt("apt-get", "-q", "update")
    return apt


def kernel_package(apt, arch):
    """The package that linux-image-ARCH stands for."""
    text = apt("apt-cache", "depends", "linux-image-" + DEBIAN[arch])
    return next(line.split()[-1] for line in text.splitlines() if "Depends: linux-image-" in line)


def unpack(apt, folder, names):
    apt("apt-get", "-q", "download", *names)
    for name in os.listdir(folder):
        if name.endswith(".deb"):
            path = os.path.join(folder, name)
            subprocess.run(["dpkg-deb", "-x", path, os.path.join(folder, "root")], check=True)
            os.remove(path)


def fetch(folder, arch):
    """Returns (kernel, root with a C library), or None and says why."""
    folder = os.path.abspath(os.path.join(folder, arch))
    root, kernel = os.path.join(folder, "root"), os.path.join(folder, "vmlinuz")
    if os.path.exists(kernel):
        return kernel, root
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        print("no apt here: nothing to compare with")
        return None
    try:
        apt = packages(folder, arch)
        unpack(apt, folder, [kernel_package(apt, arch), "libc6-dev", "libc6", "linux-libc-dev", "libcrypt-dev"])
        boot = os.path.join(root, "boot")
        image = next(name for name in os.listdir(boot) if name.startswith("vmlinuz"))
        os.rename(os.path.join(boot, image), kernel)
    except (subprocess.CalledProcessError, OSError, StopIteration) as problem:
        print("Debian's kernel for %s cannot be fetched: %s" % (arch, problem))
        return None
    return kernel, root


def compile_static(arch, root, source, output):
    """With the fetched C library, whatever the host's."""
    triplet = "%s-linux-gnu" % arch
    include, lib = os.path.join(root, "usr/include"), os.path.join(root, "usr/lib", triplet)
    gcc = triplet + "-gcc" if shutil.which(triplet + "-gcc") else "gcc"
    subprocess.run([gcc, "-O2", "-static", "-nostdinc", "-isystem", compiler_headers(gcc), "-isystem", include,
                    "-isystem", os.path.join(include, triplet), "-B" + lib, "-L" + lib, "-o", output, source], check=True)


def compiler_headers(gcc):
    return subprocess.run([gcc, "-print-file-name=include"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


def initramfs(path, program):
    """cpio (newc) with /dev/console and the program as /init."""
    with open(program, "rb") as f:
        data = f.read()
    entries = [("dev", 0o040755, (0, 0), b""), ("dev/console", 0o020600, (5, 1), b""), ("init", 0o100755, (0, 0), data),
               ("TRAILER!!!", 0, (0, 0), b"")]
    with gzip.open(path, "wb", compresslevel=1) as out:
        for number, (name, mode, device, content) in enumerate(entries, 1):
            fields = (number, mode, 0, 0, 1, 0, len(content), 0, 0) + device + (len(name) + 1, 0)
            head = b"070701" + b"".join(b"%08X" % field for field in fields) + name.encode() + b"\0"
            for part in (head, content):
                out.write(part + b"\0" * (-len(part) % 4))


def command(arch, kernel, archive, extra=()):
    return ["qemu-system-" + arch, "-nodefaults", "-no-user-config", "-accel", "tcg"] + MACHINES[arch] + [
        "-display", "none", "-nic", "none", "-no-reboot", "-m", "256M", "-smp", "1", "-kernel", kernel, "-initrd", archive,
        "-append", "console=%s quiet mitigations=off panic=-1" % CONSOLES[arch], "-serial", "stdio"] + list(extra)
