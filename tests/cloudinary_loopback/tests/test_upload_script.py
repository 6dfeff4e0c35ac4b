"""The little of `eval` that is read."""

from __future__ import annotations

import pytest

from tests.cloudinary_loopback import upload_script
from tests.cloudinary_loopback.refusals import Refused

SCRIPT = (
    'if (resource_info["width"] < 450) { upload_options["quality_analysis"] = true };'
    ' upload_options["context"] = "width=" + resource_info["width"]'
)


@pytest.mark.parametrize(
    ("width", "expected"),
    [(100, {"quality_analysis": "true", "context": "width=100"}), (500, {"context": "width=500"})],
)
def test_options_by_what_the_file_is(width: int, expected: dict[str, str]):
    assert upload_script.options(SCRIPT, {"width": width}) == expected


def test_any_other_script_is_refused():
    with pytest.raises(Refused):
        upload_script.options('fetch("https://example.org")', {})
