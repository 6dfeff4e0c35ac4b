"""The words of the code and the docs: names that were retired stay retired, and prose is idiomatic English."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

CODE = ("asgi.py", "consumers", "erp", "uploads")
"""The product: all of its names and prose have been revised."""

PROSE = ("benchmarks", "devtools", "hatch_build.py", "tests")
"""More folders whose docstrings and comments have been revised, while their names are in part older."""

TEXTS = ("docs/*.md", "README.md", "SECURITY.md")
"""The documents in whose code spans no retired name may stand."""

NAMES = {
    "Absence": "Disconnection",
    "Beat": "HeartbeatResult",
    "Brake": "ExpiryBreaker",
    "Claim": "UploadRequest",
    "Effect": "ChangeImpact",
    "Examined": "ScanResult",
    "Found": "ListedObject",
    "GAP_MS": "OUTAGE_MS",
    "Heart": "HeartbeatSupervisor",
    "Intake": "HTTP upload",
    "Judged": "ClassifiedObject",
    "Mark": "GenerationMarker",
    "PREVIEWED": "NEEDS_PREVIEW",
    "Place": "Position",
    "Spread": "Percentiles",
    "Turn": "WriteLease",
    "VISIT_MS": "POLLING_TIMEOUT_MS",
    "Verdict": "Classification",
    "Why": "Reason",
    "absences": "disconnections",
    "beacon": "session check",
    "beat": "heartbeat",
    "blameless": "not_counted",
    "brake": "circuit breaker",
    "check_claim": "check_upload",
    "claim": "acquire, request",
    "doomed": "to_delete",
    "end_forgotten": "expire_idle",
    "exempted": "override",
    "foresee": "simulate",
    "freeze_rules": "circuit_breaker_rules",
    "heart": "heartbeat",
    "intake": "http_upload",
    "lasting_url": "public_url",
    "lifted": "reset_by_operator",
    "mark_key": "marker_key",
    "on_beacon": "on_session_check",
    "own_url": "app_url",
    "places_of": "positions_of",
    "put_until_ms": "put_in_flight_until_ms",
    "regranted": "recompute_deadline",
    "settle_lapsed": "close_lapsed",
    "settle_quiet": "reap_idle",
    "small_url": "thumbnail_url",
    "strangers": "foreign_processes",
    "take_up": "requeue",
    "thaw": "reset",
    "tidy": "garbage_collect, purge_old",
    "told": "answer, response",
    "troubled": "failing",
    "try_later": "retry_later",
    "visit": "touch",
    "visiting": "temporary_worker",
    "wronged": "candidates",
}
"""Retired identifiers, private or not, and what is said instead."""

PHRASES = {
    r"\bwhoever\b": "who, the caller, the process that",
    r"\bwho may\b": "(a relative clause)",
    r"\bfor ever\b": "forever, permanently",
    r"\bfor good\b": "permanently",
    r"\bso many\b": "at most N, this many",
    r"\bso long\b": "for this long",
    r"\bin the place of\b": "instead of",
    r"\b(?:is|are|was|were) told\b": "receives, is sent",
    r"\btells? of\b": "describes",
    r"\bstands? in (?:for|the)\b": "replaces, is in",
    r"\blies?\b": "is",
    r"\bgoes? with\b": "belongs to",
    r"\bgives? back\b": "release, return",
    r"\btakes? up again\b": "requeue",
    r"\btried again\b": "retried",
    r"\bbeacons?\b": "session check",
    r"\bhearts?\b": "heartbeat",
    r"\bbrakes?\b": "circuit breaker",
    r"\bgoodbyes?\b": "disconnect",
    r"(?:^|[.:] )(?:Nobody|Nothing) (?:is|are|was|can|may|does|has|of)\b": "(a sentence with a subject)",
}
"""Phrases that read translated, in docstrings and comments, and what is said instead."""

ALLOWED = {
    # Columns and keys of printed JSON keep their names.
    ("uploads/runtime/status.py", "claimed"),
    # What a host supplies about a target's saved text.
    ("uploads/api.py", "told"),
}


def modules(names: Sequence[str] = CODE) -> list[Path]:
    found: set[Path] = set()
    for name in names:
        path = ROOT / name
        found |= {path} if path.is_file() else set(path.rglob("*.py"))
    found.discard(Path(__file__).resolve())
    return sorted(path.relative_to(ROOT) for path in found if "migrations" not in path.parts)


def texts() -> list[Path]:
    return sorted(path.relative_to(ROOT) for pattern in TEXTS for path in ROOT.glob(pattern))


def identifiers(source: str) -> Iterator[tuple[int, str]]:
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.NAME:
            # A leading underscore makes a name private, not another word.
            yield token.start[0], token.string.lstrip("_")


def prose(source: str) -> Iterator[tuple[int, str]]:
    """Comments, and all strings that are statements of their own: docstrings of modules, functions and fields."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string.lstrip("# ")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            # Code spans are names, not words.
            text = re.sub(r"``?[^`]+``?", "`", node.value.value)
            yield node.lineno, re.sub(r"\s+", " ", text)


def is_allowed(path: Path, text: str) -> bool:
    return (path.as_posix(), text) in ALLOWED


@pytest.mark.parametrize("path", modules(), ids=str)
def test_no_retired_name_is_used(path: Path):
    source = (ROOT / path).read_text(encoding="utf-8")
    found = [
        f"{path}:{line}: {name}, say {NAMES[name]}"
        for line, name in identifiers(source)
        if name in NAMES and not is_allowed(path, name)
    ]

    assert found == []


@pytest.mark.parametrize("path", modules((*CODE, *PROSE)), ids=str)
def test_comments_and_docstrings_are_idiomatic(path: Path):
    source = (ROOT / path).read_text(encoding="utf-8")
    found = [
        f"{path}:{line}: {match[0]!r} in {text!r}, say {instead}"
        for line, text in prose(source)
        for phrase, instead in PHRASES.items()
        for match in re.finditer(phrase, text, re.IGNORECASE)
        if not is_allowed(path, match[0])
    ]

    assert found == []


@pytest.mark.parametrize("path", texts(), ids=str)
def test_no_document_names_a_retired_name(path: Path):
    spans = re.findall(r"`([^`\n]+)`", (ROOT / path).read_text(encoding="utf-8"))
    found = [f"{path}: {span}" for span in spans if NAMES.keys() & set(re.findall(r"[\w-]+", span))]

    assert found == []
