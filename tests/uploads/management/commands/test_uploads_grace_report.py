from __future__ import annotations

import json
from io import StringIO
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command

from uploads.models import DisconnectionRecord

pytestmark = pytest.mark.django_db(transaction=True)


def said(*arguments: str) -> str:
    out = StringIO()
    call_command("uploads_grace_report", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def gaps() -> None:
    """A hundred short reloads, one long lunch, a connection lost for a minute, and a draft to which nobody returned."""
    facts = [(number, 1_000 * (1 + number % 10), "clean") for number in range(100)]
    facts += [(100, 1_800_000, "clean"), (101, 60_000, "lost"), (102, 5_000, "request")]
    DisconnectionRecord.objects.bulk_create(
        DisconnectionRecord(draft=UUID(int=n), duration_ms=ms, cause=cause) for n, ms, cause in facts
    )
    DisconnectionRecord.objects.create(
        draft=UUID(int=200), duration_ms=10_000, cause="clean", returned=False, bytes=360_000_000
    )


def test_a_program_reads_the_spread_and_the_losses_of_every_n(gaps: None):
    found = json.loads(said("--json", "--at", "5,60"))

    assert found["in_force"] == {"clean": 10, "lost": 20}
    assert found["gaps"]["clean"] == {
        "count": 101,
        "never_returned": 1,
        "percentiles": {"50": 6_000, "90": 10_000, "95": 10_000, "99": 10_000},
        "max_ms": 1_800_000,
    }
    assert found["gaps"]["request"]["count"] == 1
    lost = {n: forecast["lost"] for n, forecast in found["forecast"]["clean"].items()}
    assert lost == {"5": 61, "10": 11, "60": 1}
    assert {n: forecast["lost"] for n, forecast in found["forecast"]["lost"].items()} == {"5": 1, "20": 1, "60": 1}
    assert found["forecast"]["clean"]["10"]["gigabyte_hours"] == 0.001


def test_a_person_reads_the_same_as_a_table(gaps: None):
    lines = [line.split() for line in said("--at", "60").splitlines()]

    assert ["clean", "101", "6.0", "10.0", "10.0", "10.0", "1800.0", "1"] in lines
    assert ["lapsed", "0", "-", "-", "-", "-", "-", "0"] in lines
    assert ["60", "101", "1", "1", "0.006"] in lines
    assert ["10", "101", "11", "1", "0.001", "<-", "in", "force"] in lines


def test_without_any_gap_there_is_still_a_report():
    assert json.loads(said("--json"))["forecast"]["clean"]["300"]["returned"] == 0
    assert "in force" in said()


@pytest.mark.parametrize("at", ["0", "60,", "x", "-1", "99999999999"])
def test_an_n_that_makes_no_sense_is_refused(at: str):
    with pytest.raises(CommandError):
        said("--at", at)
