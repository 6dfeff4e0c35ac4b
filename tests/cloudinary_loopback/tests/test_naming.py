"""Ids and folders; both folder modes of each parameter."""

from __future__ import annotations

import pytest

from tests.cloudinary_loopback import naming
from tests.cloudinary_loopback.refusals import Refused

RANDOM = "abcdefghij0123456789"


def named(rt: str = "image", dynamic: bool = True, **sent: str):
    name = naming.name(sent, "C:\\photos\\cat.v1.png", rt, dynamic, RANDOM)
    return name.public_id, name.folder, name.display_name


def test_without_an_id_it_is_random_and_a_raw_file_keeps_its_extension():
    assert named()[0] == RANDOM
    assert named("raw")[0] == f"{RANDOM}.png"
    assert named("raw", public_id="given")[0] == "given"


def test_the_file_name_may_be_the_id():
    assert named(use_filename="1")[0] == "cat.v1_abcdef"
    assert named(use_filename="1", unique_filename="0")[0] == "cat.v1"


@pytest.mark.parametrize(
    ("sent", "dynamic", "fixed"),
    [
        ({"public_id": "a/b"}, ("a/b", ""), ("a/b", "a")),
        ({"public_id": "b", "folder": "f"}, ("f/b", "f"), ("f/b", "f")),
        ({"public_id": "b", "asset_folder": "f"}, ("b", "f"), ("b", "")),
        ({"public_id": "b", "public_id_prefix": "p"}, ("p/b", ""), ("p/b", "p")),
        (
            {"public_id": "b", "asset_folder": "f", "use_asset_folder_as_public_id_prefix": "1"},
            ("f/b", "f"),
            ("b", ""),
        ),
        ({"public_id": "f/b", "folder": "f"}, ("f/f/b", "f"), ("f/f/b", "f/f")),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_folder_parameters_in_both_modes(sent: dict[str, str], dynamic: tuple[str, str], fixed: tuple[str, str]):
    assert named("image", True, **sent)[:2] == dynamic
    assert named("image", False, **sent)[:2] == fixed


def test_what_is_shown_is_the_last_of_the_id_or_what_was_asked():
    assert named(public_id="a/b")[2] == "b"
    assert named(public_id="a/b", display_name="Cat")[2] == "Cat"
    assert named(public_id="a/b", use_filename_as_display_name="true")[2] == "cat.v1"


@pytest.mark.parametrize("public_id", ["ünï/名", "with space", "dots.in.it", "a-b_c/d"])
def test_ids_that_are_good(public_id: str):
    assert naming.check(public_id) == public_id


@pytest.mark.parametrize("public_id", ["", "a?b", "a%20b", "a#b", "a&b", " a", "a ", "/a", "a/", "a//b", "x" * 256])
def test_ids_that_are_not(public_id: str):
    with pytest.raises(Refused):
        naming.check(public_id)
