"""What the form of a draft holds: its text and its variant rows."""

from __future__ import annotations

import json
from collections.abc import Sequence
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


def note(draft_id: UUID, user: User, fields: dict[str, object]) -> int:
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
    """The text noted last; whatever a client sent that is not a list of texts per field is left out."""
    fields: dict[str, object] = json.loads(draft.fields)
    return {
        name: [value for value in values if isinstance(value, str)]
        for name, values in fields.items()
        if isinstance(values, list)
    }


def has_text(draft: Draft) -> bool:
    """Whether somebody typed something: in a field, or the name of a variant."""
    # The rows of an edited product are its own until somebody changes them.
    rows = draft.variants if not draft.target_id or draft.variants_revision > 1 else []
    typed = [value for values in noted(draft).values() for value in values]
    return any(text.strip() for text in [*typed, *(row["label"] for row in rows)])


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
