"""Positions of files in dense lists, one for the product and one for each variant. Plain values only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from msgspec import Struct

from uploads.core.errors import Code, Refusal

ListKey = tuple[str, str]
"""A list: ``("main_image", "")`` or ``("variant_image", temp id)``."""

MAIN: ListKey = ("main_image", "")


class Position(Struct, frozen=True, order=True):
    """The position of a file: its list and its index there."""

    list_key: ListKey
    sequence: int


class Last:
    """The end of a list, as opposed to after a named file or (None) at the start."""


LAST = Last()
Lists = dict[ListKey, list[UUID]]


def lists_of(positions: Mapping[UUID, Position]) -> Lists:
    """Return the ordered lists that `positions` describe; ties are broken by id, so the result is unambiguous."""
    lists: Lists = {}
    for file in sorted(positions, key=lambda file: (positions[file].sequence, file)):
        lists.setdefault(positions[file].list_key, []).append(file)
    return lists


def positions_of(lists: Mapping[ListKey, Sequence[UUID]]) -> dict[UUID, Position]:
    """Return the dense positions of all files in `lists`."""
    return {file: Position(key, at) for key, files in lists.items() for at, file in enumerate(files)}


def put(lists: Lists, files: Sequence[UUID], key: ListKey, after: UUID | Last | None) -> Lists:
    """Move `files` (each once) into the list `key`, together and in this order, after `after`.

    They may come from any list. If `after` is one of them, they gather at its position.
    Raises `Refusal` (``unknown_position``) if `after` is not in that list.
    """
    target = lists.get(key, [])
    if isinstance(after, Last):
        behind = len(target)
    elif after is None:
        behind = 0
    elif after not in target:
        raise Refusal(Code.UNKNOWN_POSITION)
    else:
        behind = target.index(after) + 1
    head, tail = ([file for file in part if file not in files] for part in (target[:behind], target[behind:]))
    return {**drop(lists, files), key: [*head, *files, *tail]}


def put_at(lists: Lists, file: UUID, key: ListKey, sequence: int) -> Lists:
    """Move `file` into the list `key` at the index `sequence`, or at the end of a shorter list."""
    without = drop(lists, [file])
    without.setdefault(key, []).insert(sequence, file)
    return without


def put_ranked(lists: Lists, file: UUID, key: ListKey, rank: int, ranks: Mapping[UUID, int]) -> Lists:
    """Insert `file` into the list `key` behind all files of a rank up to its own, before all of a higher one.

    `ranks` has the files that nobody has moved. The others keep their positions: among them the file gets the index
    `rank`, or the nearest one its neighbours allow.
    """
    others = [other for other in lists.get(key, []) if other != file]
    lower = [at for at, other in enumerate(others, 1) if ranks.get(other, rank + 1) <= rank]
    higher = [at for at, other in enumerate(others) if ranks.get(other, rank) > rank]
    first = max(lower, default=0)
    return put_at(lists, file, key, max(first, min(rank, *higher, len(others))))


def drop(lists: Mapping[ListKey, Sequence[UUID]], files: Sequence[UUID]) -> Lists:
    """Return `lists` without `files`."""
    return {key: [file for file in listed if file not in files] for key, listed in lists.items()}


def keep_variants(lists: Mapping[ListKey, Sequence[UUID]], temp_ids: Iterable[str]) -> Lists:
    """Move the files of deleted variants to the end of the main list."""
    known = {MAIN, *(("variant_image", temp_id) for temp_id in temp_ids)}
    kept = {key: list(files) for key, files in lists.items() if key in known}
    for key in sorted(lists.keys() - known):
        kept.setdefault(MAIN, []).extend(lists[key])
    return kept
