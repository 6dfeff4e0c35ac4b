"""What the form of a draft holds: its text and its variant rows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from uuid import UUID

from django.contrib.auth.models import User

from uploads.conf import upload_settings
from uploads.core import states
from uploads.core.errors import Code, Refusal
from uploads.core.ordering import keep_variants
from uploads.drafts import lists
from uploads.drafts.idempotency import answered, remember
from uploads.drafts.lifecycle import changing, refusal
from uploads.models import Draft


def note(draft_id: UUID, user: User, fields: Mapping[str, Sequence[str]]) -> int:
    """Keep the form's text and return the revision, which it does not change.

    Raises `Refusal` (``text_too_large`` and those of a draft that is not live).
    """
    text = json.dumps(fields, separators=(",", ":"), ensure_ascii=False)
    if len(text.encode()) > upload_settings().limits.max_text_bytes:
        raise Refusal(Code.TEXT_TOO_LARGE)
    live = Draft.objects.filter(pk=draft_id, owner=user, state__in=states.LIVE)
    if not live.update(fields=text, touched=True):
        raise refusal(draft_id, user)
    return int(live.values_list("revision", flat=True).get())


def noted(draft: Draft) -> dict[str, list[str]]:
    """The text noted last; whatever an older version kept that is not a list of texts per field is left out."""
    try:
        fields: dict[str, object] = json.loads(draft.fields)
    except RecursionError:
        # A thousand objects in each other: that version took them.
        return {}
    return {
        name: [value for value in values if isinstance(value, str)]
        for name, values in fields.items()
        if isinstance(values, list)
    }


def set_variants(draft_id: UUID, user: User, op: str, revision: int, rows: Sequence[tuple[str, str]]) -> int:
    """Replace the variant rows; images of rows that are gone move to the end of the main list.

    Raises `Refusal` (``too_many_variants``; ``stale`` when the rows changed after `revision`); the draft then stays as
    it was.
    Other changes do not count: while images are being stored the revision moves all the time.
    """
    temp_ids = [temp_id for temp_id, _ in rows]
    if len(rows) > upload_settings().limits.max_variants:
        raise Refusal(Code.TOO_MANY_VARIANTS)
    if len(set(temp_ids)) != len(temp_ids):
        raise Refusal(Code.BAD_MESSAGE, "The variant rows are not distinct.")
    with changing(draft_id, user) as draft:
        if (answer := answered(draft, op)) is not None:
            return answer
        if not draft.variants_revision <= revision < draft.revision:
            raise Refusal(Code.STALE)
        draft.variants = [{"temp_id": temp_id, "label": label} for temp_id, label in rows]
        draft.variants_revision = draft.revision
        draft.save(update_fields=["variants", "variants_revision"])
        lists.write(draft, keep_variants(lists.read(draft), temp_ids))
        return remember(draft, op)
