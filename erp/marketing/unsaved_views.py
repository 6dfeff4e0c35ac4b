"""What a user can do with unsaved products outside their forms: view, keep, discard and restore them.

The lists are fragments of pages. `static/erp/unsaved.js` requests them repeatedly while the page is visible.
"""

from __future__ import annotations

from functools import partial
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import cache_control
from django.views.generic import View

from erp.marketing import forms, product_files, session_drafts, variants
from erp.marketing.models import Product
from erp.marketing.permissions import may_edit_products
from erp.marketing.unsaved_products import (
    NEW_PRODUCT,
    UnsavedProduct,
    kept_product,
    kept_products,
    page_of,
    unsaved_products,
)
from uploads import api

LIST = "marketing:product_list"


def unsaved_context(request: HttpRequest) -> dict[str, Any]:
    """Return the template context of the list of unsaved products."""
    user = cast(User, request.user)
    if not may_edit_products(user):
        return {"unsaved": [], "kept": []}
    return {
        "unsaved": unsaved_products(user, just_left(request)),
        "kept": kept_products(user),
        "keep_hours": api.keep_hours(),
    }


def offers(request: HttpRequest, draft: UUID) -> list[UnsavedProduct]:
    """Return the unsaved new products that an empty form offers to continue; none if `draft` has changes of its own."""
    unsaved = unsaved_products(cast(User, request.user), just_left(request))
    return [] if draft in {one.draft for one in unsaved} else [one for one in unsaved if not one.edited]


def just_left(request: HttpRequest) -> list[UUID]:
    """Return the drafts whose pages this tab has just left, named by the script or by the previous page."""
    before = parse_qs(urlsplit(request.headers.get("Referer", "")).query)
    return _uuids([*request.GET.getlist("left"), *before.get("draft", [])])


def _uuids(texts: list[str]) -> list[UUID]:
    found = []
    for text in texts:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


class ChangesProducts(PermissionRequiredMixin, View):
    """Requires the permission to change products, because only those users have drafts."""

    def has_permission(self) -> bool:
        """See `may_edit_products`."""
        return may_edit_products(self.request.user)

    @property
    def user(self) -> User:
        """The signed-in user."""
        return cast(User, self.request.user)


@method_decorator(cache_control(no_store=True), name="dispatch")
class UnsavedList(ChangesProducts):
    """The list of unsaved products, as a fragment of a page."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Render the current list."""
        return render(request, "marketing/unsaved.html", unsaved_context(request))


@method_decorator(cache_control(no_store=True), name="dispatch")
class Offers(ChangesProducts):
    """The drafts that an empty form offers to continue, as a fragment of a page."""

    def get(self, request: HttpRequest, draft: UUID) -> HttpResponse:
        """Render the current offers."""
        return render(request, "marketing/offers.html", {"offers": offers(request, draft)})


@method_decorator(cache_control(no_store=True), name="dispatch")
class LeftDrafts(ChangesProducts):
    """The notice about drafts whose pages this browser left within the last minutes, as a fragment of a page."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Render the newest of those named in `draft`; nothing for one that was saved or that a tab has open."""
        named = _uuids(request.GET.getlist("draft"))
        found = [one for one in unsaved_products(self.user, just_left(request)) if one.draft in named]
        left = next((one for one in found if not one.open_elsewhere), None)
        return render(request, "marketing/left_draft.html", {"one": left})


class DraftKeep(ChangesProducts):
    """Keep a draft for longer than N."""

    def post(self, request: HttpRequest, draft: UUID) -> HttpResponse:
        """Keep it; the script gets JSON, a page is redirected to the list."""
        wants_json = request.headers.get("Accept") == "application/json"
        try:
            api.keep(self.user, draft)
        except api.Refusal as refusal:
            message = api.localized_message(refusal)
            if wants_json:
                return JsonResponse({"message": message}, status=refusal.status)
            messages.error(request, message)
        return HttpResponse(status=204) if wants_json else redirect(_next(request))


class DraftDiscard(ChangesProducts):
    """Discard unsaved work after a confirmation."""

    def get(self, request: HttpRequest, draft: UUID) -> HttpResponse:
        """Show the confirmation, unless the draft is already gone."""
        unsaved = unsaved_products(self.user, just_left(request))
        found = next((one for one in unsaved if one.draft == draft), None)
        if found is None:
            return redirect(LIST)
        context = {"one": found, "text_kept_days": api.text_kept_days()}
        return render(request, "marketing/draft_confirm_discard.html", context)

    def post(self, request: HttpRequest, draft: UUID) -> HttpResponse:
        """Discard the draft immediately, in every tab. Repeating it does nothing."""
        api.cleanup(self.user, [draft])
        session_drafts.drop(request.session, [draft])
        return redirect(LIST)


class TextRestore(ChangesProducts):
    """Restore kept text into a new draft."""

    def post(self, request: HttpRequest, draft: UUID) -> HttpResponse:
        """Redirect to the form with the restored text; repeating it leads to the same draft."""
        kept = kept_product(self.user, draft)
        target = kept.target if kept else NEW_PRODUCT
        product = Product.objects.filter(pk=target.id).first() if target.id else None
        attached = partial(product_files.planned_files, product) if product else None
        rows = [(row.temp_id, row.name) for row in variants.rows_of(product)] if product else []
        text = forms.saved_text(product) if product else None
        try:
            restored = api.restore_text(self.user, draft, target, attached=attached, variants=rows, values=text)
        except api.Refusal as refusal:
            messages.error(request, api.localized_message(refusal))
            return redirect(LIST)
        if not restored.target.id:
            session_drafts.add(request.session, restored.id)
        # The old draft stays in the URL as well: the page names the images that were deleted, or still has them.
        return redirect(page_of(restored.target, draft=restored.id, lost=draft))


class TextDelete(ChangesProducts):
    """Delete kept text early, after a confirmation."""

    def get(self, request: HttpRequest, draft: UUID) -> HttpResponse:
        """Show the confirmation, unless the text is already gone."""
        kept = kept_product(self.user, draft)
        return render(request, "marketing/text_confirm_delete.html", {"one": kept}) if kept else redirect(LIST)

    def post(self, request: HttpRequest, draft: UUID) -> HttpResponse:
        """Delete it. Repeating it does nothing."""
        api.erase_text(self.user, draft)
        return redirect(LIST)


def _next(request: HttpRequest) -> str:
    """Return the page the user came from if it is on this site, otherwise the list of products."""
    asked = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(asked, {request.get_host()}, require_https=request.is_secure())
    return asked if asked and is_ours else LIST
