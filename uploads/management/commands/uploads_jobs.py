"""``uploads_jobs``: list failing store jobs, and requeue them."""

from __future__ import annotations

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError
from django.utils.timesince import timesince

from uploads.jobs import queue
from uploads.models import StoreJob


class Command(BaseCommand):
    """List failing jobs, dead ones first, or requeue jobs.

    A failing job is retried by itself. A dead one waits until an operator has fixed the store and requeues it.
    """

    help = "Lists failing store jobs and requeues dead ones."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add ``--retry``."""
        parser.add_argument("--retry", metavar="ID", help="requeue this job now; 'all': every dead one")

    def handle(self, *, retry: str | None, **options: object) -> None:
        """List or requeue. Raises `CommandError` for an unknown job."""
        if retry is not None:
            self.stdout.write(f"{_requeue(retry)} store jobs requeued")
            return
        failing = list(queue.failing())
        for job in failing:
            self.stdout.write(_line(job))
        dead = sum(job.dead for job in failing)
        self.stdout.write(f"{dead} dead, {len(failing) - dead} failing")


def _line(job: StoreJob) -> str:
    draft = job.file.draft
    facts = {
        "job": job.pk,
        "kind": job.kind,
        "attempts": job.attempts,
        "age": timesince(job.created_at, depth=1).replace("\xa0", " "),
        "file": f"{job.file_id} {job.file.name!r}",
        "draft": f"{draft.pk} of {draft.owner or 'nobody'}",
        "error": repr(job.error),
    }
    return f"{'dead' if job.dead else 'failing'}: " + ", ".join(f"{name} {fact}" for name, fact in facts.items())


def _requeue(which: str) -> int:
    if which == "all":
        return queue.requeue(StoreJob.objects.filter(dead=True))
    if not which.isdecimal() or not (taken := queue.requeue(StoreJob.objects.filter(pk=int(which)))):
        raise CommandError(f"There is no store job {which} that is waiting. 'uploads_jobs' lists failing jobs.")
    return taken
