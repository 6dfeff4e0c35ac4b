"""SECURITY.md is true: every limit, guard, test and planted error that it names is there, and none is missing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from msgspec import structs

from tests.test_layout import ROOT
from tests.verification.every_mutant import security_mutants
from tests.verification.security_mutants_erp import SETTINGS
from uploads.core.limits import Limits

PAGE = (ROOT / "SECURITY.md").read_text()
ROWS = dict(re.findall(r"^\| (S\d+) \| (.*) \|$", PAGE, re.MULTILINE))
NOT_BUILT = {"S3", "S22"}
PLANTED = {*(mutant.id for mutant in security_mutants()), *(wrong.id for wrong in SETTINGS)}


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


def test_every_limit_of_a_draft_is_in_the_table_and_in_the_settings():
    settings = (ROOT / "docs" / "settings.md").read_text()

    for limit in structs.fields(Limits):
        assert f"| `{limit.name}` |" in PAGE
        assert f"| `{limit.name}` |" in settings


def test_every_place_that_enforces_a_limit_exists():
    table = PAGE.partition("## Limits")[2].partition("## Guards")[0]
    places = re.findall(r"`((?:uploads|consumers|erp|docs)/[^`]+)`", table)

    assert len(places) > 20
    assert [place for place in places if not (ROOT / place).exists()] == []


def test_it_invents_no_address():
    assert not re.search(r"@|https?://|mailto:", PAGE)


@pytest.mark.parametrize("link", re.findall(r"\]\(([^)#]+)\)", PAGE))
def test_its_links_lead_somewhere(link: str):
    assert (ROOT / Path(link)).exists()
