"""Keep the names of files in HTML forms as they were sent.

Django removes every character that Python's tables cannot print: emoji newer than those tables, and the joiners of
families, of Persian and of Hindi. If nothing is left of its name, it drops the whole file.
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
"""In characters. Django puts the extension into the name of a temporary file; no known image type has a longer one."""


class _Parser(MultiPartParser):
    def sanitize_file_name(self, file_name: str) -> str:
        name = names.display_name(file_name)
        extension = name.rpartition(".")[2]
        return name if len(extension) <= LONGEST_EXTENSION else file_types.named(name, file_types.UNNAMED)


class KeepNames(FileUploadHandler):
    """Reads a form instead of Django's parser, removing only what is dangerous from names (`names.display_name`).

    The first of ``FILE_UPLOAD_HANDLERS``; the others receive the files.
    """

    def handle_raw_input(
        self,
        input_data: Any,
        META: Mapping[str, Any],  # noqa: N803 - Django's name
        content_length: int,
        boundary: str,
        encoding: str | None = None,
    ) -> tuple[QueryDict, MultiValueDict[str, UploadedFile[Any]]]:
        """Parse the form. Raises what Django's parser does."""
        handlers = cast(HttpRequest, self.request).upload_handlers
        return _Parser(META, input_data, [one for one in handlers if one is not self], encoding).parse()
