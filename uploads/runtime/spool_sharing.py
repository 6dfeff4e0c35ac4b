"""Whether all machines of a site have one spool: each server process leaves its mark there and looks for the others'.

A process that is alive, holds sockets and has no mark in our spool writes to another disk. A transfer that moves from
it to us would begin again at zero, and its jobs could not be run here.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from uuid import UUID

from uploads import spool
from uploads.grace import clock
from uploads.models import Process
from uploads.presence import sockets

logger = logging.getLogger("uploads.spool")

PREFIX = "process-"


def mark(process_id: UUID) -> None:
    """Leave the mark of a server process, before it accepts its first socket; without room for it, go on."""
    try:
        # A directory: empty ones are no files to whoever counts what lies here.
        (spool.directory() / f"{PREFIX}{process_id}").mkdir(exist_ok=True)
    except OSError:
        logger.exception("this process could not mark its spool: the others will say that it has another one")


def strangers() -> list[UUID]:
    """The processes that hold sockets and have another spool than this one."""
    holding = sockets.live_sockets(clock.service_now()).values_list("process", flat=True).distinct()
    return [process_id for process_id in holding if not (spool.directory() / f"{PREFIX}{process_id}").exists()]


def look() -> None:
    """Say when the spool is not shared, and remove the marks of processes that are gone."""
    if found := strangers():
        logger.error(
            "SPOOL_DIR (%s) is not shared by all servers: of %d live processes there is no mark in it",
            *(spool.directory(), len(found)),
        )
    # The marks first: a process that begins meanwhile has its row before its mark.
    marks = list(spool.directory().glob(f"{PREFIX}*"))
    known = {f"{PREFIX}{process_id}" for process_id in Process.objects.values_list("pk", flat=True)}
    for path in marks:
        if path.name not in known:
            with suppress(OSError):
                path.rmdir()
