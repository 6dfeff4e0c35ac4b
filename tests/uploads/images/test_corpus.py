"""Every image of the corpus gets the result of its row, within its time and memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.corpus.case import Case
from tests.support.corpus.images import CASES
from tests.support.corpus.measured import Outcome, measured
from tests.support.corpus.names import NAMES
from uploads.core.names import display_name
from uploads.images.checker import ImageFacts
from uploads.images.worker_pool import worker_pool


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_an_image_of_the_corpus(case: Case, tmp_path: Path):
    path, clean = tmp_path / "image", tmp_path / "clean"
    path.write_bytes(case.build())
    given = (str(path), case.max_pixels, str(clean), case.limits)
    outcome = worker_pool().run(measured, *given, limits=case.limits)

    assert isinstance(outcome, Outcome), f"the child did not answer: {outcome}"
    verdict = outcome.verdict
    if case.codes:
        assert verdict in case.codes
        assert not clean.exists()
    else:
        assert isinstance(verdict, ImageFacts)
        assert verdict.content_type == (case.found or case.claim or verdict.content_type)
        assert [secret for secret in case.hidden if secret not in path.read_bytes()] == []
        assert [secret for secret in case.hidden if secret in clean.read_bytes()] == []
    assert outcome.seconds < case.seconds
    assert outcome.grown_mb < case.memory_mb


def test_each_case_has_a_name_of_its_own():
    ids = [case.id for case in CASES]
    assert len(set(ids)) == len(ids) > 200


@pytest.mark.parametrize(("name", "shown"), NAMES, ids=range(len(NAMES)))
def test_a_name_of_the_corpus(name: str, shown: str):
    assert display_name(name) == shown
