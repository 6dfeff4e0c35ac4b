from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.support.corpus.builders import PNG, chunks_of, png
from tests.support.images.metadata_checks import TYPES, chunk
from tests.support.images.orientations import FAMILIES, ways
from tests.support.images.photos import exif_block, photo_taken
from uploads.images import photo_facts
from uploads.images.photo_facts import PhotoFacts

NOON = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize("family", FAMILIES.keys() - {"avif"})
def test_the_orientation_is_what_browsers_turn_a_picture_by(family: str):
    """Compared with a browser by `tests/browser/test_orientation.py`. That of an AVIF is reported by its decoder."""
    told = {name: photo_facts.read(way.content).orientation for name, way in ways(family).items()}
    assert told == {name: way.orientation for name, way in ways(family).items()}


@pytest.mark.parametrize("format_", TYPES)
def test_it_is_told_when_a_photo_was_taken(format_: str):
    assert photo_facts.read(photo_taken(format_)).taken_at == NOON


def test_a_block_that_browsers_pass_over_still_tells_when_a_photo_was_taken():
    """It is used only for sorting, and nobody sees it."""
    first, *others = chunks_of(photo_taken("PNG", exif=b""))
    late = (b"eXIf", exif_block(6).tobytes()[6:])
    assert photo_facts.read(png(first, *others[:-1], late, others[-1])) == PhotoFacts(1, NOON)
    wrong_sum = chunk(*late)[:-4] + b"\1\2\3\4"
    rest = b"".join(chunk(*one) for one in others)
    assert photo_facts.read(PNG + chunk(*first) + wrong_sum + rest) == PhotoFacts(1, NOON)


@pytest.mark.parametrize("format_", TYPES)
@pytest.mark.parametrize("kept", [0, 2, 4, 8, 12, 20, 40])
def test_what_is_cut_off_says_nothing(format_: str, kept: int):
    assert photo_facts.read(photo_taken(format_)[:kept]) == PhotoFacts()
