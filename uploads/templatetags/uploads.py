"""Tags for a host's pages with the front end: ``{% load uploads %}``."""

from __future__ import annotations

from django import template
from django.template.context import Context
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from uploads import translations

register = template.Library()


register.filter("localized_message", translations.localized_message)


@register.simple_tag(takes_context=True)
def uploads_assets(context: Context) -> SafeString:
    """Load everything that a form page with ``<manage-files>`` needs: stylesheet, translations and script.

    The script also does what `uploads_storage_cleanup` does on other pages.
    """
    sentences = translations.address(get_language() or "en")
    return format_html(
        '<link rel="stylesheet" href="{}">\n{}{}{}',
        static("uploads/manage_files.css"),
        # Before the module, which translates its messages while it loads.
        format_html('<script src="{}"></script>\n', sentences) if sentences else "",
        _signed_in(context),
        _module("manage_files"),
    )


@register.simple_tag(takes_context=True)
def uploads_storage_cleanup(context: Context) -> SafeString:
    """On a page without the front end: delete cached files in this browser that are no longer needed."""
    signed_in = _signed_in(context)
    return format_html("{}{}", signed_in, _module("storage_cleanup")) if signed_in else signed_in


def _signed_in(context: Context) -> SafeString:
    """Tell the scripts which user is signed in, and the URL to ask what is still needed; empty for anonymous users."""
    # A view may have set `user` itself because reading it from the request would fail: the database may be down.
    user = context["user"] if "user" in context else getattr(context.get("request"), "user", None)
    if user is None or not user.is_authenticated:
        return SafeString("")
    return format_html(
        '<meta name="manage-files" data-user="{}" data-wanted="{}">\n', user.pk, reverse("uploads:wanted")
    )


def _module(name: str) -> SafeString:
    return format_html('<script type="module" src="{}"></script>', static(f"uploads/{name}.js"))
