"""Variant rows that a colleague removed and saved, in a draft that has them open."""

from __future__ import annotations

import pytest

from tests.support.wire.draft_driver import Driver
from uploads.drafts import form_state, removed_rows
from uploads.drafts.field_merge import Values

BEGAN: dict[str, Values] = {"title": ("Mug",), "variant:red": ("Red",), "variant:blue": ("Blue",)}
WITHOUT_RED: dict[str, Values] = {name: values for name, values in BEGAN.items() if name != "variant:red"}


@pytest.fixture
def edit(driver: Driver) -> Driver:
    """A draft with two rows that are those of its target."""
    form_state.set_variants(
        driver.id, driver.user, driver.op(), driver.draft.revision, [("red", "Red"), ("blue", "Blue")]
    )
    form_state.learn(driver.draft, BEGAN)
    return driver


def rows(driver: Driver) -> list[str]:
    return [row["temp_id"] for row in driver.draft.variants]


def follow(driver: Driver) -> None:
    removed_rows.follow(driver.draft, WITHOUT_RED, driver.user)


def test_a_row_left_alone_goes_and_its_images_move_to_the_main_list(edit: Driver):
    edit.add("main.jpg")
    follow(edit)
    assert (rows(edit), edit.names()) == (["blue"], ["main.jpg"])
    assert not form_state.kept_rows(edit.draft)
    assert not form_state.has_changed_rows(edit.draft) or not edit.draft.target_id


def test_a_renamed_row_stays_and_says_who_removed_it(edit: Driver):
    typed: dict[str, tuple[int, Values]] = {"variant:red": (edit.draft.revision, ("Crimson",))}
    form_state.edit(edit.id, edit.user, edit.op(), "page", typed)
    follow(edit)
    assert rows(edit) == ["red", "blue"]
    assert form_state.kept_rows(edit.draft) == {"red": form_state.display_name(edit.user)}


def test_a_row_that_was_given_images_stays(edit: Driver):
    edit.add("red.jpg", variant="red")
    follow(edit)
    assert rows(edit) == ["red", "blue"]
    assert form_state.kept_rows(edit.draft)


def test_a_removal_is_followed_once(edit: Driver):
    follow(edit)
    form_state.set_variants(edit.id, edit.user, edit.op(), edit.draft.revision, [("red", "Red"), ("blue", "Blue")])
    follow(edit)
    assert rows(edit) == ["red", "blue"]


@pytest.mark.parametrize(("label", "dropped"), [("Red", {"red"}), ("Crimson", set())])
@pytest.mark.parametrize("is_told", [True, False])
def test_a_save_that_has_not_shown_it_leaves_an_untouched_row_out(
    edit: Driver, label: str, dropped: set[str], is_told: bool
):
    seen = edit.draft.revision
    sent: dict[str, Values] = BEGAN | {"variant:red": (label,)}
    edit.add("another change.jpg")
    if is_told:
        follow(edit)
    assert removed_rows.to_drop(edit.draft, sent, WITHOUT_RED, seen) == dropped


def test_a_save_of_a_row_that_was_shown_as_removed_keeps_it(edit: Driver):
    follow(edit)
    assert removed_rows.to_drop(edit.draft, BEGAN, WITHOUT_RED, edit.draft.revision) == frozenset()


def test_a_row_with_new_images_is_not_left_out(edit: Driver):
    edit.add("red.jpg", variant="red")
    assert removed_rows.to_drop(edit.draft, BEGAN, WITHOUT_RED, 0) == frozenset()
