"""``uploads_jobs``: the store jobs that failed, and taking them up again."""

from __future__ import annotations

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError
from django.utils.timesince import timesince

from uploads.jobs import queue
from uploads.models import StoreJob


class Command(BaseCommand):
    """List what the store refused so far, dead jobs first, or take jobs up again.

    A job that is not dead is tried again by itself. A dead one waits for somebody who made the store work.
    """

    help = "Lists the store jobs that failed, and takes dead ones up again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add ``--retry``."""
        parser.add_argument("--retry", metavar="ID", help="take this job up again now; 'all': every dead one")

    def handle(self, *, retry: str | None, **options: object) -> None:
        """List, or take up. Raises `CommandError` for a job that there is not."""
        if retry is not None:
            self.stdout.write(f"{_take_up(retry)} store jobs taken up again")
            return
        troubled = list(queue.failing())
        for job in troubled:
            self.stdout.write(_line(job))
        dead = sum(job.dead for job in troubled)
        self.stdout.write(f"{dead} dead, {len(troubled) - dead} failing")


def _line(job: StoreJob) -> str:
    draft = job.file.draft
    facts = {
        "job": job.pk,
        "kind": job.kind,
        "attempts": job.attempts,
        "age": timesince(job.made_at, depth=1).replace("\xa0", " "),
        "file": f"{job.file_id} {job.file.name!r}",
        "draft": f"{draft.pk} of {draft.owner or 'nobody'}",
        "error": repr(job.error),
    }
    return f"{'dead' if job.dead else 'failing'}: " + ", ".join(f"{name} {fact}" for name, fact in facts.items())


def _take_up(which: str) -> int:
    if which == "all":
        return queue.requeue(StoreJob.objects.filter(dead=True))
    if not which.isdecimal() or not (taken := queue.requeue(StoreJob.objects.filter(pk=int(which)))):
        raise CommandError(f"There is no store job {which} that waits. 'uploads_jobs' lists what failed.")
    return taken
