"""A throw-away machine: systemd as the first process of namespaces of its own. Its disk is a copy
on write of this machine's, and is gone with it; it shares the network."""

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import psutil

from tests.support.eventually import eventually
from tests.support.needs import cannot

WITHOUT_SYSTEMD = "test_from_a_laptop_to_workers_of_celery, without systemd,"
_START = 60.0  # seconds, on a busy machine
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_COMMANDS = 300.0  # seconds
_MEMORY = 4 * 10**9  # bytes: its disk is in memory

# A group of processes and a disk of its own, then the namespaces. `unshare` keeps all mounts from
# this machine. The last line runs when the first process has ended.
_OUTSIDE = r"""
name=$1 ground=$2; shift 2
mount -t tmpfs -o size=3g tmpfs "$ground"
mkdir "$ground"/{groups,changes,work,root}
mount -t cgroup2 cgroup2 "$ground/groups"
ours=$ground/groups$(sed -n 's/^0:://p' /proc/self/cgroup)
group=$ours/$name-$$
mkdir "$group"
echo $$ >"$group/cgroup.procs"
overlay=lowerdir=/,upperdir=$ground/changes,workdir=$ground/work
mount -t overlay overlay -o "$overlay" "$ground/root"
own=(--cgroup --mount --pid --uts --ipc --fork --kill-child)
unshare "${own[@]}" bash -euc "$INSIDE" inside "$name" "$ground/root" "$@" || true
echo $$ >"$ours/cgroup.procs"
find "$group" -depth -type d -exec rmdir {} +
"""

# What systemd finds in a container. Nothing that belongs to the kernel can be changed (/proc/sys
# and /sys), no device is there, and no service of this machine is started.
_INSIDE = r"""
name=$1 root=$2; shift 2
echo "$name" >"$root/etc/hostname"
mount -t proc proc "$root/proc"
mount --bind "$root/proc/sys" "$root/proc/sys"
mount -o remount,bind,ro "$root/proc/sys"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
for folder in run tmp etc/systemd/system dev; do
  mount -t tmpfs -o mode=755 tmpfs "$root/$folder"
done
chmod 1777 "$root/tmp"
mkdir -m 1777 "$root/dev/shm"
mkdir "$root/dev/pts"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
for file in null zero full random urandom tty; do
  touch "$root/dev/$file"
  mount --bind "/dev/$file" "$root/dev/$file"
done
ln -s /proc/self/fd "$root/dev/fd"
for each in 0:stdin 1:stdout 2:stderr; do ln -s "fd/${each%:*}" "$root/dev/${each#*:}"; done
while [ $# -gt 0 ]; do
  mkdir -p "$root$2"
  mount --bind "$1" "$root$2"
  shift 2
done
mkdir "$root/run/before"
cd "$root"
pivot_root . run/before
umount -l /run/before
lost=-sys_module,-sys_time,-sys_boot,-sys_rawio,-syslog
exec env -i container=etl-monitor-test PATH=/usr/sbin:/usr/bin:/sbin:/bin \
  setpriv --bounding-set "$lost" --inh-caps "$lost" /lib/systemd/systemd --unit=basic.target
"""

# A unit with what ours ask for.
_UNIT = (
    "systemd-run --wait --quiet -p User=nobody -p PrivateTmp=true -p ProtectHome=true"
    " -p ProtectSystem=strict -p NoNewPrivileges=true -p StateDirectory=probe true"
)


@dataclass(frozen=True, kw_only=True)
class Machine:
    name: str
    systemd: psutil.Process

    def run(self, commands: str, *, typed: str = "", **environment: str) -> str:
        """Run commands as root, up to the first that fails. Returns what they print. `typed`: their
        standard input."""
        ended = self.attempt(commands, typed=typed, **environment)
        if ended.returncode != 0:
            raise AssertionError("\n".join([commands, ended.stdout, ended.stderr, self.journal()]))
        return ended.stdout

    def attempt(
        self, commands: str, *, typed: str = "", **environment: str
    ) -> "subprocess.CompletedProcess[str]":
        enter = ["nsenter", f"--target={self.systemd.pid}", "--all"]
        return subprocess.run(
            [*enter, "bash", "-ec", commands],
            env={**_login(), **environment},
            input=typed,
            capture_output=True,
            text=True,
            check=False,
            timeout=_COMMANDS,
            start_new_session=True,  # no terminal that a password could be asked on
        )

    def journal(self) -> str:
        return self.attempt("journalctl --no-pager -o cat -n 40").stdout

    def write(self, file: str, text: str, options: str = "-m 600") -> None:
        """Write a file. `options`: of `install`, such as its owner."""
        self.run(f"install {options} /dev/stdin {file}", typed=text)

    def copy_from(self, other: "Machine", folder: str) -> None:
        """Copy a folder of another machine to the same place here."""
        source, target = (f"/proc/{each.systemd.pid}/root{folder}" for each in (other, self))
        copy = ["cp", "--archive", source, target]
        subprocess.run(copy, check=True, capture_output=True, timeout=_COMMANDS)


def _login() -> dict[str, str]:
    """Return the environment of root, with what package registries need here."""
    pattern = re.compile(r"(PIP|SSL|REQUESTS)_.*|.*_proxy", re.IGNORECASE)
    needed = {name: value for name, value in os.environ.items() if pattern.fullmatch(name)}
    return {**needed, "PATH": _PATH, "HOME": "/root"}


@contextmanager
def running_machine(folder: Path, name: str, mounts: Mapping[Path, str]) -> Iterator[Machine]:
    """Start a machine, or skip the test where that cannot be done. `mounts`: folders that it shares
    with this machine, and where it has them."""
    if os.geteuid() != 0:
        _skip("only root may mount")
    if psutil.virtual_memory().available < _MEMORY:
        _skip("not enough memory for another machine's disk")
    ground = folder / name
    ground.mkdir()
    bound = [str(each) for pair in mounts.items() for each in pair]
    with (folder / f"{name}.log").open("w+") as log:
        started = subprocess.Popen(
            ["unshare", "--mount", "bash", "-euc", _OUTSIDE, "outside", name, str(ground), *bound],
            env={**os.environ, "INSIDE": _INSIDE},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            yield _started(name, started, folder / f"{name}.log")
        finally:
            _end(started)


def _started(name: str, started: "subprocess.Popen[bytes]", log: Path) -> Machine:
    def is_running() -> Machine:
        if started.poll() is not None:
            raise ChildProcessError("it has ended")
        found = [each for each in _family(started) if each.name() == "systemd"]
        assert found
        machine = Machine(name=name, systemd=found[0])
        state = machine.attempt("systemctl is-system-running || true").stdout.strip()
        assert state in {"running", "degraded"}, state
        return machine

    try:
        machine = eventually(is_running, within=_START, every=0.2)
    except (AssertionError, OSError, psutil.Error, subprocess.TimeoutExpired) as error:
        _skip(f"systemd does not start in namespaces here: {error} {log.read_text('utf-8')}")
    unit = machine.attempt(_UNIT)
    if unit.returncode != 0:
        _skip(f"systemd cannot isolate a unit here: {unit.stderr}")
    return machine


def _family(started: "subprocess.Popen[bytes]") -> list[psutil.Process]:
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(started.pid).children(recursive=True)
    return []


def _end(started: "subprocess.Popen[bytes]") -> None:
    """Kill the first process, with which the kernel ends all others; their mounts go with them."""
    for each in _family(started)[:2]:  # `unshare` waits for the first process, and is its parent
        if each.name() != "unshare":
            each.kill()
    started.wait(timeout=60)


def _skip(reason: str) -> NoReturn:
    cannot(reason, shown_by=WITHOUT_SYSTEMD)
