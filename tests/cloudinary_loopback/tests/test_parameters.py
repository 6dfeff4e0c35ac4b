"""Values by name."""

from __future__ import annotations

import pytest

from tests.cloudinary_loopback import parameters
from tests.cloudinary_loopback.refusals import Refused


def test_brackets_make_lists_and_the_last_of_a_name_counts():
    pairs = [("a", "1"), ("a", "2"), ("b[]", "x"), ("b[]", "y"), ("c[0]", "z")]

    assert parameters.collected(pairs) == {"a": "2", "b": ["x", "y"], "c": ["z"]}


def test_json_reads_like_a_form():
    document = {"a": True, "n": 3, "none": None, "list": ["x", "y"], "text": "t"}

    assert parameters.of_json(document) == {"a": "true", "n": "3", "list": ["x", "y"], "text": "t"}


@pytest.mark.parametrize(("value", "expected"), [("1", True), ("true", True), ("0", False), ("false", False)])
def test_python_and_node_write_a_flag_each_in_its_way(value: str, expected: bool):
    assert parameters.flag({"f": value}, "f", default=not expected) is expected


def test_anything_else_is_no_flag():
    with pytest.raises(Refused):
        parameters.flag({"f": "yes"}, "f")


def test_pairs_unescape_what_separates_them():
    assert parameters.pairs(r"caption=some text|alt=a\|b\=c") == {"caption": "some text", "alt": "a|b=c"}


@pytest.mark.parametrize("encoded", ["no equals", "=v", "a=1||b=2"])
def test_pairs_that_are_none_are_refused(encoded: str):
    with pytest.raises(Refused):
        parameters.pairs(encoded)


@pytest.mark.parametrize("value", ["0", "501", "-1", "ten"])
def test_a_number_out_of_its_range_is_refused(value: str):
    with pytest.raises(Refused):
        parameters.number({"max_results": value}, "max_results", 10, 500)
