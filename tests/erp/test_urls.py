from __future__ import annotations

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_root_leads_to_the_products(demo: Client) -> None:
    assert demo.get("/").headers["Location"] == "/marketing/"


def test_signing_out_is_a_post(demo: Client) -> None:
    assert demo.get("/accounts/logout/").status_code == 405
    assert demo.post("/accounts/logout/").status_code == 302
    assert demo.get("/marketing/").status_code == 302


def test_a_wrong_password_is_said(demo: Client) -> None:
    answer = Client().post("/accounts/login/", {"username": "demo", "password": "wrong"})

    assert "do not match" in answer.content.decode()


def test_the_signed_in_skip_the_sign_in_page(demo: Client) -> None:
    assert demo.get("/accounts/login/").headers["Location"] == "/marketing/"
