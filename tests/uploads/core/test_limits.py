from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from uploads.core.errors import Code, Refusal
from uploads.core.limits import CONTENT_TYPES, HEIC, Limits, Size, check_upload, lowered

SMALL = Limits(max_file_bytes=1000, max_files=3, max_draft_bytes=2500)


def refusal_of(**changes: object) -> Refusal | None:
    request = {"name": "mug.jpg", "size": 1000, "content_type": "image/jpeg", "files": 2, "total_bytes": 1500}
    try:
        check_upload(SMALL, **{**request, **changes})  # type: ignore[arg-type]
    except Refusal as refusal:
        return refusal
    return None


def test_a_claim_at_every_limit_is_taken():
    assert refusal_of() is None


@pytest.mark.parametrize("content_type", sorted(HEIC))
def test_a_heic_photo_that_cannot_be_decoded_here_is_refused_with_the_way_to_a_jpeg(content_type: str):
    refusal = refusal_of(content_type=content_type, content_types=["image/jpeg"])
    assert refusal is not None
    assert (refusal.code, "Most Compatible" in refusal.message) == (Code.UNSUPPORTED_TYPE, True)


def test_a_sequence_of_heic_photos_is_refused_everywhere():
    assert refusal_of(content_type="image/heic-sequence") is not None


def test_a_type_that_cannot_be_decoded_here_is_refused():
    refusal = refusal_of(content_type="image/avif", content_types=["image/jpeg"])
    assert refusal is not None
    assert refusal.code == Code.UNSUPPORTED_TYPE


@pytest.mark.parametrize("content_type", sorted(CONTENT_TYPES))
def test_each_supported_type_is_taken(content_type: str):
    assert refusal_of(content_type=content_type) is None


@pytest.mark.parametrize("content_type", ["image/gif", "image/apng"])
def test_an_animation_is_called_one(content_type: str):
    refusal = refusal_of(content_type=content_type)
    assert refusal is not None
    assert refusal.message == "Animated images aren't supported. Export a still JPEG, PNG or WebP."


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"size": 0}, Code.EMPTY_FILE),
        ({"size": -1}, Code.EMPTY_FILE),
        ({"content_type": "image/bmp"}, Code.UNSUPPORTED_TYPE),
        ({"content_type": "image/svg+xml"}, Code.UNSUPPORTED_TYPE),
        ({"content_type": ""}, Code.UNSUPPORTED_TYPE),
        ({"size": 1001, "total_bytes": 0}, Code.TOO_LARGE),
        ({"files": 3}, Code.TOO_MANY_FILES),
        ({"total_bytes": 1501}, Code.DRAFT_FULL),
    ],
)
def test_one_step_over_a_limit_is_refused_with_the_files_name(changes: dict[str, object], code: Code):
    refused = refusal_of(**changes)

    assert refused is not None
    assert refused.code == code
    assert "mug.jpg" in refused.message


@pytest.mark.parametrize("field", Limits.__struct_fields__)
def test_a_limit_of_nothing_cannot_be_set(field: str):
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({field: 0}, Limits)


def test_a_limit_with_a_typing_error_cannot_be_set():
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"max_fils": 3}, Limits)


def test_a_chunk_fits_into_a_frame():
    """Daphne drops the connection at a frame of 1 MiB."""
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"chunk_bytes": 1 << 20}, Limits)


@pytest.mark.parametrize(
    ("size", "said"),
    [(1, "1 kB"), (900_000, "900 kB"), (1_000_000, "1 MB"), (14_200_000, "14.2 MB"), (1_000_000_000, "1000 MB")],
)
def test_sizes_read_as_people_say_them(size: int, said: str):
    assert str(Size(size)) == said


@given(st.integers(1, 10**10))
def test_a_size_is_said_within_a_twentieth(size: int):
    number, unit = str(Size(size)).split()
    said = float(number) * {"kB": 1000, "MB": 1_000_000}[unit]
    assert abs(said - size) <= max(1000, size / 20)


def test_a_byte_over_the_limit_reads_as_more_than_the_limit():
    with pytest.raises(Refusal, match=r"is 20\.1 MB\. The limit is 20 MB\."):
        check_upload(Limits(), name="x", size=20_000_001, content_type="image/png", files=0, total_bytes=0)


@pytest.mark.parametrize(
    ("max_file_bytes", "max_pixels", "found"),
    [(None, None, (100, 50)), (99, None, (99, 50)), (101, 51, (100, 50)), (100, 1, (100, 1))],
)
def test_what_somebody_else_allows_can_only_lower_a_limit(
    max_file_bytes: int | None, max_pixels: int | None, found: tuple[int, int]
):
    ours = Limits(max_file_bytes=100, max_pixels=50)
    both = lowered(ours, max_file_bytes=max_file_bytes, max_pixels=max_pixels)
    assert (both.max_file_bytes, both.max_pixels) == found
    assert both.max_files == ours.max_files
