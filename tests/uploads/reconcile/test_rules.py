from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uploads.core import small_pictures
from uploads.core.names import temp_folder
from uploads.core.states import FileState
from uploads.reconcile.rules import (
    AGE_MS,
    Classification,
    ClassifiedObject,
    ExpectedObject,
    GenerationMarker,
    ListedObject,
    Reason,
    Window,
    classify,
    file_of,
    is_older_copy,
    marker_key,
    marker_of,
    possibly_lost,
    too_many,
)

NOW_MS = 10 * AGE_MS
WINDOW = Window("erp", NOW_MS)
FILE = UUID("0f6ca1f0-3c7e-4a51-9d2e-000000000001")
FOLDER = "media/temp_product_files/ada_20261122T090807000000"
TEMP = f"{FOLDER}/erp-{FILE}.jpg"
SAVED = f"media/product_files/7/erp-{FILE}.jpg"
LIVE = [state for state in FileState if state not in (FileState.DELETING, FileState.DELETED)]


def verdict(
    key: str = TEMP, known: ExpectedObject | None = None, made_ms: int | None = 0
) -> tuple[Classification, Reason]:
    classified = classify(ListedObject(key, 1, made_ms), known, WINDOW)
    return classified.classification, classified.reason


@pytest.mark.parametrize("state", LIVE)
@pytest.mark.parametrize("key", [TEMP, SAVED])
def test_the_object_of_a_file_stays_in_every_state_but_deleted(state: FileState, key: str):
    """Also in the temp area permanently, where committed files are not moved."""
    assert verdict(key, ExpectedObject(state, key)) == (Classification.KEPT, Reason.OWN)


SMALL = small_pictures.key(TEMP, 320)
LARGE = small_pictures.key(TEMP, 1280)


@pytest.mark.parametrize("state", LIVE)
def test_the_small_pictures_of_a_file_stay_with_it(state: FileState):
    """They are not taken for the object itself, which may be missing."""
    for key in (SMALL, LARGE):
        assert file_of(key) == FILE
        assert verdict(key, ExpectedObject(state, TEMP)) == (Classification.KEPT, Reason.SMALL)


def test_small_pictures_stay_at_both_ends_of_a_promotion():
    known = ExpectedObject(FileState.LINKED, TEMP, promoting_to=SAVED)
    for key in (SMALL, small_pictures.key(SAVED, 320)):
        assert verdict(key, known) == (Classification.KEPT, Reason.SMALL)


def test_small_pictures_of_an_image_that_is_gone_or_elsewhere_are_orphans():
    assert verdict(SMALL) == (Classification.ORPHAN, Reason.NO_ROW)
    assert verdict(SMALL, ExpectedObject(FileState.DELETED, TEMP)) == (Classification.ORPHAN, Reason.DELETED)
    assert verdict(SMALL, ExpectedObject(FileState.PERMANENT, SAVED)) == (Classification.ORPHAN, Reason.LEFT_BEHIND)
    saved = small_pictures.key(SAVED, 320)
    assert verdict(saved, ExpectedObject(FileState.DELETED, SAVED)) == (Classification.UNCLAIMED, Reason.DELETED)


def test_a_delete_of_an_image_takes_its_small_pictures_and_that_of_one_of_them_no_other():
    image = ExpectedObject(FileState.DELETED, TEMP, leaving=frozenset({TEMP}))
    assert [verdict(key, image)[1] for key in (TEMP, SMALL, LARGE)] == [Reason.LEAVING] * 3
    one = ExpectedObject(FileState.DELETED, TEMP, leaving=frozenset({SMALL}))
    assert [verdict(key, one)[1] for key in (TEMP, SMALL, LARGE)] == [Reason.DELETED, Reason.LEAVING, Reason.DELETED]


def test_a_store_may_call_the_format_otherwise():
    assert verdict(TEMP.replace(".jpg", ".jpeg"), ExpectedObject(FileState.STORED, TEMP)) == (
        Classification.KEPT,
        Reason.OWN,
    )


def test_an_object_that_is_being_promoted_stays_at_both_ends():
    known = ExpectedObject(FileState.LINKED, TEMP, promoting_to=SAVED)
    assert verdict(TEMP, known) == (Classification.KEPT, Reason.OWN)
    assert verdict(SAVED, known) == (Classification.KEPT, Reason.PROMOTING)


def test_an_object_whose_delete_is_written_is_left_to_that():
    known = ExpectedObject(FileState.DELETING, TEMP, leaving=frozenset({TEMP}))
    assert verdict(TEMP, known) == (Classification.KEPT, Reason.LEAVING)


def test_nothing_is_said_of_a_file_while_a_put_or_promotion_may_still_land():
    assert verdict(TEMP, ExpectedObject(FileState.DELETED, TEMP, under_way=True)) == (
        Classification.KEPT,
        Reason.UNDER_WAY,
    )
    assert verdict(TEMP, ExpectedObject(FileState.PERMANENT, SAVED, under_way=True)) == (
        Classification.KEPT,
        Reason.UNDER_WAY,
    )


@pytest.mark.parametrize(
    ("known", "why", "unnamed"),
    [
        (None, Reason.NO_ROW, True),
        (ExpectedObject(FileState.DELETED, TEMP), Reason.DELETED, False),
        (ExpectedObject(FileState.DELETING, TEMP), Reason.DELETED, False),
        (ExpectedObject(FileState.DELETED, SAVED), Reason.DELETED, False),
        (ExpectedObject(FileState.PERMANENT, SAVED), Reason.LEFT_BEHIND, False),
        (ExpectedObject(FileState.STORED, TEMP.replace("ada", "bob")), Reason.ELSEWHERE, True),
    ],
)
def test_what_nobody_wants_is_an_orphan_in_the_temp_area_and_only_reported_elsewhere(
    known: ExpectedObject | None, why: Reason, unnamed: bool
):
    found = ListedObject(TEMP, 1, 0)
    assert classify(found, known, WINDOW) == ClassifiedObject(found, Classification.ORPHAN, why, unnamed)
    other = f"media/product_files/8/erp-{FILE}.jpg"
    assert verdict(other, known)[0] is Classification.UNCLAIMED


def test_what_no_row_names_may_be_a_saved_files_where_those_stay_in_the_temp_area():
    window, old, young = Window("erp", NOW_MS, saved_in_temp=True), ListedObject(TEMP, 1, 0), ListedObject(TEMP)
    assert classify(old, None, window) == ClassifiedObject(old, Classification.UNCLAIMED, Reason.NO_ROW, unnamed=True)
    assert classify(young, None, window).classification is Classification.YOUNG
    for known in (ExpectedObject(FileState.DELETED, TEMP), ExpectedObject(FileState.PERMANENT, SAVED)):
        assert classify(old, known, window).classification is Classification.ORPHAN


@pytest.mark.parametrize(
    ("made_ms", "expected"),
    [
        (NOW_MS - AGE_MS, Classification.ORPHAN),
        (NOW_MS - AGE_MS + 1, Classification.YOUNG),
        (NOW_MS + 1, Classification.YOUNG),
        (None, Classification.YOUNG),
    ],
)
def test_young_objects_are_left_alone_and_those_of_which_the_store_does_not_say(
    made_ms: int | None, expected: Classification
):
    assert verdict(made_ms=made_ms)[0] is expected


@pytest.mark.parametrize(
    ("key", "why"),
    [
        (TEMP.replace("/erp-", "/shop-"), Reason.OTHER_INSTANCE),
        (f"{FOLDER}/holiday.jpg", Reason.NOT_OURS),
        (f"{FOLDER}/erp-{FILE}", Reason.NOT_OURS),
        (f"{FOLDER}/erp-{str(FILE).upper()}.jpg", Reason.NOT_OURS),
        (f"{FOLDER}/xerp_erp-{FILE}.jpg", Reason.NOT_OURS),
        (f"{FOLDER}/deeper/erp-{FILE}.jpg", Reason.NOT_OURS),
        (f"media/temp_product_files/erp-{FILE}.jpg", Reason.NOT_OURS),
        (f"media/temp_product_files/7/erp-{FILE}.jpg", Reason.NOT_OURS),
        (f"media/temp_product_files/shop_mark/shop-mark-1-{FILE}.png", Reason.NOT_OURS),
    ],
)
def test_what_is_not_ours_is_foreign_however_old(key: str, why: Reason):
    assert verdict(key) == (Classification.FOREIGN, why)


def test_a_file_keeps_the_object_it_got_under_an_earlier_instance_name():
    key = TEMP.replace("/erp-", "/shop-")
    assert verdict(key, ExpectedObject(FileState.PERMANENT, key)) == (Classification.KEPT, Reason.OWN)


@given(st.text(max_size=80), st.integers(0, 2**32))
def test_every_folder_of_a_draft_is_recognised(username: str, created_at: int):
    folder = temp_folder(username, datetime.fromtimestamp(created_at, UTC))
    assert verdict(f"{folder}/erp-{FILE}.webp") == (Classification.ORPHAN, Reason.NO_ROW)


@given(st.text(max_size=120))
def test_no_name_at_all_is_trouble(name: str):
    assert verdict(name)[0] in (Classification.FOREIGN, Classification.UNCLAIMED)
    assert file_of(name) is None or str(file_of(name)) in name


# --- The generation marker


def mark(counter: int, token: UUID = FILE) -> GenerationMarker:
    return GenerationMarker(counter, token)


def test_a_mark_is_known_by_its_key_and_is_no_orphan():
    key = marker_key("erp", mark(7))
    assert marker_of(key, "erp") == mark(7)
    assert marker_of(key, "shop") is None
    assert marker_of(f"media/elsewhere/{key.rpartition('/')[2]}", "erp") is None
    assert marker_of(key.replace(str(FILE), "-" * 36), "erp") is None
    assert verdict(key) == (Classification.MARK, Reason.A_MARK)


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
def test_a_mark_of_a_later_or_another_database_shows(
    own: GenerationMarker | None, seen: list[GenerationMarker], expected: bool
):
    assert is_older_copy(own, seen) is expected


def unnamed(made_ms: int | None) -> ClassifiedObject:
    return classify(ListedObject(TEMP, 1, made_ms), None, WINDOW)


def test_an_object_without_a_row_may_be_a_forgotten_one_unless_it_is_older_than_the_mark():
    marked_ms = 8 * AGE_MS
    assert possibly_lost([unnamed(7 * AGE_MS)], marked_ms, AGE_MS) == 0
    # Within the window, because clocks differ.
    assert possibly_lost([unnamed(7 * AGE_MS + 1)], marked_ms, AGE_MS) == 1
    # Young ones count too, because a row is always older than its object.
    assert possibly_lost([unnamed(NOW_MS)], marked_ms, AGE_MS) == 1
    assert possibly_lost([unnamed(None)], marked_ms, AGE_MS) == 1


def test_without_a_mark_every_object_without_a_row_may_be_a_forgotten_one():
    assert possibly_lost([unnamed(0)], None, AGE_MS) == 1


def test_an_object_whose_file_was_deleted_is_never_a_forgotten_one():
    deleted = classify(ListedObject(TEMP, 1, NOW_MS), ExpectedObject(FileState.DELETED, TEMP), WINDOW)
    assert possibly_lost([deleted], None, AGE_MS) == 0


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
