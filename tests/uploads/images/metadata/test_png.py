from __future__ import annotations

import pytest

from tests.support.corpus.builders import chunks_of, png
from tests.support.images.hostile import encoded
from tests.support.images.metadata_checks import chunk, stripped
from tests.support.images.photos import corners
from tests.support.images.pictures import picture
from uploads.images.metadata import UnstrippableImage


@pytest.mark.parametrize(
    "added",
    [chunk(b"tEXt", b"Author\0Ada"), chunk(b"tIME", b"\0" * 7), chunk(b"prVt", b"secret"), chunk(b"zTXt", b"a\0\0x")],
)
def test_chunks_that_tell_something_go(added: bytes):
    content = picture("PNG")
    assert stripped("PNG", content[:33] + added + content[33:]) == content
    assert stripped("PNG", content[:-12] + added + content[-12:]) == content


def test_a_palette_and_what_is_transparent_in_it_stay():
    image = corners(64, 48).quantize(4)
    before = encoded(image, "PNG", transparency=1, gamma=0.45, dpi=(72, 72))
    assert stripped("PNG", before) == before


def test_a_chunk_that_a_decoder_must_know_is_no_png_of_ours():
    content = picture("PNG")
    with pytest.raises(UnstrippableImage):
        stripped("PNG", content[:33] + chunk(b"SECR", b"secret") + content[33:])


def test_of_each_kind_one_that_counts_stays():
    """Browsers use the first valid one; the stored image looks the same in programs that use the last."""
    first, *others = chunks_of(picture("PNG"))
    gamma, other = (b"gAMA", (100_000).to_bytes(4, "big")), (b"gAMA", (45_455).to_bytes(4, "big"))
    before = png(first, (b"gAMA", b"ab"), gamma, other, *others)
    assert chunks_of(stripped("PNG", before)) == [first, gamma, *others]


def test_pixels_that_do_not_follow_each_other_end_with_the_first():
    first, (_, pixels), end = chunks_of(encoded(corners(64, 48), "PNG"))
    parts = [(b"IDAT", pixels[:40]), (b"tEXt", b"a\0b"), (b"IDAT", pixels[40:])]
    assert chunks_of(stripped("PNG", png(first, *parts, end))) == [first, parts[0], end]


@pytest.mark.parametrize("cut", [13, 17, 40])
def test_pixels_that_are_cut_off_are_no_png_of_ours(cut: int):
    content = picture("PNG")
    if cut < 17:
        assert stripped("PNG", content[:-cut]) == content
    else:
        with pytest.raises(UnstrippableImage):
            stripped("PNG", content[:-cut])
