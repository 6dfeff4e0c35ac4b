"""What a page of the host needs for the window: ``{% load uploads %}``."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.translation import get_language

from uploads import translations

register = template.Library()


register.filter("told", translations.told)


@register.simple_tag
def uploads_catalog() -> str:
    """The script with the window's sentences in the language of the page; it stands before the window's modules."""
    address = translations.address(get_language() or "en")
    return format_html('<script src="{}"></script>', address) if address else ""
