from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erp.marketing.price_text import AmbiguousPrice, NotAPrice, Separators, parse_price

ENGLISH, GERMAN, ARABIC = Separators(".", ","), Separators(",", "."), Separators(",", "")
EVERY = pytest.mark.parametrize("language", [ENGLISH, GERMAN, ARABIC], ids=["en", "de", "ar"])


@EVERY
@pytest.mark.parametrize(
    ("text", "price"),
    [
        ("12.50", "12.50"),
        ("12,50", "12.50"),
        ("12,5", "12.5"),
        ("1234", "1234"),
        ("1.234,50", "1234.50"),
        ("1,234.50", "1234.50"),
        ("1.234.567", "1234567"),
        ("1\u00a0234,50", "1234.50"),
        ("1'234.50", "1234.50"),
        ("\u0661\u0662\u066b\u0665\u0660", "12.50"),
        ("\u0661\u066c\u0662\u0663\u0664\u066b\u0665", "1234.5"),
        ("\u0661\u0662\u060c\u0665", "12.5"),
        ("\u200e 12,50\u200f ", "12.50"),
        ("\u22123.5", "-3.5"),
        (".5", "0.5"),
        ("0,500", "0.500"),
        ("1234,567", "1234.567"),
    ],
)
def test_what_can_be_read_in_one_way_is_read_in_every_language(text: str, price: str, language: Separators):
    assert parse_price(text, language) == price


@pytest.mark.parametrize(("text", "language"), [("1,234", ENGLISH), ("1.234", GERMAN)])
def test_the_languages_own_thousands_are_thousands(text: str, language: Separators):
    assert parse_price(text, language) == "1234"


@pytest.mark.parametrize(
    ("text", "language"), [("1.234", ENGLISH), ("1,234", GERMAN), ("1.234", ARABIC), ("1,234", ARABIC)]
)
def test_what_can_be_read_in_two_ways_is_refused(text: str, language: Separators):
    with pytest.raises(AmbiguousPrice) as refused:
        parse_price(text, language)

    assert refused.value.whole == "1234"


@EVERY
@pytest.mark.parametrize(
    "text", ["", "€ 5", "1e3", "NaN", "--1", "5,", "1.23.456", "1,234,5", "1.2.3,4", "1,2.3", "1 23", "1G234", "\u066b"]
)
def test_what_is_no_number_is_refused(text: str, language: Separators):
    with pytest.raises(NotAPrice):
        parse_price(text, language)


@EVERY
@given(text=st.text(st.sampled_from("0159.,'\u066b\u066c\u060c\u0661 -+G\u200f"), max_size=12))
def test_no_text_changes_its_digits(text: str, language: Separators):
    """Anything accepted has the digits that were typed, in order, and at most one decimal point."""
    try:
        price = parse_price(text, language)
    except (AmbiguousPrice, NotAPrice):
        return
    typed = "".join(character for character in text.replace("\u0661", "1") if character in "0159")
    assert price.replace("-", "").replace(".", "").lstrip("0") == typed.lstrip("0")
    assert price.count(".") <= 1


@EVERY
@given(price=st.decimals(min_value=0, max_value=99_999_999, places=2))
def test_what_the_form_shows_is_read_as_it_was_meant(price: Decimal, language: Separators):
    """Even after the language of the page was changed: two decimals are never thousands."""
    for shown in (f"{price:.2f}", f"{price:.2f}".replace(".", ",")):
        assert parse_price(shown, language) == f"{price:.2f}"
