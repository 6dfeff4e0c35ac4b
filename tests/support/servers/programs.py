"""The programs that tests need: where each is found, and how missing ones are installed at once.

Chromium drives the pages; PostgreSQL and Redis serve the tests with several server processes, and nginx runs in front
of them. The tests start their own instances on free ports with their own data and never touch a service of the machine.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from erp.launch.bootstrap import apt_install, say, stop

CHROMIUM_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
"""The first draws no windows, which saves a quarter of the time of the browser tests (measured)."""
DEBIAN_POSTGRESQL = Path("/usr/lib/postgresql")


def chromium() -> str | None:
    """Return the Chromium in $CHROMIUM, or else the first Chromium or Chrome on PATH."""
    named = os.environ.get("CHROMIUM")
    if not named:
        return next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    path = shutil.which(named)
    if path is None:
        stop(f"$CHROMIUM names {named}, which is not a program.")
    return path


def postgresql() -> str | None:
    """Return PostgreSQL's `initdb`, beside which is `postgres`. Debian keeps both off PATH; there, use the newest."""
    on_path = shutil.which("initdb")
    if on_path:
        # A link on PATH may stand alone; its target is in the PostgreSQL folder.
        return str(Path(on_path).resolve())
    versions = sorted(DEBIAN_POSTGRESQL.glob("[0-9]*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    return str(versions[-1]) if versions else None


def redis() -> str | None:
    """The Redis server on PATH."""
    return shutil.which("redis-server")


def nginx() -> str | None:
    """Return nginx; on Debian it is only on root's PATH."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


# A bare system has no scalable font, and pages without one look nothing like what people see.
PROGRAMS: dict[str, tuple[Callable[[], str | None], tuple[str, ...]]] = {
    "Chromium": (chromium, ("chromium-headless-shell", "fonts-dejavu-core")),
    "PostgreSQL": (postgresql, ("postgresql",)),
    "Redis": (redis, ("redis-server",)),
    "nginx": (nginx, ("nginx",)),
}


def install_missing(*names: str) -> None:
    """Find all programs (or only `names`), install missing ones, and print where each came from."""
    wanted = names or tuple(PROGRAMS)
    missing = [name for name in wanted if PROGRAMS[name][0]() is None]
    if missing:
        # All at once: two package managers would wait for each other's lock.
        apt_install(" and ".join(missing), *(package for name in missing for package in PROGRAMS[name][1]))
    for name in wanted:
        say(f"{name}: {need(name)} ({'installed with apt-get' if name in missing else 'found'})")


def need(name: str) -> str:
    """Return the path of a program. Raises `SystemExit` with instructions if it is missing."""
    path = PROGRAMS[name][0]()
    if path is None:
        stop(f"{name} is missing. `python3 -m tests` finds or installs it, once.")
    return path
