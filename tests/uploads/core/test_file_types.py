from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uploads.core import file_types, names
from uploads.core.limits import CONTENT_TYPES


@pytest.mark.parametrize(
    ("name", "said", "meant"),
    [
        ("mug.jpg", "image/jpeg", "image/jpeg"),
        ("mug.jpg", "image/jpg", "image/jpeg"),
        ("mug.jpg", "image/pjpeg", "image/jpeg"),
        ("mug.jpg", "IMAGE/JPEG; charset=binary", "image/jpeg"),
        ("mug.png", "image/x-png", "image/png"),
        ("mug.png", "application/octet-stream", "image/png"),
        ("mug.JFIF", "", "image/jpeg"),
        ("mug.webp", "", "image/webp"),
        ("mug.avif", "binary/octet-stream", "image/avif"),
        ("IMG_1.HEIC", "", "image/heic"),
        ("IMG_1.heif", "", "image/heif"),
        ("IMG_1.HIF", "application/octet-stream", "image/heic"),
        ("mug", "", "image/jpeg"),
        (".jpg", "", "image/jpeg"),
        # What a system reports counts; the content is checked later.
        ("mug.jpg", "image/webp", "image/webp"),
        ("mug.gif", "image/gif", "image/gif"),
        ("notes.txt", "", ""),
        ("sidecar.xmp", "application/octet-stream", "application/octet-stream"),
        ("mug.jpg", "text/html", "text/html"),
    ],
)
def test_the_type_a_client_means(name: str, said: str, meant: str):
    assert file_types.meant(name, said) == meant


@pytest.mark.parametrize(
    ("name", "content_type", "shown"),
    [
        ("mug.jpg", "image/jpeg", "mug.jpg"),
        ("MUG.JPEG", "image/jpeg", "MUG.JPEG"),
        ("mug.jpg", "image/webp", "mug.webp"),
        ("mug.jpg", "image/png", "mug.png"),
        ("mug.jpg", "image/heic", "mug.heic"),
        ("mug.jpg", "image/avif", "mug.avif"),
        ("mug.PNG", "image/jpeg", "mug.jpg"),
        ("mug.mpo", "image/jpeg", "mug.jpg"),
        ("mug.gif", "image/png", "mug.png"),
        ("IMG.HIF", "image/heic", "IMG.HIF"),
        ("IMG.heic", "image/heif", "IMG.heic"),
        ("mug", "image/jpeg", "mug.jpg"),
        ("mug.v2", "image/png", "mug.v2.png"),
        ("page.php", "image/jpeg", "page.php.jpg"),
        ("x" * 116 + ".png", "image/webp", "x" * 115 + ".webp"),
        ("x" * 120, "image/webp", "x" * 115 + ".webp"),
    ],
)
def test_a_name_says_what_the_content_is(name: str, content_type: str, shown: str):
    assert file_types.named(name, content_type) == shown


@given(st.text(max_size=130), st.sampled_from(list(CONTENT_TYPES)))
def test_whatever_a_file_is_called_it_can_be_shown_and_says_its_type(name: str, content_type: str):
    shown = file_types.named(name, content_type)
    assert names.display_name(shown) == shown
    assert shown.rpartition(".")[2].lower() in file_types.EXTENSIONS[content_type]
    assert file_types.named(shown, content_type) == shown
    assert file_types.meant(shown, "") in (content_type, "image/heic")
