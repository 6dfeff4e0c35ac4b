"""The products and changes a user has not saved yet, as the list of products shows them."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from django.contrib.auth.models import User
from django.urls import reverse

from erp.marketing.models import Product
from uploads import api


class UnsavedProduct(NamedTuple):
    """One way back. `edited` is the title of the product that is being changed, empty for a new one."""

    draft: UUID
    title: str
    edited: str
    images: int
    picture: str
    open_elsewhere: bool
    kept_until: datetime | None
    url: str


def unsaved_products(user: User) -> list[UnsavedProduct]:
    """What `user` began and has not saved, the newest first. Changes of a product that is gone lead nowhere."""
    drafts = api.unsaved(user, "product")
    edited = Product.objects.in_bulk([int(draft.target.id) for draft in drafts if draft.target.id])
    return [
        _row(draft, edited.get(int(draft.target.id)) if draft.target.id else None)
        for draft in drafts
        if not draft.target.id or int(draft.target.id) in edited
    ]


def _row(draft: api.UnsavedDraft, product: Product | None) -> UnsavedProduct:
    page = reverse("marketing:product_edit", args=[product.pk]) if product else reverse("marketing:product_create")
    return UnsavedProduct(
        draft=draft.id,
        title=" ".join(draft.fields.get("title", [])).strip(),
        edited=product.title if product else "",
        images=draft.images,
        picture=draft.picture,
        open_elsewhere=draft.open_elsewhere,
        kept_until=draft.kept_until,
        url=f"{page}?{urlencode({'draft': draft.id})}",
    )
