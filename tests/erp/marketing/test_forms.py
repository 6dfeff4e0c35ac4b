from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from urllib.parse import quote
from uuid import uuid4

import pytest
from django.http import QueryDict
from django.utils.translation import override

from erp.marketing.forms import form_of_draft, sent_form
from erp.marketing.models import Product, ProductVariant
from erp.marketing.variants import VariantRow
from uploads import api

pytestmark = pytest.mark.django_db(transaction=True)


def draft(
    fields: Mapping[str, list[str]],
    variants: Sequence[tuple[str, str]] = (),
    opened: Mapping[str, list[str]] | None = None,
) -> api.DraftView:
    """A draft with this typed text."""
    return api.DraftView(
        id=uuid4(),
        target=api.Target(kind="product"),
        fields=dict(fields),
        opened_with=dict(opened or {}),
        revision=1,
        variants=list(variants),
        open_elsewhere=False,
        images=[],
    )


@pytest.fixture
def product() -> Product:
    product = Product.objects.create(title="Mug", sku="MUG-1", price=Decimal("9.90"), description="Blue.")
    ProductVariant.objects.create(product=product, name="Red", sequence=0)
    return product


def test_noted_text_lies_over_the_products_own(product: Product) -> None:
    form = form_of_draft(draft({"title": ["Big mug"], "price": ["not yet a number"]}, [("variant-1", "Red")]), product)

    assert form["title"].value() == "Big mug"
    assert form["price"].value() == "not yet a number"
    assert form["description"].value() == "Blue."
    assert form.rows == [VariantRow("variant-1", "Red")]


def test_notes_of_unknown_fields_are_left_alone() -> None:
    form = form_of_draft(draft({"is_staff": ["1"], "title": []}), None)

    assert form.initial == {}


def test_the_variants_it_began_with_stay_known(product: Product) -> None:
    """After a reload, a variant that somebody else added meanwhile must not count as removed by this user."""
    assert form_of_draft(draft({}, opened={"variant:variant-7": ["Red"]}), product).known == ["variant-7"]
    assert form_of_draft(draft({"variant_known": ["variant-9"]}), product).known == ["variant-9"]


def test_a_wrong_row_makes_the_form_wrong() -> None:
    data = QueryDict("title=Mug&sku=M&price=1&variant_temp_id=a&variant_name=")

    form = sent_form(data, None)

    assert not form.is_valid()
    assert form.non_field_errors() == ["Some variants need your attention."]
    assert form.rows[0].error


def test_prices_are_not_negative() -> None:
    assert "price" in sent_form(QueryDict("title=Mug&sku=M&price=-1"), None).errors


def price_of(text: str, language: str) -> tuple[Decimal | None, list[str]]:
    """Return the form's value for this text in this language, and its error."""
    with override(language):
        form = sent_form(QueryDict(f"title=Mug&sku=M&price={quote(text)}"), None)
        form.is_valid()
        return form.cleaned_data.get("price"), [str(error) for error in form.errors.get("price", [])]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "1,234.50"),
        ("de", "1.234,50"),
        ("de", "1234.5"),
        ("ar", "\u0661\u066c\u0662\u0663\u0664\u066b\u0665\u0660"),
        ("ar", "1234,50"),
    ],
)
def test_a_price_is_read_as_its_language_writes_it(language: str, text: str) -> None:
    assert price_of(text, language) == (Decimal("1234.5"), [])


def test_a_price_that_can_be_read_in_two_ways_is_asked_back() -> None:
    assert price_of("1,234", "en") == (Decimal(1234), [])
    assert price_of("1.234", "en") == (
        None,
        ["“1.234” can be read in two ways. Leave out the thousands separator: 1234.00."],
    )
    assert price_of("1,234", "de")[0] is None
    assert price_of("1.234", "ar")[0] is None


def test_a_wrong_price_says_how_to_write_one() -> None:
    assert price_of("a lot", "en") == (None, ["Enter a price, for example 12.50."])
    assert price_of("-1", "en") == (None, ["Enter a price of 0 or more."])


@pytest.mark.parametrize(("language", "shown"), [("en", "9.90"), ("de", "9,90"), ("ar", "9,90")])
def test_a_price_is_shown_as_its_language_writes_it(product: Product, language: str, shown: str) -> None:
    with override(language):
        assert f'value="{shown}"' in str(form_of_draft(draft({}), product)["price"])


def test_what_was_typed_and_is_no_price_stays_as_it_was_typed() -> None:
    with override("de"):
        assert 'value="1,234"' in str(form_of_draft(draft({"price": ["1,234"]}), None)["price"])


@pytest.mark.parametrize(("language", "shown"), [("en", "1234.50"), ("de", "1234,50"), ("ar", "1234,50")])
def test_a_price_typed_in_one_language_is_shown_in_anothers_writing(language: str, shown: str) -> None:
    """Pages exchange the number (`model/form/decimal_text.js`), whatever language it was typed in."""
    with override(language):
        price = str(form_of_draft(draft({"price": ["1234.50"]}), None)["price"])

    assert f'value="{shown}"' in price


@pytest.mark.parametrize(("language", "decimal", "group"), [("en", ".", ","), ("de", ",", "."), ("ar", ",", "")])
def test_the_window_is_told_how_the_page_writes_a_price(language: str, decimal: str, group: str) -> None:
    with override(language):
        attrs = form_of_draft(draft({}), None)["price"].field.widget.attrs

    assert (attrs["data-decimal-separator"], attrs["data-group-separator"]) == (decimal, group)


def test_what_a_colleague_saved_is_told_as_the_language_writes_it(product: Product) -> None:
    with override("de"):
        form = sent_form(QueryDict("title=Mug&sku=M&price=1"), product)
        form.is_valid()
        form.add_unseen({"price": (("12.00",), "Sam")})

    assert "12,00" in str(form.errors["price"])


def test_the_wheel_of_a_mouse_cannot_change_a_price() -> None:
    """A number field changes when the mouse wheel turns over it; a text field with a decimal keyboard does not."""
    shown = str(form_of_draft(draft({}), None)["price"])

    assert 'type="text"' in shown
    assert 'inputmode="decimal"' in shown
