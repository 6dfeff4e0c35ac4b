from __future__ import annotations

import re
from pathlib import Path

import pytest

import uploads
from uploads.core.errors import CATALOGUE, Code, Refusal

ROOT = Path(uploads.__file__).parents[1]
SOURCES = [path for room in ("uploads", "consumers", "erp") for path in (ROOT / room).rglob("*.py")]
FORMER = {Code.TYPE_MISMATCH}
"""Used by earlier versions, whose rows are still read."""
RAISING = "\n".join(path.read_text() for path in SOURCES if path.name != "errors.py")


def test_every_code_has_its_entry_and_no_entry_is_left_over():
    assert set(CATALOGUE) == set(Code)


@pytest.mark.parametrize("code", list(Code))
def test_every_code_says_what_to_do_in_a_sentence(code: Code):
    entry = CATALOGUE[code]
    assert entry.message.endswith(".")
    assert entry.message[0].isupper()
    assert 400 <= entry.status < 600


@pytest.mark.parametrize("code", sorted(set(Code) - FORMER))
def test_every_code_is_raised_somewhere(code: Code):
    """A code that nothing raises is a promise to the browser that nothing keeps."""
    assert re.search(rf"\bCode\.{code.name}\b", RAISING)


@pytest.mark.parametrize("code", list(Code))
def test_a_code_is_its_name_in_small_letters(code: Code):
    """Clients see the value, programmers the name."""
    assert code.value == code.name.lower()


def test_a_server_fault_may_be_tried_again_and_a_missing_thing_may_not():
    assert all(entry.retryable for entry in CATALOGUE.values() if entry.status >= 500)
    assert not any(entry.retryable for entry in CATALOGUE.values() if entry.status in {403, 404, 410})


def test_a_refusal_speaks_with_the_catalogues_sentence_unless_it_has_a_better_one():
    plain, exact = Refusal(Code.TOO_LARGE), Refusal(Code.TOO_LARGE, "14 MB. The limit is 10 MB.", detail={"limit": 10})

    assert (plain.message, plain.detail) == (CATALOGUE[Code.TOO_LARGE].message, {})
    assert (plain.status, plain.retryable) == (413, False)
    assert (exact.message, exact.detail) == ("14 MB. The limit is 10 MB.", {"limit": 10})
    assert str(exact) == "too_large: 14 MB. The limit is 10 MB."
