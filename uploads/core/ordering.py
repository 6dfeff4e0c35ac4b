"""Where files stand: dense lists, one for the product and one for each variant. Plain values only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from msgspec import Struct

from uploads.core.errors import Code, Refusal

ListKey = tuple[str, str]
"""A list: ``("main_image", "")`` or ``("variant_image", temp id)``."""

MAIN: ListKey = ("main_image", "")


class Place(Struct, frozen=True, order=True):
    """The place of a file: its list and its index there."""

    list_key: ListKey
    sequence: int


class Last:
    """The end of a list, as opposed to behind a named file or (None) at its start."""


LAST = Last()
Lists = dict[ListKey, list[UUID]]


def lists_of(places: Mapping[UUID, Place]) -> Lists:
    """The lists that `places` describe, each in order (ties by id, so that any input has one answer)."""
    lists: Lists = {}
    for file in sorted(places, key=lambda file: (places[file].sequence, file)):
        lists.setdefault(places[file].list_key, []).append(file)
    return lists


def places_of(lists: Mapping[ListKey, Sequence[UUID]]) -> dict[UUID, Place]:
    """The dense places of all files in `lists`."""
    return {file: Place(key, at) for key, files in lists.items() for at, file in enumerate(files)}


def put(lists: Lists, files: Sequence[UUID], key: ListKey, after: UUID | Last | None) -> Lists:
    """`lists` with `files` (each once) moved into the list `key`: together, in this order, behind `after`.

    They may come from any list. When `after` is one of them, they gather where it stands.
    Raises `Refusal` (``unknown_position``) when `after` is not in that list.
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
    """`lists` with `file` in the list `key` at the index `sequence`, or at its end if that is shorter."""
    without = drop(lists, [file])
    without.setdefault(key, []).insert(sequence, file)
    return without


def drop(lists: Mapping[ListKey, Sequence[UUID]], files: Sequence[UUID]) -> Lists:
    """A copy of `lists` without `files`."""
    return {key: [file for file in listed if file not in files] for key, listed in lists.items()}


def keep_variants(lists: Mapping[ListKey, Sequence[UUID]], temp_ids: Iterable[str]) -> Lists:
    """`lists` in which the files of variants that are gone stand at the end of the main list."""
    known = {MAIN, *(("variant_image", temp_id) for temp_id in temp_ids)}
    kept = {key: list(files) for key, files in lists.items() if key in known}
    for key in sorted(lists.keys() - known):
        kept.setdefault(MAIN, []).extend(lists[key])
    return kept
