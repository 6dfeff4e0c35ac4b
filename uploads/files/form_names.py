"""Keeps the names of files in HTML forms as they were sent.

Django removes every character that Python's tables cannot print: emoji newer than them, the joiners of families, of
Persian and of Hindi, and then the whole file, if nothing is left of its name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, QueryDict
from django.http.multipartparser import MultiPartParser
from django.utils.datastructures import MultiValueDict

from uploads.core import file_types, names

LONGEST_EXTENSION = 10
"""Characters. Django makes the extension part of a temporary file's name; a longer one is no known image type's."""


class _Parser(MultiPartParser):
    def sanitize_file_name(self, file_name: str) -> str:
        name = names.display_name(file_name)
        extension = name.rpartition(".")[2]
        return name if len(extension) <= LONGEST_EXTENSION else file_types.named(name, file_types.UNNAMED)


class KeepNames(FileUploadHandler):
    """Reads a form in place of Django's parser: only what is dangerous leaves a name (`names.display_name`).

    The first of ``FILE_UPLOAD_HANDLERS``; the others get the files.
    """

    def handle_raw_input(
        self,
        input_data: Any,
        META: Mapping[str, Any],  # noqa: N803 - Django's name
        content_length: int,
        boundary: str,
        encoding: str | None = None,
    ) -> tuple[QueryDict, MultiValueDict[str, UploadedFile[Any]]]:
        """Read the form. Raises what Django's parser does."""
        handlers = cast(HttpRequest, self.request).upload_handlers
        return _Parser(META, input_data, [one for one in handlers if one is not self], encoding).parse()
