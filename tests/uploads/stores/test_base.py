from __future__ import annotations

import io
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryFile
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.base import File as DjangoFile
from hypothesis import given
from hypothesis import strategies as st

from tests.support.stores.contract import NO_FILES, new_key
from uploads.stores.base import require_open
from uploads.stores.registry import current_store


@given(st.text() | st.binary() | st.integers() | st.lists(st.text()))
def test_whatever_is_no_open_file_is_refused(content: object):
    with pytest.raises(TypeError):
        require_open(content)


def test_a_file_of_text_is_refused(tmp_path: Path):
    (tmp_path / "text").write_text("http://169.254.169.254/")
    with (tmp_path / "text").open() as text, pytest.raises(TypeError):
        require_open(text)


def test_a_file_of_bytes_is_taken_and_not_read():
    with TemporaryFile() as plain, NamedTemporaryFile() as named:
        for content in (io.BytesIO(b"x"), plain, named, DjangoFile(named), ContentFile(b"x")):
            content.seek(0)
            require_open(content)
            assert content.tell() == 0


def test_the_store_in_force_takes_no_address_and_no_path():
    def raised_by(content: Any) -> type | None:
        try:
            current_store().put(new_key(), content, "image/jpeg")
        except Exception as error:  # noqa: BLE001 - which one is the question
            return type(error)
        return None

    assert {raised_by(content) for content in NO_FILES} == {TypeError}
