"""The sentences of this app in the reader's language: refusals as a page of the host shows them, and the window's.

The window's are Django's JavaScript catalog. Its address names the language and the content, so it may be cached for
ever. English has no catalog: the sentences stand in the modules in English.
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
    """A script that sets `django.gettext` and its relatives, with the window's sentences and nobody else's."""

    packages = ["uploads"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The catalog of the language in the address. Under the version of another deploy: today's, not to be kept."""
        current = version(kwargs["language"])
        if not current:
            raise Http404
        with translation.override(kwargs["language"]):
            response = super().get(request, *args)
        kept = f"public, max-age={YEAR}, immutable" if kwargs["version"] == current else "no-cache"
        response["Cache-Control"] = kept
        return response


def localized_message(refusal: Refusal) -> str:
    """The sentence of `refusal` in the language of the request, with sizes and numbers as they are written there."""
    sentence = translation.gettext(refusal.sentence)
    return (
        sentence % {name: localized_value(value) for name, value in refusal.values.items()}
        if refusal.values
        else sentence
    )


def localized_value(value: object) -> str:
    """`value` as it is written in the language of the request: sizes and numbers; text as it is."""
    if isinstance(value, Size):
        number, unit = value.shown()
        sentence = translation.gettext("%(number)s MB") if unit == "MB" else translation.gettext("%(number)s kB")
        return sentence % {"number": formats.number_format(round(number) if number.is_integer() else number)}
    return formats.number_format(value) if isinstance(value, int) else str(value)


def address(language: str) -> str:
    """Where the window's sentences in `language` (``de``, ``pt-br``) are; empty where there are only the English."""
    current = version(language)
    return reverse("uploads:catalog", args=[language, current]) if current else ""


def version(language: str) -> str:
    """What the catalog of `language` is known by: a digest of its content; empty when there is none.

    A language of the host's `LANGUAGES` without one of its own (``de-at``) has that of ``de``, as on the server.
    """
    # Nobody's address makes this process remember anything: only languages of the site are looked up.
    return _digest(language) if language in dict(settings.LANGUAGES) else ""


@cache
def _digest(language: str) -> str:
    found = gettext.find("djangojs", str(LOCALES), [translation.to_locale(language)])
    return hashlib.sha256(Path(found).read_bytes()).hexdigest()[:16] if found else ""
