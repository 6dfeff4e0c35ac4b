"""Check that a file is an accepted image, complete and not too large, by decoding all of the copy to be stored.

Only its content decides its type. No decoder reads what is removed from the copy, so broken metadata is no reason to
refuse an image. Decoding runs in child processes (`worker_pool`), so that a hostile image costs neither the server's
memory nor its life. `Image.verify` and magic bytes are no check: both accept a JPEG cut in half (measured).

This module imports no Django, because the children import it.
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
from uploads.images.structure import jpeg
from uploads.images.worker_pool import worker_pool

FEW_PIXELS = 16_000_000
"""More than most phones produce. An image with more pixels than this waits until no other such image is being decoded,
except for a JPEG that is not held whole."""
BYTES_PER_PIXEL = 16
"""The most that a decoder takes: 1.6 GB for 100 megapixels as WebP with transparency (measured)."""
_NONE: Mapping[int, Any] = MappingProxyType({})
Made = TypeVar("Made")


class ImageFacts(Struct, frozen=True):
    """The result of decoding: the true content type, the upright size in pixels, and the capture time (UTC).

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
    """Return the content types that can be decoded here: AVIF if Pillow was built with it, HEIC with pillow-heif."""
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
    """Decode the image at `path` in a child process and return its facts; `clean` becomes the copy to store.

    `small` are the paths of the small pictures to create, by width (`uploads.core.small_pictures`). They exist whenever
    `clean` does, unless none could be created.

    The child reads `path` once, so a writer that still has it open cannot change what is hashed, decoded and copied.
    `sha256` is the required hash of those bytes; `owner` takes turns with other users. Raises `Refusal` with
    ``checksum_mismatch``, ``unsupported_type``, ``too_many_pixels``, ``image_too_complex``, ``image_truncated``,
    ``image_unreadable``, ``metadata_not_removable``; ``storage_full`` if the disk is full, ``server_error`` if decoding
    took too long or the disk failed, ``too_fast`` if too many of the owner's images wait.
    """
    paths = {width: str(small[width]) for width in small}
    work = partial(_decode, str(path), sha256, clean=str(clean), small=paths, limits=limits)
    verdict = _large_ones_alone(work, max_pixels, owner, limits)
    if isinstance(verdict, Code):
        raise _refusal(verdict, structure.content_type(_head(path)))
    return verdict


def _refusal(code: Code, content_type: str | None) -> Refusal:
    """Return a refusal whose sentence is true for a file of this type."""
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
    """Return the first bytes of a file, which identify its format; empty if the disk fails."""
    try:
        with path.open("rb") as content:
            return content.read(structure.HEAD_BYTES)
    except OSError:
        return b""


def small_picture(
    opened: Callable[[], BinaryIO],
    width: int,
    max_pixels: int,
    *,
    owner: Hashable = None,
    limits: ImageLimits = ImageLimits(),  # noqa: B008 - frozen
) -> bytes:
    """Return a small picture of that `width` of the image that `opened` returns (`uploads.core.small_pictures`).

    It is created in a child process, for large images one at a time; `owner` takes turns, and the image is read in its
    turn. Raises what `opened` does, `Refusal` as `check` does, and with ``image_unreadable`` if none can be created.
    """

    def read() -> bytes:
        with opened() as content:
            return content.read()

    made = _large_ones_alone(partial(_small_picture, width=width, limits=limits), max_pixels, owner, limits, read)
    if isinstance(made, Code):
        raise Refusal(made)
    return made


def _large_ones_alone(
    work: Callable[..., Made],
    max_pixels: int,
    owner: Hashable,
    limits: ImageLimits,
    read: Callable[[], bytes] | None = None,
) -> Made | Code:
    """Call `work` in a child with the pixel limit of the image; only one large image is processed at a time."""
    few = min(max_pixels, FEW_PIXELS)
    # A JPEG is decoded to few pixels, except for one that has to be held whole.
    made = worker_pool().run(partial(work, most_held=few), max_pixels, read=read, owner=owner, limits=limits)
    if made == Code.TOO_MANY_PIXELS and few < max_pixels:
        # So far only its header has been read.
        made = worker_pool().run(work, max_pixels, read=read, owner=owner, limits=limits, alone=True)
    return made


def _decode(
    path: str,
    sha256: str,
    max_pixels: int,
    clean: str,
    limits: ImageLimits = ImageLimits(),  # noqa: B008 - frozen
    small: Mapping[int, str] = _NONE,
    most_held: int | None = None,
) -> ImageFacts | Code:
    """Run in a child: return the facts of a valid image, or the code of its refusal.

    `most_held` is the pixel limit of images that a decoder holds whole, all but JPEGs of one scan; None: `max_pixels`.
    """
    try:
        content = Path(path).read_bytes()
        if hashlib.sha256(content).hexdigest() != sha256:
            return Code.CHECKSUM_MISMATCH
        copied = _copied(content, max_pixels, limits, tuple(small), most_held)
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
    max_pixels: int,
    width: int,
    limits: ImageLimits = ImageLimits(),  # noqa: B008 - frozen
    most_held: int | None = None,
) -> bytes | Code:
    """Run in a child: return the small picture, or the code of its refusal. The image may not have been checked yet."""
    copied = _copied(content, max_pixels, limits, (width,), most_held)
    if isinstance(copied, Code):
        return copied
    return next(iter(copied[2]), Code.IMAGE_UNREADABLE)


def _copied(
    content: bytes, max_pixels: int, limits: ImageLimits, widths: tuple[int, ...], most_held: int | None
) -> tuple[bytes, ImageFacts, tuple[bytes, ...]] | Code:
    """Return the copy to store, the facts of its image and its small pictures, or the code of the refusal."""
    content_type = structure.content_type(content)
    if content_type not in content_types():
        return Code.UNSUPPORTED_TYPE
    if problem := structure.problem(content, limits):
        return problem
    if most_held is not None and (content_type != "image/jpeg" or jpeg.is_held_whole(content)):
        max_pixels = min(max_pixels, most_held)
    try:
        content = stripper.readable(content)
    except stripper.UnstrippableImage:
        return Code.IMAGE_UNREADABLE
    photo = photo_facts.read(content)
    try:
        copy = stripper.stripped(content, content_type, photo.orientation)
    except stripper.UnstrippableImage as unsafe:
        # Usually the image is broken, which its decoder can report.
        broken = decoding.decoded(content, max_pixels, limits)
        if isinstance(broken, Code):
            return broken
        return Code.IMAGE_TRUNCATED if isinstance(unsafe, stripper.CutOff) else Code.METADATA_NOT_REMOVABLE
    picture = decoding.decoded(copy, max_pixels, limits, photo.orientation, widths)
    if isinstance(picture, Code):
        return picture
    turned = photo.orientation if picture.orientation is None else picture.orientation
    size = exif.upright(picture.width, picture.height, turned)
    return copy, ImageFacts(picture.content_type, *size, photo.taken_at, turned), picture.small
