"""Which drafts of new products this session works on: ``temp_product_files = {"drafts": [ids]}``, newest last.

The images themselves live in the drafts. These names only tell the two HTTP routes which draft is meant when a
request does not say.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.contrib.auth.models import User
from django.contrib.sessions.backends.base import SessionBase

from uploads import api

KEY = "temp_product_files"


def named(session: SessionBase) -> list[UUID]:
    """The drafts named in the session, newest last."""
    return [UUID(name) for name in session.get(KEY, {}).get("drafts", [])]


def newest(session: SessionBase, user: User) -> UUID | None:
    """The newest that is still live; the session forgets those that ended."""
    forget_ended(session, user)
    return next(reversed(named(session)), None)


def forget_ended(session: SessionBase, user: User) -> None:
    """Drop every draft that was saved, thrown away or expired since it was named."""
    live = set(api.live_drafts(user, named(session)))
    _keep(session, [draft for draft in named(session) if draft in live])


def add(session: SessionBase, draft: UUID) -> None:
    """Name `draft` as the newest."""
    others = [name for name in named(session) if name != draft]
    _keep(session, [*others, draft])


def drop(session: SessionBase, drafts: Iterable[UUID]) -> None:
    """Forget drafts that ended."""
    ended = set(drafts)
    _keep(session, [name for name in named(session) if name not in ended])


def _keep(session: SessionBase, drafts: list[UUID]) -> None:
    if drafts == named(session):
        return
    if drafts:
        session[KEY] = {"drafts": [str(draft) for draft in drafts]}
    else:
        session.pop(KEY, None)
