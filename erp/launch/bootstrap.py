"""Create the virtual environment of both commands, given only a POSIX system and Python.

`python3 -m erp` and `python3 -m tests` share `.venv` at the root of the repository. Each names the hash-pinned
requirements it needs. A *stamp* file in the environment records that they are installed, so that later starts are fast.

Only the standard library may be imported here. The syntax stays compatible with older interpreters, so that they can
print that they are too old.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NoReturn

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = ROOT / ".venv"
PYTHON = ENVIRONMENT / "bin" / "python"
OLDEST_PYTHON = (3, 11)
PYTHON_VERSION = "{}.{}".format(*sys.version_info)

# Exists exactly while pip writes; if one is left over, an installation was interrupted.
INSTALLING = ENVIRONMENT / "installing"


def say(message: str) -> None:
    """Print which step begins; flushed, because the step may take long."""
    print(message, flush=True)


def stop(message: str) -> NoReturn:
    """End the command because the machine lacks something; the message says what to do."""
    raise SystemExit(f"\n{message}")


def enter(requirements: str) -> None:
    """Return only inside an up-to-date environment; if necessary, restart this command in it."""
    require_python()
    changed = install_missing(requirements)
    if changed or not os.path.samefile(sys.prefix, ENVIRONMENT):
        os.execv(PYTHON, [str(PYTHON), *sys.orig_argv[1:]])  # noqa: S606 - replacing the process is the point


def require_python() -> None:
    """Check that this interpreter is new enough and can create environments."""
    if sys.version_info < OLDEST_PYTHON:
        stop("Python {}.{} or newer is needed. {} is {}.".format(*OLDEST_PYTHON, sys.executable, PYTHON_VERSION))
    # Debian ships Python without ensurepip; `python -m venv` then exists but fails.
    if not PYTHON.exists() and importlib.util.find_spec("ensurepip") is None:
        apt_install("Python's venv module", f"python{PYTHON_VERSION}-venv")


def apt_install(what: str, *packages: str) -> None:
    """Install Debian packages, or stop and print the command that would."""
    install = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        stop(f"{what} is missing. On Debian and Ubuntu this installs it:\n  sudo {' '.join(install)}")
    say(f"Installing {what} with apt-get ...")
    # A machine that has just booted may still be updating itself; wait for its lock.
    patient = ["-qq", "-o", "DPkg::Lock::Timeout=120"]
    unasked = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update", *patient], [*install, *patient]):
        finished = subprocess.run(command, env=unasked, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if finished.returncode != 0:
            stop(f"{finished.stderr}\n{what} could not be installed: `{' '.join(command)}` failed, see above.")


def install_missing(requirements: str) -> bool:
    """Ensure that `.venv` contains what a requirements file pins; return whether it had to be changed."""
    if is_installed(requirements):
        return False
    with locked() as lock:
        # Another start may have done all the work while this one waited for the lock.
        if is_installed(requirements):
            return False
        if is_unusable():
            create()
        install(requirements, lock)
    return True


def is_installed(requirements: str) -> bool:
    """Whether the stamp of this requirements file exists and is current."""
    stamp = stamp_of(requirements)
    return stamp.exists() and stamp.read_text() == pins() and not is_unusable()


def is_unusable() -> bool:
    """Whether the environment is missing, incomplete, or belongs to another version of Python."""
    packages = ENVIRONMENT / "lib" / f"python{PYTHON_VERSION}" / "site-packages"
    return INSTALLING.exists() or not PYTHON.exists() or not packages.exists()


def stamp_of(requirements: str) -> Path:
    """Return the file that records that these requirements are installed; it holds the `pins()` of that time."""
    return ENVIRONMENT / f"{requirements}.installed"


def pins() -> str:
    """Return a digest of every pinned version in all requirements files."""
    files = sorted(ROOT.glob("requirements*.txt"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


@contextlib.contextmanager
def locked() -> Iterator[IO[str]]:
    """Hold a lock under which one process at a time changes the environment."""
    try:
        lock = (ROOT / ".venv.lock").open("w")
    except PermissionError:
        stop(f"The environment belongs in {ENVIRONMENT}, but you may not write there.")
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock


def create() -> None:
    """Create an empty environment, replacing an unusable one."""
    say("Creating .venv ...")
    finished = subprocess.run([sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT)])
    if finished.returncode != 0:
        stop("The virtual environment could not be created; the lines above say why.")


def install(requirements: str, lock: IO[str]) -> None:
    """Install a requirements file with pip, which honours the machine's own pip configuration."""
    say(f"Installing {requirements} into .venv (only when it changed, about half a minute) ...")
    INSTALLING.touch()
    # Installing these pins overwrites versions that an older stamp records.
    for stamp in ENVIRONMENT.glob("*.installed"):
        if stamp.read_text() != pins():
            stamp.unlink()
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"]
    # pip inherits the lock: if this process is killed, the environment stays locked until pip has ended too.
    finished = subprocess.run([*pip, "--require-hashes", "-r", str(ROOT / requirements)], pass_fds=[lock.fileno()])
    if finished.returncode != 0:
        stop(
            "The packages could not be installed; pip says why above. It needs a package index: PyPI, or the one "
            "that your pip configuration names.\nRun the same command again once it can be reached."
        )
    stamp_of(requirements).write_text(pins())
    INSTALLING.unlink()
