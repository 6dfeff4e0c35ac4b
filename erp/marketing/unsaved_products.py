"""The products and changes a user has not saved, in the form that pages show."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from erp.marketing.models import Product
from uploads import api

NEW_PRODUCT = api.Target(kind="product")


class UnsavedProduct(NamedTuple):
    """An unsaved product or change. `edited` is the title of the product being changed, empty for a new one.

    `losses` names what else would be lost with it, besides what was typed.
    """

    draft: UUID
    title: str
    edited: str
    images: int
    unfinished: int
    picture: str
    losses: list[str]
    has_text: bool
    open_elsewhere: bool
    kept_until: datetime | None
    url: str


class KeptProduct(NamedTuple):
    """The text of a product whose images were deleted. `target` is that of the draft a restore opens."""

    draft: UUID
    target: api.Target
    title: str
    edited: str
    images: int
    is_discarded: bool
    kept_until: datetime


def unsaved_products(user: User, just_left: Collection[UUID] = ()) -> list[UnsavedProduct]:
    """Return what `user` has not saved, newest first, without changes of products that no longer exist.

    `just_left` are drafts whose page this tab has just left.
    """
    drafts = api.unsaved(user, "product", just_left)
    edited = _edited(draft.target for draft in drafts)
    return [
        _unsaved(draft, edited.get(draft.target.id))
        for draft in drafts
        if not draft.target.id or draft.target.id in edited
    ]


def kept_products(user: User) -> list[KeptProduct]:
    """Return the texts of drafts that `user` discarded or did not save in time, newest first."""
    texts = api.kept_texts(user, "product")
    edited = _edited(text.target for text in texts)
    return [_kept(text, edited.get(text.target.id)) for text in texts]


def kept_product(user: User, draft: UUID) -> KeptProduct | None:
    """Return the kept text of one draft, or None if there is none."""
    text = api.find_text(user, draft)
    return _kept(text, _edited([text.target]).get(text.target.id)) if text else None


def page_of(target: api.Target, **query: object) -> str:
    """Return the URL of the form of `target`."""
    page = reverse("marketing:product_edit", args=[target.id]) if target.id else reverse("marketing:product_create")
    return f"{page}?{urlencode(query)}"


def _edited(targets: Iterable[api.Target]) -> dict[str, Product]:
    """Return the products being edited, by target id."""
    return {str(pk): product for pk, product in Product.objects.in_bulk([int(t.id) for t in targets if t.id]).items()}


def _title(fields: dict[str, list[str]]) -> str:
    return " ".join(fields.get("title", [])).strip()


def _unsaved(draft: api.UnsavedDraft, product: Product | None) -> UnsavedProduct:
    return UnsavedProduct(
        draft=draft.id,
        title=_title(draft.fields),
        edited=product.title if product else "",
        images=draft.images,
        unfinished=draft.unfinished,
        picture=draft.picture,
        losses=_losses(draft),
        has_text=bool({"text", "variants"}.intersection(draft.changes)),
        open_elsewhere=draft.open_elsewhere,
        # Whole minutes, because text that a screen reader announces repeatedly must not change.
        kept_until=draft.kept_until and draft.kept_until.replace(second=0, microsecond=0),
        url=page_of(draft.target, draft=draft.id),
    )


def _losses(draft: api.UnsavedDraft) -> list[str]:
    """Describe what is lost with a discard, in the same words as the script."""
    count = draft.own_images
    images = ngettext("%(count)d image", "%(count)d images", count) % {"count": count}
    words = {
        "order": gettext("the order of the images"),
        "alt_texts": gettext("alt texts"),
        "removals": gettext("which images you removed"),
    }
    return [*([images] if count else []), *(words[change] for change in draft.changes if change in words)]


def _kept(text: api.KeptText, product: Product | None) -> KeptProduct:
    return KeptProduct(
        draft=text.id,
        target=text.target if product else NEW_PRODUCT,
        title=_title(text.fields),
        edited=product.title if product else "",
        images=text.images,
        is_discarded=text.is_discarded,
        kept_until=text.kept_until.replace(second=0, microsecond=0),
    )
