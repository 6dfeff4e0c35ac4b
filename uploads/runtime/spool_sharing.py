"""Detect machines that do not share the spool: each server process leaves a directory there and checks for others.

A live process that holds sockets but has no directory in our spool writes to another disk. A transfer that moves from
it to us would start again at zero, and its jobs could not run here.
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


def announce(process_id: UUID) -> None:
    """Create the directory of a server process before it accepts sockets; log a failure and go on."""
    try:
        # A directory, because whatever counts the spool counts files only.
        (spool.directory() / f"{PREFIX}{process_id}").mkdir(exist_ok=True)
    except OSError:
        logger.exception(
            "this process could not announce itself in its spool: the others will report that it has another one"
        )


def foreign_processes() -> list[UUID]:
    """Return the processes that hold sockets and use another spool than this one."""
    holding = sockets.live_sockets(clock.service_now()).values_list("process", flat=True).distinct()
    return [process_id for process_id in holding if not (spool.directory() / f"{PREFIX}{process_id}").exists()]


def check() -> None:
    """Log an error if the spool is not shared, and remove the directories of processes that are gone."""
    if found := foreign_processes():
        logger.error(
            "SPOOL_DIR (%s) is not shared by all servers: the directories of %d live processes are missing from it",
            *(spool.directory(), len(found)),
        )
    # List the directories first: a process that starts meanwhile has its row before its directory.
    announced = list(spool.directory().glob(f"{PREFIX}*"))
    known = {f"{PREFIX}{process_id}" for process_id in Process.objects.values_list("pk", flat=True)}
    for path in announced:
        if path.name not in known:
            with suppress(OSError):
                path.rmdir()
