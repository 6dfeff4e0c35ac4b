"""The table of faults, counts and outcomes, in Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from tests.soak.phase import Row

HEAD = (
    "| fault | times | drafts | files stored | saves | broken sockets | acked losses | orphans | dangling rows "
    "| deletions | worst beyond N (s of S) | too early | outcome |"
)


def table(rows: Sequence[Row]) -> str:
    """Return one line for each row."""
    return "\n".join([HEAD, "|" + " --- |" * (HEAD.count("|") - 1), *map(line, rows)])


def line(row: Row) -> str:
    """Format the row as a line of the table."""
    found = row.findings
    counts = [found.drafts, found.stored, found.commits, found.broken_sockets]
    counts += [len(found.acked_losses), len(found.orphans), len(found.dangling), found.deletions]
    outcome = "holds" if row.holds else f"**{len(found.all_wrong)} violations**"
    cells = [row.fault, row.times, *counts, f"{found.worst_ms / 1000:.1f}", len(found.early)]
    return "| " + " | ".join(map(str, [*cells, f"{outcome}; {row.note}" if row.note else outcome])) + " |"
