"""Idempotency records: the first response to each command of a draft, returned again when it is repeated."""

from __future__ import annotations

from uploads.models import Draft, IdempotencyRecord

ANSWERS_KEPT = 10_000
"""Responses to commands older than this many revisions are deleted."""


def recorded_revision(draft: Draft, op: str) -> int | None:
    """Return the revision first returned for `op`, or None if it is new. Call under the draft's lock."""
    return IdempotencyRecord.objects.filter(draft=draft, op=op).values_list("revision", flat=True).first()


def record(draft: Draft, op: str) -> int:
    """Record the response to `op` (the draft's revision) for a repetition, and return it.

    No client repeats a command after that many changes, so the records of a draft that stays open are bounded.
    """
    IdempotencyRecord.objects.filter(draft=draft, revision__lt=draft.revision - ANSWERS_KEPT).delete()
    IdempotencyRecord.objects.create(draft=draft, op=op, revision=draft.revision)
    return draft.revision
