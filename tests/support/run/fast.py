"""Which tests `--fast` selects: unit tests, which start nothing and share nothing."""

from __future__ import annotations

import pytest

SLOW_FIXTURES = {
    "prepared_var",
    "postgresql",
    "redis_server",
    "browser",
    "loopback_cloudinary",
    "counted",
    "db",
    "transactional_db",
}
"""Fixtures of servers, browsers and databases, and of counted tests."""
SLOW_MARKS = ("django_db", "process", "timed")


def add_option(parser: pytest.Parser) -> None:
    """Add `--fast`."""
    parser.addoption("--fast", action="store_true", help="run only what needs no browser, server, database or program")


def keep(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With `--fast`, deselect what starts something."""
    if not config.getoption("--fast"):
        return
    left_out = [item for item in items if not is_fast(item)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if is_fast(item)]


def is_fast(item: pytest.Item) -> bool:
    """Whether a test runs only in this process."""
    if SLOW_FIXTURES & set(getattr(item, "fixturenames", ())):
        return False
    return not any(item.get_closest_marker(name) for name in SLOW_MARKS)
