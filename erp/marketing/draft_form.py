"""A form page whose images are kept in a draft: opening it, returning to it, and every way a save can end.

The page's URL names the draft. The page itself is stateless: the text, the variant rows and the images of an unsaved
product all come from the draft.
"""

from __future__ import annotations

import logging
from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, cast
from urllib.parse import urlencode
from uuid import UUID

from django.contrib.auth.mixins import PermissionRequiredMixin
from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import cache_control

from erp.marketing import forms, product_files, session_drafts, unsaved_views, variants
from erp.marketing.forms import ProductForm, form_of_draft
from erp.marketing.models import Product
from erp.marketing.variants import VariantRow
from erp.web import in_place
from erp.web.database_errors import DATABASE_DOWN, is_lock_timeout
from uploads import api

logger = logging.getLogger("erp.marketing")


def uuid_or_404(text: str) -> UUID:
    """Parse an id from a request. Raises `Http404` for a malformed one, as for one that does not exist."""
    try:
        return UUID(text)
    except ValueError as error:
        raise Http404 from error


@method_decorator(cache_control(no_store=True), name="dispatch")
class DraftFormView(PermissionRequiredMixin, View):
    """Shows a product's form and saves it with the images of its draft.

    Subclasses provide the product and save it: `form_valid` runs inside the transaction that locks the draft, gets a
    valid form, and calls `commit.apply`.
    """

    template_name = "marketing/product_form.html"
    commit: api.Commit
    draft: api.DraftView

    @abstractmethod
    def get_product(self, *, locked: bool = False) -> Product | None:
        """Return the product to edit, with its row locked if `locked`; None for a new product."""

    @abstractmethod
    def form_valid(self, form: ProductForm) -> str:
        """Save the product with its images and return its URL."""

    @property
    def user(self) -> User:
        """The signed-in user; the permission has been checked before any handler runs."""
        return cast(User, self.request.user)

    @property
    def target(self) -> api.Target:
        """The target of the page's drafts."""
        return api.Target(kind="product", id=str(self.kwargs.get("pk", "")))

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Render a refusal as a page; missing and foreign drafts are 404. A submitted form is never lost."""
        try:
            return in_place.respond(request, super().dispatch(request, *args, **kwargs))
        except api.Refusal as refusal:
            if refusal.status == 404:
                raise Http404 from refusal
            return render(
                request, "marketing/refused.html", {"message": api.localized_message(refusal)}, status=refusal.status
            )
        except DATABASE_DOWN:
            # Even the user could not be read, or the database failed while the response was rendered.
            if request.method != "POST":
                raise
            logger.exception("the database does not answer a save")
            return in_place.respond(request, self.ask_again(user=AnonymousUser()))

    # --- Opening the page

    def get(self, request: HttpRequest, **_: object) -> HttpResponse:
        """Show the draft named in the URL; without one, find or open the user's draft and redirect to it."""
        product = self.get_product()
        if "draft" not in request.GET:
            ended = uuid_or_404(request.GET["instead_of"]) if "instead_of" in request.GET else None
            return self.go_to(self.open_draft(product, fresh="new" in request.GET, instead_of=ended))
        asked = uuid_or_404(request.GET["draft"])
        try:
            text = forms.saved_text(product) if product else None
            draft = api.find_draft(self.user, asked, self.target, values=text)
        except api.AlreadyCommitted as saved:
            session_drafts.drop(request.session, [asked])
            return redirect(saved.url)
        except api.DraftGone as gone:
            session_drafts.drop(request.session, [asked])
            # Text of a new product that was not discarded moves over; any other waits to be restored.
            text_of = asked if product is None and gone.code == api.Code.DRAFT_EXPIRED else None
            # The old draft stays in the URL, so that a reload still names what was lost.
            return self.go_to(self.open_draft(product, fresh=True, instead_of=text_of), lost=str(asked))
        form = form_of_draft(draft, product)
        beside = [] if product else unsaved_views.offers(request, draft.id)
        return self.page(draft, form, **self.lost_context(), offers=beside)

    def open_draft(self, product: Product | None, *, fresh: bool, instead_of: UUID | None = None) -> api.DraftView:
        """Return the draft to work on: of a new product, or of `product` with its images and variants.

        `instead_of` is an ended draft whose kept text moves into it.
        """
        sent = variants.rows_in_request(self.request.POST)[: api.max_variants()]
        if product is not None:
            rows = sent or variants.rows_of(product)
            attached = partial(product_files.planned_files, product)
            return api.open_draft(
                self.user,
                self.target,
                attached=attached,
                variants=_labels(rows),
                values=forms.saved_text(product),
                instead_of=instead_of,
            )
        draft = api.open_draft(self.user, self.target, fresh=fresh, variants=_labels(sent), instead_of=instead_of)
        session_drafts.forget_ended(self.request.session, self.user)
        session_drafts.add(self.request.session, draft.id)
        return draft

    def go_to(self, draft: api.DraftView, **query: str) -> HttpResponse:
        """Redirect to this page with the draft in its URL."""
        return redirect(f"{self.request.path}?{urlencode({'draft': draft.id, **query})}")

    def lost_context(self) -> dict[str, Any]:
        """Return what the page shows about the draft it replaces: how it ended, its images' names and its kept text."""
        if "lost" not in self.request.GET:
            return {}
        draft = uuid_or_404(self.request.GET["lost"])
        try:
            api.find_draft(self.user, draft, self.target)
        except api.DraftGone as gone:
            return {"lost": gone, "lost_draft": draft, "lost_text": api.find_text(self.user, draft)}
        except api.Refusal:
            pass
        return {}

    def page(self, draft: api.DraftView, form: ProductForm, *, status: int = 200, **context: object) -> HttpResponse:
        """Render the form with the images of `draft`."""
        product = self.get_product()
        leave = product.get_absolute_url() if product else reverse("marketing:product_list")
        context |= {"draft": draft, "form": form, "product": product, "leave": leave, "empty_row": VariantRow("", "")}
        context |= {"upload_limits": api.upload_limits(), "text_kept_days": api.text_kept_days()}
        context["keep_hours"] = api.keep_hours()
        context.setdefault("form_revision", self.seen_revision() or draft.revision)
        # The page goes on in the name of the one that sent the form: what that one typed is no news to it.
        context["form_author"] = self.request.POST.get("form_author", "")
        return render(self.request, self.template_name, context, status=status)

    def seen_revision(self) -> int | None:
        """The revision of the draft that the submitted page had shown; None if it did not send one."""
        seen = self.request.POST.get("form_revision", "")
        return int(seen) if seen.isdecimal() and len(seen) < 16 else None

    # --- Saving

    def post(self, request: HttpRequest, **_: object) -> HttpResponse:
        """Save the product. If that fails for any reason, the form comes back as it was filled in."""
        draft_id = uuid_or_404(request.GET.get("draft", ""))
        try:
            if refused := self.take_images(draft_id):
                draft = api.find_draft(self.user, draft_id, self.target)
                return self.page(draft, self.sent_form(), status=422, refused=refused)
            return self.save_or_ask_again(draft_id)
        except api.AlreadyCommitted as saved:
            return self.saved(draft_id, saved.url)
        except api.DraftGone as gone:
            session_drafts.drop(request.session, [draft_id])
            if in_place.is_requested(request):
                return HttpResponse(status=410)
            # The submitted form has what was typed.
            draft = self.open_draft(self.get_product(), fresh=True, instead_of=draft_id)
            refused = self.take_images(draft.id)
            draft = api.find_draft(self.user, draft.id, self.target)
            return self.page(
                draft,
                self.sent_form(),
                status=410,
                lost=gone,
                lost_draft=draft_id,
                refused=refused,
                form_revision=draft.revision,
            )
        except api.FilesUnfinished as unfinished:
            return self.page(self.draft, self.sent_form(), status=409, unfinished=unfinished)
        except (ValidationError, IntegrityError) as error:
            return self.form_invalid(self.form_refused(error))

    def take_images(self, draft_id: UUID) -> list[tuple[str, api.Refusal]]:
        """Accept the images submitted by a page without scripts; return the refused ones, each with its refusal.

        Raises `AlreadyCommitted` and `DraftGone`.
        """
        refused = []
        for image in self.request.FILES.getlist("images"):
            try:
                api.accept_upload(self.user, image, draft_id=draft_id)
            except (api.AlreadyCommitted, api.DraftGone):
                raise
            except api.Refusal as refusal:
                refused.append((image.name or "", refusal))
        return refused

    def go_on(self, url: str) -> HttpResponse:
        """Redirect to the page of the saved product."""
        return redirect(url)

    def save_or_ask_again(self, draft_id: UUID) -> HttpResponse:
        """Save; if the database fails, find out whether it was saved, or show that it is safe to submit again.

        If the connection breaks during COMMIT, the outcome is unknown, but the draft records it.
        """
        try:
            return self.save(draft_id)
        except DATABASE_DOWN as failure:
            logger.exception("the database failed during a save")
            held = is_lock_timeout(failure)
        try:
            # Do not wait a second time for a lock that has just timed out.
            self.draft = api.find_draft(self.user, draft_id, self.target, renew=not held)
            return self.page(self.draft, self.sent_form(), status=503, unanswered=True, held=held)
        except DATABASE_DOWN:
            return self.ask_again()

    def ask_again(self, **context: object) -> HttpResponse:
        """Render, without the database, a page that holds the submitted form and submits it again."""
        context |= {"fields": self.request.POST.lists(), "images": self.request.FILES.getlist("images")}
        return render(self.request, "marketing/save_again.html", context, status=503)

    def save(self, draft_id: UUID) -> HttpResponse:
        """Save the product, or show the form with its errors and leave the draft unchanged.

        The draft is locked before the form is validated: the second click of a double click must find the saved
        product, not the error that its SKU is in use.
        """
        with api.committing(draft_id, self.user) as self.commit:
            answer = self.save_held(draft_id)
        # Only now: a page takes long to make, and on SQLite nobody else writes while the draft is held.
        return answer()

    def save_held(self, draft_id: UUID) -> Callable[[], HttpResponse]:
        """Save the product while its draft is held; return what makes the answer when it is free again."""
        self.draft = api.find_draft(self.user, draft_id, self.target)
        product = self.get_product(locked=True)
        current = forms.saved_text(product) if product else {}
        form = forms.sent_form(self.request.POST, product)
        if not form.is_valid():
            return partial(self.form_invalid, form)
        if not self.merge(form, current):
            if in_place.is_requested(self.request):
                # The script submits again as a page; only what that shows counts as seen.
                transaction.set_rollback(True)
                return partial(HttpResponse, status=409)
            # What this page shows counts as seen, because it carries the draft's new revision.
            self.draft = api.find_draft(self.user, draft_id, self.target)
            return partial(self.page, self.draft, form, status=409, form_revision=self.draft.revision)
        url = self.form_valid(form)
        return partial(self.saved, draft_id, url)

    def saved(self, draft_id: UUID, url: str) -> HttpResponse:
        """Lead on from a draft that was saved as the product at `url`."""
        session_drafts.drop(self.request.session, [draft_id])
        return self.go_on(url)

    def merge(self, form: ProductForm, current: Mapping[str, Sequence[str]]) -> bool:
        """Keep what others saved where the user changed nothing; False if the user has to review something first."""
        sent, author = forms.text_of(form.instance, form.rows), self.request.POST.get("form_author", "")
        merged = self.commit.merge_fields(sent, current, self.seen_revision(), author)
        form.keep(merged.theirs, current)
        form.drop_rows(merged.gone)
        form.add_unseen(merged.unseen, merged.other_tab)
        form.add_rows(merged.other_rows)
        return not merged.asks

    def form_invalid(self, form: ProductForm) -> HttpResponse:
        """Show the form with its errors."""
        return self.page(self.draft, form, status=422)

    def form_refused(self, error: ValidationError | IntegrityError) -> ProductForm:
        """Return the form after a valid one failed to save and everything was rolled back."""
        form = self.sent_form()
        if isinstance(error, ValidationError):
            form.add_error(None, error)
        elif form.is_valid():
            raise error
        # Otherwise somebody took the SKU after validation; validating again reports that.
        return form

    def sent_form(self) -> ProductForm:
        """Return the submitted form, bound to the product as it is in the database."""
        return forms.sent_form(self.request.POST, self.get_product())

    def without(self) -> list[UUID]:
        """Return the unfinished images that the user chose to leave out."""
        values = ",".join(self.request.POST.getlist("without")).split(",")
        return [uuid_or_404(value) for value in values if value]


def _labels(rows: Iterable[VariantRow]) -> list[tuple[str, str]]:
    """Return the valid rows in the draft's format; the form shows the errors of the others."""
    right = list(rows)
    variants.check(right)
    return [(row.temp_id, row.name) for row in right if not row.error]
