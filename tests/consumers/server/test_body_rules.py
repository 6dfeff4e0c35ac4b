from __future__ import annotations

import pytest

from consumers.server.body_rules import THROTTLE_SLACK, Allowance, BodiesUnderWay, BodyRules, ReadThrottle
from uploads.core.errors import Code, Refusal
from uploads.core.limits import Limits, RequestLimits

REQUESTS = RequestLimits(body_seconds=20, body_bytes_per_second=1000)
ROUTES: dict[str, str | int] = {
    "/upload/": "file",
    r"/product/\d+/edit/": "draft",
    "/note/": 5000,
    "/import/": 7_000_000,
}
RULES = BodyRules(Limits(), REQUESTS, ROUTES)
CHUNK = "/uploads/draft/{0}/{0}/3/1048576/".format("12345678-1234-5678-1234-567812345678")


@pytest.mark.parametrize(
    ("path", "allowed", "code"),
    [
        ("/upload/", 21_000_000, Code.TOO_LARGE),
        ("/product/7/edit/", 1_001_000_000, Code.DRAFT_FULL),
        ("/import/", 7_000_000, Code.BODY_TOO_LARGE),
        ("/note/", 5000, Code.BODY_TOO_LARGE),
        (CHUNK, 1_048_576, Code.TOO_MUCH_DATA),
        ("/below/a/prefix" + CHUNK, 1_048_576, Code.TOO_MUCH_DATA),
        ("/", 1_000_000, Code.BODY_TOO_LARGE),
        # The whole path must match, without a prefix or suffix.
        ("/upload/x", 1_000_000, Code.BODY_TOO_LARGE),
        ("/x/upload/", 1_000_000, Code.BODY_TOO_LARGE),
        ("/upload/\n", 1_000_000, Code.BODY_TOO_LARGE),
        ("/product/7/edit/\n", 1_000_000, Code.BODY_TOO_LARGE),
    ],
)
def test_a_route_says_what_a_signed_in_user_may_send(path: str, allowed: int, code: Code):
    assert RULES.signed_in(path) == Allowance(allowed, code)


@pytest.mark.parametrize(("path", "allowed"), [("/upload/", 1_000_000), ("/", 1_000_000), ("/note/", 5000)])
def test_anybody_may_send_a_megabyte_and_never_more_than_a_user(path: str, allowed: int):
    assert RULES.anybody(path) == allowed


def test_a_slow_line_has_time_and_a_byte_now_and_then_has_none():
    assert RULES.seconds_left(0, 0) == 20
    assert RULES.seconds_left(1_000_000, 1000) == 20
    # 1 byte a second for 20 s.
    assert RULES.seconds_left(20, 20.1) < 0


def test_strangers_share_what_may_be_pending():
    bodies = BodiesUnderWay(RequestLimits(max_pending_bytes=1000), user_bytes=1)

    assert bodies.has_room(600)
    assert not bodies.has_room(401)
    assert bodies.has_room(400)
    bodies.give_back(600)
    assert bodies.has_room(600)


def test_a_user_sends_so_many_large_bodies_and_so_many_bytes_at_a_time():
    bodies = BodiesUnderWay(RequestLimits(max_user_bodies=2), user_bytes=1000)
    bodies.begin(1)
    bodies.begin(1)
    with pytest.raises(Refusal, match="too_fast"):
        bodies.begin(1)
    bodies.begin(2)
    bodies.add(1, 1000)
    with pytest.raises(Refusal, match="too_fast"):
        bodies.add(1, 1)
    bodies.add(2, 1000)
    bodies.end(1, 1000)
    bodies.begin(1)
    bodies.add(1, 1000)


def test_a_route_is_a_whole_path():
    assert RULES.signed_in("/x/upload/x").bytes == RULES.anybody("/") == 1_000_000


def test_many_senders_wait_for_each_other_and_one_alone_does_not():
    throttle = ReadThrottle(1_000_000)
    waits = [throttle.delay(100_000, 50.0) for _ in range(10)]

    assert waits[0] == pytest.approx(0)
    assert waits[-1] == pytest.approx(1 - THROTTLE_SLACK)
    assert throttle.delay(100_000, 60.0) == pytest.approx(0)


def test_who_sends_nothing_that_counts_does_not_wait_for_the_others():
    throttle = ReadThrottle(1_000_000)
    throttle.delay(5_000_000, 50.0)

    assert throttle.delay(0, 50.0) == 0
