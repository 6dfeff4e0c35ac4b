from __future__ import annotations

from msgspec import Struct

from consumers.server.connection_rules import Waiting, seconds_for, to_close
from uploads.core.limits import RequestLimits

LIMITS = RequestLimits(header_seconds=10, idle_seconds=60, unread_seconds=30)


class Connection(Struct):
    waits_since: float | None


def test_every_wait_has_an_end():
    ends = {waiting: seconds_for(waiting, LIMITS) for waiting in Waiting}

    # The deadline of a body moves with its bytes: see `body_rules`.
    assert ends == {
        Waiting.REQUEST: 60,
        Waiting.HEADERS: 10,
        Waiting.BODY: float("inf"),
        Waiting.READING: 30,
        Waiting.CLOSING: 30,
    }


def test_who_waits_the_longest_makes_room_and_nobody_who_is_being_answered():
    answered, silent, fresh = Connection(None), Connection(5.0), Connection(9.0)

    assert to_close([answered, fresh, silent]) is silent
    assert to_close([answered]) is None
