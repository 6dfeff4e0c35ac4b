"""Another version of the product, whose servers run beside those of this one, as in a rolling deploy."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.servers.server import ROOT, Server


@contextmanager
def checkout(revision: str) -> Iterator[Path | None]:
    """Check that git revision out into a temporary folder; None for an empty one.

    Raises `CalledProcessError` if git does not know the revision.
    """
    if not revision:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="soak-beside-") as folder:
        there = Path(folder) / "checkout"
        _git("worktree", "add", "--quiet", "--detach", str(there), revision)
        try:
            yield there
        finally:
            _git("worktree", "remove", "--force", str(there))


def server_of(checkout: Path) -> type[Server]:
    """The server as it is in `checkout`, run with the packages of this version.

    It contains nothing of a test, so it reaches no named point. It also prepares nothing: the database's schema and the
    static files are those of this version.
    """

    class ServerBeside(Server):
        module = "consumers"
        root = checkout

    return ServerBeside


def _git(*arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=ROOT, check=True)
