"""Every call to the store, and every way it can fail, without loss, leftovers or premature reports.

A fault strikes some calls in a row; then the store recovers. The pauses between the attempts, which files it strikes
and how the draft ends come from a seed.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.run.counts import Counted
from tests.support.stores.unreliable_store import UnreliableStore
from tests.support.time.service_clock import FakeClock
from tests.support.wire.draft_driver import Driver, run_jobs
from tests.verification.store_case import FILES, StoreCase, content_of
from uploads import spool
from uploads.core.states import FileState
from uploads.models import File, StoreJob
from uploads.stores import retry
from uploads.stores.base import StoreError

SEEDS, ALL_SEEDS = 1, 25
Fault = Callable[["Case"], None]


class Case(StoreCase):
    """A draft on a local store that fails as remote ones do."""

    def __init__(self, driver: Driver, clock: FakeClock, backend: UnreliableStore, verb: str, seed: int) -> None:
        super().__init__(driver, clock, verb, seed)
        self.backend = backend

    def fail(self, error: Exception, *, applied: bool = False) -> None:
        self.backend.fail(self.verb, error, applied=applied, times=self.times)

    def holds(self, file: File) -> bool:
        with self.backend.open(file.store_key) as content:
            return content.read() == content_of(file)

    def end(self) -> bool:
        """Save or discard; return whether it was saved."""
        how = self.luck.choice(["commit", "discard", "expire"]) if self.verb == "put" else self.verb
        if how in {"commit", "promote"}:
            self.driver.commit()
        elif how == "discard":
            self.discard()
        else:
            self.expire()
        run_jobs()
        return self.driver.state == "committed"


def refused(case: Case) -> None:
    case.fail(StoreError("refused"))


def reset_before_it_counted(case: Case) -> None:
    case.fail(StoreError("connection reset"))


def reset_after_it_counted(case: Case) -> None:
    case.fail(StoreError("connection reset"), applied=True)


def error_after_it_counted(case: Case) -> None:
    case.fail(StoreError("500"), applied=True)


def too_many_requests(case: Case) -> None:
    case.fail(StoreError("429: try again in 2 s"))


def garbage_instead_of_an_answer(case: Case) -> None:
    """A backend that fails on an unexpected response: not even with a `StoreError`."""
    case.fail(ValueError("Expecting value: line 1 column 1"), applied=case.luck.random() < 0.5)


def a_client_that_times_out(case: Case) -> None:
    case.fail(TimeoutError("30 s"), applied=case.luck.random() < 0.5)


def so_slow_that_another_process_takes_over(case: Case) -> None:
    def meanwhile() -> None:
        case.clock.skip(30)
        run_jobs()

    where = case.backend.before if case.luck.random() < 0.5 else case.backend.after
    where[case.verb] = meanwhile


def half_an_object(case: Case) -> None:
    case.backend.cut_puts(case.times)


def timed_out_and_carried_out_at_any_later_moment(case: Case) -> None:
    case.backend.delay_puts(case.times)


EVERYWHERE: list[Fault] = [
    refused,
    reset_before_it_counted,
    reset_after_it_counted,
    error_after_it_counted,
    too_many_requests,
    garbage_instead_of_an_answer,
    a_client_that_times_out,
    so_slow_that_another_process_takes_over,
]
FAULTS = [(verb, fault) for verb in ("put", "promote", "destroy") for fault in EVERYWHERE]
FAULTS += [("put", half_an_object), ("put", timed_out_and_carried_out_at_any_later_moment)]


@pytest.mark.parametrize(("verb", "fault"), FAULTS, ids=lambda part: part if isinstance(part, str) else part.__name__)
def test_a_store_that_fails_and_recovers_loses_and_leaves_nothing(
    make_driver: Callable[[], Driver],
    service_clock: FakeClock,
    unreliable_store: UnreliableStore,
    verb: str,
    fault: Fault,
    counted: Counted,
    report: Callable[[object], None],
):
    seeds = counted(SEEDS, ALL_SEEDS)
    for seed in range(seeds):
        case = Case(make_driver(), service_clock, unreliable_store, verb, seed)
        unreliable_store.calls.clear()
        run(case, fault)
    report(f"{seeds} seeds")


def run(case: Case, fault: Fault) -> None:
    if case.verb == "put":
        fault(case)
    made = case.upload_all()
    if case.verb == "put":
        case.connect()
        case.pass_time(12, step=4)
        case.retry_rejected()
        while case.is_undecided():
            case.pass_time(4, step=4)
    else:
        fault(case)
    assert {case.driver.file_state(file_id) for file_id in made} == {FileState.STORED}

    saved = case.end()
    keys = [case.driver.file(file_id).store_key for file_id in made]
    case.pass_time(case.luck.uniform(0, 0.9) * retry.LATE_MS / 1000)
    case.backend.land()
    case.pass_time(1.2 * retry.LATE_MS / 1000)

    assert not StoreJob.objects.exists()
    assert case.backend.calls[case.verb] <= 4 * (FILES + case.times)
    if saved:
        assert {case.driver.file_state(file_id) for file_id in made} == {FileState.PERMANENT}
        keys = [key for key in keys if "temp" in key]
    else:
        assert case.driver.state == "expired"
    assert [key for key in keys if case.backend.exists(key)] == []
    assert [spool.latest(file_id) for file_id in made] == [None] * FILES
