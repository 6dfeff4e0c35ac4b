"""``uploads_set_grace``: change N live, after a preview of the impact."""

from __future__ import annotations

import getpass
from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from uploads.checks import grace_warnings
from uploads.expiry import set_grace
from uploads.expiry.set_grace import ChangeImpact
from uploads.grace.policy import configured_grace, grace_settings
from uploads.grace.rules import GraceSettings


class Command(BaseCommand):
    """Print the impact of the new N on drafts in grace and on past ones, then apply it."""

    help = "Changes how long a draft is kept without a socket, live and for every process."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add N, ``--lost``, ``--default``, ``--dry-run`` and ``--by``."""
        parser.add_argument("seconds", nargs="?", type=int, metavar="N", help="seconds after a clean close")
        parser.add_argument("--lost", type=int, metavar="M", help="seconds after a loss (default: as it is)")
        parser.add_argument("--default", action="store_true", help="back to the settings' values")
        parser.add_argument("--dry-run", action="store_true", help="only say what it would do")
        parser.add_argument("--by", help="who changes it, for the log (default: the system's user)")

    def handle(
        self, *, seconds: int | None, lost: int | None, default: bool, dry_run: bool, by: str | None, **_: object
    ) -> None:
        """Print the impact, then apply the change."""
        after = self._requested(seconds, lost, default)
        self._print_impact(set_grace.preview(after))
        for warning in grace_warnings(after):
            self.stderr.write(f"Warning: {warning.msg} {warning.hint}")
        if dry_run:
            self.stdout.write("Nothing was changed (--dry-run).")
            return
        try:
            set_grace.change(None if default else after, by or _current_user())
        except OperationalError as error:
            message = str(error).partition("\n")[0]
            hint = "A draft may be locked, for example by a save. Try again in a moment."
            raise CommandError(f"This could not be put in force: {message}. {hint}") from error
        self.stdout.write("In force now, in every process.")

    @staticmethod
    def _requested(seconds: int | None, lost: int | None, default: bool) -> GraceSettings:
        if default == (seconds is not None) or (default and lost is not None):
            raise CommandError("Give N (and --lost M), or --default.")
        if seconds is None:
            return configured_grace()
        try:
            return GraceSettings(seconds, grace_settings().seconds_lost if lost is None else lost)
        except ValueError as error:
            raise CommandError(str(error)) from None

    def _print_impact(self, impact: ChangeImpact) -> None:
        before, after, past = impact.before, impact.after, impact.past
        self.stdout.write(f"After a clean close: {before.seconds} s -> {after.seconds} s")
        self.stdout.write(f"After a loss: {before.seconds_lost} s -> {after.seconds_lost} s")
        self.stdout.write(
            f"Drafts in grace: {impact.in_grace}; {impact.sooner} would expire sooner, {impact.later} later"
        )
        if impact.earliest_ms is not None:
            self.stdout.write(f"The earliest of them would expire in {max(impact.earliest_ms, 0) // 1000} s")
        self.stdout.write(f"Of {past.returned} drafts that somebody came back to, {past.lost} would have been lost")


def _current_user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return "unknown"
