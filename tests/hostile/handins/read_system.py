"""Read what belongs to the machine: accounts, identity, devices, other processes."""

import os

from attempts import attempt, read

for path in (
    "/etc/passwd",
    "/etc/shadow",
    "/etc/group",
    "/etc/hostname",
    "/etc/hosts",
    "/etc/machine-id",
    "/etc/resolv.conf",
    "/var/log/dpkg.log",
    "/proc/self/environ",
    "/proc/self/maps",
    "/proc/self/mountinfo",
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/proc/1/cmdline",
    "/proc/kallsyms",
    "/proc/keys",
    "/proc/net/tcp",
    "/sys/kernel/notes",
    "/sys/class/net/lo/address",
    "/dev/kmsg",
    "/dev/mem",
    "/dev/vda",
    "/dev/sda",
    "/dev/kvm",
    "/dev/fuse",
    "/dev/ptmx",
    "/dev/tty",
    "/dev/console",
    "/dev/net/tun",
    "/run/utmp",
):
    attempt(f"read {path}", lambda path=path: read(path))
for path in ("/etc", "/home", "/proc", "/sys", "/run", "/var", "/dev/shm"):
    attempt(f"list {path}", lambda path=path: os.listdir(path), lambda names: len(names) > 0)
