from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from uuid import uuid4

import pytest
from django.http import QueryDict

from erp.marketing.forms import kept_form, sent_form
from erp.marketing.models import Product, ProductVariant
from erp.marketing.variants import VariantRow
from uploads import api

pytestmark = pytest.mark.django_db(transaction=True)


def draft(
    fields: Mapping[str, list[str]],
    variants: Sequence[tuple[str, str]] = (),
    opened: Mapping[str, list[str]] | None = None,
) -> api.DraftView:
    """A draft in which this was typed."""
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
    form = kept_form(draft({"title": ["Big mug"], "price": ["not yet a number"]}, [("variant-1", "Red")]), product)

    assert form["title"].value() == "Big mug"
    assert form["price"].value() == "not yet a number"
    assert form["description"].value() == "Blue."
    assert form.rows == [VariantRow("variant-1", "Red")]


def test_notes_of_unknown_fields_are_left_alone() -> None:
    form = kept_form(draft({"is_staff": ["1"], "title": []}), None)

    assert form.initial == {}


def test_the_variants_it_began_with_stay_known(product: Product) -> None:
    """After a reload a variant added meanwhile by somebody else must not count as removed by this user."""
    assert kept_form(draft({}, opened={"variant:variant-7": ["Red"]}), product).known == ["variant-7"]
    assert kept_form(draft({"variant_known": ["variant-9"]}), product).known == ["variant-9"]


def test_a_wrong_row_makes_the_form_wrong() -> None:
    data = QueryDict("title=Mug&sku=M&price=1&variant_temp_id=a&variant_name=")

    form = sent_form(data, None)

    assert not form.is_valid()
    assert form.non_field_errors() == ["Some variants need your attention."]
    assert form.rows[0].error


def test_prices_are_not_negative() -> None:
    assert "price" in sent_form(QueryDict("title=Mug&sku=M&price=-1"), None).errors
