"""HTML pages in the reader's language for requests that are refused before they reach Django."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import HttpRequest
from django.http.cookie import parse_cookie
from django.utils import translation
from django.utils.html import escape

from uploads.core.errors import Refusal
from uploads.translations import localized_message

Headers = Iterable[tuple[bytes, bytes]]

CONTENT_TYPE = b"text/html; charset=utf-8"
PAGE = """<!doctype html>
<html lang="{language}" dir="{direction}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<h1>{title}</h1>
<p>{message}</p>
<p>{back}</p>
</html>
"""


def is_wanted(headers: Headers) -> bool:
    """Whether the request's headers ask for a page, as those of a form without JavaScript do."""
    return any(name == b"accept" and b"text/html" in value for name, value in headers)


def content(refusal: Refusal, headers: Headers) -> bytes:
    """Return the page for `refusal`, in the language requested by the headers."""
    with translation.override(_language(headers)):
        page = PAGE.format(
            language=translation.get_language(),
            direction="rtl" if translation.get_language_bidi() else "ltr",
            title=escape(translation.gettext("This was not saved")),
            message=escape(localized_message(refusal)),
            back=escape(translation.gettext("Go back with your browser's Back button to change it.")),
        )
    return page.encode()


def _language(headers: Headers) -> str:
    """Choose the language like Django's `LocaleMiddleware`."""
    request = HttpRequest()
    for name, value in headers:
        if name == b"accept-language":
            request.META["HTTP_ACCEPT_LANGUAGE"] = value.decode("latin-1")
        if name == b"cookie":
            request.COOKIES.update(parse_cookie(value.decode("latin-1")))
    return translation.get_language_from_request(request)
