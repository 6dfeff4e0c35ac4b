"""Checks what clients heard against the final state. Pure: takes histories and facts, returns findings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from tests.soak.history import End, FileHistory, History
from uploads.core import small_pictures

BYTES_MUST_BE = {"stored", "removed", "linked", "permanent"}
BYTES_MAY_BE = {*BYTES_MUST_BE, "storing", "rejected", "deleting"}
SPOOL_MAY_BE = {"receiving", "checking", "storing", "rejected", "deleting"}
SLACK_MS = 60_000
"""B: how long a deletion may take beyond N."""


@dataclass(frozen=True)
class FileRow:
    """A file according to its row."""

    draft: str
    state: str
    key: str
    sequence: int


@dataclass(frozen=True)
class Facts:
    """The site once it has come to rest."""

    drafts: Mapping[str, tuple[str, str]]
    """State and grace cause by draft."""
    files: Mapping[str, FileRow]
    products: Mapping[str, tuple[str, int]]
    """Product path and position by file."""
    objects: Mapping[str, str]
    """SHA-256 by key, of everything in the store."""
    spooled: frozenset[str]
    """The files that still have bytes in the spool."""
    jobs: int
    """Remaining store jobs, including dead ones."""


@dataclass
class Findings:
    """The findings of the checker. The first lists must be empty."""

    acked_losses: list[str] = field(default_factory=list)
    orphans: list[str] = field(default_factory=list)
    dangling: list[str] = field(default_factory=list)
    early: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    drafts: int = 0
    stored: int = 0
    commits: int = 0
    broken_sockets: int = 0
    deletions: int = 0
    worst_ms: float = 0.0
    """The longest deletion beyond N(cause), in S."""

    @property
    def all_wrong(self) -> list[str]:
        kinds = ("acked_losses", "orphans", "dangling", "early", "late", "wrong")
        return [f"{kind}: {what}" for kind in kinds for what in getattr(self, kind)]


def check(
    histories: Iterable[History], facts: Facts, gone_ms: Mapping[str, float], grace_ms: Mapping[str, int]
) -> Findings:
    """Check a run. `gone_ms` is the S at which the last byte of a file was deleted, `grace_ms` is N by cause."""
    found = Findings()
    for history in histories:
        _check_history(history, facts, gone_ms, grace_ms, found)
    _check_store(facts, found)
    return found


def _check_history(
    history: History, facts: Facts, gone_ms: Mapping[str, float], grace_ms: Mapping[str, int], found: Findings
) -> None:
    found.drafts += 1
    found.broken_sockets += history.losses
    found.wrong += [f"draft {history.draft}: {complaint}" for complaint in history.complaints]
    for file in history.files:
        found.stored += file.stored
        found.acked_losses += [f"file {file.id}: {step}" for step in steps_back(file)]
    state, cause = facts.drafts.get(history.draft, ("none", ""))
    match history.end:
        case End.COMMIT:
            found.commits += 1
            _check_commit(history, state, facts, found)
        case End.STAY:
            _check_kept(history, state, facts, found)
        case End.DISCARD:
            _check_gone(history, state, facts, found)
        case End.LEAVE | End.VANISH | End.FOUND_EXPIRED:
            _check_gone(history, state, facts, found)
            _check_delay(history, grace_ms[cause], gone_ms, found)
        case None:
            found.wrong.append(f"draft {history.draft}: its client never came to an end")


def steps_back(file: FileHistory) -> list[str]:
    """Return where the server withdrew an acknowledgement: a lower offset on resume or within a transfer."""
    wrong, acked = [], 0
    for kind, handle, offset in file.heard:
        if offset < acked:
            wrong.append(f"{kind} of transfer {handle} at {offset} after an ack of {acked}")
        acked = max(acked, offset)
    acks = [(handle, offset) for kind, handle, offset in file.heard if kind == "ack"]
    wrong += [f"ack {b[1]} repeated in transfer {b[0]}" for a, b in pairwise(acks) if a == b]
    return wrong


def _kept(history: History) -> list[FileHistory]:
    return [file for file in history.files if file.stored and not file.removed]


def _check_commit(history: History, state: str, facts: Facts, found: Findings) -> None:
    if state != "committed":
        found.acked_losses.append(f"draft {history.draft}: its save was answered, but it is {state}")
    if len(set(history.products)) != 1:
        found.wrong.append(f"draft {history.draft}: saves were answered with {sorted(set(history.products))}")
    for file in _kept(history):
        product = facts.products.get(file.id, ("none", 0))[0]
        if product not in history.products:
            found.acked_losses.append(f"file {file.id}: not among the images of {history.products}, but of {product}")
        _check_bytes(file, facts, {"linked", "permanent"}, found)
    mine = [file for file, (product, _) in facts.products.items() if product in history.products]
    _check_order(history, sorted(mine, key=lambda file: facts.products[file][1]), found)


def _check_kept(history: History, state: str, facts: Facts, found: Findings) -> None:
    if state not in ("open", "grace"):
        found.acked_losses.append(f"draft {history.draft}: {state}, with a client that stayed")
        return
    for file in _kept(history):
        _check_bytes(file, facts, {"stored"}, found)
    rows = {id_: row for id_, row in facts.files.items() if row.draft == history.draft and row.state == "stored"}
    _check_order(history, sorted(rows, key=lambda id_: rows[id_].sequence), found)


def _check_bytes(file: FileHistory, facts: Facts, states: set[str], found: Findings) -> None:
    row = facts.files.get(file.id)
    if row is None or row.state not in states:
        found.acked_losses.append(f"file {file.id}: was stored, is {row.state if row else 'without a row'}")
    elif facts.objects.get(row.key) != file.sha256:
        found.acked_losses.append(f"file {file.id}: other bytes, or none, under {row.key}")


def _check_order(history: History, order: list[str], found: Findings) -> None:
    if order != history.order:
        found.acked_losses.append(f"draft {history.draft}: order {order} instead of {history.order}")


def _check_gone(history: History, state: str, facts: Facts, found: Findings) -> None:
    if state != "expired":
        found.late.append(f"draft {history.draft}: abandoned, but {state}")
    for file in history.files:
        row = facts.files.get(file.id)
        if file.id in facts.spooled or (row is not None and row.key in facts.objects):
            found.orphans.append(f"file {file.id} of the ended draft {history.draft}")


def _check_delay(history: History, n_ms: int, gone_ms: Mapping[str, float], found: Findings) -> None:
    if history.back_ms is not None and history.back_ms - history.left_ms < n_ms:
        back = f"back after {history.back_ms - history.left_ms:.0f} ms of {n_ms}"
        found.early.append(f"draft {history.draft}: expired although its client was {back}")
    seen = [gone_ms[file.id] for file in history.files if file.id in gone_ms and not file.removed]
    if not seen:
        return
    found.deletions += 1
    first, last = min(seen) - history.left_ms, max(seen) - history.left_ms
    found.worst_ms = max(found.worst_ms, last - n_ms)
    if first < n_ms:
        found.early.append(f"draft {history.draft}: bytes gone after {first:.0f} ms, N is {n_ms}")
    if last > n_ms + SLACK_MS:
        found.late.append(f"draft {history.draft}: bytes gone only after {last:.0f} ms, N is {n_ms}")


def _check_store(facts: Facts, found: Findings) -> None:
    """Compare the store's listing with the rows, in both directions."""
    may_be = {row.key for row in facts.files.values() if row.state in BYTES_MAY_BE}
    # Small pictures belong to the object of their image.
    may_be |= {small for key in may_be for small in small_pictures.keys(key)}
    found.orphans += [f"object {key}" for key in sorted(facts.objects.keys() - may_be)]
    must_be = {row.key for row in facts.files.values() if row.state in BYTES_MUST_BE}
    found.dangling += [f"row of {key}" for key in sorted(must_be - facts.objects.keys())]
    spool_may_be = {id_ for id_, row in facts.files.items() if row.state in SPOOL_MAY_BE}
    for id_ in sorted(facts.spooled - spool_may_be):
        row = facts.files.get(id_)
        found.orphans.append(f"spool of {id_}, which is {f'{row.state}, of {row.draft}' if row else 'without a row'}")
    if facts.jobs:
        found.wrong.append(f"{facts.jobs} store jobs are left")
