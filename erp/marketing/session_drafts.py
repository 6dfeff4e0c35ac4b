"""The drafts of new products that this session works on: ``temp_product_files = {"drafts": [ids]}``, newest last.

The images themselves are in the drafts. The session only tells the two HTTP routes which draft to use if a request does
not name one.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.contrib.auth.models import User
from django.contrib.sessions.backends.base import SessionBase

from uploads import api

KEY = "temp_product_files"


def named(session: SessionBase) -> list[UUID]:
    """Return the drafts named in the session, newest last."""
    return [UUID(name) for name in session.get(KEY, {}).get("drafts", [])]


def newest(session: SessionBase, user: User) -> UUID | None:
    """Return the newest live draft; drafts that ended are removed from the session."""
    forget_ended(session, user)
    return next(reversed(named(session)), None)


def forget_ended(session: SessionBase, user: User) -> None:
    """Remove all drafts that were saved, discarded or have expired."""
    live = set(api.live_drafts(user, named(session)))
    _keep(session, [draft for draft in named(session) if draft in live])


def add(session: SessionBase, draft: UUID) -> None:
    """Add `draft` as the newest."""
    others = [name for name in named(session) if name != draft]
    _keep(session, [*others, draft])


def drop(session: SessionBase, drafts: Iterable[UUID]) -> None:
    """Remove these drafts."""
    ended = set(drafts)
    _keep(session, [name for name in named(session) if name not in ended])


def _keep(session: SessionBase, drafts: list[UUID]) -> None:
    if drafts == named(session):
        return
    if drafts:
        session[KEY] = {"drafts": [str(draft) for draft in drafts]}
    else:
        session.pop(KEY, None)
