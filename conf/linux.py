"""A Linux guest to compare with: Debian's kernel, conf/linux_init.c as its /init, and a static program that it runs.

Nothing is installed: packages are fetched with apt into a folder and unpacked there, kept for later runs. `fetch` returns None where that does
not work (no apt, no network). The kernel runs on the same QEMU with the same CPU; the amd64 one on q35, as microvm lacks what it wants.
"""

import gzip
import os
import re
import shutil
import subprocess
import tempfile

import qemu

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


# What a guest with disks loads, by what the disks hang on. The rest is in Debian's kernel itself.
MODULES = {"aarch64": ("virtio_mmio", "virtio_blk", "crc32c_generic", "ext4"), "x86_64": ("virtio_pci", "virtio_blk", "crc32c_generic", "ext4")}
INIT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "linux_init.c")


def modules(root, names):
    """The contents of these modules and of all that they depend on, in an order in which they can be loaded."""
    paths, done = {}, {}
    for folder, _, files in os.walk(os.path.join(root, "lib/modules")):
        paths.update((name[:-3].replace("-", "_"), os.path.join(folder, name)) for name in files if name.endswith(".ko"))

    def load(name):
        if name in done:
            return
        with open(paths[name], "rb") as f:
            data = f.read()
        for other in re.search(rb"\0depends=([^\0]*)\0", data).group(1).decode().split(","):
            if other:
                load(other.replace("-", "_"))
        done[name] = data
    for name in names:
        load(name)
    return list(done.values())


def initramfs(path, init, program, loaded):
    """cpio (newc) with /dev/console, /init, /program and /modules."""
    entries = [("dev", 0o040755, (0, 0), b""), ("dev/console", 0o020600, (5, 1), b""), ("modules", 0o040755, (0, 0), b"")]
    entries += [("modules/%02d.ko" % i, 0o100644, (0, 0), data) for i, data in enumerate(loaded)]
    for name, source in (("init", init), ("program", program)):
        with open(source, "rb") as f:
            entries.append((name, 0o100755, (0, 0), f.read()))
    entries.append(("TRAILER!!!", 0, (0, 0), b""))
    with gzip.open(path, "wb", compresslevel=1) as out:
        for number, (name, mode, device, content) in enumerate(entries, 1):
            fields = (number, mode, 0, 0, 1, 0, len(content), 0, 0) + device + (len(name) + 1, 0)
            head = b"070701" + b"".join(b"%08X" % field for field in fields) + name.encode() + b"\0"
            for part in (head, content):
                out.write(part + b"\0" * (-len(part) % 4))


def disk_args(arch, path, slot):
    if arch == "aarch64":
        return qemu.disk_args(path, slot)
    return ["-drive", "file=%s,if=none,id=disk%d,format=raw" % (path.replace(",", ",,"), slot), "-device", "virtio-blk-pci,drive=disk%d" % slot]


def command(arch, kernel, archive, words, disks=(), mem="256M", extra=()):
    argv = ["qemu-system-" + arch, "-nodefaults", "-no-user-config", "-accel", "tcg"] + MACHINES[arch] + [
        "-global", "virtio-mmio.force-legacy=false", "-display", "none", "-nic", "none", "-no-reboot", "-m", mem, "-smp", "1", "-kernel", kernel,
        "-initrd", archive, "-append", "console=%s quiet mitigations=off panic=-1 -- %s" % (CONSOLES[arch], " ".join(words)), "-serial", "stdio"]
    for slot, path in enumerate(disks, 1):
        argv += disk_args(arch, path, slot)
    return argv + list(extra)


def run(build, arch, source, words, disks=(), mem="256M", leave=0, extra=(), seconds=600):
    """
    Runs a C program on Linux with these words as its arguments. disks: images; one with a file system is at /mnt, another is swapped to.
    leave: megabytes of memory the program finds free at most. Returns what the console showed; None where Linux cannot be had.
    """
    found = fetch(os.path.join(build, "linux"), arch)
    if not found:
        return None
    kernel, root = found
    with tempfile.TemporaryDirectory(prefix="machr-") as scratch:
        init, program, archive = (os.path.join(scratch, name) for name in ("init", "program", "initrd"))
        compile_static(arch, root, INIT, init)
        compile_static(arch, root, source, program)
        initramfs(archive, init, program, modules(root, MODULES[arch]) if disks else [])
        done = subprocess.run(command(arch, kernel, archive, ["%d" % leave] + list(words), disks, mem, extra), stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, timeout=seconds)
    return done.stdout.decode(errors="replace")
