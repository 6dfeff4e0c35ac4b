"""Is this file really the image it says, whole and not too large? Decided by decoding all of it.

Decoding runs in child processes (`worker_pool`), so a hostile image costs neither the server's memory nor its life.
`Image.verify` and magic bytes are no check: both take a JPEG cut in half (measured).
This module imports no Django: the children import it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable
from datetime import datetime
from functools import cache, partial
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from uploads.core.errors import Code, Refusal, of_disk
from uploads.core.limits import CONTENT_TYPES, NEEDS_PREVIEW, ImageLimits
from uploads.images import exif, heif, jpeg_end, png_end, previews, stripper, structure
from uploads.images.structure import jpeg
from uploads.images.worker_pool import worker_pool

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

OPENED_AS = ("JPEG", "PNG", "WEBP", "AVIF")
FORMATS = {"JPEG": "image/jpeg", "MPO": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "AVIF": "image/avif"}
JPEG = ("JPEG", "MPO")
"""Opened as JPEG, MPO has more pictures behind the first: many cameras and phones write it."""
FEW_PIXELS = 16_000_000
"""More than most phones take. An image with more pixels waits until no other such is at work, except for a JPEG that is
not held whole."""
BYTES_PER_PIXEL = 16
"""The most that a decoder takes: 1.6 GB for 100 megapixels as WebP with transparency (measured)."""
Made = TypeVar("Made")


class ImageFacts(Struct, frozen=True):
    """What decoding told: the true content type, width and height in pixels as seen, and when it was taken (UTC).

    `copy` is the size and hash of the copy to store.
    """

    content_type: str
    width: int
    height: int
    taken_at: datetime | None = None
    orientation: int = 1
    copy: stripper.Copy = stripper.Copy(0, "")


@cache
def content_types() -> tuple[str, ...]:
    """The content types that can be decoded here: AVIF only where Pillow was built with it, HEIC with pillow-heif."""
    from PIL import features

    decodable = {"image/avif": features.check("avif"), **dict.fromkeys(NEEDS_PREVIEW, heif.is_decodable())}
    return tuple(known for known in CONTENT_TYPES if decodable.get(known, True))


def check(
    path: Path,
    sha256: str,
    content_type: str | None,
    max_pixels: int,
    clean: Path,
    *,
    owner: Hashable = None,
    limits: ImageLimits = ImageLimits(),  # noqa: B008 - frozen
) -> ImageFacts:
    """Decode the image at `path` in a child process and return its facts; `clean` is then the copy to store.

    The child reads `path` once: a writer that still has it open cannot reach what is hashed, decoded and copied.
    `sha256` is what those bytes must be, `content_type` what the client claims (None: nothing); `owner` waits in turn
    with other users. Raises `Refusal` with ``checksum_mismatch``, ``unsupported_type``, ``type_mismatch``,
    ``too_many_pixels``, ``image_too_complex``, ``image_truncated``, ``image_unreadable``,
    ``metadata_not_removable``; ``storage_full`` when the disk is, ``server_error`` when decoding took too long or the
    disk fails, ``too_fast`` when too many of the owner's wait.
    """
    work = partial(_decode, str(path), sha256, content_type, clean=str(clean), limits=limits)
    verdict = _large_ones_alone(work, max_pixels, owner, limits, is_jpeg=content_type == "image/jpeg")
    if isinstance(verdict, Code):
        raise Refusal(verdict)
    if content_type is not None and verdict.content_type != content_type:
        raise _mismatch(verdict.content_type)
    return verdict


def preview(
    content: BinaryIO,
    pixels: int,
    max_pixels: int,
    *,
    owner: Hashable = None,
    limits: ImageLimits = ImageLimits(),  # noqa: B008 - frozen
) -> bytes:
    """A picture, of the type `previews.CONTENT_TYPE`, of the HEIC photo in `content`, reduced to `pixels` each way.

    Made in a child process, one at a time: many on one page wait for each other, and `owner` for the turn. Raises
    `Refusal` with ``image_unreadable``, ``too_many_pixels`` (of the photo), ``image_too_complex``, ``server_error``
    when it took too long, and ``too_fast``.
    """
    work = partial(previews.render, content.read(), pixels, limits=limits)
    made = _large_ones_alone(work, max_pixels, owner, limits)
    if isinstance(made, Code):
        raise Refusal(made)
    return made


def _large_ones_alone(
    work: Callable[..., Made], max_pixels: int, owner: Hashable, limits: ImageLimits, *, is_jpeg: bool = False
) -> Made | Code:
    """Call `work` in a child with the most pixels that the image may have; of large images one is at work at a time."""
    few = min(max_pixels, FEW_PIXELS)
    # A JPEG is decoded at an eighth of its size, except for one that has to be held whole.
    beside = (partial(work, most_held=few), max_pixels) if is_jpeg else (work, few)
    made = worker_pool().run(*beside, owner=owner, limits=limits)
    if made == Code.TOO_MANY_PIXELS and few < max_pixels:
        # Only its header was read.
        made = worker_pool().run(work, max_pixels, owner=owner, limits=limits, alone=True)
    return made


def _mismatch(content_type: str) -> Refusal:
    """Each a sentence of its own: it is kept with the file, and every reader's browser translates it."""
    match content_type:
        case "image/png":
            return Refusal(Code.TYPE_MISMATCH, "The file is really a PNG image. Rename it and add it again.")
        case "image/avif":
            return Refusal(Code.TYPE_MISMATCH, "The file is really an AVIF image. Rename it and add it again.")
        case "image/heic":
            return Refusal(Code.TYPE_MISMATCH, "The file is really an HEIC photo. Rename it and add it again.")
        case "image/webp":
            return Refusal(Code.TYPE_MISMATCH, "The file is really a WebP image. Rename it and add it again.")
    return Refusal(Code.TYPE_MISMATCH, "The file is really a JPEG image. Rename it and add it again.")


def _decode(
    path: str,
    sha256: str,
    claim: str | None,
    max_pixels: int,
    clean: str,
    limits: ImageLimits = ImageLimits(),  # noqa: B008 - frozen
    most_held: int | None = None,
) -> ImageFacts | Code:
    """Runs in a child: the facts of a good image, or the code to refuse it with.

    `most_held` are the most pixels of a JPEG that a decoder holds whole; None: as of any other.
    """
    try:
        content = Path(path).read_bytes()
        if hashlib.sha256(content).hexdigest() != sha256:
            return Code.CHECKSUM_MISMATCH
        facts = _facts(content, claim, max_pixels, limits, most_held)
        if isinstance(facts, Code) or claim not in (None, facts.content_type):
            return facts
        return replace(facts, copy=stripper.strip(content, clean, facts.content_type, facts.orientation))
    except stripper.Unsafe:
        return Code.METADATA_NOT_REMOVABLE
    except OSError as error:
        return of_disk(error)


def _facts(
    content: bytes, claim: str | None, max_pixels: int, limits: ImageLimits, most_held: int | None = None
) -> ImageFacts | Code:
    from PIL import Image, UnidentifiedImageError

    # Our own limit is applied before a pixel is decoded; Pillow's fixed one would warn below it.
    Image.MAX_IMAGE_PIXELS = None
    try:
        if problem := structure.problem(content, limits):
            return problem
        if most_held is not None and content[:2] == jpeg.SIGNATURE and jpeg.is_held_whole(content):
            max_pixels = min(max_pixels, most_held)
        return _decoded(content, claim, max_pixels, limits.max_side)
    except UnidentifiedImageError:
        return Code.UNSUPPORTED_TYPE
    except Exception as error:  # noqa: BLE001 - decoders raise nearly anything on hostile input
        return Code.IMAGE_TRUNCATED if "truncated" in str(error).lower() else Code.IMAGE_UNREADABLE


def _decoded(content: bytes, claim: str | None, max_pixels: int, max_side: int) -> ImageFacts | Code:
    """The facts of the image or why it is refused. Raises whatever its decoder does."""
    from PIL import Image

    with Image.open(BytesIO(content), formats=OPENED_AS + heif.opened_as()) as image:
        width, height = image.size
        content_type = FORMATS.get(str(image.format)) or heif.content_type(claim)
        if claim is not None and content_type != claim:
            return ImageFacts(content_type, width, height)
        if width * height > max_pixels or max(width, height) > max_side:
            return Code.TOO_MANY_PIXELS
        if _is_film(image):
            return Code.UNSUPPORTED_TYPE
        if image.format == "PNG":
            _verify(content)
        _load(image)
        if _comes_early(content, image):
            return Code.IMAGE_TRUNCATED
        turned, taken_at = _photo(image.info.get("exif"))
        return ImageFacts(content_type, *exif.upright(width, height, turned), taken_at, turned)


def _load(image: ImageFile) -> None:
    """Decode all of it. Raises what the decoder does, `ValueError` when it is not as large as it said."""
    width, height = image.size
    if image.format in JPEG:
        jpeg_end.reduce(image)
    image.load()
    if image.format not in JPEG and image.size != (width, height):
        raise ValueError("the limit of pixels was held against another size")


def _comes_early(content: bytes, image: ImageFile) -> bool:
    """Whether the pixels end before the last one and the decoder made up the rest."""
    if image.format in JPEG:
        return jpeg_end.comes_early(content, image)
    return image.format == "PNG" and png_end.comes_early(content)


def _is_film(image: ImageFile) -> bool:
    if image.format == "HEIF":
        return heif.is_film(image)
    return image.format not in JPEG and bool(getattr(image, "is_animated", False))


def _photo(block: bytes | None) -> tuple[int, datetime | None]:
    """Orientation and time of an EXIF block; one that cannot be read says nothing, as browsers have it."""
    from PIL import Image

    try:
        tags = Image.Exif()
        tags.load(block or b"")
        return exif.orientation(tags.get(exif.ORIENTATION)), exif.taken_at(tags.get_ifd(exif.DETAILS))
    except Exception:  # noqa: BLE001 - whatever a camera or a stranger wrote there
        return 1, None


def _verify(content: bytes) -> None:
    """Read all chunks of a PNG: decoding alone is content with one whose end is missing (measured)."""
    from PIL import Image

    with Image.open(BytesIO(content), formats=("PNG",)) as image:
        image.verify()
