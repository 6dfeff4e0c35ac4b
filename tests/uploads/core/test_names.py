from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uploads.core import names

FILE = UUID("12345678-1234-5678-1234-567812345678")


@given(st.text(max_size=400))
def test_a_shown_name_is_short_visible_and_no_path(name: str):
    shown = names.display_name(name)

    assert 1 <= len(shown) <= names.MAX_NAME
    assert not {unicodedata.category(c) for c in shown} & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    assert not re.search(r"[/\\]", shown)


@given(st.text(max_size=400), st.sampled_from(["jpg", "jpeg", "png", "webp"]))
def test_a_long_name_keeps_its_extension(stem: str, extension: str):
    assert names.display_name(f"x{stem}x.{extension}").endswith(f".{extension}")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("mug.jpg", "mug.jpg"),
        ("C:\\photos\\mug.jpg", "mug.jpg"),
        ("../../etc/passwd", "passwd"),
        ("mug\u202egpj.exe", "muggpj.exe"),
        ("m\u200bug\x00.jpg\n", "mug.jpg"),
        ("", "image"),
        ("\u200b\u202e", "image"),
        ("..", "image"),
        (".jpg", "jpg"),
        ("ﬁne.jpg", "fine.jpg"),
        ("Käse-Ü.jpg", "Käse-Ü.jpg"),
    ],
)
def test_a_name_is_shown_without_tricks(name: str, shown: str):
    assert names.display_name(name) == shown


def test_a_name_that_is_all_extension_is_just_cut():
    assert names.display_name("a." + "b" * 200) == ("a." + "b" * 200)[: names.MAX_NAME]


@given(st.text(max_size=200))
def test_a_user_name_becomes_one_safe_path_segment(username: str):
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,60}", names.safe_username(username))


@pytest.mark.parametrize(
    ("username", "safe"), [("ada", "ada"), ("ada@example.com", "ada-example-com"), ("Zoë", "Zoe"), ("../", "user")]
)
def test_a_user_name_stays_readable(username: str, safe: str):
    assert names.safe_username(username) == safe


def test_a_draft_has_a_folder_of_its_user_and_moment():
    created_at = datetime(2026, 11, 22, 9, 8, 7, 654321, tzinfo=UTC)
    assert names.temp_folder("Ada L.", created_at) == "media/temp_product_files/Ada-L_20261122T090807654321"


def test_an_object_is_named_by_the_instance_and_the_file_never_by_the_user():
    assert names.object_key("media/x", "erp", FILE, ".jpg") == f"media/x/erp-{FILE}.jpg"
