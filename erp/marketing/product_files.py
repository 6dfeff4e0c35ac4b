"""The images of products: in the form that a draft and a commit take, and as rows made from a commit's plan."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TypedDict
from uuid import UUID

from django.db.models import F

from erp.marketing.models import Product, ProductFile, ProductVariant
from erp.marketing.variants import REORDER_OFFSET
from uploads import api


class TempFile(TypedDict):
    """An image of an unsaved product; `upload` is its id in the draft."""

    upload: UUID
    url: str
    name: str
    sequence: int
    alt_text: str


class TempFiles(TypedDict):
    """The images of an unsaved product, list by list in order; a variant's are under its temporary id."""

    main_images: list[TempFile]
    variant_images: dict[str, list[TempFile]]


def temp_files(plan: api.Plan) -> TempFiles:
    """Return the images of the product after a commit, as `ProductCreate.form_valid` links them."""
    return {
        "main_images": [_temp_file(file) for file in plan.main_images()],
        "variant_images": {
            temp_id: [_temp_file(file) for file in files] for temp_id, files in plan.variant_images().items()
        },
    }


def _temp_file(file: api.PlannedFile) -> TempFile:
    return {
        "upload": file.file,
        "url": file.url,
        "name": file.name,
        "sequence": file.sequence,
        "alt_text": file.alt_text,
    }


def planned_files(product: Product) -> list[api.PlannedFile]:
    """Return the images the product has now, for opening a draft and for merging a commit."""
    rows = product.files.select_related("variant")
    return [
        api.PlannedFile(
            file=row.upload,
            url=row.file_url,
            name=row.name,
            file_type="variant_image" if row.variant else "main_image",
            variant_temp_id=row.variant.temp_id if row.variant else None,
            alt_text=row.alt_text,
            is_new=False,
            sequence=row.sequence,
            is_primary=row.is_primary,
        )
        for row in rows
    ]


def clear_positions(product: Product, detached: Sequence[UUID]) -> None:
    """Release the `detached` images and move the others out of the way, so that they can be linked in any order."""
    # Release before changing rows, as a promotion does; the opposite order could deadlock with it.
    api.release(detached)
    product.files.filter(upload__in=detached).delete()
    product.files.update(sequence=F("sequence") + REORDER_OFFSET)


def link_files(product: Product, variant: ProductVariant | None, files: Sequence[TempFile]) -> None:
    """Link `files` as the images of one list: new ones get a row, existing ones keep theirs, URL included."""
    rows = [
        ProductFile(
            product=product,
            variant=variant,
            upload=file["upload"],
            file_url=file["url"],
            name=file["name"],
            sequence=file["sequence"],
            alt_text=file["alt_text"],
        )
        for file in files
    ]
    ProductFile.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["upload"],
        update_fields=["variant", "sequence", "alt_text"],
    )


def add_small_pictures(images: Collection[ProductFile]) -> None:
    """Set `small` on each of `images`."""
    found = api.small_picture_urls([image.upload for image in images])
    for image in images:
        image.small = found.get(image.upload)


def follow_file(*, file: UUID, url: str, **_: object) -> None:
    """Store the permanent URL of a promoted file (signal ``api.file_promoted``)."""
    ProductFile.objects.filter(upload=file).update(file_url=url)
