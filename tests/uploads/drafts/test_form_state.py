"""The form of a draft: its text, its variant rows, and repeated commands."""

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


def type_in(desk: Desk, author: str, base: int, **texts: str) -> int:
    """Type text into fields, as a page that knows their values of revision `base`."""
    typed = {name.replace("__", ":"): (base, (text,)) for name, text in texts.items()}
    return form_state.edit(desk.id, desk.user, desk.op(), author, typed)


def shown(desk: Desk, name: str) -> tuple[str, list[str]]:
    """Return the value of a field, and its offers."""
    field = form_state.with_labels(desk.draft)[name]
    return field.values[0], [offer.values[0] for offer in field.offers]


def test_an_edit_keeps_the_fields_it_names_and_no_others(desk: Desk):
    type_in(desk, "a", 0, title="Mug", price="12.00")
    type_in(desk, "b", 2, price="11.00")
    assert desk.draft.fields == '{"title":["Mug"],"price":["11.00"]}'
    assert shown(desk, "price") == ("11.00", [])


def test_a_value_that_was_not_seen_is_on_offer(desk: Desk):
    type_in(desk, "a", 0, price="12.00")
    type_in(desk, "b", 0, price="11.00")
    assert shown(desk, "price") == ("11.00", ["12.00"])


def test_a_repeated_edit_does_not_undo_what_came_after_it(desk: Desk):
    first = form_state.edit(desk.id, desk.user, "op", "a", {"price": (0, ("12.00",))})
    type_in(desk, "b", first, price="11.00")
    assert form_state.edit(desk.id, desk.user, "op", "a", {"price": (0, ("12.00",))}) == first
    assert shown(desk, "price") == ("11.00", [])


def test_a_long_text_that_a_colleague_saved_shuts_nobody_out(desk: Desk):
    form_state.learn(desk.draft, {"description": ("",)})
    form_state.learn(desk.draft, {"description": ("x" * 70_000,)}, desk.user)
    type_in(desk, "a", 0, title="Mug")

    assert shown(desk, "title") == ("Mug", [])


def test_offers_without_text_are_bounded_too(desk: Desk):
    for number in range(40):
        form_state.edit(desk.id, desk.user, desk.op(), f"{number:064}", {"title": (0, ("",) * (number + 1) * 500)})
    assert len(desk.draft.form) < 4 * 65_536


def test_a_form_has_so_many_fields(desk: Desk):
    type_in(desk, "a", 0, **{f"f{number}": "" for number in range(form_state.MAX_FIELDS)})
    with pytest.raises(Refusal, match="text_too_large"):
        type_in(desk, "a", 0, one_more="")


def test_answers_to_edits_are_kept_for_a_while(desk: Desk):
    for number in range(3 * form_state.OPS_KEPT):
        type_in(desk, "a", 0, price=str(number))
    for number in range(2 * form_state.AUTHORS_KEPT):
        type_in(desk, f"author{number}", 0, sku="x")
    state = form_state.form_state(desk.draft)
    assert len(state.ops) == form_state.AUTHORS_KEPT
    assert max(len(ops) for ops in state.ops.values()) <= form_state.OPS_KEPT


def test_a_note_of_a_page_of_the_version_before_leaves_what_it_replaces_on_offer(desk: Desk):
    type_in(desk, "a", 0, title="Typed in a new page")
    form_state.note(desk.id, desk.user, {"title": ["Old"], "sku": ["M"]})
    assert shown(desk, "title") == ("Old", ["Typed in a new page"])
    assert shown(desk, "sku") == ("M", [])


def test_what_a_server_of_the_version_before_wrote_counts_as_typed(desk: Desk):
    type_in(desk, "a", 0, title="Typed in a new page")
    desk.variants("red")
    draft = desk.draft
    draft.fields = '{"title":["Old"]}'
    draft.save(update_fields=["fields"])
    assert shown(desk, "title") == ("Old", ["Typed in a new page"])
    assert shown(desk, "variant:red")[0] == "Red"


def test_the_label_of_a_row_is_text(desk: Desk):
    seen = desk.variants("red")
    type_in(desk, "a", seen, variant__red="Crimson")
    assert desk.draft.variants == [{"temp_id": "red", "label": "Crimson"}]
    type_in(desk, "b", seen, variant__red="Scarlet")
    assert shown(desk, "variant:red") == ("Scarlet", ["Crimson"])
    assert "variant" not in desk.draft.fields


def test_a_label_sent_with_its_row_does_not_undo_one_typed_unseen(desk: Desk):
    seen = desk.variants("red")
    type_in(desk, "a", seen, variant__red="Crimson")
    with pytest.raises(Refusal) as refused:
        form_state.set_variants(desk.id, desk.user, "op", seen, [("red", "Old")])
    assert refused.value.code == Code.STALE


def test_a_label_typed_before_its_row_arrives_is_the_rows(desk: Desk):
    type_in(desk, "a", 0, variant__red="Crimson")
    form_state.set_variants(desk.id, desk.user, "op", desk.draft.revision - 1, [("red", "Cri")])
    assert desk.draft.variants == [{"temp_id": "red", "label": "Crimson"}]


def test_a_row_that_is_gone_takes_its_label_along(desk: Desk):
    seen = desk.variants("red")
    revision = type_in(desk, "a", seen, variant__red="Crimson")
    form_state.set_variants(desk.id, desk.user, "op", revision, [])
    assert "variant:red" not in form_state.with_labels(desk.draft)


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
    """An earlier version stored it, and then every page of the draft's owner failed."""
    Draft.objects.filter(pk=desk.id).update(fields='{"a":' * 5_000 + "1" + "}" * 5_000)
    with suppress(RecursionError):
        assert form_state.noted(desk.draft) == {}
        return
    pytest.fail("it cannot be read")
