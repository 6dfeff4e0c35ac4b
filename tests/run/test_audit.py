"""The audit never passes what it could not check."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.run import audit
from tests.run.audit import Status, in_javascript, in_python

ROOT = Path(__file__).resolve().parents[2]
CLEAN = {"name": "django", "version": "5.2.19", "vulns": []}
BAD = {"name": "daphne", "version": "4.2.1", "vulns": [{"id": "PYSEC-2026-1", "fix_versions": ["4.2.2"]}]}
SKIPPED = {"name": "asgiref", "skip_reason": "Dependency not found on PyPI and could not be audited"}
REPORT = {"auditReportVersion": 2, "vulnerabilities": {}, "metadata": {"dependencies": {"total": 9}}}


@pytest.mark.parametrize(
    ("packages", "status"),
    [
        ([CLEAN], Status.NOTHING_KNOWN),
        ([CLEAN, BAD], Status.ADVISORY),
        ([CLEAN, SKIPPED], Status.NOT_LOOKED),
        ([BAD, SKIPPED], Status.NOT_LOOKED),
        ([{"name": "django", "version": "5.2.19"}], Status.NOT_LOOKED),
        ([], Status.NOT_LOOKED),
        (None, Status.NOT_LOOKED),
    ],
)
def test_an_answer_of_pip_audit_counts_when_it_looked_at_everything(packages: object, status: Status):
    assert in_python(json.dumps({"dependencies": packages, "fixes": []})).status == status


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, Status.NOTHING_KNOWN),
        ({"vulnerabilities": {"esbuild": {"severity": "high"}}}, Status.ADVISORY),
        ({"metadata": {"dependencies": {"total": 0}}}, Status.NOT_LOOKED),
        ({"metadata": {}}, Status.NOT_LOOKED),
    ],
)
def test_an_answer_of_npm_counts_when_it_is_a_report(changes: dict[str, object], status: Status):
    assert in_javascript(json.dumps({**REPORT, **changes})).status == status


def test_an_error_of_npm_is_no_report():
    refused = in_javascript('{"message": "405 Method Not Allowed", "statusCode": 405, "error": {}}')

    assert refused == (Status.NOT_LOOKED, ["405 Method Not Allowed"])


@pytest.mark.parametrize("output", ["", "No known vulnerabilities found", "[]", "{}", "null", "{"])
def test_anything_else_is_no_answer(output: str):
    assert in_python(output).status == in_javascript(output).status == Status.NOT_LOOKED


def test_what_is_found_says_which_version_helps():
    assert in_python(json.dumps({"dependencies": [BAD]})).lines == ["daphne 4.2.1: PYSEC-2026-1, fixed in 4.2.2"]


@pytest.mark.parametrize(
    ("program", "status"),
    [
        ('print(\'{"dependencies": [{"name": "a", "version": "1", "vulns": []}]}\')', 0),
        ("raise SystemExit(0)", 2),
        ("raise SystemExit('Connection refused')", 2),
    ],
)
def test_a_program_that_says_nothing_does_not_pass(program: str, status: int, capsys: pytest.CaptureFixture[str]):
    assert audit.look("pins", [sys.executable, "-c", program], in_python) == status
    assert ("could not be looked up" in capsys.readouterr().out) is (status == 2)


def test_a_program_that_is_missing_does_not_pass(tmp_path: Path):
    assert audit.look("pins", [str(tmp_path / "none")], in_python) == Status.NOT_LOOKED


def test_the_worst_counts(monkeypatch: pytest.MonkeyPatch):
    statuses = iter([Status.ADVISORY, Status.NOT_LOOKED])
    monkeypatch.setattr(audit, "look", lambda *_: next(statuses))

    assert audit.main() == 2


def test_everything_that_is_pinned_is_looked_at():
    pins = {path.name for path in ROOT.glob("requirements*.txt")} | {"package-lock.json"}
    run_time = [line for line in (ROOT / "requirements.txt").read_text().splitlines() if "==" in line]

    assert pins - audit.LOOKS.keys() == {"requirements.txt"}
    assert set(run_time) <= set((ROOT / "requirements-test.txt").read_text().splitlines())
