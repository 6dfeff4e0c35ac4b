"""Headers that make browsers keep strangers out: cookies, policies, tokens; all with the ERP's own settings."""

from __future__ import annotations

import re
from typing import Any

from django.contrib.auth.models import User
from django.test import Client
from django.urls import URLResolver, get_resolver
from pytest_django import Settings

from tests.support.erp_fixtures import SECRET
from uploads import api

SIGN_IN = "/accounts/login/"
PRODUCT = api.Target("product")


PLACES = {"draft_id": "DRAFT", "file_id": "5d9a3f60-7f0c-4d8e-9d5a-0f3a5a2f1c11", "name": "mug.jpg"}
"""The values of URL parameters; 1 for the others."""


def sign_in(*, secure: bool = False) -> tuple[Client, Any]:
    """A browser, and the response to its sign-in."""
    client = Client()
    client.get(SIGN_IN, secure=secure)
    answer = client.post(SIGN_IN, {"username": "eva", "password": SECRET}, secure=secure)
    assert answer.status_code == 302
    return client, answer


def test_no_script_reads_the_session(eva: User):
    _, answer = sign_in()

    assert answer.cookies["sessionid"]["httponly"] is True
    assert answer.cookies["known_browser"]["httponly"] is True


def test_no_other_site_sends_the_session_along(eva: User):
    _, answer = sign_in()

    cookies = {name: answer.cookies[name]["samesite"] for name in ("sessionid", "csrftoken", "known_browser")}
    assert cookies == {"sessionid": "Lax", "csrftoken": "Lax", "known_browser": "Strict"}


def test_a_page_lets_nothing_run_but_its_own_scripts(eva: User):
    client, _ = sign_in()
    for page in ("/marketing/product_create/?new=1", "/marketing/", "/nowhere/"):
        policy = client.get(page, follow=True).headers.get("Content-Security-Policy", "")
        assert policy
        directives = dict(one.strip().partition(" ")[::2] for one in policy.split(";"))

        assert directives["default-src"] == directives["base-uri"] == directives["frame-ancestors"] == "'none'"
        assert directives["script-src"] == directives["connect-src"] == directives["form-action"] == "'self'"
        assert "unsafe" not in policy
        assert "*" not in policy


def test_every_script_and_style_is_our_own_file(eva: User):
    """Only our host is trusted, and no inline code could run."""
    client, _ = sign_in()
    page = client.get("/marketing/product_create/?new=1", follow=True).content.decode()
    sources = re.findall(r"<(?:script|link)\b[^>]*?(?:src|href)=\"([^\"]+)\"", page)

    assert len(sources) > 3
    assert [source for source in sources if not re.match(r"/(static|uploads)/", source)] == []
    assert re.findall(r"<script(?![^>]*\b(?:src|type=\"application/json\"))[^>]*>", page) == []
    assert re.findall(r"\son\w+=|\sstyle=|javascript:", page) == []


def test_no_answer_is_taken_for_another_type(eva: User):
    client, _ = sign_in()

    for page in ("/marketing/", "/uploads/wanted/", "/nowhere/"):
        assert client.get(page).headers.get("X-Content-Type-Options") == "nosniff"


def test_no_other_page_frames_ours(eva: User):
    client, _ = sign_in()

    assert client.get("/marketing/").headers.get("X-Frame-Options") == "DENY"


def test_nothing_is_told_to_other_sites(eva: User):
    client, _ = sign_in()
    answer = client.get("/marketing/")

    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_behind_tls_no_cookie_goes_without(eva: User, settings: Settings):
    """With the settings of HTTPS=1 (`tests/erp/test_settings.py`)."""
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_HSTS_SECONDS = 60
    client, answer = sign_in(secure=True)

    assert [answer.cookies[name]["secure"] for name in ("sessionid", "csrftoken", "known_browser")] == [True] * 3
    assert client.get("/marketing/", secure=True).headers["Strict-Transport-Security"] == "max-age=60"
    assert client.get("/marketing/").headers["Location"] == "https://testserver/marketing/"


def test_nothing_changes_without_the_token_of_our_own_page(eva: User):
    client, _ = sign_in()
    client.handler.enforce_csrf_checks = True
    draft = api.open_draft(eva, PRODUCT, fresh=True).id

    for path in addresses():
        status = client.post(path.replace("DRAFT", str(draft))).status_code
        assert status in (403, 404, 405), (path, status)
    assert api.find_draft(eva, draft, PRODUCT).id == draft


def test_a_get_changes_nothing(eva: User):
    client, _ = sign_in()
    draft = api.open_draft(eva, PRODUCT, fresh=True).id

    for path in ("/marketing/api/temp_upload_file/", "/marketing/api/cleanup_temp_files/", "/accounts/logout/"):
        assert client.get(path, {"draft": str(draft)}).status_code == 405, path
    assert api.find_draft(eva, draft, PRODUCT).id == draft
    assert client.get("/marketing/").status_code == 200


def addresses(resolver: URLResolver | None = None, prefix: str = "/") -> list[str]:
    """Return every URL of the ERP, with a value for each parameter."""
    resolver = resolver or get_resolver()
    possible: Any = resolver.reverse_dict.values()
    own = [
        prefix + pattern % {name: PLACES.get(name, "1") for name in arguments}
        for possibilities, *_ in possible
        for pattern, arguments in possibilities
    ]
    below = [path for more, included in resolver.namespace_dict.values() for path in addresses(included, prefix + more)]
    return sorted({*own, *below})
