"""The table of limits in SECURITY.md agrees with the code: each limit, its value, and what the browser shows."""

from __future__ import annotations

import ast
import importlib
import re
from collections import Counter
from datetime import timedelta
from typing import NamedTuple

import pytest
from msgspec import Struct, structs

from tests.test_layout import ROOT
from uploads.core.limits import ImageLimits, Limits, RequestLimits, StorageLimits
from uploads.core.snapshot import LimitsInfo
from uploads.core.token_bucket import Rate

NUMBER = r"\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?"
BYTES = {"kB": 10**3, "MB": 10**6, "GB": 10**9, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
UNITS = {**BYTES, "megapixels": 10**6, "min": 60, "days": 86_400}
WITH_UNIT = re.compile(rf"({NUMBER})(?: ({'|'.join(UNITS)})\b)?")


class Row(NamedTuple):
    """A row of the table: the names of its limits, their values, what the browser shows, and where they are defined."""

    names: list[str]
    values: list[float]
    told: str
    places: list[str]


def numbers(text: str) -> list[float]:
    """Return the numbers in a cell, in seconds, bytes, pixels or pieces."""
    return [float(number.replace(",", "")) * UNITS.get(unit, 1) for number, unit in WITH_UNIT.findall(text)]


def rows(page: str) -> list[Row]:
    """Return the rows of the table that name a limit."""
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in page.splitlines() if line[:3] == "| `"]
    return [
        Row(re.findall(r"`([\w.]+)`", name), numbers(value), told, re.findall(r"`([\w/]+\.\w+)`", places))
        for name, value, told, places in cells
    ]


TABLE = rows((ROOT / "SECURITY.md").read_text().partition("## Limits")[2].partition("## Guards")[0])
SETTINGS = re.findall(r"^\| (`[\w`, ]+`) \| ([^|]+) \|", (ROOT / "docs" / "settings.md").read_text(), re.MULTILINE)
"""Return names and values in the tables of the settings page."""


def fields(limits: type[Struct], prefix: str = "") -> dict[str, float]:
    """Return the limits that are settings, each with its default."""
    return {prefix + one.name: one.default for one in structs.fields(limits) if isinstance(one.default, int | float)}


OF_SETTINGS = fields(Limits) | fields(ImageLimits, "image.") | fields(StorageLimits) | fields(RequestLimits)

NO_LIMITS = {
    "consumers/protocol/messages.py": {"_OP_WITHIN"},
    "consumers/rate_limits.py": {"FILES_REMEMBERED", "PROGRESS_INTERVAL"},
    "consumers/server/body_limit.py": {"KNOWN_SECONDS", "MAX_KNOWN_USERS"},
    "consumers/server/body_rules.py": {"THROTTLE_SLACK"},
    "consumers/server/daphne.py": {"DRAIN_SECONDS"},
    "consumers/server/websocket_protocol.py": {
        *("READ_BYTES", "SMALL_READ_BYTES", "STEPS_PER_TURN", "SLOW_SECONDS", "CLOSING_SECONDS"),
    },
    "consumers/work_shares.py": {"KEYS_REMEMBERED"},
    "erp/web/sign_in.py": {"LONGEST_NAME"},
    "uploads/core/limits.py": {"MEGABYTE", "MAX_GRACE_SECONDS"},
    "uploads/core/room.py": {"COPIES"},
    "uploads/drafts/form_state.py": {"OPS_KEPT", "KNOWN_KEPT", "AUTHORS_KEPT", "REMOVED_KEPT"},
    "uploads/drafts/keeping.py": {"BATCH", "HOUR_MS"},
    "uploads/drafts/kept_text.py": {"BATCH"},
    "uploads/images/structure/isobmff.py": {"MOST_BRANDS_BYTES"},
    "uploads/images/structure/png.py": {"HEADER_BYTES", "INDEXED", "ANIMATION_BYTES"},
    "uploads/images/child_process.py": {"NICENESS", "END_SECONDS"},
    "uploads/presence/polling.py": {"TOUCH_INTERVAL_MS", "BATCH", "IDLE_MS"},
    "uploads/presence/sockets.py": {"BATCH", "STRAY_MS"},
}
"""Numbers in the modules of the table that limit no client: sizes of our own reads, pauses, and cache sizes."""
SHIPPED_BY_SETTINGS = "erp/settings.py"


def module_of(place: str) -> object:
    return importlib.import_module(place.removesuffix(".py").replace("/", "."))


def constants(place: str) -> set[str]:
    """Return the numbers and rates that a module defines."""
    named = [
        target.id
        for node in ast.parse((ROOT / place).read_text()).body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name) and target.id.isupper()
    ]
    return {name for name in named if type(getattr(module_of(place), name)) in (int, float, Rate)}


def values(row: Row) -> list[float]:
    """Return the code's values for a row, in the order of the row."""
    found: list[float] = []
    for name in row.names:
        if name in OF_SETTINGS:
            found.append(OF_SETTINGS[name])
            continue
        value = getattr(module_of(row.places[0]), name)
        found += (
            value if isinstance(value, Rate) else [value.total_seconds() if isinstance(value, timedelta) else value]
        )
    return found


@pytest.mark.parametrize("row", TABLE, ids=lambda row: " ".join(row.names))
def test_a_row_has_the_value_of_the_code(row: Row):
    expected = values(row)

    assert row.values[: len(expected)] == expected


@pytest.mark.parametrize("row", TABLE, ids=lambda row: " ".join(row.names))
def test_a_row_names_what_enforces_it(row: Row):
    assert [place for place in row.places if not (ROOT / place).exists()] == []
    texts = [(ROOT / place).read_text() for place in row.places]
    assert [name for name in row.names if not any(name.removeprefix("image.") in text for text in texts)] == []


def test_every_setting_that_is_a_limit_has_one_row():
    named = Counter(name for row in TABLE for name in row.names if name in OF_SETTINGS)

    assert named == dict.fromkeys(OF_SETTINGS, 1)


def test_every_number_of_the_modules_that_enforce_has_its_row():
    places = {row.places[0] for row in TABLE} - {SHIPPED_BY_SETTINGS}
    named = {(row.places[0], name) for row in TABLE for name in row.names}
    numbered = {(place, name) for place in places if place.endswith(".py") for name in constants(place)}
    left_out = {(place, name) for place, names in NO_LIMITS.items() for name in names}

    assert numbered - named - left_out == set()
    assert left_out - numbered == set()


def test_the_browser_is_told_of_what_the_table_says():
    told = {name for row in TABLE if row.told == "yes" for name in row.names}

    assert told == {*LimitsInfo.__struct_fields__} - {"content_types"}


def test_the_page_of_settings_has_the_same_values():
    pairs = [zip(re.findall(r"\w+", names), numbers(values), strict=False) for names, values in SETTINGS]
    shown = {name: value for row in pairs for name, value in row}

    assert {name: shown.get(name.removeprefix("image.")) for name in OF_SETTINGS} == OF_SETTINGS


WRONG = {
    "a value that differs": ("20 MB of a file", "21 MB of a file"),
    "a unit that differs": ("64 KiB of a form", "64 kB of a form"),
    "the pace of another": ("40 a second", "4 a second"),
}


@pytest.mark.parametrize("change", WRONG.values(), ids=WRONG)
def test_a_row_that_differs_is_seen(change: tuple[str, str]):
    page = (ROOT / "SECURITY.md").read_text()
    assert page.count(change[0]) == 1
    table = rows(page.replace(*change).partition("## Limits")[2].partition("## Guards")[0])

    assert [row.values[: len(values(row))] == values(row) for row in table].count(False) == 1
