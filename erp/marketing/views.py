"""The pages of the marketing app, and the two API routes for images of a product that does not exist yet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import resolve, reverse_lazy
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.views.generic import DeleteView, DetailView, ListView, View

from erp.marketing import forms, product_files, session_drafts, variants
from erp.marketing.api_responses import json_post
from erp.marketing.draft_form import DraftFormView
from erp.marketing.forms import ProductForm
from erp.marketing.models import Product, ProductFile, ProductVariant
from erp.marketing.permissions import ADD, CHANGE, DELETE, may_edit_products, may_see_products
from erp.marketing.product_files import TempFile
from erp.marketing.unsaved_products import NEW_PRODUCT
from erp.marketing.unsaved_views import unsaved_context
from uploads import api


class SeesProducts(PermissionRequiredMixin, View):
    """Requires the permission to view products."""

    def has_permission(self) -> bool:
        """See `may_see_products`."""
        return may_see_products(self.request.user)


class ProductList(SeesProducts, ListView):
    """All products, newest first, each with its primary image."""

    paginate_by = 24

    def get_queryset(self) -> QuerySet[Product]:
        """Return products with `primary` (a list of at most one image) and `image_count`."""
        primary = Prefetch("files", ProductFile.objects.filter(is_primary=True), to_attr="primary")
        # Repeated here, because the model's ordering does not apply to a query with an aggregate.
        products = Product.objects.order_by("-pk").annotate(image_count=Count("files"))
        return products.prefetch_related(primary)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the small pictures to each primary image of the page."""
        context = super().get_context_data(**kwargs)
        images = [image for product in context["object_list"] for image in product.primary]
        product_files.add_small_pictures(images)
        return context | unsaved_context(self.request)


class ProductDetail(SeesProducts, DetailView):
    """A product with all its images: its own first, then those of each variant."""

    model = Product

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add `images`, and `variants` with theirs."""
        product: Product = self.object
        kwargs["images"] = list(product.files.filter(variant=None))
        kwargs["variants"] = list(product.variants.prefetch_related("files"))
        of_variants = [image for one in kwargs["variants"] for image in one.files.all()]
        product_files.add_small_pictures([*kwargs["images"], *of_variants])
        return super().get_context_data(**kwargs)


class ProductFormView(DraftFormView):
    """What creating and editing a product have in common: the draft's images become the product's."""

    object: Product
    form: ProductForm

    def save_product(self, form: ProductForm, current: Sequence[api.PlannedFile]) -> str:
        """Save the form and commit the draft; `current` are the images the product has now. Return its URL."""
        self.form = form
        self.object = form.save()
        return self.commit.apply(current, self.link_images, without=self.without()).url

    def link_images(self, plan: api.Plan) -> api.Linked:
        """Write the rows of all images. Raises `ValidationError` for images of a variant the form does not have."""
        images = product_files.temp_files(plan)
        product_files.clear_positions(self.object, plan.detached)
        product_files.link_files(self.object, None, images["main_images"])
        self.handle_variants(images["variant_images"])
        text = forms.saved_text(self.object)
        return api.Linked(target_id=str(self.object.pk), url=self.object.get_absolute_url(), values=text)

    def handle_variants(self, images: dict[str, list[TempFile]]) -> None:
        """Write the form's variants, and link the `images` of each by its temporary id."""
        staying, gone = variants.write(self.object, self.form.rows, known=self.form.known, needed=images)
        if images.keys() - staying.keys():
            raise ValidationError(
                gettext("Some images belong to a variant that is not in this form. Move them, then save again.")
            )
        for temp_id, files in images.items():
            product_files.link_files(self.object, staying[temp_id], files)
        ProductVariant.objects.filter(pk__in=[variant.pk for variant in gone]).delete()


class ProductCreate(ProductFormView):
    """Create a product together with the images uploaded before it existed."""

    permission_required = ADD

    def get_product(self, *, locked: bool = False) -> None:
        """Return None: the product does not exist yet."""
        return None

    def form_valid(self, form: ProductForm) -> str:
        """Save the new product with all images of the draft."""
        return self.save_product(form, current=())

    def go_on(self, url: str) -> HttpResponse:
        """Redirect to the product, or after *Create and add another* to a new form that links to it."""
        if "another" not in self.request.POST:
            return redirect(url)
        # As it was saved: a form that is sent again may hold anything.
        product = Product.objects.filter(pk=resolve(url).kwargs["pk"]).first()
        if product is not None:
            messages.success(self.request, format_html(gettext('Saved: <a href="{}">{}</a>.'), url, product.title))
        return redirect(f"{self.request.path}?new=1")


class ProductEdit(ProductFormView):
    """Change a product and its images; no change takes effect before the save."""

    permission_required = CHANGE

    def get_product(self, *, locked: bool = False) -> Product:
        """Return the product named in the URL."""
        products = Product.objects.select_for_update() if locked else Product.objects.all()
        return get_object_or_404(products, pk=self.kwargs["pk"])

    def form_valid(self, form: ProductForm) -> str:
        """Save the product. Changes of its images by others since this draft was opened are kept and reported."""
        meanwhile = self.commit.meanwhile()
        url = self.save_product(form, current=product_files.planned_files(form.instance))
        if meanwhile.names:
            messages.info(self.request, _meanwhile_message(meanwhile))
        return url


def _meanwhile_message(meanwhile: api.Meanwhile) -> str:
    """Return the message for a user who saved a product that others saved while it was being edited."""
    names = _people(meanwhile.names)
    if not meanwhile.added:
        message = gettext("%(names)s also saved this product while you were editing it. Please look it through.")
        return message % {"names": names}
    message = ngettext(
        "%(names)s also saved this product while you were editing it. %(count)d image of theirs stands after yours: "
        "please look at the order.",
        "%(names)s also saved this product while you were editing it. %(count)d images of theirs stand after yours: "
        "please look at the order.",
        meanwhile.added,
    )
    return message % {"names": names, "count": meanwhile.added}


def _people(usernames: Sequence[str]) -> str:
    """Return their full names, or usernames where there is none or the account is gone."""
    known = {user.get_username(): user.get_full_name() for user in User.objects.filter(username__in=usernames)}
    return " · ".join(known.get(username) or username for username in usernames)


class ProductDelete(PermissionRequiredMixin, DeleteView):
    """Delete a product with its variants and images, after a confirmation."""

    permission_required = DELETE
    model = Product
    success_url = reverse_lazy("marketing:product_list")

    def form_valid(self, form: object) -> HttpResponse:
        """Delete the rows and, in the same transaction, release their files."""
        with transaction.atomic():
            product = get_object_or_404(Product.objects.select_for_update(), pk=self.object.pk)
            api.release(list(product.files.values_list("upload", flat=True)))
            api.target_deleted(api.Target(kind="product", id=str(product.pk)), cast(User, self.request.user))
            product.delete()
        return redirect(self.success_url)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add `editors`: the other users who are editing the product."""
        target = api.Target(kind="product", id=str(self.object.pk))
        kwargs["editors"] = " · ".join(api.editors(target, cast(User, self.request.user)))
        return super().get_context_data(**kwargs)


@json_post
def temp_upload_file(request: HttpRequest, user: User) -> dict[str, object]:
    """Accept the image `file` into a draft of a new product.

    Fields: `file_type` (``main_image`` or ``variant_image``), `variant_temp_id`, `sequence` (its index), and optionally
    `draft`. Without `draft`, the newest draft of this session is used, or a new one.
    """
    if not user.has_perm(ADD):
        raise api.Refusal(api.Code.NOT_ALLOWED)
    upload = request.FILES.get("file")
    if upload is None:
        raise api.Refusal(api.Code.BAD_MESSAGE, "There is no file in this request.")
    draft_id = _draft_meant(request, user) or api.open_draft(user, NEW_PRODUCT, fresh=True).id
    draft = api.find_draft(user, draft_id, NEW_PRODUCT)
    # Added before the file is checked: a refused file must not leave behind a draft that the session cannot find.
    session_drafts.add(request.session, draft.id)
    accepted = api.accept_upload(
        user,
        upload,
        draft_id=draft.id,
        file_type=request.POST.get("file_type", "main_image"),
        variant_temp_id=request.POST.get("variant_temp_id") or None,
        sequence=_sequence(request),
    )
    return {
        "file_data": {
            "url": accepted.url,
            "public_id": accepted.public_id,
            "name": accepted.name,
            "sequence": accepted.sequence,
        }
    }


@json_post
def cleanup_temp_files(request: HttpRequest, user: User) -> dict[str, object]:
    """Discard the draft named in `draft`, or the newest one of this session, with all its images."""
    if not may_edit_products(user):
        raise api.Refusal(api.Code.NOT_ALLOWED)
    draft_id = _draft_meant(request, user)
    drafts = [draft_id] if draft_id else []
    result = api.cleanup(user, drafts)
    session_drafts.drop(request.session, drafts)
    return {"deleted": result.deleted, "errors": result.errors}


def _draft_meant(request: HttpRequest, user: User) -> UUID | None:
    """Return the draft a request names, else the newest live one of its session, else None."""
    if asked := request.POST.get("draft"):
        try:
            return UUID(asked)
        except ValueError as error:
            raise api.Refusal(api.Code.DRAFT_NOT_FOUND) from error
    return session_drafts.newest(request.session, user)


def _sequence(request: HttpRequest) -> int | None:
    """Return the index for the image; None: the last."""
    text = request.POST.get("sequence", "")
    if text and not (text.isdecimal() and len(text) <= 6):
        raise api.Refusal(api.Code.BAD_MESSAGE, "The sequence has to be a number from 0.")
    return int(text) if text else None
