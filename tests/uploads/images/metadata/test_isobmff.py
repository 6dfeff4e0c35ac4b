from __future__ import annotations

import struct
import time
import zlib

import pytest
from PIL import Image

from tests.support.images.heic import burst, iphone_photo
from tests.support.images.hostile import encoded
from tests.support.images.metadata_checks import PROFILE, XMP, opened, stripped, telling
from tests.support.images.photos import SECRETS, corners, photo_taken
from tests.support.images.pictures import picture
from uploads.images.metadata import UnstrippableImage, isobmff


def test_an_avif_keeps_its_length_and_its_pictures_place():
    before = telling("AVIF")
    assert len(stripped("AVIF", before)) == len(before)


def test_boxes_that_tell_something_go():
    content = picture("AVIF")
    box = struct.pack(">I4s", 14, b"uuid") + b"secret"
    with_tail = stripped("AVIF", content + box)
    assert with_tail == stripped("AVIF", content)


def test_an_avif_with_transparency_keeps_it():
    image = corners(64, 48).convert("RGBA")
    image.putalpha(Image.linear_gradient("L").resize((64, 48)))
    before = encoded(image, "AVIF", exif=photo_exif(), xmp=XMP)
    after = stripped("AVIF", before)
    assert opened(after).tobytes() == opened(before).tobytes()
    assert b"Secret" not in after


def photo_exif() -> bytes:
    return opened(photo_taken("JPEG")).info["exif"]


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_a_photo_of_an_iphone_keeps_its_tiles_and_its_turn(orientation: int):
    before = iphone_photo(orientation=orientation, xmp=XMP, icc_profile=PROFILE)
    after = stripped("HEIF", before)

    was, now = opened(before), opened(after)
    assert (now.size, now.info["icc_profile"]) == ((1200, 800), PROFILE)
    assert now.tobytes() == was.tobytes()
    assert [secret for secret in SECRETS if secret not in before] == []
    assert [secret for secret in SECRETS if secret in after] == []
    assert stripped("HEIF", after) == after


def test_of_several_pictures_only_the_primary_one_stays():
    """The others are whole images that nobody sees in the product: an unblurred one, a cropped person."""
    after = stripped("HEIF", burst())
    was, now = opened(burst()), opened(after)

    assert (now.size, now.tobytes()) == (was.size, was.tobytes())
    assert getattr(was, "n_frames", 1) == 2
    assert getattr(now, "n_frames", 1) == 1
    # Its bytes are gone, not only its name; the space is filled with zeros as far as possible.
    assert len(zlib.compress(after)) < len(zlib.compress(burst())) * 0.6
    assert stripped("HEIF", after) == after


def test_the_small_copy_in_a_photo_goes():
    """It may show what was cropped from the photo."""
    with_copy, without = iphone_photo(), iphone_photo(thumbnails=[])
    after = stripped("HEIF", with_copy)

    assert (with_copy.count(b"hvc1"), after.count(b"hvc1")) == (without.count(b"hvc1") + 1, without.count(b"hvc1"))
    assert opened(after).tobytes() == opened(without).tobytes()


def test_a_property_nobody_knows_is_overwritten():
    content = picture("HEIF").replace(b"pixi\0\0\0\0\x03\x08\x08\x08", b"mine\0\0secret")
    assert b"secret" in content

    after = stripped("HEIF", content)
    assert (len(after), b"secret" in after, b"mine" in after) == (len(content), False, False)
    assert opened(after).tobytes() == opened(content).tobytes()


def test_a_film_is_no_picture():
    """What is shown of it is not what was checked."""
    content = picture("HEIF")
    with pytest.raises(UnstrippableImage):
        stripped("HEIF", content + struct.pack(">I4s", 8, b"moov"))


def test_tens_of_thousands_of_boxes_and_places_take_no_time():
    """A stranger's 300 kB must not keep a process busy for a minute."""
    many = 15_000
    before = scattered(many)
    started = time.process_time()
    after = b"".join(
        before[piece] if isinstance(piece, slice) else piece for piece in isobmff.retained_segments(before)
    )

    assert after == before
    assert time.process_time() - started < 2


def scattered(parts: int) -> bytes:
    """An image whose bytes are in as many boxes, one byte each."""

    def box(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I4s", 8 + len(content), kind) + content

    def meta(start: int) -> bytes:
        entry = box(b"infe", struct.pack(">IHH4sx", 2 << 24, 1, 0, b"av01"))
        extents = b"".join(struct.pack(">II", start + 9 * part + 8, 1) for part in range(parts))
        where = box(b"iloc", struct.pack(">IBBHHHH", 0, 0x44, 0, 1, 1, 0, parts) + extents)
        head = box(b"pitm", struct.pack(">IH", 0, 1)) + box(b"iprp", box(b"ipco", b""))
        return box(b"meta", bytes(4) + head + box(b"iinf", struct.pack(">IH", 0, 1) + entry) + where)

    head = box(b"ftyp", b"avif" + bytes(4) + b"avif")
    return head + meta(len(head) + len(meta(0))) + box(b"mdat", b"x") * parts
