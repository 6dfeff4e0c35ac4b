from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.support.corpus.builders import noise, saved
from tests.support.images.metadata_checks import segment
from uploads.images import jpeg_end

KINDS: dict[str, dict[str, Any]] = {
    "RGB": {},
    "L": {},
    "CMYK": {},
    "progressive": {"progressive": True},
    "restarts": {"restart_marker_rows": 1},
    "full colour": {"subsampling": 0},
    "without a colour transform": {"keep_rgb": True},
}


def comes_early(folder: Path, content: bytes) -> bool:
    path = folder / "image"
    path.write_bytes(content)
    with Image.open(path, formats=("JPEG",)) as image:
        jpeg_end.reduce(image)
        image.load()
        return jpeg_end.comes_early(path.read_bytes(), image)


def photo(kind: str) -> bytes:
    return saved(noise(400, 300, kind if kind in ("L", "CMYK") else "RGB"), "JPEG", **KINDS[kind])


@pytest.mark.parametrize("kind", KINDS)
def test_a_photo_cut_off_with_an_end_put_behind_is_found(tmp_path: Path, kind: str):
    whole = photo(kind)
    assert not comes_early(tmp_path, whole)
    for kept in (0.1, 0.5, 0.9, 0.97):
        assert comes_early(tmp_path, whole[: int(len(whole) * kept)] + b"\xff\xd9"), kept


def test_data_with_a_segment_in_their_middle_end_there(tmp_path: Path):
    """Found by fuzzing: the decoder stops there, so what follows is effectively missing."""
    whole = photo("RGB")
    half = len(whole) // 2
    assert comes_early(tmp_path, whole[:half] + segment(0xEC, b"comment") + whole[half:])


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
@pytest.mark.parametrize("progressive", [False, True])
def test_a_picture_that_is_grey_to_its_end_is_whole(tmp_path: Path, mode: str, progressive: bool):
    grey = Image.new(mode, (301, 203), (128,) * len(mode) if len(mode) > 1 else 128)
    assert not comes_early(tmp_path, saved(grey, "JPEG", progressive=progressive))


def test_what_stands_behind_the_end_does_not_count(tmp_path: Path):
    assert not comes_early(tmp_path, photo("progressive") + b"film" * 1000)
