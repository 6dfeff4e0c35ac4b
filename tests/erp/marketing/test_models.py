from __future__ import annotations

from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.db.models import RestrictedError

from erp.marketing.models import Product, ProductFile, ProductVariant

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def product() -> Product:
    return Product.objects.create(title="Mug", sku="MUG-1", price=Decimal("9.90"))


def add_file(product: Product, sequence: int, variant: ProductVariant | None = None) -> ProductFile:
    return ProductFile.objects.create(
        product=product, variant=variant, sequence=sequence, upload=uuid4(), file_url="/x", name="mug.jpg"
    )


def test_the_first_main_image_is_the_primary_one(product: Product) -> None:
    """The database derives it, so no code can set it otherwise."""
    variant = ProductVariant.objects.create(product=product, name="Red", sequence=0)
    add_file(product, 0, variant)
    first, second = add_file(product, 0), add_file(product, 1)

    assert list(product.files.filter(is_primary=True)) == [first]

    product.files.filter(pk=first.pk).update(sequence=2)
    product.files.filter(pk=second.pk).update(sequence=0)

    assert list(product.files.filter(is_primary=True)) == [second]


def test_no_two_images_share_a_place(product: Product) -> None:
    variant = ProductVariant.objects.create(product=product, name="Red", sequence=0)
    add_file(product, 0)
    add_file(product, 0, variant)

    for same_list in (None, variant):
        with pytest.raises(IntegrityError), transaction.atomic():
            add_file(product, 0, same_list)


def test_an_upload_is_linked_once(product: Product) -> None:
    file = add_file(product, 0)

    with pytest.raises(IntegrityError):
        ProductFile.objects.create(product=product, sequence=1, upload=file.upload, file_url="/x", name="mug.jpg")


def test_a_variant_with_images_cannot_go_alone_but_with_its_product(product: Product) -> None:
    variant = ProductVariant.objects.create(product=product, name="Red", sequence=0)
    add_file(product, 0, variant)

    with pytest.raises(RestrictedError):
        variant.delete()
    product.delete()

    assert not ProductFile.objects.exists()


def test_a_price_is_never_negative() -> None:
    with pytest.raises(IntegrityError):
        Product.objects.create(title="Mug", sku="MUG-1", price=Decimal("-0.01"))
