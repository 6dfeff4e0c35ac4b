"""``uploads_reconcile``: the store's objects held against the database's rows."""

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
from uploads.reconcile.rules import AGE_MS, LEAST_AGE_MS, Judged, Stop, Verdict
from uploads.reconcile.scan import Dangling, Examined, examine
from uploads.stores.base import StoreError

WORTH_A_LOOK = frozenset({Verdict.ORPHAN, Verdict.UNCLAIMED})
RESERVE = 100
NOT_DONE = 2
"""The exit status of a run that could not do what it was asked."""

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
        "STOPPED, nothing is deleted: {orphans} orphans beside {files} files are too many to be believed. "
        "If they are meant, run again with --confirm {orphans}."
    ),
}


class Command(BaseCommand):
    """Says of every object below the store's folders why it is there, and which rows miss theirs; deletes on demand.

    Exit status: 0 when there is nothing (more) to do, 1 when something was found or a look ended early, 2 when there
    was no look at all.
    """

    help = "Compares the store with the database; with --delete, lets the objects go that nobody wants."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add what to do and how far to look."""
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
        parser.add_argument("--confirm", type=int, default=0, metavar="N", help="so many orphans are meant")
        parser.add_argument(
            "--trust-database", action="store_true", help="this database is whole, and the one that counts"
        )

    def handle(self, **options: Any) -> None:
        """Look, delete if asked to, say what was found. Raises `CommandError` when the store cannot be looked at."""
        if options["age"] * 1000 < LEAST_AGE_MS:
            raise CommandError(
                f"--age is at least {LEAST_AGE_MS // 1000}: a put may land that late.", returncode=NOT_DONE
            )
        act = cleanup.clean if options["delete"] else _would
        try:
            found = examine(age_ms=options["age"] * 1000, reserve=options["reserve"], saved=not options["temp_only"])
            done = act(found, trust=options["trust_database"], confirmed=options["confirm"])
        except StoreError as error:
            raise CommandError(f"The store cannot be reconciled: {error}.", returncode=NOT_DONE) from error
        everything = options["verbosity"] > 0
        said = (
            _as_json(found, done) if options["json"] else "\n".join(_lines(found, done, everything, options["delete"]))
        )
        self.stdout.write(said)
        if _is_left(found, done, options["delete"]):
            sys.exit(1)


def _would(found: Examined, *, trust: bool, confirmed: int) -> Cleaned:
    """What `cleanup.clean` would say."""
    return Cleaned(stop=cleanup.why_stop(found, trust=trust, confirmed=confirmed))


def _is_left(found: Examined, done: Cleaned, deleting: bool) -> bool:
    orphans = len(found.of(Verdict.ORPHAN))
    return any(
        (
            done.stop,
            done.trouble,
            orphans > done.deletes if deleting else orphans,
            found.of(Verdict.UNCLAIMED),
            found.dangling,
            found.cut,
            found.not_looked_for,
        )
    )


def _counts(found: Examined) -> dict[str, int]:
    counted = Counter(one.verdict for one in found.judged)
    return {**{verdict.value: counted[verdict] for verdict in Verdict}, "dangling": len(found.dangling)}


def _time(made_ms: int | None) -> str | None:
    return None if made_ms is None else datetime.fromtimestamp(made_ms / 1000, UTC).isoformat(timespec="seconds")


def _stop(found: Examined, stop: Stop) -> str:
    return _STOPS[stop].format(
        unnamed=found.forgotten,
        orphans=len(found.of(Verdict.ORPHAN)),
        files=found.files,
        marked=_time(found.marked_ms) or "it has none yet",
    )


def _lines(found: Examined, done: Cleaned, everything: bool, deleting: bool) -> Iterator[str]:
    yield from (_object(one) for one in found.judged if everything or one.verdict in WORTH_A_LOOK)
    yield from (_row(one) for one in found.dangling)
    if found.not_looked_for:
        yield f"{found.not_looked_for} more files are not in the listing. Is this the right store?"
    yield from (f"{folder} was left out: {why}" for folder, why in found.left_out.items())
    yield from (f"{folder} was not looked at to the end: {why}" for folder, why in found.cut.items())
    yield ", ".join(f"{count} {name}" for name, count in _counts(found).items())
    if done.stop:
        yield _stop(found, done.stop)
    elif deleting:
        yield f"{done.deletes} deletes written; a server or uploads_sweep carries them out."
        if done.trouble:
            yield f"The store was not marked: {done.trouble}"
    else:
        yield "Nothing was changed; --delete deletes the orphans."


def _object(one: Judged) -> str:
    made = _time(one.found.made_ms) or "at an unknown time"
    return f"{one.verdict}: {one.found.key!r}, {one.found.size} bytes, made {made}: {one.why}"


def _row(one: Dangling) -> str:
    return f"dangling: file {one.file}, {one.key!r}: {one.why}"


def _as_json(found: Examined, done: Cleaned) -> str:
    objects = [
        {
            "key": one.found.key,
            "size": one.found.size,
            "created_at": _time(one.found.made_ms),
            "verdict": one.verdict,
            "why": one.why,
        }
        for one in found.judged
    ]
    rows = [{"file": str(one.file), "key": one.key, "why": one.why} for one in found.dangling]
    return json.dumps(
        {
            "counts": _counts(found),
            "stop": done.stop,
            "unnamed": found.forgotten,
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
