"""The variant rows of the product form: read from a request, checked, and written to the product."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass

from django.db.models import F
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from erp.marketing.models import Product, ProductVariant

PARKED = 1_000_000
"""Added to every place while rows change places: no database can defer the uniqueness on all engines."""

_TEMP_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_NAME_LENGTH = 200


@dataclass
class VariantRow:
    """One row: the id the browser (or `ProductVariant.temp_id`) gave it, the name typed so far, and what is wrong.

    `has_focus`: the page begins in it.
    """

    temp_id: str
    name: str
    error: str = ""
    has_focus: bool = False


def rows_of(product: Product) -> list[VariantRow]:
    """The variants `product` has."""
    return [VariantRow(variant.temp_id, variant.name) for variant in product.variants.all()]


def rows_in_request(data: QueryDict) -> list[VariantRow]:
    """The rows a form was sent with, in their order."""
    pairs = zip(data.getlist("variant_temp_id"), data.getlist("variant_name"), strict=False)
    return [VariantRow(temp_id, name.strip()) for temp_id, name in pairs]


def check(rows: Iterable[VariantRow]) -> bool:
    """Note on each row what is wrong with it; say whether all are right."""
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
    # A NUL is nothing anybody typed, and no text for PostgreSQL.
    if row.temp_id in seen or not _TEMP_ID.fullmatch(row.temp_id) or "\0" in row.name:
        return _("Remove this variant and add it again.")
    return ""


def write(
    product: Product, rows: Sequence[VariantRow], known: Container[str], needed: Container[str]
) -> tuple[dict[str, ProductVariant], list[ProductVariant]]:
    """Make the product's variants what `rows` say; return those that stay by temp id, and those to delete.

    `known` are the variants the form showed: one that is missing from `rows` was removed by the user, unless
    images still `need` it. A variant somebody else added meanwhile stays, behind the user's own. The caller
    deletes the others once their images have moved.
    """
    existing = {variant.temp_id: variant for variant in product.variants.all()}
    named = {row.temp_id: _named(existing.get(row.temp_id), product, row.name) for row in rows}
    rest = {temp_id: variant for temp_id, variant in existing.items() if temp_id not in named}
    removed = [temp_id for temp_id in rest if temp_id in known and temp_id not in needed]
    gone = [rest.pop(temp_id) for temp_id in removed]

    product.variants.update(sequence=F("sequence") + PARKED)
    staying = {**named, **rest}
    for sequence, variant in enumerate(staying.values()):
        variant.sequence = sequence
        variant.save()
    return staying, gone


def _named(variant: ProductVariant | None, product: Product, name: str) -> ProductVariant:
    variant = variant or ProductVariant(product=product)
    variant.name = name
    return variant
