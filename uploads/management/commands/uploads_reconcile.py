"""``uploads_reconcile``: compare the store's objects with the database's rows."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from uploads.reconcile import cleanup
from uploads.reconcile.cleanup import Cleaned
from uploads.reconcile.rules import AGE_MS, MIN_AGE_MS, Classification, ClassifiedObject, Stop
from uploads.reconcile.scan import Dangling, ScanResult, scan
from uploads.stores.base import StoreError

WORTH_A_LOOK = frozenset({Classification.ORPHAN, Classification.UNCLAIMED})
RESERVE = 100
NOT_DONE = 2
"""Exit status of a run that could not do what was asked."""

_STOPS = {
    Stop.RESTORED: (
        "STOPPED, nothing is deleted: a later database than this one has marked the store, so this one is an older "
        "copy. If it is the one that counts from now on, run again with --trust-database."
    ),
    Stop.UNNAMED: (
        "STOPPED, nothing is deleted: {unnamed} objects that no row names are newer than this database's last mark "
        "({marked}). It may be an older copy or have lost commits. If it is whole, run again with --trust-database."
    ),
    Stop.TOO_MANY: (
        "STOPPED, nothing is deleted: {orphans} orphaned images beside {files} files are too many to be believed. "
        "If they are meant, run again with --confirm {orphans}."
    ),
}


class Command(BaseCommand):
    """Classify every object in the store's folders, list the rows whose object is missing, and delete on demand.

    Exit status: 0 if there is nothing (more) to do, 1 if something was found or the listing ended early, 2 if the
    store could not be listed.
    """

    help = "Compares the store with the database; with --delete, deletes the objects of no file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the options."""
        parser.add_argument("--delete", action="store_true", help="delete the orphans; without it nothing is changed")
        parser.add_argument("--json", action="store_true", help="for a program")
        parser.add_argument(
            "--age",
            type=int,
            default=AGE_MS // 1000,
            metavar="SECONDS",
            help="leave younger objects alone (%(default)s)",
        )
        parser.add_argument(
            "--reserve",
            type=int,
            default=RESERVE,
            metavar="CALLS",
            help="calls of the store left to others (%(default)s)",
        )
        parser.add_argument("--temp-only", action="store_true", help="do not look at the objects of saved files")
        parser.add_argument(
            "--confirm", type=int, default=0, metavar="N", help="the number of orphaned images that is expected"
        )
        parser.add_argument("--trust-database", action="store_true", help="this database is current and complete")

    def handle(self, **options: Any) -> None:
        """Compare, delete if asked to, and print the result. Raises `CommandError` if the store cannot be listed."""
        if options["age"] * 1000 < MIN_AGE_MS:
            raise CommandError(
                f"--age is at least {MIN_AGE_MS // 1000}: a put may land that late.", returncode=NOT_DONE
            )
        act = cleanup.clean if options["delete"] else _would
        try:
            found = scan(age_ms=options["age"] * 1000, reserve=options["reserve"], saved=not options["temp_only"])
            done = act(found, trust=options["trust_database"], confirmed=options["confirm"])
        except StoreError as error:
            raise CommandError(f"The store cannot be reconciled: {error}.", returncode=NOT_DONE) from error
        everything = options["verbosity"] > 0
        output = (
            _as_json(found, done) if options["json"] else "\n".join(_lines(found, done, everything, options["delete"]))
        )
        self.stdout.write(output)
        if _is_left(found, done, options["delete"]):
            sys.exit(1)


def _would(found: ScanResult, *, trust: bool, confirmed: int) -> Cleaned:
    """Return what `cleanup.clean` would return, without deleting."""
    return Cleaned(stop=cleanup.stop_reason(found, trust=trust, confirmed=confirmed))


def _is_left(found: ScanResult, done: Cleaned, deleting: bool) -> bool:
    return any(
        (
            done.stop,
            done.trouble,
            found.orphans > (done.deletes if deleting else 0),
            found.of(Classification.UNCLAIMED),
            found.dangling,
            found.cut,
            found.not_looked_for,
        )
    )


def _counts(found: ScanResult) -> dict[str, int]:
    counted = Counter(one.classification for one in found.classified)
    return {**{one.value: counted[one] for one in Classification}, "dangling": len(found.dangling)}


def _time(made_ms: int | None) -> str | None:
    return None if made_ms is None else datetime.fromtimestamp(made_ms / 1000, UTC).isoformat(timespec="seconds")


def _stop(found: ScanResult, stop: Stop) -> str:
    return _STOPS[stop].format(
        unnamed=found.possibly_lost,
        orphans=found.orphans,
        files=found.files,
        marked=_time(found.marked_ms) or "it has none yet",
    )


def _lines(found: ScanResult, done: Cleaned, everything: bool, deleting: bool) -> Iterator[str]:
    yield from (_object(one) for one in found.classified if everything or one.classification in WORTH_A_LOOK)
    yield from (_row(one) for one in found.dangling)
    if found.not_looked_for:
        yield f"{found.not_looked_for} more files are not in the listing. Is this the right store?"
    yield from (f"{folder} was left out: {why}" for folder, why in found.left_out.items())
    yield from (f"{folder} was not looked at to the end: {why}" for folder, why in found.cut.items())
    yield ", ".join(f"{count} {name}" for name, count in _counts(found).items())
    if done.stop:
        yield _stop(found, done.stop)
    elif deleting:
        yield f"Deletes written, one per image: {done.deletes}. A server or uploads_sweep carries them out."
        if done.trouble:
            yield f"The store was not marked: {done.trouble}"
    else:
        yield "Nothing was changed; --delete deletes the orphans."


def _object(one: ClassifiedObject) -> str:
    made = _time(one.listed.made_ms) or "at an unknown time"
    return f"{one.classification}: {one.listed.key!r}, {one.listed.size} bytes, made {made}: {one.reason}"


def _row(one: Dangling) -> str:
    return f"dangling: file {one.file}, {one.key!r}: {one.reason}"


def _as_json(found: ScanResult, done: Cleaned) -> str:
    objects = [
        {
            "key": one.listed.key,
            "size": one.listed.size,
            "created_at": _time(one.listed.made_ms),
            "verdict": one.classification,
            "why": one.reason,
        }
        for one in found.classified
    ]
    rows = [{"file": str(one.file), "key": one.key, "why": one.reason} for one in found.dangling]
    return json.dumps(
        {
            "counts": _counts(found),
            "stop": done.stop,
            "unnamed": found.possibly_lost,
            "files": found.files,
            "deletes": done.deletes,
            "marked": done.marked,
            "trouble": done.trouble,
            "cut": found.cut,
            "left_out": found.left_out,
            "not_looked_for": found.not_looked_for,
            "objects": objects,
            "dangling": rows,
        },
        indent=2,
    )
