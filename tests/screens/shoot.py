"""The list of screenshots: one function per screen or state, in every look."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from tests.screens.scenes import adding, connection, endings, pages, window
from tests.screens.studio import LOOKS, Studio, studios

SCENES: list[Callable[[Studio], Awaitable[None]]] = [
    # Before anything else is cached, because Chromium remembers for half a minute how much space there was.
    connection.no_room,
    pages.pages,
    pages.unsaved,
    pages.messages,
    window.empty,
    window.uploading,
    window.looking,
    window.tray,
    window.undo,
    window.selected,
    window.right_to_left,
    window.refused,
    adding.repeated,
    adding.shrunk,
    adding.failed,
    connection.offline,
    connection.limited,
    connection.held,
    connection.misconfigured,
    endings.expired,
    endings.no_draft,
    endings.waiting,
    endings.refused_change,
    endings.committed,
]


async def everything(folder: Path, only: Sequence[str] = ()) -> None:
    """Take every screen and state, or the named scenes, in every look; one folder per look."""
    async with studios(LOOKS, folder) as each:
        async for studio in each:
            for scene in SCENES:
                if not only or scene.__name__ in only:
                    await scene(studio)


async def readme(folder: Path) -> None:
    """Take the dialog in use, light and dark, for the README."""
    async with studios([look for look in LOOKS if "desktop" in look.name], folder) as each:
        async for studio in each:
            await window.uploading(studio)
