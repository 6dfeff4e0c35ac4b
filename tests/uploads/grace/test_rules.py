from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uploads.core import limits
from uploads.core.service_time import Cause
from uploads.grace import rules
from uploads.grace.rules import FLOOR_MS, REQUEST_GRACE_MS, GraceSettings


@pytest.mark.parametrize("cause", list(Cause))
def test_only_a_clean_end_and_a_mere_visit_have_the_short_grace(cause: Cause):
    short = cause in {Cause.CLEAN, Cause.REQUEST}
    assert GraceSettings(300, 3600).milliseconds(cause) == (300_000 if short else 3_600_000)


@given(st.integers(0, 10**9))
def test_the_floor_is_a_minute_or_n_if_shorter(n_ms: int):
    assert rules.floor_ms(n_ms) == min(n_ms, FLOOR_MS)


@pytest.mark.parametrize("seconds", [0, -1, limits.MAX_GRACE_SECONDS + 1])
def test_a_grace_nobody_can_mean_cannot_be_made(seconds: int):
    with pytest.raises(ValueError, match=f"Got: {seconds}"):
        GraceSettings(seconds, 300)
    with pytest.raises(ValueError, match=f"Got: {seconds}"):
        GraceSettings(300, seconds)


# --- A change of N

graces = st.builds(GraceSettings, st.integers(1, 10_000), st.integers(1, 10_000))
spans = st.integers(0, 10**7)
causes = st.sampled_from(list(Cause))


@given(spans, spans, causes, graces, graces, spans)
def test_a_change_expires_nothing_sooner_than_a_minute_after_it(
    since_ms: int, left_ms: int, cause: Cause, before: GraceSettings, after: GraceSettings, ago_ms: int
):
    s_ms = since_ms + ago_ms
    deadline = rules.recompute_deadline(s_ms + left_ms, since_ms, cause, before, after, s_ms)
    assert deadline >= s_ms + min(60_000, after.milliseconds(cause))


@given(spans, st.sampled_from([cause for cause in Cause if cause is not Cause.REQUEST]), graces, graces, spans)
def test_the_new_grace_counts_from_where_the_grace_began(
    since_ms: int, cause: Cause, before: GraceSettings, after: GraceSettings, ago_ms: int
):
    s_ms, n_ms = since_ms + ago_ms, after.milliseconds(cause)
    deadline_ms = since_ms + before.milliseconds(cause)

    deadline = rules.recompute_deadline(deadline_ms, since_ms, cause, before, after, s_ms)

    assert deadline == max(since_ms + n_ms, s_ms + min(n_ms, FLOOR_MS))


@given(spans, causes, graces, graces, spans, spans)
def test_a_draft_that_a_request_renewed_keeps_at_least_what_that_request_gives_it_now(
    since_ms: int, cause: Cause, before: GraceSettings, after: GraceSettings, renewed_after_ms: int, ago_ms: int
):
    renewed_ms = since_ms + renewed_after_ms
    deadline_ms = max(since_ms + before.milliseconds(cause), renewed_ms + before.request_milliseconds())
    s_ms = renewed_ms + ago_ms

    deadline = rules.recompute_deadline(deadline_ms, since_ms, cause, before, after, s_ms)

    if deadline_ms > since_ms + before.milliseconds(cause):
        assert deadline >= renewed_ms + after.request_milliseconds() >= renewed_ms + REQUEST_GRACE_MS
    assert deadline >= since_ms + after.milliseconds(cause)


@given(spans, spans, causes, graces, spans)
def test_a_change_to_what_is_in_force_takes_nothing_away(
    since_ms: int, left_ms: int, cause: Cause, same: GraceSettings, ago_ms: int
):
    deadline_ms = since_ms + same.milliseconds(cause) + left_ms
    assert rules.recompute_deadline(deadline_ms, since_ms, cause, same, same, since_ms + ago_ms) >= deadline_ms


# --- Kept


@given(spans, st.none() | spans)
def test_keeping_never_shortens_anything(deadline_ms: int, keep_until_ms: int | None):
    assert rules.apply_keep(deadline_ms, keep_until_ms) >= max(deadline_ms, keep_until_ms or 0)


@given(spans, spans, causes, graces, graces, spans, spans)
def test_a_change_of_n_expires_nothing_before_it_is_kept_until(
    since_ms: int,
    left_ms: int,
    cause: Cause,
    before: GraceSettings,
    after: GraceSettings,
    ago_ms: int,
    keep_until_ms: int,
):
    s_ms = since_ms + ago_ms
    deadline_ms = rules.apply_keep(s_ms + left_ms, keep_until_ms)
    changed = rules.recompute_deadline(deadline_ms, since_ms, cause, before, after, s_ms, keep_until_ms)

    assert changed >= keep_until_ms
    assert changed >= rules.recompute_deadline(since_ms, since_ms, cause, before, after, s_ms)
