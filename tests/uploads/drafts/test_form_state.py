"""Variant rows of a draft (`uploads.drafts.form_state.set_variants`) and repeated commands."""

from __future__ import annotations

from contextlib import suppress

import pytest

from tests.support.wire.desk import Desk
from uploads.core.errors import Code, Refusal
from uploads.core.states import FileState
from uploads.drafts import form_state, idempotency
from uploads.files import operations
from uploads.models import Draft, IdempotencyRecord

ROWS = [("red", "Red"), ("blue", "Blue")]


def test_rows_are_kept_in_their_order(desk: Desk):
    assert form_state.set_variants(desk.id, desk.user, "op", 1, ROWS) == 2
    assert desk.draft.variants == [{"temp_id": "red", "label": "Red"}, {"temp_id": "blue", "label": "Blue"}]


def test_a_stale_revision_is_refused_and_changes_nothing(desk: Desk):
    desk.variants("red")
    with pytest.raises(Refusal) as refused:
        form_state.set_variants(desk.id, desk.user, "op", 1, ROWS)
    assert refused.value.code == Code.STALE
    assert (desk.draft.variants, desk.draft.revision) == ([{"temp_id": "red", "label": "Red"}], 2)


def test_what_happens_to_files_meanwhile_does_not_make_rows_stale(desk: Desk):
    desk.variants("red")
    seen = desk.draft.revision
    desk.store("mug.jpg")
    assert form_state.set_variants(desk.id, desk.user, "op", seen, ROWS) > seen + 1
    assert [row["temp_id"] for row in desk.draft.variants] == ["red", "blue"]


def test_a_revision_that_nobody_was_told_of_is_refused(desk: Desk):
    with pytest.raises(Refusal) as refused:
        form_state.set_variants(desk.id, desk.user, "op", desk.draft.revision + 1, ROWS)
    assert refused.value.code == Code.STALE


def test_a_repeated_command_gets_its_first_answer_and_is_not_done_again(desk: Desk):
    first = form_state.set_variants(desk.id, desk.user, "op", 1, ROWS)
    desk.variants("green")

    assert form_state.set_variants(desk.id, desk.user, "op", 1, ROWS) == first
    assert desk.draft.variants == [{"temp_id": "green", "label": "Green"}]


def test_an_op_is_known_in_its_own_draft_only(make_desk):
    one, two = make_desk(), make_desk()
    form_state.set_variants(one.id, one.user, "op", 1, ROWS)
    form_state.set_variants(two.id, two.user, "op", 1, ROWS[:1])
    assert len(two.draft.variants) == 1


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([("red", "Red"), ("red", "Other")], Code.BAD_MESSAGE),
        ([(str(n), "x") for n in range(101)], Code.TOO_MANY_VARIANTS),
    ],
)
def test_doubled_or_too_many_rows_are_refused(desk: Desk, rows: list[tuple[str, str]], code: Code):
    with pytest.raises(Refusal) as refused:
        form_state.set_variants(desk.id, desk.user, "op", 1, rows)
    assert refused.value.code == code


def test_a_draft_that_is_changed_without_end_keeps_a_bounded_number_of_answers(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(idempotency, "ANSWERS_KEPT", 5)
    made = [desk.variants("red", str(number)) for number in range(20)]

    assert [op.revision for op in IdempotencyRecord.objects.order_by("revision")] == made[-6:]


def test_images_of_a_row_that_is_gone_go_to_the_end_of_the_main_list(desk: Desk):
    desk.variants("red", "blue")
    desk.add("main.jpg")
    desk.add("red.jpg", variant="red")
    desk.add("blue.jpg", variant="blue")

    desk.variants("blue")

    assert (desk.names(), desk.names("blue")) == (["main.jpg", "red.jpg"], ["blue.jpg"])


def test_an_image_restored_to_a_row_that_is_gone_goes_to_the_main_list(desk: Desk):
    desk.variants("red")
    file_id = desk.store("red.jpg", variant="red")
    desk.store("main.jpg")
    desk.remove(file_id)
    desk.variants()

    desk.restore(file_id)

    assert desk.names() == ["main.jpg", "red.jpg"]
    assert desk.file_state(file_id) == FileState.STORED


@pytest.mark.parametrize(
    "place", [("variant_image", "gone"), ("variant_image", None), ("main_image", "red"), ("cover", None), ("", "red")]
)
def test_a_place_that_is_no_list_is_refused(desk: Desk, place: tuple[str, str | None]):
    desk.variants("red")
    file_id = desk.add().file
    with pytest.raises(Refusal) as refused:
        operations.reorder(desk.id, desk.user, "op", [file_id], place, None)
    assert refused.value.code == Code.UNKNOWN_VARIANT
    assert desk.names() == ["mug.jpg"]


def test_text_that_nests_deeper_than_anybody_reads_is_no_text(desk: Desk):
    """A version before this one kept it, and every page of the draft's owner failed."""
    Draft.objects.filter(pk=desk.id).update(fields='{"a":' * 5_000 + "1" + "}" * 5_000)
    with suppress(RecursionError):
        assert form_state.noted(desk.draft) == {}
        return
    pytest.fail("it cannot be read")
