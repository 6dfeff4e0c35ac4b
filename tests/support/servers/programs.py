"""The programs around the tests: where each is found, and how all that are missing are installed at once.

Chromium drives the pages; PostgreSQL and Redis stand behind the tests of several server processes, nginx before them.
The tests start their own instances on free ports with their own data: a service of the machine is never touched.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from erp.launch.bootstrap import apt_install, say, stop

CHROMIUM_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
"""The first draws no windows of its own: the tests in the browser take three quarters of the time (measured)."""
DEBIAN_POSTGRESQL = Path("/usr/lib/postgresql")


def chromium() -> str | None:
    """The Chromium that $CHROMIUM names, else the first Chromium or Chrome on PATH."""
    named = os.environ.get("CHROMIUM")
    if not named:
        return next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    path = shutil.which(named)
    if path is None:
        stop(f"$CHROMIUM names {named}, which is not a program.")
    return path


def postgresql() -> str | None:
    """PostgreSQL's `initdb`; `postgres` is its neighbour. Debian keeps both off PATH: there the newest counts."""
    on_path = shutil.which("initdb")
    if on_path:
        # A link on PATH may stand alone; where it leads to, the whole of PostgreSQL is.
        return str(Path(on_path).resolve())
    versions = sorted(DEBIAN_POSTGRESQL.glob("[0-9]*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    return str(versions[-1]) if versions else None


def redis() -> str | None:
    """The Redis server on PATH."""
    return shutil.which("redis-server")


def nginx() -> str | None:
    """nginx; Debian keeps it where only root's PATH looks."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


# A bare system has no scalable font, and pages without one look nothing like what people see.
PROGRAMS: dict[str, tuple[Callable[[], str | None], tuple[str, ...]]] = {
    "Chromium": (chromium, ("chromium-headless-shell", "fonts-dejavu-core")),
    "PostgreSQL": (postgresql, ("postgresql",)),
    "Redis": (redis, ("redis-server",)),
    "nginx": (nginx, ("nginx",)),
}


def install_missing(*names: str) -> None:
    """Find the programs (all of them, unless `names` says which), install what is missing, and say what came whence."""
    wanted = names or tuple(PROGRAMS)
    missing = [name for name in wanted if PROGRAMS[name][0]() is None]
    if missing:
        # In one go: two package managers at once would wait for each other's lock.
        apt_install(" and ".join(missing), *(package for name in missing for package in PROGRAMS[name][1]))
    for name in wanted:
        say(f"{name}: {need(name)} ({'installed with apt-get' if name in missing else 'found'})")


def need(name: str) -> str:
    """The path of a program that a test needs. Raises `SystemExit` with what to do when it is missing."""
    path = PROGRAMS[name][0]()
    if path is None:
        stop(f"{name} is missing. `python3 -m tests` finds or installs it, once.")
    return path
