"""The product form: the product's own fields, and its variant rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from erp.marketing import variants
from erp.marketing.models import Product
from erp.marketing.variants import VariantRow


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

    def clean(self) -> dict[str, Any] | None:
        """Check the rows as well; what is wrong with one stands on the row."""
        if not variants.check(self.rows):
            self.add_error(None, _("Some variants need your attention."))
        return super().clean()


def sent_form(data: QueryDict, product: Product | None) -> ProductForm:
    """The form as the browser sent it, to be checked."""
    return ProductForm(data, instance=product, rows=variants.rows_in_request(data), known=data.getlist("variant_known"))


def kept_form(noted: Mapping[str, list[str]], rows: Sequence[tuple[str, str]], product: Product | None) -> ProductForm:
    """The form as it was left: the text `noted` in the draft over the product's own, and the draft's variant rows."""
    initial = {name: values[-1] for name, values in noted.items() if name in ProductForm.base_fields and values}
    known = [row.temp_id for row in variants.rows_of(product)] if product else []
    return ProductForm(
        instance=product,
        initial=initial,
        rows=[VariantRow(temp_id, name) for temp_id, name in rows],
        known=noted.get("variant_known", known),
    )
