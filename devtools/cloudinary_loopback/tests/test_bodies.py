"""Taking bodies apart."""

from __future__ import annotations

from itertools import chain
from pathlib import Path

import pytest

from devtools.cloudinary_loopback import bodies
from devtools.cloudinary_loopback.blobs import Blobs
from devtools.cloudinary_loopback.refusals import Refused
from devtools.cloudinary_loopback.tests.raw_client import BOUNDARY, multipart

BORDER = BOUNDARY.encode()


def test_parts_are_found_where_they_lie():
    body = multipart({"a": "1", "b[]": ""}, b"\r\n--not-the-boundary\r\n", 'say "x".png'.replace('"', "%22"))
    found = [(part.name, part.filename, body[part.start : part.end]) for part in bodies.parts(body, BORDER)]

    assert found == [
        ("a", None, b"1"),
        ("b[]", None, b""),
        ("file", 'say "x".png', b"\r\n--not-the-boundary\r\n"),
    ]


@pytest.mark.parametrize("cut", [10, 60, -6, -30], ids=str)
def test_a_body_that_ends_early_is_refused(cut: int):
    whole = multipart({"a": "1"}, b"content")

    with pytest.raises(Refused):
        list(bodies.parts(whole[:cut], BORDER))


def test_a_body_above_the_cap_is_read_to_its_end_and_then_refused():
    pieces = iter([b"x" * 10] * 3)

    with pytest.raises(Refused) as refused:
        list(bodies.capped(pieces, 25))

    assert refused.value.status == 413
    assert list(pieces) == []


def test_the_file_of_a_blob_goes_with_the_blob(tmp_path: Path):
    blobs = Blobs(tmp_path)
    blob = blobs.write(chain([b"abc"], [b"def"]))
    path = blob.path

    assert (blob.size, blob.md5, blob.read()) == (6, "e80b5017098950fc58aad83c8c14978e", b"abcdef")
    del blob
    assert not path.exists()
