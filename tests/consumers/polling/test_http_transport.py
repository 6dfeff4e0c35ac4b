"""The protocol without a socket: every command, every refusal, and what a request does to the grace."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from django.test import Client
from pytest_django import Settings

from tests.support.images.pictures import picture
from tests.support.time.service_clock import FakeClock, service_clock
from tests.support.wire.draft_driver import Driver, run_jobs
from tests.support.wire.polling_client import PollingClient, client, driver, make_client, tab
from uploads import spool
from uploads.core.service_time import Cause
from uploads.expiry import sweeper
from uploads.grace import clock
from uploads.models import DisconnectionRecord, Draft, File, IdempotencyRecord
from uploads.presence import sockets

__all__ = ["client", "driver", "make_client", "service_clock", "tab"]

FLOOR_MS = 180_000


@pytest.fixture(autouse=True)
def short_grace(settings: Settings, own_disk: object) -> None:
    """N is 10 s after a clean close and 1,000 s after a loss."""
    settings.UPLOADS = {**settings.UPLOADS, "GRACE_SECONDS": 10, "GRACE_SECONDS_LOST": 1000}


# --- Polling


def test_a_look_brings_the_snapshot_and_then_nothing_until_something_changed(tab: PollingClient, driver: Driver):
    (snapshot,) = tab.look()
    assert tab.status == 200
    assert snapshot["draft"]["id"] == str(driver.id)
    assert tab.look(snapshot["revision"]) == []
    assert tab.status == 204
    driver.add("new.jpg")
    (newer,) = tab.look(snapshot["revision"])

    assert [file["name"] for file in newer["files"]] == ["new.jpg"]


def test_ping_and_sync_are_answered_as_on_a_socket(tab: PollingClient):
    assert tab.say('{"type": "ping"}') == [{"type": "pong"}]
    assert [message["type"] for message in tab.say('{"type": "sync"}')] == ["snapshot"]


def test_how_far_the_files_of_other_tabs_are(tab: PollingClient, driver: Driver, client: Client):
    mine = tab.announce(b"m" * 100)
    tab.send(mine, 0, b"m" * 50)
    other = PollingClient(client, driver.id)
    theirs = other.announce(b"t" * 100)
    other.send(theirs, 0, b"t" * 30)
    progress = [message for message in tab.look() if message["type"] == "progress"]

    assert progress == [{"type": "progress", "file": theirs["file"], "received": 30, "size": 100}]


# --- Commands


def test_every_command_works_without_a_socket(tab: PollingClient, driver: Driver):
    one, two = tab.upload(picture(seed=1), "1.jpg"), tab.upload(picture(seed=2), "2.jpg")
    run_jobs()
    red = [{"temp_id": "red", "label": "Red"}]
    assert tab.command("variants", revision=driver.draft.revision, rows=red)["type"] == "ok"
    moved = {"files": [two], "file_type": "main_image", "variant_temp_id": None, "after": None}
    assert tab.command("reorder", **moved)["type"] == "ok"
    assert driver.names() == ["2.jpg", "1.jpg"]
    into_variant = {"files": [one], "file_type": "variant_image", "variant_temp_id": "red", "after": None}
    assert tab.command("reorder", **into_variant)["type"] == "ok"
    assert driver.names("red") == ["1.jpg"]
    assert tab.command("describe", file=one, alt_text="A mug")["type"] == "ok"
    assert driver.file(UUID(one)).alt_text == "A mug"
    assert tab.command("note", fields={"title": ["Mug"]})["type"] == "ok"
    assert json.loads(driver.draft.fields) == {"title": ["Mug"]}
    assert tab.command("remove", file=two)["type"] == "ok"
    assert driver.file_state(UUID(two)) == "removed"
    assert tab.command("restore", file=two)["type"] == "ok"
    assert driver.file_state(UUID(two)) == "stored"
    tab.command("remove", file=two)
    assert tab.command("purge", file=two)["type"] == "ok"
    assert driver.file_state(UUID(two)) == "deleting"
    assert tab.command("discard") == {"type": "ok", "op": "op14", "revision": driver.draft.revision}

    assert driver.state == "expiring"


def test_a_repeated_command_gets_its_first_answer(tab: PollingClient, driver: Driver):
    file = tab.upload(picture(seed=1))
    move = {"files": [file], "file_type": "main_image", "variant_temp_id": None, "after": None}
    message = json.dumps({"type": "reorder", "op": "twice", **move})
    first = tab.say(message)
    tab.command("describe", file=file, alt_text="Later")

    assert tab.say(message) == first
    assert IdempotencyRecord.objects.filter(draft=driver.id, op="twice").count() == 1


def test_a_discard_whose_answer_was_lost_is_answered_again_and_no_other_one(tab: PollingClient, driver: Driver):
    driver.add("a.jpg")
    first = tab.say('{"type": "discard", "op": "bye"}')
    assert first == [{"type": "ok", "op": "bye", "revision": driver.draft.revision}]

    run_jobs()
    assert tab.say('{"type": "discard", "op": "bye"}') == first
    error, ended = tab.say('{"type": "discard", "op": "another"}')

    assert (error["code"], ended["reason"]) == ("draft_ended", "discarded")
    assert driver.state == "expired"


def test_a_discard_under_the_op_of_another_command_still_discards(tab: PollingClient, driver: Driver):
    file = tab.upload(picture())
    move = {"files": [file], "file_type": "main_image", "variant_temp_id": None, "after": None}
    tab.say(json.dumps({"type": "reorder", "op": "same", **move}))

    (answer,) = tab.say('{"type": "discard", "op": "same"}')

    assert answer["type"] == "ok"
    assert driver.state == "expiring"


def test_a_refused_command_says_why_and_the_tab_stays(tab: PollingClient):
    error = tab.command("remove", file=str(uuid4()))

    assert (error["type"], error["code"], error["op"]) == ("error", "file_not_found", "op1")
    assert (tab.status, tab.close) == (404, None)


def test_stale_variant_rows_come_back_with_a_snapshot(tab: PollingClient):
    said = tab.say('{"type": "variants", "op": "a", "revision": 99, "rows": []}')

    assert [message["type"] for message in said] == ["error", "snapshot"]
    assert (tab.status, tab.close) == (409, None)


# --- Bytes


def test_a_file_goes_in_parts_and_is_stored(tab: PollingClient, driver: Driver):
    content = picture(seed=3)
    transfer = tab.announce(content, name="parts.jpg")
    assert (transfer["type"], transfer["offset"]) == ("transfer", 0)
    tab.send(transfer, 0, content[:100])
    (ack,) = tab.send(transfer, 100, content[100:])
    assert ack["offset"] == len(content)
    assert tab.finish(transfer, content)["type"] == "ok"
    run_jobs()
    stored = driver.file(UUID(transfer["file"]))

    assert (stored.state, stored.sha256) == ("stored", hashlib.sha256(content).hexdigest())


def test_an_acknowledged_byte_is_there_after_any_lost_answer(tab: PollingClient):
    transfer = tab.announce(b"x" * 100)
    tab.send(transfer, 0, b"x" * 60)
    again = tab.command("resume", file=transfer["file"], size=100)

    assert (again["type"], again["offset"], again["handle"]) == ("transfer", 60, transfer["handle"] + 1)


def test_adding_a_file_again_goes_on_where_it_was(tab: PollingClient, driver: Driver):
    transfer = tab.announce(b"x" * 100)
    tab.send(transfer, 0, b"x" * 60)
    again = tab.announce(b"x" * 100, file=transfer["file"])

    assert again["offset"] == 60
    assert File.objects.filter(draft=driver.id).count() == 1


def test_a_file_finished_twice_is_finished_once(tab: PollingClient):
    content = picture(seed=4)
    transfer = tab.announce(content)
    tab.send(transfer, 0, content)
    assert tab.finish(transfer, content)["type"] == "ok"

    assert tab.finish(transfer, content)["type"] == "ok"


@pytest.mark.parametrize(("offset", "size", "code"), [(1, 9, "bad_chunk"), (0, 101, "too_large")])
def test_a_part_that_does_not_fit_is_refused_and_changes_nothing(tab: PollingClient, offset: int, size: int, code: str):
    transfer = tab.announce(b"x" * 100)
    (error,) = tab.send(transfer, offset, b"x" * size)

    assert (error["code"], error["file"], tab.close) == (code, transfer["file"], None)
    assert spool.length(UUID(transfer["file"]), transfer["handle"]) == 0


@pytest.mark.parametrize(("size", "code", "status"), [(0, "bad_message", 400), (4 * 262_144 + 1, "too_much_data", 413)])
def test_a_part_of_a_wrong_length_is_refused(tab: PollingClient, size: int, code: str, status: int):
    transfer = tab.announce(b"x" * 2_000_000)
    (error,) = tab.send(transfer, 0, b"x" * size)

    assert (error["code"], tab.status) == (code, status)


def test_who_took_a_file_over_is_the_only_one_to_write_it(tab: PollingClient, client: Client, driver: Driver):
    old = tab.announce(b"x" * 100)
    tab.send(old, 0, b"x" * 60)
    other = PollingClient(client, driver.id)
    new = other.command("resume", file=old["file"], size=100)
    (error,) = tab.send(old, 60, b"x" * 40)

    assert error["code"] == "superseded"
    assert other.send(new, 60, b"x" * 40)[0]["offset"] == 100


def test_a_whole_file_that_changed_on_its_way_is_sent_again(tab: PollingClient):
    transfer = tab.announce(b"x" * 100)
    tab.send(transfer, 0, b"y" * 100)
    assert tab.finish(transfer, b"x" * 100)["code"] == "checksum_mismatch"
    again = tab.command("resume", file=transfer["file"], size=100)

    assert again["offset"] == 0


def test_a_file_that_is_not_whole_is_not_finished(tab: PollingClient):
    transfer = tab.announce(b"x" * 100)
    tab.send(transfer, 0, b"x" * 99)

    assert tab.finish(transfer, b"x" * 100)["code"] == "bad_chunk"


def test_a_lost_spool_asks_where_to_go_on(tab: PollingClient):
    transfer = tab.announce(b"x" * 100)
    spool.drop(UUID(transfer["file"]))
    (error,) = tab.send(transfer, 0, b"x")

    assert error["code"] == "bad_chunk"
    assert tab.finish(transfer, b"x" * 100)["code"] == "bad_chunk"


def test_a_removed_file_takes_no_more_bytes(tab: PollingClient):
    transfer = tab.announce(b"x" * 100)
    tab.command("remove", file=transfer["file"])
    (error,) = tab.send(transfer, 0, b"x")

    assert (error["code"], tab.status) == ("file_not_found", 404)


def test_a_rejected_file_is_tried_again(tab: PollingClient, driver: Driver):
    file = tab.upload(b"not an image at all")
    run_jobs()
    assert driver.file_state(UUID(file)) == "rejected"

    transfer = tab.command("retry", file=file)

    assert (transfer["type"], transfer["offset"]) == ("transfer", 0)
    assert driver.file_state(UUID(file)) == "receiving"


# --- The end of the draft


def test_the_end_of_the_draft_is_told_with_its_facts(tab: PollingClient, driver: Driver):
    tab.upload(picture(seed=1), "1.jpg")
    run_jobs()
    driver.commit()
    (ended,) = tab.look()
    assert (ended["type"], ended["reason"], ended["url"], ended["by"]) == ("ended", "committed", "/products/7/", "ada")
    assert (tab.status, tab.close) == (409, 4409)
    error, told = tab.say('{"type": "discard", "op": "a"}')

    assert (error["code"], error["op"], told) == ("draft_ended", "a", ended)


def test_an_expired_draft_names_what_was_lost(tab: PollingClient, driver: Driver, service_clock: FakeClock):
    tab.upload(picture(seed=1), "lost.jpg")
    service_clock.advance(FLOOR_MS / 1000 + 1)
    sweeper.sweep()
    (ended,) = tab.look()

    assert (ended["reason"], ended["names"]) == ("expired", ["lost.jpg"])
    assert (tab.status, tab.close) == (410, 4410)


# --- Presence


def left_ms(draft: Draft) -> int:
    assert draft.deadline_ms is not None
    return draft.deadline_ms - clock.service_now()


def test_each_request_renews_the_deadline_to_the_floor(tab: PollingClient, driver: Driver, service_clock: FakeClock):
    transfer = tab.announce(b"x" * 100)
    for ask in (tab.look, lambda: tab.say('{"type": "ping"}'), lambda: tab.send(transfer, 0, b"x" * 10)):
        service_clock.advance(100)
        ask()
        assert left_ms(driver.draft) == FLOOR_MS


def test_a_larger_n_counts(tab: PollingClient, driver: Driver, settings: Settings):
    settings.UPLOADS = {**settings.UPLOADS, "GRACE_SECONDS": 500}
    tab.look()

    assert left_ms(driver.draft) == 500_000


def test_asking_keeps_a_draft_for_as_long_as_it_lasts_and_not_longer(
    tab: PollingClient, driver: Driver, service_clock: FakeClock
):
    """N is 10 s; polling keeps the draft, once a minute as in a hidden tab."""
    for _ in range(10):
        service_clock.advance(60)
        sweeper.sweep()
        assert tab.look()[0]["type"] == "snapshot"
    service_clock.advance(FLOOR_MS / 1000 - 1)
    sweeper.sweep()
    assert driver.state == "grace"
    service_clock.advance(2)
    sweeper.sweep()

    assert driver.state in ("expiring", "expired")


def test_a_request_never_brings_a_deadline_forward(tab: PollingClient, driver: Driver):
    sockets.disconnect(driver.connect(sockets.start_process()), Cause.LOST)
    tab.look()

    assert left_ms(driver.draft) == 1_000_000


def test_a_request_leaves_an_open_draft_open(tab: PollingClient, driver: Driver):
    driver.connect(sockets.start_process())
    tab.look()

    assert (driver.state, driver.draft.deadline_ms) == ("open", None)


def test_the_last_socket_leaves_the_draft_to_the_tab_that_asks(
    tab: PollingClient, driver: Driver, service_clock: FakeClock
):
    """The tab over HTTP may be hidden and poll only once a minute; N is 10 s."""
    socket = driver.connect(sockets.start_process())
    tab.look()
    service_clock.advance(5)
    sockets.disconnect(socket, Cause.CLEAN)

    assert left_ms(driver.draft) == FLOOR_MS - 5_000


def test_a_return_to_a_socket_was_away_since_the_last_request(
    tab: PollingClient, driver: Driver, service_clock: FakeClock
):
    """Otherwise the time in limited mode would look like a long disconnection, and N would be tuned from it."""
    driver.abandon()
    for _ in range(3):
        service_clock.advance(60)
        tab.look()
    service_clock.advance(4)
    driver.connect(sockets.start_process())
    gap = DisconnectionRecord.objects.latest("pk")

    assert (gap.duration_ms, gap.cause) == (4_000, Cause.REQUEST)


def test_a_refused_request_renews_nothing(tab: PollingClient, driver: Driver, make_client: Callable[[str], Client]):
    before = driver.draft.deadline_ms
    PollingClient(make_client("bob"), driver.id).look()

    assert driver.draft.deadline_ms == before


def test_the_files_of_a_tab_are_sent_until_it_is_quiet(tab: PollingClient, driver: Driver, service_clock: FakeClock):
    driver.connect(process := sockets.start_process())
    transfer = tab.announce(b"x" * 100)
    snapshot = tab.snapshot()
    assert (snapshot["sockets"], snapshot["files"][0]["sending"]) == (1, True)
    revision = snapshot["revision"]
    service_clock.advance(29, alive=[process])
    sweeper.sweep()
    assert driver.draft.revision == revision
    service_clock.advance(2, alive=[process])
    sweeper.sweep()
    quiet = driver.draft.revision
    sweeper.sweep()
    assert (quiet, driver.draft.revision) == (revision + 1, revision + 1)
    other = PollingClient(tab.client, driver.id).snapshot()

    assert [file["sending"] for file in other["files"] if file["file"] == transfer["file"]] == [False]
