from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.support.time.service_clock import FakeClock
from tests.support.wire.draft_driver import Driver
from uploads import api, event_log
from uploads.core.service_time import Cause
from uploads.presence import sockets

pytestmark = pytest.mark.django_db(transaction=True)
Events = list[dict[str, Any]]


class Collector(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture
def collector() -> Iterator[Collector]:
    logger, handler = logging.getLogger("uploads.events"), Collector()
    logger.addHandler(handler)
    yield handler
    logger.removeHandler(handler)


def heard(collector: Collector) -> Events:
    return [json.loads(line) for line in collector.lines]


def test_an_event_is_one_line_of_json(collector: Collector):
    draft_id = uuid4()
    event_log.record("draft_opened", draft_id, user=3, target=None)
    assert heard(collector) == [{"event": "draft_opened", "draft": str(draft_id), "user": 3, "target": None}]


@pytest.mark.parametrize("text", ['x\n{"event": "forged"}', "x\u2028y", "\x1b[31mred", "\x00"])
def test_a_hostile_text_cannot_forge_a_second_line(collector: Collector, text: str):
    event_log.record("draft_opened", uuid4(), target=text)
    assert collector.lines[0].isascii()
    assert collector.lines[0].isprintable()
    assert heard(collector)[0]["target"] == text


def test_the_life_of_a_lost_draft_can_be_read(
    collector: Collector, driver: Driver, process: UUID, service_clock: FakeClock
):
    sockets.disconnect(driver.connect(process), Cause.LOST)
    service_clock.advance(7)
    sockets.disconnect(driver.connect(process), Cause.LOST)
    driver.add()
    driver.expire(service_clock)

    told = [event for event in heard(collector) if event["draft"] == str(driver.id)]
    assert [event["event"] for event in told] == [
        "draft_opened",
        "grace_started",
        "draft_returned",
        "grace_started",
        "draft_returned",
        "grace_started",
        "draft_expired",
    ]
    assert (told[2]["duration_ms"], told[2]["cause"]) == (7_000, "lost")
    assert (told[1]["n_ms"], told[5]["n_ms"]) == (20_000, 10_000)
    assert (told[6]["files"], told[6]["cause"]) == (1, "clean")


@pytest.mark.parametrize("end", ["committed", "discarded"])
def test_every_meant_end_is_told(collector: Collector, driver: Driver, end: str):
    driver.store()
    if end == "committed":
        driver.commit()
    else:
        api.discard(driver.user, driver.id)
    last = heard(collector)[-1]
    assert (last["event"], last["files"]) == (f"draft_{end}", 1)


def test_an_end_that_is_rolled_back_changes_no_draft(collector: Collector, driver: Driver, other_user):
    with pytest.raises(api.Refusal):
        api.discard(other_user, driver.id)
    assert [event["event"] for event in heard(collector) if event["draft"] == str(driver.id)] == ["draft_opened"]


def test_control_characters_cannot_forge_a_second_line(transactional_db: None):
    """Whatever a name contains: a newline, a terminal escape, a lone surrogate."""
    lines: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger("uploads.events")
    logger.addHandler(handler)
    try:
        event_log.record("draft_opened", None, user='x"\r\n{"event": "forged"}\x1b[2J\u2028\ud800\0')
    finally:
        logger.removeHandler(handler)

    (line,) = lines
    assert line.isprintable()
    assert json.loads(line)["event"] == "draft_opened"
