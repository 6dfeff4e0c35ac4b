"""A share of what `python3 -m tests fuzz` tries, in the suite."""

from __future__ import annotations

import pytest

from tests.fuzz import __main__ as command
from tests.fuzz import images
from tests.fuzz.report import Report
from tests.fuzz.targets import TARGETS
from tests.support.run.counts import Counted
from uploads.core.errors import Code

SEED = 12


@pytest.mark.parametrize("name", TARGETS)
def test_what_is_changed_at_random_gets_an_answer(name: str, counted: Counted):
    count = counted(300, command.COUNT)
    report = TARGETS[name](SEED, count)

    assert report.findings == []
    assert sum(report.answers.values()) == count


def test_images_are_changed_in_ways_that_end_in_every_way():
    """A search that only ever meets the first check finds nothing."""
    report = images.fuzz(SEED, 200)
    assert {"taken", Code.IMAGE_UNREADABLE, Code.IMAGE_TRUNCATED, Code.UNSUPPORTED_TYPE} <= set(report.answers)


def test_a_seed_makes_the_same_image_each_time():
    assert images.image(5) == images.image(5) != images.image(6)


def test_an_error_nobody_caught_and_a_case_too_slow_are_found(monkeypatch: pytest.MonkeyPatch, capsys):
    def broken(seed: int, count: int) -> Report:
        report = Report()
        report.note("taken", 11.0, f"broken --seed {seed} --count 1")
        return report

    monkeypatch.setitem(TARGETS, "images", broken)
    assert command.main(["images", "--seed", "7", "--count", "1"]) == 1
    assert "broken --seed 7 --count 1: taken only after 11.0 s" in capsys.readouterr().out
