from __future__ import annotations

import pytest

from tests.support.images.hostile import encoded
from tests.support.images.photos import corners
from tests.support.images.pictures import picture
from tests.support.images.stripped import chunk, stripped
from uploads.images.metadata import Unsafe


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
    with pytest.raises(Unsafe):
        stripped("PNG", content[:33] + chunk(b"SECR", b"secret") + content[33:])
