"""Make the virtual environment that both commands run in, out of nothing but a POSIX system and Python.

`python3 -m erp` and `python3 -m tests` share `.venv` at the root of the repository. Each names the hash-pinned
requirements it needs; a *stamp* in the environment records that they are installed, so a second start costs nothing.

Only the standard library may be imported here, and the syntax stays readable to older interpreters: they are told in
one sentence that they are too old.
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

# Exists exactly while pip writes: one left behind means that an installation was cut short.
INSTALLING = ENVIRONMENT / "installing"


def say(message: str) -> None:
    """Tell the person at the terminal which step begins; flushed, because what follows may take long."""
    print(message, flush=True)


def stop(message: str) -> NoReturn:
    """End the command: the machine lacks something, and the message says what to do about it."""
    raise SystemExit(f"\n{message}")


def enter(requirements: str) -> None:
    """Return only inside an up-to-date environment: start this same command again in there if need be."""
    require_python()
    changed = install_missing(requirements)
    if changed or not os.path.samefile(sys.prefix, ENVIRONMENT):
        os.execv(PYTHON, [str(PYTHON), *sys.orig_argv[1:]])  # noqa: S606 - replacing the process is the point


def require_python() -> None:
    """Make sure that this interpreter is new enough and can create environments."""
    if sys.version_info < OLDEST_PYTHON:
        stop("Python {}.{} or newer is needed. {} is {}.".format(*OLDEST_PYTHON, sys.executable, PYTHON_VERSION))
    # Debian ships Python without ensurepip, and then `python -m venv` exists but fails.
    if not PYTHON.exists() and importlib.util.find_spec("ensurepip") is None:
        apt_install("Python's venv module", f"python{PYTHON_VERSION}-venv")


def apt_install(what: str, *packages: str) -> None:
    """Install Debian packages, or stop with the command that would."""
    install = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        stop(f"{what} is missing. On Debian and Ubuntu this installs it:\n  sudo {' '.join(install)}")
    say(f"Installing {what} with apt-get ...")
    # A machine that has just booted may still be updating itself: wait for its lock.
    patient = ["-qq", "-o", "DPkg::Lock::Timeout=120"]
    unasked = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update", *patient], [*install, *patient]):
        finished = subprocess.run(command, env=unasked, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if finished.returncode != 0:
            stop(f"{finished.stderr}\n{what} could not be installed: `{' '.join(command)}` failed, see above.")


def install_missing(requirements: str) -> bool:
    """Make sure that `.venv` holds what a requirements file pins; say whether it had to be changed."""
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
    """Whether the stamp of this requirements file is there and true."""
    stamp = stamp_of(requirements)
    return stamp.exists() and stamp.read_text() == pins() and not is_unusable()


def is_unusable() -> bool:
    """Whether the environment is missing, was cut short, or belongs to another version of Python."""
    packages = ENVIRONMENT / "lib" / f"python{PYTHON_VERSION}" / "site-packages"
    return INSTALLING.exists() or not PYTHON.exists() or not packages.exists()


def stamp_of(requirements: str) -> Path:
    """The file that records that these requirements are installed; its text is what `pins()` was then."""
    return ENVIRONMENT / f"{requirements}.installed"


def pins() -> str:
    """A digest of every pinned version, whichever requirements file it stands in."""
    files = sorted(ROOT.glob("requirements*.txt"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


@contextlib.contextmanager
def locked() -> Iterator[IO[str]]:
    """Let one process at a time change the environment, however many are started together."""
    try:
        lock = (ROOT / ".venv.lock").open("w")
    except PermissionError:
        stop(f"The environment belongs in {ENVIRONMENT}, but you may not write there.")
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock


def create() -> None:
    """Create an empty environment, in place of an unusable one."""
    say("Creating .venv ...")
    finished = subprocess.run([sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT)])
    if finished.returncode != 0:
        stop("The virtual environment could not be created; the lines above say why.")


def install(requirements: str, lock: IO[str]) -> None:
    """Install a requirements file with pip, which honours the machine's own pip configuration."""
    say(f"Installing {requirements} into .venv (only when it changed, about half a minute) ...")
    INSTALLING.touch()
    # Installing these pins overwrites versions that an older stamp vouches for.
    for stamp in ENVIRONMENT.glob("*.installed"):
        if stamp.read_text() != pins():
            stamp.unlink()
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"]
    # pip shares the lock: should this process be killed, the environment stays locked until pip has ended too.
    finished = subprocess.run([*pip, "--require-hashes", "-r", str(ROOT / requirements)], pass_fds=[lock.fileno()])
    if finished.returncode != 0:
        stop(
            "The packages could not be installed; pip says why above. It needs a package index: PyPI, or the one "
            "that your pip configuration names.\nRun the same command again once it can be reached."
        )
    stamp_of(requirements).write_text(pins())
    INSTALLING.unlink()
