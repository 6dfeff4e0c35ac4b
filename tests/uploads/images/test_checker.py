from __future__ import annotations

import io
import subprocess
import sys
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from pathlib import Path

import pytest
from msgspec.structs import replace
from PIL import Image, features

from tests.support.corpus.builders import chunks_of, many_scans, png
from tests.support.images.heic import burst, film, iphone_photo, understated
from tests.support.images.hostile import HTML, SVG, bomb, frames, plain
from tests.support.images.photos import corners, exif_block, photo_taken
from tests.support.images.pictures import photo, picture
from tests.support.servers.server import ROOT
from uploads.core.errors import CATALOGUE, Code, Refusal
from uploads.core.limits import ImageLimits, Limits
from uploads.images import checker, heif
from uploads.images.checker import ImageFacts
from uploads.images.stripper import Copy
from uploads.images.worker_pool import WORKERS, WorkerPool

PIXELS = 100_000_000
TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "AVIF": "image/avif", "HEIF": "image/heic"}
NOT_WHOLE = {Code.IMAGE_TRUNCATED, Code.IMAGE_UNREADABLE, Code.UNSUPPORTED_TYPE}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "image"


def verdict(path: Path, content: bytes, max_pixels: int = PIXELS) -> object:
    """Return the facts of the image, or the code with which it is refused."""
    path.write_bytes(content)
    try:
        facts = checker.check(path, sha256(content).hexdigest(), max_pixels, path.with_name("clean"))
        copy = path.with_name("clean").read_bytes()
        assert facts.copy == Copy(len(copy), sha256(copy).hexdigest())
        return replace(facts, copy=ImageFacts("", 0, 0).copy)
    except Refusal as refusal:
        return refusal.code


# --- Large and small ones


class Pool:
    """Does the work here, and records for each image the pixels that may be held of it and whether it runs alone."""

    def __init__(self) -> None:
        self.calls: list[tuple[int, bool]] = []

    def run(
        self,
        work: partial[object],
        max_pixels: int,
        *,
        read: Callable[[], bytes] | None = None,
        alone: bool = False,
        **_: object,
    ) -> object:
        self.calls.append((work.keywords.get("most_held", max_pixels), alone))
        return work(max_pixels) if read is None else work(read(), max_pixels)


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> Pool:
    """Replaces the children."""
    made = Pool()
    monkeypatch.setattr(checker, "worker_pool", lambda: made)
    monkeypatch.setattr(checker, "FEW_PIXELS", 320 * 240)
    return made


def test_a_large_image_is_decoded_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    made = Pool()
    monkeypatch.setattr(checker, "worker_pool", lambda: made)
    monkeypatch.setattr(checker, "FEW_PIXELS", 320 * 240 - 1)

    assert verdict(tmp_path / "image", picture("PNG")) == ImageFacts("image/png", 320, 240)
    assert made.calls == [(320 * 240 - 1, False), (PIXELS, True)]


@pytest.mark.parametrize("format_", ["PNG", "WEBP", "AVIF", "HEIF"])
def test_a_small_one_of_any_format_beside_others(path: Path, pool: Pool, format_: str):
    assert verdict(path, picture(format_)) == ImageFacts(TYPES[format_], 320, 240)
    assert pool.calls == [(320 * 240, False)]


def test_a_jpeg_of_one_scan_is_never_alone(path: Path, pool: Pool):
    assert verdict(path, picture(width=640)) == ImageFacts("image/jpeg", 640, 240)
    assert pool.calls == [(320 * 240, False)]


def test_a_large_jpeg_that_is_held_whole_is_decoded_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Up to 8 bytes a pixel: 100 megapixels of four colours take 0.85 GB, however small the file (measured)."""
    for few, alone in ((320 * 240, []), (320 * 240 - 1, [(PIXELS, True)])):
        made = Pool()
        monkeypatch.setattr(checker, "worker_pool", lambda made=made: made)
        monkeypatch.setattr(checker, "FEW_PIXELS", few)

        assert verdict(tmp_path / "image", progressive()) == ImageFacts("image/jpeg", 320, 240)
        assert made.calls == [(few, False), *alone]


def progressive() -> bytes:
    """A JPEG of several scans."""
    content = io.BytesIO()
    Image.open(io.BytesIO(picture())).save(content, "JPEG", progressive=True)
    return content.getvalue()


def test_the_memory_of_all_children_is_what_the_page_on_deployment_says():
    """One image that is decoded alone, and beside it as many smaller ones as there are other children."""
    most = Limits().max_pixels + (WORKERS - 1) * checker.FEW_PIXELS
    page = (ROOT / "docs" / "deployment.md").read_text()

    assert f"{checker.BYTES_PER_PIXEL * most / 1e9:.1f} GB" in page


def test_a_preview_of_a_large_photo_is_made_alone_too(pool: Pool):
    for content in (picture("HEIF"), picture("HEIF", 640, 480)):
        assert checker.small_picture(partial(io.BytesIO, content), 320, PIXELS)

    assert pool.calls == [(320 * 240, False), (320 * 240, False), (PIXELS, True)]


def test_too_many_pixels_are_too_many_however_they_are_decoded(path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(checker, "FEW_PIXELS", 100)
    found = [verdict(path, picture("PNG"), max_pixels) for max_pixels in (99, 1_000)]

    assert found == [Code.TOO_MANY_PIXELS] * 2


# --- Valid images


@pytest.mark.parametrize(("format_", "content_type"), TYPES.items())
def test_an_honest_image_is_taken_with_its_true_facts(path: Path, format_: str, content_type: str):
    assert verdict(path, picture(format_)) == ImageFacts(content_type, 320, 240)


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_a_jpeg_of_another_colour_space_is_taken(path: Path, mode: str):
    assert verdict(path, plain("JPEG", mode=mode)) == ImageFacts("image/jpeg", 64, 48)


def test_a_jpeg_with_a_second_picture_behind_the_first_is_a_jpeg(path: Path):
    """MPO: many cameras and phones write it; browsers show the first image."""
    assert verdict(path, frames("MPO")) == ImageFacts("image/jpeg", 64, 48)


def test_a_photo_with_a_tail_behind_its_end_is_taken(path: Path):
    """Motion photos append a video."""
    assert isinstance(verdict(path, photo(0.2) + b"film" * 1000), ImageFacts)


@pytest.mark.parametrize("format_", TYPES)
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_is_as_wide_and_high_as_it_is_seen(path: Path, format_: str, orientation: int):
    facts = verdict(path, photo_taken(format_, orientation=orientation))
    # The EXIF of an HEIC does not count, because its decoder has already rotated it. Browsers rotate no WebP.
    turned = 1 if format_ in ("HEIF", "WEBP") else orientation
    seen = (64, 96) if format_ == "WEBP" and orientation > 4 else (96, 64)
    assert facts == ImageFacts(TYPES[format_], *seen, datetime(2026, 5, 4, 10, 0, tzinfo=UTC), turned)


@pytest.mark.parametrize(
    "block", [b"Exif\0\0", b"Exif\0\0MM\0*\0\0\0\x08\0\x05", b"Exif\0\0" + b"\xff" * 99, b"nonsense"]
)
def test_an_exif_block_that_cannot_be_read_is_no_reason_to_refuse_a_picture(path: Path, block: bytes):
    assert verdict(path, photo_taken(exif=block)) == ImageFacts("image/jpeg", 96, 64)


def test_avif_is_taken_only_where_it_can_be_decoded(monkeypatch: pytest.MonkeyPatch):
    assert "image/avif" in checker.content_types()
    monkeypatch.setattr(features, "check", lambda _: False)
    assert "image/avif" not in checker.content_types.__wrapped__()


def test_heic_is_taken_only_where_it_can_be_decoded(monkeypatch: pytest.MonkeyPatch):
    assert {"image/heic", "image/heif"} < set(checker.content_types())
    monkeypatch.setattr(heif, "is_decodable", lambda: False)
    assert checker.content_types.__wrapped__() == ("image/jpeg", "image/png", "image/webp", "image/avif")


def test_a_photo_of_an_iphone_is_taken(path: Path):
    taken_at = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)
    assert verdict(path, iphone_photo(1200, 800)) == ImageFacts("image/heic", 1200, 800, taken_at)


def test_a_heic_photo_that_cannot_be_decoded_here_is_called_what_it_is(path: Path, monkeypatch: pytest.MonkeyPatch):
    path.write_bytes(picture("HEIF"))
    monkeypatch.setattr(WorkerPool, "run", lambda *_, **__: Code.UNSUPPORTED_TYPE)
    monkeypatch.setattr(checker, "content_types", lambda: ("image/jpeg",))
    with pytest.raises(Refusal) as refused:
        checker.check(path, "", PIXELS, path.with_name("clean"))
    assert (refused.value.code, "This is an HEIC photo" in refused.value.message) == (Code.UNSUPPORTED_TYPE, True)


def test_of_several_pictures_in_one_file_the_primary_one_counts(path: Path):
    assert verdict(path, burst()) == ImageFacts("image/heic", 96, 64)


DECODE = """
import hashlib
import sys
from pathlib import Path
from uploads.images import checker, heif

sha256 = hashlib.sha256(Path(sys.argv[1]).read_bytes()).hexdigest()
print(checker._decode(sys.argv[1], sha256, 10**8, sys.argv[1] + "-clean"))
print(next(line.split()[1] for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line))
"""


@pytest.mark.parametrize(("progressive", "most_mb"), [(False, 80), (True, 400)])
def test_a_photo_of_61_megapixels_is_taken_within_bounded_memory_and_time(path: Path, progressive: bool, most_mb: int):
    """What today's cameras produce: 181 MB of pixels. A progressive one is decoded as a whole, at 2 bytes a pixel."""
    image = corners(96, 64).resize((9504, 6336), Image.Resampling.NEAREST)
    image.save(path, "JPEG", quality=50, progressive=progressive, exif=exif_block(6))
    decode = [sys.executable, "-c", DECODE, str(path)]
    facts, peak = subprocess.check_output(decode, cwd=ROOT, text=True, timeout=ImageLimits().max_seconds).splitlines()

    assert "width=6336, height=9504" in facts
    assert int(peak) < most_mb * 1000
    assert path.with_name("image-clean").stat().st_size < path.stat().st_size


# --- Hostile and broken images


@pytest.mark.parametrize("format_", TYPES)
@pytest.mark.parametrize("kept", ["1 %", "50 %", "all but 20 bytes"])
def test_an_image_that_is_cut_off_is_refused(path: Path, format_: str, kept: str):
    whole = picture(format_)
    length = {"1 %": len(whole) // 100, "50 %": len(whole) // 2, "all but 20 bytes": len(whole) - 20}[kept]
    assert verdict(path, whole[:length]) in NOT_WHOLE


@pytest.mark.parametrize("kept", [0.5, 0.9])
def test_a_photo_whose_end_is_missing_is_named_as_cut_off(path: Path, kept: float):
    whole = photo(0.2)
    assert verdict(path, whole[: int(len(whole) * kept)]) == Code.IMAGE_TRUNCATED


@pytest.mark.parametrize("missing", [1, 2])
def test_a_photo_that_lacks_only_its_end_marker_is_called_cut_off_too(path: Path, missing: int):
    """The decoder does not miss it; what follows the pixels cannot be told from them."""
    assert verdict(path, photo(0.2)[:-missing]) == Code.IMAGE_TRUNCATED


def test_a_png_whose_pixels_end_with_a_row_is_cut_off(tmp_path: Path):
    """Pillow accepts it as complete."""
    first, *pixels, end = chunks_of(picture("PNG"))
    rows = zlib.decompress(b"".join(packed for _, packed in pixels))
    content = png(first, (b"IDAT", zlib.compress(rows[: len(rows) // 2])), end)
    with Image.open(io.BytesIO(content)) as image:
        image.load()

    assert checked(tmp_path, content) == Code.IMAGE_TRUNCATED


def test_a_photo_with_an_end_put_behind_half_of_it_is_cut_off(tmp_path: Path):
    """Decoders show it half grey and report nothing."""
    whole = photo(0.2)
    assert checked(tmp_path, whole[: len(whole) // 2] + b"\xff\xd9") == Code.IMAGE_TRUNCATED


def test_no_decoder_sees_what_is_too_much_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Image, "open", None)
    assert checked(tmp_path, many_scans(101)) == Code.IMAGE_TOO_COMPLEX


def test_a_side_may_not_be_longer_than_the_limit(tmp_path: Path):
    assert isinstance(checked(tmp_path, picture(), limits=ImageLimits(max_side=320)), ImageFacts)
    assert checked(tmp_path, picture(), limits=ImageLimits(max_side=319)) == Code.TOO_MANY_PIXELS


def checked(folder: Path, content: bytes, limits: ImageLimits = ImageLimits()) -> object:  # noqa: B008 - frozen
    """Return what a child would return, computed in this process."""
    path = folder / "image"
    path.write_bytes(content)
    return checker._decode(str(path), sha256(content).hexdigest(), PIXELS, str(folder / "clean"), limits)


@pytest.mark.parametrize(
    "content",
    [plain("GIF"), plain("BMP"), plain("TIFF"), SVG, HTML, b"", b"\0" * 5000, b"%PDF-1.7\n%"],
    ids=["GIF", "BMP", "TIFF", "SVG", "HTML", "empty", "zeros", "PDF"],
)
def test_what_is_no_supported_image_is_refused(path: Path, content: bytes):
    assert verdict(path, content) == Code.UNSUPPORTED_TYPE


ANIMATED = "Animated images aren't supported. Export a still JPEG, PNG or WebP."


@pytest.mark.parametrize(
    "content",
    [*(frames(format_) for format_ in ("PNG", "WEBP", "AVIF", "GIF")), plain("GIF"), film()],
    ids=["PNG", "WebP", "AVIF", "GIF", "still GIF", "HEIC"],
)
def test_an_animation_is_refused_and_called_one(path: Path, content: bytes):
    path.write_bytes(content)
    with pytest.raises(Refusal) as refused:
        checker.check(path, sha256(content).hexdigest(), PIXELS, path.with_name("clean"))
    assert (refused.value.code, refused.value.message) == (Code.UNSUPPORTED_TYPE, ANIMATED)


def test_what_is_no_image_is_not_called_an_animation(path: Path):
    path.write_bytes(HTML)
    with pytest.raises(Refusal) as refused:
        checker.check(path, sha256(HTML).hexdigest(), PIXELS, path.with_name("clean"))
    assert refused.value.message == CATALOGUE[Code.UNSUPPORTED_TYPE].message


def test_a_heic_photo_that_is_larger_than_it_says_is_refused(path: Path):
    """The pixel limit applies to what it claims."""
    assert verdict(path, understated(picture("HEIF"), (320, 240), (32, 24))) == Code.IMAGE_UNREADABLE


def test_a_bomb_is_refused_before_a_pixel_is_decoded(path: Path):
    assert verdict(path, bomb()) == Code.TOO_MANY_PIXELS


@pytest.mark.parametrize("format_", TYPES)
def test_the_pixel_limit_is_exact(path: Path, format_: str):
    assert isinstance(verdict(path, picture(format_), max_pixels=320 * 240), ImageFacts)
    assert verdict(path, picture(format_), max_pixels=320 * 240 - 1) == Code.TOO_MANY_PIXELS


def test_an_image_whose_pixels_are_missing_is_refused(path: Path):
    assert verdict(path, bomb(300, 300)) in {Code.IMAGE_TRUNCATED, Code.IMAGE_UNREADABLE}


def test_a_picture_with_a_web_page_behind_it_is_just_a_picture(path: Path):
    assert verdict(path, picture("PNG") + HTML) == ImageFacts("image/png", 320, 240)
