from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.support.images.pictures import picture
from tests.support.servers.server import ROOT
from uploads.core.errors import Code
from uploads.core.limits import ImageLimits
from uploads.images import checker, decoding, heif


@pytest.fixture
def no_decoder(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Behave as on a machine without pillow-heif."""
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    heif.is_decodable.cache_clear()
    heif.opened_as.cache_clear()
    yield
    heif.is_decodable.cache_clear()
    heif.opened_as.cache_clear()


def test_without_the_decoder_nothing_is_opened_as_heic(no_decoder: None):
    content = picture("HEIF")

    assert (heif.is_decodable(), heif.opened_as()) == (False, ())
    assert "image/heic" not in checker.content_types.__wrapped__()
    assert decoding.decoded(content, 10**8, ImageLimits()) == Code.IMAGE_UNREADABLE
    assert checker._small_picture(content, 10**8, 320) == Code.IMAGE_UNREADABLE


def test_a_host_that_asks_what_is_taken_opens_what_it_opened():
    """Its own image fields must not accept HEIC because of us."""
    ask = (
        "from PIL import Image; from uploads.images import checker; "
        "checker.content_types(); Image.init(); print(*Image.OPEN)"
    )
    known = subprocess.check_output([sys.executable, "-c", ask], cwd=ROOT, text=True).split()

    assert ("AVIF" in known, "HEIF" in known) == (True, False)
