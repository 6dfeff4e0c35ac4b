"""``uploads_sweep``: the sweep that every server process runs once a second, as a command."""

from __future__ import annotations

import logging
import signal
import threading
from argparse import ArgumentParser
from uuid import UUID

from django.core.management.base import BaseCommand
from django.db import DatabaseError, close_old_connections

from uploads.expiry import circuit_breaker, sweeper
from uploads.images.worker_pool import worker_pool
from uploads.jobs import queue, runner
from uploads.presence import sockets
from uploads.runtime.heartbeat import HEARTBEAT_SECONDS

logger = logging.getLogger("uploads.sweeper")


class Command(BaseCommand):
    """Expire due drafts and run store jobs, once or until SIGTERM. Any number may run beside the servers.

    It reads service time and never ticks it: while no server accepts connections, nothing expires.
    """

    help = "Expires overdue drafts and runs the store jobs that are due."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add ``--once`` (the default), ``--loop`` and ``--unfreeze``."""
        how = parser.add_mutually_exclusive_group()
        how.add_argument("--once", action="store_true", help="one sweep, and the jobs that are due (default)")
        how.add_argument("--loop", action="store_true", help="a sweep every second, until SIGTERM or SIGINT")
        how.add_argument("--unfreeze", action="store_true", help="end a freeze of expiry now, then sweep once")

    def handle(self, *, loop: bool, unfreeze: bool, verbosity: int, **options: object) -> None:
        """Sweep and print what was done."""
        if unfreeze:
            self.stdout.write(
                "The freeze was ended." if circuit_breaker.reset("uploads_sweep") else "Expiry was not frozen."
            )
        stop = threading.Event()
        if loop:
            for name in (signal.SIGTERM, signal.SIGINT):
                signal.signal(name, lambda *_: stop.set())
        else:
            stop.set()
        expired, done = self.sweep_until(stop)
        worker_pool().stop()
        if verbosity:
            self.stdout.write(f"{expired} drafts expired, {done} store jobs done")

    def sweep_until(self, stop: threading.Event) -> tuple[int, int]:
        """Sweep about once a second, at least once; return how many drafts expired and store jobs were done.

        Raises `DatabaseError` if the last sweep failed with one; earlier ones are only logged.
        """
        expired = done = 0
        while True:
            try:
                # A new process for each round: a slow store outlasts a lease, and a lapsed lease is never renewed.
                with sockets.temporary_worker() as process:
                    expired += sweeper.sweep().expired
                    done += run_due(process.pk)
                    if stop.wait(HEARTBEAT_SECONDS):
                        return expired, done
            except DatabaseError:
                if stop.wait(HEARTBEAT_SECONDS):
                    raise
                logger.exception("a sweep failed; the next one tries again")
                close_old_connections()


def run_due(process_id: UUID) -> int:
    """Run the due store jobs one after another while the lease holds; return how many."""
    done = 0
    while sockets.renew_lease(process_id) and (job := queue.acquire(process_id)) is not None:
        runner.run(job)
        done += 1
    return done
