"""Is this file an image that is taken, whole and not too large? Decided by decoding all of the copy to be stored.

Its content alone says of what type it is. What is taken out of the copy is read by no decoder: broken or not, it is no
reason to refuse an image. Decoding runs in child processes (`worker_pool`), so a hostile image costs neither the
server's memory nor its life. `Image.verify` and magic bytes are no check: both take a JPEG cut in half (measured).
This module imports no Django: the children import it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable, Mapping
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, BinaryIO, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from uploads.core.errors import Code, Refusal, of_disk
from uploads.core.limits import CONTENT_TYPES, NEEDS_PREVIEW, ImageLimits
from uploads.images import decoding, exif, heif, photo_facts, stripper, structure
from uploads.images.worker_pool import worker_pool

FEW_PIXELS = 16_000_000
"""More than most phones take. To decode an image that is no JPEG takes up to 16 bytes a pixel (100 megapixels as WebP
with transparency: 1.6 GB, measured), so one with more pixels than these waits until no other such is at work."""
_NONE: Mapping[int, Any] = MappingProxyType({})
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
    max_pixels: int,
    clean: Path,
    *,
    small: Mapping[int, Path] = _NONE,
    owner: Hashable = None,
    limits: ImageLimits = ImageLimits(),  # noqa: B008 - frozen
) -> ImageFacts:
    """Decode the image at `path` in a child process and return its facts; `clean` is then the copy to store.

    `small` are the paths of the small pictures to make, by width (`uploads.core.small_pictures`). They are there when
    `clean` is, unless none could be made.

    The child reads `path` once: a writer that still has it open cannot reach what is hashed, decoded and copied.
    `sha256` is what those bytes must be; `owner` waits in turn with other users. Raises `Refusal` with
    ``checksum_mismatch``, ``unsupported_type``, ``too_many_pixels``, ``image_too_complex``, ``image_truncated``,
    ``image_unreadable``, ``metadata_not_removable``; ``storage_full`` when the disk is, ``server_error`` when decoding
    took too long or the disk fails, ``too_fast`` when too many of the owner's wait.
    """
    content_type = structure.content_type(_head(path))
    paths = {width: str(small[width]) for width in small}
    work = partial(_decode, str(path), sha256, clean=str(clean), small=paths, limits=limits)
    if content_type == "image/jpeg":
        # Decoded to as few pixels as are needed.
        verdict = worker_pool().run(work, max_pixels, owner=owner, limits=limits)
    else:
        verdict = _large_ones_alone(work, max_pixels, owner, limits)
    if isinstance(verdict, Code):
        raise _refusal(verdict, content_type)
    return verdict


def _refusal(code: Code, content_type: str | None) -> Refusal:
    """The code with a sentence that is true of a file of this type."""
    if code is not Code.UNSUPPORTED_TYPE:
        return Refusal(code)
    if content_type in ("image/gif", *content_types()):
        return Refusal(Code.UNSUPPORTED_TYPE, "Animated images aren't supported. Export a still JPEG, PNG or WebP.")
    if content_type in NEEDS_PREVIEW:
        return Refusal(
            Code.UNSUPPORTED_TYPE,
            "This is an HEIC photo, which is not supported. Export it as JPEG; iPhones take JPEG with Settings, Camera,"
            " Formats, “Most Compatible”.",
        )
    return Refusal(code)


def _head(path: Path) -> bytes:
    """The first bytes of a file, which say what it is; none when the disk does not give them."""
    try:
        with path.open("rb") as content:
            return content.read(structure.HEAD_BYTES)
    except OSError:
        return b""


def small_picture(
    content: BinaryIO,
    width: int,
    max_pixels: int,
    *,
    owner: Hashable = None,
    limits: ImageLimits = ImageLimits(),  # noqa: B008 - frozen
) -> bytes:
    """Return a small picture of that `width` of the image in `content` (`uploads.core.small_pictures`).

    Made in a child process, of large images one at a time; `owner` waits in turn with other users. Raises `Refusal` as
    `check` does, and with ``image_unreadable`` when none can be made.
    """
    work = partial(_small_picture, content.read(), width, limits=limits)
    made = _large_ones_alone(work, max_pixels, owner, limits)
    if isinstance(made, Code):
        raise Refusal(made)
    return made


def _large_ones_alone(
    work: Callable[[int], Made], max_pixels: int, owner: Hashable, limits: ImageLimits
) -> Made | Code:
    """Call `work` in a child with the most pixels that the image may have; of large images one is at work at a time."""
    few = min(max_pixels, FEW_PIXELS)
    made = worker_pool().run(work, few, owner=owner, limits=limits)
    if made == Code.TOO_MANY_PIXELS and few < max_pixels:
        # Only its header was read.
        made = worker_pool().run(work, max_pixels, owner=owner, limits=limits, alone=True)
    return made


def _decode(
    path: str,
    sha256: str,
    max_pixels: int,
    clean: str,
    limits: ImageLimits = ImageLimits(),  # noqa: B008 - frozen
    small: Mapping[int, str] = _NONE,
) -> ImageFacts | Code:
    """Runs in a child: the facts of a good image, or the code to refuse it with."""
    try:
        content = Path(path).read_bytes()
        if hashlib.sha256(content).hexdigest() != sha256:
            return Code.CHECKSUM_MISMATCH
        copied = _copied(content, max_pixels, limits, tuple(small))
        if isinstance(copied, Code):
            return copied
        copy, facts, pictures = copied
        # Before the copy: where that is, they are as well, whatever ends this process.
        for picture, target in zip(pictures, small.values(), strict=False):
            stripper.write(picture, target)
        return replace(facts, copy=stripper.write(copy, clean))
    except OSError as error:
        return of_disk(error)


def _small_picture(
    content: bytes,
    width: int,
    max_pixels: int,
    limits: ImageLimits = ImageLimits(),  # noqa: B008 - frozen
) -> bytes | Code:
    """Runs in a child: the small picture, or the code why there is none. The image may not have been checked yet."""
    copied = _copied(content, max_pixels, limits, (width,))
    if isinstance(copied, Code):
        return copied
    return next(iter(copied[2]), Code.IMAGE_UNREADABLE)


def _copied(
    content: bytes, max_pixels: int, limits: ImageLimits, widths: tuple[int, ...]
) -> tuple[bytes, ImageFacts, tuple[bytes, ...]] | Code:
    """The copy to store, the facts of its picture and its small pictures, or the code to refuse the image with."""
    content_type = structure.content_type(content)
    if content_type not in content_types():
        return Code.UNSUPPORTED_TYPE
    if problem := structure.problem(content, limits):
        return problem
    try:
        content = stripper.readable(content)
    except stripper.Unsafe:
        return Code.IMAGE_UNREADABLE
    photo = photo_facts.read(content)
    try:
        copy = stripper.stripped(content, content_type, photo.orientation)
    except stripper.Unsafe:
        # Most of the time because the image is broken, which its decoder can say.
        broken = decoding.decoded(content, max_pixels, limits)
        return broken if isinstance(broken, Code) else Code.METADATA_NOT_REMOVABLE
    picture = decoding.decoded(copy, max_pixels, limits, photo.orientation, widths)
    if isinstance(picture, Code):
        return picture
    turned = photo.orientation if picture.orientation is None else picture.orientation
    size = exif.upright(picture.width, picture.height, turned)
    return copy, ImageFacts(picture.content_type, *size, photo.taken_at, turned), picture.small
