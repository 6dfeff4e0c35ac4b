"""The product form: the product's own fields, and its variant rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from erp.marketing import variants
from erp.marketing.models import Product
from erp.marketing.variants import VariantRow
from uploads import api

LABEL = "variant:"
"""Before the temporary id of a variant: the field that is its name."""


class ProductForm(forms.ModelForm):
    """Creates or changes a product. `rows` are its variant rows; they are checked with the form and written after it.

    `known` are the temporary ids of the variants the form was made from: see `variants.write`.
    """

    class Meta:
        model = Product
        fields = ["title", "sku", "price", "description"]
        widgets = {
            "title": forms.TextInput(attrs={"autocomplete": "off"}),
            "sku": forms.TextInput(
                attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
            ),
            "price": forms.NumberInput(attrs={"inputmode": "decimal", "min": "0", "step": "0.01"}),
            "description": forms.Textarea(attrs={"rows": 5}),
        }
        help_texts = {"sku": _("Your own number for this product. No two products share one.")}
        error_messages = {"sku": {"unique": _("Another product has this SKU. Choose a different one.")}}

    def __init__(self, *args: Any, rows: Sequence[VariantRow] = (), known: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = list(rows)
        self.known = list(known)
        self.before = {name: getattr(self.instance, name) for name in self.fields}

    def add_unseen(self, unseen: Mapping[str, tuple[tuple[str, ...], str]]) -> None:
        """Say what somebody else saved in fields that the user changed too, and ask to look at it."""
        labels = {LABEL + row.temp_id: row for row in self.rows}
        for name, (values, who) in unseen.items():
            there = {"name": who or _("Somebody else"), "value": values[-1] or _("(empty)")}
            sentence = _("%(name)s saved “%(value)s” here. Save again to keep yours.") % there
            if name in labels:
                labels[name].error = sentence
            else:
                self.add_error(name, sentence)
                self.fields[name].widget.attrs["autofocus"] = name == next(iter(unseen))

    def keep(self, theirs: Iterable[str], current: Mapping[str, Sequence[str]]) -> None:
        """Leave what somebody else saved in fields that the user did not change."""
        for row in self.rows:
            if LABEL + row.temp_id in theirs:
                row.name = current[LABEL + row.temp_id][-1]
        for name in theirs:
            if name in self.fields:
                setattr(self.instance, name, self.before[name])

    def clean(self) -> dict[str, Any] | None:
        """Check the rows as well; what is wrong with one stands on the row."""
        if not variants.check(self.rows):
            self.add_error(None, _("Some variants need your attention."))
        return super().clean()


def text_of(product: Product, rows: Iterable[VariantRow]) -> dict[str, list[str]]:
    """The text of `product` and its variant rows as the form shows it: what two people's changes are compared by."""
    fields = {name: [_text(getattr(product, name))] for name in ProductForm.base_fields}
    return fields | {LABEL + row.temp_id: [row.name] for row in rows}


def saved_text(product: Product) -> dict[str, list[str]]:
    """The text of `product` as it was saved."""
    return text_of(product, variants.rows_of(product))


def _text(value: object) -> str:
    """A value as its field shows it; a text area ends its lines with a line feed alone."""
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    return "" if value is None else str(value).replace("\r\n", "\n")


def sent_form(data: QueryDict, product: Product | None) -> ProductForm:
    """The form as the browser sent it, to be checked."""
    return ProductForm(data, instance=product, rows=variants.rows_in_request(data), known=data.getlist("variant_known"))


def kept_form(draft: api.DraftView, product: Product | None) -> ProductForm:
    """The form as it was left: the text typed into it over the product's own, and the draft's variant rows."""
    typed = draft.fields
    initial = {name: values[-1] for name, values in typed.items() if name in ProductForm.base_fields and values}
    # Not the variants the product has now: one that somebody added since is none that the user took out.
    known = [name.removeprefix(LABEL) for name in draft.opened_with if name.startswith(LABEL)]
    return ProductForm(
        instance=product,
        initial=initial,
        rows=[VariantRow(temp_id, name) for temp_id, name in draft.variants],
        known=typed.get("variant_known", known),
    )
