"""Plan what a commit does to the product's files. Plain values only.

A draft of an edited product starts with the product's files at that time (`base`). Other users may save while it is
open. `merge` keeps everybody's work: the user's list in its order, then the files others have added. A file that
anybody removed stays removed, and alternative texts that the user did not change are the others'.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Literal
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

FileType = Literal["main_image", "variant_image"]


class PlannedFile(Struct, frozen=True, kw_only=True):
    """One file as the product will have it.

    `file` is the UUID of the upload that owns the bytes: the host's unique key for its row. `is_new` distinguishes
    files of this draft from those the product already had. `sequence` is dense from 0 in its list; `is_primary` is true
    for the first main image only.
    """

    file: UUID
    url: str
    name: str
    file_type: FileType
    variant_temp_id: str | None
    alt_text: str
    is_new: bool
    sequence: int = 0
    is_primary: bool = False

    @property
    def list_key(self) -> tuple[str, str]:
        """The list of the file: ``("main_image", "")`` or ``("variant_image", temp id)``."""
        return (self.file_type, self.variant_temp_id or "")


class Plan(Struct, frozen=True, kw_only=True):
    """The product's files after the commit, list by list in order, and those it releases."""

    files: tuple[PlannedFile, ...]
    detached: tuple[UUID, ...]
    variants: tuple[tuple[str, str], ...]
    """The variant rows of the draft: (temporary id, label) in order."""

    def main_images(self) -> list[PlannedFile]:
        """Return the files of the main list, in order."""
        return [file for file in self.files if file.file_type == "main_image"]

    def variant_images(self) -> dict[str, list[PlannedFile]]:
        """Return the files of each variant by its temporary id, in order."""
        lists: dict[str, list[PlannedFile]] = {}
        for file in self.files:
            if file.variant_temp_id is not None:
                lists.setdefault(file.variant_temp_id, []).append(file)
        return lists


class Linked(Struct, frozen=True, kw_only=True):
    """What the host's `link` made of a plan: the product's id as text, and the URL of its page."""

    target_id: str
    url: str
    values: Mapping[str, Sequence[str]] = {}
    """The text that was saved, as its form shows it; other users' open drafts of the target learn it."""


def merge(
    base: Iterable[UUID],
    mine: Sequence[PlannedFile],
    removed: Iterable[UUID],
    current: Sequence[PlannedFile],
    variants: Sequence[tuple[str, str]] = (),
    described: Collection[UUID] = (),
) -> Plan:
    """Plan the commit of a draft that holds `mine` and whose user `removed` and `described` files of the product.

    `base`: the product's files when the draft was opened. `current`: the files now, read under the product's row lock.
    Files of `base` that are not in `current` were removed by somebody else.
    """
    base_ids, removed_ids = set(base), set(removed)
    words = {file.file: file.alt_text for file in current}
    kept = [
        file if file.is_new or file.file in described else replace(file, alt_text=words[file.file])
        for file in mine
        if file.is_new or file.file in words
    ]
    kept_ids = {file.file for file in kept}
    theirs = [file for file in current if file.file not in base_ids and file.file not in kept_ids]
    detached = tuple(file.file for file in current if file.file in removed_ids)
    return Plan(files=_numbered([*kept, *theirs]), detached=detached, variants=tuple(variants))


def _numbered(files: Sequence[PlannedFile]) -> tuple[PlannedFile, ...]:
    """Return `files` list by list, each numbered densely from 0; the first main image is the primary one."""
    ordered = sorted(files, key=lambda file: file.list_key)
    return tuple(
        replace(file, sequence=place, is_primary=place == 0 and file.file_type == "main_image")
        for _, members in groupby(ordered, key=lambda file: file.list_key)
        for place, file in enumerate(members)
    )
