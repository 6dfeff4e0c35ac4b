from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from uploads.core.service_time import Cause
from uploads.grace.forecast import CLEAN, LOST, Disconnection, Forecast, Percentiles, percentiles, simulate
from uploads.grace.rules import GraceSettings

drafts = st.integers(0, 5).map(lambda number: UUID(int=number))
returns = st.builds(Disconnection, drafts, st.sampled_from(list(Cause)), st.integers(0, 100_000))
graces = st.builds(GraceSettings, st.integers(1, 100), st.integers(1, 100))


def disconnections(*gaps: int, cause: Cause = Cause.CLEAN, returned: bool = True) -> list[Disconnection]:
    """One disconnection in each of as many drafts."""
    return [Disconnection(UUID(int=number), cause, gap, returned) for number, gap in enumerate(gaps)]


def test_the_percentiles_name_gaps_that_were_there():
    """Nearest rank: no number between two disconnections is invented."""
    assert percentiles(disconnections(*range(1, 201)), Cause.CLEAN) == Percentiles(
        200, 0, {50: 100, 90: 180, 95: 190, 99: 198}, 200
    )
    assert percentiles(disconnections(7), Cause.CLEAN) == Percentiles(1, 0, {50: 7, 90: 7, 95: 7, 99: 7}, 7)


def test_without_gaps_there_is_nothing_to_tell():
    assert percentiles([], Cause.LOST) == Percentiles(0, 0, {}, None)


def test_a_gap_nobody_ended_is_counted_apart():
    """It is as long as its N, so among the others it would say more about N than about people."""
    gaps = disconnections(5, 6) + disconnections(300_000, returned=False)
    assert percentiles(gaps, Cause.CLEAN) == Percentiles(2, 1, {50: 5, 90: 6, 95: 6, 99: 6}, 6)


def test_a_draft_is_lost_by_a_gap_of_n_and_more():
    gaps = disconnections(9_999, 10_000, 10_001)
    assert simulate(gaps, GraceSettings(10, 1)) == Forecast(returned=3, lost=2, abandoned=0, gigabyte_hours=0)


def test_a_draft_can_be_lost_only_once():
    gone = UUID(int=1)
    gaps = [Disconnection(gone, Cause.CLEAN, 20_000), Disconnection(gone, Cause.LOST, 30_000)]
    assert simulate(gaps, GraceSettings(10, 10)).lost == 1


def test_each_end_has_its_own_n():
    gaps = disconnections(20_000) + disconnections(20_000, cause=Cause.LOST)[:1]
    assert simulate(gaps, GraceSettings(10, 30), CLEAN).lost == 1
    assert simulate(gaps, GraceSettings(10, 30), LOST).lost == 0


def test_the_wait_for_a_first_socket_loses_nothing():
    assert simulate(disconnections(10**9, cause=Cause.REQUEST), GraceSettings(1, 1)) == Forecast(0, 0, 0, 0)


def test_an_abandoned_draft_is_kept_for_n():
    gaps = [Disconnection(UUID(int=1), Cause.CLEAN, 10_000, returned=False, bytes=2_000_000_000)]
    assert simulate(gaps, GraceSettings(1800, 1)) == Forecast(0, 0, 1, gigabyte_hours=1.0)


@given(st.lists(returns, max_size=30), graces)
def test_the_forecast_is_what_happens_when_the_same_gaps_come_again(
    gaps: Sequence[Disconnection], grace: GraceSettings
):
    """Each draft goes through its disconnections in order; the first that reaches its deadline ends it."""
    dead: set[UUID] = set()
    for gap in gaps:
        expired = gap.duration_ms >= grace.milliseconds(gap.cause)
        if gap.draft not in dead and gap.cause is not Cause.REQUEST and expired:
            dead.add(gap.draft)
    assert simulate(gaps, grace).lost == len(dead)


@given(st.lists(returns, max_size=30), st.integers(1, 99))
def test_a_longer_n_never_loses_more(gaps: Sequence[Disconnection], n: int):
    assert simulate(gaps, GraceSettings(n + 1, n + 1)).lost <= simulate(gaps, GraceSettings(n, n)).lost
