"""A share of `python3 -m tests fuzz` in the suite, and proof that fuzzing finds planted errors."""

from __future__ import annotations

from random import Random

import pytest

from consumers.protocol.messages import CLIENT_MESSAGES
from tests.fuzz import __main__ as command
from tests.fuzz import frames, http_requests, images, json_texts
from tests.fuzz.report import WARM, Report
from tests.fuzz.targets import TARGETS
from tests.support.run.counts import Counted
from tests.verification.mutants import Mutant, planted
from uploads.core.errors import Code

pytestmark = pytest.mark.django_db(transaction=True)

SEED = 12


@pytest.mark.parametrize("name", TARGETS)
def test_what_is_changed_at_random_gets_an_answer(name: str, counted: Counted):
    count = counted(300, command.COUNT)
    report = TARGETS[name](SEED, count)

    assert report.findings == []
    assert sum(report.answers.values()) == count


def test_images_are_changed_in_ways_that_end_in_every_way():
    """A search that only ever reaches the first check finds nothing."""
    report = images.fuzz(SEED, 200)
    assert {"taken", Code.IMAGE_UNREADABLE, Code.IMAGE_TRUNCATED, Code.UNSUPPORTED_TYPE} <= set(report.answers)


def test_so_are_frames_and_commands_and_requests():
    by_socket = {"ok", "ack", "nothing", Code.BAD_MESSAGE, Code.BAD_CHUNK, Code.FILE_NOT_FOUND, Code.NOT_POSSIBLE}
    by_request = {"200", "302", "400", "403", "404", "405", "422", "101", "closed"}

    assert by_socket <= set(frames.fuzz(SEED, 300).answers)
    assert by_request <= set(http_requests.fuzz(SEED, 400).answers)


def test_every_command_is_tried():
    kinds = {str(json_texts.command(Random(number))["type"]) for number in range(2_000)}  # noqa: S311 - no secret
    assert kinds == {message.__struct_config__.tag for message in CLIENT_MESSAGES}


def test_a_seed_makes_the_same_case_each_time():
    assert images.image(5) == images.image(5) != images.image(6)
    assert frames.frame(5) == frames.frame(5) != frames.frame(6)
    assert http_requests.connection(5) == http_requests.connection(5) != http_requests.connection(6)


MISSED = {
    "frames": Mutant(
        id="short chunk",
        error="a chunk without its header",
        module="consumers.protocol.framing",
        edits=(("if not 0 < size <= limits.chunk_bytes:", "if size > limits.chunk_bytes:"),),
        killer="",
    ),
    "json": Mutant(
        id="twice",
        error="of a field that is there twice the last one counts",
        module="consumers.protocol.messages",
        edits=(("        _names.decode(text)\n", ""),),
        killer="",
    ),
    "http": Mutant(
        id="broken form",
        error="a form that cannot be parsed to an address that is not there is answered with 500",
        module="erp.web.error_pages",
        edits=(("    request.POST = QueryDict()\n", ""),),
        killer="",
    ),
}


@pytest.mark.parametrize("name", MISSED)
def test_what_is_wrong_is_found(name: str):
    with planted(MISSED[name]):
        report = TARGETS[name](SEED, 100)

    assert report.findings
    assert f"{name} --seed " in report.findings[0]


def test_an_error_nobody_caught_and_a_case_too_slow_are_found(monkeypatch: pytest.MonkeyPatch, capsys):
    def broken(seed: int, count: int) -> Report:
        report = Report()
        report.note("taken", 11.0, f"broken --seed {seed} --count 1")
        return report

    monkeypatch.setitem(TARGETS, "images", broken)
    assert command.main(["images", "--seed", "7", "--count", "1"]) == 1
    assert "broken --seed 7 --count 1: taken only after 11.0 s" in capsys.readouterr().out


def test_a_process_that_grows_is_found():
    report, held = Report(), []
    for _ in range(WARM):
        report.note("taken", 0.0, "")
    held.append(b"x" * 100_000_000)

    grown = report.grown_mb()

    assert grown > 64
    assert report.findings == [f"the process grew by {grown:.0f} MB"]
