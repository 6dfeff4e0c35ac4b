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
    assert not {unicodedata.category(c) for c in shown} & {"Cc", "Cs", "Co", "Zl", "Zp"}
    # Of zero-width characters, only those that join or separate two letters stay.
    assert {c for c in shown if unicodedata.category(c) == "Cf"} <= {"\u200c", "\u200d", *names._SHOWN_SIGNS}
    assert not re.search(r"[/\\]", shown)


joined = st.text(st.sampled_from("\u200c\u200d\ufe0f\u0308aक्র্میه🏺👩❤🏴\U000e0067\U000e007f /."), max_size=12)


@given(joined)
def test_what_joins_letters_never_stands_alone(name: str):
    shown = names.display_name(name + ".jpg")

    assert shown == names.display_name(shown)
    assert not re.search("(^|[a .])[\u200c\u200d]", shown)


@given(st.text(max_size=400))
def test_a_shown_name_shows_something_and_is_shown_the_same_again(name: str):
    shown = names.display_name(name)

    assert shown == shown.strip(" .") == names.display_name(shown)
    assert unicodedata.is_normalized("NFKC", shown)
    assert any(unicodedata.category(c)[0] != "Z" for c in shown)


def test_a_name_of_ten_thousand_characters_is_cut():
    assert names.display_name("x" * 10_000 + ".jpg") == "x" * 116 + ".jpg"


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
        # As macOS spells it, and with a joiner between letter and accent.
        ("Ka\u0308se.jpg", "Käse.jpg"),
        ("Ka\u200d\u0308se.jpg", "Käse.jpg"),
        ("..\\..\\x.jpg", "x.jpg"),
        ("a\0.jpg", "a.jpg"),
        ("a\r\nSet-Cookie: x=1.jpg", "aSet-Cookie: x=1.jpg"),
        ('"quo"te\'.jpg', '"quo"te\'.jpg'),
        ("etc\uff0fpasswd.jpg", "passwd.jpg"),
        ("etc\u2044passwd.jpg", "etc\u2044passwd.jpg"),
        ("CON", "CON"),
        ("mug.jpg. . ", "mug.jpg"),
        ("<script>alert(1)</script>.jpg", "script>.jpg"),
        ("=cmd()|'x'!A1.jpg", "=cmd()|'x'!A1.jpg"),
        ("-rf.jpg", "-rf.jpg"),
        (".htaccess", "htaccess"),
        ("%2e%2e%2fx.jpg", "%2e%2e%2fx.jpg"),
        ("\u3164\u2800", "image"),
        ("\ud800mug.jpg", "mug.jpg"),
        ("." * 10_000, "image"),
        ("x" * 119 + " y", "x" * 119),
        ("\x1b[31mmug.jpg", "[31mmug.jpg"),
    ],
)
def test_a_name_is_shown_without_tricks(name: str, shown: str):
    assert names.display_name(name) == shown


def test_nothing_in_a_name_turns_hides_or_ends_what_is_shown():
    assert names.display_name("mug\u202egpj\u200b.exe\r\n") == "muggpj.exe"
    assert names.display_name("mug\u200d.\u200cjpg") == "mug.jpg"
    assert names.display_name("\u3164") == "image"
    assert names.display_name("../../etc\uff0fx.jpg") == "x.jpg"


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


def test_an_object_can_be_of_another_type_than_was_said():
    key = names.object_key("media/ada.b", "erp", FILE, ".jpg")
    assert names.renamed_key(key, ".webp") == names.object_key("media/ada.b", "erp", FILE, ".webp")
