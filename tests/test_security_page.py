"""SECURITY.md is true: every limit, guard, test and planted error that it names exists, and none is missing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.test_layout import ROOT
from tests.verification.every_mutant import security_mutants
from tests.verification.security_mutants_erp import LINES, SETTINGS

PAGE = (ROOT / "SECURITY.md").read_text()
ROWS = dict(re.findall(r"^\| (S\d+) \| (.*) \|$", PAGE, re.MULTILINE))
NOT_BUILT = {"S3", "S22"}
PLANTED = {
    *(mutant.id for mutant in security_mutants()),
    *(wrong.id for wrong in SETTINGS),
    *(wrong.id for wrong in LINES),
}


def test_every_row_is_there_once():
    assert list(ROWS) == [f"S{number}" for number in range(1, 35)]


@pytest.mark.parametrize("row", ROWS)
def test_a_row_names_what_proves_it(row: str):
    tests = re.findall(r"`((?:tests|consumers)/[^`]+)`", ROWS[row])
    decisions = re.findall(r"\((docs/decisions/[^)]+)\)", ROWS[row])

    assert [path for path in [*tests, *decisions] if not (ROOT / path).exists()] == []
    assert bool(decisions) is (row in NOT_BUILT)
    assert bool(tests) is (row not in NOT_BUILT)


def test_every_planted_error_that_is_named_exists():
    named = {one for row in ROWS.values() for one in re.findall(r"`(S\d+-[\w-]+)`", row)}

    assert named - PLANTED == set()


def test_every_planted_error_has_its_row():
    patterns = [one.replace("*", ".*") for row in ROWS.values() for one in re.findall(r"`(S\d+-[\w*-]+)`", row)]

    assert [one for one in sorted(PLANTED) if not any(re.fullmatch(pattern, one) for pattern in patterns)] == []


def test_it_invents_no_address():
    assert not re.search(r"@|https?://|mailto:", PAGE)


@pytest.mark.parametrize("link", re.findall(r"\]\(([^)#]+)\)", PAGE))
def test_its_links_lead_somewhere(link: str):
    assert (ROOT / Path(link)).exists()
