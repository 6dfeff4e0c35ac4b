"""The product form: the product's own fields and its variant rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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
from erp.marketing.price_text import AmbiguousPrice, NotAPrice, Separators, is_plain, parse_price
from erp.marketing.variants import VariantRow
from uploads import api

LABEL = "variant:"
"""Prefix of a variant's temporary id in the name of its text field."""

# Some countries that use these languages write 1.234 where others write 1,234, so a single separator is ambiguous.
MIXED_LANGUAGES = {"ar"}


class PriceField(forms.DecimalField):
    """A price input as text in the reader's language, because a number input changes when the mouse wheel turns."""

    widget = forms.TextInput

    default_error_messages = {
        "invalid": _("Enter a price, for example %(example)s."),
        "ambiguous": _("“%(price)s” can be read in two ways. Leave out the thousands separator: %(example)s."),
    }

    def to_python(self, value: Any) -> Any:
        """Parse the typed text; refuse text that could mean two prices."""
        if not isinstance(value, str) or not value.strip():
            return super().to_python(value)
        try:
            return super().to_python(parse_price(value, _separators()))
        except NotAPrice:
            raise self._refused("invalid", Decimal("12.50")) from None
        except AmbiguousPrice as two:
            raise self._refused("ambiguous", Decimal(two.whole), price=value.strip()) from None

    def prepare_value(self, value: Any) -> Any:
        """Show a price in the format of the language, and typed text unchanged."""
        return price_text(value) if isinstance(value, Decimal) else value

    def _refused(self, code: str, example: Decimal, **params: str) -> ValidationError:
        params["example"] = price_text(example)
        return ValidationError(self.error_messages[code], code=code, params=params)


def price_text(price: Decimal) -> str:
    """Return the price with two decimals, so that it can be read in only one way."""
    return formats.number_format(price, decimal_pos=2, use_l10n=True, force_grouping=False)


def _separators() -> Separators:
    group = "" if get_language() in MIXED_LANGUAGES else formats.get_format("THOUSAND_SEPARATOR")
    return Separators(formats.get_format("DECIMAL_SEPARATOR"), group)


class ProductForm(forms.ModelForm):
    """Creates or changes a product. `rows` are its variant rows, validated with the form and written after it.

    `known` are the temporary ids of the variants the form was created from: see `variants.write`.
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
        self.before = {name: getattr(self.instance, name) for name in self.fields}
        separators = _separators()
        # The script parses the price in this page's format and sends other tabs the number.
        self.fields["price"].widget.attrs |= {
            "data-decimal-separator": separators.decimal,
            "data-group-separator": separators.group,
        }

    def add_unseen(self, unseen: Mapping[str, tuple[tuple[str, ...], str]]) -> None:
        """Report what somebody else saved in fields that the user changed too, and ask the user to review it."""
        labels = {LABEL + row.temp_id: row for row in self.rows}
        for name, (values, who) in unseen.items():
            there = {"name": who or _("Somebody else"), "value": _shown(name, values[-1]) or _("(empty)")}
            sentence = _("%(name)s saved “%(value)s” here. Save again to keep yours.") % there
            if name in labels:
                labels[name].error = sentence
            else:
                self.add_error(name, sentence)
                self.fields[name].widget.attrs["autofocus"] = name == next(iter(unseen))

    def keep(self, theirs: Iterable[str], current: Mapping[str, Sequence[str]]) -> None:
        """Keep what somebody else saved in fields that the user did not change."""
        for row in self.rows:
            if LABEL + row.temp_id in theirs:
                row.name = current[LABEL + row.temp_id][-1]
        data: Any = self.data
        self.data = data = data.copy()
        for name in theirs:
            if name in self.fields:
                setattr(self.instance, name, self.before[name])
                # If the form comes back, show that too; otherwise the next submit would save the old value over it.
                field = self.fields[name]
                text = field.widget.format_value(field.prepare_value(self.before[name]))
                data[self.add_prefix(name)] = text or ""

    def clean(self) -> dict[str, Any] | None:
        """Validate the rows too; the error of a row is shown on that row."""
        if not variants.check(self.rows):
            self.add_error(None, _("Some variants need your attention."))
        return super().clean()


def text_of(product: Product, rows: Iterable[VariantRow]) -> dict[str, list[str]]:
    """Return the text of `product` and of its variant rows as the form shows it, for comparing two people's changes."""
    fields = {name: [_text(getattr(product, name))] for name in ProductForm.base_fields}
    return fields | {LABEL + row.temp_id: [row.name] for row in rows}


def saved_text(product: Product) -> dict[str, list[str]]:
    """Return the text of `product` as it was saved."""
    return text_of(product, variants.rows_of(product))


def _shown(name: str, text: str) -> str:
    """Convert a value from the wire format to what field `name` shows in the reader's language."""
    return price_text(Decimal(text)) if name == "price" and is_plain(text) else text


def _text(value: object) -> str:
    """Convert a value to the wire format (`price_text.is_plain`); line ends become single line feeds."""
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    return "" if value is None else str(value).replace("\r\n", "\n")


def sent_form(data: QueryDict, product: Product | None) -> ProductForm:
    """Return the submitted form, to be validated."""
    return ProductForm(data, instance=product, rows=variants.rows_in_request(data), known=data.getlist("variant_known"))


def form_of_draft(draft: api.DraftView, product: Product | None) -> ProductForm:
    """Return the form as the user left it: the typed text over the product's own, and the draft's variant rows."""
    typed = draft.fields
    named = {name: values[-1] for name, values in typed.items() if name in ProductForm.base_fields and values}
    initial = {name: _shown(name, text) for name, text in named.items()}
    # Not the product's current variants: one that somebody has added since was not removed by the user.
    known = [name.removeprefix(LABEL) for name in draft.opened_with if name.startswith(LABEL)]
    return ProductForm(
        instance=product,
        initial=initial,
        rows=[VariantRow(temp_id, name) for temp_id, name in draft.variants],
        known=typed.get("variant_known", known),
    )
