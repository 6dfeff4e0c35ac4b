from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tests.support.run.shared_out import taken

ITEMS: list[Any] = [
    SimpleNamespace(path=Path(name), name=f"{name}::{number}")
    for name, count in {"a": 1, "b": 3, "c": 2}.items()
    for number in range(count)
]


def test_each_module_is_taken_whole_by_one_run_and_the_largest_first(tmp_path: Path):
    one, two = taken(ITEMS, tmp_path), taken(ITEMS, tmp_path)
    first, second = [next(one).name], [next(two).name]
    second += [item.name for item in two]
    first += [item.name for item in one]

    assert first == ["b::0", "b::1", "b::2"]
    assert second == ["c::0", "c::1", "a::0"]
    assert list(taken(ITEMS, tmp_path)) == []
