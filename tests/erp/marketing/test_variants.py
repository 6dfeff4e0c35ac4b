from __future__ import annotations

from decimal import Decimal

import pytest
from django.http import QueryDict

from erp.marketing import variants
from erp.marketing.models import Product, ProductVariant
from erp.marketing.variants import VariantRow

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def product() -> Product:
    """A mug in red and blue."""
    product = Product.objects.create(title="Mug", sku="MUG-1", price=Decimal("9.90"))
    for sequence, name in enumerate(("Red", "Blue")):
        ProductVariant.objects.create(product=product, name=name, sequence=sequence)
    return product


def names(product: Product) -> list[str]:
    return list(product.variants.values_list("name", flat=True))


def save(product: Product, rows: list[VariantRow], known: list[str], needed: tuple[str, ...] = ()) -> None:
    _, gone = variants.write(product, rows, known, needed)
    for variant in gone:
        variant.delete()


def test_rows_come_in_the_order_of_the_form() -> None:
    data = QueryDict("variant_temp_id=b&variant_temp_id=a&variant_name=+Blue+&variant_name=Red")

    assert variants.rows_in_request(data) == [VariantRow("b", "Blue"), VariantRow("a", "Red")]


@pytest.mark.parametrize(
    "row",
    [
        VariantRow("b", ""),
        VariantRow("b", "x" * 201),
        VariantRow("a", "the same id twice"),
        VariantRow("", "no id"),
        VariantRow("a b", "a space in the id"),
        VariantRow("b\n", "a line break in the id"),
        VariantRow("b", "a NUL\0 in the name"),
    ],
)
def test_a_wrong_row_says_so(row: VariantRow) -> None:
    right = VariantRow("a", "Red")

    assert variants.check([right, row]) is False
    assert row.error
    assert not right.error


def test_rows_are_renamed_reordered_added_and_removed(product: Product) -> None:
    red, blue = variants.rows_of(product)

    save(product, [VariantRow("new", "Green"), VariantRow(blue.temp_id, "Navy")], [red.temp_id, blue.temp_id])

    assert names(product) == ["Green", "Navy"]
    assert product.variants.get(name="Navy").temp_id == blue.temp_id


def test_a_variant_added_by_somebody_else_stays(product: Product) -> None:
    red, _ = variants.rows_of(product)

    save(product, [red], known=[red.temp_id])

    assert names(product) == ["Red", "Blue"]


def test_a_removed_variant_stays_while_images_need_it(product: Product) -> None:
    red, blue = variants.rows_of(product)

    save(product, [red], known=[red.temp_id, blue.temp_id], needed=(blue.temp_id,))

    assert names(product) == ["Red", "Blue"]


def test_a_variant_removed_by_somebody_else_comes_back_with_its_row(product: Product) -> None:
    red, blue = variants.rows_of(product)
    product.variants.get(name="Blue").delete()

    save(product, [red, blue], known=[red.temp_id, blue.temp_id])

    assert names(product) == ["Red", "Blue"]


def test_the_variant_of_another_product_is_out_of_reach(product: Product) -> None:
    other = Product.objects.create(title="Bowl", sku="BOWL-1", price=Decimal("9.90"))
    red = product.variants.get(name="Red")

    save(other, [VariantRow(red.temp_id, "Stolen")], known=[red.temp_id])

    red.refresh_from_db()
    assert red.name == "Red"
    assert names(other) == ["Stolen"]
