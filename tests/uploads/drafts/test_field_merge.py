"""Text that is changed in two places: no typed text gets lost, and both places end up with one value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from uploads.drafts.field_merge import (
    Field,
    Known,
    Offer,
    Saving,
    bounded,
    merge_at_save,
    merge_field,
    merge_fields,
    merge_saved,
)

A, B = Offer(("12.00",), "A"), Offer(("11.00",), "B")


def test_the_first_value_is_the_field():
    assert merge_field(0, A, None, 5) == Field(("12.00",), 5, "A")


def test_a_value_that_was_seen_is_replaced():
    assert merge_field(5, B, Field(("12.00",), 5, "A"), 6) == Field(("11.00",), 6, "B")


def test_a_value_that_was_not_seen_stays_on_offer():
    assert merge_field(4, B, Field(("12.00",), 5, "A"), 6) == Field(("11.00",), 6, "B", offers=(A,))


def test_an_author_replaces_what_they_typed_themselves():
    assert merge_field(0, Offer(("12.50",), "A"), Field(("12.00",), 5, "A"), 6) == Field(("12.50",), 6, "A")


def test_equal_values_never_ask():
    current = Field(("12.00",), 5, "A")
    assert merge_field(0, Offer(("12.00",), "B"), current, 6) == current


def test_an_offer_stays_while_somebody_types_on():
    current = Field(("12.00",), 5, "A", offers=(B,))
    assert merge_field(5, Offer(("12.50",), "A"), current, 6).offers == (B,)


def test_what_is_typed_on_beside_an_offer_leaves_the_other_one_on_offer():
    """B sees 12.00 only as an offer below a field that still contains 11.00."""
    current = Field(("12.00",), 5, "A", offers=(B,))
    assert merge_field(5, Offer(("11.50",), "B"), current, 6) == Field(("11.50",), 6, "B", offers=(A,))


@pytest.mark.parametrize("chooser", ["A", "B"])
def test_a_choice_settles_it(chooser: str):
    current = Field(("12.00",), 5, "A", offers=(B,))
    other = B.values if chooser == "A" else A.values
    settled = merge_field(5, Offer(other, chooser), current, 6)
    assert (settled.values, settled.offers) == (other, ())


def test_a_third_value_stays_on_offer_when_another_is_chosen():
    third = Offer(("9.00",), "C")
    current = Field(("12.00",), 5, "A", offers=(B, third))
    assert merge_field(5, Offer(third.values, "B"), current, 6).offers == (A,)


def test_fields_are_merged_one_by_one():
    fields = {"title": Field(("Mug",), 3, "A"), "price": Field(("12.00",), 5, "A")}
    merged = merge_fields(fields, {"price": (5, ("11.00",)), "sku": (0, ("M",))}, "B", 6)
    assert merged == {
        "title": fields["title"],
        "price": Field(("11.00",), 6, "B"),
        "sku": Field(("M",), 6, "B"),
    }


def test_offers_beyond_the_bound_go_the_oldest_first():
    two = Field(("x",), 6, "A", offers=(B, Offer(("123456",), "C")))
    assert bounded({"price": two}, 98)["price"].offers == (B,)
    assert bounded({"price": two}, 99)["price"].offers == two.offers


# --- Two editors, in any order of events


@dataclass
class Editor:
    """A tab as in `static/manage_files/model/form/field_sync.js`: what its field shows, and what it knows."""

    name: str
    shown: str = ""
    agreed: tuple[str, int] = ("", 0)
    offers: list[str] = field(default_factory=list)
    outbox: list[tuple[int, str, int]] = field(default_factory=list)
    """Messages without a response so far: number, value, base."""
    inbox: list[tuple[Field, int]] = field(default_factory=list)
    """Snapshots in flight: the field, and the draft's revision."""
    seen: Field | None = None
    sent: int = 0
    asked: bool = False
    replaced: set[str] = field(default_factory=set)
    """What this person deliberately removed from the field, by typing or choosing something else."""

    def type(self, text: str) -> None:
        self.replaced |= {self.shown}
        self.shown = text

    def send(self) -> None:
        newest = self.outbox[-1][1] if self.outbox else self.agreed[0]
        if self.shown != newest or self.asked:
            self.asked = False
            self.sent += 1
            self.outbox.append((self.sent, self.shown, self.agreed[1]))

    def see(self, current: Field) -> None:
        self.seen = current
        value = current.values[0]
        if self.agreed[0] == value:
            self.agreed = (value, max(self.agreed[1], current.revision))
        old = self.agreed[0] != value and current.revision < self.agreed[1]
        stands = any(offer.author == self.name and offer.values[0] == self.shown for offer in current.offers)
        if not old and self.shown == value:
            self.agreed = (value, max(self.agreed[1], current.revision))
            self.asked = not self.outbox and any(offer.author == self.name for offer in current.offers)
        elif (
            not old
            and not self.outbox
            and self.shown == self.agreed[0]
            and not stands
            and current.revision > self.agreed[1]
        ):
            self.shown, self.agreed = value, (value, current.revision)
        others = [current.offered] * (current.author != self.name) + list(current.offers)
        self.offers = [
            offer.values[0] for offer in others if offer.author != self.name and offer.values[0] != self.shown
        ]

    def answered(self, number: int, revision: int) -> None:
        value = next(text for sent, text, _ in self.outbox if sent == number)
        self.outbox = [one for one in self.outbox if one[0] > number]
        self.agreed = (value, revision)
        if self.seen is not None:
            self.see(self.seen)


class World:
    """A server, and two tabs whose messages may be late, repeated or lost."""

    def __init__(self) -> None:
        self.field: Field | None = None
        self.revision = 1
        self.done: dict[tuple[str, int], int] = {}
        self.editors = {"A": Editor("A"), "B": Editor("B")}

    def deliver(self, editor: Editor, *, answer: bool) -> None:
        """Deliver the oldest message of `editor`; its response may be lost, and it is then sent again."""
        if not editor.outbox:
            return
        number, text, base = editor.outbox[0]
        if (editor.name, number) not in self.done:
            self.revision += 1
            self.done[editor.name, number] = self.revision
            self.field = merge_field(base, Offer((text,), editor.name), self.field, self.revision)
            for one in self.editors.values():
                one.inbox.append((self.field, self.revision))
        if answer:
            editor.answered(number, self.done[editor.name, number])

    def show(self, editor: Editor) -> None:
        if editor.inbox:
            editor.see(editor.inbox.pop(0)[0])

    def settle(self) -> None:
        """Connect everybody and deliver everything while nobody types."""
        for _ in range(50):
            for editor in self.editors.values():
                editor.send()
                self.deliver(editor, answer=True)
                # A reconnected tab receives the current draft, not what it missed.
                editor.inbox.clear()
                if self.field is not None:
                    editor.see(self.field)


def choose(_: World, editor: Editor) -> None:
    if editor.offers:
        editor.type(editor.offers[0])


ACTIONS: dict[str, Callable[[World, Editor], None]] = {
    "send": lambda _, editor: editor.send(),
    "arrive": lambda world, editor: world.deliver(editor, answer=True),
    "arrive, answer lost": lambda world, editor: world.deliver(editor, answer=False),
    "show": lambda world, editor: world.show(editor),
    "miss": lambda _, editor: editor.inbox.clear(),
    "choose": choose,
}
STEP = st.one_of(
    st.tuples(st.just("type"), st.sampled_from("AB"), st.sampled_from(["", "1", "2", "3", "4"])),
    st.tuples(st.sampled_from(list(ACTIONS)), st.sampled_from("AB")),
)


def run(steps: list[tuple[str, ...]]) -> tuple[World, set[str]]:
    """Run the steps; return the settled world, and every value that was typed."""
    world, typed = World(), set()
    for at, (what, name, *rest) in enumerate(steps):
        editor = world.editors[name]
        if what == "type":
            # Unique texts, so that each can be recognised; sometimes both type the same.
            text = rest[0] if rest[0] in ("", "1") else f"{rest[0]}{name}{at}"
            editor.type(text)
            typed.add(text)
        else:
            ACTIONS[what](world, editor)
    world.settle()
    return world, typed


@settings(max_examples=500, deadline=None)
@given(st.lists(STEP, max_size=40))
def test_nothing_typed_gets_out_of_reach(steps: list[tuple[str, ...]]):
    world, typed = run(steps)
    if world.field is None:
        return
    kept = {world.field.values[0], *(offer.values[0] for offer in world.field.offers)}
    for text in typed - kept:
        assert any(text in editor.replaced for editor in world.editors.values()), text
    for editor in world.editors.values():
        assert {editor.shown, *editor.offers} == kept, "each tab shows all there is"


@settings(max_examples=500, deadline=None)
@given(st.lists(STEP, max_size=40), st.sampled_from("AB"))
def test_both_end_up_with_one_value_once_one_chose(steps: list[tuple[str, ...]], chooser: str):
    world, _ = run(steps)
    one = world.editors[chooser]
    if one.offers:
        one.type(one.offers[0])
    world.settle()
    if world.field is None:
        return
    a, b = world.editors.values()
    assert a.shown == b.shown == world.field.values[0]
    assert a.offers == b.offers == []


# --- Two people: values saved by a colleague

SAVED = Offer(("14.00",), "@7", "Sam Okafor")


def test_what_a_colleague_saved_is_taken_where_nothing_was_typed():
    assert merge_saved(("12.00",), SAVED, None, 6) == Field(("14.00",), 6, "@7", "Sam Okafor")
    typed_and_undone = Field(("12.00",), 5, "A")
    assert merge_saved(("12.00",), SAVED, typed_and_undone, 6) == Field(("14.00",), 6, "@7", "Sam Okafor")


def test_what_a_colleague_saved_is_on_offer_where_something_was_typed():
    assert merge_saved(("12.00",), SAVED, Field(("11.00",), 5, "A"), 6) == Field(("11.00",), 5, "A", offers=(SAVED,))


def test_what_a_colleague_saved_replaces_what_somebody_saved_before():
    earlier = Field(("13.00",), 5, "@8", "Ada")
    assert merge_saved(("13.00",), SAVED, earlier, 6) == Field(("14.00",), 6, "@7", "Sam Okafor")
    contested = Field(("11.00",), 5, "A", offers=(Offer(("13.00",), "@8", "Ada"),))
    assert merge_saved(("13.00",), SAVED, contested, 6).offers == (SAVED,)


def test_what_is_on_offer_outlives_what_a_colleague_saved():
    on_offer = Offer(("9.00",), "A")
    typed_and_undone = Field(("12.00",), 5, "B", offers=(on_offer,))

    assert merge_saved(("12.00",), SAVED, typed_and_undone, 6).offers == (on_offer,)


def test_a_colleague_who_saved_the_same_is_no_question():
    assert merge_saved(("12.00",), SAVED, Field(("14.00",), 5, "A"), 6) == Field(("14.00",), 5, "A")


KNOWN = (Known(("Mug",), 1), Known(("Blue mug",), 5, "Sam Okafor"))


@pytest.mark.parametrize(
    ("mine", "seen", "current", "what"),
    [
        ("Mug", 1, "Mug", Saving.MINE),
        ("My mug", 1, "Mug", Saving.MINE),
        ("Mug", 1, "Blue mug", Saving.THEIRS),
        ("My mug", 1, "Blue mug", Saving.UNSEEN),
        ("My mug", 5, "Blue mug", Saving.MINE),
        ("Mug", 5, "Blue mug", Saving.MINE),
        ("Blue mug", 1, "Blue mug", Saving.MINE),
        ("My mug", 5, "Red mug", Saving.UNSEEN),
        ("Blue mug", 5, "Red mug", Saving.THEIRS),
    ],
)
def test_saving(mine: str, seen: int, current: str, what: Saving):
    assert merge_at_save((mine,), (current,), KNOWN, seen) is what


def test_saving_without_anything_known_is_as_it_was():
    assert merge_at_save(("mine",), ("theirs",), (), 9) is Saving.MINE
