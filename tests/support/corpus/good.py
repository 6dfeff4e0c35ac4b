"""Images that must be accepted, up to the last allowed pixel."""

from __future__ import annotations

from itertools import product

from PIL import ImageCms

from tests.support.corpus.builders import image, many_scans, noise, riff, saved, with_boxes, with_chunks, with_segments
from tests.support.corpus.case import SMALL, Case, case
from tests.support.images.hostile import frames
from tests.support.images.photos import photo_taken

TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "AVIF": "image/avif", "HEIF": "image/heic"}
MODES = {
    "JPEG": ("L", "RGB", "CMYK"),
    "PNG": ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"),
    "WEBP": ("RGB", "RGBA"),
    "AVIF": ("RGB", "RGBA"),
    "HEIF": ("L", "RGB", "RGBA"),
}
SIZES = ((1, 1), (1, 64), (65, 3), (300, 200))
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def _taken(format_: str, name: str, build: object, **facts: object) -> Case:
    return case(f"good-{format_.lower()}-{name}", build, claim=TYPES[format_], **facts)  # type: ignore[arg-type]


GOOD = [
    *(_taken(f, m.replace(";", ""), image(f, m)) for f, modes in MODES.items() for m in modes),
    *(_taken(f, f"{w}x{h}", image(f, size=(w, h))) for f, (w, h) in product(TYPES, SIZES)),
    *(_taken(f, f"turn{n}", lambda f=f, n=n: photo_taken(f, orientation=n)) for f in TYPES for n in range(1, 9)),
    *(_taken(f, "profile", image(f, icc_profile=PROFILE)) for f in TYPES),
    _taken("JPEG", "progressive", image("JPEG", progressive=True)),
    _taken("JPEG", "progressive-grey", image("JPEG", "L", progressive=True)),
    _taken("JPEG", "restarts", image("JPEG", restart_marker_rows=1)),
    _taken("JPEG", "444", image("JPEG", subsampling=0)),
    _taken("JPEG", "mpo", lambda: frames("MPO")),
    _taken("JPEG", "scans-at-limit", lambda: many_scans(SMALL.max_scans, side=200), small=True),
    _taken("JPEG", "many-segments", lambda: with_segments(b"\xff\xe5\0\x04ab", times=10_000)),
    _taken("JPEG", "side-at-limit", image("JPEG", size=(300, 8)), small=True),
    _taken("JPEG", "pixels-at-limit", image("JPEG", size=(200, 200)), small=True),
    *(
        _taken("JPEG", f"grey-{m}", lambda m=m: saved(noise(1, 1, "L").convert(m).point(lambda _: 128), "JPEG"))
        for m in ("L", "RGB", "CMYK")
    ),
    _taken("PNG", "interlaced", lambda: _interlaced()),
    _taken("PNG", "chunks-at-limit", lambda: with_chunks((b"tEXt", b"a\0b"), times=37), small=True),
    _taken("PNG", "empty-idats", lambda: with_chunks((b"IDAT", b""), times=1000)),
    _taken("PNG", "text", lambda: with_chunks((b"tEXt", b"Comment\0" + b"x" * 100_000))),
    _taken("PNG", "pixels-at-limit", image("PNG", size=(200, 200)), small=True),
    _taken("WEBP", "lossless", image("WEBP", lossless=True)),
    _taken("WEBP", "unknown-chunk", lambda: riff(*_webp_chunks(), (b"TEST", b"abc"))),
    _taken("AVIF", "free-boxes", lambda: with_boxes("AVIF", b"\0\0\0\x08free", 20), small=True),
]


def _interlaced() -> bytes:
    """An interlaced PNG, which Pillow does not write: 3 x 3 grey pixels, every row with filter 0."""
    import zlib

    from tests.support.corpus.builders import header, png

    rows = b"\0\x10\0\x20\0\x30\x40\0\x50\0\x60\0\x70\x80\x90"
    return png((b"IHDR", header(3, 3, 8, 0, b"\0\0\1")), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))


def _webp_chunks() -> list[tuple[bytes, bytes]]:
    return [
        (b"VP8X", bytes(4) + (59).to_bytes(3, "little") + (39).to_bytes(3, "little")),
        (b"VP8 ", saved(noise(60, 40), "WEBP")[20:]),
    ]
