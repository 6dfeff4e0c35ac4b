from __future__ import annotations

import pytest
from django.http import Http404
from django.test import Client, RequestFactory
from django.utils import translation

from uploads import translations
from uploads.core.errors import Code, Refusal
from uploads.core.limits import Limits, check_upload


def refused_size() -> Refusal:
    with pytest.raises(Refusal) as refused:
        check_upload(Limits(), name="a.jpg", size=20_000_001, content_type="image/png", files=0, total_bytes=0)
    return refused.value


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "“a.jpg” is 20.1 MB. The limit is 20 MB."),
        ("de", "„a.jpg“ hat 20,1 MB. Erlaubt sind höchstens 20 MB."),
        ("ar", "حجم «a.jpg» هو 20,1 م.ب. الحد الأقصى 20 م.ب."),
    ],
)
def test_a_refusal_is_told_in_the_readers_language_with_its_numbers(language: str, told: str):
    with translation.override(language):
        assert translations.localized_message(refused_size()) == told
        assert translations.localized_message(Refusal(Code.STALE)) != Refusal(Code.STALE).message or language == "en"


@pytest.mark.parametrize("language", ["de", "ar"])
def test_a_catalog_may_be_kept_for_as_long_as_it_is_the_same(language: str):
    address = translations.address(language)
    answer = Client().get(address, headers={"Accept-Language": "en"})

    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert "immutable" in answer.headers["Cache-Control"]
    assert "Manage files" in answer.content.decode()
    assert Client().get(address.replace(".js", "0.js")).headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("language", ["en", "fr", "..", "x" * 300])
def test_a_language_without_a_catalog_has_no_address(language: str):
    assert translations.address(language) == ""
    with pytest.raises(Http404):
        translations.WindowCatalog.as_view()(RequestFactory().get("/"), language=language, version="1")


def test_a_language_of_a_country_has_the_catalog_of_its_language(settings):
    """The refusals of the server are translated; otherwise half of the page would be English."""
    settings.LANGUAGES = [("de-at", "Deutsch (Österreich)")]
    address = translations.address("de-at")
    assert address
    assert "Dateien verwalten" in Client().get(address).content.decode()
    with translation.override("de-at"):
        assert translations.localized_message(Refusal(Code.STALE)) != Refusal(Code.STALE).message


def test_addresses_of_strangers_are_not_remembered():
    before = translations._digest.cache_info().currsize
    for number in range(5):
        assert translations.address(f"nobodys-{number}") == ""

    assert translations._digest.cache_info().currsize == before
