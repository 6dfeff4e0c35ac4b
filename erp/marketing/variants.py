"""The variant rows of the product form: read from a request, validated, and written to the product."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass

from django.db.models import F
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from erp.marketing.models import Product, ProductVariant

REORDER_OFFSET = 1_000_000
"""Added to every sequence while rows are reordered, because not every database can defer a unique constraint."""

_TEMP_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_NAME_LENGTH = 200


@dataclass
class VariantRow:
    """One row: the id from the browser (or `ProductVariant.temp_id`), the name typed so far, and its error."""

    temp_id: str
    name: str
    error: str = ""


def rows_of(product: Product) -> list[VariantRow]:
    """Return the variants of `product`."""
    return [VariantRow(variant.temp_id, variant.name) for variant in product.variants.all()]


def rows_in_request(data: QueryDict) -> list[VariantRow]:
    """Return the submitted rows, in order."""
    pairs = zip(data.getlist("variant_temp_id"), data.getlist("variant_name"), strict=False)
    return [VariantRow(temp_id, name.strip()) for temp_id, name in pairs]


def check(rows: Iterable[VariantRow]) -> bool:
    """Set the error of each invalid row; return whether all are valid."""
    seen: set[str] = set()
    faultless = True
    for row in rows:
        row.error = _fault(row, seen)
        faultless = faultless and not row.error
        seen.add(row.temp_id)
    return faultless


def _fault(row: VariantRow, seen: Container[str]) -> str:
    if not row.name:
        return _("Name this variant, or remove it.")
    if len(row.name) > _NAME_LENGTH:
        at_most = ngettext("Use at most %(count)d character.", "Use at most %(count)d characters.", _NAME_LENGTH)
        return at_most % {"count": _NAME_LENGTH}
    # Nobody types a NUL, and PostgreSQL does not store it.
    if row.temp_id in seen or not _TEMP_ID.fullmatch(row.temp_id) or "\0" in row.name:
        return _("Remove this variant and add it again.")
    return ""


def write(
    product: Product, rows: Sequence[VariantRow], known: Container[str], needed: Container[str]
) -> tuple[dict[str, ProductVariant], list[ProductVariant]]:
    """Write `rows` as the product's variants; return the remaining ones by temporary id, and those to delete.

    `known` are the variants the form showed. One that is missing from `rows` was removed by the user, but stays if
    images still `need` it. A variant that somebody else added meanwhile stays, after the user's own. The caller deletes
    the returned ones once their images have moved.
    """
    existing = {variant.temp_id: variant for variant in product.variants.all()}
    named = {row.temp_id: _named(existing.get(row.temp_id), product, row.name) for row in rows}
    rest = {temp_id: variant for temp_id, variant in existing.items() if temp_id not in named}
    removed = [temp_id for temp_id in rest if temp_id in known and temp_id not in needed]
    gone = [rest.pop(temp_id) for temp_id in removed]

    product.variants.update(sequence=F("sequence") + REORDER_OFFSET)
    staying = {**named, **rest}
    for sequence, variant in enumerate(staying.values()):
        variant.sequence = sequence
        variant.save()
    return staying, gone


def _named(variant: ProductVariant | None, product: Product, name: str) -> ProductVariant:
    variant = variant or ProductVariant(product=product)
    variant.name = name
    return variant
