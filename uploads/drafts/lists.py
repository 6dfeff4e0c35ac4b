"""Read and write the lists of a draft. `uploads.core.ordering` decides; this module executes.

Call these functions under the draft's lock.
"""

from __future__ import annotations

from uuid import UUID

from uploads.core import ordering, states
from uploads.core.errors import Code, Refusal
from uploads.core.ordering import ListKey, Lists
from uploads.models import Draft, File


def read(draft: Draft) -> Lists:
    """Return the lists of the draft, in order."""
    listed = File.objects.filter(draft=draft, state__in=states.LISTED)
    return ordering.lists_of({file.pk: file.position for file in listed})


def ranks(draft: Draft) -> dict[UUID, int]:
    """Return the ranks the draft's files were uploaded with, for lists that nobody has arranged since."""
    asked = File.objects.filter(draft=draft, state__in=states.LISTED).values_list("pk", "asked_rank")
    return {file: rank for file, rank in asked if rank is not None}


def arranged(draft: Draft, key: ListKey) -> None:
    """Record that somebody arranged the list `key`: the ranks of its files no longer count."""
    file_type, variant_temp_id = key
    listed = File.objects.filter(draft=draft, file_type=file_type, variant_temp_id=variant_temp_id)
    listed.exclude(asked_rank=None).update(asked_rank=None)


def write(draft: Draft, lists: Lists) -> None:
    """Write `lists` as the draft's; only rows that move are written. A rank counts only in its own list."""
    positions = ordering.positions_of(lists)
    moved = []
    for file in File.objects.filter(pk__in=positions):
        position = positions[file.pk]
        if file.position != position:
            if file.position.list_key != position.list_key:
                file.asked_rank = None
            (file.file_type, file.variant_temp_id), file.sequence = position.list_key, position.sequence
            moved.append(file)
    if moved:
        File.objects.bulk_update(moved, ["file_type", "variant_temp_id", "sequence", "asked_rank"])


def put_ranked(draft: Draft, file: UUID, key: ListKey, rank: int | None) -> None:
    """Put the file into the list `key`, at its rank or at the end (None)."""
    if rank is None:
        write(draft, ordering.put(read(draft), [file], key, ordering.LAST))
    else:
        write(draft, ordering.put_ranked(read(draft), file, key, rank, ranks(draft)))


def list_key(draft: Draft, file_type: str, variant_temp_id: str | None) -> ListKey:
    """Return the list named by the two fields of the protocol.

    Raises `Refusal` (``unknown_variant``) unless it is the main list or that of a variant row.
    """
    if file_type == "main_image" and variant_temp_id is None:
        return ordering.MAIN
    known = {row["temp_id"] for row in draft.variants}
    if file_type != "variant_image" or variant_temp_id is None or variant_temp_id not in known:
        raise Refusal(Code.UNKNOWN_VARIANT)
    return ("variant_image", variant_temp_id)
