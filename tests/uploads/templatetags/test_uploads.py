from __future__ import annotations

from django.template import Context, Template
from django.utils import translation

from uploads import translations
from uploads.core.errors import Code, Refusal


def rendered(template: str, language: str, **context: object) -> str:
    with translation.override(language):
        return Template("{% load uploads %}" + template).render(Context(context))


def test_a_page_loads_the_catalog_of_its_language():
    assert rendered("{% uploads_catalog %}", "de") == f'<script src="{translations.address("de")}"></script>'


def test_a_page_in_english_loads_none():
    assert rendered("{% uploads_catalog %}", "en") == ""


def test_a_refusal_is_told_in_the_language_of_the_page():
    assert "Entwurf" in rendered("{{ refusal|told }}", "de", refusal=Refusal(Code.DRAFT_ENDED))
