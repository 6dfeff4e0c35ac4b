from __future__ import annotations

from contextlib import closing

import pytest
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http.multipartparser import MultiPartParserError
from django.test import RequestFactory

from tests.support.corpus.names import NAMES
from uploads.files.form_names import KeepNames


def read(name: str, *, boundary: str = "b") -> UploadedFile:
    """Return the name that a view receives for a form with a file of that name."""
    head = f'--b\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\nx\r\n--b--\r\n'
    body = head.encode("utf-8", "surrogatepass")
    request = RequestFactory().generic("POST", "/", body, f"multipart/form-data; boundary={boundary}")
    request.upload_handlers = [KeepNames(request), TemporaryFileUploadHandler(request)]
    (upload,) = request.FILES.getlist("file")
    with closing(upload):
        assert upload.read() == b"x"
    return upload


# Browsers write %22 for a quote; the others are not allowed in a header.
IN_A_FORM = [(sent, shown) for sent, shown in NAMES if 0 < len(sent) < 1000 and not {*sent} & {"\r", "\n", "\ud800"}]


@pytest.mark.parametrize(("sent", "shown"), IN_A_FORM)
def test_a_form_keeps_as_much_of_a_name_as_the_socket_does(sent: str, shown: str):
    assert read(sent.replace('"', "")).name == shown.replace('"', "")


@pytest.mark.parametrize("name", ["a." + "🏺" * 200, "a." + "x" * 250, "a.\0b", "/" * 9 + "." * 300])
def test_no_name_is_too_long_or_too_odd_for_a_temporary_file(name: str):
    upload = read(name)

    assert isinstance(upload, TemporaryUploadedFile)
    assert len(str(upload.name)) <= 120


def test_a_file_without_a_visible_name_is_there():
    assert read("\u200d.").name == "image"


def test_a_form_without_a_boundary_is_refused_as_ever():
    with pytest.raises(MultiPartParserError, match="boundary"):
        read("mug.jpg", boundary="")
