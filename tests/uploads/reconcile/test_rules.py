from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uploads.core.names import temp_folder
from uploads.core.states import FileState
from uploads.reconcile.rules import (
    AGE_MS,
    Found,
    Judged,
    Known,
    Mark,
    Verdict,
    Why,
    Window,
    file_of,
    forgotten,
    judge,
    mark_key,
    mark_of,
    restored,
    too_many,
)

NOW_MS = 10 * AGE_MS
WINDOW = Window("erp", NOW_MS)
FILE = UUID("0f6ca1f0-3c7e-4a51-9d2e-000000000001")
FOLDER = "media/temp_product_files/ada_20261122T090807000000"
TEMP = f"{FOLDER}/erp-{FILE}.jpg"
SAVED = f"media/product_files/7/erp-{FILE}.jpg"
LIVE = [state for state in FileState if state not in (FileState.DELETING, FileState.DELETED)]


def verdict(key: str = TEMP, known: Known | None = None, made_ms: int | None = 0) -> tuple[Verdict, Why]:
    judged = judge(Found(key, 1, made_ms), known, WINDOW)
    return judged.verdict, judged.why


@pytest.mark.parametrize("state", LIVE)
@pytest.mark.parametrize("key", [TEMP, SAVED])
def test_the_object_of_a_file_stays_in_every_state_but_deleted(state: FileState, key: str):
    """Also in the temp area for ever, where committed files are not moved."""
    assert verdict(key, Known(state, key)) == (Verdict.KEPT, Why.OWN)


def test_a_store_may_call_the_format_otherwise():
    assert verdict(TEMP.replace(".jpg", ".jpeg"), Known(FileState.STORED, TEMP)) == (Verdict.KEPT, Why.OWN)


def test_an_object_that_is_being_promoted_stays_at_both_ends():
    known = Known(FileState.LINKED, TEMP, promoting_to=SAVED)
    assert verdict(TEMP, known) == (Verdict.KEPT, Why.OWN)
    assert verdict(SAVED, known) == (Verdict.KEPT, Why.PROMOTING)


def test_an_object_whose_delete_is_written_is_left_to_that():
    known = Known(FileState.DELETING, TEMP, leaving=frozenset({TEMP}))
    assert verdict(TEMP, known) == (Verdict.KEPT, Why.LEAVING)


def test_nothing_is_said_of_a_file_while_a_put_or_promotion_may_still_land():
    assert verdict(TEMP, Known(FileState.DELETED, TEMP, under_way=True)) == (Verdict.KEPT, Why.UNDER_WAY)
    assert verdict(TEMP, Known(FileState.PERMANENT, SAVED, under_way=True)) == (Verdict.KEPT, Why.UNDER_WAY)


@pytest.mark.parametrize(
    ("known", "why", "unnamed"),
    [
        (None, Why.NO_ROW, True),
        (Known(FileState.DELETED, TEMP), Why.DELETED, False),
        (Known(FileState.DELETING, TEMP), Why.DELETED, False),
        (Known(FileState.DELETED, SAVED), Why.DELETED, False),
        (Known(FileState.PERMANENT, SAVED), Why.LEFT_BEHIND, False),
        (Known(FileState.STORED, TEMP.replace("ada", "bob")), Why.ELSEWHERE, True),
    ],
)
def test_what_nobody_wants_is_an_orphan_in_the_temp_area_and_only_reported_elsewhere(
    known: Known | None, why: Why, unnamed: bool
):
    found = Found(TEMP, 1, 0)
    assert judge(found, known, WINDOW) == Judged(found, Verdict.ORPHAN, why, unnamed)
    other = f"media/product_files/8/erp-{FILE}.jpg"
    assert verdict(other, known)[0] is Verdict.UNCLAIMED


@pytest.mark.parametrize(
    ("made_ms", "expected"),
    [
        (NOW_MS - AGE_MS, Verdict.ORPHAN),
        (NOW_MS - AGE_MS + 1, Verdict.YOUNG),
        (NOW_MS + 1, Verdict.YOUNG),
        (None, Verdict.YOUNG),
    ],
)
def test_young_objects_are_left_alone_and_those_of_which_the_store_does_not_say(made_ms: int | None, expected: Verdict):
    assert verdict(made_ms=made_ms)[0] is expected


@pytest.mark.parametrize(
    ("key", "why"),
    [
        (TEMP.replace("/erp-", "/shop-"), Why.OTHER_INSTANCE),
        (f"{FOLDER}/holiday.jpg", Why.NOT_OURS),
        (f"{FOLDER}/erp-{FILE}", Why.NOT_OURS),
        (f"{FOLDER}/erp-{str(FILE).upper()}.jpg", Why.NOT_OURS),
        (f"{FOLDER}/xerp_erp-{FILE}.jpg", Why.NOT_OURS),
        (f"{FOLDER}/deeper/erp-{FILE}.jpg", Why.NOT_OURS),
        (f"media/temp_product_files/erp-{FILE}.jpg", Why.NOT_OURS),
        (f"media/temp_product_files/7/erp-{FILE}.jpg", Why.NOT_OURS),
        (f"media/temp_product_files/shop_mark/shop-mark-1-{FILE}.png", Why.NOT_OURS),
    ],
)
def test_what_is_not_ours_is_foreign_however_old(key: str, why: Why):
    assert verdict(key) == (Verdict.FOREIGN, why)


def test_a_file_keeps_the_object_it_got_under_an_earlier_instance_name():
    key = TEMP.replace("/erp-", "/shop-")
    assert verdict(key, Known(FileState.PERMANENT, key)) == (Verdict.KEPT, Why.OWN)


@given(st.text(max_size=80), st.integers(0, 2**32))
def test_every_folder_of_a_draft_is_recognised(username: str, created_at: int):
    folder = temp_folder(username, datetime.fromtimestamp(created_at, UTC))
    assert verdict(f"{folder}/erp-{FILE}.webp") == (Verdict.ORPHAN, Why.NO_ROW)


@given(st.text(max_size=120))
def test_no_name_at_all_is_trouble(name: str):
    assert verdict(name)[0] in (Verdict.FOREIGN, Verdict.UNCLAIMED)
    assert file_of(name) is None or str(file_of(name)) in name


# --- The mark


def mark(counter: int, token: UUID = FILE) -> Mark:
    return Mark(counter, token)


def test_a_mark_is_known_by_its_key_and_is_no_orphan():
    key = mark_key("erp", mark(7))
    assert mark_of(key, "erp") == mark(7)
    assert mark_of(key, "shop") is None
    assert mark_of(f"media/elsewhere/{key.rpartition('/')[2]}", "erp") is None
    assert mark_of(key.replace(str(FILE), "-" * 36), "erp") is None
    assert verdict(key) == (Verdict.MARK, Why.A_MARK)


OTHER = uuid4()


@pytest.mark.parametrize(
    ("own", "seen", "expected"),
    [
        (None, [], False),
        (mark(5), [], False),
        (mark(5), [mark(4)], False),
        (mark(5), [mark(4), mark(5)], False),
        (None, [mark(1)], True),
        (mark(5), [mark(5), mark(6)], True),
        (mark(5), [mark(5, OTHER)], True),
    ],
)
def test_a_mark_of_a_later_or_another_database_shows(own: Mark | None, seen: list[Mark], expected: bool):
    assert restored(own, seen) is expected


def unnamed(made_ms: int | None) -> Judged:
    return judge(Found(TEMP, 1, made_ms), None, WINDOW)


def test_an_object_without_a_row_may_be_a_forgotten_one_unless_it_is_older_than_the_mark():
    marked_ms = 8 * AGE_MS
    assert forgotten([unnamed(7 * AGE_MS)], marked_ms, AGE_MS) == 0
    # Within the window, for clocks differ.
    assert forgotten([unnamed(7 * AGE_MS + 1)], marked_ms, AGE_MS) == 1
    # Young ones count too: a row is always older than its object.
    assert forgotten([unnamed(NOW_MS)], marked_ms, AGE_MS) == 1
    assert forgotten([unnamed(None)], marked_ms, AGE_MS) == 1


def test_without_a_mark_every_object_without_a_row_may_be_a_forgotten_one():
    assert forgotten([unnamed(0)], None, AGE_MS) == 1


def test_an_object_whose_file_was_deleted_is_never_a_forgotten_one():
    deleted = judge(Found(TEMP, 1, NOW_MS), Known(FileState.DELETED, TEMP), WINDOW)
    assert forgotten([deleted], None, AGE_MS) == 0


@pytest.mark.parametrize(
    ("orphans", "files", "confirmed", "expected"),
    [
        (0, 0, 0, False),
        (1, 0, 0, True),
        (1, 9, 0, False),
        (1, 8, 0, True),
        (500, 4_500, 0, False),
        (501, 1_000_000, 0, True),
        (501, 1_000_000, 500, True),
        (501, 0, 501, False),
    ],
)
def test_more_than_a_tenth_or_five_hundred_orphans_have_to_be_confirmed(
    orphans: int, files: int, confirmed: int, expected: bool
):
    assert too_many(orphans, files, confirmed) is expected
