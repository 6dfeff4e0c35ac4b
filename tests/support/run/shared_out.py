"""Several runs of pytest share out the modules of the same tests: an idle run takes the next one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest


def add_option(parser: pytest.Parser) -> None:
    """Add `--shared-out FOLDER`."""
    told = "run only modules that no other run with this folder has taken; it holds an empty file for each taken one"
    parser.addoption("--shared-out", type=Path, metavar="FOLDER", help=told)


def run(session: pytest.Session) -> bool | None:
    """Run the tests this run takes, module by module; None without the option, or if collecting failed."""
    folder: Path | None = session.config.getoption("--shared-out")
    if folder is None or session.testsfailed:
        return None
    items = taken(session.items, folder)
    item = next(items, None)
    while item is not None:
        # The next test decides which fixtures stay alive, so the next module is taken while the last test runs.
        following = next(items, None)
        session.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if session.shouldfail:
            raise session.Failed(session.shouldfail)
        if session.shouldstop:
            raise session.Interrupted(session.shouldstop)
        item = following
    return True


def taken(items: list[pytest.Item], folder: Path) -> Iterator[pytest.Item]:
    """Yield the tests of each module that this run is the first to take, modules with the most tests first.

    What starts last is then short, and no run works on alone for long.
    """
    sizes = Counter(item.path for item in items)
    for path, _ in sizes.most_common():
        try:
            (folder / str(path).replace("/", "-")).touch(exist_ok=False)
        except FileExistsError:
            continue
        yield from (item for item in items if item.path == path)
