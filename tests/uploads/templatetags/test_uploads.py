from __future__ import annotations

import re
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.template import Context, Template
from django.urls import reverse
from django.utils import translation
from pytest_django import Settings

from uploads import translations
from uploads.core.errors import Code, Refusal

WHO = User(pk=7)


@pytest.fixture(autouse=True)
def plain_names(settings: Settings) -> None:
    """Static files under their plain names, because nothing has been collected."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}


def rendered(template: str, language: str = "en", **context: object) -> str:
    with translation.override(language):
        return Template("{% load uploads %}" + template).render(Context(context))


def loaded(html: str) -> list[str]:
    return re.findall(r'(?:src|href)="(.+?)"', html)


def test_one_line_loads_what_the_window_needs():
    html = rendered("{% uploads_assets %}", user=WHO)

    assert loaded(html) == ["/static/uploads/manage_files.css", "/static/uploads/manage_files.js"]
    assert f'<meta name="manage-files" data-user="7" data-wanted="{reverse("uploads:wanted")}">' in html


def test_translations_come_before_the_module():
    html = rendered("{% uploads_assets %}", "de", user=WHO)

    assert loaded(html)[1:] == [translations.address("de"), "/static/uploads/manage_files.js"]


def test_other_pages_load_only_the_storage_cleanup():
    html = rendered("{% uploads_storage_cleanup %}", "de", user=WHO)

    assert loaded(html) == ["/static/uploads/storage_cleanup.js"]
    assert 'data-user="7"' in html


def test_the_user_of_the_template_comes_before_that_of_the_request():
    request = SimpleNamespace(user=WHO)

    assert 'data-user="7"' in rendered("{% uploads_assets %}", request=request)
    assert "data-user" not in rendered("{% uploads_assets %}", request=request, user=AnonymousUser())


@pytest.mark.parametrize("user", [None, AnonymousUser()])
def test_nothing_is_kept_for_anonymous_users(user: AnonymousUser | None):
    assert rendered("{% uploads_storage_cleanup %}", user=user) == ""
    assert "<meta" not in rendered("{% uploads_assets %}", user=user)


def test_a_refusal_is_told_in_the_language_of_the_page():
    assert "Entwurf" in rendered("{{ refusal|localized_message }}", "de", refusal=Refusal(Code.DRAFT_ENDED))
