from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.corpus.builders import image, many_scans
from uploads.images.metadata.jpeg_scans import SOS, Scans
from uploads.images.structure import jpeg


def scans_of(content: bytes, most: int = 1000) -> Scans:
    """Return the scans of a JPEG up to the given number."""
    scans, count = Scans(), 0
    for marker, start, stop in jpeg.segments(content):
        count += marker == SOS
        if count <= most:
            scans.note(marker, content[start + 4 : stop])
    return scans


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
@pytest.mark.parametrize("progressive", [False, True])
def test_a_whole_jpeg_has_all_its_scans(mode: str, progressive: bool):
    scans = scans_of(image("JPEG", mode, progressive=progressive)())
    assert (scans.are_all_there(), scans.are_progressive) == (True, progressive)


def test_a_progressive_one_is_whole_with_its_last_scan_only():
    content = image("JPEG", progressive=True)()
    last = sum(marker == SOS for marker, *_ in jpeg.segments(content))
    assert [scans_of(content, most).are_all_there() for most in range(last + 1)] == [False] * last + [True]


def test_more_scans_than_needed_do_no_harm():
    assert scans_of(many_scans(20)).are_all_there()


def test_without_a_frame_or_a_scan_nothing_is_there():
    content = image("JPEG")()
    assert not Scans().are_all_there()
    assert not scans_of(content, most=0).are_all_there()


@given(st.lists(st.tuples(st.sampled_from([0xC0, 0xC2, SOS, 0xDB]), st.binary(max_size=20)), max_size=6))
def test_whatever_a_segment_holds_is_noted(segments: list[tuple[int, bytes]]):
    scans = Scans()
    for marker, content in segments:
        scans.note(marker, content)
    assert scans.are_all_there() in (True, False)
