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
    """A value and who typed it: `author` is a page, `name` a colleague, empty for a tab of the draft's owner.

    `revision` is the one at which the field held it; 0 if unknown (kept by the version before).
    """

    values: Values
    author: str
    name: str = ""
    revision: int = 0


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
        return Offer(self.values, self.author, self.name, self.revision)


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


def unseen_offer(mine: Values, field: Field, author: str, seen: int, saved_by: str) -> Offer | None:
    """Return a value that was typed in another tab and that the page of `author`, which saves `mine`, has not shown.

    `seen` is the newest revision the page showed. Saved values, whose authors begin with `saved_by`, are decided by
    `merge_at_save`. Spaces around a text do not count: the form drops them.
    """
    for offer in (field.offered, *field.offers):
        is_other = offer.author != author and not offer.author.startswith(saved_by)
        if is_other and offer.revision > seen and _trimmed(offer.values) != _trimmed(mine):
            return offer
    return None


def _trimmed(values: Values) -> list[str]:
    return [value.strip() for value in values]


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
