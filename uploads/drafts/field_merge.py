"""Merge what two tabs, or two people, do to one form field: plain values, and nothing of how they are kept.

A draft keeps for each field the value typed last, the revision it got it at, and its author. A value typed by somebody
who had not seen the one it replaces leaves that one *on offer*, until it is chosen or the draft is saved. Text is never
merged within a field: nobody could tell afterwards who meant what.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum, auto

from msgspec import Struct
from msgspec.structs import replace

Values = tuple[str, ...]
"""What a field holds, as ``FormData`` gives it: one text, or one per chosen option."""

UNKNOWN = ""
"""The author of a value that came without one, from a page of the version before."""


class Offer(Struct, frozen=True):
    """A value and who typed it: `author` is a page, `name` a colleague, empty for a tab of the draft's owner."""

    values: Values
    author: str
    name: str = ""


class Field(Struct, frozen=True):
    """A field of a draft: its value, the revision it got it at, its author, and the values on offer, newest first."""

    values: Values
    revision: int
    author: str
    name: str = ""
    offers: tuple[Offer, ...] = ()

    @property
    def offered(self) -> Offer:
        """The field's own value as an offer."""
        return Offer(self.values, self.author, self.name)


def merge_field(base: int, mine: Offer, current: Field | None, revision: int) -> Field:
    """Return the field after `mine` was typed by somebody who knew its value of revision `base`.

    `revision` is that of this change. A value equal to the one that is there settles the question instead.
    """
    if current is None:
        return Field(mine.values, revision, mine.author, mine.name)
    others = tuple(one for one in current.offers if one.author != mine.author and one.values != mine.values)
    if mine.values == current.values:
        return replace(current, offers=others)
    # An author with a value on offer has not seen the field take another: theirs is still in their form.
    undecided = base < current.revision or any(offer.author == mine.author for offer in current.offers)
    if current.author != mine.author and undecided:
        others = (current.offered, *others)
    return Field(mine.values, revision, mine.author, mine.name, others)


def merge_fields(
    fields: Mapping[str, Field], typed: Mapping[str, tuple[int, Values]], author: str, revision: int
) -> dict[str, Field]:
    """Return `fields` after `typed`: for each name the revision it was based on, and its new value."""
    merged = {
        name: merge_field(base, Offer(values, author), fields.get(name), revision)
        for name, (base, values) in typed.items()
    }
    return {**fields, **merged}


class Known(Struct, frozen=True):
    """A saved value of the target that a draft has been told of, the draft's revision then, and who saved it."""

    values: Values
    revision: int
    name: str = ""


def merge_saved(before: Values, saved: Offer, current: Field | None, revision: int) -> Field:
    """Return the field after a colleague saved the target: `before` is the value that was saved until then."""
    if current is None:
        return Field(saved.values, revision, saved.author, saved.name)
    others = tuple(one for one in current.offers if one.values not in (before, saved.values))
    if current.values == before:
        # What stays on offer was typed, and is nowhere else.
        return Field(saved.values, revision, saved.author, saved.name, others)
    if current.values == saved.values:
        return replace(current, offers=others)
    return replace(current, offers=(saved, *others))


class Saving(Enum):
    """What saving does with a field: mine wins, the value that is there stays, or the user has to look first."""

    MINE = auto()
    THEIRS = auto()
    UNSEEN = auto()


def merge_at_save(mine: Values, current: Values, known: Sequence[Known], seen: int) -> Saving:
    """Decide over a field that is saved as `mine` while the target has `current`.

    `known` are the saved values the draft was told of, and `seen` is the newest of its revisions that the page showed.
    """
    shown = [one.values for one in known if one.revision <= seen] or [one.values for one in known[:1]]
    if not shown or current in (mine, shown[-1]):
        return Saving.MINE
    return Saving.THEIRS if mine == shown[-1] else Saving.UNSEEN


def is_typed(field: Field, known: Sequence[Known], saved_by: str) -> bool:
    """Whether the field holds or has on offer what somebody typed and `known`, the saved values, ends without.

    `saved_by` begins the authors of saved values. Where nothing is known, blank text is nothing.
    """
    theirs = [offer.values for offer in field.offers if not offer.author.startswith(saved_by)]
    typed = theirs if field.author.startswith(saved_by) else [field.values, *theirs]
    if known:
        return any(values != known[-1].values for values in typed)
    return any(text.strip() for values in typed for text in values)


OFFER_BYTES = 40
"""What an offer without values takes."""


def _weight(offer: Offer) -> int:
    """About as many bytes as the offer takes where it is kept: empty values and names count too."""
    return OFFER_BYTES + len(offer.author) + len(offer.name) + sum(len(value.encode()) + 3 for value in offer.values)


def bounded_known(known: Mapping[str, Sequence[Known]], max_bytes: int) -> dict[str, list[Known]]:
    """Return the saved values that fit into `max_bytes`: between the first and the last of each field the oldest go.

    Those two stay: the draft began with the one, and what is typed meets the other.
    """
    left = max_bytes
    kept: dict[str, list[Known]] = {}
    for name, values in known.items():
        middle: list[Known] = []
        for one in reversed(values[1:-1]):
            left -= _weight(Offer(one.values, UNKNOWN, one.name))
            if left >= 0:
                middle.insert(0, one)
        kept[name] = [*values[:1], *middle, *values[1:][-1:]]
    return kept


def bounded(fields: Mapping[str, Field], max_bytes: int) -> dict[str, Field]:
    """Return `fields` with the offers that fit into `max_bytes`: the oldest of each field go first.

    Two tabs never lose one: what the second typed is no longer than a whole form.
    """
    left = max_bytes
    kept: dict[str, Field] = {}
    for name, field in fields.items():
        offers = []
        for offer in field.offers:
            left -= _weight(offer)
            if left >= 0:
                offers.append(offer)
        kept[name] = field if len(offers) == len(field.offers) else replace(field, offers=tuple(offers))
    return kept
