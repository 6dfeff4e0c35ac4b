"""The form of a draft: its text, its variant rows, and repeated commands."""

from __future__ import annotations

from contextlib import suppress

import pytest
from django.db.models import F

from tests.support.wire.draft_driver import Driver
from uploads.core.errors import Code, Refusal
from uploads.core.states import FileState
from uploads.drafts import form_state, idempotency
from uploads.files import operations
from uploads.models import Draft, IdempotencyRecord

ROWS = [("red", "Red"), ("blue", "Blue")]


def type_in(driver: Driver, author: str, base: int, **texts: str) -> int:
    """Type text into fields, as a page that knows their values of revision `base`."""
    typed = {name.replace("__", ":"): (base, (text,)) for name, text in texts.items()}
    return form_state.edit(driver.id, driver.user, driver.op(), author, typed)


def learn(driver: Driver, **texts: str) -> None:
    """Tell the draft what its target holds now."""
    Draft.objects.filter(pk=driver.id).update(revision=F("revision") + 1)
    form_state.learn(driver.draft, {name.replace("__", ":"): (text,) for name, text in texts.items()}, driver.user)


def shown(driver: Driver, name: str) -> tuple[str, list[str]]:
    """Return the value of a field, and its offers."""
    field = form_state.with_labels(driver.draft)[name]
    return field.values[0], [offer.values[0] for offer in field.offers]


def test_an_edit_keeps_the_fields_it_names_and_no_others(driver: Driver):
    type_in(driver, "a", 0, title="Mug", price="12.00")
    type_in(driver, "b", 2, price="11.00")
    assert driver.draft.fields == '{"title":["Mug"],"price":["11.00"]}'
    assert shown(driver, "price") == ("11.00", [])


def test_a_value_that_was_not_seen_is_on_offer(driver: Driver):
    type_in(driver, "a", 0, price="12.00")
    type_in(driver, "b", 0, price="11.00")
    assert shown(driver, "price") == ("11.00", ["12.00"])


def test_a_repeated_edit_does_not_undo_what_came_after_it(driver: Driver):
    first = form_state.edit(driver.id, driver.user, "op", "a", {"price": (0, ("12.00",))})
    type_in(driver, "b", first, price="11.00")
    assert form_state.edit(driver.id, driver.user, "op", "a", {"price": (0, ("12.00",))}) == first
    assert shown(driver, "price") == ("11.00", [])


def test_a_long_text_that_a_colleague_saved_shuts_nobody_out(driver: Driver):
    form_state.learn(driver.draft, {"description": ("",)})
    form_state.learn(driver.draft, {"description": ("x" * 70_000,)}, driver.user)
    type_in(driver, "a", 0, title="Mug")

    assert shown(driver, "title") == ("Mug", [])


def test_what_colleagues_save_again_and_again_is_bounded(driver: Driver):
    for letter in "abcdefghijkl":
        learn(driver, description=letter * 40_000)
    known = [one.values[0][0] for one in form_state.form_state(driver.draft).known["description"]]

    assert len(driver.draft.form) < 3 * 65_536
    assert known == ["a", "k", "l"]


def test_variants_that_came_and_went_are_forgotten(driver: Driver):
    learn(driver, title="Mug", variant__first="First")
    for number in range(5):
        for label in ("Red", "Blue"):
            learn(driver, **{"title": "Mug", f"variant__{number}": label})
    learn(driver, title="Mug")
    state = form_state.form_state(driver.draft)

    assert list(state.known) == ["title", "variant:first"]
    assert list(state.fields) == []


def test_a_draft_that_knew_nothing_began_with_what_was_saved_before(driver: Driver):
    """The version before opened it, and a colleague saves: that is news, and not what the draft began with."""
    form_state.learn(driver.draft, {"title": ("Blue mug",)}, driver.user, {"title": ("Mug",)})

    state = form_state.form_state(driver.draft)
    assert [known.values for known in state.known["title"]] == [("Mug",), ("Blue mug",)]
    assert state.fields["title"].values == ("Blue mug",)
    assert form_state.opened_with(driver.draft) == {"title": ["Mug"]}


def test_offers_without_text_are_bounded_too(driver: Driver):
    for number in range(40):
        form_state.edit(
            driver.id, driver.user, driver.op(), f"{number:064}", {"title": (0, ("",) * (number + 1) * 500)}
        )
    assert len(driver.draft.form) < 4 * 65_536


def test_a_form_has_so_many_fields(driver: Driver):
    type_in(driver, "a", 0, **{f"f{number}": "" for number in range(form_state.MAX_FIELDS)})
    with pytest.raises(Refusal, match="text_too_large"):
        type_in(driver, "a", 0, one_more="")


def test_answers_to_edits_are_kept_for_a_while(driver: Driver):
    for number in range(3 * form_state.OPS_KEPT):
        type_in(driver, "a", 0, price=str(number))
    for number in range(2 * form_state.AUTHORS_KEPT):
        type_in(driver, f"author{number}", 0, sku="x")
    state = form_state.form_state(driver.draft)
    assert len(state.ops) == form_state.AUTHORS_KEPT
    assert max(len(ops) for ops in state.ops.values()) <= form_state.OPS_KEPT


def test_a_note_of_a_page_of_the_version_before_leaves_what_it_replaces_on_offer(driver: Driver):
    type_in(driver, "a", 0, title="Typed in a new page")
    form_state.note(driver.id, driver.user, {"title": ["Old"], "sku": ["M"]})
    assert shown(driver, "title") == ("Old", ["Typed in a new page"])
    assert shown(driver, "sku") == ("M", [])


def test_what_a_server_of_the_version_before_wrote_counts_as_typed(driver: Driver):
    type_in(driver, "a", 0, title="Typed in a new page")
    driver.variants("red")
    draft = driver.draft
    draft.fields = '{"title":["Old"]}'
    draft.save(update_fields=["fields"])
    assert shown(driver, "title") == ("Old", ["Typed in a new page"])
    assert shown(driver, "variant:red")[0] == "Red"


def test_the_label_of_a_row_is_text(driver: Driver):
    seen = driver.variants("red")
    type_in(driver, "a", seen, variant__red="Crimson")
    assert driver.draft.variants == [{"temp_id": "red", "label": "Crimson"}]
    type_in(driver, "b", seen, variant__red="Scarlet")
    assert shown(driver, "variant:red") == ("Scarlet", ["Crimson"])
    assert "variant" not in driver.draft.fields


def test_a_label_sent_with_its_row_does_not_undo_one_typed_unseen(driver: Driver):
    seen = driver.variants("red")
    type_in(driver, "a", seen, variant__red="Crimson")
    with pytest.raises(Refusal) as refused:
        form_state.set_variants(driver.id, driver.user, "op", seen, [("red", "Old")])
    assert refused.value.code == Code.STALE


def test_a_label_typed_before_its_row_arrives_is_the_rows(driver: Driver):
    type_in(driver, "a", 0, variant__red="Crimson")
    form_state.set_variants(driver.id, driver.user, "op", driver.draft.revision - 1, [("red", "Cri")])
    assert driver.draft.variants == [{"temp_id": "red", "label": "Crimson"}]


def test_a_row_that_is_gone_takes_its_label_along(driver: Driver):
    seen = driver.variants("red")
    revision = type_in(driver, "a", seen, variant__red="Crimson")
    form_state.set_variants(driver.id, driver.user, "op", revision, [])
    assert "variant:red" not in form_state.with_labels(driver.draft)


def test_rows_are_kept_in_their_order(driver: Driver):
    assert form_state.set_variants(driver.id, driver.user, "op", 1, ROWS) == 2
    assert driver.draft.variants == [{"temp_id": "red", "label": "Red"}, {"temp_id": "blue", "label": "Blue"}]


def test_a_stale_revision_is_refused_and_changes_nothing(driver: Driver):
    driver.variants("red")
    with pytest.raises(Refusal) as refused:
        form_state.set_variants(driver.id, driver.user, "op", 1, ROWS)
    assert refused.value.code == Code.STALE
    assert (driver.draft.variants, driver.draft.revision) == ([{"temp_id": "red", "label": "Red"}], 2)


def test_what_happens_to_files_meanwhile_does_not_make_rows_stale(driver: Driver):
    driver.variants("red")
    seen = driver.draft.revision
    driver.store("mug.jpg")
    assert form_state.set_variants(driver.id, driver.user, "op", seen, ROWS) > seen + 1
    assert [row["temp_id"] for row in driver.draft.variants] == ["red", "blue"]


def test_a_revision_that_nobody_was_told_of_is_refused(driver: Driver):
    with pytest.raises(Refusal) as refused:
        form_state.set_variants(driver.id, driver.user, "op", driver.draft.revision + 1, ROWS)
    assert refused.value.code == Code.STALE


def test_a_repeated_command_gets_its_first_answer_and_is_not_done_again(driver: Driver):
    first = form_state.set_variants(driver.id, driver.user, "op", 1, ROWS)
    driver.variants("green")

    assert form_state.set_variants(driver.id, driver.user, "op", 1, ROWS) == first
    assert driver.draft.variants == [{"temp_id": "green", "label": "Green"}]


def test_an_op_is_known_in_its_own_draft_only(make_driver):
    one, two = make_driver(), make_driver()
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
def test_doubled_or_too_many_rows_are_refused(driver: Driver, rows: list[tuple[str, str]], code: Code):
    with pytest.raises(Refusal) as refused:
        form_state.set_variants(driver.id, driver.user, "op", 1, rows)
    assert refused.value.code == code


def test_a_draft_that_is_changed_without_end_keeps_a_bounded_number_of_answers(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(idempotency, "ANSWERS_KEPT", 5)
    made = [driver.variants("red", str(number)) for number in range(20)]

    assert [op.revision for op in IdempotencyRecord.objects.order_by("revision")] == made[-6:]


def test_images_of_a_row_that_is_gone_go_to_the_end_of_the_main_list(driver: Driver):
    driver.variants("red", "blue")
    driver.add("main.jpg")
    driver.add("red.jpg", variant="red")
    driver.add("blue.jpg", variant="blue")

    driver.variants("blue")

    assert (driver.names(), driver.names("blue")) == (["main.jpg", "red.jpg"], ["blue.jpg"])


def test_an_image_restored_to_a_row_that_is_gone_goes_to_the_main_list(driver: Driver):
    driver.variants("red")
    file_id = driver.store("red.jpg", variant="red")
    driver.store("main.jpg")
    driver.remove(file_id)
    driver.variants()

    driver.restore(file_id)

    assert driver.names() == ["main.jpg", "red.jpg"]
    assert driver.file_state(file_id) == FileState.STORED


@pytest.mark.parametrize(
    "place", [("variant_image", "gone"), ("variant_image", None), ("main_image", "red"), ("cover", None), ("", "red")]
)
def test_a_place_that_is_no_list_is_refused(driver: Driver, place: tuple[str, str | None]):
    driver.variants("red")
    file_id = driver.add().file
    with pytest.raises(Refusal) as refused:
        operations.reorder(driver.id, driver.user, "op", [file_id], place, None)
    assert refused.value.code == Code.UNKNOWN_VARIANT
    assert driver.names() == ["mug.jpg"]


def test_text_that_nests_deeper_than_anybody_reads_is_no_text(driver: Driver):
    """An earlier version stored it, and then every page of the draft's owner failed."""
    Draft.objects.filter(pk=driver.id).update(fields='{"a":' * 5_000 + "1" + "}" * 5_000)
    with suppress(RecursionError):
        assert form_state.noted(driver.draft) == {}
        return
    pytest.fail("it cannot be read")
