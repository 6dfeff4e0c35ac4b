"""A violation is reported with its client, the faults around it and both clocks."""

from __future__ import annotations

from itertools import count

from tests.soak.history import FileHistory, History
from tests.soak.journal import FAULT, Journal, named_in


def test_the_lines_of_a_client_stand_between_the_faults():
    journal = Journal(count().__next__)
    journal.read_s = lambda: 7000.0
    journal.note("client 1", "opened a draft")
    journal.note("client 2", "opened a draft")
    journal.note(FAULT, "SIGKILL at mid-chunk")

    assert journal.about({"client 1"}) == [
        "    1.00 s, S 7000 ms, client 1: opened a draft",
        "    3.00 s, S 7000 ms, fault: SIGKILL at mid-chunk",
    ]


def test_a_violation_names_its_client_by_draft_or_file():
    by_draft = History("d1")
    by_file = History("d2", [FileHistory("f2", "a.jpg", "hash", 1)])
    histories = [by_draft, by_file, History("d3"), History("")]

    assert named_in(["late: draft d1: abandoned", "acked_losses: file f2: gone"], histories) == [by_draft, by_file]
    assert named_in([], histories) == []
