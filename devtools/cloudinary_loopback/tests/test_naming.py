"""Which ids are good."""

from __future__ import annotations

import pytest

from devtools.cloudinary_loopback import naming
from devtools.cloudinary_loopback.refusals import Refused


@pytest.mark.parametrize("public_id", ["ünï/名", "with space", "dots.in.it", "a-b_c/d"])
def test_ids_that_are_good(public_id: str):
    assert naming.check(public_id) == public_id


@pytest.mark.parametrize("public_id", ["", "a?b", "a%20b", "a#b", "a&b", " a", "a ", "/a", "a/", "a//b", "x" * 256])
def test_ids_that_are_not(public_id: str):
    with pytest.raises(Refused):
        naming.check(public_id)
