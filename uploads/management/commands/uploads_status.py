"""``uploads_status``: what is open and what is due."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping
from typing import Any

from django.core.management.base import BaseCommand

from uploads.runtime.status import status


class Command(BaseCommand):
    """Print the state of the site. Changes nothing."""

    help = "Shows what is open and what is due: N, clock, processes, drafts, files, store jobs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add ``--json``."""
        parser.add_argument("--json", action="store_true", help="for a program")

    def handle(self, *, json: bool, **_: object) -> None:
        """Read and print."""
        found = status()
        self.stdout.write(_as_json(found) if json else "\n".join(_lines(found)))


def _as_json(found: Mapping[str, Any]) -> str:
    return json.dumps(found, indent=2)


def _lines(found: Mapping[str, Any]) -> Iterator[str]:
    yield _grace(found["grace"])
    yield from _clock(found["clock"])
    yield from _freeze(found["freeze"])
    yield f"Processes: {_counts(found['processes'])}"
    yield f"Tabs: {found['tabs']['sockets']} by socket, {found['tabs']['over_http']} over HTTP"
    yield f"Drafts: {_counts(found['drafts'])}"
    yield f"Drafts due: {', '.join(f'{count} within {name}' for name, count in found['due_within'].items())}"
    yield f"Files: {_counts(found['files'])}"
    for name, count in found["elsewhere"].items():
        yield f"IN ANOTHER STORE ({name}): {count} files of drafts, or to be promoted or deleted"
        yield "    They wait until that store is configured again."
    yield f"Bytes: {', '.join(f'{size / 1e6:.1f} MB in {where}' for where, size in found['bytes'].items())}"
    for kind, jobs in found["jobs"].items():
        yield f"Jobs to {kind}: {_counts({name: jobs[name] for name in ('due', 'waiting', 'claimed', 'dead')})}"
        yield from (f"    {error}" for error in jobs["errors"])


def _grace(grace: Mapping[str, Any]) -> str:
    origin = f"set live by {grace['by']} at {grace['at']}" if grace["from"] == "live" else "from the settings"
    return f"N: {grace['seconds']} s after a clean close, {grace['seconds_lost']} s after a loss ({origin})"


def _clock(clock: Mapping[str, Any]) -> Iterator[str]:
    yield f"Service time: {clock['s_ms'] // 1000} s, last ticked {clock['tick_age_ms'] / 1000:.1f} s ago"
    if not clock["running"]:
        yield "STANDING STILL: no process accepts connections, so no grace runs and nothing expires"


def _freeze(freeze: Mapping[str, Any]) -> Iterator[str]:
    if freeze["frozen"]:
        yield f"EXPIRY IS FROZEN for {freeze['left_ms'] // 1000} s ({freeze['reason']}: {_counts(freeze['seen'])})"
        yield "    It ends by itself. 'uploads_sweep --unfreeze' ends it now."


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items()) or "none"
