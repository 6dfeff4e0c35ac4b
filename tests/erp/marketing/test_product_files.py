from __future__ import annotations

from decimal import Decimal
from uuid import UUID, uuid4

import pytest

from erp.marketing import product_files
from erp.marketing.models import Product, ProductFile, ProductVariant
from erp.marketing.product_files import TempFile
from uploads import api

pytestmark = pytest.mark.django_db(transaction=True)


def planned(name: str, sequence: int, variant: str | None = None) -> api.PlannedFile:
    return api.PlannedFile(
        file=uuid4(),
        url=f"/uploads/{name}",
        name=name,
        file_type="variant_image" if variant else "main_image",
        variant_temp_id=variant,
        alt_text="",
        is_new=True,
        sequence=sequence,
    )


def temp(upload: UUID, sequence: int) -> TempFile:
    return {"upload": upload, "url": "/new", "name": "new.jpg", "sequence": sequence, "alt_text": "New"}


@pytest.fixture
def product() -> Product:
    return Product.objects.create(title="Mug", sku="MUG-1", price=Decimal("9.90"))


def test_a_plan_becomes_the_dictionary_the_form_works_from() -> None:
    front, back, red = planned("front", 0), planned("back", 1), planned("red", 0, "a1")

    files = product_files.temp_files(api.Plan(files=(front, back, red), detached=(), variants=(("a1", "Red"),)))

    assert [(file["name"], file["sequence"]) for file in files["main_images"]] == [("front", 0), ("back", 1)]
    assert files["variant_images"] == {
        "a1": [{"upload": red.file, "url": "/uploads/red", "name": "red", "sequence": 0, "alt_text": ""}]
    }


def test_linked_images_keep_their_address_and_change_places(product: Product) -> None:
    """A promotion may have changed the URL since the plan was made."""
    first, second, third = uuid4(), uuid4(), uuid4()
    product_files.link_files(product, None, [temp(first, 0), temp(second, 1)])
    ProductFile.objects.update(file_url="/lasting")

    product_files.clear_positions(product, [])
    product_files.link_files(product, None, [temp(third, 0), temp(second, 1), temp(first, 2)])

    rows = product.files.values_list("upload", "sequence", "file_url", "is_primary")
    assert list(rows) == [(third, 0, "/new", True), (second, 1, "/lasting", False), (first, 2, "/lasting", False)]


def test_detached_images_go(product: Product) -> None:
    kept, gone = uuid4(), uuid4()
    product_files.link_files(product, None, [temp(gone, 0), temp(kept, 1)])

    product_files.clear_positions(product, [gone])

    assert [row.upload for row in product.files.all()] == [kept]


def test_an_edit_starts_from_what_the_product_has(product: Product) -> None:
    red = ProductVariant.objects.create(product=product, name="Red", sequence=0)
    main, of_red = uuid4(), uuid4()
    product_files.link_files(product, None, [temp(main, 0)])
    product_files.link_files(product, red, [temp(of_red, 0)])

    files = {file.file: file for file in product_files.planned_files(product)}

    assert files[main].list_key == ("main_image", "")
    assert files[main].is_primary
    assert files[of_red].list_key == ("variant_image", red.temp_id)
    assert not any(file.is_new for file in files.values())


def test_a_promoted_file_is_shown_from_its_lasting_place(product: Product) -> None:
    promoted, other = uuid4(), uuid4()
    product_files.link_files(product, None, [temp(promoted, 0), temp(other, 1)])

    api.file_promoted.send(None, file=promoted, url="/media/product_files/1/mug.jpg")

    assert product.files.get(upload=promoted).file_url == "/media/product_files/1/mug.jpg"
    assert product.files.get(upload=other).file_url == "/new"
