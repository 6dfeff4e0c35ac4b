"""The first answer to each command of a draft, repeated when the command is repeated."""

from __future__ import annotations

from uploads.models import Draft, Op

ANSWERS_KEPT = 10_000
"""How many revisions back an answer to a command is still known."""


def answered(draft: Draft, op: str) -> int | None:
    """The revision first answered to `op`, or None when it is new. Call under the draft's lock."""
    return Op.objects.filter(draft=draft, op=op).values_list("revision", flat=True).first()


def remember(draft: Draft, op: str) -> int:
    """Keep the answer to `op` (the draft's revision) for a repetition, and return it.

    Nobody repeats what was said so many changes ago: a draft that is open for ever holds no more answers than that.
    """
    Op.objects.filter(draft=draft, revision__lt=draft.revision - ANSWERS_KEPT).delete()
    Op.objects.create(draft=draft, op=op, revision=draft.revision)
    return draft.revision
