"""Values by name."""

from __future__ import annotations

import pytest

from devtools.cloudinary_loopback import parameters
from devtools.cloudinary_loopback.refusals import Refused


def test_brackets_make_lists_and_the_last_of_a_name_counts():
    pairs = [("a", "1"), ("a", "2"), ("b[]", "x"), ("b[]", "y"), ("c[0]", "z")]

    assert parameters.collected(pairs) == {"a": "2", "b": ["x", "y"], "c": ["z"]}


@pytest.mark.parametrize(("value", "expected"), [("1", True), ("true", True), ("0", False), ("false", False)])
def test_python_and_node_write_a_flag_each_in_its_way(value: str, expected: bool):
    assert parameters.flag({"f": value}, "f", default=not expected) is expected


def test_anything_else_is_no_flag():
    with pytest.raises(Refused):
        parameters.flag({"f": "yes"}, "f")


@pytest.mark.parametrize("value", ["0", "501", "-1", "ten"])
def test_a_number_out_of_its_range_is_refused(value: str):
    with pytest.raises(Refused):
        parameters.number({"max_results": value}, "max_results", 10, 500)
