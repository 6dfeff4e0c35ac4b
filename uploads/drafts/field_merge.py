"""Merge the changes of two tabs, or two users, to one form field. Plain values only.

For each field a draft stores the latest value, the revision that set it, and its author. If a value replaces one that
its author had not seen, the replaced value stays *on offer* until it is chosen or the draft is saved. Text is never
merged within a field, because nobody could tell what either author meant.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum, auto

from msgspec import Struct
from msgspec.structs import replace

Values = tuple[str, ...]
"""The values of a field, as in ``FormData``: one text, or one per selected option."""

UNKNOWN = ""
"""The author of a value sent without one, by a page of the previous version."""


class Offer(Struct, frozen=True):
    """A value and its author: `author` identifies a page, `name` a colleague (empty for a tab of the draft's owner)."""

    values: Values
    author: str
    name: str = ""


class Field(Struct, frozen=True):
    """A field of a draft: its value, the revision that set it, its author, and the values on offer, newest first."""

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
    """Return the field after the author of `mine`, who had seen it as of revision `base`, set it.

    `revision` is that of this change. A value equal to the current one resolves the conflict instead.
    """
    if current is None:
        return Field(mine.values, revision, mine.author, mine.name)
    others = tuple(one for one in current.offers if one.author != mine.author and one.values != mine.values)
    if mine.values == current.values:
        return replace(current, offers=others)
    # While an author's value is on offer, that author has not seen the newer value: their form still has the old one.
    undecided = base < current.revision or any(offer.author == mine.author for offer in current.offers)
    if current.author != mine.author and undecided:
        others = (current.offered, *others)
    return Field(mine.values, revision, mine.author, mine.name, others)


def merge_fields(
    fields: Mapping[str, Field], typed: Mapping[str, tuple[int, Values]], author: str, revision: int
) -> dict[str, Field]:
    """Return `fields` after `typed`, which has for each name the revision it was based on and its new value."""
    merged = {
        name: merge_field(base, Offer(values, author), fields.get(name), revision)
        for name, (base, values) in typed.items()
    }
    return {**fields, **merged}


class Known(Struct, frozen=True):
    """A saved value of the target that a draft has learned, the draft's revision at that time, and who saved it."""

    values: Values
    revision: int
    name: str = ""


def merge_saved(before: Values, saved: Offer, current: Field | None, revision: int) -> Field:
    """Return the field after a colleague saved the target; `before` is the value saved until then."""
    if current is None:
        return Field(saved.values, revision, saved.author, saved.name)
    others = tuple(one for one in current.offers if one.values not in (before, saved.values))
    if current.values == before:
        # The remaining offers were typed and exist nowhere else.
        return Field(saved.values, revision, saved.author, saved.name, others)
    if current.values == saved.values:
        return replace(current, offers=others)
    return replace(current, offers=(saved, *others))


class Saving(Enum):
    """What a save does with a field: use the user's value, keep the saved one, or have the user review it first."""

    MINE = auto()
    THEIRS = auto()
    UNSEEN = auto()


def merge_at_save(mine: Values, current: Values, known: Sequence[Known], seen: int) -> Saving:
    """Decide how to save a field submitted as `mine` while the target has `current`.

    `known` are the saved values the draft has learned, and `seen` is its newest revision that the page had shown.
    """
    shown = [one.values for one in known if one.revision <= seen] or [one.values for one in known[:1]]
    if not shown or current in (mine, shown[-1]):
        return Saving.MINE
    return Saving.THEIRS if mine == shown[-1] else Saving.UNSEEN


def is_typed(field: Field, known: Sequence[Known], saved_by: str) -> bool:
    """Whether the field has a typed value, current or on offer, that differs from the newest saved value in `known`.

    Authors of saved values begin with `saved_by`. If `known` is empty, blank text does not count.
    """
    theirs = [offer.values for offer in field.offers if not offer.author.startswith(saved_by)]
    typed = theirs if field.author.startswith(saved_by) else [field.values, *theirs]
    if known:
        return any(values != known[-1].values for values in typed)
    return any(text.strip() for values in typed for text in values)


OFFER_BYTES = 40
"""Bytes that an offer takes besides its values."""


def _weight(offer: Offer) -> int:
    """Estimate the stored size of the offer in bytes; empty values and names count too."""
    return OFFER_BYTES + len(offer.author) + len(offer.name) + sum(len(value.encode()) + 3 for value in offer.values)


def bounded(fields: Mapping[str, Field], max_bytes: int) -> dict[str, Field]:
    """Return `fields` with the offers that fit into `max_bytes`; the oldest of each field are dropped first.

    With two tabs none is ever dropped, because the second one's text is at most one whole form.
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
