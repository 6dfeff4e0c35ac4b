"""Read and write the lists of a draft. `uploads.core.ordering` decides; this module executes.

Call these functions under the draft's lock.
"""

from __future__ import annotations

from uploads.core import ordering, states
from uploads.core.errors import Code, Refusal
from uploads.core.ordering import ListKey, Lists
from uploads.models import Draft, File


def read(draft: Draft) -> Lists:
    """Return the lists of the draft, in order."""
    listed = File.objects.filter(draft=draft, state__in=states.LISTED)
    return ordering.lists_of({file.pk: file.position for file in listed})


def write(draft: Draft, lists: Lists) -> None:
    """Write `lists` as the draft's; only rows that move are written."""
    positions = ordering.positions_of(lists)
    moved = []
    for file in File.objects.filter(pk__in=positions):
        position = positions[file.pk]
        if file.position != position:
            (file.file_type, file.variant_temp_id), file.sequence = position.list_key, position.sequence
            moved.append(file)
    if moved:
        File.objects.bulk_update(moved, ["file_type", "variant_temp_id", "sequence"])


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
