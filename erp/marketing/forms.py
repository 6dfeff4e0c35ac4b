"""The product form: the product's own fields, and its variant rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import formats
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from erp.marketing import variants
from erp.marketing.models import Product
from erp.marketing.price_text import AmbiguousPrice, NotAPrice, Separators, parse_price
from erp.marketing.variants import VariantRow

# Some of their countries write 1.234 for what others write 1,234: there a lone separator decides nothing.
MIXED_LANGUAGES = {"ar"}


class PriceField(forms.DecimalField):
    """A price as text in the reader's language: the browser's number field changes it when the wheel turns."""

    widget = forms.TextInput

    default_error_messages = {
        "invalid": _("Enter a price, for example %(example)s."),
        "ambiguous": _("“%(price)s” can be read in two ways. Leave out the thousands separator: %(example)s."),
    }

    def to_python(self, value: Any) -> Any:
        """Read what was typed; refuse what could mean two prices."""
        if not isinstance(value, str) or not value.strip():
            return super().to_python(value)
        try:
            return super().to_python(parse_price(value, _separators()))
        except NotAPrice:
            raise self._refused("invalid", Decimal("12.50")) from None
        except AmbiguousPrice as two:
            raise self._refused("ambiguous", Decimal(two.whole), price=value.strip()) from None

    def prepare_value(self, value: Any) -> Any:
        """Show a price as this language writes it, and what was typed as it was typed."""
        return price_text(value) if isinstance(value, Decimal) else value

    def _refused(self, code: str, example: Decimal, **params: str) -> ValidationError:
        params["example"] = price_text(example)
        return ValidationError(self.error_messages[code], code=code, params=params)


def price_text(price: Decimal) -> str:
    """The price as the form shows it: with two decimals, so that it can be read in one way only."""
    return formats.number_format(price, decimal_pos=2, use_l10n=True, force_grouping=False)


def _separators() -> Separators:
    group = "" if get_language() in MIXED_LANGUAGES else formats.get_format("THOUSAND_SEPARATOR")
    return Separators(formats.get_format("DECIMAL_SEPARATOR"), group)


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
            "price": forms.TextInput(attrs={"autocomplete": "off", "inputmode": "decimal"}),
            "description": forms.Textarea(attrs={"rows": 5}),
        }
        field_classes = {"price": PriceField}
        help_texts = {"sku": _("Your own number for this product. No two products share one.")}
        error_messages = {
            "sku": {"unique": _("Another product has this SKU. Choose a different one.")},
            "price": {"min_value": _("Enter a price of 0 or more.")},
        }

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
