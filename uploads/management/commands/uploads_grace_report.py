"""``uploads_grace_report``: the recorded disconnections, and what any N would have lost."""

from __future__ import annotations

import json
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Sequence
from typing import Any

import msgspec
from django.core.management.base import BaseCommand

from uploads.core.service_time import Cause
from uploads.grace import disconnections
from uploads.grace.forecast import CLEAN, LOST, Disconnection, Forecast, Percentiles, percentiles, simulate
from uploads.grace.policy import grace_settings
from uploads.grace.rules import GraceSettings

LADDER = (30, 60, 120, 300, 600, 1800, 3600)
KINDS = {"clean": CLEAN, "lost": LOST}


class Command(BaseCommand):
    """Show how long people were away, per cause, and how many drafts each N would have lost or kept in vain."""

    help = "Shows how long drafts were without a socket and what any N would have lost."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add ``--at`` and ``--json``."""
        parser.add_argument("--at", type=_seconds, default=LADDER, metavar="30,60,300", help="values of N, in seconds")
        parser.add_argument("--json", action="store_true", help="for a program")

    def handle(self, *, at: Sequence[int], json: bool, **_: object) -> None:
        """Print the report on the disconnections of the last 90 days."""
        found = report(disconnections.recorded(), at, grace_settings())
        self.stdout.write(_as_json(found) if json else "\n".join(_lines(found)))


def report(recorded: Sequence[Disconnection], at: Sequence[int], now: GraceSettings) -> dict[str, Any]:
    """Return the whole report as plain values: ``in_force``, ``gaps`` per cause, ``forecast`` per kind of end and N."""
    in_force = {"clean": now.seconds, "lost": now.seconds_lost}
    return {
        "in_force": in_force,
        "gaps": {cause.value: percentiles(recorded, cause) for cause in Cause},
        "forecast": {
            kind: {n: simulate(recorded, GraceSettings(n, n), causes) for n in sorted({*at, in_force[kind]})}
            for kind, causes in KINDS.items()
        },
    }


def _as_json(found: dict[str, Any]) -> str:
    return json.dumps(msgspec.to_builtins(found, str_keys=True), indent=2)


def _lines(found: dict[str, Any]) -> list[str]:
    lines = ["Gaps in seconds (how long a draft was without a socket):", _GAPS_HEAD]
    lines += [_gap_line(cause, one) for cause, one in found["gaps"].items()]
    for kind, forecasts in found["forecast"].items():
        in_force = found["in_force"][kind]
        lines += ["", f"After a {kind} end, N = {in_force} s in force:", _FORECAST_HEAD]
        lines += [_forecast_line(n, one, n == in_force) for n, one in forecasts.items()]
    return lines


_GAPS_HEAD = f"{'cause':<9}{'count':>7}{'p50':>9}{'p90':>9}{'p95':>9}{'p99':>9}{'max':>9}{'never returned':>16}"
_FORECAST_HEAD = f"{'N':>9}{'returned':>10}{'lost':>7}{'abandoned':>11}{'GB hours':>10}"


def _gap_line(cause: str, one: Percentiles) -> str:
    times = [*one.percentiles.values(), one.max_ms] if one.max_ms is not None else ["-"] * 5
    columns = "".join(f"{time / 1000:>9.1f}" if isinstance(time, int) else f"{time:>9}" for time in times)
    return f"{cause:<9}{one.count:>7}{columns}{one.never_returned:>16}"


def _forecast_line(n: int, one: Forecast, in_force: bool) -> str:
    mark = "  <- in force" if in_force else ""
    return f"{n:>9}{one.returned:>10}{one.lost:>7}{one.abandoned:>11}{one.gigabyte_hours:>10.3f}{mark}"


def _seconds(text: str) -> list[int]:
    try:
        return [GraceSettings(int(part), 1).seconds for part in text.split(",")]
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from None
