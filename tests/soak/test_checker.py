"""The checker itself: a run without faults passes, and each way to break a promise is found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.soak.checker import SLACK_MS, Facts, FileRow, Findings, check
from tests.soak.history import End, FileHistory, History

DRAFT, N_MS = "d", 2_000
KEY, PRODUCT = "media/product_files/7/erp-a.jpg", "/marketing/product/7/"


def file() -> FileHistory:
    heard = [("transfer", 1, 0), ("ack", 1, 4), ("transfer", 1, 4), ("ack", 1, 9)]
    return FileHistory("a", "a.jpg", "hash", 9, heard=heard, stored=True)


def committed() -> tuple[History, Facts]:
    history = History(DRAFT, [file()], ["a"], products=[PRODUCT], end=End.COMMIT)
    facts = Facts(
        drafts={DRAFT: ("committed", "clean")},
        files={"a": FileRow(DRAFT, "permanent", KEY, 0)},
        products={"a": (PRODUCT, 0)},
        objects={KEY: "hash"},
        spooled=frozenset(),
        jobs=0,
    )
    return history, facts


def left() -> tuple[History, Facts]:
    history = History(DRAFT, [file()], ["a"], left_ms=10_000, end=End.LEAVE)
    facts = Facts(
        drafts={DRAFT: ("expired", "clean")},
        files={"a": FileRow(DRAFT, "deleted", KEY, 0)},
        products={},
        objects={},
        spooled=frozenset(),
        jobs=0,
    )
    return history, facts


def judge(history: History, facts: Facts, gone_ms: float = 12_500) -> Findings:
    return check([history], facts, {"a": gone_ms}, {"clean": N_MS})


def test_a_good_save_passes_and_is_counted():
    found = judge(*committed())

    assert found.all_wrong == []
    assert (found.drafts, found.stored, found.commits) == (1, 1, 1)


def test_a_good_expiry_passes_and_its_delay_is_measured():
    found = judge(*left())

    assert found.all_wrong == []
    assert (found.deletions, found.worst_ms) == (1, 500)


@pytest.mark.parametrize(
    ("gone_ms", "kind"), [(11_999, "early"), (10_000 + N_MS + SLACK_MS + 1, "late")], ids=["early", "late"]
)
def test_bytes_that_go_at_the_wrong_time_are_found(gone_ms: float, kind: str):
    assert len(getattr(judge(*left(), gone_ms), kind)) == 1


BROKEN_SAVES: dict[str, Callable[[Facts], Facts]] = {
    "no object": lambda facts: replace(facts, objects={}),
    "other bytes": lambda facts: replace(facts, objects={KEY: "other"}),
    "no row": lambda facts: replace(facts, files={}, objects={}),
    "not linked": lambda facts: replace(facts, files={"a": FileRow(DRAFT, "stored", KEY, 0)}),
    "not the product's": lambda facts: replace(facts, products={}),
    "another product's": lambda facts: replace(facts, products={"a": ("/marketing/product/8/", 0)}),
    "not committed": lambda facts: replace(facts, drafts={DRAFT: ("expired", "clean")}),
    "another order": lambda facts: replace(facts, products={"b": (PRODUCT, 0), "a": (PRODUCT, 1)}),
}


@pytest.mark.parametrize("broken", BROKEN_SAVES)
def test_what_was_acked_and_is_lost_is_found(broken: str):
    history, facts = committed()

    assert judge(history, BROKEN_SAVES[broken](facts)).acked_losses


def test_a_save_with_two_products_is_found():
    history, facts = committed()
    history.products.append("/marketing/product/8/")

    assert judge(history, facts).wrong


@pytest.mark.parametrize(
    "heard",
    [
        [("transfer", 1, 0), ("ack", 1, 4), ("transfer", 2, 3)],
        [("transfer", 1, 0), ("ack", 1, 4), ("ack", 1, 3)],
        [("transfer", 1, 0), ("ack", 1, 4), ("ack", 1, 4)],
    ],
    ids=["resume behind an ack", "ack goes back", "ack stands still"],
)
def test_a_step_back_is_found(heard: list[tuple[str, int, int]]):
    history, facts = committed()
    history.files[0].heard = heard

    assert judge(history, facts).acked_losses


LEFTOVERS: dict[str, Callable[[Facts], Facts]] = {
    "object of an ended draft": lambda facts: replace(facts, objects={KEY: "hash"}),
    "object of nobody": lambda facts: replace(facts, objects={"media/other.jpg": "hash"}),
    "spool": lambda facts: replace(facts, spooled=frozenset({"a"})),
}


@pytest.mark.parametrize("leftover", LEFTOVERS)
def test_what_is_left_behind_is_found(leftover: str):
    history, facts = left()

    assert judge(history, LEFTOVERS[leftover](facts)).orphans


def test_a_row_without_its_object_is_found():
    history, facts = left()

    assert judge(history, replace(facts, files={"b": FileRow("other", "stored", "k", 0)})).dangling


@pytest.mark.parametrize("state", ["grace", "expiring", "open"])
def test_an_abandoned_draft_that_lives_on_is_found(state: str):
    history, facts = left()

    assert judge(history, replace(facts, drafts={DRAFT: (state, "clean")})).late


def test_a_client_that_came_back_in_time_to_find_nothing_is_found():
    history, facts = left()
    history.end, history.back_ms = End.FOUND_EXPIRED, 10_000 + N_MS - 1

    assert judge(history, facts).early


def test_a_draft_that_was_kept_open_must_have_all_of_it():
    history, facts = left()
    history.end = End.STAY

    assert judge(history, facts).acked_losses
    there = replace(
        facts,
        drafts={DRAFT: ("open", "clean")},
        files={"a": FileRow(DRAFT, "stored", KEY, 0)},
        objects={KEY: "hash"},
    )
    assert judge(history, there).all_wrong == []


def test_complaints_jobs_and_clients_without_an_end_are_found():
    history, facts = left()
    history.complaints.append("refused with 4404")

    assert len(judge(history, replace(facts, jobs=1)).wrong) == 2
    history.end = None
    assert len(judge(history, facts).wrong) == 2
