"""Facts of the operating system about the servers under test: cores, CPU time, memory. Uses only Linux's `/proc`."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

PROC = Path("/proc")
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
PACKAGES = ("Django", "channels", "daphne", "Twisted", "autobahn", "pillow")

CORES = sorted(os.sched_getaffinity(0))
SERVER_CORES = set(CORES[:1]) if len(CORES) > 1 else set(CORES)
CLIENT_CORES = set(CORES[1:2]) or set(CORES)
"""With one core each, the server is measured as a one-core server, and the client takes no CPU time from it."""


@contextmanager
def on(cores: set[int]) -> Iterator[None]:
    """Pin this thread, and all threads and processes it starts meanwhile, to `cores`."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def description() -> str:
    """Return one line to print beside a figure: relevant versions, the cores, and how busy they already are."""
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    system = f"Python {platform.python_version()}, Linux {platform.release()}"
    return f"{system}, {len(CORES)} cores, load {os.getloadavg()[0]:.1f}; {packages}"


def tree(pid: int) -> list[int]:
    """Return the process and all its descendants that are alive now."""
    children: dict[int, list[int]] = {}
    for path in PROC.glob("[0-9]*"):
        try:
            children.setdefault(int(_stat(int(path.name))[1]), []).append(int(path.name))
        except OSError:
            continue  # ended meanwhile
    found = [pid]
    for one in found:
        found += children.get(one, [])
    return found


def cpu_seconds(pid: int) -> float:
    """Return the user and system seconds of the process tree, exact to a tick (10 ms) per process."""
    return sum(int(ticks) for one in tree(pid) for ticks in _stat(one)[11:13]) / TICKS_PER_SECOND


def _stat(pid: int) -> list[str]:
    """Return the fields of `/proc/<pid>/stat` after the name, which may contain spaces: state, parent, ..."""
    return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()


def resident_bytes(pid: int) -> int:
    """Return the memory the process holds now."""
    return _status_bytes(pid, "VmRSS")


def peak_bytes(pid: int) -> int:
    """Return the peak memory of the process since `forget_peak`, as recorded by the kernel."""
    return _status_bytes(pid, "VmHWM")


def forget_peak(pid: int) -> None:
    """Reset the record of the peak memory."""
    (PROC / str(pid) / "clear_refs").write_text("5")


def _status_bytes(pid: int, field: str) -> int:
    for line in (PROC / str(pid) / "status").read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) * 1024
    raise LookupError(f"/proc/{pid}/status has no {field}")
