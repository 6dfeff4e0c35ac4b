"""Translations of this app's sentences: refusals as a host's page shows them, and the front end's messages.

The latter are Django's JavaScript catalog. Its URL contains the language and a digest of the content, so it may be
cached permanently. English has no catalog, because the modules contain the English sentences.
"""

from __future__ import annotations

import gettext
import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import formats, translation
from django.views.i18n import JavaScriptCatalog

from uploads.core.errors import Refusal
from uploads.core.limits import Size

LOCALES = Path(__file__).resolve().parent / "locale"
YEAR = 365 * 24 * 3600


class WindowCatalog(JavaScriptCatalog):
    """Serve a script that defines `django.gettext` and its relatives with only the front end's messages."""

    packages = ["uploads"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Return the catalog named in the URL. If the digest is outdated, it is the current one, not to be cached."""
        current = version(kwargs["language"])
        if not current:
            raise Http404
        with translation.override(kwargs["language"]):
            response = super().get(request, *args)
        kept = f"public, max-age={YEAR}, immutable" if kwargs["version"] == current else "no-cache"
        response["Cache-Control"] = kept
        return response


def localized_message(refusal: Refusal) -> str:
    """Return the sentence of `refusal` in the language of the request, with sizes and numbers in its format."""
    sentence = translation.gettext(refusal.sentence)
    return (
        sentence % {name: localized_value(value) for name, value in refusal.values.items()}
        if refusal.values
        else sentence
    )


def localized_value(value: object) -> str:
    """Return `value` in the format of the request's language: sizes and numbers are formatted, text is unchanged."""
    if isinstance(value, Size):
        number, unit = value.shown()
        sentence = translation.gettext("%(number)s MB") if unit == "MB" else translation.gettext("%(number)s kB")
        return sentence % {"number": formats.number_format(round(number) if number.is_integer() else number)}
    return formats.number_format(value) if isinstance(value, int) else str(value)


def address(language: str) -> str:
    """Return the URL of the front end's messages in `language` (``de``, ``pt-br``); empty for English."""
    current = version(language)
    return reverse("uploads:catalog", args=[language, current]) if current else ""


def version(language: str) -> str:
    """Return the digest that identifies the catalog of `language`; empty if there is none.

    A language in the host's `LANGUAGES` without a catalog of its own (``de-at``) uses that of ``de``, as on the server.
    """
    # The URL cannot make this process cache anything: only languages of the site are looked up.
    return _digest(language) if language in dict(settings.LANGUAGES) else ""


@cache
def _digest(language: str) -> str:
    found = gettext.find("djangojs", str(LOCALES), [translation.to_locale(language)])
    return hashlib.sha256(Path(found).read_bytes()).hexdigest()[:16] if found else ""
